"""The specification's own base model: GPT-2 in its true shape with its real tokenizer, weights random."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from drug_llm.training.config import TrainConfig
from drug_llm.training.trainer import train
from tests.training.test_training import FINAL_FILES, Notes


@pytest.fixture(scope="module")
def gpt2(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    folder = tmp_path_factory.mktemp("gpt2")
    for name in ("vocab.json", "merges.txt"):
        shutil.copy(shared / "gpt2_tokenizer" / name, folder / name)
    torch.manual_seed(0)
    GPT2LMHeadModel(GPT2Config()).to(torch.bfloat16).save_pretrained(folder)
    return folder


def test_gpt2_trains_with_the_settings_of_the_specification(project: Path, gpt2: Path) -> None:
    notes = Notes()
    config = TrainConfig(base_model=str(gpt2), max_steps=2)
    metrics = train(config, notes)
    # 20 examples make one update a pass; the rate is the specification's, falling linearly.
    assert [update.learning_rate for update in notes.updates] == pytest.approx([1e-4, 5e-5])
    assert notes.updates[1].loss < notes.updates[0].loss
    assert metrics["base"]["loss"] == pytest.approx(10.8, abs=0.5)
    folder = project / "models/drug-llm/final"
    assert {path.name for path in folder.iterdir()} == FINAL_FILES
    adapter = json.loads((folder / "adapter_config.json").read_text())
    assert (adapter["r"], adapter["lora_alpha"], adapter["lora_dropout"]) == (8, 16, 0.05)
    assert adapter["target_modules"] == ["c_attn"]
    assert adapter["fan_in_fan_out"] is True
    trained = sum(2 * 8 * (768 + 2304) // 2 for _ in range(12))
    assert (folder / "adapter_model.safetensors").stat().st_size == pytest.approx(4 * trained, rel=0.05)
