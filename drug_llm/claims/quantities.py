"""The numbers of a text: what they count, and whether they are a bound."""

# Tables of patterns: a row broken in two is harder to read than a long one.
# ruff: noqa: E501
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from drug_llm.claims.words import Token

_MASS = {"ng": Decimal("0.001"), "mcg": Decimal(1), "mg": Decimal(1000), "g": Decimal(1_000_000)}
_UNITS = {
    "kg": "kg", "lb": "lb", "ml": "ml", "l": "l", "dl": "dl", "iu": "iu", "unit": "unit", "percent": "percent",
    "hour": "hour", "h": "hour", "day": "day", "week": "week", "month": "month", "year": "year", "minut": "minute",
    "min": "minute", "second": "second", "sec": "second", "mmhg": "mmhg", "meq": "meq", "mmol": "mmol", "m2": "m2",
    "m": "m", "cm": "cm", "mm": "mm", "mm3": "mm3", "mm2": "mm2", "tablet": "tablet", "capsul": "capsule",
    "drop": "drop", "puff": "puff", "spray": "spray", "actuat": "actuation", "dos": "dose", "tim": "time",
    "fold": "fold", "degreesc": "degreesc", "degreesf": "degreesf", "msec": "ms", "ms": "ms", "trimester": "trimester",
    "patch": "patch", "pm": "pm", "am": "am", "ounc": "ounce", "oz": "ounce", "teaspoon": "teaspoon",
    "tablespoon": "tablespoon", "kcal": "kcal", "cell": "cell", "gauge": "gauge", "nanogram": "ng", "micromol": "umol",
    "umol": "umol", "mci": "mci", "bpm": "bpm", "vial": "vial", "inhalat": "inhalation",
}  # fmt: skip
_LABELLED = frozenset(
    [
        "typ",
        "phas",
        "stag",
        "class",
        "grad",
        "step",
        "version",
        "section",
        "figur",
        "tabl",
        "cyp",
        "part",
        "study",
        "stud",
        "cycl",
    ]
)
_WORD = r"(?: (?!unless\b|until\b|if\b|when\b)[a-z]\w*)"
_BEFORE = (
    (re.compile(r"(?:more|greater|longer|higher) than (?:the )?maximum(?: [a-z]\w*){0,3} of$"), "above"),
    (re.compile(rf"(?:not|never|no|avoid|without)\b{_WORD}{{0,5}} (?:exceed\w*|more than|greater than|above|over|beyond|longer than|higher than){_WORD}{{0,4}}$"), "cap"),
    (re.compile(r"(?:not|never|no) (?:less|fewer|lower|earlier|sooner|younger) than(?: \w+)?$"), "floor"),
    (re.compile(r"(?:at least|(?:a )?minimum(?: \w+){0,3}? of|at or above|no sooner than)(?: [a-z]\w*)?$"), "floor"),
    (re.compile(r"(?:at most|up to|(?:a )?maximum(?: [a-z]\w*){0,4}?(?: of| is| to| :| =)?|max|at or below|limit\w*(?: [a-z]\w*){0,6} to)(?: (?:a|an|the|total|of|about))*$"), "cap"),
    (re.compile(r"(?:less|fewer|lower|younger|shorter|smaller|earlier|lighter) than(?: or equal to)?(?: [a-z]\w*)?$|(?:below|under)(?: (?:the )?age(?: of)?| age)?$"), "below"),
    (re.compile(r"(?:more|greater|higher|older|longer|larger|later|heavier) than(?: or equal to)?(?: [a-z]\w*)?$|(?:above|over|exceed\w*|beyond)(?: (?:the )?(?:age|dose|doses)(?: of)?)?$"), "above"),
    (re.compile(r"\bwithin(?: the first| the last)?$"), "within"),
)  # fmt: skip
_AFTER_EXCEEDED = re.compile(r"^(?:[a-z]\w* ){0,3}(?:should|must|may|can|is) not (?:to )?be exceeded\b")
_AFTER_FLOOR = re.compile(
    r"^(?:of age |old |of gestation )?,? ?(?:and|or) (?:older|above|over|more(?! (?:often|frequent|than|severe|common))|greater(?! than)|higher|up(?! to)|upward|upwards|longer|later|heavier)\b"
)
_AFTER_CAP = re.compile(r"^(?:of age |old )?,? ?(?:and|or) (?:younger|below|under|less|lower|fewer|shorter|earlier)\b")
UPWARD = frozenset({"floor", "above"})
"""Bounds from below."""


