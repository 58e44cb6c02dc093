"""Several processes that train one model: each computes its share of every update, and all take the same step.

Started by `torchrun` or `accelerate launch`, which set WORLD_SIZE, RANK, LOCAL_RANK and the address where the
processes meet. Each holds the whole model, so summed gradients are all that needs to travel; `sharding` splits it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import torch
from torch import distributed
from torch.distributed.tensor import DTensor

from drug_llm.errors import ConfigError

Thing = TypeVar("Thing")
PATIENCE = timedelta(hours=2)
"""How long a process waits for another, such as for the first one to fetch a large base model or write a checkpoint."""


@dataclass(frozen=True)
class Processes:
    """The processes of a run as one of them sees them; one alone needs no group."""

    rank: int = 0
    """Number of this process, from 0; 0 writes the files and speaks to the user."""
    count: int = 1
    """Processes of the run."""
    device: torch.device | None = None
    """Device on which the sums are formed; None is the CPU."""

    @property
    def first(self) -> bool:
        """Whether this process writes and speaks."""
        return self.rank == 0

    def share(self, things: Sequence[Thing]) -> Iterable[Thing]:
        """Return every count-th thing, so that the shares of all processes make up the whole."""
        return list(things[self.rank :: self.count])

    def is_short(self, things: int) -> bool:
        """Return whether others have one more of so many things in their shares."""
        return 0 < things % self.count <= self.rank

    def total(self, *values: float) -> list[float]:
        """Return the sum of each value over the processes."""
        if self.count == 1:
            return list(values)
        sums = torch.tensor(values, dtype=torch.float64, device=self.device)
        distributed.all_reduce(sums)
        return sums.tolist()

    def any(self, flag: bool) -> bool:
        """Return whether the flag is set in any process."""
        return self.total(float(flag))[0] > 0

    def add_gradients(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Replace the gradients by their sum over the processes, sent as one tensor; split weights have it already."""
        if self.count == 1:
            return
        trained = [parameter for parameter in parameters if not isinstance(parameter, DTensor)]
        if not trained:
            return
        for parameter in trained:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        gradients = [parameter.grad for parameter in trained if parameter.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        distributed.all_reduce(flat)
        for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))

    def wait(self) -> None:
        """Wait until every process has come here."""
        if self.count > 1:
            distributed.barrier()

    @contextmanager
    def first_alone(self) -> Iterator[None]:
        """Let process 0 go first, such as to fill a cache that the others then read."""
        if not self.first:
            self.wait()
        yield
        if self.first:
            self.wait()


@contextmanager
def join_processes(device: torch.device | None) -> Iterator[Processes]:
    """Meet the other processes, if the environment says that there are any, and part from them at the end.

    Raises ConfigError when the environment that `torchrun` sets is incomplete.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield Processes(device=device)
        return
    if missing := [name for name in ("RANK", "MASTER_ADDR", "MASTER_PORT") if name not in os.environ]:
        raise ConfigError(
            f"WORLD_SIZE={count} without {', '.join(missing)}. Start several processes with "
            "`torchrun --nproc-per-node N train.py`, or unset WORLD_SIZE."
        )
    backend = "nccl" if device is not None and device.type == "cuda" else "gloo"
    distributed.init_process_group(backend, timeout=PATIENCE)
    try:
        yield Processes(distributed.get_rank(), count, device)
    finally:
        distributed.destroy_process_group()


def local_device(device: str) -> str:
    """Return the device of this process: `cuda` becomes the GPU of its own, by LOCAL_RANK."""
    rank = os.environ.get("LOCAL_RANK")
    if rank is None or device == "cpu" or not torch.cuda.is_available():
        return device
    torch.cuda.set_device(int(rank))
    return f"cuda:{rank}"
