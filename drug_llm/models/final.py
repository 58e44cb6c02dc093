"""The final checkpoint: adapter, tokenizer, prompt format, settings and manifest in one folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drug_llm.errors import ModelError, StorageError
from drug_llm.models.base import BaseModel, resolve_base_model
from drug_llm.models.hub import weight_files
from drug_llm.prompts import PromptFormat
from drug_llm.storage import new_folder, write_json

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

MANIFEST = "manifest.json"
SETTINGS = "config.yaml"


@dataclass(frozen=True)
class FinalCheckpoint:
    """A finished model on disk and what it was made from."""

    folder: Path
    manifest: Mapping[str, Any]
    prompt_format: PromptFormat

    def base_model(self) -> BaseModel:
        """Return the base model that the adapter belongs to. Raises ModelError when it cannot be had."""
        return resolve_base_model(str(self.manifest["base_model"]["name"]))

    def text_folder(self, base: BaseModel) -> Path:
        """Return where the tokenizer lies: here, or as with the reference adapter only beside its base model."""
        return self.folder if (self.folder / "tokenizer_config.json").is_file() else base.folder

    def check_base_model(self, base: BaseModel) -> None:
        """Raise ModelError when the base model's weights are not those that the adapter was trained on."""
        trained_on, found = self.manifest["base_model"]["sha256"], base.sha256()
        if trained_on != found:
            raise ModelError(
                f"{base.folder}: weights have SHA-256 {found[:12]}; the adapter in {self.folder} was trained on "
                f"{trained_on[:12]}. Fetch that base model, or train again."
            )


def save_final(
    folder: Path,
    model: PeftModel | PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    *,
    prompt_format: PromptFormat,
    settings: str,
    manifest: Mapping[str, Any],
) -> None:
    """Write the final checkpoint, replacing an older one only once the new one is whole.

    `peft` and `transformers` alone can load it with `AutoPeftModelForCausalLM.from_pretrained`, a model all of whose
    weights were trained with `AutoModelForCausalLM.from_pretrained`.
    """
    check_replaceable(folder)
    with new_folder(folder) as partial:
        _save_weights(model, partial)
        tokenizer.save_pretrained(str(partial))
        prompt_format.save(partial)
        (partial / SETTINGS).write_text(settings, encoding="utf-8")
        write_json(partial / MANIFEST, dict(manifest))
        (partial / "README.md").write_text(_card(manifest), encoding="utf-8")


def _save_weights(model: Any, folder: Path) -> None:
    from peft import PeftModel

    from drug_llm.models.pissa import is_pissa, save_as_lora

    if not isinstance(model, PeftModel):
        model.save_pretrained(str(folder))
    elif is_pissa(model):
        save_as_lora(model, folder)
    else:
        model.save_pretrained(str(folder), save_embedding_layers=False)


def open_final(folder: Path) -> FinalCheckpoint:
    """Return the final checkpoint in a folder. Raises ModelError when there is none or it is not whole."""
    manifest = read_manifest(folder)
    if manifest is None or not ((folder / "adapter_model.safetensors").is_file() or weight_files(folder)):
        raise ModelError(f"{folder}: no final checkpoint there. Train one with `python train.py`, or give its folder.")
    return FinalCheckpoint(folder, manifest, PromptFormat.load(folder))


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the manifest in a folder, or None where there is no readable one."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and "run" in content else None


def check_replaceable(folder: Path) -> None:
    """Raise StorageError when a folder holds anything but a final checkpoint: it would be deleted."""
    if folder.exists() and not folder.is_dir():
        raise StorageError(f"{folder}: is a file; expected a folder for the final checkpoint. Give another output_dir.")
    if folder.is_dir() and any(folder.iterdir()) and read_manifest(folder) is None:
        raise StorageError(
            f"{folder}: holds files that are no final checkpoint of Drug-LLM; writing there would delete them. "
            "Give another output_dir."
        )


def _card(manifest: Mapping[str, Any]) -> str:
    base, metrics = manifest["base_model"], manifest["metrics"]
    full = manifest["identity"]["settings"]["method"] == "full"
    what = f"{base['hub_name']}, all its weights trained" if full else f"A LoRA adapter for {base['hub_name']}, trained"
    return f"""---
library_name: {"transformers" if full else "peft"}
base_model: {base["hub_name"]}
pipeline_tag: text-generation
tags: [{"medication" if full else "lora, medication"}]
---
# {manifest["run"]}

{what} with Drug-LLM on medication questions.

| on the eval file | loss | perplexity |
|---|---|---|
| base model | {metrics["base"]["loss"]:.4f} | {metrics["base"]["perplexity"]:.2f} |
| trained | {metrics["eval"]["loss"]:.4f} | {metrics["eval"]["perplexity"]:.2f} |

`manifest.json` holds the settings, the hashes of data and base model, the versions and the machine.
Answers from the model's memory are not checked against any drug label. Information, not medical advice.
"""
