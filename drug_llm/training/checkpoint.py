"""Checkpoints: whole or absent, recognised when damaged, bounded in number, without pickle."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from drug_llm.storage import file_sha256, new_folder
from drug_llm.training.sharding import gather_on_cpu, share_of

logger = logging.getLogger(__name__)
KEPT = 2
"""Checkpoints kept: the newest, and the one before it should the newest be damaged."""
_TENSORS = ("adapter.safetensors", "optimizer.safetensors")


@dataclass(frozen=True)
class Checkpoint:
    """Everything that a run needs to go on after update `step`."""

    step: int
    """Updates done."""
    adapter: Mapping[str, torch.Tensor]
    """Trainable weights by parameter name."""
    optimizer: Mapping[str, torch.Tensor]
    """AdamW's moments, named `exp_avg/PARAMETER` and `exp_avg_sq/PARAMETER`."""
    counters: Mapping[str, float]
    """Sums over the run so far, such as seconds and tokens."""


def trainable_parameters(model: torch.nn.Module) -> dict[str, torch.nn.Parameter]:
    """Return the parameters that training changes, by name."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


def take_checkpoint(
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    step: int,
    counters: Mapping[str, float],
    *,
    kept: bool = True,
) -> Checkpoint:
    """Return the state after update `step`, as whole, contiguous tensors on the CPU.

    Where the model is split every process must take part; those that do not keep the checkpoint get an empty one.
    """
    parameters = trainable_parameters(model)
    # A weight that no example has reached has no moments yet.
    moments = [
        (f"{moment}/{name}", optimizer.state[parameter][moment])
        for name, parameter in parameters.items()
        for moment in ("exp_avg", "exp_avg_sq")
        if moment in optimizer.state[parameter]
    ]
    weights, moved = (gather_on_cpu(tensors, kept=kept) for tensors in (parameters.items(), moments))
    return Checkpoint(step, weights, moved, dict(counters))


def restore_checkpoint(checkpoint: Checkpoint, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """Put weights and optimiser back to where they were after update `checkpoint.step`."""
    for name, parameter in trainable_parameters(model).items():
        parameter.data.copy_(share_of(checkpoint.adapter[name], parameter))
        if f"exp_avg/{name}" not in checkpoint.optimizer:
            continue
        optimizer.state[parameter] = {
            "step": torch.tensor(float(checkpoint.step)),
            "exp_avg": share_of(checkpoint.optimizer[f"exp_avg/{name}"], parameter),
            "exp_avg_sq": share_of(checkpoint.optimizer[f"exp_avg_sq/{name}"], parameter),
        }


def step_folder(folder: Path, step: int) -> Path:
    """Return where the checkpoint after update `step` lies among a run's checkpoints."""
    return folder / f"step-{step:06d}"


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Write `folder/step-NNNNNN`, then remove all but the newest KEPT. Raises StorageError; older ones stay."""
    with new_folder(step_folder(folder, checkpoint.step)) as partial:
        for name, tensors in zip(_TENSORS, (checkpoint.adapter, checkpoint.optimizer), strict=True):
            save_file(dict(tensors), partial / name)
        state = {
            "step": checkpoint.step,
            "counters": dict(checkpoint.counters),
            "sha256": {name: file_sha256(partial / name) for name in _TENSORS},
        }
        (partial / "state.json").write_text(json.dumps(state), encoding="utf-8")
    for old in _newest_first(folder)[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def newest_checkpoint(folder: Path) -> Checkpoint | None:
    """Return the newest whole checkpoint of a run, or None; a damaged one is passed over with a warning."""
    for candidate in _newest_first(folder):
        try:
            return _read(candidate)
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            logger.warning("%s is damaged (%s) and is passed over.", candidate, error)
    return None


def _read(folder: Path) -> Checkpoint:
    state: dict[str, Any] = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    for name in _TENSORS:
        if file_sha256(folder / name) != state["sha256"][name]:
            raise ValueError(f"{name} does not match its checksum")
    adapter, optimizer = (load_file(folder / name) for name in _TENSORS)
    return Checkpoint(int(state["step"]), adapter, optimizer, state["counters"])


def _newest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob("step-*"), reverse=True)
