"""PiSSA adapters (Meng et al. 2024, arXiv 2404.02948) written as plain LoRA, so that they fit the untouched base model.

PiSSA starts from the principal singular vectors of a layer, W = R + B0 A0, freezes R and trains the rest. What it
learned is B A - B0 A0, an adapter of twice the rank on W itself.
"""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from peft import LoraConfig, get_peft_model_state_dict
from peft.tuners.lora import LoraLayer
from safetensors.torch import save_file

if TYPE_CHECKING:
    from peft import PeftModel

INITIAL = "pissa_niter_16"
"""PEFT's name of this start, with singular vectors by 16 subspace iterations: seconds instead of minutes."""


def is_pissa(model: PeftModel) -> bool:
    """Return whether the adapter started from the base model's singular vectors."""
    return bool(model.peft_config["default"].init_lora_weights == INITIAL)


def remember_start(model: PeftModel) -> None:
    """Keep the adapter's first weights beside those that train."""
    for layer in _layers(model).values():
        layer.start = tuple(side["default"].weight.detach().clone() for side in (layer.lora_A, layer.lora_B))


def save_as_lora(model: PeftModel, folder: Path) -> None:
    """Write what the adapter learned as a plain LoRA adapter, the files of `PeftModel.save_pretrained`."""
    weights = get_peft_model_state_dict(model)
    for name, layer in _layers(model).items():
        first_a, first_b = layer.start
        key_a, key_b = f"{name}.lora_A.weight", f"{name}.lora_B.weight"
        weights[key_a] = torch.cat([weights[key_a], first_a])
        weights[key_b] = torch.cat([weights[key_b], -first_b], dim=1)
    config: LoraConfig = copy(model.peft_config["default"])
    # The rank doubles, and alpha with it, so that alpha / rank stays as it was trained.
    config.r, config.lora_alpha = 2 * config.r, 2 * config.lora_alpha
    config.init_lora_weights, config.inference_mode = True, True
    config.save_pretrained(str(folder))
    on_cpu = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
    save_file(on_cpu, folder / "adapter_model.safetensors", metadata={"format": "pt"})


def _layers(model: PeftModel) -> dict[str, LoraLayer]:
    return {name: module for name, module in model.named_modules() if isinstance(module, LoraLayer)}
