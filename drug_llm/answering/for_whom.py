"""For whom a text speaks: whether the age, weight or kidney function that a question names lies in its ranges.

"No more than 50 mg below a GFR of 30" does not say how much someone with 45 may take, and the dose of "children 4 to 11
years" is not that of one who is 14.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from drug_llm.claims.normal_form import normal_form

_TAKING_ASKED = re.compile(
    r"\bhow (?:much|many|often)\b|\bdos(?:e|es|age|ing)\b|\bmax|\bmost\b|\bceiling|\bhighest\b|\btop\b|\bregimen"
    r"|\b(?:can|may|could|should|shall|must|allowed|okay?|safe|right for|suitable|old enough)\b"
    r"|\b(?:gives?|given|giving|takes?|taking|uses?|using)\b"
)
_UNIT = r"(?:years?|yrs?|yo|y/o|months?|mos?|weeks?|wks?)\b"
_DAYS = r"(?:days?|d)\b"
_IN_A_YEAR = {"y": 1, "m": 12, "w": 52, "d": 365}
"""How many of a unit, by its first letter, make a year."""
_OPEN = r"less than |under |below |younger than "
_MOST = r"(?:at most|less than or equal to) "
_TO = rf" ?(?:to|through|and|-) ?(?:(?P<open>{_OPEN})|{_MOST})?"
_TO_ANY = rf" ?(?:to|through|and|-) ?(?:{_OPEN}|{_MOST})?"
_LOW, _HIGH = r"(?P<low>\d+(?:\.\d+)?)", r"(?P<high>\d+(?:\.\d+)?)"
_FROM = r"(?:over|above|more than|older than|greater than|at least|from)(?: the)?(?: age)?(?: of)? "
_UNTIL = rf"(?<!to )(?<!through )(?<!- )(?<!-)(?:(?P<open>{_OPEN})|(?:up to|at most) )(?:the )?(?:age )?(?:of )?"
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


_RELATIVE = (
    r"(?:son|daughter|child|kid|baby|toddler|infant|boy|girl|niece|nephew|grand\w+|mother|father|mom|mum|dad|aunt"
    r"|uncle|wife|husband|sister|brother)"
)
_ADULT = r"(?:m[ae]n|wom[ae]n|adults?|persons?|patients?|teen\w*|newborns?|someone|somebody)"
_AGE_ASKED = re.compile(
    rf"{_LOW}[ -]?(?:(?P<unit>{_UNIT}|{_DAYS})[ -](?:old|of age)\b|(?:yo|y/o|y\.o)\b)"
    rf"|\bage[ds]? (?:of )?{_HIGH}\b(?!{_TO_ANY}\d)(?: (?P<age_unit>months|weeks|days)\b)?"
    rf"|\b(?:i'?m|i am|(?:he|she|who|{_RELATIVE}) is|hes|shes|{_RELATIVE},?) (?P<is>\d+)"
    rf"(?: (?P<is_unit>years|yrs|months))?(?=[,.:;?!]|$| and\b| with\b| but\b)"
    rf"|\b(?:{_RELATIVE}|{_ADULT}) of (?P<of>\d+)(?: (?P<of_unit>years?|months?|weeks?|days?))?\b"
    rf"(?!\.\d| ?(?:m?c?g|ml|kgs?|kilos?|lbs?|pounds|stone|c?m|feet|ft|inches|to|percent)\b| ?[-%/])"
)
_AGE_MARK = re.compile(r"\bag(?:e|ed|es)\b|\bold|child|adult|infant|pa?ediatric|adolescen|neonat|newborn|younger")
_PEOPLE = (
    r"(?:adults?|child(?:ren)?|kids?|adolescents?|teen\w*|infants?|patients?|people|persons?|individuals?|those|anyone"
    r"|everyone|ages?|aged)"
)
_NOT_YEARS = (
    r"(?![.,]?\d| ?(?:[/%-]|percent|to\b|m?c?g\b|m?l\b|kg|lb|iu\b|units?|x\b|times|freq|doses?|mos?\b|hours?|minutes?"
    r"|days?|weeks?|wks?|months?|years?|yrs?|tablets?|caplets?|capsules?|pellets?|drops?|teaspoon|tablespoon|sprays?"
    r"|puffs?|pounds|kilo|of\b(?! age)))"
)
"""Behind a number without a unit: what would make it one of something else than years."""
_AGES = (
    re.compile(rf"{_LOW} ?(?P<low_unit>{_UNIT})?(?:{_TO}| ){_HIGH} ?(?P<unit>{_UNIT})"),
    re.compile(rf"(?:child(?:ren)?|ages?|aged) {_LOW}{_TO}{_HIGH}\b(?! ?(?:mg|mcg|ml|g|tablets?)\b)"),
    *_bounds(rf" ?(?P<unit>{_UNIT}){_OF_AGE}", rf" ?(?P<unit>{_UNIT})(?!{_TO_ANY}\d+(?:\.\d+)? ?{_UNIT})"),
    re.compile(rf"\b{_PEOPLE}\W{{1,2}}(?:who are |aged? |of |ages )?{_UNTIL}{_HIGH}\b{_NOT_YEARS}"),
    re.compile(rf"\b{_PEOPLE}\W{{1,2}}(?:who are |aged? |of |ages )?{_FROM}{_LOW}\b{_NOT_YEARS}"),
    re.compile(rf"\b{_PEOPLE}\W{{1,2}}(?:who are |aged? |of |ages )?{_LOW} {_UPWARD}"),
    re.compile(rf"(?P<open>{_OPEN})(?:the )?age (?:of )?{_HIGH}\b{_NOT_YEARS}"),
    re.compile(rf"{_LOW} ?(?P<low_unit>{_DAYS})?{_TO}{_HIGH} ?(?P<unit>{_DAYS})(?: of age| old)\b"),
    *_bounds(rf" ?(?P<unit>{_DAYS})(?: of age| old),? ", rf" ?(?P<unit>{_DAYS})(?: of age| old)\b"),
)
_GROUPS = (
    (re.compile(r"\badults?\b"), (12.0, math.inf)),
    (re.compile(r"\belderly\b|\bgeriatric|\bolder (?:adult|patient|people|person)"), (60.0, math.inf)),
    (re.compile(r"\bchild(?:ren)?\b(?!'| resist| proof)|\bpa?ediatric"), (0.0, 18.0)),
    (re.compile(r"\badolescen|\bteen"), (12.0, 18.0)),
    (re.compile(r"\binfant|\bnewborn|\bneonat|\bbab(?:y|ies)\b"), (0.0, 2.0)),
)
"""Years of age of groups of people; labels of medicines without prescription count who is 12 among adults."""

_KIDNEY = r"\b(?:e?gfr|crcl|clcr|creatinine clearance|clearance of creatinine|glomerular filtration rate)\b"
_PER_MINUTE = r"ml ?(?:/|per) ?min"
_RATE = rf"(?: ?{_PER_MINUTE}\w*)?"
_CLEARANCE_ASKED = re.compile(rf"{_KIDNEY}[^\d.;?]{{0,30}}{_LOW}\b(?!{_TO_ANY}\d)")
_KIDNEY_MARK = re.compile(rf"{_KIDNEY}|{_PER_MINUTE}")
_OTHER_UNIT = r"(?![.\d]| ?(?:m?c?g\b|m?eq\b|m?mol|%|kg|years?|months?|weeks?|days?|hours?))"
_CLEARANCES = (
    re.compile(rf"{_LOW}{_RATE}{_TO}{_HIGH}{_OTHER_UNIT}"),
    *_bounds(rf"{_RATE} ", rf"\b{_OTHER_UNIT}(?!{_RATE}{_TO_ANY}\d)"),
)

_MASS = r"(?:kgs?|kilos?|lb)\b"
_ASIDE = r"(?: ?\([^()]{1,16}\))?"
"""The same weight in the other unit: "15 kg (33 lb)"."""
_POUNDS = 2.2046
"""Pounds in a kilogram."""
_WEIGHING = r"(?:is|of|at|about|around|only|just|in|already|approximately|roughly|now|weight|body|:)"
_BODY = r"(?:patient|adult|person|man|woman|male|female|teen\w*|adolescent|newborn|neonate)"
_WEIGHT_ASKED = re.compile(
    rf"\bweigh(?:s|ing|ed|t)?\b:?(?: {_WEIGHING}){{0,3}} {_LOW} ?(?P<unit>{_MASS})(?! ?{_TO_ANY}\d)"
    rf"|(?<![\d-]){_HIGH}[ -]?(?P<high_unit>{_MASS}),?(?: \w+){{0,2}} (?:{_RELATIVE}|{_BODY})\b"
    rf"|\b(?:{_RELATIVE}|{_BODY})(?: who)?,?(?: {_WEIGHING}){{0,2}} (?P<is>\d+(?:\.\d+)?) ?(?P<is_unit>{_MASS})"
    rf"|\bat (?P<at>\d+(?:\.\d+)?) ?(?P<at_unit>{_MASS})"
)
_WEIGHTS = (
    re.compile(rf"{_LOW} ?(?P<low_unit>{_MASS})?{_ASIDE}{_TO}{_HIGH} ?(?P<unit>{_MASS})"),
    *_bounds(rf" ?(?P<unit>{_MASS}){_ASIDE},? ", rf" ?(?P<unit>{_MASS})(?!{_ASIDE}{_TO_ANY}\d+(?:\.\d+)? ?{_MASS})"),
)
_DAY_ASKED = re.compile(r"\bon (?:the )?(?:treatment )?day (\d+)\b")
_PERIODS = re.compile(r"\bdays? (?P<low>\d+)(?: ?(?:to|through|and|-) ?(?:day )?(?:(?P<high>\d+)|(?P<on>\w+)))?\)?:")
_WEIGHT_HEAD = re.compile(r"\bweight ?\(?(?:in )?(kg|lb)\b")
_WEIGHT_ROWS = (
    re.compile(rf"{_LOW}{_TO}{_HIGH} ?(?=:)"),
    re.compile(rf"{_LOW} {_UPWARD} ?(?=:)"),
    re.compile(rf"{_UNTIL}{_HIGH} ?(?=:)"),
)
"""What begins the rows of a table whose first column is headed by "weight (kg)"."""

Range = tuple[float, float]
"""From, included, and up to, not included: what is "under 12" ends at it, and what is "6 to 12" just above it."""


@dataclass(frozen=True)
class Person:
    """Whom a question is about."""

    age: float | None = None
    """In years; None where it is not said."""
    clearance: float | None = None
    """Creatinine clearance or filtration rate in mL/min; None where it is not said."""
    weight: float | None = None
    """In kilograms; None where it is not said."""
    day: float | None = None
    """Day of treatment, counted from 1; None where it is not said."""

    def is_left_out(self, text: str) -> bool:
        """Return whether a text is about others: it gives ranges of a measure and none holds this person's."""
        return any(_is_outside(value, found) for value, found in self._ranges(text))

    def is_meant(self, text: str) -> bool:
        """Return whether a text gives a range that holds this person, and none that leaves them out."""
        return not self.is_left_out(text) and any(found for _, found in self._ranges(text))

    def _ranges(self, text: str) -> list[tuple[float, list[Range]]]:
        return [(value, ranges(text)) for value, ranges in self._measures(age_ranges)]

    def _measures(self, of_age: Callable[[str], list[Range]]) -> list[tuple[float, Callable[[str], list[Range]]]]:
        """Return what is said of the person, each with what reads its ranges, what says most of a dose first."""
        told = (
            (self.day, day_ranges),
            (self.clearance, clearance_ranges),
            (self.weight, weight_ranges),
            (self.age, of_age),
        )
        return [(value, ranges) for value, ranges in told if value is not None]

    def width(self, text: str) -> tuple[float, ...] | None:
        """Return how wide the narrowest ranges in numbers are that hold this person; None where none does.

        Of day, clearance, weight and age in this order, so that what says most of a dose comes first; 10000 where a
        text has no such range.
        """
        widths = [_width(value, ranges, text) for value, ranges in self._measures(_numbered_ages)]
        return tuple(widths) if any(width < _NONE for width in widths) and not self.is_left_out(text) else None


