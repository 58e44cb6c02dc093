"""For whom a text gives a dose: whether the age or the kidney function that a question names lies in its ranges.

"No more than 50 mg below a GFR of 30" does not say how much someone with 45 may take, and the dose of "children 4 to 11
years" is not that of one who is 14.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from drug_llm.claims.normal_form import normal_form

_DOSE_ASKED = re.compile(
    r"\bhow (?:much|many|often)\b|\bdos(?:e|es|age|ing)\b|\bmax|\bmost\b|\bceiling|\bhighest\b|\btop\b|\bregimen"
    r"|\b(?:can|may|could|should|ok|okay|allowed|safe)\b.*\b(?:tak(?:e|en|ing)|ha(?:ve|d)|us(?:e|ed|ing)|giv(?:e|en|ing)|get|drink)\b"
)
"""Also whether it may be taken at all, of which the answer is often the dose of an age."""
_UNIT = r"(?:years?|yrs?|yo|y/o|months?|mos?|weeks?|wks?)\b"
_IN_A_YEAR = {"y": 1, "m": 12, "w": 52}
"""How many of a unit, by its first letter, make a year."""
_TO = r" ?(?:to|through|and|-) ?(?:less than |under |at most )?"
_LOW, _HIGH = r"(?P<low>\d+(?:\.\d+)?)", r"(?P<high>\d+(?:\.\d+)?)"
_FROM = r"(?:over|above|more than|older than|greater than|at least|from)(?: the)?(?: age)?(?: of)? "
_UNTIL = r"(?:under|below|less than|younger than|up to|at most)(?: the)?(?: age)?(?: of)? "
_UPWARD = r"(?:and|or|&) (?:over|older|above|up|more|greater|higher)\b"
_DOWNWARD = r"(?:and|or) (?:under|younger|below|less|lower)\b"
_OF_AGE = r"(?: of age| old)?,? "
_AROUND = 40
"""Characters before numbers, and a quarter of them behind, in which it is said what is counted."""


def _bounds(before_joint: str, alone: str) -> tuple[re.Pattern[str], ...]:
    """Return patterns of a number that is one end: what stands behind it before "and older", and without such words."""
    return (
        re.compile(rf"{_LOW}{before_joint}{_UPWARD}"),
        re.compile(rf"{_HIGH}{before_joint}{_DOWNWARD}"),
        re.compile(rf"{_FROM}{_LOW}{alone}"),
        re.compile(rf"{_UNTIL}{_HIGH}{alone}"),
    )


_AGE_ASKED = re.compile(
    rf"{_LOW}[ -]?(?:(?P<unit>{_UNIT})[ -](?:old|of age)\b|(?:yo|y/o)\b)|\bage[ds]? {_HIGH}\b(?!{_TO}\d)"
)
_AGE_MARK = re.compile(r"\bag(?:e|ed|es)\b|\bold|child|adult|infant|pa?ediatric|adolescen|neonat|newborn|younger")
_AGES = (
    re.compile(rf"{_LOW} ?(?P<low_unit>{_UNIT})?(?:{_TO}| ){_HIGH} ?(?P<unit>{_UNIT})"),
    re.compile(rf"(?:child(?:ren)?|ages?|aged) {_LOW}{_TO}{_HIGH}\b(?! ?(?:mg|mcg|ml|g|tablets?)\b)"),
    re.compile(
        rf"(?:child(?:ren)?|persons?|people|anyone|kids?) {_UNTIL}{_HIGH}\b(?! ?(?:[mk]?g|mcg|lbs?|pounds?|{_UNIT}))"
    ),
    *_bounds(rf" ?(?P<unit>{_UNIT}){_OF_AGE}", rf" ?(?P<unit>{_UNIT})"),
)
_GROUPS = (
    (re.compile(r"\badults?\b"), (12.0, math.inf)),
    (re.compile(r"\belderly\b|\bgeriatric|\bolder (?:adult|patient|people|person)"), (60.0, math.inf)),
    (re.compile(r"\bchild|pa?ediatric"), (0.0, 18.0)),
    (re.compile(r"\badolescen|\bteen"), (12.0, 18.0)),
    (re.compile(r"\binfant|\bnewborn|\bneonat|\bbab(?:y|ies)\b"), (0.0, 2.0)),
)
"""Years of age of groups of people; labels of medicines without prescription count who is 12 among adults."""

_KIDNEY = r"\b(?:e?gfr|crcl|clcr|creatinine clearance|clearance of creatinine|glomerular filtration rate)\b"
_PER_MINUTE = r"ml ?(?:/|per) ?min"
_RATE = rf"(?: ?{_PER_MINUTE}\w*)?"
_CLEARANCE_ASKED = re.compile(rf"{_KIDNEY}[^\d.;?]{{0,30}}{_LOW}\b(?!{_TO}\d)")
_KIDNEY_MARK = re.compile(rf"{_KIDNEY}|{_PER_MINUTE}")
_CLEARANCES = (re.compile(rf"{_LOW}{_RATE}{_TO}{_HIGH}"), *_bounds(rf"{_RATE} ", ""))

Range = tuple[float, float]
"""From and up to, both included."""


@dataclass(frozen=True)
class Person:
    """Whose dose is asked for."""

    age: float | None = None
    """In years; None where it is not said."""
    clearance: float | None = None
    """Creatinine clearance or filtration rate in mL/min; None where it is not said."""

    def is_left_out(self, text: str) -> bool:
        """Return whether a text is about others: it gives ranges of age or clearance and none holds this person's."""
        return any(_is_outside(value, found) for value, found in self._ranges(text))

    def is_meant(self, text: str) -> bool:
        """Return whether a text gives a range that holds this person, and none that leaves them out."""
        return not self.is_left_out(text) and any(found for _, found in self._ranges(text))

    def _ranges(self, text: str) -> list[tuple[float, list[Range]]]:
        asked = ((self.age, age_ranges), (self.clearance, clearance_ranges))
        return [(value, ranges(text)) for value, ranges in asked if value is not None]


