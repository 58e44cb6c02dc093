"""Where a text speaks of medicines: by name, by brand, or by a class in the words of labels."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from drug_llm.answering.lexicon import SALTS
from drug_llm.answering.word_lists import brands, ingredients, is_ordinary, other_names, word_set

NAME, CLASS, OTHER = "name", "class", "other"
"""What a term stands for: an ingredient, a class, or something that only looks like one of them."""
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_ENZYME = re.compile(r"\b(?:p-?\s?450\s*)?\(?cyp\s*(?:450)?\)?[\s-]*([123][a-z])(?:[\s-]*(\d{1,2}))?\b")
_BARE_ENZYME = re.compile(r"\b(?:cytochrome\s+)?p-?\s?450\s*([123][a-z])[\s-]*(\d{1,2})\b")
_ELEMENTS = word_set("sodium potassium calcium magnesium zinc iron ferrous ferric aluminum lithium ammonium")
_SHORTEST_OTHER_NAME = 3


@dataclass(frozen=True)
class DrugClass:
    """A class of medicines as labels speak of it."""

    name: str
    members: frozenset[str]
    """Ingredients, by the names of `ingredient`."""
    terms: tuple[str, ...]
    is_therapeutic: bool
    """Whether two of its members at once are a duplicate."""


@dataclass(frozen=True)
class Token:
    """A word of a text in lower case, with its place there."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class TermHit:
    """A term that stands in a text."""

    start: int
    """Number of its first token."""
    end: int
    """Number of the token behind it."""
    kind: str
    keys: frozenset[str]
    """Ingredients or classes that it stands for; a brand may have several ingredients."""


def normal(text: str) -> str:
    """Return a text in lower case with the names of enzymes in one form: CYP3A4, CYP 3A and P450 3A4 are "cyp3a"."""
    lower = text.lower().replace("\u03b2", "beta").replace("\u03b1", "alpha")
    lower = _BARE_ENZYME.sub(r"cyp\1\2", lower)
    return _ENZYME.sub(lambda found: "cyp3a" if found[1] == "3a" else f"cyp{found[1]}{found[2] or ''}", lower)


def tokens(text: str) -> tuple[Token, ...]:
    """Return the words of a text that `normal` has passed."""
    return tuple(Token(found.group(), found.start(), found.end()) for found in _WORD.finditer(text))


def ingredient(name: str) -> str:
    """Return the one name by which an ingredient is known here: without its salt, and the same for all its synonyms."""
    words = " ".join(name.lower().replace("-", " ").split()).split()
    while len(words) > 1 and words[-1] in SALTS and words[-2] not in _ELEMENTS and words[0] not in _ELEMENTS:
        words.pop()
    plain = " ".join(words)
    return _table().same.get(plain, plain)


def drug_classes_of(held: Iterable[str]) -> dict[str, DrugClass]:
    """Return the classes, by name, to which any of some ingredients belongs."""
    names = frozenset(held)
    return {name: one for name, one in drug_class_table().items() if not names.isdisjoint(one.members)}


def drug_class_table() -> Mapping[str, DrugClass]:
    """Return all classes by name, in the order of the list."""
    return _table().classes


@dataclass(frozen=True)
class _Table:
    same: dict[str, str]
    classes: dict[str, DrugClass]
    others: tuple[str, ...]


@cache
def _table() -> _Table:
    rows = [[part.strip() for part in line.split(" | ")] for line in _lines()]
    same = {other: row[1] for row in rows if row[0] == "same" for other in row[2].split(", ")}
    listed = {row[1]: row[3].split(", ") for row in rows if row[0] in ("class", "group")}
    classes = {
        row[1]: DrugClass(row[1], frozenset(_members(row[1], listed)), tuple(row[2].split(", ")), row[0] == "class")
        for row in rows
        if row[1] in listed
    }
    return _Table(same, classes, tuple(term for row in rows if row[0] == "not" for term in row[2].split(", ")))


