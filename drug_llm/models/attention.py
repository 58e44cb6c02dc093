"""Attention over several examples laid end to end in one row, each seeing only itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

SEGMENTED = "drug_llm_segmented"
"""Name under which the attention is registered with transformers (`attn_implementation`)."""


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
    `segment_lengths` adds up to T. No mask is built, and no work is done between segments.
    """
    grouped = query.shape[1] != key.shape[1]
    lengths = list(segment_lengths)
    parts = zip(query.split(lengths, dim=2), key.split(lengths, dim=2), value.split(lengths, dim=2), strict=True)
    attended = [
        scaled_dot_product_attention(q, k, v, dropout_p=dropout, is_causal=True, scale=scaling, enable_gqa=grouped)
        for q, k, v in parts
    ]
    return torch.cat(attended, dim=2).transpose(1, 2), None


AttentionInterface.register(SEGMENTED, segmented_attention)