NOBODY = Person()


def person(question: str) -> Person:
    """Return whose dose a question asks for; what it does not say, or says of two, is None."""
    plain = normal_form(question)
    if not _DOSE_ASKED.search(plain):
        return NOBODY
    ages = {
        float(match["low"] or match["high"]) / _IN_A_YEAR[(match["unit"] or "y")[0]]
        for match in _AGE_ASKED.finditer(plain)
    }
    rates = {float(match["low"]) for match in _CLEARANCE_ASKED.finditer(plain)}
    return Person(ages.pop() if len(ages) == 1 else None, rates.pop() if len(rates) == 1 else None)


def age_ranges(text: str) -> list[Range]:
    """Return the years of age that a text speaks of: its numbers, or what its groups of people have."""
    plain = normal_form(text)
    groups = [years for pattern, years in _GROUPS if pattern.search(plain)]
    found = _all_spans(plain, _AGES, _AGE_MARK)
    return found + [years for years in groups if math.isinf(years[1])] if found else groups


def clearance_ranges(text: str) -> list[Range]:
    """Return the ranges of creatinine clearance that a text speaks of, in mL/min."""
    return _all_spans(normal_form(text), _CLEARANCES, _KIDNEY_MARK)


def _all_spans(text: str, patterns: tuple[re.Pattern[str], ...], mark: re.Pattern[str]) -> list[Range]:
    """Return every range of a text that has one near a mark: the rows of a table say what is counted once."""
    is_about_it = any(True for _ in _spans(text, patterns, mark))
    return list(_spans(text, patterns)) if is_about_it else []


def _spans(text: str, patterns: tuple[re.Pattern[str], ...], mark: re.Pattern[str] | None = None) -> Iterator[Range]:
    """Yield the ranges that patterns find, near a mark where one is given; in years where they have units of time."""
    for match in (match for pattern in patterns for match in pattern.finditer(text)):
        around = text[max(0, match.start() - _AROUND) : match.end() + _AROUND // 4]
        if mark is None or mark.search(around):
            parts = match.groupdict()
            unit = parts.get("unit") or "y"
            low, high = float(parts.get("low") or 0), float(parts.get("high") or math.inf)
            yield low / _IN_A_YEAR[(parts.get("low_unit") or unit)[0]], high / _IN_A_YEAR[unit[0]]


def _is_outside(value: float, ranges: list[Range]) -> bool:
    return bool(ranges) and not any(low <= value <= high for low, high in ranges)
