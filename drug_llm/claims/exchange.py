"""Whether a sentence tells each number of what its statement tells it of, by what stands around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from drug_llm.claims.evidence import Clause, Statement
from drug_llm.claims.problem import Problem
from drug_llm.claims.quantities import Quantity
from drug_llm.claims.window import is_informative
from drug_llm.claims.words import Token

AROUND = 5
"""Words on each side of a number that tell what it is about."""


def exchanged_numbers(sentence: Sequence[Clause], statement: Statement) -> Iterator[Problem]:
    """Yield a problem for each two numbers of one unit whose surroundings fit better the other way round."""
    claimed = _surroundings(sentence)
    given = _surroundings(statement.clauses)
    for (a, around_a), (b, around_b) in combinations(claimed, 2):
        if a.unit != b.unit or a.value == b.value:
            continue
        told_a = [around for count, around in given if count.fits(a)]
        told_b = [around for count, around in given if count.fits(b)]
        if not told_a or not told_b:
            continue
        kept = _best(around_a, told_a) + _best(around_b, told_b)
        crossed = _best(around_a, told_b) + _best(around_b, told_a)
        if crossed > kept:
            yield Problem("number", f"{a.shown}, {b.shown}", f"{b.shown}, {a.shown}")


def _best(around: frozenset[str], told: Sequence[frozenset[str]]) -> float:
    return max(len(around & other) for other in told)


def _surroundings(clauses: Sequence[Clause]) -> list[tuple[Quantity, frozenset[str]]]:
    tokens = [token for clause in clauses for token in clause.tokens]
    counts = [count for clause in clauses for count in clause.counts]
    return [(count, frozenset(_keys(tokens, count, counts))) for count in counts]


def _keys(tokens: Sequence[Token], count: Quantity, counts: Sequence[Quantity]) -> Iterator[str]:
    units = {word for other in counts for word in other.shown.split()[1:]}
    # Numbers of the same unit are those that may have changed places, so they tell nothing.
    same = {other.at for other in counts if other.unit == count.unit}
    for at in range(max(0, count.at - AROUND), min(len(tokens), count.at + AROUND + 1)):
        token = tokens[at]
        if token.kind == "number" and at not in same:
            yield token.text
        elif is_informative(token) and token.text not in units:
            yield from token.keys
