"""A Llama that reads many texts with one beginning at a time, or one on from where it stopped, in few matrix products.

The beginning and the texts behind it lie end to end in one row without padding; a mask lets each text see the beginning
and itself only. Projections that read the same input are one product, and the last layer computes last tokens alone.
Touvron et al., "LLaMA: open and efficient foundation language models" (2023).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import linear, silu

from drug_llm.errors import ModelError

ROUNDED = 16
"""A row's length is a multiple of this: the matrix kernels that are made and kept for each length stay few."""
BLOCK = 64
"""The tokens of a memory that a row may see are a multiple of this, for the same reason."""
_PLAIN: Mapping[str, Any] = {"model_type": "llama", "hidden_act": "silu", "attention_bias": False, "mlp_bias": False}
"""What a configuration must say, where it says it, for the products below to be the model's own."""


@dataclass(frozen=True)
class Shape:
    """What a Llama's weights do not say of themselves."""

    layers: int
    heads: int
    key_heads: int
    """Heads of keys and values, each shared by `heads / key_heads` heads of queries."""
    epsilon: float
    """Added to the mean square in a norm."""
    rotary_base: float
    """Base of the wavelengths of the rotary positions."""


def is_plain(config: Mapping[str, Any]) -> bool:
    """Return whether a `config.json` describes a Llama without biases, scaled positions and the like."""
    found = {name: config.get(name, value) for name, value in _PLAIN.items()}
    return found == _PLAIN and _rotary(config).get("rope_type", "default") == "default"


def _rotary(config: Mapping[str, Any]) -> Mapping[str, Any]:
    return config.get("rope_parameters") or config.get("rope_scaling") or {}


def read_shape(config: Mapping[str, Any]) -> Shape:
    """Return the shape that a `config.json` describes. Raises ModelError where it is not a plain Llama's."""
    rotary = _rotary(config)
    if not is_plain(config):
        found = {name: config.get(name, value) for name, value in _PLAIN.items()}
        raise ModelError(
            f"The base model is a {config.get('model_type')} with {found} and rotary positions {rotary}; a judge is "
            f"expected to have {dict(_PLAIN)} and plain rotary positions. Tune one on base_model=embedded."
        )
    heads = int(config["num_attention_heads"])
    return Shape(
        layers=int(config["num_hidden_layers"]),
        heads=heads,
        key_heads=int(config.get("num_key_value_heads") or heads),
        epsilon=float(config["rms_norm_eps"]),
        rotary_base=float(rotary.get("rope_theta", config.get("rope_theta", 10_000.0))),
    )


