"""The forward pass of BERT (Devlin et al. 2019), with the operations of transformers' own in their order.

The vectors are the same to the last bit; importing transformers for one small encoder takes over two seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.nn.functional import embedding, gelu, layer_norm, linear, scaled_dot_product_attention


class Bert:
    """A BERT encoder for inference: `config` is its `config.json`, `weights` go by their names in transformers."""

    def __init__(self, config: Mapping[str, Any], weights: Mapping[str, torch.Tensor]) -> None:
        self._weights = weights
        self._heads = int(config["num_attention_heads"])
        self._layers = int(config["num_hidden_layers"])
        self._epsilon = float(config["layer_norm_eps"])

    @torch.inference_mode()
    def encode(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the last hidden states, shape (N, T, width), of token ids, shape (N, T); `mask` is 1 on real ones."""
        tables = [self._weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "token_type", "position")]
        x = embedding(ids, tables[0]) + tables[1][0] + tables[2][: ids.shape[1]]
        x = self._norm(x, "embeddings.LayerNorm")
        seen = None if bool(mask.all()) else mask.bool()[:, None, None].expand(-1, 1, ids.shape[1], -1)
        for layer in range(self._layers):
            x = self._layer(x, seen, f"encoder.layer.{layer}")
        return x

    def _layer(self, x: torch.Tensor, seen: torch.Tensor | None, layer: str) -> torch.Tensor:
        parts = [self._linear(x, f"{layer}.attention.self.{name}") for name in ("query", "key", "value")]
        queries, keys, values = (part.unflatten(-1, (self._heads, -1)).transpose(1, 2) for part in parts)
        mixed = scaled_dot_product_attention(queries, keys, values, attn_mask=seen).transpose(1, 2).reshape(x.shape)
        x = self._added(mixed, x, f"{layer}.attention.output")
        return self._added(gelu(self._linear(x, f"{layer}.intermediate.dense")), x, f"{layer}.output")

    def _added(self, inner: torch.Tensor, x: torch.Tensor, name: str) -> torch.Tensor:
        return self._norm(self._linear(inner, f"{name}.dense") + x, f"{name}.LayerNorm")

    def _linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return linear(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return layer_norm(x, weight.shape, weight, bias, self._epsilon)
