"""Loss of a model on encoded examples: negative log-likelihood of the target tokens, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import torch
from torch.nn.functional import cross_entropy

from drug_llm.encoding import IGNORED, EncodedExample
from drug_llm.training.data import EncodedFile

EVAL_TOKENS = 1024
"""Tokens of one row in evaluation."""


@dataclass(frozen=True)
class Row:
    """Examples laid end to end, without padding."""

    input_ids: torch.Tensor
    """Token ids, int64 of shape (1, T)."""
    position_ids: torch.Tensor
    """Positions, int64 of shape (1, T); they start again at 0 in each example."""
    segment_lengths: tuple[int, ...]
    """Length of each example; they add up to T."""
    predict_at: torch.Tensor
    """Positions whose next token is a target, int64 of shape (N,)."""
    targets: torch.Tensor
    """Those next tokens, int64 of shape (N,)."""


@dataclass(frozen=True)
class LossReport:
    """Mean loss over all target tokens of a file."""

    loss: float
    """Mean negative log-likelihood per target token, in nats."""
    target_tokens: int
    """Tokens that the mean is taken over."""
    examples: int
    """Examples that they come from."""

    @property
    def perplexity(self) -> float:
        """The exponential of the loss; infinite where that overflows."""
        return math.exp(self.loss) if self.loss < 700 else math.inf


def make_row(examples: Sequence[EncodedExample], device: torch.device) -> Row:
    """Return the examples as one row; each token predicts the next one of its own example only."""
    lengths = tuple(len(example.input_ids) for example in examples)
    starts = [0, *accumulate(lengths)]
    at, targets = [], []
    for start, example in zip(starts, examples, strict=False):
        for index, target in enumerate(example.target_ids[1:]):
            if target != IGNORED:
                at.append(start + index)
                targets.append(target)
    ids = [token for example in examples for token in example.input_ids]
    positions = [position for length in lengths for position in range(length)]
    tensors = [torch.tensor(values, device=device) for values in (ids, positions, at, targets)]
    return Row(tensors[0][None], tensors[1][None], lengths, tensors[2], tensors[3])


def row_loss(model: torch.nn.Module, row: Row) -> torch.Tensor:
    """Return the summed loss over the row's targets, a float32 scalar.

    Logits are computed at the N target positions only: the vocabulary is the widest matrix of a small model.
    """
    logits = model(
        input_ids=row.input_ids,
        position_ids=row.position_ids,
        segment_lengths=row.segment_lengths,
        logits_to_keep=row.predict_at,
        use_cache=False,
    ).logits[0]
    return cross_entropy(logits.float(), row.targets, reduction="sum")


@torch.no_grad()
def evaluate_loss(
    model: torch.nn.Module,
    file: EncodedFile,
    device: torch.device,
    *,
    on_examples: Callable[[int], None] | None = None,
) -> LossReport:
    """Return the loss over a whole file, weighted by target tokens; `on_examples` is told of each row's size."""
    was_training = model.training
    model.eval()
    total, tokens = 0.0, 0
    for indices in _rows_by_length(file.lengths()):
        row = make_row(file.examples(indices), device)
        total += float(row_loss(model, row))
        tokens += len(row.targets)
        if on_examples:
            on_examples(len(indices))
    model.train(was_training)
    return LossReport(total / tokens, tokens, len(file))


def _rows_by_length(lengths: Sequence[int]) -> Iterator[list[int]]:
    indices: list[int] = []
    used = 0
    for index, length in enumerate(lengths):
        if indices and used + length > EVAL_TOKENS:
            yield indices
            indices, used = [], 0
        indices.append(index)
        used += length
    yield indices
