"""Words of a question that point to medicines named earlier: "it", "them", "both", "the second one", "the other"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from drug_llm.answering.sentence import Sentence

_THING = r"(?:one|drug|medicine|medication|med|pill|tablet|capsule)"
_THINGS = rf"(?:{_THING}s?|of them|of these|of those)"
_VERBS = r"(?:is|does|do|can|cause|causes|has|have|with|in|during|while|or|and|safe)"
_ORDINAL = re.compile(
    rf"\bthe (?P<nth>first|1st|second|2nd|third|3rd|last)(?: {_THINGS}\b|(?= {_VERBS}\b)|(?=[\s?.!,]*$))"
    rf"|\b(?:the )?(?P<pair>former|latter)\b(?: {_THING}\b)?"
)
_PLACES = {"first": 0, "1st": 0, "former": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "last": -1, "latter": -1}
_THE_OTHER = re.compile(rf"\bthe other(?: {_THING}\b|(?= {_VERBS}\b)|(?=[\s?.!,]*$))")
# "My other pill" is another than those under discussion; "my other medicines" are any.
_ANOTHER = re.compile(rf"\b(?:my|his|her|our|their|the) other (?:[\w-]+ ){{0,4}}?{_THING}\b")
_ALL = re.compile(
    rf"\b(?:both|either|each|all) (?:of (?:them|these|those)|of the (?:two|three)|{_THINGS})\b|\bthe (?:two|three)"
    rf"(?: of them| {_THING}s)?(?=[\s?.!,]*$| {_VERBS}| together)|\bthem (?:both|all)\b"
    rf"|\b(?:of|for|with|about|on|take|taking|use|using|is|are|do|does|can) (?P<word>both|either|each)"
    r"(?=[\s?.!,]*$| together)"
    r"|^\W*(?:and )?(?P<alone>both)(?=[\s?.!,]*$| (?:together|with|in|during|while|at|safe)\b)"
)
_TOGETHER = re.compile(
    r"\b(?:together|each other|one another|the (?:combination|combo)|at the same time|at once|combin(?:e|ed|ing))\b"
)
_PLURAL = re.compile(r"\b(?:them|they|their|these|those)\b")


class Kind(Enum):
    """Which of the medicines under discussion some words mean."""

    NONE = "none"
    ONE = "one"
    NTH = "nth"
    OTHER = "other"
    ANOTHER = "another"
    """One that was not named."""
    SOME = "some"
    """All of the last question, be it one."""
    ALL = "all"
    """Two or more."""


@dataclass(frozen=True)
class Reference:
    """What points to medicines named earlier."""

    kind: Kind = Kind.NONE
    place: tuple[int, int] | None = None
    """Where the words stand that a name can be put for."""
    number: int = 0
    """Which one is meant, for NTH."""


def find_reference(question: str, named: int | None, *, are_many: bool) -> Reference:
    """Return what a question points to.

    `named` is the place of the first medicine that the question names itself, `are_many` whether several are under
    discussion.
    """
    text = question.lower().replace("\u2019", "'")
    if found := _ORDINAL.search(text):
        return Reference(Kind.NTH, found.span(), _PLACES[found["nth"] or found["pair"]])
    if found := _THE_OTHER.search(text):
        return Reference(Kind.OTHER, found.span())
    found = _ANOTHER.search(text)
    if found and (named is None or named < found.start()):
        return Reference(Kind.ANOTHER, found.span())
    if found := _ALL.search(text):
        group = "word" if found["word"] else "alone" if found["alone"] else 0
        return Reference(Kind.ALL, found.span(group))
    plural = _PLURAL.search(text) if are_many else None
    if named is None and _TOGETHER.search(text):
        return Reference(Kind.ALL, plural.span() if plural else None)
    pointed = Sentence(question).pointer(named)
    if plural and (named is None or (pointed and pointed[0] <= plural.start() < pointed[1])):
        return Reference(Kind.SOME, plural.span())
    return Reference(Kind.ONE, pointed) if pointed else Reference()
