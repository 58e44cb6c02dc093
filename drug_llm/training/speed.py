"""How fast a run is, against what the machine can do: needed operations, and the measured rate of matrix products."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from transformers.pytorch_utils import Conv1D

from drug_llm.errors import StorageError
from drug_llm.models.embedded import cache_folder
from drug_llm.models.precision import Precision
from drug_llm.storage import write_json
from drug_llm.training.loss import Row
from drug_llm.training.processes import Processes
from drug_llm.training.run import processor_name

logger = logging.getLogger(__name__)
MEASURING_SECONDS = 0.25
"""Time that the measurement of the matrix rate takes, once a machine and number format."""
_SHAPES = {"cpu": (1024, 2048, 2048), "cuda": (4096, 4096, 4096)}


@dataclass(frozen=True)
class Work:
    """What a model's update needs, in floating-point operations (two a multiplication with its addition)."""

    a_token: float
    """Products of the layers' weights, forward and backward."""
    a_target: float
    """Products of the output matrix, computed at targets only."""
    a_pair: float
    """Attention: operations for each square of an example's length, halved since attention is causal."""

    def needed(self, rows: Iterable[Row]) -> float:
        """Return the operations that these rows need."""
        return sum(
            self.a_token * row.input_ids.numel()
            + self.a_target * len(row.targets)
            + self.a_pair * sum(length * length for length in row.segment_lengths)
            for row in rows
        )


def work_of(model: Any) -> Work:
    """Return what an update of a model needs: frozen weights need no gradient, and adapters are too small to count.

    The measure is that of model FLOPs utilisation (Chowdhery et al. 2022, arXiv 2204.02311), less needless work.
    """
    head = model.get_output_embeddings()
    layers = 0.0
    for name, module in model.named_modules():
        if isinstance(module, (torch.nn.Linear, Conv1D)) and module is not head and "lora_" not in name:
            layers += _size(module) * _products(module)
    width, depth = model.config.hidden_size, model.config.num_hidden_layers
    return Work(2 * layers, 2.0 * _size(head) * _products(head), 6.0 * width * depth)


def _size(module: Any) -> int:
    # Weights in four bits are packed, so their own count says nothing.
    if isinstance(module, Conv1D):
        return int(module.weight.numel())
    return int(module.in_features * module.out_features)


def _products(module: Any) -> int:
    """Return the matrix products of a layer: the forward one, the input's gradient and, if it learns, the weights'."""
    return 3 if module.weight.requires_grad else 2


def matrix_rate(precision: Precision) -> float:
    """Return the operations a second of this machine's matrix products, measured once and kept in the cache."""
    file = cache_folder() / "matrix-rate.json"
    key = _machine(precision)
    try:
        known: dict[str, float] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    if key not in known:
        known[key] = _measured_rate(precision)
        try:
            write_json(file, known)
        except StorageError as error:
            logger.info("The matrix rate is not kept: %s", error)
    return float(known[key])


def rate_of_all(precision: Precision, together: Processes) -> float:
    """Return the rate of all processes: each has its own GPU, while those of one machine share its cores."""
    at_once = float(together.count)
    if precision.device.type != "cuda":
        sharing = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
        # What was measured is the rate of one process's threads; more processes than cores allow bring nothing.
        room = max(1.0, (os.cpu_count() or 1) / torch.get_num_threads())
        at_once = max(1.0, together.count / sharing) * min(float(sharing), room)
    return matrix_rate(precision) * at_once


def forget_rate() -> None:
    """Forget the measured rates: a run was faster, so something else was running when they were measured."""
    (cache_folder() / "matrix-rate.json").unlink(missing_ok=True)


def _machine(precision: Precision) -> str:
    on_gpu = precision.device.type == "cuda"
    name = torch.cuda.get_device_name(precision.device) if on_gpu else processor_name()
    return f"{name}, {torch.get_num_threads()} threads, {precision.dtype_name}, torch {torch.__version__}"


def _measured_rate(precision: Precision) -> float:
    """Return the best rate of several tries; the random numbers are drawn apart, so that no run changes by it."""
    rows, inner, columns = _SHAPES[precision.device.type]
    source = torch.Generator(device=precision.device).manual_seed(0)
    one, other = (
        torch.randn(shape, generator=source, device=precision.device, dtype=torch.float32).to(precision.dtype)
        for shape in ((rows, inner), (inner, columns))
    )
    _finish(one @ other)
    best, began = float("inf"), time.perf_counter()
    while time.perf_counter() - began < MEASURING_SECONDS:
        started = time.perf_counter()
        _finish(one @ other)
        best = min(best, time.perf_counter() - started)
    return 2 * rows * inner * columns / best


def _finish(result: torch.Tensor) -> None:
    if result.device.type == "cuda":
        torch.cuda.synchronize(result.device)
