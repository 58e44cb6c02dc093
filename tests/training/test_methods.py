"""Full fine-tuning, PiSSA and four bits: each learns, resumes exactly, and leaves a checkpoint that others load."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from drug_llm.encoding import EncodedExample
from drug_llm.errors import ConfigError, StorageError
from drug_llm.evaluation.perplexity import compare
from drug_llm.models.base import resolve_base_model
from drug_llm.models.loading import LoraSettings, add_adapter, load_base_model, parameter_count
from drug_llm.models.precision import choose_precision
from drug_llm.training import trainer
from drug_llm.training.loss import make_row, row_loss
from drug_llm.training.trainer import train
from tests.conftest import files_below
from tests.training.test_training import FINAL_FILES, Notes, PowerCut, config, curve

FULL: dict[str, Any] = {"method": "full", "learning_rate": 0.002}
PISSA: dict[str, Any] = {"lora_variant": "pissa", "lora_dropout": 0.05}
QLORA: dict[str, Any] = {"method": "qlora"}
four_bit = pytest.mark.skipif(
    importlib.util.find_spec("bitsandbytes") is None, reason='pip install "drug-llm[qlora]" to test it'
)


def weights(folder: str) -> dict[str, torch.Tensor]:
    (file,) = (path for path in Path(folder).glob("*.safetensors"))
    return load_file(file)


@pytest.mark.parametrize("changes", [FULL, PISSA, pytest.param(QLORA, marks=four_bit)], ids=["full", "pissa", "qlora"])
def test_method_learns_and_resumes_with_the_same_bits(project: Path, tiny_base: Path, changes: dict[str, Any]) -> None:
    settings = config(tiny_base, **changes, eval_steps=5, save_steps=5, run_name="whole", output_dir="models/whole")
    metrics = train(settings, Notes())
    assert metrics["eval"]["loss"] < metrics["base"]["loss"]
    cut = replace(settings, run_name="cut", output_dir="models/cut")
    with pytest.raises(PowerCut):
        train(cut, Notes(fail_after=8))
    resumed = Notes()
    train(cut, resumed)
    assert resumed.updates[0].step == 6
    assert curve(project, "cut") == curve(project, "whole")
    whole, again = weights("models/whole"), weights("models/cut")
    assert all(torch.equal(tensor, again[name]) for name, tensor in whole.items())


@pytest.mark.parametrize("changes", [FULL, PISSA], ids=["full", "pissa"])
def test_final_checkpoint_has_the_loss_that_the_run_reports(
    project: Path, tiny_base: Path, changes: dict[str, Any]
) -> None:
    metrics = train(config(tiny_base, **changes), Notes())
    found = compare(project / "models/drug-llm/final", project / "data/evaluation/eval.jsonl").to_json()
    assert found["tuned"]["loss"] == pytest.approx(metrics["eval"]["loss"], rel=1e-4)
    assert found["base"]["loss"] == pytest.approx(metrics["base"]["loss"], rel=1e-4)


def test_full_fine_tuning_changes_every_weight_and_needs_only_transformers(project: Path, tiny_base: Path) -> None:
    train(config(tiny_base, **FULL), Notes())
    folder = project / "models/drug-llm/final"
    model_files = {"config.json", "generation_config.json", "model.safetensors"}
    assert {path.name for path in folder.iterdir()} == FINAL_FILES - {
        "adapter_config.json",
        "adapter_model.safetensors",
    } | model_files
    before, after = load_file(tiny_base / "model.safetensors"), load_file(folder / "model.safetensors")
    assert before.keys() == after.keys()
    assert not any(torch.equal(tensor, after[name]) for name, tensor in before.items())
    code = (
        "from transformers import AutoModelForCausalLM as M, AutoTokenizer as T;"
        "m = M.from_pretrained('models/drug-llm/final'); t = T.from_pretrained('models/drug-llm/final');"
        "print(m(**t('Question', return_tensors='pt')).logits.shape[-1])"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "400"
    assert "all its weights trained" in (folder / "README.md").read_text()


def test_gradients_of_all_weights_are_those_of_transformers(tiny_base: Path) -> None:
    from transformers import AutoModelForCausalLM

    ids = list(range(5, 60))
    ours = load_base_model(
        resolve_base_model(str(tiny_base)), choose_precision("cpu", "float32"), segmented=True, method="full"
    )
    row_loss(ours, make_row([EncodedExample(ids, ids)], torch.device("cpu"))).backward()
    plain = AutoModelForCausalLM.from_pretrained(tiny_base)
    tensor = torch.tensor([ids])
    (plain(input_ids=tensor, labels=tensor).loss * (len(ids) - 1)).backward()
    theirs = dict(plain.named_parameters())
    for name, parameter in ours.named_parameters():
        torch.testing.assert_close(parameter.grad, theirs[name].grad, rtol=1e-3, atol=1e-3)


def test_full_fine_tuning_computes_in_bfloat16_with_float32_weights(project: Path, tiny_base: Path) -> None:
    exact, fast = Notes(), Notes()
    train(config(tiny_base, **FULL, output_dir="models/exact", max_steps=4), exact)
    train(config(tiny_base, **FULL | {"dtype": "bfloat16", "max_steps": 4}), fast)
    theirs = [update.loss for update in exact.updates]
    mine = [update.loss for update in fast.updates]
    assert mine == pytest.approx(theirs, rel=0.02)
    assert mine != theirs
    assert all(tensor.dtype == torch.float32 for tensor in weights("models/drug-llm/final").values())


def test_pissa_starts_as_the_base_model_and_is_written_as_lora(project: Path, tiny_base: Path) -> None:
    base = resolve_base_model(str(tiny_base))
    plain = load_base_model(base, choose_precision("cpu", "float32"), segmented=True)
    row = make_row([EncodedExample(list(range(20)), list(range(20)))], torch.device("cpu"))
    expected = row_loss(plain, row).item()
    model = add_adapter(plain, LoraSettings(8, 16, 0.0, None, variant="pissa"), base=base)
    assert row_loss(model, row).item() == pytest.approx(expected, rel=1e-4)
    # The start holds the singular vectors, so both matrices are far from zero.
    assert all(float(p.detach().norm()) > 0.1 for name, p in model.named_parameters() if "lora_" in name)
    train(config(tiny_base, **PISSA), Notes())
    adapter = json.loads((project / "models/drug-llm/final/adapter_config.json").read_text())
    assert (adapter["r"], adapter["lora_alpha"], adapter["init_lora_weights"]) == (16, 32, True)


def test_four_bits_without_bitsandbytes_are_refused_before_anything_is_written(
    project: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec

    def without(name: str, *rest: Any) -> Any:
        return None if name == "bitsandbytes" else found(name, *rest)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    before = files_below(project)
    with pytest.raises(ConfigError, match=r"method=qlora: bitsandbytes is not installed\. Run `pip install"):
        train(config(tiny_base, **QLORA), Notes())
    assert files_below(project) == before


def test_singular_vectors_of_packed_weights_are_refused() -> None:
    with pytest.raises(ConfigError, match="lora_variant=pissa: expected another one with method=qlora"):
        config(Path("anything"), method="qlora", lora_variant="pissa")


def test_full_fine_tuning_asks_for_room_for_its_checkpoints(
    project: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert parameter_count(tiny_base) == sum(t.numel() for t in load_file(tiny_base / "model.safetensors").values())
    monkeypatch.setattr(trainer, "BYTES_A_WEIGHT", 10**15)
    with pytest.raises(StorageError, match="MB free; expected"):
        train(config(tiny_base, **FULL), Notes())
