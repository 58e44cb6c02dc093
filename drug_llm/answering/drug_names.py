"""Which drugs a question names: generic, brand, abbreviation, combination; typed any way, or misspelled.

A name that is spelled rightly is never questioned. A misspelled word that may be two drugs is asked back, above all
where safety lists warn that they are mistaken for each other. What looks like a medicine and is none of the store's is
told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from drug_llm.answering.lexicon import Lexicon
from drug_llm.answering.name_matching import MOST_ASKED, Match, Reading
from drug_llm.answering.name_reading import Understanding, understand
from drug_llm.answering.sentence import Sentence
from drug_llm.answering.spelling import edits
from drug_llm.answering.wording import everyday_words
from drug_llm.labels.store import LabelStore

_CLOSE = frozenset(["/", "-", "+", "&", "\u2013"])
"""Between the ingredients of one product."""
_LOOSE = frozenset(["and", ",", ", and", "plus", "/ "])
"""Between the ingredients of one product, or between two medicines."""
_FORM = (
    r"creams?|gels?|ointments?|lotions?|rub|sprays?|drops|patch(?:es)?|tablets?|pills?|caplets?|capsules?|liquid|syrup"
    r"|powder|suspension|solution|shampoo|soap|foam|lozenges?|suppositor(?:y|ies)|injections?"
)
_HOLDS = re.compile(
    rf"(?P<form>(?:{_FORM})\b)?\s*(?:(?P<is_with>with)|(?:(?:that|which) )?(?:contain(?:s|ing)?|ha(?:s|ve|ving)"
    r"|includ(?:es?|ing)|made (?:of|from|with))|[(\[])(?: the)?"
)
"""Between a product and its ingredients, named behind it."""
_IN = re.compile(r"(?:(?:is |are )?(?:there )?in(?: the| my| this)?|[(\[])")
"""Between ingredients and their product."""


@dataclass(frozen=True)
class NamedDrug:
    """A drug that a question names."""

    name: str
    """Name by which the store finds it (`LabelStore.by_name`), in lower case."""
    typed: str
    """The words of the question that were taken for it."""
    kind: str = "name"
    """`name`, `brand`, `abbreviation` or `misspelling`."""


@dataclass(frozen=True)
class Unclear:
    """Words that may be one of several drugs, or a drug that is too far from them to be taken for granted."""

    typed: str
    names: tuple[str, ...]
    """The names they may stand for, the likeliest first; not all need to be in the store."""


@dataclass(frozen=True)
class NamedGroup:
    """A class of medicines, or something to eat or drink, that a question names."""

    name: str
    typed: str
    terms: tuple[str, ...]
    """Words by which a label may speak of it, in lower case; one that ends in a hyphen begins a word."""


@dataclass(frozen=True)
class FoundNames:
    """What a question names, each in its order."""

    drugs: tuple[NamedDrug, ...] = ()
    unclear: tuple[Unclear, ...] = ()
    unknown: tuple[str, ...] = ()
    """Words, as typed, that look like a medicine's name that the store does not have. Such a word is in `unclear` too
    where names are near enough to be asked about, and too far to be all that it can be."""
    classes: tuple[NamedGroup, ...] = ()
    substances: tuple[NamedGroup, ...] = ()
    refers_back: bool = False
    """Whether the question points to something named earlier ("can I take it with ibuprofen")."""


class DrugNames:
    """All names of a store, ready to be found in questions."""

    def __init__(
        self, names: Iterable[str], common_words: Iterable[str] = (), drugs: Mapping[str, str] | None = None
    ) -> None:
        """Build the index.

        `common_words` are no names, beside those of the lists of this package. `drugs` gives the ingredients, joined by
        " and ", that a name of the store stands for (`LabelStore.drugs`); with it two names of one drug are never asked
        about.
        """
        self._lexicon = Lexicon(names, common_words, drugs or {})

    @classmethod
    def of(cls, store: LabelStore) -> DrugNames:
        """Return the index of the names of a store."""
        return cls(store.names(), everyday_words(), store.drugs())

    def find(self, question: str) -> FoundNames:
        """Return what a question names."""
        sentence = Sentence(question)
        read = understand(sentence, self._lexicon)
        told = [_told(sentence, reading) for reading in read.readings]
        drugs = [*self._drugs(sentence, read)]
        unclear = [entry for one in told for entry in one.unclear]
        if not drugs and not unclear:
            unclear = [*self._shared_words(sentence, read)]
        unknown = sorted([*_odd(sentence, read.odd), *(word for one in told for word in one.unknown)])
        return FoundNames(
            _once([drug for _, drug in drugs]),
            tuple(dict.fromkeys(unclear)),
            tuple(dict.fromkeys(word for _, word in unknown)),
            _groups(sentence, read, "class"),
            _groups(sentence, read, "substance"),
            sentence.refers_back(drugs[0][0] if drugs else None),
        )

    def _drugs(self, sentence: Sentence, read: Understanding) -> Iterator[tuple[int, NamedDrug]]:
        """Yield the drugs with the places of their first words, ingredients of one product together."""
        sure = [(reading, reading.matches[0]) for reading in read.readings if _is_drug(reading)]
        sure += [(Reading(match.start, match.end, (match,), True), match) for match in read.weak if match.entry.names]
        sure.sort(key=lambda pair: pair[0].start)
        sure = _without_ingredients(sentence, sure, read.weak)
        at = 0
        while at < len(sure):
            end, product = self._product(sentence, sure, at)
            start, match = sure[at][0].start, sure[at][1]
            if product or match not in read.weak:
                typed = sentence.typed(start, sure[end - 1][0].end)
                yield start, NamedDrug(product or match.entry.names[0], typed, _kind(sure[at:end]))
            at = end

    def _product(self, sentence: Sentence, sure: Sequence[tuple[Reading, Match]], at: int) -> tuple[int, str | None]:
        """Return the end of the longest run of ingredients that the store has as one product, and its name."""
        end, is_loose = at + 1, []
        while end < len(sure):
            joint = sentence.between(sure[end - 1][0].end, sure[end][0].start)
            if joint not in _CLOSE and joint not in _LOOSE and edits(joint, "and", 1) > 1:
                break
            is_loose.append(joint not in _CLOSE)
            end += 1
        for until in range(end, at + 1, -1):
            name = self._lexicon.combination([match.entry.drug for _, match in sure[at:until]])
            if name and not (
                any(is_loose[: until - at - 1])
                and sentence.are_two(sure[at][0].start, sure[until - 1][0].end, until - at)
            ):
                return until, name
        return at + 1, None

    def _shared_words(self, sentence: Sentence, read: Understanding) -> Iterator[Unclear]:
        """Yield what a word that several names share may mean where nothing else is named.

        That is a class ("insulin" for the insulins of the store), or the first word of products, where a name is
        expected ("what is in the antiseptic").
        """
        classes = {match.start for match in read.groups if match.entry.kind == "class" and match.end - match.start == 1}
        for at, word in enumerate(sentence.texts):
            entries = self._lexicon.with_word(word if at not in classes else word.removesuffix("s"))
            if at not in classes:
                is_expected = sentence.slot(at, at + 1) > 1 and word not in self._lexicon.groups
                entries = [entry for entry in entries if is_expected and entry.words[0] == word]
            names = tuple(entry.names[0] for entry in {entry.drug: entry for entry in entries}.values())
            if len(names) > (at not in classes):
                yield Unclear(sentence.typed(at, at + 1), names[:MOST_ASKED])


@dataclass(frozen=True)
class _Told:
    """What has to be said about a reading that gives no drug."""

    unclear: tuple[Unclear, ...] = ()
    unknown: tuple[tuple[int, str], ...] = ()


def _is_drug(reading: Reading) -> bool:
    first = reading.matches[0].entry
    return reading.is_sure and len(reading.matches) == 1 and bool(first.names) and not first.meanings


def _told(sentence: Sentence, reading: Reading) -> _Told:
    entries = [match.entry for match in reading.matches]
    if _is_drug(reading) or entries[0].group:
        return _Told()
    typed = sentence.typed(reading.start, reading.end)
    unknown = ((reading.start, typed),)
    if not any(entry.names for entry in entries):
        return _Told(unknown=unknown)
    names = tuple(dict.fromkeys(name for entry in entries for name in entry.meanings or (entry.written,)))
    return _Told((Unclear(typed, names),), () if reading.is_sure else unknown)


def _without_ingredients(
    sentence: Sentence, sure: Sequence[tuple[Reading, Match]], weak: Sequence[Match]
) -> list[tuple[Reading, Match]]:
    """Return the names without those that only tell what a product beside them is made of."""
    left_out: set[int] = set()
    for at, (reading, match) in enumerate(sure):
        held = frozenset(match.entry.drug.split(" and "))
        if len(held) < 2 or match in weak:
            continue
        end = _end_of_list(sentence, sure, at + 1, held)
        start = at
        # Before the product the list is read from its last name to its first.
        while start > 0 and _is_listed(sentence, sure, start, held, is_last=start == at):
            start -= 1
        if end > at + 1 and _is_made_of(sentence, reading, sure[at + 1][0], sure[end - 1][0].end, end - at - 1):
            left_out.update(range(at + 1, end))
        left_out.update(range(start, at))
    return [pair for at, pair in enumerate(sure) if at not in left_out]


def _end_of_list(sentence: Sentence, sure: Sequence[tuple[Reading, Match]], at: int, held: frozenset[str]) -> int:
    """Return where the list of names from here on ends, all of them a product's ingredients; else where it starts."""
    end = at
    while end < len(sure):
        joint = sentence.between(sure[end - 1][0].end, sure[end][0].start)
        if end > at and joint not in _CLOSE and joint not in _LOOSE:
            break
        if sure[end][1].entry.drug not in held:
            return at
        end += 1
    return end