NOBODY = Person()
_UNBOUNDED, _NONE = 1000.0, 10000.0


def asks_to_take(question: str) -> bool:
    """Return whether a question asks how much of a medicine somebody may take, or whether at all."""
    return bool(_TAKING_ASKED.search(question.lower()))


def person(question: str) -> Person:
    """Return whom a question is about; what it does not say, or says of two, is None."""
    plain = normal_form(question)
    ages = {
        float(match["low"] or match["high"] or match["is"] or match["of"])
        / _IN_A_YEAR[(match["unit"] or match["age_unit"] or match["is_unit"] or match["of_unit"] or "y")[0]]
        for match in _AGE_ASKED.finditer(plain)
    }
    rates = {float(match["low"]) for match in _CLEARANCE_ASKED.finditer(plain)}
    weights = {
        _kilograms(
            float(match["low"] or match["high"] or match["is"] or match["at"]),
            match["unit"] or match["high_unit"] or match["is_unit"] or match["at_unit"],
        )
        for match in _WEIGHT_ASKED.finditer(plain)
    }
    days = {float(match[1]) for match in _DAY_ASKED.finditer(plain)}
    return Person(*(found.pop() if len(found) == 1 else None for found in (ages, rates, weights, days)))


def age_ranges(text: str) -> list[Range]:
    """Return the years of age that a text speaks of: its numbers, or what its groups of people have."""
    plain = normal_form(text)
    groups = [years for pattern, years in _GROUPS if pattern.search(plain)]
    found = _numbered_ages(text)
    return found + [years for years in groups if math.isinf(years[1])] if found else groups


