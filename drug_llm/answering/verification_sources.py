"""What a check of answers reads, each once: labels, their sections, and the pieces that a section falls into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from drug_llm.answering.asked_ingredients import asked_ingredients
from drug_llm.answering.asked_product import not_held
from drug_llm.answering.drug_names import DrugNames, FoundNames, NamedDrug
from drug_llm.answering.interactions import Side, side_of_label
from drug_llm.answering.units import units
from drug_llm.errors import LabelError
from drug_llm.labels.label import Label, Passage
from drug_llm.labels.store import LabelStore

Citing = Mapping[str, Any]
"""A citation of an answer line."""
Spans = tuple[tuple[int, int], ...]
MOST_KEPT = 256
"""Labels and sections that are kept in memory."""


@dataclass(frozen=True)
class Cited:
    """A citation with the section that it names."""

    entry: Citing
    passage: Passage | None
    """None where there is no such section."""
    is_given: bool
    """Whether the section came with the question."""
    behind: tuple[Passage, ...] = ()
    """Later sections of that name in the label."""

    @property
    def quote(self) -> str:
        """The quote on one line."""
        return " ".join(self.entry["quote"].split())

    @property
    def span(self) -> tuple[int, int]:
        """Its place in the section."""
        return self.entry["start"], self.entry["end"]

    @property
    def goes_on(self) -> bool:
        """Whether more stands behind the quote, in its section or in a later one of that name."""
        return bool(self.behind or (self.passage and self.passage.text[self.entry["end"] :].strip()))


@dataclass(frozen=True)
class Said:
    """A sentence of an answer with what it cites."""

    number: int
    text: str
    cited: tuple[Cited, ...]


class Sources:
    """A store, read on demand."""

    def __init__(self, store: LabelStore) -> None:
        self._store = store
        self._labels: dict[tuple[str, int | None], Label | None] = {}
        self._sides: dict[tuple[str, int | None], Side] = {}
        self._pieces: dict[Passage, tuple[Spans, ...]] = {}

    @cached_property
    def names(self) -> DrugNames:
        """Names of the store as questions are read for them."""
        return DrugNames.of(self._store)

    def not_held(self, question: str, found: FoundNames) -> str:
        """Return what is said where the store lacks the product of a drug that is asked for; else nothing."""
        return not_held(question, found, self._store)

    def label(self, set_id: str, version: int | None = None) -> Label | None:
        """Return a label, its newest version by default; None where the store lacks it."""
        key = (set_id, version)
        if key not in self._labels:
            _make_room(self._labels)
            try:
                self._labels[key] = self._store.get(set_id, version)
            except (LabelError, OverflowError):  # a version may be any number
                self._labels[key] = None
        return self._labels[key]

    def cited(self, entry: Citing, given: Mapping[tuple[str, str], Passage]) -> Cited:
        """Return a citation with its section, from those that came with the question or from the store."""
        key = (entry["set_id"], entry["section"])
        if key in given:
            return Cited(entry, given[key], True, (given[key],))
        label = self.label(key[0], entry["version"])
        passages = [*label.passages()] if label else []
        row = next((row for row, one in enumerate(passages) if one.section == key[1]), None)
        if row is None:
            return Cited(entry, None, False)
        passage = passages[row]
        return Cited(entry, passage, False, tuple(one for one in passages[row + 1 :] if one.name == passage.name))

    def pieces(self, passage: Passage) -> tuple[Spans, ...]:
        """Return the places of the smallest pieces of a section that say something by themselves."""
        if passage not in self._pieces:
            _make_room(self._pieces)
            found = units(passage)
            self._pieces[passage] = tuple(tuple((span.start, span.end) for span in unit.spans) for unit in found)
        return self._pieces[passage]

    def side(self, label: Label, name: str, named: Sequence[NamedDrug]) -> Side:
        """Return a label as one of two, called by a name, where a question names some drugs."""
        key = (label.set_id, label.version)
        if key not in self._sides:
            _make_room(self._sides)
            self._sides[key] = side_of_label(label)
        return replace(self._sides[key], name=name, asked=asked_ingredients(label, named))


def _make_room(kept: dict[Any, Any]) -> None:
    if len(kept) >= MOST_KEPT:
        kept.clear()
