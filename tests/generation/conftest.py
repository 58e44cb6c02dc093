"""A tiny Llama, alone and as the base of a final checkpoint."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from drug_llm.models.base import resolve_base_model
from drug_llm.models.final import save_final
from drug_llm.models.loading import LoraSettings, add_adapter, load_base_model, load_tokenizer
from drug_llm.models.precision import choose_precision
from drug_llm.prompts import PromptFormat


def new_llama(**changes: object) -> LlamaForCausalLM:
    torch.manual_seed(3)
    settings = {
        "vocab_size": 400,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "initializer_range": 0.3,
        "bos_token_id": 0,
        "eos_token_id": 0,
    }
    return LlamaForCausalLM(LlamaConfig(**settings | changes)).eval()


def write_checkpoint(folder: Path, base: Path, *, seed: int) -> Path:
    """Write a final checkpoint with a random adapter of the base model."""
    found = resolve_base_model(str(base))
    adapted = add_adapter(load_base_model(found, choose_precision("cpu")), LoraSettings(2, 4, 0.0, None), base=found)
    torch.manual_seed(seed)
    for name, weight in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.3)
    manifest = {
        "run": f"seed-{seed}",
        "base_model": {"name": str(base), "hub_name": "tiny-llama"},
        "identity": {"settings": {"method": "lora", "max_tokens": 128}},
        "metrics": {side: {"loss": 1.0, "perplexity": 2.7} for side in ("base", "eval")},
    }
    save_final(folder, adapted, load_tokenizer(base), prompt_format=PromptFormat(), settings="", manifest=manifest)
    return folder


@pytest.fixture(scope="session")
def llama_base(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny-llama")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tiny_base / name, folder)
    new_llama().save_pretrained(folder)
    assert json.loads((folder / "config.json").read_text())["model_type"] == "llama"
    return folder


@pytest.fixture(scope="session")
def tuned_llama(llama_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("tuned") / "final", llama_base, seed=5)
