"""The reference adapter that comes with the package, so that questions are answered well before anything is trained.

`make reference` trains it and writes it.
"""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from drug_llm.errors import StorageError
from drug_llm.models.final import MANIFEST, SETTINGS, read_manifest
from drug_llm.prompts import FILE_NAME as PROMPT_FORMAT
from drug_llm.storage import new_folder, write_json

FOLDER = Path(__file__).parents[1] / "reference"
"""Where it lies: package data."""
LARGEST_BYTES = 5_000_000
HUB_BASE = "HuggingFaceTB/SmolLM2-135M-Instruct"
_PRIVATE = ("machine", "host", "command", "folder")
"""What a manifest says of the machine that a package need not repeat."""
_PLACES = ("train_file", "eval_file", "output_dir", "results_dir")
"""Settings of which only the name is kept, not where it lay."""


def has_reference() -> bool:
    """Return whether the package holds a reference adapter."""
    return (FOLDER / "adapter_model.safetensors").is_file()


def write_reference(source: Path, target: Path = FOLDER) -> int:
    """Write the adapter of a final checkpoint as bfloat16, its settings, prompt format and manifest; return its bytes.

    The tokenizer is that of the base model. Raises StorageError when the adapter is larger than LARGEST_BYTES.
    """
    import torch
    from safetensors.torch import load_file, save_file

    manifest = read_manifest(source)
    if manifest is None:
        raise StorageError(f"{source}: no final checkpoint there; expected one made by `python train.py`.")
    trained = load_file(source / "adapter_model.safetensors")
    weights = {name: tensor.to(torch.bfloat16) for name, tensor in trained.items()}
    size = sum(tensor.numel() * tensor.element_size() for tensor in weights.values())
    if size > LARGEST_BYTES:
        raise StorageError(f"{source}: an adapter of {size} bytes; expected at most {LARGEST_BYTES}. Lower lora_rank.")
    config = json.loads((source / "adapter_config.json").read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = HUB_BASE
    with new_folder(target) as partial:
        save_file(weights, partial / "adapter_model.safetensors", metadata={"format": "pt"})
        write_json(partial / "adapter_config.json", config)
        told = {name: value for name, value in manifest.items() if name not in _PRIVATE}
        told["data"] = {
            name: Path(value).name if name.endswith("_file") else value for name, value in told["data"].items()
        }
        write_json(partial / MANIFEST, told)
        settings = yaml.safe_load((source / SETTINGS).read_text(encoding="utf-8"))
        for name in _PLACES:
            settings[name] = Path(settings[name]).name
        (partial / SETTINGS).write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
        (partial / PROMPT_FORMAT).write_bytes((source / PROMPT_FORMAT).read_bytes())
    return size