def _is_listed(
    sentence: Sentence, sure: Sequence[tuple[Reading, Match]], at: int, held: frozenset[str], *, is_last: bool
) -> bool:
    """Return whether the name before this place is an ingredient, joined to the product or to the next ingredient."""
    joint = sentence.between(sure[at - 1][0].end, sure[at][0].start)
    is_joined = bool(_IN.fullmatch(joint)) if is_last else joint in _CLOSE or joint in _LOOSE
    return is_joined and sure[at - 1][1].entry.drug in held


def _is_made_of(sentence: Sentence, product: Reading, first: Reading, end: int, count: int) -> bool:
    """Return whether the words between a product and some of its ingredients say that it holds them.

    "Tylenol PM with acetaminophen" may ask about taking both, "Pain Relief cream with camphor and menthol" does not.
    """
    joint = _HOLDS.fullmatch(sentence.between(product.end, first.start))
    if joint is None:
        return False
    signs = count + bool(joint["form"]) if joint["is_with"] else 3
    return signs > 1 and not sentence.are_two(product.start, end, signs)


def _once(drugs: Sequence[NamedDrug]) -> tuple[NamedDrug, ...]:
    first: dict[str, NamedDrug] = {}
    for drug in drugs:
        first.setdefault(drug.name, drug)
    return tuple(first.values())


def _kind(sure: Sequence[tuple[Reading, Match]]) -> str:
    kinds = {"misspelling" if match.cost else match.entry.kind for _, match in sure}
    return next(kind for kind in ("misspelling", "abbreviation", "brand", "name") if kind in kinds)


def _odd(sentence: Sentence, places: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Yield the words at these places, neighbours together."""
    start = 0
    for at, place in enumerate(places):
        if at + 1 == len(places) or places[at + 1] != place + 1:
            yield places[start], sentence.typed(places[start], place + 1)
            start = at + 1


def _groups(sentence: Sentence, read: Understanding, kind: str) -> tuple[NamedGroup, ...]:
    matches = [*read.groups, *(reading.matches[0] for reading in read.readings if reading.matches[0].entry.group)]
    found: dict[str, NamedGroup] = {}
    for match in sorted(matches, key=lambda one: one.start):
        group = match.entry.group
        if group is not None and match.entry.kind == kind:
            typed = sentence.typed(match.start, match.end)
            found.setdefault(group.name, NamedGroup(group.name, typed, group.terms))
    return tuple(found.values())