def _lines() -> Iterator[str]:
    text = resources.files("drug_llm.answering").joinpath("class_members.txt").read_text(encoding="utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))


def _members(name: str, listed: Mapping[str, list[str]]) -> Iterator[str]:
    for member in listed[name]:
        if member.startswith("@"):
            yield from _members(member[1:], listed)
        else:
            yield member


def classes_meant(name: str) -> list[DrugClass]:
    """Return the classes that a name, such as one by which questions call a class, stands for."""
    hits = TermFinder().find(tokens(normal(name)))
    return [_table().classes[key] for hit in hits if hit.kind == CLASS for key in sorted(hit.keys)]


class TermFinder:
    """Finds terms in texts, the longest that stands at a place."""

    def __init__(self, more: Mapping[str, frozenset[str]] | None = None) -> None:
        """Know all listed terms and, with `more`, further names and the ingredients that each stands for."""
        self._by_first: dict[str, list[tuple[tuple[str, ...], str, frozenset[str]]]] = dict(_listed_terms())
        for name, keys in (more or {}).items():
            words = tuple(token.text for token in tokens(normal(name)))
            if words:
                entries = [entry for entry in self._by_first.get(words[0], ()) if entry[0] != words]
                self._by_first[words[0]] = sorted([*entries, (words, NAME, keys)], key=lambda e: -len(e[0]))

    def find(self, words: tuple[Token, ...]) -> list[TermHit]:
        """Return the terms that stand in a text, none of which shares a word with another."""
        hits: list[TermHit] = []
        at = 0
        while at < len(words):
            hit = self._at(words, at)
            if hit is None:
                at += 1
                continue
            hits.append(hit)
            at = hit.end
            # "losartan potassium" names no potassium.
            while (
                hit.kind == NAME
                and at < len(words)
                and words[at].text in SALTS
                and words[at].start == words[at - 1].end + 1
            ):
                at += 1
        return hits

    def _at(self, words: tuple[Token, ...], at: int) -> TermHit | None:
        best: TermHit | None = None
        for first in _singulars(words[at].text):
            for term, kind, keys in self._by_first.get(first, ()):
                end = at + len(term)
                if best is not None and end <= best.end:
                    break  # the entries of a word are sorted, the longest first
                if end <= len(words) and all(t in _singulars(w.text) for t, w in zip(term, words[at:end], strict=True)):
                    best = TermHit(at, end, kind, keys)
                    break
        return best


@cache
def _singulars(word: str) -> tuple[str, ...]:
    forms = [word]
    if word.endswith("s") and len(word) > 3:
        forms.append(word[:-1])
        if word.endswith("es"):
            forms.append(word[:-2])
        if word.endswith("ies"):
            forms.append(word[:-3] + "y")
    return tuple(forms)


@cache
def _listed_terms() -> dict[str, list[tuple[tuple[str, ...], str, frozenset[str]]]]:
    found: dict[tuple[str, ...], tuple[str, frozenset[str]]] = {}
    for term, kind, keys in _all_terms():
        words = tuple(token.text for token in tokens(normal(term)))
        # A class that shares a term with another adds itself; a name gives way to nothing.
        before = found.get(words)
        if before is None or (before[0] == kind == CLASS):
            found[words] = (kind, keys | (before[1] if before else frozenset()))
    by_first: dict[str, list[tuple[tuple[str, ...], str, frozenset[str]]]] = defaultdict(list)
    for words, (kind, keys) in found.items():
        by_first[words[0]].append((words, kind, keys))
    return {first: sorted(entries, key=lambda e: (-len(e[0]), e[0])) for first, entries in by_first.items()}


def _all_terms() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield every listed term with its kind and what it stands for; where two are the same, the first counts."""
    table = _table()
    yield from ((term, OTHER, frozenset[str]()) for term in table.others)
    for one in table.classes.values():
        yield from ((term, CLASS, frozenset([one.name])) for term in one.terms)
    # A member that is a class word too, such as "tetracycline", is taken for the class: labels hardly tell them apart.
    listed = {*(member for one in table.classes.values() for member in one.members), *table.same}
    names = listed | {name for name in ingredients() if not is_ordinary(name)}
    yield from ((name, NAME, frozenset([ingredient(name)])) for name in sorted(names))
    for brand, held in brands().items():
        if held and not _is_plain_words(brand):
            yield brand, NAME, frozenset(map(ingredient, held))
    for name, meanings in other_names().items():
        if len(meanings) == 1 and len(name) >= _SHORTEST_OTHER_NAME and not _is_plain_words(name):
            yield name, NAME, frozenset(map(ingredient, meanings[0][0]))


def _is_plain_words(name: str) -> bool:
    return all(is_ordinary(word) for word in name.split())


def is_telling_name(name: str) -> bool:
    """Return whether a product's name tells it from ordinary words, as "Tylenol" does and "Pain Relief" does not."""
    words = [token.text for token in tokens(name.lower())]
    return any(len(word) > 3 and word.isalpha() and not is_ordinary(word) for word in words)


def is_medicine(name: str) -> bool:
    """Return whether a name is, as a whole, that of a known medicine."""
    return bool(ingredients_of(name))


def ingredients_of(name: str) -> frozenset[str]:
    """Return the ingredients of a known medicine, by the names of `ingredient`; none of what is no medicine."""
    whole = whole_term(name)
    return whole.keys if whole and whole.kind == NAME else frozenset()


def whole_term(name: str) -> TermHit | None:
    """Return the term that a name is as a whole; None where it is none."""
    words = tokens(normal(name))
    return next((hit for hit in TermFinder().find(words) if hit.end - hit.start == len(words)), None)
