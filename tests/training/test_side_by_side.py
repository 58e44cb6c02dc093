"""Rows computed side by side give the same weights each time, and those of one row after the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch

from drug_llm.models.adapted_linear import _kept, dropout_drawn_from
from drug_llm.training import session as sessions
from drug_llm.training.config import TrainConfig
from drug_llm.training.side_by_side import MOST_ROWS, rows_side_by_side, side_by_side
from drug_llm.training.trainer import train
from tests.training.test_training import Notes, PowerCut, adapter, config, curve


@pytest.fixture
def two_threads() -> Iterator[None]:
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(1)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of the threads that computed losses of updates."""
    names: set[str] = set()
    plain = sessions.row_loss

    def noted(*arguments: Any) -> torch.Tensor:
        names.add(threading.current_thread().name)
        return plain(*arguments)

    monkeypatch.setattr(sessions, "row_loss", noted)
    return names


def settings(base: Path, name: str, **changes: Any) -> TrainConfig:
    """Updates of eight examples in four rows."""
    sizes = {"batch_size": 4, "row_tokens": 64, "shown_questions": 0, "epochs": 4, "save_steps": 2}
    return config(base, run_name=name, output_dir=f"models/{name}", **sizes | {"lora_dropout": 0.1} | changes)


def same_weights(one: str, other: str) -> bool:
    first, second = adapter(f"models/{one}"), adapter(f"models/{other}")
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_same_run_has_the_same_weights_also_when_resumed(
    project: Path, tiny_base: Path, two_threads: None, seen: set[str], dtype: str
) -> None:
    for name in ("one", "other"):
        train(settings(tiny_base, name, dtype=dtype), Notes())
    assert len(seen) >= 2
    assert threading.main_thread().name not in seen
    cut = settings(tiny_base, "cut", dtype=dtype)
    with pytest.raises(PowerCut):
        train(cut, Notes(fail_after=5))
    train(cut, Notes())
    assert curve(project, "one") == curve(project, "other") == curve(project, "cut")
    assert same_weights("one", "other")
    assert same_weights("one", "cut")


def test_curve_is_that_of_one_row_after_the_other(project: Path, tiny_base: Path, seen: set[str]) -> None:
    train(settings(tiny_base, "alone", lora_dropout=0.0), Notes())
    assert seen == {threading.main_thread().name}
    torch.set_num_threads(2)
    train(settings(tiny_base, "beside", lora_dropout=0.0), Notes())
    torch.set_num_threads(1)
    assert len(seen) >= 3
    for mine, theirs in zip(curve(project, "beside"), curve(project, "alone"), strict=True):
        assert mine == pytest.approx(theirs, rel=1e-4)


@pytest.mark.parametrize("changes", [{"base_dropout": True}, {"lora_variant": "dora"}, {"method": "full"}])
def test_rows_follow_each_other_where_threads_would_share_what_they_change(
    project: Path, tiny_base: Path, two_threads: None, seen: set[str], changes: dict[str, Any]
) -> None:
    train(settings(tiny_base, "run", max_steps=1, **changes), Notes())
    assert seen == {threading.main_thread().name}


def test_dropout_of_a_row_is_the_same_in_every_thread() -> None:
    def bits(seed: int) -> torch.Tensor:
        with dropout_drawn_from(7, seed):
            return torch.stack([_kept(torch.ones(40, 50), 0.3) for _ in range(20)])

    with ThreadPoolExecutor(2) as pool:
        drawn = list(pool.map(bits, (1, 2)))
    assert torch.equal(drawn[0], bits(1))
    assert torch.equal(drawn[1], bits(2))
    assert not torch.equal(*drawn)


def test_results_keep_their_order_and_each_thread_has_its_share_of_the_cores(two_threads: None) -> None:
    def compute(number: int) -> tuple[int, int]:
        time.sleep(0.02 * (3 - number))
        return number, torch.get_num_threads()

    assert list(side_by_side(compute, range(4), 2)) == [(number, 1) for number in range(4)]
    assert list(side_by_side(compute, range(1), 2)) == [(0, 2)]
    assert torch.get_num_threads() == 2


def test_error_comes_through_and_what_has_not_begun_is_left(two_threads: None) -> None:
    begun: list[int] = []

    def compute(number: int) -> int:
        begun.append(number)
        time.sleep(0.05)
        if number == 1:
            raise MemoryError(f"row {number}")
        return number

    results = side_by_side(compute, range(40), 2)
    assert next(results) == 0
    with pytest.raises(MemoryError, match="row 1"):
        next(results)
    count = len(begun)
    assert count < 8
    time.sleep(0.2)
    assert len(begun) == count
    assert torch.get_num_threads() == 2


def test_processor_takes_a_row_a_core_and_a_gpu_one() -> None:
    assert rows_side_by_side(torch.device("cuda")) == rows_side_by_side(torch.device("cpu")) == 1
    torch.set_num_threads(MOST_ROWS + 1)
    assert rows_side_by_side(torch.device("cuda")) == 1
    assert rows_side_by_side(torch.device("cpu")) == MOST_ROWS
    torch.set_num_threads(1)
