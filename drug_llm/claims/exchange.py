"""Whether a sentence tells each number of what its statement tells it of, by what stands around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from drug_llm.claims.evidence import Clause, Statement
from drug_llm.claims.problem import Problem
from drug_llm.claims.quantities import Quantity
from drug_llm.claims.words import Token

AROUND = 5
"""Words on each side of a number that tell what it is about."""
OUTSIDE = 0.3
"""How much a word of another clause tells, compared with one of the same clause."""


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
        if crossed > 1.1 * kept:
            yield Problem("number", f"{a.shown}, {b.shown}", f"{b.shown}, {a.shown}")


def _best(around: dict[str, float], told: Sequence[dict[str, float]]) -> float:
    return max(sum(min(weight, other.get(key, 0.0)) for key, weight in around.items()) for other in told)


def _surroundings(clauses: Sequence[Clause]) -> list[tuple[Quantity, dict[str, float]]]:
    """Return each quantity with the words around it, weighted by their nearness."""
    tokens = [(token, number) for number, clause in enumerate(clauses) for token in clause.tokens]
    counts = [count for clause in clauses for count in clause.counts]
    return [(count, _weights(tokens, count, counts)) for count in counts]


def _weights(tokens: Sequence[tuple[Token, int]], count: Quantity, counts: Sequence[Quantity]) -> dict[str, float]:
    units = {word for other in counts for word in other.shown.split()[1:]}
    # Numbers of the same unit are those that may have changed places, so they tell nothing.
    same = {other.at for other in counts if other.unit == count.unit}
    found: dict[str, float] = {}
    for at in range(max(0, count.at - AROUND), min(len(tokens), count.at + AROUND + 1)):
        token, number = tokens[at]
        if at in same or token.text in units or not (token.kind == "number" or token.is_informative):
            continue
        weight = (1 if number == tokens[count.at][1] else OUTSIDE) / (1 + abs(at - count.at))
        key = next((key for key in sorted(token.keys) if key.startswith("=")), min(token.keys))
        found[key] = max(found.get(key, 0.0), weight)
    return found
