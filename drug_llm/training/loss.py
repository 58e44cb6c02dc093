"""Loss of a model on encoded examples: negative log-likelihood of the target tokens, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import torch
from peft import PeftModel
from torch.nn.functional import cross_entropy, log_softmax

from drug_llm.encoding import IGNORED, EncodedExample
from drug_llm.models.loading import computing
from drug_llm.training.data import EncodedFile
from drug_llm.training.processes import Processes
from drug_llm.training.side_by_side import side_by_side

LOGIT_ROWS = {"cpu": 256, "cuda": 2048}
"""Target positions whose logits are in memory together: what a processor's cache holds, and what fills a GPU."""
_PLAIN_HEADS = ("gpt2", "gpt_neox", "llama", "mistral", "qwen2", "qwen3", "phi3", "olmo2")
"""Architectures whose logits are one product, without a cap, a scale or a bias."""
EVAL_TOKENS = {"cpu": 1024, "cuda": 16384}
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

    Logits are computed at the N target positions only, a few hundred at a time: the vocabulary is the widest matrix
    of a small model. A model that does more to its logits than one product computes them itself.
    """
    inner: Any = model.get_base_model() if isinstance(model, PeftModel) else model
    inputs = {"position_ids": row.position_ids, "segment_lengths": row.segment_lengths, "use_cache": False}
    with computing(inner):
        if (head := _plain_head(inner)) is not None:
            hidden = inner.get_decoder()(input_ids=row.input_ids, **inputs).last_hidden_state[0]
            loss: torch.Tensor = _HeadLoss.apply(hidden[row.predict_at], head, row.targets)
            return loss
        logits = model(input_ids=row.input_ids, logits_to_keep=row.predict_at, **inputs).logits[0]
        return cross_entropy(logits.float(), row.targets, reduction="sum")


def _plain_head(model: Any) -> torch.Tensor | None:
    """Return the output weights (V, D) when the logits are nothing but their product with the hidden state."""
    head = model.get_output_embeddings()
    plain = type(head) is torch.nn.Linear and head.bias is None
    return head.weight if plain and model.config.model_type in _PLAIN_HEADS else None


class _HeadLoss(torch.autograd.Function):
    """Summed cross-entropy of hidden states (N, D) against targets (N,), with its gradients taken chunk by chunk.

    No matrix of logits outlives its chunk (Wijmans et al. 2024, arXiv 2411.09009).
    """

    @staticmethod
    def forward(ctx: Any, hidden: torch.Tensor, head: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        total = hidden.new_zeros((), dtype=torch.float32)
        grad = torch.empty_like(hidden) if ctx.needs_input_grad[0] else None
        grad_head = torch.zeros_like(head) if ctx.needs_input_grad[1] else None
        chunk = LOGIT_ROWS[hidden.device.type]
        for start in range(0, len(targets), chunk):
            part = slice(start, start + chunk)
            logs = log_softmax((hidden[part] @ head.T).float(), dim=-1)
            wanted = targets[part, None]
            total -= logs.gather(1, wanted).sum()
            if grad is not None:
                slope = logs.exp_().scatter_add_(1, wanted, torch.full_like(wanted, -1, dtype=logs.dtype))
                slope = slope.to(hidden.dtype)
                grad[part] = slope @ head
                if grad_head is not None:
                    grad_head += slope.T @ hidden[part]
        ctx.save_for_backward(grad, grad_head)
        return total

    @staticmethod
    def backward(ctx: Any, upstream: torch.Tensor) -> tuple[torch.Tensor | None, torch.Tensor | None, None]:
        grad, grad_head = ctx.saved_tensors
        return grad * upstream.to(grad.dtype), None if grad_head is None else grad_head * upstream, None


@torch.no_grad()
def evaluate_loss(
    model: torch.nn.Module,
    file: EncodedFile,
    device: torch.device,
    *,
    on_examples: Callable[[int], None] | None = None,
    processes: Processes | None = None,
    rows_at_once: int = 1,
) -> LossReport:
    """Return the loss over a whole file, weighted by target tokens; `on_examples` is told of each row's size.

    Several processes score a share of the rows each, `rows_at_once` of them side by side.
    """

    @torch.no_grad()  # It holds for one thread only.
    def score(indices: list[int]) -> tuple[float, int, int]:
        row = make_row(file.examples(indices), device)
        return float(row_loss(model, row)), len(row.targets), len(indices)

    together = processes or Processes()
    was_training = model.training
    model.eval()
    total, tokens = 0.0, 0
    rows = list(_rows_by_length(file.lengths(), EVAL_TOKENS[device.type]))
    for loss, targets, examples in side_by_side(score, together.share(rows), rows_at_once):
        total += loss
        tokens += targets
        if on_examples:
            on_examples(examples)
    model.train(was_training)
    total, counted = together.total(total, tokens)
    return LossReport(total / counted, int(counted), len(file))


def _rows_by_length(lengths: Sequence[int], capacity: int) -> Iterator[list[int]]:
    indices: list[int] = []
    used = 0
    for index, length in enumerate(lengths):
        if indices and used + length > capacity:
            yield indices
            indices, used = [], 0
        indices.append(index)
        used += length
    yield indices
