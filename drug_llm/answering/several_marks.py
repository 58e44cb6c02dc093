"""A question that names several things, with its names marked ("can i take D0 with G0").

D is a drug of the store, U a medicine that the store has no label for, G a class of medicines or a food or drink.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from drug_llm.answering.drug_names import NamedDrug, NamedGroup
from drug_llm.answering.several_words import LISTED


@dataclass(frozen=True)
class Further:
    """A part of a question about several things that is about one drug."""

    text: str
    number: int
    """Which part, counted from 1."""
    missing: tuple[str, ...] = ()
    """Medicines that it is about, as typed, where the store has no label for them."""


@dataclass(frozen=True)
class Asked:
    """What a question that names several things asks."""

    drugs: tuple[NamedDrug, ...] = ()
    groups: tuple[NamedGroup, ...] = ()
    unlabelled: tuple[str, ...] = ()
    """Medicines, as typed, that the store has no label for."""
    is_together: bool = False
    """Whether it asks what happens when the things meet."""
    is_joined: bool = False
    """Whether its words join them, rather than only fit two that meet."""
    is_specific: bool = False
    """Whether an amount, a time or another subject of its own is asked for."""
    of_each: Mapping[str, str] = field(default_factory=dict)
    """What is asked of each drug by itself, by the name as typed; empty where nothing is."""
    rest: tuple[Further, ...] = ()
    """Further parts of the question, about one drug."""
    aside: tuple[NamedDrug, ...] = ()
    """Drugs that only further parts name."""
    alternatives: tuple[frozenset[str], ...] = ()
    """Pairs of names, as typed, of which only one is meant ("A or B with C")."""
    side_by_side: tuple[tuple[str, str], ...] = ()
    """Names, as typed, that may be the ingredients of one product: nothing stands between them."""
    apart: tuple[frozenset[str], ...] = ()
    """Pairs of names, as typed, that "with" or "and" joins, so that they are no two names for one thing."""


@dataclass(frozen=True)
class Mark:
    """A name in a question."""

    text: str
    typed: str
    start: int
    end: int


@dataclass(frozen=True)
class Marked:
    """A question in lower case with its names marked."""

    text: str
    marks: tuple[Mark, ...]
    """In the order of the question, with their places there."""
    question: str

    def joint(self, at: int) -> str:
        """Return what stands between a mark and the next."""
        return self.question[self.marks[at].end : self.marks[at + 1].start].lower()

    def has(self, pattern: str, mark: str) -> bool:
        """Return whether a pattern holds around a mark."""
        return re.search(pattern.format(mark=mark, words=r"(?:\w+ ){0,2}?"), self.text) is not None


def things_in(asked: Asked) -> int:
    """Return how many things are named."""
    return len(asked.drugs) + len(asked.groups) + len(asked.unlabelled)


def within(asked: Asked, piece: str) -> Asked:
    """Return what a part of the question names."""
    lower = piece.lower()
    return replace(
        asked,
        drugs=tuple(drug for drug in asked.drugs if drug.typed.lower() in lower),
        groups=tuple(group for group in asked.groups if group.typed.lower() in lower),
        unlabelled=tuple(name for name in asked.unlabelled if name.lower() in lower),
    )


def mark_names(question: str, asked: Asked) -> Marked:
    """Return a question with its names marked."""
    named = [(f"D{at}", drug.typed) for at, drug in enumerate(asked.drugs)]
    named += [(f"G{at}", group.typed) for at, group in enumerate(asked.groups)]
    named += [(f"U{at}", name) for at, name in enumerate(asked.unlabelled)]
    marks = sorted(_places(question, named), key=lambda mark: (mark.start, -mark.end))
    shown, at, kept = "", 0, []
    for mark in marks:
        if mark.start >= at:
            shown += question[at : mark.start].lower() + mark.text
            at = mark.end
            kept.append(mark)
    return Marked(" ".join((shown + question[at:].lower()).split()), tuple(kept), question)


def _places(question: str, named: Iterable[tuple[str, str]]) -> Iterator[Mark]:
    for text, typed in named:
        for match in re.finditer(rf"(?<!\w){re.escape(typed)}(?!\w)", question, re.IGNORECASE):
            yield Mark(text, typed, match.start(), match.end())


def runs_of(marked: Marked) -> list[list[Mark]]:
    """Return the marks in lists: those that a question names in one breath ("A, B and C")."""
    runs: list[list[Mark]] = []
    for at, mark in enumerate(marked.marks):
        if runs and LISTED.match(marked.joint(at - 1)):
            runs[-1].append(mark)
        else:
            runs.append([mark])
    return runs
