"""What only a GPU can show; left out where there is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from drug_llm.encoding import EncodedExample
from drug_llm.models import attention
from drug_llm.models.attention import segmented_attention
from drug_llm.training.config import TrainConfig
from drug_llm.training.loss import make_row, row_loss
from drug_llm.training.trainer import train
from drug_llm.training.watch import SilentWatcher

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
LENGTHS = (37, 1, 300, 129)


@pytest.mark.parametrize("key_heads", [8, 2])
def test_one_kernel_for_all_segments_gives_what_each_alone_gives(
    key_heads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def attended() -> list[torch.Tensor]:
        torch.manual_seed(0)
        shapes = ((8, 64), (key_heads, 64), (key_heads, 64))
        parts = [torch.randn(1, n, sum(LENGTHS), d, device="cuda", dtype=torch.bfloat16) for n, d in shapes]
        for part in parts:
            part.requires_grad_()
        out, _ = segmented_attention(torch.nn.Identity(), *parts, None, segment_lengths=LENGTHS)
        out.float().square().sum().backward()
        return [out, *(part.grad for part in parts)]

    assert attention.USE_VARLEN
    together = attended()
    monkeypatch.setattr(attention, "USE_VARLEN", False)
    for one, other in zip(together, attended(), strict=True):
        assert float((one - other).detach().float().norm() / other.detach().float().norm()) < 0.01


def test_loss_of_an_example_is_the_same_packed_and_alone() -> None:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=512,
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        attn_implementation=attention.SEGMENTED,
    )
    model = LlamaForCausalLM(config).to("cuda", torch.bfloat16)
    examples = [EncodedExample(ids := torch.randint(0, 512, (n,)).tolist(), ids) for n in (40, 7, 90)]
    with torch.no_grad():
        whole = float(row_loss(model, make_row(examples, torch.device("cuda"))))
        alone = sum(float(row_loss(model, make_row([example], torch.device("cuda")))) for example in examples)
    assert whole == pytest.approx(alone, rel=2e-3)


def test_training_on_a_gpu_gives_the_losses_of_a_processor(tiny_base: Path, project: Path) -> None:
    def losses(device: str) -> list[float]:
        places: dict[str, Any] = {
            "results_dir": f"{device}/results",
            "output_dir": f"{device}/final",
            "run_name": "run",
        }
        options: dict[str, Any] = {"dtype": "float32", "lora_dropout": 0.0, "max_steps": 6, "learning_rate": 1e-3}
        train(TrainConfig(base_model=str(tiny_base), device=device, **places, **options), SilentWatcher())
        points = [json.loads(line) for line in (project / device / "results/run/curve.jsonl").read_text().splitlines()]
        return [point["loss"] for point in points if "loss" in point]

    assert losses("cuda") == pytest.approx(losses("cpu"), rel=1e-3)
