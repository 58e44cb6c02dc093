"""The program's own sentences, between the quotes: every one that an answer may have, told apart by its wording."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from drug_llm.answering.assistant import NEAREST_ABOVE, NOT_FOUND, UNANSWERED, UNSURE, UNSURE_PART, no_label_for
from drug_llm.answering.interaction_wording import SEVERITIES
from drug_llm.answering.reading_out import GOES_ON
from drug_llm.answering.several_drugs import FURTHER, OF_PART, UNREAD_PARTNER, UNSAFE_SILENCE, worded_severity

_MARK = "\ue000"
_GRAVE = "|".join(re.escape(worded_severity(severity)) for severity in SEVERITIES)
_FIXED = {NOT_FOUND: "not found", UNSURE: "unsure", GOES_ON: "goes on"}
_PATTERNS = (
    ("unanswered", re.escape(UNANSWERED.format(number=_MARK)).replace(_MARK, r"(?P<number>[1-9]\d?)")),
    ("unanswered", re.escape(NEAREST_ABOVE.format(number=_MARK)).replace(_MARK, r"(?P<number>[1-9]\d?)")),
    ("unsure part", re.escape(UNSURE_PART.format(number=_MARK)).replace(_MARK, r"(?P<number>[1-9]\d?)")),
    ("no label", re.escape(no_label_for([_MARK])).replace(_MARK, "(?P<names>.+)")),
    ("unread", re.escape(UNREAD_PARTNER.format(name=_MARK)).replace(_MARK, "(?P<name>.+)")),
    ("further", re.escape(FURTHER.format(pairs=_MARK)).replace(_MARK, "(?P<pairs>.+)")),
    ("silence", rf"(?P<told>.+) {re.escape(UNSAFE_SILENCE)}"),
    ("label", rf"Label of (?P<label>.+), (?P<severity>{_GRAVE}):"),
    ("pair", rf"(?P<names>.+ and .+): (?P<severity>{_GRAVE})(?:, says the label of (?P<by>.+))?\."),
    ("doubled", r"More than one of them contains (?P<names>.+)\."),
    ("shared", r"Both contain .+\.|.+ and .+ are both .+\."),
    ("drug", rf"(?P<name>.+?)(?:{OF_PART.format(number=_MARK)})?:".replace(_MARK, r"(?P<number>[1-9]\d?)")),
)
_COMPILED = tuple((kind, re.compile(pattern, re.DOTALL)) for kind, pattern in _PATTERNS)
_EACH_OTHER = "The labels in this store do not mention each other: "
_PIECE = re.compile(
    rf"(?:{_EACH_OTHER}(?P<both>.+?)"
    r"|(?P<same>Their label in this store does not speak of taking both)"
    r"|The label of (?P<own>.+?) in this store (?:does not mention (?P<other>.+?)"
    r"|says nothing of taking (?P<worded>.+?) with it)"
    r"|There is no label for (?P<missing>.+?) here)"
    rf"\.(?: (?=The label|Their label|There is no label|{_EACH_OTHER})|$)",
    re.DOTALL,
)


@dataclass(frozen=True)
class OwnText:
    """A sentence of the program's own."""

    kind: str
    """`not found`, `unsure`, `goes on`, `unsure part`, `unanswered`, `no label`, `unread`, `further`, `silence`,
    `label`, `pair`, `doubled`, `shared` or `drug`, the last for whatever ends as the name of a drug does."""
    values: dict[str, str] = field(default_factory=dict)
    """What stands in its blanks."""


@dataclass(frozen=True)
class Silence:
    """What a note of silence claims."""

    pairs: tuple[str, ...]
    """Those of which no label says anything together, as "A with B"."""
    worded: frozenset[str]
    """Those of them of which a label has the word and says nothing of taking both."""
    missing: tuple[str, ...]
    """Names without a label."""
    same: int
    """Times that two are said to have one label, which says nothing of taking both."""


def own_text(text: str) -> OwnText | None:
    """Return a sentence as one of the program's own; None where it is none of them."""
    if text in _FIXED:
        return OwnText(_FIXED[text])
    for kind, pattern in _COMPILED:
        if found := pattern.fullmatch(text):
            return OwnText(kind, {name: value for name, value in found.groupdict().items() if value is not None})
    return None


def silence_told(told: str) -> Silence | None:
    """Return what a note of silence claims before its last sentence; None where it has any other words."""
    pieces = [*_PIECE.finditer(told)]
    if not pieces or "".join(piece.group() for piece in pieces) != told:
        return None
    return Silence(
        tuple(pair for piece in pieces for pair in _pairs(piece) if pair),
        frozenset(pair for piece in pieces if piece["worded"] for pair in _pairs(piece)),
        tuple(piece["missing"] for piece in pieces if piece["missing"]),
        sum(bool(piece["same"]) for piece in pieces),
    )


def _pairs(piece: re.Match[str]) -> list[str]:
    return (
        [f"{piece['own']} with {piece['other'] or piece['worded']}"]
        if piece["own"]
        else (piece["both"] or "").split("; ")
    )
