"""Attention over several examples laid end to end in one row, each seeing only itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from inspect import signature
from itertools import accumulate
from typing import Any, cast

import torch
from torch.nn.attention.varlen import varlen_attn
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

SEGMENTED = "drug_llm_segmented"
"""Name under which the attention is registered with transformers (`attn_implementation`)."""
LONGEST_PRODUCT = 1024
"""Longest segment whose scores are held as one matrix; longer ones go through the flash kernel."""
USE_VARLEN = "window_size" in signature(varlen_attn).parameters
"""Whether CUDA takes all segments in one kernel (FlashAttention-2, Dao 2023); PyTorch 2.10 knows no window for it."""
_VARLEN_TAKES_GROUPS = "enable_gqa" in signature(varlen_attn).parameters


def segmented_attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    segment_lengths: Sequence[int] = (),
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Return causal attention within each segment, shape (1, T, heads, head_dim), and no weights.

    `query` is (1, heads, T, head_dim); `key` and `value` may have fewer heads (grouped queries).
    `segment_lengths` adds up to T. No work is done between segments.
    """
    lengths = list(segment_lengths)
    # Where float32 weights compute in bfloat16, rotary positions leave queries and keys in float32.
    query, key = query.to(value.dtype), key.to(value.dtype)
    if query.device.type == "cpu" and query.dtype == torch.bfloat16 and not dropout and max(lengths) <= LONGEST_PRODUCT:
        scale = query.shape[-1] ** -0.5 if scaling is None else scaling
        return _ProductAttention.apply(query, key, value, lengths, scale), None
    if USE_VARLEN and query.device.type == "cuda" and query.dtype == torch.bfloat16 and not dropout:
        return _varlen_attention(query, key, value, tuple(lengths), scaling), None
    grouped = query.shape[1] != key.shape[1]
    parts = zip(query.split(lengths, dim=2), key.split(lengths, dim=2), value.split(lengths, dim=2), strict=True)
    attended = [
        scaled_dot_product_attention(q, k, v, dropout_p=dropout, is_causal=True, scale=scaling, enable_gqa=grouped)
        for q, k, v in parts
    ]
    return torch.cat(attended, dim=2).transpose(1, 2), None


def _varlen_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, lengths: tuple[int, ...], scaling: float | None
) -> torch.Tensor:
    groups = query.shape[1] // key.shape[1]
    options: dict[str, Any] = {"scale": scaling, "window_size": (-1, 0)}
    if groups > 1 and _VARLEN_TAKES_GROUPS:
        options["enable_gqa"] = True
    elif groups > 1:
        key, value = key.repeat_interleave(groups, 1), value.repeat_interleave(groups, 1)
    q, k, v = (part[0].transpose(0, 1) for part in (query, key, value))
    ends, longest = _ends(lengths, query.device), max(lengths)
    attended: Any = varlen_attn(q, k, v, ends, ends, longest, longest, **options)
    return cast("torch.Tensor", attended[None])


@lru_cache(maxsize=8)
def _ends(lengths: tuple[int, ...], device: torch.device) -> torch.Tensor:
    """Return 0 and where each segment ends, int32 of shape (N + 1,); every layer of a pass asks for the same."""
    return torch.tensor([0, *accumulate(lengths)], dtype=torch.int32, device=device)


class _ProductAttention(torch.autograd.Function):
    """Attention by plain matrix products: in bfloat16 on a CPU they take a sixth of the time of flash's backward.

    Queries that share a key head are stacked, so that grouped queries need no copies of the keys.
    """

    @staticmethod
    def forward(
        ctx: Any, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, lengths: list[int], scale: float
    ) -> torch.Tensor:
        heads, total, width = query.shape[1:]
        groups = heads // key.shape[1]
        out = query.new_empty(1, total, heads, width)
        kept: list[torch.Tensor] = []
        for at in _segments(lengths):
            q, k, v = _stacked(query, at, groups), key[0, :, at], value[0, :, at]
            scores = torch.baddbmm(_causal(at.stop - at.start, groups, q.dtype), q, k.mT, alpha=scale)
            weights = torch.softmax(scores, dim=-1)
            out[0, at] = _unstacked(torch.bmm(weights, v), groups).transpose(0, 1)
            kept.append(weights)
        ctx.save_for_backward(query, key, value, *kept)
        ctx.lengths, ctx.scale, ctx.groups = lengths, scale, groups
        return out

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        query, key, value, *kept = ctx.saved_tensors
        groups = ctx.groups
        # The layout of the projections' outputs, so that their gradients need no copies.
        grads = [torch.empty_like(part.transpose(1, 2)).transpose(1, 2) for part in (query, key, value)]
        by_head = grad.transpose(1, 2)
        for at, weights in zip(_segments(ctx.lengths), kept, strict=True):
            q, k, v = _stacked(query, at, groups), key[0, :, at], value[0, :, at]
            g = _stacked(by_head, at, groups)
            grads[2][0, :, at] = torch.bmm(weights.mT, g)
            scores = torch._softmax_backward_data(torch.bmm(g, v.mT), weights, -1, weights.dtype).mul_(ctx.scale)
            grads[0][0, :, at] = _unstacked(torch.bmm(scores, k), groups)
            grads[1][0, :, at] = torch.bmm(scores.mT, q)
        return *grads, None, None


def _segments(lengths: Sequence[int]) -> Iterator[slice]:
    start = 0
    for length in lengths:
        yield slice(start, start + length)
        start += length


def _stacked(tensor: torch.Tensor, at: slice, groups: int) -> torch.Tensor:
    """Return (key heads, groups x L, head_dim) of one segment of a (1, heads, T, head_dim) tensor."""
    part = tensor[0, :, at]
    return part.reshape(part.shape[0] // groups, groups * part.shape[1], part.shape[2]) if groups > 1 else part


def _unstacked(tensor: torch.Tensor, groups: int) -> torch.Tensor:
    return tensor.reshape(tensor.shape[0] * groups, tensor.shape[1] // groups, tensor.shape[2])


def _causal(length: int, groups: int, dtype: torch.dtype) -> torch.Tensor:
    """Return what is added to the scores: 0 up to the query's own place, minus infinity after it."""
    mask = torch.full((length, length), float("-inf"), dtype=dtype).triu_(1)
    return mask.repeat(groups, 1) if groups > 1 else mask


AttentionInterface.register(SEGMENTED, segmented_attention)
