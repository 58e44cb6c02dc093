"""Where a sentence is cut into clauses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from drug_llm.claims.quantities import Quantity
from drug_llm.claims.words import Token, framing_words, word_list

_MARKS = frozenset(";:.?!\n")
_REACH = 9
"""Words after "and" within which the verb of a new clause is looked for."""
_LEAD = 14
"""The same after the comma that ends an opening such as "If a dose is missed,"."""


def cuts(tokens: Sequence[Token], counts: Sequence[Quantity]) -> list[int]:
    """Return the places where clauses start and end, from 0 to the number of tokens."""
    return sorted({0, len(tokens), *_at_words(tokens), *_after_openings(tokens), *_between(tokens, counts)})


def _at_words(tokens: Sequence[Token]) -> Iterator[int]:
    subordinate = word_list("subordinate")
    verbs = word_list("finite") | word_list("orders") | {"not", "never", "then"}
    for at, token in enumerate(tokens):
        following, after = (tokens[n].text if n < len(tokens) else "" for n in (at + 1, at + 2))
        if token.text in _MARKS or (token.text == "," and _opens(following, after, tokens[at + 2 : at + 2 + _REACH])):
            yield at + 1
        elif token.text == "if" and at and tokens[at - 1].text in {"known", "determine", "determined", "unknown"}:
            continue
        elif token.text in subordinate or (token.text in {"and", "or", "but"} and following in verbs | {"that"}):
            yield at


def _opens(following: str, after: str, rest: Sequence[Token]) -> bool:
    """Return whether a comma before these words ends a clause."""
    verbs = word_list("orders") | {"not", "never", "then", "do"}
    if following in word_list("subordinate") | verbs:
        return True
    return following in {"and", "or"} and (after in verbs | word_list("finite") or after == "that" or _has_verb(rest))


def _has_verb(tokens: Sequence[Token]) -> bool:
    for token in tokens:
        if token.kind == "mark" or token.text in {"which", "that", "who"}:
            return False
        if token.text in word_list("finite"):
            return True
    return False


def _after_openings(tokens: Sequence[Token]) -> Iterator[int]:
    """Cut "If a dose is missed, the next one is taken" at its comma."""
    for start, token in enumerate(tokens):
        before = tokens[start - 1].text if start else "."
        if token.text not in word_list("leading") or before not in _MARKS | {"and", "but", ","}:
            continue
        commas = (at for at in range(start, len(tokens)) if tokens[at].text in {",", *_MARKS})
        at = next(commas, len(tokens) - 1)
        rest = tokens[at + 1 : at + 1 + _LEAD]
        if tokens[at].text == "," and rest and (rest[0].text in word_list("orders") or _has_verb(rest)):
            yield at + 1


def _between(tokens: Sequence[Token], counts: Sequence[Quantity]) -> Iterator[int]:
    """Cut "5 mg in adults and 2.5 mg in children" between its two quantities of one unit."""
    last: dict[str, Quantity] = {}
    for count in counts:
        before = last.get(count.unit)
        last[count.unit] = count
        if before is None:
            continue
        between = range(before.at + 1, count.at)
        end = before.at + len(before.shown.split())
        words = [at for at in between if tokens[at].kind == "word" and tokens[at].text not in framing_words()]
        joints = [at for at in between if tokens[at].text in word_list("joining")]
        joints = [at for at in joints if tokens[at - 1].text not in word_list("compared")]
        if any(at >= end for at in words) and joints:
            yield joints[-1]
