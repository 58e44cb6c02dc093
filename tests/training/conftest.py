"""Two threads on a tiny model wait for each other more than they compute, above all beside other work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True, scope="module")
def one_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(before if request.module.__name__.endswith("gpt2_shape") else 1)
    yield
    torch.set_num_threads(before)
