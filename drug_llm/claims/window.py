"""Which statements of the evidence a clause is compared with, and which of its words they hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from drug_llm.claims.evidence import Clause, Statement
from drug_llm.claims.quantities import Quantity
from drug_llm.claims.words import Token, stem, word_list

MOST_STATEMENTS = 4
"""Statements of one passage that a clause may draw together."""
CANDIDATES = 4
_OF_WOMEN = frozenset({"=woman", "=pregnant", "=lactation", "=girl", "=reproductive potential"})
NEARLY = 0.75
"""Share of the best score that another window must reach to be tried."""


@dataclass(frozen=True)
class Window:
    """Statements of one passage, the best one first, with those that stand before them."""

    statements: tuple[Statement, ...]
    """What the clause is compared with."""
    earlier: tuple[Statement, ...] = ()
    """Statements of the passage before the best one, the nearest first."""
    free: frozenset[str] = frozenset()
    """Keys that need not stand in the statements; see `free_words`."""

    def clauses(self) -> Iterator[tuple[Statement, Clause]]:
        """Yield every clause with its statement, headers included."""
        for statement in self.statements:
            for clause in statement.all_clauses:
                yield statement, clause


def frequency_fits(claimed: str, keys: Collection[str]) -> bool:
    """Return whether a frequency stands among keys; "once daily" and "daily" may stand for each other."""
    if claimed in keys:
        return True
    pair = {"freq_1_day": "freq_d_day", "freq_d_day": "freq_1_day"}
    return pair.get(claimed, "") in keys and not (claimed == "freq_1_day" and "divid" in keys)


def missing(clause: Clause, keys: Collection[str]) -> list[Token]:
    """Return the informative tokens of a clause that keys do not hold, neither as words nor as phrases."""
    held = [False] * len(clause.tokens)
    for at, token in enumerate(clause.tokens):
        if token.kind == "frequency":
            held[at] = frequency_fits(token.text, keys)
        elif any(key in keys for key in token.keys):
            held[at] = True
        for name, length in token.phrases:
            if name in keys:
                held[at : at + length] = [True] * len(held[at : at + length])
    for at, token in enumerate(clause.tokens):
        # The dose that a label gives is the one that it recommends.
        if "=recommend" in token.keys and any("=dose" in other.keys for other in clause.tokens[at : at + 4]):
            held[at] = True
    lacking = [t for t, is_held in zip(clause.tokens, held, strict=True) if not is_held and t.is_informative]
    return [token for token in lacking if not _is_unit(token, clause.counts)]


def _is_unit(token: Token, counts: Sequence[Quantity]) -> bool:
    # Units are compared with their numbers.
    return any(token.text in count.shown.split() for count in counts)


def _score(clause: Clause, statement: Statement) -> float:
    telling = sum(bool(t.keys & statement.keys) for t in clause.tokens if t.is_telling and not t.is_informative)
    words = sum(1 for token in clause.tokens if token.is_informative) + 0.5 * telling
    values = sum((count.value, count.unit) in statement.values for count in clause.counts)
    return words - len(missing(clause, statement.keys)) + 1.5 * values


def windows(
    clause: Clause, passages: Sequence[tuple[Statement, ...]], free: frozenset[str] = frozenset()
) -> Iterator[Window]:
    """Yield the windows that a clause may be drawn from, the best first."""
    scored = [
        (_score(clause, statement), -number, -place)
        for number, passage in enumerate(passages)
        for place, statement in enumerate(passage)
    ]
    best = sorted(scored, reverse=True)[:CANDIDATES]
    for score, number, place in best:
        if score > 0 and score >= NEARLY * best[0][0]:
            window = _extended(clause, passages[-number], -place)
            yield replace(window, free=free)


def free_words(passages: Sequence[tuple[Statement, ...]]) -> frozenset[str]:
    """Return what a claim may name of which other statements of the evidence speak.

    The form of the drug, where it stands anywhere; a sex, where the evidence tells of patients and of no other sex.
    """
    keys = frozenset().union(*(statement.keys for passage in passages for statement in passage))
    forms = frozenset(word for word in map(stem, word_list("forms")) if word in keys)
    if not keys & _OF_WOMEN:
        return forms | {"=man"}
    return forms if "=man" in keys else forms | {"=woman"}


def _extended(clause: Clause, passage: tuple[Statement, ...], place: int) -> Window:
    chosen = [passage[place]]
    keys = set(passage[place].keys)
    others = [statement for at, statement in enumerate(passage) if at != place]
    while len({s.headers or s.text for s in chosen}) < MOST_STATEMENTS and others:
        lacking = missing(clause, keys)
        values = {(count.value, count.unit) for count in clause.counts} - {v for s in chosen for v in s.values}
        if not lacking and not values:
            break
        gains = [_gain(lacking, statement) + 2 * len(values & statement.values) for statement in others]
        if not max(gains):
            break
        chosen.append(others.pop(gains.index(max(gains))))
        keys |= chosen[-1].keys
    return Window(tuple(chosen), passage[:place][::-1])


def _gain(lacking: Sequence[Token], statement: Statement) -> int:
    return sum(any(key in statement.keys for key in token.keys) for token in lacking)
