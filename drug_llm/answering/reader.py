"""The tuned model's part: from evidence to a worded answer, every sentence of which is then checked against it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from drug_llm.answering.evidence import PartEvidence, Scored, overlap
from drug_llm.answering.label_index import LabelIndex, title_of
from drug_llm.answering.support import carriers, titled
from drug_llm.answering.units import Unit
from drug_llm.generation.wording import Wording
from drug_llm.instructions.example import EvidencePassage
from drug_llm.labels.sentences import split_sentences

READ_UNITS = (5, 3, 2)
"""Units of each part that the model reads, for one, two and three parts."""
WHOLE_WORDS = 90
"""Words up to which a section is read as a whole."""
READ_WORDS = 200
"""Most words that the model reads, about what its training examples hold."""


class Reader(Protocol):
    """A tuned model that answers from passages."""

    @property
    def name(self) -> str:
        """Name of the model, which stands in the answer."""

    def read(self, question: str, passages: Sequence[EvidencePassage]) -> Wording:
        """Return the answer; the same question and passages give the same one."""


@dataclass(frozen=True)
class Statement:
    """A sentence that may be shown, and the units that it rests on."""

    text: str
    units: tuple[Unit, ...]


@dataclass(frozen=True)
class Window:
    """What the model reads of one section."""

    units: tuple[Unit, ...]
    """Its sentences in the section's order."""

    def passage(self) -> EvidencePassage:
        """Return the passage as the prompt shows it."""
        first = self.units[0].passage
        shown: list[str] = []
        for unit in self.units:
            # A header that entries share stands once.
            shown += [quote for quote in unit.quotes if quote not in shown]
        return EvidencePassage(first.set_id, title_of(first), "\n".join(shown))


def windows(evidence: Sequence[PartEvidence], index: LabelIndex) -> list[Window]:
    """Return what the model reads: the best units of each part, by section, the section with the best unit first."""
    share = READ_UNITS[min(len(evidence), len(READ_UNITS)) - 1]
    picked = [scored for rank in range(share) for part in evidence for scored in part.found[rank : rank + 1]]
    by_section: dict[str, list[Unit]] = {}
    words = 0
    for scored in picked:
        found = by_section.setdefault(scored.unit.passage.section, [])
        for unit in _with_neighbours(scored, index, first=not found):
            size = len(unit.text.split())
            if words and words + size > READ_WORDS:
                continue
            if not any(overlap(unit, kept) for kept in found):
                found.append(unit)
                words += size
    return [Window(tuple(sorted(units, key=lambda u: u.spans[-1].start))) for units in by_section.values() if units]


def _with_neighbours(scored: Scored, index: LabelIndex, *, first: bool) -> list[Unit]:
    """Return a unit and what stands around it: all of a short section, else the sentences before and after it."""
    unit = scored.unit
    if not first:
        return [unit]
    own = [u for u in index.units if u.passage.section == unit.passage.section]
    plain = [u for u in own if u.kind != "list"]
    if sum(len(u.text.split()) for u in plain) <= WHOLE_WORDS:
        return [unit, *plain]
    at = own.index(unit)
    return [unit, *(u for u in own[max(0, at - 1) : at + 2] if u.kind == "sentence" and u != unit)]


def checked(wording: Wording, read: Sequence[Window], names: Collection[str]) -> list[Statement | None]:
    """Return the model's sentences with what they rest on, None in the place of each that nothing supports."""
    units = [unit for window in read for unit in window.units]
    return [_supported(text, units, names) for text in sentences_of(wording.text)]


def sentences_of(text: str) -> list[str]:
    """Return the sentences of what the model wrote."""
    return [sentence.text for sentence in split_sentences(text)]


def _supported(text: str, units: Sequence[Unit], names: Collection[str]) -> Statement | None:
    places = carriers(text, [titled(unit.passage.title, unit.text) for unit in units], names)
    return Statement(text, tuple(units[place] for place in places)) if places else None
