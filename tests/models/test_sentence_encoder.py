"""The sentence encoder gives transformers' vectors to the last bit, without importing it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch
from transformers import BertConfig, BertModel

from drug_llm.models.bert import Bert
from drug_llm.models.sentence_encoder import encoder_folder
from tests.conftest import REPOSITORY

needs_encoder = pytest.mark.skipif(encoder_folder() is None, reason="the sentence encoder is not installed")
LIGHT = """
import sys
from drug_llm.models.sentence_encoder import load_sentence_encoder
assert load_sentence_encoder().encode(["How is it taken?", "With food."]).shape == (2, 384)
assert "transformers" not in sys.modules, "heavy import"
"""


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("lengths", [(17,), (9, 9), (3, 12, 7)], ids=["one text", "like lengths", "padded"])
def test_states_are_those_of_transformers_to_the_last_bit(lengths: tuple[int, ...], dtype: torch.dtype) -> None:
    torch.manual_seed(2)
    config = BertConfig(
        vocab_size=60,
        hidden_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=96,
        initializer_range=0.3,
    )
    model = BertModel(config, add_pooling_layer=False).eval().to(dtype)
    ids = torch.randint(1, 60, (len(lengths), max(lengths)))
    mask = torch.stack([(torch.arange(max(lengths)) < length).long() for length in lengths])
    with torch.inference_mode():
        expected = model(input_ids=ids, attention_mask=mask).last_hidden_state
    found = Bert(config.to_dict(), model.state_dict()).encode(ids, mask)
    assert torch.equal(found[mask.bool()], expected[mask.bool()])


@needs_encoder
def test_encoding_does_not_import_transformers() -> None:
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run([sys.executable, "-c", LIGHT], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
