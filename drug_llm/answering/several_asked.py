"""Whether a question is about taking things together, or asks of each of several drugs, and which things those are.

The names are taken out of the question and marked ("can i take D0 with G0"), and the words around the marks decide:
D is a drug of the store, U a medicine that the store has no label for, G a class of medicines or a food or drink.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from drug_llm.answering.drug_names import FoundNames, NamedDrug
from drug_llm.answering.intent import intent, parts, populations
from drug_llm.answering.several_marks import Asked, Further, Marked, mark_names, runs_of, things_in, within
from drug_llm.answering.several_parties import how_taken, is_beside, parties
from drug_llm.answering.several_words import (
    AMOUNT,
    BOUNDARY,
    EATING,
    FORM,
    MEETING,
    NO_WEAK,
    NOT_OWN,
    NOT_OWN_WEAK,
    PEOPLE,
    PRONOUN,
    REPEATED,
    STRONG,
    TWO,
    UNREAD,
    USES_OF,
    WEAK,
    P,
)

MOST_PARTS = 9
"""Parts of a question about several things that are told apart."""


def read_several(question: str, found: FoundNames) -> Asked:
    """Return what is asked of the things that a question names; nothing of it where it is about one drug only."""
    asked = parties(question, found)
    if not asked.drugs or things_in(asked) < 2:
        return replace(asked, groups=(), unlabelled=())
    together: list[Asked] = []
    rest: list[Further] = []
    for number, piece in enumerate(_pieces(question, asked), 1):
        inner = within(asked, piece)
        if things_in(inner) > 1 and inner.drugs and _is_together(mark_names(piece, inner)):
            together.append(_of(piece, inner))
        elif _asks_more(piece, inner):
            rest.append(Further(piece, number, () if inner.drugs else inner.unlabelled))
        rest += [Further(text, number) for text in how_taken(piece, inner, found)]
    if not together:
        whole = _of(question, asked)
        eaten = how_taken(question, asked, found) if whole.is_together else []
        return replace(whole, rest=tuple(Further(text, at) for at, text in enumerate(eaten, 1)))
    merged = _merged(together)
    named = [drug for further in rest for drug in within(asked, further.text).drugs]
    aside = tuple(drug for drug in dict.fromkeys(named) if drug not in merged.drugs)
    return replace(merged, rest=tuple(rest), aside=aside)


def _merged(asked: Sequence[Asked]) -> Asked:
    """Return what several parts ask together, "with A" and "with B", as one."""
    return Asked(
        tuple(dict.fromkeys(drug for one in asked for drug in one.drugs)),
        tuple(dict.fromkeys(group for one in asked for group in one.groups)),
        tuple(dict.fromkeys(name for one in asked for name in one.unlabelled)),
        is_together=True,
        is_joined=any(one.is_joined for one in asked),
        is_specific=any(one.is_specific for one in asked),
        of_each={typed: text for one in asked for typed, text in one.of_each.items()},
        alternatives=tuple(pair for one in asked for pair in one.alternatives),
        side_by_side=tuple(pair for one in asked for pair in one.side_by_side),
        apart=tuple(pair for one in asked for pair in one.apart),
    )


def has_unread_partner(question: str, found: FoundNames) -> bool:
    """Return whether a question that names one drug only joins something to it that no list knows."""
    others = (*found.classes, *found.substances, *found.unknown, *found.unclear, *populations(question.lower()))
    return len(found.drugs) == 1 and not others and bool(UNREAD.search(mark_names(question, Asked(found.drugs)).text))


def _pieces(question: str, asked: Asked) -> list[str]:
    """Return the parts of a question; "it" of a part is the drug that one before it names.

    What a part names without a drug ("and may I drink wine") is taken with that drug.
    """
    pieces = [part.text for part in parts(question, most=MOST_PARTS)]
    named = ""
    for at, piece in enumerate(pieces):
        inner = within(asked, piece)
        if named and things_in(inner) == 1:
            pieces[at] = PRONOUN.sub(named, piece, count=1)
            if pieces[at] == piece and not inner.drugs and _is_taken(mark_names(piece, inner)):
                pieces[at] = f"{piece} with {named}"
        named = named or (inner.drugs[0].typed if inner.drugs else "")
    return pieces if len(pieces) > 1 else []


def _is_taken(marked: Marked) -> bool:
    is_weak = WEAK.search(marked.text) and not NO_WEAK.search(marked.text)
    return bool(is_weak) and not _own_subjects(marked, NOT_OWN)


def _asks_more(piece: str, inner: Asked) -> bool:
    """Return whether a part asks something else than whether things may be taken together."""
    marked = mark_names(piece, inner)
    if EATING.search(piece.lower()) or _own_subjects(marked, NOT_OWN):
        return True
    words = re.findall(r"[a-z']+", _bare(marked))
    return not MEETING.search(marked.text) and any(word not in REPEATED for word in words)


def _of(question: str, asked: Asked) -> Asked:
    marked = mark_names(question, asked)
    is_together = _is_together(marked)
    is_list = any({"D", "U"} <= {mark.text[0] for mark in run} for run in runs_of(marked))
    segments = {drug.typed: _segment(marked, drug) for drug in asked.drugs} if len(asked.drugs) > 1 or is_list else {}
    can_part = bool(segments) and all(segments.values())
    if len(asked.drugs) > 1 and not is_together and not can_part:
        is_together = True  # nothing divides the question between them
    wants_each = not is_together or _asks_of_each(marked)
    of_each = segments if can_part and wants_each else {}
    return replace(
        asked,
        is_together=is_together,
        is_joined=bool(STRONG.search(marked.text)) or any(is_beside(f"G{at}", marked) for at in range(9)),
        is_specific=intent(_bare(marked)).wants_number or bool(_own_subjects(marked, NOT_OWN_WEAK)),
        of_each=of_each,
        alternatives=tuple(_alternatives(marked)),
        side_by_side=tuple(_side_by_side(marked)),
        apart=tuple(_apart(marked)),
    )


def _is_together(marked: Marked) -> bool:
    if STRONG.search(marked.text):
        return True
    if WEAK.search(marked.text) and not NO_WEAK.search(marked.text):
        return True
    # "A and B in children" asks about both, "A in children: which supplement?" about A.
    is_of_two = len({mark.text for mark in marked.marks if mark.text[0] != "G"}) > 1
    return not _own_subjects(marked, NOT_OWN | PEOPLE if is_of_two else NOT_OWN)


def _asks_of_each(marked: Marked) -> bool:
    """Return whether a question about a combination asks of each drug besides."""
    if intent(_bare(marked)).populations:
        return True
    return not STRONG.search(marked.text) and bool(_own_subjects(marked, NOT_OWN_WEAK))


def _own_subjects(marked: Marked, others: frozenset[str]) -> frozenset[str]:
    subjects = (*intent(_bare(marked)).subjects, *(["uses"] if USES_OF.search(marked.text) else []))
    return frozenset(subjects) - others


def _bare(marked: Marked) -> str:
    return AMOUNT.sub(" ", re.sub(P, "this", marked.text))


def _segment(marked: Marked, drug: NamedDrug) -> str:
    """Return the question as it would be asked of one of its drugs; empty where it cannot be divided."""
    runs = [run for run in runs_of(marked) if any(mark.text[0] == "D" for mark in run)]
    own = next((at for at, run in enumerate(runs) if any(mark.typed == drug.typed for mark in run)), None)
    if own is None:
        return ""
    cuts = [0]
    for before, after in pairwise(runs):
        found = list(BOUNDARY.finditer(marked.question, before[-1].end, after[0].start))
        if not found:
            return ""
        cuts.append(found[0].end())
    cuts.append(len(marked.question))
    run = runs[own]
    head, tail = marked.question[cuts[own] : run[0].start], marked.question[run[-1].end : cuts[own + 1]]
    if own and not intent(f"{head} {tail}").subjects:
        head = marked.question[: runs[0][0].start]
    return " ".join(f"{head}{drug.typed}{tail}".strip(" ,;").removesuffix(" and").split())


def _alternatives(marked: Marked) -> Iterator[frozenset[str]]:
    if len(marked.marks) > 2:
        for at, (one, two) in enumerate(pairwise(marked.marks)):
            if marked.joint(at).strip() == "or":
                yield frozenset((one.typed, two.typed))


def _side_by_side(marked: Marked) -> Iterator[tuple[str, str]]:
    for at, (one, two) in enumerate(pairwise(marked.marks)):
        joint = marked.joint(at).strip()
        # "Ibuprofen on top of my oxycodone and acetaminophen tablets".
        is_form = joint in ("and", "with") and len(marked.marks) > 2 and FORM.match(marked.question, two.end)
        if joint in ("", "/", "-") or is_form:
            yield one.typed, two.typed


def _apart(marked: Marked) -> Iterator[frozenset[str]]:
    for at, (one, two) in enumerate(pairwise(marked.marks)):
        if TWO.match(marked.joint(at)):
            yield frozenset((one.typed, two.typed))
