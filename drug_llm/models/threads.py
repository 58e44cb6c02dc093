"""Threads that compute beside each other, each on cores of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import torch


def computing_threads(count: int, cores: int) -> ThreadPoolExecutor:
    """Return `count` threads that compute on `cores` cores each; every other thread keeps its number of cores.

    torch's number of threads holds for the thread that sets it (OpenMP, section 2.4), but a thread that has set none
    takes over the number that was set last anywhere. So all of them start here, and the caller sets its own again.
    """
    own = torch.get_num_threads()
    threads = ThreadPoolExecutor(count, "computing", _compute_on, (cores,))
    started = Barrier(count + 1)
    for _ in range(count):
        threads.submit(started.wait)
    started.wait()
    torch.set_num_threads(own)
    return threads


def _compute_on(cores: int) -> None:
    # A thread takes over the last number when it first asks or computes, even if it has set its own before.
    torch.get_num_threads()
    torch.set_num_threads(cores)
