"""Layers of a frozen base model, computed by fewer kernels than in the model's own code and with the same result."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch.nn.functional import gelu

_NORMS = ("LlamaRMSNorm", "MistralRMSNorm", "Qwen2RMSNorm", "Qwen3RMSNorm", "Phi3RMSNorm")
"""Classes of transformers that compute `weight * (x / rms(x)).to(dtype)`."""


def fuse_frozen_layers(model: torch.nn.Module) -> None:
    """Replace the computation of GELU (tanh form) and RMSNorm; weights, names and results stay as they are."""
    for module in model.modules():
        kind = type(module).__name__
        if kind == "NewGELUActivation":
            module.forward = partial(gelu, approximate="tanh")
        elif kind in _NORMS and not any(weight.requires_grad for weight in module.parameters()):
            module.forward = partial(_rms_norm, module)


def _rms_norm(module: Any, x: torch.Tensor) -> torch.Tensor:
    normed: torch.Tensor = _FrozenRMSNorm.apply(x, module.weight, module.variance_epsilon)
    return normed


class _FrozenRMSNorm(torch.autograd.Function):
    """Root mean square normalisation (Zhang and Sennrich 2019) with frozen weights, x of shape (..., D)."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, weight: torch.Tensor, epsilon: float) -> torch.Tensor:
        wide = x.float()
        norm = torch.linalg.vector_norm(wide, dim=-1, keepdim=True)
        inverse = norm.square_().div_(x.shape[-1]).add_(epsilon).rsqrt_()
        normed = (wide * inverse).to(x.dtype)
        ctx.save_for_backward(normed, inverse, weight)
        result: torch.Tensor = weight * normed
        return result

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        normed, inverse, weight = ctx.saved_tensors
        wide, direction = (grad * weight).float(), normed.float()
        along = (wide * direction).mean(dim=-1, keepdim=True)
        return wide.sub_(direction.mul_(along)).mul_(inverse).to(grad.dtype), None, None
