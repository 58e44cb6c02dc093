"""What this machine computes on, and in which number format it is fast."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from drug_llm.errors import ConfigError

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class Precision:
    """Device of the run and number format of the frozen base model; adapters are always float32."""

    device: torch.device
    dtype: torch.dtype

    @property
    def dtype_name(self) -> str:
        """Name without the `torch.` before it."""
        return str(self.dtype).removeprefix("torch.")


def choose_precision(device: str = "auto", dtype: str = "auto") -> Precision:
    """Return the device and number format; `auto` takes a GPU where there is one, and bfloat16 where it is fast.

    Raises ConfigError for a device that this machine lacks.
    """
    if device not in ("auto", "cpu") and not torch.cuda.is_available():
        raise ConfigError(f"device={device}: this machine has no CUDA device. Use device=cpu or device=auto.")
    chosen = torch.device("cuda" if device == "auto" and torch.cuda.is_available() else device.replace("auto", "cpu"))
    fast = torch.bfloat16 if has_fast_bfloat16(chosen) else torch.float32
    return Precision(chosen, DTYPES.get(dtype, fast))


def has_fast_bfloat16(device: torch.device) -> bool:
    """Return whether matrix products in bfloat16 run in hardware.

    On x86 this asks for AVX-512 BF16 or AMX; a processor without them emulates the format and is slower than float32.
    """
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
