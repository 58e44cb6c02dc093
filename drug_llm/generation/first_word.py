"""How likely one word is rather than another to begin what a model writes, for prompts that begin alike."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import takewhile

import torch

from drug_llm.generation.llama import Llama
from drug_llm.models.threads import computing_threads

TOGETHER = 8
"""Prompts that go through the model in two threads, half of them as one row each. Matrices of a small model are so
narrow that two threads lose less time in products of their own than in sharing each one."""


def log_odds(model: Llama, prompts: Sequence[Sequence[int]], one: int, other: int) -> list[float]:
    """Return log P(one) - log P(other) for the token behind each prompt.

    The same list gives the same values, with however many threads: they do not decide which prompts share a row.
    """
    shared = min(_shared(prompts), min(map(len, prompts)) - 1)
    beginning = prompts[0][:shared]
    direction = (model.head[one] - model.head[other]).float()

    def odds_of(places: Sequence[int]) -> list[float]:
        states = model.last_states(beginning, [prompts[place][shared:] for place in places])
        found: list[float] = (states.float() @ direction).tolist()
        return found

    odds = [0.0] * len(prompts)
    rows = _rows([len(prompt) - shared for prompt in prompts])
    for places, values in zip(rows, _workers().map(odds_of, rows), strict=True):
        for place, value in zip(places, values, strict=True):
            odds[place] = value
    return odds


def _shared(prompts: Sequence[Sequence[int]]) -> int:
    """Return how many tokens all prompts begin with alike."""
    if len(prompts) < 2:
        return 0
    # The first and the last in order differ soonest.
    ordered = sorted(map(list, prompts))
    pairs = zip(ordered[0], ordered[-1], strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _rows(lengths: Sequence[int]) -> list[list[int]]:
    """Return the places of prompts that share a row: rows of like length, the longest prompts dealt out first."""
    count = min(len(lengths), 2 * -(-len(lengths) // TOGETHER))
    rows: list[list[int]] = [[] for _ in range(count)]
    filled = [0] * count
    for place in sorted(range(len(lengths)), key=lambda place: (-lengths[place], place)):
        row = filled.index(min(filled))
        rows[row].append(place)
        filled[row] += lengths[place]
    return rows


@cache
def _workers() -> ThreadPoolExecutor:
    """Return as many threads as torch computes with, each of which computes alone."""
    return computing_threads(torch.get_num_threads(), 1)
