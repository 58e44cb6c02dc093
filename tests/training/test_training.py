"""Training does what it claims: on a tiny GPT-2, offline, in seconds."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from drug_llm.errors import ConfigError, DatasetError, RunError, StorageError
from drug_llm.models.base import resolve_base_model
from drug_llm.models.loading import LoraSettings, add_adapter, load_base_model
from drug_llm.models.precision import choose_precision
from drug_llm.training.config import TrainConfig
from drug_llm.training.loss import LossReport
from drug_llm.training.plan import TrainingPlan
from drug_llm.training.trainer import train
from drug_llm.training.watch import Stopped, Update
from tests.conftest import files_below, simple_examples, write_jsonl

FINAL_FILES = {
    "README.md",
    "adapter_config.json",
    "adapter_model.safetensors",
    "config.yaml",
    "manifest.json",
    "prompt_format.json",
    "tokenizer.json",
    "tokenizer_config.json",
}


class Notes:
    """A watcher that remembers, and can end the run after an update."""

    def __init__(self, fail_after: int | None = None) -> None:
        self.notices: list[str] = []
        self.updates: list[Update] = []
        self.evaluations: dict[int, float] = {}
        self.fail_after = fail_after

    def notice(self, text: str) -> None:
        self.notices.append(text)

    def started(self, plan: TrainingPlan, done: int, eval_examples: int) -> None:
        pass

    def updated(self, update: Update) -> None:
        self.updates.append(update)
        if update.step == self.fail_after:
            raise PowerCut

    def evaluating(self, examples: int) -> None:
        pass

    def evaluated(self, step: int, report: LossReport) -> None:
        self.evaluations[step] = report.loss


class PowerCut(Exception):
    pass


def config(base: Path, **changes: Any) -> TrainConfig:
    settings: dict[str, Any] = {"base_model": str(base), "learning_rate": 0.01, "dtype": "float32"}
    return TrainConfig(**settings | {"batch_size": 2, "gradient_accumulation": 2} | changes)


def adapter(folder: str | Path) -> dict[str, torch.Tensor]:
    return load_file(Path(folder) / "adapter_model.safetensors")


def curve(project: Path, run: str) -> list[dict[str, Any]]:
    lines = (project / "results" / run / "curve.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_run_writes_exactly_the_promised_files(project: Path, tiny_base: Path) -> None:
    metrics = train(config(tiny_base), Notes())
    assert files_below(project / "models") == {f"drug-llm/final/{name}" for name in FINAL_FILES}
    results = files_below(project / "results")
    folder = metrics["run"]
    assert {f"{folder}/{name}" for name in ("metrics.json", "manifest.json", "config.yaml", "curve.jsonl")} <= results
    assert any(name.startswith(f"{folder}/tensorboard/events") for name in results)
    assert json.loads((project / "results" / folder / "metrics.json").read_text()) == metrics


def test_loss_falls_and_perplexity_is_its_exponential(project: Path, tiny_base: Path) -> None:
    metrics = train(config(tiny_base, epochs=4), Notes())
    assert metrics["eval"]["loss"] < metrics["base"]["loss"]
    for side in ("eval", "base"):
        assert metrics[side]["perplexity"] == pytest.approx(torch.tensor(metrics[side]["loss"]).exp().item(), rel=1e-5)


def test_adapter_moves_and_base_weights_do_not(project: Path, tiny_base: Path) -> None:
    base = resolve_base_model(str(tiny_base))
    before = base.sha256()
    train(config(tiny_base), Notes())
    weights = adapter("models/drug-llm/final")
    assert all("lora_" in name for name in weights)
    assert all(tensor.abs().sum() > 0 for name, tensor in weights.items() if "lora_B" in name)
    assert base.sha256() == before


def test_only_the_adapter_is_trainable_and_it_is_float32(tiny_base: Path) -> None:
    base = resolve_base_model(str(tiny_base))
    model = add_adapter(
        load_base_model(base, choose_precision("cpu", "bfloat16")), LoraSettings(8, 16, 0.05, None), base=base
    )
    trainable = {name: p for name, p in model.named_parameters() if p.requires_grad}
    assert trainable
    assert all("c_attn.lora_" in name and p.dtype == torch.float32 for name, p in trainable.items())
    assert all(p.dtype == torch.bfloat16 for name, p in model.named_parameters() if name not in trainable)


def test_four_examples_can_be_overfitted(project: Path, tiny_base: Path) -> None:
    write_jsonl(project / "data/processed/train.jsonl", simple_examples(0, 2))
    write_jsonl(project / "data/evaluation/eval.jsonl", simple_examples(0, 2))
    targets = ("c_attn", "c_fc", "c_proj")
    settings = config(
        tiny_base, epochs=400, lora_dropout=0.0, lora_rank=16, target_modules=targets, eval_steps=1000, save_steps=1000
    )
    assert train(settings, Notes())["eval"]["loss"] < 0.1


def test_accumulation_does_not_change_the_curve(project: Path, tiny_base: Path) -> None:
    curves = []
    for batch, accumulation in ((4, 1), (1, 4), (2, 2)):
        settings = config(
            tiny_base,
            batch_size=batch,
            gradient_accumulation=accumulation,
            lora_dropout=0.0,
            output_dir=f"models/{batch}",
            run_name=f"run{batch}",
        )
        train(settings, Notes())
        curves.append([point["loss"] for point in curve(project, f"run{batch}") if "loss" in point])
    assert len(curves[0]) == 15
    assert curves[1] == pytest.approx(curves[0], rel=1e-4)
    assert curves[2] == pytest.approx(curves[0], rel=1e-4)


@pytest.mark.parametrize("cut", [1, 5, 10, 14])
def test_run_cut_off_and_resumed_ends_like_an_uninterrupted_one(project: Path, tiny_base: Path, cut: int) -> None:
    settings = {"save_steps": 5, "eval_steps": 5}
    train(config(tiny_base, run_name="whole", output_dir="models/whole", **settings), Notes())
    cut_config = config(tiny_base, run_name="cut", output_dir="models/cut", **settings)
    with pytest.raises(PowerCut):
        train(cut_config, Notes(fail_after=cut))
    resumed = Notes()
    train(cut_config, resumed)
    assert resumed.updates[0].step == cut // 5 * 5 + 1 if cut != 5 and cut != 10 else True
    assert curve(project, "cut") == curve(project, "whole")
    whole, again = adapter("models/whole"), adapter("models/cut")
    assert all(torch.equal(whole[name], again[name]) for name in whole)


def test_damaged_checkpoint_is_passed_over(project: Path, tiny_base: Path) -> None:
    settings = config(tiny_base, run_name="cut", save_steps=3)
    with pytest.raises(PowerCut):
        train(settings, Notes(fail_after=7))
    newest = project / "results/cut/checkpoints/step-000006/adapter.safetensors"
    newest.write_bytes(newest.read_bytes()[:-8] + b"damaged!")
    resumed = Notes()
    train(settings, resumed)
    assert resumed.updates[0].step == 4


def test_stop_request_saves_and_the_same_command_goes_on(
    project: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os
    import signal

    class Interrupting(Notes):
        def updated(self, update: Update) -> None:
            super().updated(update)
            if update.step == 4:
                os.kill(os.getpid(), signal.SIGTERM)

    settings = config(tiny_base, run_name="stopped", save_steps=100)
    with pytest.raises(Stopped, match="Stopped after update 4 of 15"):
        train(settings, Interrupting())
    resumed = Notes()
    train(settings, resumed)
    assert resumed.updates[0].step == 5


def test_finished_run_is_not_trained_again_unless_asked(project: Path, tiny_base: Path) -> None:
    first = train(config(tiny_base), Notes())
    again = Notes()
    assert train(config(tiny_base), again) == first
    assert again.updates == []
    assert any("finished already" in notice for notice in again.notices)
    asked = Notes()
    train(config(tiny_base, overwrite=True), asked)
    assert len(asked.updates) == first["updates"]


def test_other_run_never_replaces_a_final_checkpoint_unasked(project: Path, tiny_base: Path) -> None:
    train(config(tiny_base), Notes())
    before = {name: (project / name).read_bytes() for name in files_below(project)}
    with pytest.raises(RunError, match=r"holds the finished run .* overwrite=true"):
        train(config(tiny_base, seed=7), Notes())
    assert before == {name: (project / name).read_bytes() for name in files_below(project)}


def test_run_name_of_another_run_is_refused(project: Path, tiny_base: Path) -> None:
    with pytest.raises(PowerCut):
        train(config(tiny_base, run_name="mine"), Notes(fail_after=2))
    with pytest.raises(RunError, match="started with other learning_rate, seed"):
        train(config(tiny_base, run_name="mine", seed=1, learning_rate=0.02), Notes())


def test_folder_with_foreign_files_is_never_deleted(project: Path, tiny_base: Path) -> None:
    (project / "precious").mkdir()
    (project / "precious/thesis.txt").write_text("years of work")
    with pytest.raises(StorageError, match="holds files that are no final checkpoint"):
        train(config(tiny_base, output_dir="precious", overwrite=True), Notes())
    assert (project / "precious/thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize(
    "bad", [b'{"input": "a"', b'{"input": "a", "output": ""}', b'{"input": "\xff", "output": "b"}']
)
def test_bad_line_changes_nothing_on_disk(project: Path, tiny_base: Path, bad: bytes) -> None:
    path = project / "data/processed/train.jsonl"
    path.write_bytes(path.read_bytes() + bad + b"\n")
    before = files_below(project)
    with pytest.raises(DatasetError, match=r"train\.jsonl:21: "):
        train(config(tiny_base), Notes())
    assert files_below(project) == before


def test_example_that_does_not_fit_stops_the_run_or_is_dropped(project: Path, tiny_base: Path) -> None:
    path = project / "data/processed/train.jsonl"
    path.write_bytes(path.read_bytes() + json.dumps({"input": "word " * 200, "output": "b"}).encode() + b"\n")
    before = files_below(project)
    with pytest.raises(DatasetError, match=r"train\.jsonl:21: .*expected at most 100"):
        train(config(tiny_base, max_tokens=100), Notes())
    assert files_below(project) == before
    notes = Notes()
    assert train(config(tiny_base, max_tokens=100, on_bad_lines="drop"), notes)["train_examples"] == 20
    assert any("1 lines cannot be used" in notice for notice in notes.notices)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target_modules": ("nonsense",)}, "nonsense: not in .* c_attn"),
        ({"device": "cuda"}, "no CUDA device"),
    ],
)
def test_impossible_setting_is_refused(project: Path, tiny_base: Path, changes: dict[str, Any], message: str) -> None:
    if torch.cuda.is_available() and "device" in changes:
        pytest.skip("this machine has a CUDA device")
    with pytest.raises(ConfigError, match=message):
        train(config(tiny_base, **changes), Notes())


def test_manifest_says_what_the_run_was_made_from(project: Path, tiny_base: Path) -> None:
    train(config(tiny_base, seed=5), Notes())
    manifest = json.loads((project / "models/drug-llm/final/manifest.json").read_text())
    assert manifest["seed"] == 5
    assert manifest["base_model"]["sha256"] == resolve_base_model(str(tiny_base)).sha256()
    assert len(manifest["data"]["train_sha256"]) == 64
    assert {"torch", "transformers", "peft", "python"} <= manifest["versions"].keys()
    assert {"started", "finished", "machine", "metrics", "identity"} <= manifest.keys()


def test_plain_peft_and_transformers_load_the_final_checkpoint(project: Path, tiny_base: Path) -> None:
    import subprocess
    import sys

    train(config(tiny_base), Notes())
    code = (
        "from peft import AutoPeftModelForCausalLM as M; from transformers import AutoTokenizer as T;"
        "m = M.from_pretrained('models/drug-llm/final'); t = T.from_pretrained('models/drug-llm/final');"
        "print(m(**t('Question', return_tensors='pt')).logits.shape[-1])"
    )
    # -I keeps this repository off the path: nothing of Drug-LLM can help.
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "400"


def test_tensorboard_log_holds_the_curve(project: Path, tiny_base: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train(config(tiny_base, run_name="logged"), Notes())
    log = EventAccumulator(str(project / "results/logged/tensorboard")).Reload()
    tags = set(log.Tags()["scalars"])
    figures = ("loss", "perplexity", "learning_rate", "grad_norm", "tokens_per_second", "matrix_rate_share")
    assert tags == {f"train/{figure}" for figure in figures} | {"eval/loss", "eval/perplexity"}
    logged = [event.value for event in log.Scalars("train/loss")]
    assert logged == pytest.approx([point["loss"] for point in curve(project, "logged") if "loss" in point], rel=1e-5)


def test_run_stops_early_and_keeps_its_best_weights(project: Path, tiny_base: Path) -> None:
    """Trained on answers that are wrong for the eval file, the loss falls at first and then rises."""
    settings = config(tiny_base, epochs=60, learning_rate=0.05, eval_steps=3, early_stopping=2, run_name="early")
    metrics = train(settings, Notes())
    losses = [point["eval_loss"] for point in curve(project, "early") if "eval_loss" in point]
    assert metrics["updates"] < TrainingPlan(settings, 20).updates
    assert losses[-2:] == [loss for loss in losses[-2:] if loss > min(losses)]
    assert metrics["eval"]["loss"] == min(losses)
    again = config(tiny_base, epochs=60, learning_rate=0.05, eval_steps=3, run_name="plain", output_dir="models/plain")
    train(replace(again, max_steps=3 * losses.index(min(losses))), Notes())
    best = adapter("models/drug-llm/final")
    assert best.keys() == adapter("models/plain").keys()


def test_best_weights_survive_a_power_cut(project: Path, tiny_base: Path) -> None:
    settings = config(tiny_base, epochs=6, eval_steps=2, save_steps=3, keep_best=True, run_name="whole")
    train(replace(settings, output_dir="models/whole"), Notes())
    cut = replace(settings, run_name="cut", output_dir="models/cut")
    with pytest.raises(PowerCut):
        train(cut, Notes(fail_after=10))
    train(cut, Notes())
    whole, resumed = adapter("models/whole"), adapter("models/cut")
    assert all(torch.equal(tensor, resumed[name]) for name, tensor in whole.items())


@pytest.mark.parametrize(("variant", "flag"), [("rslora", "use_rslora"), ("dora", "use_dora")])
def test_variant_trains_and_is_named_in_the_checkpoint(project: Path, tiny_base: Path, variant: str, flag: str) -> None:
    metrics = train(config(tiny_base, lora_variant=variant, lora_plus_ratio=4.0, epochs=4), Notes())
    assert json.loads(Path("models/drug-llm/final/adapter_config.json").read_text())[flag] is True
    assert metrics["eval"]["loss"] < metrics["base"]["loss"]


def test_b_matrices_learn_at_their_own_pace(project: Path, tiny_base: Path) -> None:
    """One update of AdamW moves a weight by about its learning rate."""
    train(config(tiny_base, max_steps=1, lora_plus_ratio=8.0, lora_dropout=0.0), Notes())
    moved = [tensor.abs().max() for name, tensor in adapter("models/drug-llm/final").items() if "lora_B" in name]
    assert all(float(step) == pytest.approx(0.08, rel=0.01) for step in moved)


def test_answers_to_eval_questions_stand_in_the_log(project: Path, tiny_base: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train(config(tiny_base, max_steps=1, run_name="shown", shown_questions=2), Notes())
    log = EventAccumulator(str(project / "results/shown/tensorboard")).Reload()
    for number in (1, 2):
        events = log.Tensors(f"answers/{number}/text_summary")
        assert [event.step for event in events] == [0, 1]
        assert b"Question: " in events[0].tensor_proto.string_val[0]
