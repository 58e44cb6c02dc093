"""Curves reach the tracker that is asked for; each is the real library, writing on this machine."""

from __future__ import annotations

import importlib.util
import json
import sqlite3
from pathlib import Path

import pytest
import torch

from drug_llm.errors import ConfigError, RunError
from drug_llm.training import trackers
from drug_llm.training.trainer import train
from tests.conftest import files_below
from tests.training.test_training import Notes, PowerCut, adapter, config, curve


def needs(package: str) -> pytest.MarkDecorator:
    missing = importlib.util.find_spec(package) is None
    return pytest.mark.skipif(missing, reason=f'pip install "drug-llm[{package}]" to test it')


def losses(project: Path, run: str) -> dict[int, float]:
    return {point["step"]: point["loss"] for point in curve(project, run) if "loss" in point}


@needs("mlflow")
def test_mlflow_holds_one_run_with_the_whole_curve_also_after_a_cut(
    project: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow import MlflowClient

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    settings = config(tiny_base, tracker="mlflow", run_name="seen", save_steps=4, max_steps=8)
    with pytest.raises(PowerCut):
        train(settings, Notes(fail_after=6))
    client = MlflowClient(f"sqlite:///{project}/results/mlflow.db")
    experiment = client.get_experiment_by_name("drug-llm").experiment_id
    (cut,) = client.search_runs([experiment])
    assert cut.info.status == "KILLED"
    metrics = train(settings, Notes())
    (run,) = client.search_runs([experiment])
    assert (run.info.run_name, run.info.status) == ("seen", "FINISHED")
    assert run.data.params["lora_rank"] == "8"
    told = {point.step: point.value for point in client.get_metric_history(run.info.run_id, "train/loss")}
    assert told == pytest.approx(losses(project, "seen"))
    assert run.data.metrics["eval/loss"] == pytest.approx(metrics["eval"]["loss"])


@needs("trackio")
def test_trackio_holds_the_curve(project: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The library fixes its folder when it is imported, so it is asked in a process of its own.
    import os
    import subprocess
    import sys

    from tests.conftest import REPOSITORY

    words = [f"base_model={tiny_base}", "tracker=trackio", "run_name=seen", "max_steps=3", "dtype=float32"]
    subprocess.run(
        [sys.executable, str(REPOSITORY / "train.py"), *words],
        env=os.environ | {"TRACKIO_DIR": str(project / "trackio"), "PYTHONPATH": str(REPOSITORY)},
        check=True,
        capture_output=True,
    )
    rows = sqlite3.connect(project / "trackio/drug-llm.db").execute("select step, metrics from metrics").fetchall()
    told = {step: json.loads(figures)["train/loss"] for step, figures in rows if b"train/loss" in bytes(figures)}
    assert told == pytest.approx(losses(project, "seen"))


@needs("wandb")
def test_wandb_writes_its_offline_run(project: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    train(config(tiny_base, tracker="wandb", run_name="seen", max_steps=3), Notes())
    (log,) = (project / "results/seen/wandb").rglob("run-seen-*.wandb")
    content = log.read_bytes()
    assert b"train/loss" in content
    assert b"eval/perplexity" in content


@pytest.mark.parametrize("name", ["wandb", "mlflow", "trackio"])
def test_missing_package_is_said_before_anything_is_written(
    project: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda *_: None)
    before = files_below(project)
    with pytest.raises(ConfigError, match=rf'tracker={name}: .* Run `pip install "drug-llm\[{name}\]"`'):
        train(config(tiny_base, tracker=name), Notes())
    assert files_below(project) == before


def test_tracker_changes_neither_the_run_nor_its_name(
    project: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = train(config(tiny_base, max_steps=2, output_dir="models/plain"), Notes())
    told: list[int] = []

    class Own:
        """A tracker that fails in the second update, as one does whose service goes down."""

        def figures(self, values: dict[str, float], step: int) -> None:
            told.append(step)
            if step == 1:
                raise ConnectionError("gone")

        def close(self, *, finished: bool) -> None:
            told.append(-1)

    monkeypatch.setattr(trackers, "Mlflow", lambda _: Own())
    monkeypatch.setattr("drug_llm.training.trainer.check_tracker", lambda _: None)
    places = {"output_dir": "models/tracked", "results_dir": "other"}
    tracked = train(config(tiny_base, max_steps=2, tracker="mlflow", **places), Notes())
    assert tracked["run"] == plain["run"]
    assert told == [0, 1]
    mine, theirs = adapter("models/plain"), adapter("models/tracked")
    assert all(torch.equal(tensor, theirs[name]) for name, tensor in mine.items())


@needs("mlflow")
def test_tracker_that_cannot_be_opened_ends_the_run_with_its_name(
    project: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "nonsense://nowhere")
    with pytest.raises(RunError, match=r"tracker=mlflow: cannot be opened .*or leave tracker out"):
        train(config(tiny_base, tracker="mlflow"), Notes())
