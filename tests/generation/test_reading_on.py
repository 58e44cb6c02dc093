"""A Llama reads on from where it stopped as if it read the whole text at once."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from drug_llm.generation.llama import Llama, Memory, arranged, read_shape
from tests.generation.conftest import new_llama

TEXT = torch.arange(5, 305).mul(7).remainder(53).add(5).tolist()


@pytest.fixture(scope="module")
def model() -> torch.nn.Module:
    return new_llama()


def logits(reading: Llama, ids: list[int], memory: Memory) -> torch.Tensor:
    return reading.read_on(ids, memory) @ reading.head.T


@pytest.mark.parametrize("cuts", [(), (1,), (13, 14, 30, 100), (1, 299)], ids=str)
def test_pieces_of_a_text_give_the_logits_of_the_whole(model: torch.nn.Module, cuts: tuple[int, ...]) -> None:
    reading, memory = Llama(read_shape(model.config.to_dict()), arranged(model.state_dict())), Memory()
    edges = [0, *cuts, len(TEXT)]
    found = [logits(reading, TEXT[a:b], memory) for a, b in pairwise(edges)]
    with torch.inference_mode():
        expected = model(input_ids=torch.tensor([TEXT])).logits[0]
    torch.testing.assert_close(torch.cat(found), expected, atol=1e-4, rtol=1e-4)
    assert len(memory) == len(TEXT)


def test_what_is_forgotten_was_never_read(model: torch.nn.Module) -> None:
    reading = Llama(read_shape(model.config.to_dict()), arranged(model.state_dict()))
    straight, strayed = Memory(), Memory()
    reading.read_on(TEXT[:10], straight)
    reading.read_on([*TEXT[:10], 6, 7, 8], strayed)
    strayed.forget(3)
    expected = reading.read_on(TEXT[10:], straight, last=True)
    torch.testing.assert_close(reading.read_on(TEXT[10:], strayed, last=True), expected, atol=1e-4, rtol=1e-4)
    assert expected.shape == (1, 32)
