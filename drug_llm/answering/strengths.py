"""Which strength of a product a question names, and whether a text stands below the label of another one."""

from __future__ import annotations

import re
from collections.abc import Collection

from drug_llm.answering.label_kinds import STRENGTH
from drug_llm.answering.scope import leading
from drug_llm.claims.normal_form import normal_form

Strength = tuple[float, ...]
"""Amounts of the ingredients in one piece of a product, in the order of its name."""

_UNIT = r"(?:mg|mcg|g|gm|percent|units?|iu)(?![a-z/])"
_NUMBER = r"\d+(?:\.\d+)?"
_PAIR = rf"(?<![\d./]){_NUMBER} ?(?:{_UNIT.replace('/', '')})?(?: ?/ ?{_NUMBER}(?![\d.]| ?m?l\b) ?(?:{_UNIT})?)+"
_ONE = rf"(?<![\d./-]){_NUMBER} ?{_UNIT}"
_FORM = (
    r"(?:(?:strength|extended|immediate|delayed|release|film|coated|oral|vaginal|nasal|chewable|size|dose|er|xr|xl|sr"
    r"|ir|single)[ -]){0,3}(?:strengths?|tab(?:let)?s?|caplets?|cap(?:sule)?s?|pills?|patch(?:es)?|suppositor(?:y|ies)"
    r"|vials?|pens?|films?|lozenges?)\b"
)
_AMOUNTS = re.compile(rf"{_PAIR}|{_ONE}")
_FIGURE = re.compile(_NUMBER)


def asked_strengths(question: str, names: Collection[str]) -> frozenset[Strength]:
    """Return the strengths that a question names as those of a product: "the 500 mg tablets", "X 5/325".

    An amount that is taken, as in "500 mg of X twice a day", is none. `names` are those of the drug.
    """
    plain = normal_form(question)
    own = "|".join(sorted((re.escape(word) for name in names for word in name.lower().split()), key=len, reverse=True))
    behind = rf"(?:(?<=\s)|^)(?:{own}),? (?:tab(?:let)?s? |capsules? )?" if own else r"(?!)"
    patterns = (
        rf"(?P<of>{_PAIR}|{_ONE})[ -]?{_FORM}",
        rf"(?:tab(?:let)?s?|capsules?|pills?|caplets?) of (?P<of>{_PAIR}|{_ONE})",
        rf"{behind}(?P<of>{_PAIR})",
        rf"{behind}(?P<of>{_ONE})(?= ?(?:[?.,;!]|$))",
        rf"(?P<of>(?<![\d./]){_NUMBER} ?(?:mg|mcg) ?/ ?{_NUMBER} ?(?:mg|mcg)(?![a-z/]))",
    )
    return frozenset(_amounts(found["of"]) for pattern in patterns for found in re.finditer(pattern, plain))


def is_of_other_strength(text: str, asked: Collection[Strength]) -> bool:
    """Return whether a text begins with the label of a strength, and of none that is asked about."""
    if not asked:
        return False
    told = [_amounts(found[0]) for label in leading(text, STRENGTH) for found in _AMOUNTS.finditer(normal_form(label))]
    return bool(told) and not any(_is_same(one, other) for one in asked for other in told)


def _amounts(text: str) -> Strength:
    return tuple(float(figure) for figure in _FIGURE.findall(text))


def _is_same(asked: Strength, told: Strength) -> bool:
    return asked == told or (len(asked) == 1 and asked[0] in told)
