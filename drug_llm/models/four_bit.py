"""Base models in four bits (QLoRA, Dettmers et al. 2023, arXiv 2305.14314), by bitsandbytes."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from drug_llm.errors import ConfigError
from drug_llm.models.precision import Precision

if TYPE_CHECKING:
    import torch
    from transformers import BitsAndBytesConfig

INSTALL_COMMAND = 'pip install "drug-llm[qlora]"'


def check_four_bit() -> None:
    """Raise ConfigError where bitsandbytes is not installed."""
    if importlib.util.find_spec("bitsandbytes") is None:
        raise ConfigError(
            f"method=qlora: bitsandbytes is not installed. Run `{INSTALL_COMMAND}`, or take method=lora, which needs "
            "about four times the memory for the base model."
        )


def four_bit(precision: Precision) -> BitsAndBytesConfig:
    """Return how the layers are stored (NF4, its scales quantised again) and computed (the run's number format)."""
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=precision.dtype,
    )


def keep_trainable(model: torch.nn.Module) -> None:
    """Stop bitsandbytes from repacking layers at the first evaluation on a CPU: no gradient goes through those."""
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            setattr(module, "support_avx512bf16_for_cpu", False)  # noqa: B010
