"""A run whose loss becomes NaN or explodes stops, says so, and leaves its last good checkpoint."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from drug_llm.cli import main
from drug_llm.training.checkpoint import newest_checkpoint
from drug_llm.training.divergence import Diverged
from drug_llm.training.trainer import train
from tests.training.test_training import Notes, config, curve

ABSURD = {"learning_rate": 0.9, "max_grad_norm": 0.0, "lora_dropout": 0.0, "run_name": "absurd", "save_steps": 1}


def test_absurd_scale_makes_the_loss_nan_and_stops_the_run(project: Path, tiny_base: Path) -> None:
    settings = config(tiny_base, lora_alpha=3 * 10**19, **ABSURD)
    with pytest.raises(Diverged, match=r"^The loss is nan; .*stopped after update 1 of 15.*Lower learning_rate=0\.9"):
        train(settings, Notes())
    points = [point for point in curve(project, "absurd") if "loss" in point]
    assert [math.isfinite(point["loss"]) for point in points] == [True]
    # The weights after the only update give the NaN, so there is no good checkpoint, and no final one.
    assert newest_checkpoint(project / "results/absurd/checkpoints") is None
    assert not (project / "models/drug-llm").exists()


def test_last_good_checkpoint_is_the_one_before_the_weights_that_diverged(project: Path, tiny_base: Path) -> None:
    settings = config(tiny_base, lora_alpha=1000, **ABSURD)
    with pytest.raises(Diverged, match=r"^The gradient norm is (inf|nan) .*") as caught:
        train(settings, Notes())
    updates = [point["step"] for point in curve(project, "absurd") if "loss" in point]
    good = newest_checkpoint(project / "results/absurd/checkpoints")
    assert good is not None
    assert good.step == updates[-1] - 1
    assert f"The last good checkpoint is results/absurd/checkpoints/step-{good.step:06d}." in str(caught.value)
    assert all(torch.isfinite(tensor).all() for tensor in good.adapter.values())


def test_diverged_run_goes_on_from_its_good_checkpoint_and_says_the_same(project: Path, tiny_base: Path) -> None:
    settings = config(tiny_base, lora_alpha=1000, **ABSURD)
    said, curves = [], []
    for _ in range(2):
        with pytest.raises(Diverged) as caught:
            train(settings, Notes())
        said.append(str(caught.value))
        curves.append(curve(project, "absurd"))
    assert said[0] == said[1]
    assert curves[0] == curves[1]


def test_command_says_so_on_one_line_and_leaves_with_2(
    project: Path, tiny_base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [f"base_model={tiny_base}", "learning_rate=0.9", "lora_alpha=3e19", "max_grad_norm=0", "dtype=float32"]
    assert main(["train", *words, "batch_size=2", "gradient_accumulation=2"]) == 2
    error = capsys.readouterr().err.strip()
    assert error.count("\n") == 0
    assert error.startswith("drug-llm: The loss is nan")
