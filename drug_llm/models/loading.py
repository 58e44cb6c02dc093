"""Base models and adapters in memory."""

from __future__ import annotations

import contextlib
import logging
import math
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors import safe_open
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
from transformers.pytorch_utils import Conv1D
from transformers.utils import logging as transformers_logging

from drug_llm.errors import ConfigError, ModelError
from drug_llm.models.attention import SEGMENTED
from drug_llm.models.base import BaseModel
from drug_llm.models.four_bit import four_bit, keep_trainable
from drug_llm.models.frozen_layers import fuse_frozen_layers
from drug_llm.models.hub import weight_files
from drug_llm.models.pissa import INITIAL, remember_start
from drug_llm.models.precision import Precision

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_TARGETS = {
    "gpt2": ("c_attn",),
    "gpt_neox": ("query_key_value",),
    "falcon": ("query_key_value",),
    "phi3": ("qkv_proj",),
}
_LLAMA_LIKE = ("q_proj", "k_proj", "v_proj")
_DROPOUTS = ("resid_pdrop", "embd_pdrop", "attn_pdrop", "attention_dropout", "hidden_dropout")


@dataclass(frozen=True)
class LoraSettings:
    """A low-rank adapter (Hu et al. 2021, arXiv 2106.09685)."""

    rank: int
    alpha: int
    """The update is scaled by alpha / rank."""
    dropout: float
    """Share of the adapter's inputs set to zero in training, 0 to 1."""
    target_modules: tuple[str, ...] | None
    """Names of the layers to adapt; None takes those that fit the architecture."""
    variant: str = "lora"
    """`lora`, `rslora`, `dora` or `pissa`."""


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keep progress bars and advice of the model libraries off the terminal."""
    level = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            transformers_logging.set_verbosity(level)


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Return the tokenizer of a model folder. Raises ModelError when it has no end-of-text token."""
    with quiet_libraries(), _model_errors(folder):
        tokenizer = AutoTokenizer.from_pretrained(str(folder))
    if tokenizer.eos_token_id is None:
        raise ModelError(f"{folder}: its tokenizer has no end-of-text token. Choose another base_model.")
    return tokenizer


def load_base_model(
    base: BaseModel, precision: Precision, *, segmented: bool = False, dropout: bool = False, method: str = "lora"
) -> PreTrainedModel:
    """Return the base model on its device, all its weights frozen unless the method is `full`.

    `segmented` makes it take rows of several examples (`segment_lengths`); `dropout` keeps its own dropout. Weights
    that train are float32 (`computing` lets them compute in the run's format); with `qlora` layers have four bits.
    """
    full, packed = method == "full", method == "qlora"
    with quiet_libraries(), _model_errors(base.folder):
        config = AutoConfig.from_pretrained(str(base.folder))
        for name in () if dropout else _DROPOUTS:
            if hasattr(config, name):
                setattr(config, name, 0.0)
        model = AutoModelForCausalLM.from_pretrained(
            str(base.folder),
            config=config,
            dtype=torch.float32 if full else precision.dtype,
            use_safetensors=True,
            attn_implementation=SEGMENTED if segmented else "sdpa",
            **({"quantization_config": four_bit(precision), "device_map": {"": precision.device}} if packed else {}),
        )
    model.requires_grad_(full)
    model.computes_in = precision.dtype if full else None
    keep_trainable(model)
    fuse_frozen_layers(model)
    moved: PreTrainedModel = model if packed else model.to(precision.device)
    return moved


def computing(model: torch.nn.Module) -> AbstractContextManager[Any]:
    """Return the context in which a model whose float32 weights train computes in the run's number format."""
    wanted: torch.dtype | None = getattr(model, "computes_in", None)
    if wanted in (None, torch.float32):
        return contextlib.nullcontext()
    return torch.autocast(next(model.parameters()).device.type, dtype=wanted)


def parameter_count(folder: Path) -> int:
    """Return how many weights the files of a model hold."""
    count = 0
    for file in weight_files(folder):
        with safe_open(file, framework="pt") as tensors:
            count += sum(math.prod(tensors.get_slice(name).get_shape()) for name in tensors.keys())  # noqa: SIM118
    return count


