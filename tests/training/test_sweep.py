"""A sweep tries what it is told to, goes on where it was cut off, and writes its best settings."""

from __future__ import annotations

import sqlite3
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from drug_llm.cli import main
from drug_llm.errors import ConfigError, RunError
from drug_llm.settings import load_settings
from drug_llm.training.config import TrainConfig
from drug_llm.training.search_space import Range, searched, split_words
from drug_llm.training.sweep import Sweep, run_sweep
from drug_llm.training.trainer import train
from tests.conftest import files_below
from tests.training.test_training import Notes, PowerCut

pytest.importorskip("optuna")


def shared(base: Path) -> list[str]:
    return [f"base_model={base}", "dtype=float32", "batch_size=2", "gradient_accumulation=2", "max_steps=3"]


def test_words_say_what_is_searched(tiny_base: Path) -> None:
    words = ["learning_rate=1e-4..1e-2:log", "lora_rank=2..8", "lora_variant=lora,rslora", "epochs=2"]
    words += ["target_modules=c_attn|c_attn,c_fc", "warmup_ratio=0.0..0.5", "train_file=../x.jsonl"]
    assert split_words(words)[0] == ["epochs=2", "train_file=../x.jsonl"]
    assert searched(words, None) == {
        "learning_rate": Range(1e-4, 1e-2, log=True, whole=False),
        "lora_rank": Range(2, 8, log=False, whole=True),
        "lora_variant": ("lora", "rslora"),
        "target_modules": ("c_attn", "c_attn,c_fc"),
        "warmup_ratio": Range(0, 0.5, log=False, whole=False),
    }
    assert split_words(["target_modules=c_attn,c_fc"])[1] == []


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("seed=1", "Nothing to search"),
        ("lerning_rate=1,2", "unknown setting `lerning_rate`. Did you mean `learning_rate`"),
        ("learning_rate=1e-2..1e-4", "expected low..high with low < high"),
        ("learning_rate=0..1e-4:log", "low > 0 with :log"),
        ("learning_rate=1e-4..7", "learning_rate=7.0: expected a number above 0 and below 1"),
        ("lora_variant=lora,lara", "lora_variant=lara: expected lora or"),
        ("lora_rank=2,many", "lora_rank=many: expected a whole number"),
        ("run_name=a,b", "it cannot be searched"),
    ],
)
def test_word_that_cannot_be_searched_is_refused(
    project: Path, word: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files_below(project)
    assert main(["sweep", word]) == 2
    assert message in capsys.readouterr().err
    assert files_below(project) == before


def test_best_settings_of_a_grid_train_to_the_same_loss(
    project: Path, tiny_base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*shared(tiny_base), "learning_rate=1e-5,1e-2", "lora_rank=2,4"]
    assert main(["sweep", "--name", "grid", *words]) == 0
    table = capsys.readouterr().out
    rows = [line.split() for line in table.splitlines() if line.split()[:1] and "learning_rate=" in line.split()[-2]]
    rows = [row for row in rows if len(row) == 4 and row[0][0].isdigit()]
    assert len(rows) == 4
    assert [float(row[0]) for row in rows] == sorted(float(row[0]) for row in rows)
    assert rows[0][2] == "learning_rate=1e-2"
    best = load_settings(TrainConfig, project / "results/grid/best.yaml", [])
    assert best.learning_rate == 0.01
    assert best.output_dir == "models/drug-llm/final"
    assert train(best, Notes())["eval"]["loss"] == pytest.approx(float(rows[0][0]), abs=1e-4)
    # What the trials trained is not kept.
    assert not list((project / "results/grid").rglob("*.safetensors"))


def test_sweep_goes_on_with_the_trial_that_was_cut_off(project: Path, tiny_base: Path) -> None:
    words = (*shared(tiny_base), "save_steps=1", "learning_rate=1e-3..1e-2:log")
    sweep = Sweep(None, words, trials=3, name="cut")
    with pytest.raises(PowerCut):
        run_sweep(sweep, Cutting(project, after=5))
    rest = Notes()
    outcomes = run_sweep(sweep, rest)
    assert len(outcomes) == 3
    # The second trial had saved one of its three updates, so two of it were left, and all three of the third.
    assert [update.step for update in rest.updates] in ([2, 3, 1, 2, 3], [1, 2, 3, 2, 3])
    again = Notes()
    assert run_sweep(sweep, again) == outcomes
    assert again.updates == []
    states = sqlite3.connect(project / "results/cut/study.sqlite").execute("select state from trials").fetchall()
    assert sorted(state for (state,) in states) == ["COMPLETE"] * 3 + ["FAIL"]


class Cutting(Notes):
    """Cuts the power after so many updates of all trials."""

    def __init__(self, project: Path, after: int) -> None:
        super().__init__()
        self.after = after

    def updated(self, update: object) -> None:
        self.updates.append(update)  # type: ignore[arg-type]
        if len(self.updates) == self.after:
            raise PowerCut


def test_trial_that_diverges_is_given_up_and_the_others_go_on(project: Path, tiny_base: Path) -> None:
    words = (*shared(tiny_base), "max_grad_norm=0", "learning_rate=0.9", "lora_alpha=16,30000000000000000000")
    outcomes = run_sweep(Sweep(None, words), Notes())
    assert [outcome.words for outcome in outcomes] == [("lora_alpha=16",), ("lora_alpha=30000000000000000000",)]
    assert outcomes[0].loss < 100
    assert outcomes[1].loss == float("inf")


def test_name_of_another_sweep_is_refused(project: Path, tiny_base: Path) -> None:
    first = Sweep(None, (*shared(tiny_base), "max_steps=1", "seed=1,2"), name="mine")
    run_sweep(first, Notes())
    with pytest.raises(RunError, match=r"holds a sweep of other settings\. Give another --name"):
        run_sweep(replace(first, words=(*shared(tiny_base), "seed=1,3")), Notes())


def test_missing_optuna_is_said_with_the_way_to_get_it(
    project: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    before = files_below(project)
    with pytest.raises(ConfigError, match=r'Optuna is not installed\. Run `pip install "drug-llm\[sweep\]"`'):
        run_sweep(Sweep(None, (*shared(tiny_base), "seed=1,2")), Notes())
    assert files_below(project) == before
