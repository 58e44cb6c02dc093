"""What a text has to hold to answer a question: a number of the kind asked for, the other medicines, the person.

A text that is close in meaning but lacks them is a near miss: "it is highly bound" does not say what share is bound,
a warning about aspirin does not say what doxycycline does, and a child's dose is not an adult's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

from drug_llm.answering.drug_terms import (
    NAME,
    TermFinder,
    drug_class_table,
    drug_classes_of,
    ingredient,
    normal,
    tokens,
)
from drug_llm.answering.for_whom import NOBODY, Person, person

_OF_CLASS = "class "
"""What stands before the name of a class where ingredients and classes are held together."""
_NUMBER_WORD = (
    r"one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty"
    r"|once|twice|half|third|quarter|no|none|single|doubl\w*"
)
_NUMBER = re.compile(rf"\d|\b(?:{_NUMBER_WORD})\b", re.IGNORECASE)
_TIME = r"(?:sec(?:ond)?|min(?:ute)?|hours?|hrs?|days?|weeks?|months?|years?|yrs?)s?\b|h\b"
_COUNTED = r"\w*(?<!\bper)(?<!\ba)(?<!\beach)(?<!\bevery)(?<!\bmg)(?<!\bg)(?<!\bml)"
_SPAN = re.compile(
    rf"(?:\d|\b(?:{_NUMBER_WORD}|an?|few|several)\b)[\s).-]*(?:(?:to|or|and|through|-|\u2013)[\s(]*\d*[\s).-]*)?"
    rf"(?:{_COUNTED}[\s-]+)?(?:{_TIME})",
    re.IGNORECASE,
)
_UNCOUNTED_SPAN = re.compile(
    r"until|immediate|at once|overnight|throughout|lifelong|indefinit|permanent|chronic|long[- ]term|prolonged|rapid"
    r"|as long as|short(?:est|er)?\b|dail|weekl|monthl|bedtime|every|soon|not been (?:studied|established)",
    re.IGNORECASE,
)
_COUNT_ASKED = re.compile(
    r"\bper ?cent|(?<!un)(?<!bound )\b(?:share|fraction|proportion) of|\bhow many\b|\bhow much of\b|\bnumeric"
    r"|\bhalf-?li|\bby how much\b|\bby what (?:amount|factor|percent)|\bwhat (?:number|spf)\b"
    r"|\bin (?:l/kg|hours|minutes|grams|mg|mcg/ml|ng/ml)\b|^(?:grams|milligrams|mg|mcg|ml|hours|days|weeks) of\b"
)
_COUNTED_SPAN_ASKED = re.compile(rf"\bhow many (?:\w+ ){{0,2}}?(?:{_TIME})")
_SPAN_ASKED = re.compile(
    rf"{_COUNTED_SPAN_ASKED.pattern}|\bfor how long\b|\bhalf-?li|\btime to (?:peak|maximum)|\btmax\b"
    r"|\bhow long (?:after|before|until|does|is|can|should|do|may|must|will)\b"
)
_MISSED_ASKED = re.compile(
    r"\bmiss(?:ed|ing)? (?:a|an|my|the|one|two|this|last|yesterday|today)\b|\bforg[eo]t\b|\bskipped\b"
)
_MISSED = re.compile(r"\bmiss|forg[eo]t|\bskip|next dose|as soon as (?:you|they|he|she) ", re.IGNORECASE)


@dataclass(frozen=True)
class Demands:
    """What a part of a question asks for that only a text with the same can answer."""

    number: bool = False
    """Whether a number is asked for."""
    span: bool = False
    """Whether a time that passes is asked for."""
    counted_span: bool = False
    """Whether it is asked for in hours, days and the like."""
    missed: bool = False
    """Whether it is about a dose that was missed."""
    others: frozenset[str] = frozenset()
    """Ingredients, and classes behind `_OF_CLASS`, that are named beside the drug itself."""
    person: Person = NOBODY
    """Whose dose is asked for."""

    def is_unmet(self, text: str) -> bool:
        """Return whether a number, a time or a missed dose is asked about and a text has none, or is about others."""
        if (
            self.person.is_left_out(text)
            or (self.number and not _NUMBER.search(text))
            or (self.missed and not _MISSED.search(text))
        ):
            return True
        if not self.span or _SPAN.search(text):
            return False
        return self.counted_span or not _UNCOUNTED_SPAN.search(text)

    def unnamed(self, texts: Sequence[str]) -> float:
        """Return the share of the other medicines that none of the texts names, itself or by a class."""
        if not self.others:
            return 0.0
        told = frozenset[str]().union(*map(_named, texts))
        return sum(not _is_told(other, told) for other in self.others) / len(self.others)


NO_DEMANDS = Demands()


def demands(text: str, names: Collection[str]) -> Demands:
    """Return what a part of a question demands; `names` are those of the drug that it is about."""
    plain = text.lower()
    return Demands(
        bool(_COUNT_ASKED.search(plain)),
        bool(_SPAN_ASKED.search(plain)),
        bool(_COUNTED_SPAN_ASKED.search(plain)),
        bool(_MISSED_ASKED.search(plain)),
        _others(text, names),
        person(text),
    )


def _others(text: str, names: Collection[str]) -> frozenset[str]:
    found = _named(text)
    if not found:
        return found
    words = {word for name in names for word in name.lower().split()}
    own = frozenset(map(ingredient, words)).union(*map(_named, names))
    of_own = {_OF_CLASS + name for name in drug_classes_of(own)}
    return frozenset(key for key in found - own - of_own if words.isdisjoint(key.split()))


@cache
def _finder() -> TermFinder:
    return TermFinder()


def _named(text: str) -> frozenset[str]:
    """Return the ingredients and the classes, behind `_OF_CLASS`, that a text names."""
    hits = _finder().find(tokens(normal(text)))
    return frozenset(key if hit.kind == NAME else _OF_CLASS + key for hit in hits for key in hit.keys)


def _is_told(asked: str, told: Collection[str]) -> bool:
    """Return whether what is told names what is asked, a class that it belongs to, or a member of it."""
    of_told = frozenset(told).union(*map(_members, told))
    return asked in told or not of_told.isdisjoint(_members(asked) or {asked})


def _members(key: str) -> frozenset[str]:
    """Return the ingredients of a class; of an ingredient none."""
    found = drug_class_table().get(key.removeprefix(_OF_CLASS)) if key.startswith(_OF_CLASS) else None
    return found.members if found else frozenset()
