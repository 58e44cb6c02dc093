"""How far a word is from a name: letters added, left out, replaced or swapped, and letters that sound alike."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from rapidfuzz import process
from rapidfuzz.distance import OSA, DamerauLevenshtein

ONE_EDIT = 2
"""Cost of a letter added, left out or replaced, or of two swapped; a slip that can hardly be heard costs 1."""
FARTHEST = 2 * ONE_EDIT
"""Cost beyond which a word is another word."""
# In this order: what is written one way is heard the other.
_SOUNDS = (
    (re.compile(r"ph"), "f"),
    (re.compile(r"sch|sh"), "s"),
    (re.compile(r"tch|ch"), "k"),
    (re.compile(r"ck|qu|q"), "k"),
    (re.compile(r"th"), "t"),
    (re.compile(r"rh"), "r"),
    (re.compile(r"gh"), "g"),
    (re.compile(r"^ps"), "s"),
    (re.compile(r"^pn"), "n"),
    (re.compile(r"sc(?=[eiy])|c(?=[eiy])"), "s"),
    (re.compile(r"c"), "k"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"z"), "s"),
    (re.compile(r"ae|oe"), "e"),
    (re.compile(r"ou|oo"), "u"),
    (re.compile(r"ee|ea|ei|ie|ey"), "i"),
    (re.compile(r"y"), "i"),
    (re.compile(r"(?<=.)e$"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"[aeiouy]+")


def sound(word: str) -> str:
    """Return how a word sounds, roughly: the same text for "fenitoin" and "phenytoin"."""
    for pattern, heard in _SOUNDS:
        word = pattern.sub(heard, word)
    return word


def _bones(word: str) -> str:
    """Return what is left of a word after the likeliest slips: another vowel, or a letter once instead of twice."""
    return _VOWELS.sub("a", _DOUBLED.sub(r"\1", word))


def edits(one: str, other: str, most: int) -> int:
    """Return the letters added, left out, replaced or swapped between two words; `most` + 1 beyond `most`.

    Damerau 1964, without restriction: a letter may also come between two that were swapped.
    """
    return int(DamerauLevenshtein.distance(one, other, score_cutoff=most))


class NearWords:
    """Words in an order that finds those near to another one quickly."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_length: dict[int, list[str]] = defaultdict(list)
        self._by_sound: dict[int, list[str]] = defaultdict(list)
        self._sounding: dict[str, list[str]] = defaultdict(list)
        for word in sorted(set(words)):
            self._by_length[len(word)].append(word)
            self._sounding[sound(word)].append(word)
        for heard in sorted(self._sounding):
            self._by_sound[len(heard)].append(heard)

    def near(self, word: str) -> dict[str, int]:
        """Return the words that a word may be a slip for, each with its cost, at most FARTHEST."""
        found: dict[str, int] = {}
        heard = sound(word)
        for name, distance in _within(heard, self._by_sound, 1):
            for written in self._sounding[name]:
                found[written] = ONE_EDIT * distance + 1
        for name, distance in _within(word, self._by_length, 2):
            cost = ONE_EDIT * distance - (distance > 0 and _bones(word) == _bones(name))
            found[name] = min(cost, found.get(name, FARTHEST))
        return found


def _within(word: str, by_length: dict[int, list[str]], most: int) -> Iterator[tuple[str, int]]:
    for length in range(len(word) - most, len(word) + most + 1):
        choices = by_length.get(length)
        if choices:
            # The restricted distance is fast, and at most 1 above the other where that is 1 or 2.
            for name, _, _ in process.extract(word, choices, scorer=OSA.distance, score_cutoff=most + 1, limit=None):
                distance = edits(word, name, most)
                if distance <= most:
                    yield name, distance
