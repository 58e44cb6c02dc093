"""Memory is spared where the user has not said otherwise."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch

from drug_llm.models.precision import has_fast_bfloat16
from tests.conftest import REPOSITORY

SHAPES = """
import re, sys, torch
from pathlib import Path
from drug_llm.training.memory import spare_memory
if sys.argv[1] == "spared":
    spare_memory()
torch.set_num_threads(1)
weights = torch.randn(64, 64).bfloat16()
for length in range(8, 1500):
    torch.randn(length, 64).bfloat16() @ weights
# getrusage would count what the parent held when it forked.
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


def peak(how: str, **environment: str) -> int:
    """Return the MiB that products of 1,492 shapes take."""
    unset = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY", "MALLOC_ARENA_MAX"}
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    command = [sys.executable, "-c", SHAPES, how]
    done = subprocess.run(
        command, env=kept | {"PYTHONPATH": str(REPOSITORY)} | environment, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.skipif(not has_fast_bfloat16(torch.device("cpu")), reason="oneDNN is not used here")
def test_kernels_of_many_shapes_are_not_kept() -> None:
    plain = peak("plain")
    assert peak("spared") < plain - 100
    assert peak("spared", ONEDNN_PRIMITIVE_CACHE_CAPACITY="1024") > plain - 100
