"""Rows computed side by side on a processor: each core has a row of its own.

The layers of a small model are so narrow that two threads of one product wait for each other at every turn; two rows
never do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import torch

from drug_llm.models.threads import computing_threads

Thing = TypeVar("Thing")
Result = TypeVar("Result")
MOST_ROWS = 4
"""Rows side by side at most, since each is in memory with all that its backward pass needs; with more cores each row
has several."""


def rows_side_by_side(device: torch.device) -> int:
    """Return how many rows this device computes best at a time: a GPU one, a processor one a core up to MOST_ROWS."""
    return 1 if device.type != "cpu" else min(torch.get_num_threads(), MOST_ROWS)


def side_by_side(compute: Callable[[Thing], Result], things: Iterable[Thing], count: int) -> Iterator[Result]:
    """Yield `compute` of each thing, in the order given, with `count` of them computed at a time.

    A result depends on its thing alone, never on the thread or the time. Whoever stops asking, or meets an error of
    `compute`, goes on only after the computations that have begun.
    """
    if count > 1:
        things = list(things)
        count = min(count, len(things))
    if count <= 1:
        yield from map(compute, things)
        return
    pool = computing_threads(count, max(1, torch.get_num_threads() // count))
    try:
        for pending in [pool.submit(compute, thing) for thing in things]:
            yield pending.result()
    finally:
        pool.shutdown(cancel_futures=True)
