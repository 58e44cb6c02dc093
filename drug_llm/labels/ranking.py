"""Which sections answer a query best: BM25 over the sections of a few labels.

FTS5's own `bm25()` counts every matching row of the whole store, which takes longer than looking
through the labels of one drug. Robertson and Zaragoza, "The Probabilistic Relevance Framework:
BM25 and Beyond" (2009), with its usual k1 and b.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

_K1, _B = 1.2, 0.75
_TITLE_WEIGHT = 3
_MIN_STEM = 4
_WORD = re.compile(r"[^\W_]+")
_ENDINGS = ("ations", "ation", "ings", "ing", "ions", "ion", "ies", "ive", "ed", "es", "s", "y", "e")
_STOP_WORDS_LISTED = (
    "a an and are as at be can could do does for from have how i if in is it may me my of on or should "
    "take taking than that the their them there this to was what when where which while who why will with "
    "would you your"
)
_STOP_WORDS = frozenset(_STOP_WORDS_LISTED.split())
MAX_TERMS = 32


def query_terms(query: str) -> list[str]:
    """Return the words of a query that carry meaning, in lower case; all of them when none does."""
    words = list(dict.fromkeys(word.lower() for word in _WORD.findall(query)))
    return [word for word in words if word not in _STOP_WORDS][:MAX_TERMS] or words[:MAX_TERMS]


def stem(word: str) -> str:
    """Return the start of a word that its other forms share, such as "interact" for "interactions"."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM:
            return word[: -len(ending)]
    return word


def rank(query: str, passages: Sequence[tuple[str, str]]) -> list[tuple[float, int]]:
    """Return (score, place) of the (title, text) pairs that hold a word of the query, best first."""
    stems = list(dict.fromkeys(map(stem, query_terms(query))))
    if not stems or not passages:
        return []
    counts = [_counts(stems, title, text) for title, text in passages]
    found = [sum(1 for row in counts if row[column]) for column in range(len(stems))]
    weights = [math.log(1 + (len(passages) - n + 0.5) / (n + 0.5)) for n in found]
    mean = sum(len(text) for _, text in passages) / len(passages) or 1.0
    scored = []
    for place, row in enumerate(counts):
        length = _K1 * (1 - _B + _B * len(passages[place][1]) / mean)
        score = sum(weight * n * (_K1 + 1) / (n + length) for weight, n in zip(weights, row, strict=True))
        if score > 0:
            scored.append((score, place))
    return sorted(scored, key=lambda entry: (-entry[0], entry[1]))


def _counts(stems: list[str], title: str, text: str) -> list[int]:
    title, text = title.lower(), text.lower()
    return [_count(word, text) + _TITLE_WEIGHT * _count(word, title) for word in stems]


def _count(word: str, text: str) -> int:
    # Short words are parts of many others ("age" of "dosage"), so they must stand alone.
    if len(word) < _MIN_STEM:
        return len(re.findall(rf"\b{re.escape(word)}\b", text))
    return text.count(word)


def match_expression(query: str) -> str:
    """Return the FTS5 expression that finds any of the query's words; "" when it has none."""
    return " OR ".join(f'"{word}"' for word in query_terms(query))
