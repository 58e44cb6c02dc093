"""Which words of a statement a sentence tells, where a word stands in it more than once."""

from __future__ import annotations

from collections.abc import Sequence

from drug_llm.claims.words import Token

LIGHT = 0.3
"""What a word that claims nothing counts in a run, compared with one that does."""


def aligned_places(sentence: Sequence[Token], statement: Sequence[Token]) -> dict[int, int]:
    """Return the places of a statement whose words a sentence tells, each with the place in the sentence.

    Each word of the sentence tells one place at most: the one where it stands in the longest run of words that both
    have in the same order, so runs may be moved as a whole (greedy string tiling; Wise, "String similarity via greedy
    string tiling and running Karp-Rabin matching", 1993).
    """
    claimed = [at for at, token in enumerate(sentence) if token.kind != "mark"]
    given = [at for at, token in enumerate(statement) if token.kind != "mark"]
    free = _matches([sentence[at] for at in claimed], [statement[at] for at in given])
    weights = [1 if statement[at].is_informative or statement[at].kind == "number" else LIGHT for at in given]
    found: dict[int, int] = {}
    while free:
        start, length = _longest(free, weights)
        for step in range(length):
            found[given[start[1] + step]] = claimed[start[0] + step]
        taken = range(start[0], start[0] + length), range(start[1], start[1] + length)
        free = {(a, b) for a, b in free if a not in taken[0] and b not in taken[1]}
    return found


def _matches(sentence: Sequence[Token], statement: Sequence[Token]) -> set[tuple[int, int]]:
    places: dict[str, list[int]] = {}
    for at, token in enumerate(statement):
        for key in token.keys:
            places.setdefault(key, []).append(at)
    return {(at, place) for at, token in enumerate(sentence) for key in token.keys for place in places.get(key, ())}


def _longest(free: set[tuple[int, int]], weights: Sequence[float]) -> tuple[tuple[int, int], int]:
    """Return where the weightiest run starts, in sentence and statement, and how many words it has."""
    best, start, most = 0, (0, 0), -1.0
    for a, b in sorted(free):
        if (a - 1, b - 1) in free:
            continue
        length = 1
        while (a + length, b + length) in free:
            length += 1
        weight = sum(weights[b : b + length])
        if weight > most:
            best, start, most = length, (a, b), weight
    return start, best