def add_adapter(model: PreTrainedModel, settings: LoraSettings, *, base: BaseModel) -> PeftModel:
    """Return the model with a fresh adapter, whose weights are float32 and the only ones that train.

    Raises ConfigError when a target module is not in the model.
    """
    targets = settings.target_modules or default_target_modules(model)
    found = [module for name, module in model.named_modules() if name.rsplit(".", 1)[-1] in targets]
    names = sorted(set(_linear_names(model)))
    if missing := [target for target in targets if target not in names]:
        raise ConfigError(
            f"target_modules={','.join(missing)}: not in {base.title}; its layers are {', '.join(names)}. "
            "Name some of these, or leave target_modules out."
        )
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=list(targets),
        # GPT-2 stores its layers transposed (Conv1D); a wrong flag here would train a different matrix.
        fan_in_fan_out=isinstance(found[0], Conv1D),
        use_rslora=settings.variant == "rslora",
        use_dora=settings.variant == "dora",
        init_lora_weights=INITIAL if settings.variant == "pissa" else True,
        task_type="CAUSAL_LM",
        base_model_name_or_path=base.name if base.revision else str(base.folder.resolve()),
        revision=base.revision or None,
    )
    with quiet_libraries():
        adapted = get_peft_model(model, config, autocast_adapter_dtype=True)
    assert isinstance(adapted, PeftModel)
    if settings.variant == "pissa":
        remember_start(adapted)
    return adapted


def load_adapter(model: PreTrainedModel, folder: Path) -> PeftModel:
    """Return the model with the adapter of a final checkpoint, for inference."""
    with quiet_libraries(), _model_errors(folder):
        return PeftModel.from_pretrained(model, str(folder), is_trainable=False)


def load_tuned(model: PreTrainedModel, folder: Path) -> PreTrainedModel:
    """Return the model of a final checkpoint for inference: the base model with its adapter, or its own weights."""
    if (folder / "adapter_config.json").is_file():
        return load_adapter(model, folder)
    attention = model.config._attn_implementation
    with quiet_libraries(), _model_errors(folder):
        tuned = AutoModelForCausalLM.from_pretrained(
            str(folder), dtype=model.dtype, use_safetensors=True, attn_implementation=attention
        )
    tuned.requires_grad_(False)
    fuse_frozen_layers(tuned)
    moved: PreTrainedModel = tuned.to(model.device)
    return moved


def load_merged(base: BaseModel, folder: Path, precision: Precision) -> PreTrainedModel:
    """Return the model of a final checkpoint for inference, its adapter merged into the weights of the base model."""
    tuned = load_tuned(load_base_model(base, precision), folder)
    merged: Any = tuned.merge_and_unload() if isinstance(tuned, PeftModel) else tuned
    evaluated: PreTrainedModel = merged.eval()
    return evaluated


def default_target_modules(model: PreTrainedModel) -> tuple[str, ...]:
    """Return the attention projections that suit the architecture: `c_attn` for GPT-2, q, k and v for Llama-like.

    Raises ConfigError for an architecture that has neither.
    """
    names = set(_linear_names(model))
    targets = _TARGETS.get(str(model.config.model_type), _LLAMA_LIKE)
    if not set(targets) <= names:
        raise ConfigError(
            f"No default target_modules for the architecture {model.config.model_type}; "
            f"its layers are {', '.join(sorted(names))}. Give target_modules=NAME,NAME."
        )
    return targets


def _linear_names(model: torch.nn.Module) -> list[str]:
    return [
        name.rsplit(".", 1)[-1]
        for name, module in model.named_modules()
        if isinstance(module, (torch.nn.Linear, Conv1D)) and not name.endswith("lm_head")
    ]


@contextlib.contextmanager
def _model_errors(folder: Path) -> Iterator[Any]:
    try:
        yield
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ModelError(
            f"{folder}: cannot be loaded ({reason}). Check the folder or fetch the model again."
        ) from error
