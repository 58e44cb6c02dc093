"""Rows hold every example once, and no more tokens than they may."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drug_llm.training.packing import pack_rows

LENGTHS = st.lists(st.integers(1, 700), max_size=60)


@given(LENGTHS, st.integers(8, 600))
def test_every_example_stands_in_one_row_that_is_not_too_long(lengths: list[int], capacity: int) -> None:
    rows = pack_rows(lengths, capacity)
    assert sorted(index for row in rows for index in row) == list(range(len(lengths)))
    assert all(sum(lengths[index] for index in row) <= capacity or len(row) == 1 for row in rows)


@given(LENGTHS)
def test_no_two_rows_would_fit_into_one(lengths: list[int]) -> None:
    rows = sorted(sum(lengths[index] for index in row) for row in pack_rows(lengths, 512))
    assert len(rows) < 2 or rows[0] + rows[1] > 512


def test_packing_is_the_same_each_time() -> None:
    assert pack_rows([5, 9, 4, 4, 9], 13) == [[0], [1, 2], [3, 4]]


@given(LENGTHS, st.integers(8, 600), st.integers(2, 5))
def test_rows_side_by_side_are_as_many_as_go_and_none_is_too_long(
    lengths: list[int], capacity: int, side_by_side: int
) -> None:
    rows = pack_rows(lengths, capacity, side_by_side=side_by_side)
    assert sorted(index for row in rows for index in row) == list(range(len(lengths)))
    totals = [sum(lengths[index] for index in row) for row in rows]
    assert all(total <= capacity or len(row) == 1 for total, row in zip(totals, rows, strict=True))
    assert totals == sorted(totals, reverse=True)
    assert len(rows) % side_by_side == 0 or len(rows) == len(lengths)


def test_rows_side_by_side_are_equally_long() -> None:
    lengths = [100, 90, 80, 70, 60, 50, 40, 30, 20, 10]
    assert [sum(lengths[index] for index in row) for row in pack_rows(lengths, 512, side_by_side=2)] == [280, 270]
    assert len(pack_rows(lengths, 512)) == 2