def arranged(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the weights of a `LlamaForCausalLM`, by their names there, as `Llama` takes them."""
    layers = 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("model.layers."))
    embedding = weights["model.embed_tokens.weight"]
    found = {"embedding": embedding, "norm": weights["model.norm.weight"]}
    head = weights.get("lm_head.weight", embedding)
    if head.data_ptr() != embedding.data_ptr():
        found["head"] = head
    for layer in range(layers):
        own = {name: weights[f"model.layers.{layer}.{name}.weight"] for name in _LAYER}
        for target, sources in _ARRANGED.items():
            found[f"{layer}.{target}"] = torch.cat([own[name] for name in sources])
    return found


_ARRANGED = {
    "before": ("input_layernorm",),
    "qkv": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "out": ("self_attn.o_proj",),
    "between": ("post_attention_layernorm",),
    "gate_up": ("mlp.gate_proj", "mlp.up_proj"),
    "down": ("mlp.down_proj",),
}
_LAYER = [name for names in _ARRANGED.values() for name in names]


@dataclass(frozen=True)
class _Row:
    """Texts laid end to end, T tokens with those that fill the row up."""

    ids: torch.Tensor
    """Shape (T,)."""
    cos: torch.Tensor
    """Shape (T, 1, width of a head)."""
    sin: torch.Tensor
    """Like `cos`, the first half negated."""
    mask: torch.Tensor
    """0 where a token may be seen and minus infinity elsewhere, shape (heads that share keys, T, keys)."""
    ends: torch.Tensor
    """Places of the last tokens of the texts."""
    memory: Memory | None = None
    """Tokens read before, which all texts see."""


class Memory:
    """Keys and values of the tokens that a Llama has read of one text.

    They lie in buffers with room to spare, of which a multiple of `BLOCK` is handed out; a mask must hide the rest.
    """

    def __init__(self) -> None:
        self._kept: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def forget(self, count: int) -> None:
        """Take the last tokens out."""
        self._count -= count

    def keep(self, count: int) -> None:
        """Count so many of the tokens that were last added to each layer as read; the others are written over."""
        self._count += count

    def room(self, count: int) -> int:
        """Return how many keys a layer hands out when so many are added."""
        return _rounded(self._count + count, BLOCK)

    def add(self, layer: int, keys: torch.Tensor, values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return a layer's keys and values with these behind them, each (`room(len(keys))`, heads, width)."""
        room = self.room(len(keys))
        if layer not in self._kept or len(self._kept[layer][0]) < room:
            longer = tuple(new.new_zeros(2 * room, *new.shape[1:]) for new in (keys, values))
            for old, new in zip(self._kept.get(layer, ()), longer, strict=False):
                new[: self._count] = old[: self._count]
            self._kept[layer] = longer[0], longer[1]
        for buffer, new in zip(self._kept[layer], (keys, values), strict=True):
            buffer[self._count : self._count + len(new)] = new
        kept_keys, kept_values = self._kept[layer]
        return kept_keys[:room], kept_values[:room]


def _rounded(count: int, step: int) -> int:
    return count + -count % step


class Llama:
    """A Llama's weights, frozen, and its forward pass; safe to share between threads."""

    def __init__(self, shape: Shape, weights: Mapping[str, torch.Tensor]) -> None:
        self._shape = shape
        self._weights = weights

    @property
    def head(self) -> torch.Tensor:
        """Output embeddings, shape (vocabulary, width)."""
        return self._weights.get("head", self._weights["embedding"])

    @torch.inference_mode()
    def last_states(self, beginning: Sequence[int], texts: Sequence[Sequence[int]]) -> torch.Tensor:
        """Return the hidden state of the last token of each text behind the beginning, shape (len(texts), width)."""
        row = self._row(beginning, texts)
        x = self._weights["embedding"][row.ids]
        last = self._shape.layers - 1
        for layer in range(last):
            x = self._layer(layer, x, row)
        x = self._layer(last, x, row, ends=row.ends)
        return self._norm(x, self._weights["norm"])

    @torch.inference_mode()
    def read_on(self, ids: Sequence[int], memory: Memory, *, last: bool = False) -> torch.Tensor:
        """Return the hidden states of tokens that follow those in the memory, and add them to it.

        The shape is (len(ids), width), or (1, width) with `last`: of the last token alone.
        """
        row = self._following(ids, memory)
        x = self._weights["embedding"][row.ids]
        for layer in range(self._shape.layers - 1):
            x = self._layer(layer, x, row)
        x = self._layer(self._shape.layers - 1, x, row, ends=row.ends if last else None)
        memory.keep(len(ids))
        return self._norm(x if last else x[: len(ids)], self._weights["norm"])

    def _layer(self, layer: int, x: torch.Tensor, row: _Row, ends: torch.Tensor | None = None) -> torch.Tensor:
        """Return what a layer makes of x, shape (T, width); with `ends`, of the tokens in these places alone."""
        own = {name: self._weights[f"{layer}.{name}"] for name in _ARRANGED}
        qkv = linear(self._norm(x, own["before"]), own["qkv"])
        if ends is not None:
            x = x[ends]
        x = linear(self._attention(layer, qkv, row, ends), own["out"]).add_(x)
        gate, up = linear(self._norm(x, own["between"]), own["gate_up"]).chunk(2, dim=-1)
        return linear(silu(gate).mul_(up), own["down"]).add_(x)

    def _attention(self, layer: int, qkv: torch.Tensor, row: _Row, ends: torch.Tensor | None) -> torch.Tensor:
        shape, width = self._shape, row.cos.shape[-1]
        turning = shape.heads + shape.key_heads
        heads = qkv.view(len(qkv), -1, width)
        turned = _turn(heads[:, :turning], row)
        queries, keys, values = turned[:, : shape.heads], turned[:, shape.heads :], heads[:, turning:]
        mask = row.mask
        if row.memory is not None:
            keys, values = row.memory.add(layer, keys, values)
        if ends is not None:
            queries, mask = queries[ends], mask[:, ends]
        count = len(queries)
        # The heads that share keys are one tall matrix.
        stacked = queries.transpose(0, 1).reshape(shape.key_heads, -1, width)
        scores = torch.baddbmm(mask.flatten(0, 1), stacked, keys.permute(1, 2, 0), alpha=width**-0.5)
        mixed = scores.softmax(dim=-1) @ values.transpose(0, 1)
        return mixed.view(shape.heads, count, width).transpose(0, 1).reshape(count, -1)

    def _norm(self, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        wide = x.float()
        norm: torch.Tensor = torch.linalg.vector_norm(wide, dim=-1, keepdim=True)
        inverse = norm.square_().div_(x.shape[-1]).add_(self._shape.epsilon).rsqrt_()
        return (wide * inverse).to(x.dtype) * weight

    def _row(self, beginning: Sequence[int], texts: Sequence[Sequence[int]]) -> _Row:
        weight = self._weights["embedding"]
        ids, places, owners, ends = list(beginning), list(range(len(beginning))), [-1] * len(beginning), []
        # What fills the row up is a text of its own, which no other sees.
        used = len(ids) + sum(map(len, texts))
        for number, text in enumerate([*texts, [0] * (-used % ROUNDED)]):
            ids += text
            places += range(len(beginning), len(beginning) + len(text))
            owners += [number] * len(text)
            ends.append(len(ids) - 1)
        device = weight.device
        owner, order = torch.tensor(owners, device=device), torch.arange(len(ids), device=device)
        seen = ((owner[:, None] == owner) | (owner < 0)) & (order <= order[:, None])
        mask = torch.zeros(seen.shape, dtype=weight.dtype, device=device).masked_fill_(~seen, -math.inf)
        mask = mask.repeat(self._shape.heads // self._shape.key_heads, 1, 1)
        cos, sin = self._turns(torch.tensor(places, device=device), weight.dtype)
        return _Row(torch.tensor(ids, device=device), cos, sin, mask, torch.tensor(ends[:-1], device=device))

    def _following(self, ids: Sequence[int], memory: Memory) -> _Row:
        weight = self._weights["embedding"]
        # What fills the row up lies behind the text, which therefore does not see it.
        filled = [*ids, *[0] * (-len(ids) % ROUNDED)]
        places = torch.arange(memory.room(len(filled)), device=weight.device)
        own = places[len(memory) : len(memory) + len(filled)]
        mask = torch.zeros(len(own), len(places), dtype=weight.dtype, device=weight.device)
        mask.masked_fill_(places > own[:, None], -math.inf)
        mask = mask.repeat(self._shape.heads // self._shape.key_heads, 1, 1)
        cos, sin = self._turns(own, weight.dtype)
        ends = torch.tensor([len(ids) - 1], device=weight.device)
        return _Row(torch.tensor(filled, device=weight.device), cos, sin, mask, ends, memory)

    def _turns(self, places: torch.Tensor, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
        """Return cosine and sine of the angles by which each place turns the pairs of a head (Su et al. 2021)."""
        width = self._weights["0.qkv"].shape[0] // (self._shape.heads + 2 * self._shape.key_heads)
        steps = torch.arange(0, width, 2, device=places.device).float() / width
        angles = places.float()[:, None] / self._shape.rotary_base**steps
        cos, sin = angles.cos().to(dtype), angles.sin().to(dtype)
        return torch.cat((cos, cos), dim=-1)[:, None], torch.cat((-sin, sin), dim=-1)[:, None]


def _turn(x: torch.Tensor, row: _Row) -> torch.Tensor:
    first, second = x.chunk(2, dim=-1)
    return torch.addcmul(x * row.cos, torch.cat((second, first), dim=-1), row.sin)