def _numbered_ages(text: str) -> list[Range]:
    return _all_spans(normal_form(text), _AGES, _AGE_MARK)


def clearance_ranges(text: str) -> list[Range]:
    """Return the ranges of creatinine clearance that a text speaks of, in mL/min."""
    return _all_spans(normal_form(text), _CLEARANCES, _KIDNEY_MARK)


def weight_ranges(text: str) -> list[Range]:
    """Return the ranges of body weight that a text speaks of, in kilograms."""
    plain = normal_form(text)
    found = [
        (_kilograms(low, parts.get("low_unit") or parts["unit"]), _kilograms(high, parts["unit"]))
        for low, high, parts in _ends(plain, _WEIGHTS)
    ]
    if head := _WEIGHT_HEAD.search(plain):
        rows = _ends(plain[head.end() :], _WEIGHT_ROWS)
        found += [(_kilograms(low, head[1]), _kilograms(high, head[1])) for low, high, _ in rows]
    return found


def day_ranges(text: str) -> list[Range]:
    """Return the days of treatment that the labels of a text name: "Days 4 to 6:", "Day 10 to maintenance:"."""
    found: list[Range] = []
    for match in _PERIODS.finditer(normal_form(text)):
        last = float(match["high"] or (math.inf if match["on"] else match["low"]))
        found.append((float(match["low"]), math.nextafter(last, math.inf)))
    return found


