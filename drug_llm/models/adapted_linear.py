"""Linear layers with a low-rank adapter, computed in the base model's number format.

PEFT's own layer converts its inputs to float32, which costs more than the adapter's products. Here they
are computed as the frozen layer is; the adapter's weights, their gradients and the optimiser stay float32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

import numpy
import torch
from peft.tuners.lora import Linear as LoraLinear
from torch.nn.functional import linear

_bits: ContextVar[numpy.random.Generator | None] = ContextVar("_bits", default=None)


@contextmanager
def dropout_drawn_from(*seed: int) -> Iterator[None]:
    """Let the adapters' dropout draw from this seed; it holds for the calling thread, and not on a GPU.

    torch's own generator is one for all threads: who comes first would get other bits.
    """
    before = _bits.set(numpy.random.Generator(numpy.random.SFC64(seed)))
    try:
        yield
    finally:
        _bits.reset(before)


def compute_adapters_in_base_format(model: torch.nn.Module) -> int:
    """Replace the computation of every plain LoRA layer (Hu et al. 2021) of a PEFT model; return how many there are.

    Variants that compute something else, such as DoRA, keep PEFT's own code. Weights and their names stay as they are.
    """
    layers = [module for module in model.modules() if isinstance(module, LoraLinear) and _is_plain(module)]
    for layer in layers:
        layer.forward = partial(_forward, layer, layer.forward)
    return len(layers)


def _is_plain(layer: LoraLinear) -> bool:
    names = layer.active_adapters
    return len(names) == 1 and names[0] not in layer.lora_variant and not layer.lora_bias[names[0]]


def _forward(layer: LoraLinear, original: Callable[..., torch.Tensor], x: torch.Tensor, *args: Any) -> torch.Tensor:
    if layer.disable_adapters or layer.merged:
        return original(x, *args)
    name = layer.active_adapters[0]
    base = layer.base_layer
    dropout = layer.lora_dropout[name]
    share = float(dropout.p) if layer.training and isinstance(dropout, torch.nn.Dropout) else 0.0
    weight = base.weight.T if layer.fan_in_fan_out else base.weight
    low = layer.lora_A[name].weight, layer.lora_B[name].weight
    out: torch.Tensor = _AdaptedLinear.apply(x, weight, base.bias, *low, layer.scaling[name], share)
    return out


class _AdaptedLinear(torch.autograd.Function):
    """y = x W' + b + scale * dropout(x) A' B', with W and b frozen and the products in the format of x."""

    @staticmethod
    def forward(
        ctx: Any,
        x: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        a: torch.Tensor,
        b: torch.Tensor,
        scale: float,
        share: float,
    ) -> torch.Tensor:
        flat = x.reshape(-1, x.shape[-1])
        kept = _kept(flat, share) if share else None
        dropped = flat if kept is None else flat * kept
        low_a, low_b = a.to(x.dtype), b.to(x.dtype)
        inner = dropped @ low_a.T
        out = linear(flat, weight, bias)
        out.addmm_(inner, low_b.T, alpha=scale)
        ctx.save_for_backward(dropped, inner, weight, low_a, low_b, kept)
        ctx.scale, ctx.shape = scale, x.shape
        return out.view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        dropped, inner, weight, low_a, low_b, kept = ctx.saved_tensors
        flat = grad.reshape(-1, grad.shape[-1])
        through = (flat @ low_b).mul_(ctx.scale)
        grad_a = through.T @ dropped
        grad_b = (flat.T @ inner).mul_(ctx.scale)
        grad_x = None
        if ctx.needs_input_grad[0]:
            grad_x = flat @ weight
            if kept is None:
                grad_x.addmm_(through, low_a)
            else:
                grad_x.addcmul_(through @ low_a, kept)
            grad_x = grad_x.view(ctx.shape)
        return grad_x, None, None, grad_a.float(), grad_b.float(), None, None


def _kept(x: torch.Tensor, share: float) -> torch.Tensor:
    """Return a tensor like x that is 0 for the share that is dropped and 1 / (1 - share) elsewhere.

    On a CPU the 16 random bits an element come from numpy's SFC64, seeded by `dropout_drawn_from` or else from torch's
    generator: torch draws its own one after the other, which took longer than the adapter's products. The share is
    exact to 1 / 65536.
    """
    if x.device.type != "cpu":
        return torch.empty_like(x).bernoulli_(1 - share).div_(1 - share)
    drawn = _bits.get() or numpy.random.Generator(numpy.random.SFC64(int(torch.randint(2**62, ()))))
    words = drawn.integers(0, 2**64, -(-x.numel() // 4), dtype=numpy.uint64)
    bits = torch.from_numpy(words.view(numpy.int16))[: x.numel()].view(x.shape)
    limit = round(share * 65536) - 32768
    return (bits >= limit).to(x.dtype).mul_(1 / (1 - share))
