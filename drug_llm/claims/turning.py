"""How often a text has each of the small words that turn a statement round."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from drug_llm.claims.evidence import Clause, joined
from drug_llm.claims.words import Token, types, word_list

OPPOSED = {
    # Of words of one kind, more of one and fewer of another is an exchange.
    "population": "population",
    "organ": "population",
    "route": "route",
    "direction": "polarity",
    "severity": "severity",
}
"""Types whose words exclude each other, with the kind of problem that an exchange of them is."""
TURNED = {
    "with": {"without"}, "without": {"with"}, "unless": {"if"}, "if": {"unless"}, "=before": {"=after"},
    "=after": {"=before", "=during"}, "=during": {"=after", "=before"}, "=until": {"=after"},
}  # fmt: skip
"""Words with those that say the contrary."""
_OVERLAPPING = frozenset({"=pregnant", "=lactation", "=postmenopausal", "=preterm"})
"""Groups of people that others contain: "pregnant" for "woman" is no exchange."""
_COMPARED = {"more": "up", "greater": "up", "longer": "up", "older": "up", "less": "down", "fewer": "down",
             "shorter": "down", "younger": "down", "above": "up", "over": "up", "below": "down", "under": "down",
             "least": "up", "minimum": "up", "most": "down", "maximum": "down", "up": "down"}  # fmt: skip
"""Words that make a number a bound from below or from above, before "than" or a number."""
_MASSES = frozenset({"mcg", "mg", "g"})
_MODALS = ("must", "should", "may")
_DENYING = frozenset({"not", "never", "no"})


@lru_cache(maxsize=8192)
def turning_words(parts: tuple[Clause, ...]) -> Counter[tuple[str, str]]:
    """Return how often clauses have each turning word, by its kind and name; not to be changed."""
    tokens = joined(parts)
    counts: Counter[tuple[str, str]] = Counter()
    for at, token in enumerate(tokens):
        if token.kind == "frequency":
            counts["frequency", token.text.replace("freq_1_day", "freq_d_day")] += 1
        elif token.kind == "word":
            _count(tokens, at, counts)
            if token.text in _MASSES and (not at or tokens[at - 1].kind != "number"):
                counts["unit", "".join(other.text for other in tokens[at : at + _per(tokens, at)])] += 1
    return counts


def _count(tokens: Sequence[Token], at: int, counts: Counter[tuple[str, str]]) -> None:
    token = tokens[at]
    denies = token.text in word_list("denials") or token.text.startswith("contraindicat")
    if denies and not any(other.text in word_list("bounds") for other in tokens[at + 1 : at + 4]):
        counts["denial", ""] += 1
    for modal in _MODALS:
        if token.text in word_list(modal):
            following = {other.text for other in tokens[at + 1 : at + 3]}
            before = {other.text for other in tokens[max(0, at - 2) : at]}
            # "May need" is no duty.
            if modal != "must" or not (following & {"not", "never"} or before & word_list("may")):
                counts[modal, ""] += 1
    bound = _bound(tokens, at)
    if bound:
        counts["bound", bound] += 1
    for key in token.keys:
        kind = types().get(key)
        if kind in OPPOSED and key not in _OVERLAPPING:
            counts[kind, key] += 1
        if key in TURNED:
            counts["turn", key] += 1


def _per(tokens: Sequence[Token], at: int) -> int:
    return 3 if [other.text for other in tokens[at + 1 : at + 2]] == ["/"] else 1


def _bound(tokens: Sequence[Token], at: int) -> str:
    """Return whether a word bounds a number from below (`up`) or from above (`down`); empty where it does not."""
    text = tokens[at].text
    before = {other.text for other in tokens[max(0, at - 3) : at]}
    if text.startswith("exceed"):
        bound = "up"
    elif text in _COMPARED and (
        (text in {"least", "most"} and at > 0 and tokens[at - 1].text == "at") or _before_number(tokens, at)
    ):
        bound = _COMPARED[text]
    else:
        return ""
    # "Do not give more than" is a bound from above.
    return {"up": "down", "down": "up"}[bound] if before & _DENYING else bound


def _before_number(tokens: Sequence[Token], at: int) -> bool:
    following = tokens[at + 1 : at + 3]
    return any(token.kind == "number" or token.text in {"than", "several"} for token in following)
