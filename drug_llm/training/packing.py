"""Which examples of an update share a row."""

from __future__ import annotations

from collections.abc import Sequence


def pack_rows(lengths: Sequence[int], capacity: int) -> list[list[int]]:
    """Return rows of indices whose lengths add up to at most `capacity` tokens each; a longer example has its own row.

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
