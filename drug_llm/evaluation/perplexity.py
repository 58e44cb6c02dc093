"""Loss and perplexity of the base model and of the tuned model on the same file, side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drug_llm.encoding import Encoding
from drug_llm.models.final import FinalCheckpoint, open_final
from drug_llm.models.loading import load_base_model, load_tuned
from drug_llm.models.precision import choose_precision
from drug_llm.models.tokenizer import load_text_encoder
from drug_llm.training.data import encode_file
from drug_llm.training.loss import LossReport, evaluate_loss
from drug_llm.training.side_by_side import rows_side_by_side


@dataclass(frozen=True)
class Comparison:
    """Base and tuned model on one file."""

    checkpoint: FinalCheckpoint
    file: Path
    base: LossReport
    tuned: LossReport

    def to_json(self) -> dict[str, Any]:
        """Return the figures with what is needed to make them again."""
        sides = {"base": self.base, "tuned": self.tuned}
        return {
            "run": self.checkpoint.manifest["run"],
            "file": str(self.file),
            "examples": self.tuned.examples,
            "target_tokens": self.tuned.target_tokens,
        } | {name: {"loss": side.loss, "perplexity": side.perplexity} for name, side in sides.items()}


def compare(folder: Path, file: Path, *, on_examples: Callable[[int], None] | None = None) -> Comparison:
    """Return loss and perplexity of base and tuned model on an instruction file.

    Both see the same prompts, tokens and number format; the base is scored before its adapter is added.
    Raises ModelError when the checkpoint cannot be loaded, DatasetError when the file cannot be used.
    """
    checkpoint = open_final(folder)
    base = checkpoint.base_model()
    checkpoint.check_base_model(base)
    settings = checkpoint.manifest["identity"]["settings"]
    precision = choose_precision(dtype=settings["dtype"])
    encoding = Encoding(
        load_text_encoder(folder), checkpoint.prompt_format, settings["max_tokens"], settings["train_on_prompt"]
    )
    encoded = encode_file(file, encoding)
    model = load_base_model(base, precision, segmented=True)
    device, at_once = precision.device, rows_side_by_side(precision.device)
    plain = evaluate_loss(model, encoded, device, on_examples=on_examples, rows_at_once=at_once)
    tuned = evaluate_loss(load_tuned(model, folder), encoded, device, on_examples=on_examples, rows_at_once=at_once)
    return Comparison(checkpoint, file, plain, tuned)
