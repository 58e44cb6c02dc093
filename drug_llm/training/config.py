"""Every setting of a training run, with the values of the specification as defaults."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from pathlib import Path

from drug_llm.errors import ConfigError
from drug_llm.settings import show_value

SCHEDULES = ("linear", "cosine", "constant")
ON_BAD_LINES = ("error", "drop")
METHODS = ("lora", "full", "qlora")
TRACKERS = ("tensorboard", "wandb", "mlflow", "trackio")
LORA_VARIANTS = ("lora", "rslora", "dora", "pissa")
SHARDINGS = ("none", "full")
DTYPES = ("auto", "float32", "bfloat16")
GPU_ROW_TOKENS = 16384
"""Tokens of a row on a GPU, where none are set."""


@dataclass(frozen=True)
class TrainConfig:
    """Settings of one training run; field docstrings are the help text."""

    base_model: str = "auto"
    """Base model: a Hub name, a folder, `embedded`, or `auto` (openai-community/gpt2 where the local cache or the Hub
    has it, else the embedded SmolLM2-135M-Instruct). A model that is named never falls back."""
    train_file: str = "data/processed/train.jsonl"
    """JSONL file with the training examples: `input` and `output` on each line."""
    eval_file: str = "data/evaluation/eval.jsonl"
    """JSONL file with the evaluation examples, which are never trained on."""
    output_dir: str = "models/drug-llm/final"
    """Folder of the final checkpoint: adapter, tokenizer, prompt format, settings, manifest."""
    results_dir: str = "results"
    """Folder of the runs; each has metrics, its curve, checkpoints and a TensorBoard log under its name."""
    run_name: str | None = None
    """Name of the run; unless given it is made from the base model, the settings and the data, so that the same
    command finds its own run again."""
    method: str = "lora"
    """What is trained: lora (an adapter), full (every weight of the base model; 16 bytes of memory a weight), or qlora
    (an adapter on a base model in four bits; made for CUDA, needs bitsandbytes)."""
    lora_rank: int = 8
    """Rank of the adapter matrices."""
    lora_alpha: int = 16
    """Scale of the adapter: its update is multiplied by lora_alpha / lora_rank."""
    lora_dropout: float = 0.05
    """Share of the adapter's inputs set to zero while training, from 0 to below 1."""
    lora_variant: str = "lora"
    """lora (Hu 2021), rslora (scaled by the root of the rank, Kalajdzievski 2023), dora (Liu 2024, half as fast) or
    pissa (starts from the base model's principal singular vectors, Meng 2024)."""
    lora_plus_ratio: float = 1.0
    """Learning rate of the adapters' B matrices over that of their A matrices (LoRA+, Hayou 2024); 1 is plain LoRA."""
    target_modules: tuple[str, ...] | None = None
    """Layers to adapt, separated by commas; by default c_attn for GPT-2 and q_proj,k_proj,v_proj for Llama."""
    batch_size: int = 4
    """Examples in a batch; how many go through the model together is row_tokens' affair."""
    gradient_accumulation: int = 8
    """Batches whose gradients make one update, so an update learns from batch_size x gradient_accumulation examples."""
    row_tokens: int | None = None
    """Most tokens that go through the model together: the examples of an update are laid end to end, without padding
    and without seeing each other, in rows of so many tokens; by default max_tokens, and 16384 on a GPU, which is idle
    half of the time on shorter ones. A processor computes a row a core, up to four side by side. Memory grows with
    it."""
    learning_rate: float = 1e-4
    """Highest learning rate of AdamW."""
    lr_schedule: str = "linear"
    """How the learning rate falls after the warm-up: linear, cosine (both to zero) or constant."""
    warmup_ratio: float = 0.0
    """Share of the updates over which the learning rate rises from zero."""
    weight_decay: float = 0.0
    """Decoupled weight decay of AdamW."""
    max_grad_norm: float = 1.0
    """Gradients are scaled down to this norm when they exceed it; 0 switches that off."""
    epochs: float = 3.0
    """Passes over the training file."""
    max_steps: int | None = None
    """Stop after this many updates, whatever `epochs` says."""
    max_tokens: int = 512
    """Longest example, prompt and answer together, in tokens."""
    train_on_prompt: bool = False
    """Take the loss on the prompt too, not on the answer alone."""
    base_dropout: bool = False
    """Keep the base model's own dropout, which slows training and rarely helps a frozen base."""
    eval_steps: int = 50
    """Updates between two evaluations; there is one before the first and one after the last update as well."""
    early_stopping: int | None = None
    """End the run after so many evaluations in a row without a lower eval loss; keep_best is then on."""
    keep_best: bool = False
    """Make the final checkpoint of the weights with the lowest eval loss, not of the last ones."""
    shown_questions: int = 2
    """Questions of the eval file whose answers stand in TensorBoard at each evaluation."""
    save_steps: int = 25
    """Updates between two checkpoints, from which a killed run goes on."""
    tracker: str = "tensorboard"
    """Where the curves go: tensorboard (in the run's folder), or wandb, mlflow or trackio beside it."""
    seed: int = 42
    """Seed of the order of the examples, of the adapter's first weights and of the dropout."""
    device: str = "auto"
    """auto (a GPU where there is one), cpu or cuda."""
    dtype: str = "auto"
    """Number format of the frozen base model: float32, bfloat16, or auto (bfloat16 where hardware is fast at it)."""
    sharding: str = "none"
    """How several processes hold the model: none (each one whole) or full (split over them, for a base model too large
    for one GPU; see docs/clusters.md)."""
    on_bad_lines: str = "error"
    """What to do about lines that cannot be used: error (stop before anything is written) or drop."""
    overwrite: bool = False
    """Train again and replace a finished run and its final checkpoint."""

    def __post_init__(self) -> None:
        """Raise ConfigError for a value outside its range."""
        for name in ("lora_rank", "lora_alpha", "batch_size", "gradient_accumulation", "eval_steps", "save_steps"):
            self._require(name, getattr(self, name) >= 1, "1 or more")
        self._require("tracker", self.tracker in TRACKERS, " or ".join(TRACKERS))
        self._require("method", self.method in METHODS, " or ".join(METHODS))
        fits = self.method != "qlora" or self.lora_variant != "pissa"
        self._require("lora_variant", fits, "another one with method=qlora: singular vectors need unpacked weights")
        self._require("lora_variant", self.lora_variant in LORA_VARIANTS, " or ".join(LORA_VARIANTS))
        self._require("lora_plus_ratio", 1 <= self.lora_plus_ratio <= 100, "a number from 1 to 100")
        self._require("early_stopping", self.early_stopping is None or self.early_stopping >= 1, "1 or more")
        self._require("shown_questions", 0 <= self.shown_questions <= 50, "a number from 0 to 50")
        self._require("lora_dropout", 0 <= self.lora_dropout < 1, "a number from 0 to below 1")
        self._require("learning_rate", 0 < self.learning_rate < 1, "a number above 0 and below 1")
        self._require("epochs", 0 < self.epochs < math.inf, "a number above 0")
        self._require("max_steps", self.max_steps is None or self.max_steps >= 1, "1 or more")
        self._require("row_tokens", self.row_tokens is None or self.row_tokens >= 8, "8 or more")
        self._require("max_tokens", self.max_tokens >= 8, "8 or more")
        self._require("warmup_ratio", 0 <= self.warmup_ratio <= 1, "a number from 0 to 1")
        self._require("weight_decay", 0 <= self.weight_decay < math.inf, "0 or more")
        self._require("max_grad_norm", 0 <= self.max_grad_norm < math.inf, "0 or more")
        self._require("seed", 0 <= self.seed < 2**32, "a whole number from 0 to 4294967295")
        self._require("lr_schedule", self.lr_schedule in SCHEDULES, " or ".join(SCHEDULES))
        self._require("on_bad_lines", self.on_bad_lines in ON_BAD_LINES, " or ".join(ON_BAD_LINES))
        self._require("sharding", self.sharding in SHARDINGS, " or ".join(SHARDINGS))
        whole = self.method == "qlora" or self.lora_variant == "pissa"
        self._require("sharding", self.sharding == "none" or not whole, "none with method=qlora or lora_variant=pissa")
        self._require("dtype", self.dtype in DTYPES, " or ".join(DTYPES))
        self._require("device", self.device.split(":")[0] in ("auto", "cpu", "cuda"), "auto, cpu or cuda")
        self._require("run_name", self.run_name is None or _is_plain(self.run_name), "a name without / or spaces")
        for name in ("base_model", "train_file", "eval_file", "output_dir", "results_dir"):
            self._require(name, bool(getattr(self, name).strip()), "text that is not empty")

    def _require(self, name: str, holds: bool, expected: str) -> None:
        if not holds:
            raise ConfigError(f"{name}={show_value(getattr(self, name))}: expected {expected}. See --help.")

    @property
    def examples_per_update(self) -> int:
        """Examples whose gradients make one update."""
        return self.batch_size * self.gradient_accumulation

    def tokens_per_row(self, *, on_gpu: bool) -> int:
        """Return the most tokens of one row."""
        return self.row_tokens or max(self.max_tokens, GPU_ROW_TOKENS if on_gpu else 0)

    @property
    def keeps_best(self) -> bool:
        """Whether the final checkpoint has the weights of the lowest eval loss."""
        return self.keep_best or self.early_stopping is not None

    def changed(self) -> dict[str, object]:
        """Return the settings that differ from their defaults."""
        return {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if getattr(self, field.name) != field.default
        }


def _is_plain(name: str) -> bool:
    return Path(name).name == name and name not in (".", "..") and not any(c.isspace() for c in name)
