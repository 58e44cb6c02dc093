"""The units of a label, or of given passages, ready to be ranked against any question."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from drug_llm.answering.intent import populations
from drug_llm.answering.units import Unit, units
from drug_llm.answering.wording import alternatives
from drug_llm.labels.label import Passage
from drug_llm.labels.ranking import query_terms, stem
from drug_llm.labels.vocabulary import UNCLASSIFIED, section_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

_K1, _B = 1.2, 0.5
_NUMBER = re.compile(r"\d")
_POINTER = re.compile(r"\bsee\b [A-Z(]|refer to|as described in")
_LONGEST_POINTER = 90
_SHORTEST_TYPO = 5
"""Letters from which a word may be misspelled by one letter, and from which by two."""
_TWO_TYPOS = 8
_NUMBERED = re.compile(r"^\s*[\d.]+\s*")
_SAYS_NOTHING = frozenset(
    map(
        stem,
        [
            "use",
            "used",
            "using",
            "long",
            "much",
            "many",
            "need",
            "want",
            "get",
            "got",
            "know",
            "tell",
            "okay",
            "please",
            "label",
            "say",
            "exactly",
            "thing",
        ],
    )
)
"""Stems that stand in most questions, whatever they ask."""
TOKEN = re.compile(r"[a-z]+|\d+(?:[.,]\d+)*")


class Encoder(Protocol):
    """Whatever turns texts into unit vectors."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors, shape (len(texts), width)."""


def stems(text: str) -> list[str]:
    """Return the words of a text without their endings, and its numbers."""
    return [stem(word) for word in TOKEN.findall(text.lower())]


def question_stems(question: str) -> list[str]:
    """Return the stems of a question's words that carry meaning, each once."""
    words = list(dict.fromkeys(stem(word) for word in query_terms(question)))
    return [word for word in words if word not in _SAYS_NOTHING]


@dataclass(frozen=True)
class Mark:
    """What is known of a unit whatever is asked."""

    opens_section: bool
    populations: frozenset[str]
    """Groups of people that it names."""
    has_number: bool
    is_pointer: bool
    """Whether it only points to another section."""


@dataclass(frozen=True)
class LabelIndex:
    """Units with their words and vectors."""

    passages: tuple[Passage, ...]
    units: tuple[Unit, ...]
    vectors: NDArray[np.float32]
    """Unit vectors of the units, title and text, shape (units, width)."""
    title_vectors: NDArray[np.float32]
    """Unit vectors of the sections' titles, one row a passage."""

    @cached_property
    def counts(self) -> tuple[Counter[str], ...]:
        """Stems of each unit with how often they stand there."""
        return tuple(Counter(stems(unit.text)) for unit in self.units)

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """What is known of each unit whatever is asked."""
        before = ("", *(unit.passage.section for unit in self.units))
        return tuple(_mark(unit, unit.passage.section != key) for unit, key in zip(self.units, before, strict=False))

    @cached_property
    def passage_stems(self) -> dict[str, frozenset[str]]:
        """Stems of each section's title, by section key."""
        return {p.section: frozenset(stems(f"{p.title} {p.name}")) for p in self.passages}

    @cached_property
    def section_stems(self) -> dict[str, frozenset[str]]:
        """Stems of each section's text, by section key."""
        return {p.section: frozenset(stems(p.text)) for p in self.passages}

    @cached_property
    def passage_of(self) -> NDArray[np.int64]:
        """Row in `passages` of each unit."""
        rows = {passage.section: row for row, passage in enumerate(self.passages)}
        return np.array([rows[unit.passage.section] for unit in self.units], dtype=np.int64)

    @cached_property
    def _lengths(self) -> NDArray[np.float64]:
        return np.array([sum(count.values()) for count in self.counts], dtype=np.float64)

    @cached_property
    def _postings(self) -> dict[str, list[tuple[int, int]]]:
        found: dict[str, list[tuple[int, int]]] = {}
        for row, count in enumerate(self.counts):
            for word, times in count.items():
                found.setdefault(word, []).append((row, times))
        return found

    def spelled(self, word: str) -> str:
        """Return a stem, or the stem of the label nearest to it where the label has no word for it."""
        if len(word) < _SHORTEST_TYPO or any(other in self._postings for other in alternatives(word)):
            return word
        near = process.extractOne(
            word, self._long_stems, scorer=OSA.distance, score_cutoff=1 + (len(word) >= _TWO_TYPOS)
        )
        return str(near[0]) if near else word

    @cached_property
    def _long_stems(self) -> list[str]:
        return sorted(word for word in self._postings if len(word) >= _SHORTEST_TYPO - 1 and word.isalpha())

    def bm25(self, words: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Return the BM25 score of every unit; each entry of `words` lists stems that count as one word."""
        scores = np.zeros(len(self.units))
        norm = _K1 * (1 - _B + _B * self._lengths / max(1.0, float(self._lengths.mean() if len(self.units) else 1)))
        for meanings in words:
            times = np.zeros(len(self.units))
            for word in meanings:
                for row, count in self._postings.get(word, ()):
                    times[row] += count
            n = int(np.count_nonzero(times))
            idf = math.log(1 + (len(self.units) - n + 0.5) / (n + 0.5))
            scores += idf * times * (_K1 + 1) / (times + norm)
        return scores

    def covered(self, words: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Return for every unit the share of the words, by their weight, that it holds."""
        total, scores = 0.0, np.zeros(len(self.units))
        for meanings in words:
            rows = {row for word in meanings for row, _ in self._postings.get(word, ())}
            idf = math.log(1 + (len(self.units) - len(rows) + 0.5) / (len(rows) + 0.5))
            total += idf
            scores[sorted(rows)] += idf
        return scores / total if total else scores

    def foreign(self, words: Sequence[Sequence[str]]) -> float:
        """Return the share of the words that no unit holds, each in any of its stems; 0 where there are none."""
        unheard = sum(not any(word in self._postings for word in meanings) for meanings in words)
        return unheard / len(words) if words else 0.0


def _mark(unit: Unit, opens_section: bool) -> Mark:
    text = unit.text
    is_pointer = len(text) < _LONGEST_POINTER and bool(_POINTER.search(text))
    return Mark(opens_section, populations(text.lower()), bool(_NUMBER.search(text)), is_pointer)


def index_passages(passages: Sequence[Passage], encoder: Encoder) -> LabelIndex:
    """Return the index of some passages. Vectors depend on a section alone, not on those beside it."""
    kept = tuple(passage for passage in passages if passage.text.strip())
    by_passage = [units(passage) for passage in kept]
    vectors = [encoder.encode([f"{unit.passage.title}. {unit.text}" for unit in found]) for found in by_passage]
    titles = encoder.encode([title_of(passage) for passage in kept])
    width = titles.shape[1]
    stacked = np.concatenate(vectors) if vectors else np.zeros((0, width), dtype=np.float32)
    return LabelIndex(kept, tuple(unit for found in by_passage for unit in found), stacked, titles)


def title_of(passage: Passage) -> str:
    """Return the title of a passage, or its section name in words where it has none."""
    return passage.title.strip() or passage.name.replace("_", " ")


def name_of_title(title: str) -> str:
    """Return the section name of a title that came without a label, such as "8.5 Geriatric Use" or "storage#2"."""
    plain = _NUMBERED.sub("", title.replace("_", " ").split("/")[0].split("#")[0])
    for part in (plain, plain.split(":")[-1], plain.split(":")[0]):
        if (name := section_name(title=part)) != UNCLASSIFIED:
            return name
    return UNCLASSIFIED
