"""Which examples of an update share a row."""

from __future__ import annotations

from collections.abc import Sequence


def pack_rows(lengths: Sequence[int], capacity: int, *, side_by_side: int = 1) -> list[list[int]]:
    """Return rows of indices whose lengths add up to at most `capacity` tokens each; a longer example has its own row.

    Rows that are computed so many side by side are about equally long and a multiple of that number, so that none
    waits; the longest come first then.
    """
    rows = _best_fit(lengths, capacity)
    return rows if side_by_side == 1 else _even(lengths, capacity, len(rows), side_by_side)


def _best_fit(lengths: Sequence[int], capacity: int) -> list[list[int]]:
    """Return as few rows as possible, as full as possible.

    Best-fit decreasing (Johnson 1973): the longest first, each into the fullest row that still takes it. Rows and the
    examples in them keep the order of their first index, so that the same update is always computed the same way.
    """
    rows: list[list[int]] = []
    room: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        fitting = [row for row in range(len(rows)) if room[row] >= lengths[index]]
        if fitting:
            best = min(fitting, key=lambda row: room[row])
        else:
            best = len(rows)
            rows.append([])
            room.append(capacity)
        rows[best].append(index)
        room[best] -= lengths[index]
    return sorted(sorted(row) for row in rows)


def _even(lengths: Sequence[int], capacity: int, fewest: int, side_by_side: int) -> list[list[int]]:
    """Return rows of about the same length, the longest first: each example goes into the emptiest (Graham 1969)."""
    longest_first = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    for count in range(-(-fewest // side_by_side) * side_by_side, len(lengths) + side_by_side, side_by_side):
        rows: list[list[int]] = [[] for _ in range(count)]
        used = [0] * count
        for index in longest_first:
            emptiest = used.index(min(used))
            rows[emptiest].append(index)
            used[emptiest] += lengths[index]
        if all(total <= capacity or len(row) == 1 for row, total in zip(rows, used, strict=True)):
            break
    order = sorted(range(count), key=lambda row: (-used[row], row))
    return [sorted(rows[row]) for row in order if rows[row]]
