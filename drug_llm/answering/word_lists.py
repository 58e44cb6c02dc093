"""The word lists beside this module: known medicines, their other names, classes, substances, ordinary words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from drug_llm.labels.ranking import stem

Ingredients = tuple[str, ...]
"""What a medicine holds, in alphabetical order; empty for a line of products that differ."""
# Endings that are left off to find a base form, with what may stand in their place.
_ENDINGS_LISTED = (
    "iness:y ness: ingly:/e edly:/e ily:y ly:/le ities:ity ies:y/ie ied:y ier:y iest:y ing:/e ings:/e ed:/e est:/e "
    "ers:/e er:/e es:/e s: ment: ments: able:/e ful: less:"
)
_ENDINGS = tuple(
    (ending, tuple(places.split("/"))) for ending, places in (entry.split(":") for entry in _ENDINGS_LISTED.split())
)
_BEGINNINGS = ("un", "non", "anti", "over", "under", "pre", "post", "mis", "self", "re")
_SHORTEST_BASE = 3


@dataclass(frozen=True)
class Group:
    """A class of medicines, or something that is eaten, drunk or taken beside them."""

    name: str
    said: tuple[str, ...]
    """How people say it, in lower case and in the singular."""
    terms: tuple[str, ...]
    """Words by which a label may speak of it, in lower case; one that ends in a hyphen begins a word."""


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


def _lines(name: str, package: str = "drug_llm.answering") -> Iterator[str]:
    text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))


def _ingredients(text: str) -> Ingredients:
    return () if text.strip() == "?" else tuple(sorted(part.strip() for part in text.split(" and ")))


@cache
def brands() -> dict[str, Ingredients]:
    """Return what the known brands hold."""
    return {brand: _ingredients(held) for brand, held in (line.rsplit(": ", 1) for line in _lines("brands.txt"))}


@cache
def other_names() -> dict[str, tuple[tuple[Ingredients, ...], ...]]:
    """Return the medicines that an abbreviation or another name may stand for.

    Of each the wordings are given, of which those are meant that a store has.
    """
    pairs = (line.rsplit(": ", 1) for line in _lines("other_names.txt"))
    return {
        name: tuple(tuple(map(_ingredients, one.split(" > "))) for one in meanings.split(" | "))
        for name, meanings in pairs
    }


@cache
def ingredients() -> frozenset[str]:
    """Return the known ingredients, those of all lists."""
    listed = {*_lines("medicines.txt"), *_lines("common_generics.txt", "drug_llm.labels")}
    held = [*brands().values(), *(one for meanings in other_names().values() for same in meanings for one in same)]
    return frozenset({part for name in listed for part in name.split(" and ")} | {part for one in held for part in one})


@cache
def medicine_stems() -> frozenset[str]:
    """Return the stems of the known ingredients of one word."""
    return frozenset(stem(name) for name in ingredients() if " " not in name)


@cache
def look_alikes() -> dict[str, frozenset[str]]:
    """Return the names that are mistaken for each name."""
    partners: dict[str, set[str]] = {}
    for line in _lines("look_alikes.txt"):
        one, other = line.split(" | ")
        partners.setdefault(one, set()).add(other)
        partners.setdefault(other, set()).add(one)
    return {name: frozenset(others) for name, others in partners.items()}


@cache
def drug_classes() -> tuple[Group, ...]:
    """Return the classes of medicines that questions ask about."""
    return _groups("drug_classes.txt")


@cache
def substances() -> tuple[Group, ...]:
    """Return what is eaten, drunk or taken beside a medicine."""
    return _groups("substances.txt")


@cache
def telling_terms(terms: tuple[str, ...]) -> tuple[str, ...]:
    """Return the terms by which a class is told from every other; all of them where it shares each."""
    times = Counter(term for group in drug_classes() for term in group.terms)
    return tuple(term for term in terms if times[term] <= 1) or terms


def _groups(name: str) -> tuple[Group, ...]:
    rows = ([part.strip() for part in line.split(" | ")] for line in _lines(name))
    return tuple(Group(row[0], tuple(row[1].split(", ")), tuple(row[2].split(", "))) for row in rows)


@cache
def ordinary_words() -> frozenset[str]:
    """Return words that are no medicine's name, in their base form and without apostrophes."""
    words = (
        word for name in ("ordinary_words.txt", "everyday_words.txt") for line in _lines(name) for word in line.split()
    )
    return frozenset(word.replace("'", "") for word in words)


@lru_cache(maxsize=50_000)
def is_ordinary(word: str, *, may_begin: bool = True) -> bool:
    """Return whether a word in lower case is an ordinary one, in any of its forms.

    With `may_begin` also one that another was put before, such as "unsafe" and "nonsmoker".
    """
    known = ordinary_words()
    if word in known or not known.isdisjoint(_without_ending(word)):
        return True
    rests = (word[len(beginning) :] for beginning in _BEGINNINGS if word.startswith(beginning)) if may_begin else ()
    return any(len(rest) > _SHORTEST_BASE and is_ordinary(rest, may_begin=False) for rest in rests)


def _without_ending(word: str) -> Iterator[str]:
    for ending, places in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST_BASE:
            yield from (stem + place for place in places)
            if len(stem) > _SHORTEST_BASE and stem[-1] == stem[-2]:
                # "stopped" is "stop".
                yield stem[:-1]
