"""Whether the sentences about one drug stand as the program puts them: leads before what they lead, parts in order."""

from __future__ import annotations

from collections.abc import Sequence

from drug_llm.answering.verification_sources import Said
from drug_llm.answering.verification_texts import own_text

NOT_IN_LABEL = "not_in_label"


def block(body: Sequence[Said], *, may_repeat: bool = False) -> tuple[str, str | None]:
    """Return what is wrong with the sentences about one drug, and the reason that they stand for.

    With `may_repeat`, quotes that stood before are left out, so a lead may have none behind it.
    """
    kinds = ["quote" if one.cited else getattr(own_text(one.text), "kind", "") for one in body]
    if kinds[:1] == ["not found"]:
        return ("" if len(kinds) == 1 else _misplaced(body[1])), NOT_IN_LABEL
    reason = NOT_IN_LABEL if kinds[:1] == ["unsure"] else None
    if reason and len(kinds) == 1 and not may_repeat:
        return f"sentence {body[0].number}: nothing nearest follows", reason
    if repeated := first_repeated(body):
        return f"sentence {repeated.number}: is said twice", reason
    numbers = [0]
    for at, (one, kind) in enumerate(zip(body, kinds, strict=True)):
        behind = kinds[at + 1 : at + 2] == ["quote"]
        if kind in ("unsure part", "unanswered"):
            own = own_text(one.text)
            numbers.append(int(own.values["number"]) if own else 0)
            is_wrong = bool(reason) or (at == 0 and not may_repeat) or numbers[-1] <= numbers[-2]
            is_wrong |= behind != (kind == "unsure part") and not (may_repeat and not behind)
        elif kind == "goes on":
            is_wrong = not at or kinds[at - 1] != "quote" or not body[at - 1].cited[-1].goes_on
        else:
            is_wrong = kind != "quote" and not (kind == "unsure" and at == 0)
        if is_wrong:
            return _misplaced(one), reason
    return "", reason


def _misplaced(said: Said) -> str:
    return f"sentence {said.number}: does not stand where the program puts it"


def first_repeated(body: Sequence[Said]) -> Said | None:
    """Return the first cited sentence that stands before already, with the same quotes; None where there is none."""
    seen: set[tuple[object, ...]] = set()
    for one in body:
        told = (one.text, *((cited.entry["set_id"], cited.entry["section"], *cited.span) for cited in one.cited))
        if one.cited and told in seen:
            return one
        seen.add(told)
    return None
