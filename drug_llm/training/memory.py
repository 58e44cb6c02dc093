"""Memory that a run on a processor would take without needing it."""

from __future__ import annotations

import ctypes
import os

KERNELS = 256
"""Compiled kernels that oneDNN keeps, instead of 1024. There is one for each shape, and rows and examples come in
hundreds of lengths: kept, they take hundreds of megabytes. A row needs about a hundred."""
_M_ARENA_MAX = -8


def spare_memory() -> None:
    """Keep few compiled kernels, and let all threads take memory from one heap, before any of them takes some.

    By default glibc gives each thread a heap of its own, which keeps what others could use (mallopt(3)). Settings of
    the user's environment, ONEDNN_PRIMITIVE_CACHE_CAPACITY and MALLOC_ARENA_MAX, are left as they are.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(KERNELS))
    change = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if change is not None and "MALLOC_ARENA_MAX" not in os.environ:
        change(_M_ARENA_MAX, 1)