def _kilograms(value: float, unit: str) -> float:
    return value / _POUNDS if unit.startswith("l") else value


def _all_spans(text: str, patterns: tuple[re.Pattern[str], ...], mark: re.Pattern[str]) -> list[Range]:
    """Return every range of a text that has one near a mark: the rows of a table say what is counted once."""
    is_about_it = any(True for _ in _spans(text, patterns, mark))
    return list(_spans(text, patterns)) if is_about_it else []


def _spans(text: str, patterns: tuple[re.Pattern[str], ...], mark: re.Pattern[str] | None = None) -> Iterator[Range]:
    """Yield the ranges that patterns find, near a mark where one is given; in years where they have units of time."""
    for low, high, parts in _ends(text, patterns, mark):
        unit = parts.get("unit") or "y"
        yield low / _IN_A_YEAR[(parts.get("low_unit") or unit)[0]], high / _IN_A_YEAR[unit[0]]


def _ends(
    text: str, patterns: tuple[re.Pattern[str], ...], mark: re.Pattern[str] | None = None
) -> Iterator[tuple[float, float, dict[str, str]]]:
    """Yield both ends of what patterns find, near a mark where one is given, and the groups that were matched."""
    for match in (match for pattern in patterns for match in pattern.finditer(text)):
        around = text[max(0, match.start() - _AROUND) : match.end() + _AROUND // 4]
        if mark is None or mark.search(around):
            parts = {name: found for name, found in match.groupdict().items() if found}
            high = float(parts.get("high") or math.inf)
            yield float(parts.get("low") or 0), high if "open" in parts else math.nextafter(high, math.inf), parts


def _width(value: float, ranges: Callable[[str], list[Range]], text: str) -> float:
    return min(
        (min(high - low, _UNBOUNDED) for low, high in ranges(text) if low <= value < high),
        default=_NONE,
    )


def _is_outside(value: float, ranges: list[Range]) -> bool:
    return bool(ranges) and not any(low <= value < high for low, high in ranges)