@dataclass(frozen=True)
class Quantity:
    """A number of a text with its unit."""

    value: str
    """The number in its shortest form, a mass in micrograms."""
    unit: str
    """What is counted: a unit, a noun such as `tablet`, or "" where the text leaves it open."""
    bound: str
    """`floor`, `above`, `cap`, `below`, `within`, or "" for a plain number."""
    at: int
    """Place of its token."""
    shown: str
    """The number and unit as they stand, for messages."""

    def fits(self, other: Quantity) -> bool:
        """Return whether the two are the same quantity, apart from their bounds."""
        # "Each vial contains 2.5 g" of "2.5 g/50 mL".
        same = self.unit == other.unit or re.match(rf"{re.escape(self.unit)}/\d", other.unit)
        return self.value == other.value and bool(same)

    def agrees(self, other: Quantity) -> bool:
        """Return whether the bounds say the same, or the other one's says more."""
        if self.bound == other.bound:
            return True
        return {self.bound, other.bound} in ({"floor", "above"}, {"cap", "within"}, {"cap", "below"})


def quantities(tokens: Sequence[Token]) -> tuple[Quantity, ...]:
    """Return the quantities among tokens; in "5, 10 or 20 mg" each number gets the unit of the last."""
    numbers = [at for at, token in enumerate(tokens) if token.kind == "number"]
    found: list[Quantity] = []
    for at in reversed(numbers):
        unit, end = _unit(tokens, at)
        if not unit and found and _is_list(tokens[at + 1 : found[-1].at]):
            unit, end = found[-1].unit, at + 1
            if unit in _MASS:
                end = at + 1
        base = unit.split("/")[0]
        value = Decimal(tokens[at].text)
        if base in _MASS:
            value, unit = value * _MASS[base], "/".join(["mass", *unit.split("/")[1:]])
        elif base == "mass":
            value *= _mass_factor(tokens, at)
        shown = " ".join(token.text for token in tokens[at : max(end, at + 1)])
        found.append(Quantity(_shortest(value), unit, _bound(tokens, at, end), at, shown))
    return tuple(found[::-1])


def _shortest(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _mass_factor(tokens: Sequence[Token], at: int) -> Decimal:
    return next((_MASS[token.text] for token in tokens[at:] if token.text in _MASS), Decimal(1))


def _is_list(between: Sequence[Token]) -> bool:
    return len(between) <= 3 and all(
        t.text in {"to", "or", "and", ",", "up", "x", "then", "through", "against", "versus", "vs"} for t in between
    )


def _unit(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    """Return the unit after a number, with what it is taken per, and where it ends."""
    if at and tokens[at - 1].keys & _LABELLED:
        return "#" + min(tokens[at - 1].keys & _LABELLED), at + 1
    after = at + 1
    if after < len(tokens) and tokens[after].text == "x" and after + 1 < len(tokens):
        return "power", after + 1
    name = _unit_name(tokens, after)
    if not name:
        return "", at + 1
    parts, end = [name], after + 1
    if [token.text for token in tokens[end : end + 1]] == ["of"] and [t.text for t in tokens[end + 2 : end + 3]] == [
        "per"
    ]:
        # "200 mcg of the drug per kg".
        end += 2
    while end + 1 < len(tokens) and tokens[end].text in {"/", "per"}:
        step = 2 if tokens[end + 1].kind == "number" and end + 2 < len(tokens) else 1
        per = _unit_name(tokens, end + step)
        if not per:
            break
        parts.append((tokens[end + 1].text if step == 2 else "") + per)
        end += step + 1
    return "/".join(parts), end


def _unit_name(tokens: Sequence[Token], at: int) -> str:
    if at >= len(tokens) or tokens[at].kind != "word":
        return ""
    if tokens[at].text in _MASS:
        return tokens[at].text
    return next((_UNITS[key] for key in sorted(tokens[at].keys) if key in _UNITS), "")


def _bound(tokens: Sequence[Token], at: int, end: int) -> str:
    after = " ".join(token.text for token in tokens[end : end + 6])
    if _AFTER_FLOOR.match(after):
        return "floor"
    if _AFTER_CAP.match(after) or _AFTER_EXCEEDED.match(" ".join(token.text for token in tokens[end : end + 9])):
        return "cap"
    before = " ".join(token.text for token in tokens[max(0, at - 12) : at])
    return next((bound for pattern, bound in _BEFORE if pattern.search(before)), "")
