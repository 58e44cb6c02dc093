"""One spelling for numbers, units and frequencies, so that texts can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
} | {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90"}
_COUNTED = (
    r"(?:divided|equal|daily|weekly|separate|consecutive|single|full|oral|metered|additional|"
    r"times?|hours?|days?|weeks?|months?|years?|minutes?|seconds?|tablets?|capsules?|doses?|drops?|puffs?|sprays?|"
    r"inhalations?|actuations?|mg|mcg|g|grams?|milligrams?|ml|milliliters?|units?|percent|fold|teaspoons?|"
    r"tablespoons?|patch|patches|injections?|infusions?|cycles?|courses?|servings?|drinks?|cups?|trimesters?)"
)
_N = r"(\d+(?:\.\d+)?(?:(?:-| to | or )\d+(?:\.\d+)?)?)"
_PERIOD = r"(hour|day|week|month|year)s?"
_SYMBOLS = {
    "\u2013": "-", "\u2014": " , ", "\u2012": "-", "\u2011": "-", "\u2212": "-", "\u2019": "'", "\u2018": "'",
    "\u201c": '"', "\u201d": '"', "\u00b5g": "mcg", "\u03bcg": "mcg", "\u00b5": "u", "\u03bc": "u", "\u00a0": " ",
    "\u2265": " at least ", "\u2264": " at most ", "\u00d7": " x ", "\u00b0": " degrees ", "\u2022": "- ",
    "\u00ae": "", "\u2122": "", "\u00b2": "2", "\u00bd": ".5", "\u2009": " ", "\u202f": " ", "\u03b1": "alpha",
    "\u03b2": "beta", ">=": " at least ", "<=": " at most ", ">": " more than ", "<": " less than ",
}  # fmt: skip
_REPLACEMENTS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"\[see [^\]]*\]|\(see [^)]*\)", ""),
    (r"(?<=\d),(?=\d{3}\b)", ""),
    (r"\bfold\b|(?<=\d)-?fold\b", " fold"),
    (r"(?<=\d)(mg|mcg|g|kg|ml|l|iu|mm|cm|h|hr|hrs|%)(?![a-z0-9])", r" \1"),
    (r"%|\bper cent\b", " percent "),
    (r"\bcan(?:'t|not)\b", "can not"),
    (r"\bwon't\b", "will not"),
    (r"n't\b", " not"),
    (r"\bin order to\b", "to"),
    (r"\b(?:the|these|of) following\b", "these"),
    (r"\bchild[- ]pugh\b", "childpugh"),
    (r"\blactated ringer", "lactatedringer"),
    (r"(?<=\d)\^(?=\d)", "e"),
    (r"'s\b|s'(?= )", "s"),
    (r"\b(b\.?i\.?d\.?)(?![a-z])", "twice daily"),
    (r"\b(t\.?i\.?d\.?)(?![a-z])", "three times daily"),
    (r"\b(q\.?i\.?d\.?)(?![a-z])", "four times daily"),
    (r"\bq\.?d\.?(?![a-z])", "once daily"),
    (r"\bq ?(\d+) ?h(?:ours?|rs?)?\b", r"every \1 hours"),
    (r"\b(non|anti|pre|post|co|re|un)-(?=[a-z])", lambda m: "non " if m[1] == "non" else m[1] + " "),
    (r"(?<=[a-z])-(?=[a-z0-9])|(?<=\d)-(?=[a-z])", " "),
    (r"\bhalf (?:a |an |of a |of the )?(?=tablet|teaspoon|dose)", "0.5 "),
    (r"\btwice\b", "2 times"),
    (r"\bthrice\b", "3 times"),
    (r"\bonce (?=(?:a|per|each|every|daily|weekly|monthly|yearly|in|at night|nightly))", "1 times "),
    (r"\b1 time (?=(?:a|per|each|every|daily|weekly))", "1 times "),
    (r"\b(hourly|weekly|monthly|yearly|annually)\b",
     lambda m: {"hourly": "every 1 hour", "weekly": "every week", "monthly": "every month"}.get(m[1], "every year")),
    (r"\bevery other " + _PERIOD, r" freq_e2_\1 "),
    (r"\bevery (second|third) " + _PERIOD, lambda m: f" freq_e{2 if m[1] == 'second' else 3}_{m[2]} "),
    (_N + r" times? ?(?:a |per |each |every |in a |in each )?" + r"(?:daily|freq_d_day)", r" freq_\1_day "),
    (_N + r" times? ?(?:a|per|each|every|in a|/) ?" + _PERIOD, r" freq_\1_\2 "),
    (_N + r" times? every " + _N + " " + _PERIOD, r" freq_\1per\2_\3 "),
    (r"\bevery " + _N + " " + _PERIOD, r" freq_e\1_\2 "),
    (r"\b(?:every|each|per|a|/) ?24 hours?\b", " freq_d_day "),
    (r"\b(?:every|each|per) " + _PERIOD + r"\b", r" freq_d_\1 "),
    (r"(?<=[a-z0-9]) an? " + _PERIOD + r"\b(?! (?:of|old|after|before|or|later))", r" freq_d_\1 "),
    (r"(?<=[a-z0-9)]) ?/ ?(day|week|d|wk)\b", lambda m: f" freq_d_{'day' if m[1][0] == 'd' else 'week'} "),
    (r"\b(?:once )?daily\b", " freq_d_day "),
    (r"\bfreq_1per(?=\d)", "freq_e"),
    (r"\bfreq_1_week\b|\bfreq_e1_week\b", "freq_d_week"),
    (r"\bfreq_1_month\b|\bfreq_e1_month\b", "freq_d_month"),
    (r"\bfreq_e1_day\b", "freq_1_day"),
    (r"\bfreq_1_year\b", "freq_d_year"),
    (r"\b(microgram|ug)s?\b", "mcg"),
    (r"\bmilligrams?\b", "mg"),
    (r"\bgrams?\b|\bgm\b", "g"),
    (r"\bkilograms?\b", "kg"),
    (r"\bmillilit(?:er|re)s?\b", "ml"),
    (r"\blit(?:er|re)s?\b", "l"),
    (r"\binternational units?\b", "iu"),
    (r"\bhrs?\b", "hours"),
    (r"\bmins?\b", "minutes"),
    (r"\byrs?\b", "years"),
    (r"\bpounds?\b|\blbs\b", "lb"),
    (r"\bdegrees? ([cf])\b", r"degrees\1"),
    (r"\bdegrees? celsius\b", "degreesc"),
    (r"\bdegrees? fahrenheit\b", "degreesf"),
)  # fmt: skip
_COMPILED = [(re.compile(pattern), instead) for pattern, instead in _REPLACEMENTS]
_SEVERAL = "|".join(word for word in NUMBER_WORDS if word not in {"one", "zero"})
# "One" is a number only before what it counts.
_NUMBER_WORD = re.compile(rf"\b({_SEVERAL})\b|\b(one)(?=[ -]{_COUNTED}\b|(?: or | to |-)(?:{_SEVERAL}|\d))")
_SPACED_FREQUENCY = re.compile(r"freq_e?\d[\d.]*(?: to | or )\d[^ ]*")
_SYMBOL = re.compile("|".join(re.escape(symbol) for symbol in _SYMBOLS))


@lru_cache(maxsize=8192)
def normal_form(text: str) -> str:
    """Return a text in lower case with one spelling for numbers, units and frequencies; line breaks are kept.

    "Twice daily", "2 times a day" and "b.i.d." become the atom `freq_2_day`, "every 12 hours" `freq_e12_hour`, and
    "daily" `freq_d_day`, which leaves open how often in the day.
    """
    text = _SYMBOL.sub(lambda match: _SYMBOLS[match[0]], text.lower())
    text = _NUMBER_WORD.sub(lambda match: NUMBER_WORDS[match[1] or match[2]], text)
    for pattern, instead in _COMPILED:
        text = pattern.sub(instead, text)
    text = _SPACED_FREQUENCY.sub(lambda match: re.sub(r" to ", "-", match[0]).replace(" or ", "|"), text)
    return re.sub(r"[^\S\n]+", " ", text).strip()
