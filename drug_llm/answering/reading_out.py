"""What is quoted as a whole: the beginning of a section that is asked for by its name, and lists.

Of a list in which several entries answer, none may be missing unsaid: "stop use if" with four of its six entries is
worse than none.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from drug_llm.answering.evidence import PartEvidence
from drug_llm.answering.support import talks_about_answer
from drug_llm.answering.units import Unit, outside_lists, units

READ_OUT = 900
"""Characters quoted of a section that is read out."""
READ_OUT_LONG = {"dosage_and_administration": 1500} | dict.fromkeys(
    (
        "contraindications",
        "do_not_use",
        "boxed_warning",
        "stop_use",
        "drug_interactions",
        "ask_doctor_or_pharmacist",
    ),
    2500,
)
"""The same of sections of which more must be known."""
WHOLE_LIST = 1600
"""Characters up to which a list is quoted from its header to its last entry."""
_MARKS = "\u2022\u25cf;"
"""What stands between the entries of a list within a sentence."""
_PERIOD = re.compile(r"(?:days?|weeks?|months?) \d", re.IGNORECASE)
"""What an entry of a regimen begins with."""
_FRAGMENT = re.compile(r"(?:or|and)\b")
GOES_ON = "This is the beginning of what the label says there; the rest is left out."


def read_out(part: PartEvidence) -> tuple[list[Unit], bool]:
    """Return the beginning of the section that a part asks for, and whether it goes on."""
    found = [scored.unit for scored in part.found]
    most = READ_OUT_LONG.get(found[0].passage.name, READ_OUT)
    kept = _beginning(found, most) or found[:1]
    return kept, len(kept) < len(found)


def whole_lists(chosen: Sequence[Unit]) -> tuple[list[Unit], bool]:
    """Return units with every list of which several entries are among them as a whole, and whether one had to be cut.

    A list too long for that is quoted from its beginning, before the entries that were chosen.
    """
    found: list[Unit] = []
    is_cut = False
    for unit in chosen:
        if unit in found:
            continue
        if _FRAGMENT.match(unit.text):
            begun, cut = _from_beginning(unit)
            is_cut |= cut
            found = list(dict.fromkeys([*found, *begun]))
            continue
        if sum(_is_beside(unit, other) for other in chosen) < 2:
            found.append(unit)
            continue
        beside = [other for other in units(unit.passage) if _is_beside(unit, other)]
        # What tells a reader or a model what to say is no label's own text.
        entries = [entry for entry in beside if not talks_about_answer(entry.text)]
        kept = _beginning(entries, WHOLE_LIST)
        is_cut |= len(kept) < len(entries)
        found = list(dict.fromkeys([*found, *kept, unit]))
    return outside_lists(found), is_cut


def _beginning(found: Sequence[Unit], most: int) -> list[Unit]:
    """Return the first units that together have at most so many characters."""
    lengths = itertools.accumulate(len(unit.text) for unit in found)
    return [unit for unit, length in zip(found, lengths, strict=True) if length <= most]


def _from_beginning(unit: Unit) -> tuple[list[Unit], bool]:
    """Return the pieces of a sentence up to one that cannot stand alone, and whether the first had to be left out."""
    own = [other for other in units(unit.passage) if other.place == unit.place and other.kind == "sentence"]
    pieces = own[: own.index(unit) + 1] if unit in own else [unit]
    kept = [pieces.pop()]
    while pieces and _is_entry(kept[0]) and sum(len(piece.text) for piece in (*kept, pieces[-1])) <= WHOLE_LIST:
        if not talks_about_answer(pieces[-1].text):
            kept.insert(0, pieces[-1])
        pieces.pop()
    return kept, bool(pieces) and _is_entry(kept[0])


def _is_beside(one: Unit, other: Unit) -> bool:
    """Return whether two units are entries below one header; sentences below one label of doses are not."""
    is_entry = one.kind == other.kind and len(one.spans) == len(other.spans) > 1 and _is_entry(one) and _is_entry(other)
    return is_entry and one.passage == other.passage and one.spans[:-1] == other.spans[:-1]


def _is_entry(unit: Unit) -> bool:
    start = unit.spans[-1].start
    before = unit.passage.text[:start].rstrip()
    is_marked = unit.passage.text[start] in _MARKS or before[-1:] in _MARKS
    return unit.kind == "entry" or is_marked or _PERIOD.match(unit.quotes[-1]) is not None
