"""Which drugs a question names: generic and brand, typed any way, misspelled by a letter or two."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

_WORD = re.compile(r"[a-z0-9][a-z0-9'.-]*[a-z0-9]|[a-z0-9]")
_LONGEST_NAME = 6
"""Words of the longest name looked for."""
_SHORTEST_TYPO = 5
"""Letters from which a word may be a misspelled name; below, too many words are one letter apart."""
_TWO_TYPOS = 8
"""Letters from which two may be wrong."""
# Words that are names in some store and something else in a question.
_NOT_NAMES = frozenset(
    ["alcohol", "water", "pain", "pain relief", "cold", "cough", "sleep", "relief", "iron", "sugar", "salt"]
)


@dataclass(frozen=True)
class NamedDrug:
    """A name found in a question."""

    name: str
    """The name as the store has it, in lower case."""
    typed: str
    """The words of the question that were taken for it."""


@dataclass(frozen=True)
class Unclear:
    """Words that may be more than one drug."""

    typed: str
    names: tuple[str, ...]
    """The names they may stand for."""


class DrugNames:
    """All names of a store, ready to be found in questions."""

    def __init__(self, names: Iterable[str], common_words: Iterable[str] = ()) -> None:
        self._names = {name for name in names if name not in _NOT_NAMES and len(name) > 2}
        self._single = sorted(name for name in self._names if " " not in name and len(name) >= _SHORTEST_TYPO)
        self._common = frozenset(common_words)

    def find(self, question: str) -> tuple[list[NamedDrug], list[Unclear]]:
        """Return the drugs that a question names, in its order, and the words that may be several.

        The longest exact name wins; a word that is no name and no everyday word may be a misspelled one.
        """
        words = _WORD.findall(question.lower().replace("\u2019", "'"))
        found: list[NamedDrug] = []
        unclear: list[Unclear] = []
        at = 0
        while at < len(words):
            length = self._exact(words, at)
            if length:
                name = " ".join(words[at : at + length])
                found.append(NamedDrug(name, name))
            elif near := self._near(words[at]):
                if len(near) == 1:
                    found.append(NamedDrug(near[0], words[at]))
                else:
                    unclear.append(Unclear(words[at], tuple(near)))
            at += max(1, length)
        return list(dict.fromkeys(found)), unclear

    def _exact(self, words: Sequence[str], at: int) -> int:
        for length in range(min(_LONGEST_NAME, len(words) - at), 0, -1):
            if " ".join(words[at : at + length]) in self._names:
                return length
        return 0

    def _near(self, word: str) -> list[str]:
        """Return the names nearest to a word, all those at the smallest distance that is allowed."""
        if len(word) < _SHORTEST_TYPO or word in self._common or not word.isalpha():
            return []
        allowed = 2 if len(word) >= _TWO_TYPOS else 1
        near = sorted(self._distances(word, allowed))
        return [name for distance, name in near if distance == near[0][0]]

    def _distances(self, word: str, allowed: int) -> Iterator[tuple[int, str]]:
        for name in self._single:
            if abs(len(name) - len(word)) <= allowed:
                distance = OSA.distance(word, name, score_cutoff=allowed)
                if distance <= allowed:
                    yield distance, name
