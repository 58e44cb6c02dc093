"""The share of the matrix rate is that of needed operations, against a rate measured here."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import torch

from drug_llm.encoding import EncodedExample
from drug_llm.models.base import resolve_base_model
from drug_llm.models.embedded import cache_folder
from drug_llm.models.loading import LoraSettings, add_adapter, load_base_model
from drug_llm.models.precision import Precision, choose_precision
from drug_llm.training.loss import make_row, row_loss
from drug_llm.training.processes import Processes
from drug_llm.training.speed import forget_rate, matrix_rate, rate_of_all, work_of
from drug_llm.training.trainer import train
from tests.training.test_training import Notes, config

CPU = Precision(torch.device("cpu"), torch.float32)


def test_rate_is_measured_once_within_two_seconds_and_kept() -> None:
    forget_rate()
    began = time.perf_counter()
    rate = matrix_rate(CPU)
    assert time.perf_counter() - began < 2
    assert rate > 1e9
    (kept,) = json.loads((cache_folder() / "matrix-rate.json").read_text()).values()
    assert kept == rate == matrix_rate(CPU)


def test_processes_of_one_machine_share_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 4 * torch.get_num_threads())
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    assert rate_of_all(CPU, Processes(count=2)) == 2 * matrix_rate(CPU)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "8")
    assert rate_of_all(CPU, Processes(count=16)) == 8 * matrix_rate(CPU)


def test_measuring_changes_no_random_number() -> None:
    forget_rate()
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    matrix_rate(CPU)
    assert torch.equal(torch.rand(4), expected)


def test_counted_operations_are_those_that_torch_counts(tiny_base: Path) -> None:
    """torch counts every product, ours only needed ones: it also counts the adapter and all of causal attention."""
    from torch.utils.flop_counter import FlopCounterMode

    base = resolve_base_model(str(tiny_base))
    plain = load_base_model(base, choose_precision("cpu", "float32"), segmented=True)
    model = add_adapter(plain, LoraSettings(1, 1, 0.0, None), base=base)
    row = make_row([EncodedExample(list(range(60)), list(range(60)))], torch.device("cpu"))
    with FlopCounterMode(display=False) as counter:
        row_loss(model, row).backward()
    assert work_of(model).needed([row]) == pytest.approx(counter.get_total_flops(), rel=0.15)


def test_every_update_and_the_metrics_tell_their_share(project: Path, tiny_base: Path) -> None:
    notes = Notes()
    metrics = train(config(tiny_base, max_steps=3), notes)
    assert all(0 < update.share < 1 for update in notes.updates)
    assert 0 < metrics["matrix_rate_share"] < 1
    lines = Path("results", metrics["run"], "curve.jsonl").read_text()
    assert "share" not in lines
