"""Names of drugs, effects and conditions, looked up in reference text by meaning.

A term is split into concepts, each a set of wordings (`monograph_words.yaml`); it is found
where one wording of every concept stands within a few words. Negation is not read: the
check answers whether the reference speaks of it, not what it says.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

WORDS_FILE = Path(__file__).parent / "monograph_words.yaml"
NEAR = 14
"""Words within which the parts of one term stand; label tables put them further apart than prose does."""
ARTICLES = frozenset({"a", "an", "the", "their"})
Phrase = tuple[str, ...]
SUFFIXES = (
    "ations",
    "ation",
    "ings",
    "ing",
    "ions",
    "ion",
    "edly",
    "ed",
    "ness",
    "ally",
    "al",
    "ic",
    "ly",
    "es",
    "s",
    "e",
    "y",
)


def tokens(text: str) -> list[str]:
    """Return the lower-case words and numbers of a text."""
    text = unicodedata.normalize("NFKC", html.unescape(text)).lower().replace("'", "").replace("\u2019", "")
    return re.findall(r"[^\W_]+\*?", text)


@cache
def stem(word: str) -> str:
    """Return a word without its ending, so that forms of one word compare equal."""
    word = word.replace("oedema", "edema").replace("haem", "hem").replace("rrhoea", "rrhea")
    for suffix in SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            return word[: -len(suffix)]
    return word[:-1] if len(word) == 4 and word.endswith("s") and not word.endswith("ss") else word


class ReferenceWords:
    """Positions of the words of one drug's reference text."""

    def __init__(self, text: str) -> None:
        self.positions: dict[str, list[int]] = defaultdict(list)
        self.by_stem: dict[str, list[int]] = defaultdict(list)
        for position, word in enumerate(tokens(text)):
            self.positions[word].append(position)
            self.by_stem[stem(word)].append(position)
        self._phrases: dict[Phrase, list[int]] = {}

    def find(self, phrase: Phrase) -> list[int]:
        """Return positions at which the words of a phrase stand close together, in any order."""
        if phrase not in self._phrases:
            self._phrases[phrase] = near([self._find_word(word) for word in phrase], span=len(phrase) + 2)
        return self._phrases[phrase]

    def _find_word(self, word: str) -> list[int]:
        if not word.endswith("*"):
            return self.by_stem.get(stem(word), [])
        prefix = word[:-1]
        return sorted(at for known, places in self.positions.items() if known.startswith(prefix) for at in places)


class Meanings:
    """The table of words that mean the same."""

    def __init__(self, file: Path = WORDS_FILE) -> None:
        content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        self.stop_words = frozenset(content["stop_words"].split())
        self.form_words = frozenset(content["form_words"].split())
        self.common_nouns = frozenset(content["common_nouns"].split())
        self.references: dict[str, list[str]] = content["references"]
        self.members: dict[str, list[str]] = content["members"]
        self._same: dict[Phrase, set[Phrase]] = defaultdict(set)
        for wordings in content["same"]:
            phrases = [tuple(tokens(wording)) for wording in wordings]
            # The first wording and the longer ones mean all others; a single word such as "nausea" in
            # the line of "feeling sick" means itself.
            plain = [phrase for phrase in phrases if len(phrase) > 1 and "*" not in "".join(phrase)]
            for phrase in (phrases[0], *plain):
                self._same[_key(phrase)].update(phrases)

    def concepts(self, term: str) -> list[tuple[str, set[Phrase]]]:
        """Return the concepts of a term: its own words, and the wordings that mean the same."""
        found: list[tuple[str, set[Phrase]]] = []
        words = [word for word in tokens(re.sub(r"\([^)]*\)", " ", term)) if word not in ARTICLES]
        while words:
            length = next((n for n in range(min(10, len(words)), 0, -1) if _key(words[:n]) in self._same), 0)
            if length:
                own = tuple(words[:length])
                found.append((" ".join(own), self._same[_key(own)] | {own}))
            elif words[0] not in self.stop_words and not words[0].isdigit():
                found.append((words[0], {(words[0],)}))
            words = words[max(length, 1) :]
        return found

    def classes(self, drug: str) -> list[str]:
        """Return the classes of which a drug is a member."""
        return [name for name, members in self.members.items() if drug.lower() in members]


def states(term: str, reference: ReferenceWords, meanings: Meanings) -> bool:
    """Return whether the reference names a term, all its concepts close together."""
    places = [_places(wordings, reference) for _, wordings in meanings.concepts(term)]
    literal = tuple(word for word in tokens(term) if word not in meanings.stop_words)
    return bool(near(places, span=NEAR)) or bool(literal and reference.find(literal))


def missing_words(term: str, reference: ReferenceWords, meanings: Meanings) -> list[str]:
    """Return the key words of a phrase for which the reference has no wording."""
    return [words for words, wordings in meanings.concepts(term) if not _places(wordings, reference)]


def names_drug(name: str, context: str, reference: ReferenceWords, meanings: Meanings) -> bool:
    """Return whether the reference names a drug, or a class of it that the context names too."""
    if states(name, reference, meanings):
        return True
    around = ReferenceWords(context)
    classes = meanings.classes(name)
    return any(states(group, around, meanings) and states(group, reference, meanings) for group in classes)


def near(places: list[list[int]], *, span: int) -> list[int]:
    """Return the positions of the rarest word that have all others within `span` words."""
    if not places or not all(places):
        return []
    rarest = min(places, key=len)
    return [at for at in rarest if all(_within(others, at, span) for others in places)]


def _within(places: list[int], at: int, span: int) -> bool:
    index = bisect_left(places, at - span)
    return index < len(places) and places[index] <= at + span


def _places(concept: set[Phrase], reference: ReferenceWords) -> list[int]:
    return sorted({at for phrase in concept for at in reference.find(phrase)})


def _key(words: Sequence[str]) -> Phrase:
    return tuple(stem(word.rstrip("*")) for word in words if word not in ARTICLES)
