"""Quantities in sentences, normalised so that differently worded ones compare equal.

"1,200 mg" and "1.2 g", "twice a day" and "every 12 hours", "six weeks" and "42 days" are
the same quantity; "20 to 40 mg" holds two. Only quantities are read, never their meaning.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

COUNTS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
NUMBER_WORDS = {word: n for n, word in enumerate(re.findall(r"\w+", COUNTS), 1)} | {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "sixty": 60,
    "ninety": 90,
}

UNITS: tuple[tuple[str, str, float], ...] = (
    # pattern, canonical unit, factor; the first that matches counts, so compounds stand before their parts
    (r"kg\s*/\s*m\s*2", "kg/m2", 1),
    (r"m(?:l|illiliters?)\s*(?:/|per\s+)\s*(?:min(?:utes?)?|m)", "mL/min", 1),
    (r"(?:beats?\s*(?:/|per)\s*min(?:ute)?|bpm)", "beats/min", 1),
    (r"(?:mm|millimeters?)\s*(?:of\s+)?hg", "mmHg", 1),
    (r"million\s+(?:international\s+)?units?", "units", 1e6),
    (r"(?:(?:international|usp|insulin)\s+)?units?|i\.?u\.?", "units", 1),
    (r"m(?:illi)?eq(?:uivalents?)?", "mEq", 1),
    (r"m(?:illi)?mol(?:es?)?", "mmol", 1),
    (r"nanograms?|ng", "mcg", 1e-3),
    (r"micrograms?|mcg|[uμ]g", "mcg", 1),
    (r"milligrams?|mgs?\.?", "mcg", 1e3),
    (r"kilograms?|kgs?", "kg", 1),
    (r"grams?|gms?\.?|g", "mcg", 1e6),
    (r"pounds?|lbs?", "lb", 1),
    (r"milliliters?|mls?|cc", "mL", 1),
    (r"liters?|l", "mL", 1e3),
    (r"(?:fluid\s+)?(?:ounces?|oz)", "oz", 1),
    (r"teaspoon(?:s|ful|fuls)?|tsp", "teaspoon", 1),
    (r"tablespoon(?:s|ful|fuls)?|tbsp", "tablespoon", 1),
    (r"°?\s*(?:degrees?\s*)?c(?:elsius)?", "°C", 1),
    (r"°?\s*(?:degrees?\s*)?f(?:ahrenheit)?", "°F", 1),
    (r"%|percent|per\s+cent", "%", 1),
    (r"seconds?|secs?", "minutes", 1 / 60),
    (r"minutes?|mins?", "minutes", 1),
    (r"hours?|hrs?|h", "minutes", 60),
    (r"days?", "minutes", 1440),
    (r"weeks?|wks?", "minutes", 10080),
    (r"months?|mos?", "months", 1),
    (r"years?|yrs?", "months", 12),
    (r"tablets?|tabs?|caplets?", "tablets", 1),
    (r"capsules?|caps?|softgels?", "capsules", 1),
    (r"inhalations?|puffs?|actuations?", "inhalations", 1),
    (r"sprays?", "sprays", 1),
    (r"drops?", "drops", 1),
    (r"patch(?:es)?", "patches", 1),
    (r"(?:divided\s+|equal\s+|equally\s+divided\s+|daily\s+)*doses?", "doses", 1),
    (r"(?:alcoholic\s+)?drinks?", "drinks", 1),
    (r"times|fold", "times", 1),
)
ADJECTIVES = r"(?:(?:or\s+more|more|full|whole|oral|separate|consecutive|successive|calendar|additional|chewable)\s+)*"
NUMBER = r"(?:\d+(?:\.\d+)?|\.\d+)~?"
BETWEEN = r"\s*°?\s*(?:,\s*or|,\s*and|,|to\s+(?:less\s+than|under|below)|to|or|and|through|up\s+to|/|-)\s*"
NUMBERS = rf"(?:{NUMBER})(?:{BETWEEN}{NUMBER})*"
PER_KG = r"(?:\s+of\s+[a-z]+)?(?P<per>\s*(?:/|per|for\s+(?:each|every))\s*(?:kg|kilogram|m\s*2))"
UNIT = "|".join(f"(?P<u{n}>{pattern})" for n, (pattern, _, _) in enumerate(UNITS))
QUANTITY = re.compile(
    rf"(?P<age>\b(?:ages?|aged|over|under|than|weeks?|days?)\s+(?:of\s+)?)?(?<![a-z0-9.\-])(?P<numbers>{NUMBERS})"
    rf"(?:\s*{ADJECTIVES}(?:{UNIT})(?![a-z])(?:{PER_KG})?)?"
)
OLDER = re.compile(r"\s*(?:and|or|years)\s+(?:over|older|above)")
COUNTED_TIMES = re.compile(rf"({NUMBERS})\s*times?[\s-]*(?:(?:a|per|each|every|/)[\s-]*)?(day|daily|week|month)")
EVERY_HOURS = re.compile(rf"(?:every|q)[\s.-]*({NUMBERS})[\s-]*h(?:ou)?r?s?\b")
DAILY = re.compile(
    r"daily|(?:\b(?:a|per|each|every|once|one)|/)[\s-]*day\b|bedtime|nightly|(?:every|each|the) (?:morn|even|nigh)"
)
WEEKLY = re.compile(r"weekly|(?:\b(?:a|per|each|every|one)|/)[\s-]*week\b")
# "25 mg to 50 mg per kg" speaks of both numbers.
RANGE_PER_KG = re.compile(
    rf"({NUMBER})\s*(mg|mcg|g|units|ml)(?: of [a-z]+)?\s+(to|or|and)\s+"
    rf"(?={NUMBER}\s*(?:(?:to|or)\s+{NUMBER}\s*)?\2{PER_KG})"
)
ALTERNATE = re.compile(r"every\s+other\s+day|alternate\s+days?|alternating\s+days?|every\s+second\s+day")
LATIN = (
    (r"\bb\.?\s?i\.?d\b", "2 times a day"),
    (r"\bt\.?\s?i\.?d\b", "3 times a day"),
    (r"\bq\.?i\.?d\b", "4 times a day"),
)
HEADER_UNIT = re.compile(
    rf"\((?:in\s+|as\s+)?(?:{UNIT})(?P<per>/kg)?(?:\s*(?:/|per|once|twice|a)?\s*(?:day|daily|dose))?\)"
)


@dataclass(frozen=True)
class Quantity:
    """A number with its unit in canonical form; equal ones state the same."""

    value: str
    """The number in the canonical unit, six significant digits."""
    unit: str
    """Canonical unit, "a day" and "a week" for frequencies, empty for a bare number."""


@dataclass(frozen=True)
class Mention:
    """A quantity and the words in which a sentence gives it."""

    quantity: Quantity
    words: str
    """Number and unit as written, for the report."""


def plain(text: str) -> str:
    """Return lower-case text in which numbers, dashes and abbreviations have one form."""
    text = html.unescape(text).replace("º", "°").replace("˚", "°").replace("½", "0.5")
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub(r"\s+", " ", re.sub(r"[\u2010-\u2015\u2212]", "-", text))
    text = re.sub(r"1-8\d\d-[\w-]+|/\s*1\.73\s*m\s*(?:2|²|\^2)?", " ", text)
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    text = re.sub(r"(\d) 1/2\b", r"\1.5", text)
    text = re.sub(r"(?<![\d/])1/2\b", "0.5", text)
    text = re.sub(r"\b(?:one[- ])?half(?: of)?(?: an?)?(?= (?:to|hour|tablet|dose|day|teaspoon))", "0.5", text)
    text = re.sub(r"\b(" + "|".join(NUMBER_WORDS) + r")\b", lambda found: f"{NUMBER_WORDS[found[1]]}~", text)
    text = re.sub(
        r"\bonce\b(?= ?-?(?:an?|per|every|each|in|daily|weekly|monthly|week|month)\b)",
        "1~ times",
        re.sub(r"\btwice\b", "2~ times", re.sub(r"\bthrice\b", "3~ times", text)),
    )
    text = re.sub(r"\b(for|after|within|in) an?(?= (?:hour|day|week|month|year)\b)", r"\1 1~", text)
    for pattern, words in LATIN:
        text = re.sub(pattern, words, text)
    text = re.sub(r"(?<=\d)(~?)\s*(°?)\s*-\s*(?=[\d.])", r"\1\2 to ", text)
    text = re.sub(r"(?<=\d)(~?)-(?=[a-z])", r"\1 ", text)
    for _ in range(3):
        text = RANGE_PER_KG.sub(
            lambda found: f"{found[1]} {found[2]}{found['per'].replace('per', '/')} {found[3]} ", text
        )
    return text


def stated_quantities(sentence: str) -> list[Mention]:
    """Return each quantity that a sentence states, in the order of the sentence."""
    text = plain(sentence)
    found = list(_frequencies(text))
    for start, end, _ in found:
        text = text[:start] + " " * (end - start) + text[end:]
    mentions = [mention for _, _, mentions in found for mention in mentions]
    return mentions + [mention for mention in _quantities(text) if not _is_designation(text, mention)]


def known_quantities(section: str) -> set[Quantity]:
    """Return every quantity of a section of reference text, read generously."""
    text = plain(section)
    known = {mention.quantity for mention in _quantities(text)}
    known |= {mention.quantity for _, _, mentions in _frequencies(text) for mention in mentions}
    known |= {Quantity("1", unit) for unit, pattern in (("a day", DAILY), ("a week", WEEKLY)) if pattern.search(text)}
    # In a table the unit stands in the header, "(mg/day)", and the cells are bare numbers.
    bare = [float(quantity.value) for quantity in known if not quantity.unit]
    headers = [_unit_of(found) for found in HEADER_UNIT.finditer(text)]
    return known | {Quantity(f"{value * factor:.6g}", unit) for unit, factor in headers for value in bare}


def agrees(quantity: Quantity, known: set[Quantity]) -> bool:
    """Return whether reference quantities hold this one, or one that means the same."""
    same = {quantity}
    if quantity.unit == "doses":
        same.add(Quantity(quantity.value, "a day"))
    if quantity.unit == "a day":
        same.add(Quantity(quantity.value, "doses"))
    if not quantity.unit:
        return any(quantity.value == other.value for other in known)
    return bool(same & known)


def _frequencies(text: str) -> Iterator[tuple[int, int, list[Mention]]]:
    for found in COUNTED_TIMES.finditer(text):
        unit = {"day": "a day", "daily": "a day", "week": "a week", "month": "a month"}[found[2]]
        yield found.start(), found.end(), [_mention(value, unit, found[0]) for value in _values(found[1])]
    for found in EVERY_HOURS.finditer(text):
        yield found.start(), found.end(), [_mention(24 / v, "a day", found[0]) for v in _values(found[1]) if v]
    for found in ALTERNATE.finditer(text):
        yield found.start(), found.end(), [_mention(0.5, "a day", found[0])]


def _quantities(text: str) -> Iterator[Mention]:
    for found in QUANTITY.finditer(text):
        unit, factor = _unit_of(found)
        if not unit and (found["age"] or OLDER.match(text, found.end())):
            unit, factor = {"w": ("minutes", 10080.0), "d": ("minutes", 1440.0)}.get(
                (found["age"] or "a")[0], ("months", 12.0)
            )
        for number in re.findall(NUMBER, found["numbers"]):
            if unit or not number.endswith("~"):
                yield _mention(float(number.rstrip("~")) * factor, unit, found[0].removeprefix(found["age"] or ""))


def _unit_of(found: re.Match[str]) -> tuple[str, float]:
    for n, (_, unit, factor) in enumerate(UNITS):
        if found[f"u{n}"]:
            per = found["per"] or ""
            return unit + ("/kg" if "k" in per else "/m2" if "2" in per else ""), factor
    return "", 1.0


def _values(numbers: str) -> list[float]:
    return [float(number.rstrip("~")) for number in re.findall(NUMBER, numbers)]


def _mention(value: float, unit: str, words: str) -> Mention:
    return Mention(Quantity(f"{value:.6g}", unit), words.replace("~", "").strip())


def _is_designation(text: str, mention: Mention) -> bool:
    """Return whether a bare number is part of a name, such as "type 2 diabetes"."""
    return not mention.quantity.unit and bool(
        re.search(
            rf"(?:type|types|class|stage|phase|vitamin|factor|hiv|beta|omega|ph)[\s-]+{re.escape(mention.words)}", text
        )
    )
