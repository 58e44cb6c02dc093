"""The loss is that of each example alone, whatever stands beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from drug_llm.encoding import IGNORED, EncodedExample
from drug_llm.models.base import resolve_base_model
from drug_llm.models.loading import load_base_model
from drug_llm.models.precision import choose_precision
from drug_llm.training.config import TrainConfig
from drug_llm.training.loss import make_row, row_loss
from drug_llm.training.plan import TrainingPlan

EXAMPLES = [
    EncodedExample([5, 6, 7, 8, 9, 0], [IGNORED, IGNORED, IGNORED, 8, 9, 0]),
    EncodedExample([11, 12, 13, 0], [IGNORED, 12, 13, 0]),
    EncodedExample([21, 22, 23, 24, 25, 26, 27, 0], [IGNORED] * 6 + [27, 0]),
]


@pytest.fixture(scope="module")
def model(tiny_base: Path) -> torch.nn.Module:
    return load_base_model(
        resolve_base_model(str(tiny_base)), choose_precision("cpu", "float32"), segmented=True
    ).eval()


def test_row_predicts_the_next_token_of_its_own_example_only() -> None:
    row = make_row(EXAMPLES, torch.device("cpu"))
    assert row.segment_lengths == (6, 4, 8)
    assert row.position_ids.tolist() == [[0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7]]
    assert row.predict_at.tolist() == [2, 3, 4, 6, 7, 8, 15, 16]
    assert row.targets.tolist() == [8, 9, 0, 12, 13, 0, 27, 0]


def test_loss_of_a_row_is_the_sum_of_its_examples_alone(model: torch.nn.Module) -> None:
    device = torch.device("cpu")
    together = row_loss(model, make_row(EXAMPLES, device))
    alone = sum(row_loss(model, make_row([example], device)) for example in EXAMPLES)
    assert float(together) == pytest.approx(float(alone), rel=1e-5)


def test_loss_equals_that_of_transformers(tiny_base: Path, model: torch.nn.Module) -> None:
    from transformers import AutoModelForCausalLM

    plain = AutoModelForCausalLM.from_pretrained(tiny_base).eval()
    for example in EXAMPLES:
        ids, labels = torch.tensor([example.input_ids]), torch.tensor([example.target_ids])
        theirs = plain(input_ids=ids, labels=labels).loss
        row = make_row([example], torch.device("cpu"))
        assert row_loss(model, row).item() / len(row.targets) == pytest.approx(theirs.item(), rel=1e-4)


def test_each_pass_shows_every_example_once() -> None:
    plan = TrainingPlan(TrainConfig(batch_size=3, gradient_accumulation=2, epochs=2), train_examples=20)
    assert plan.updates_per_epoch == 4
    assert plan.updates == 8
    for first in (0, 4):
        shown = [index for step in range(first, first + 4) for index in plan.examples(step)]
        assert sorted(shown) == list(range(20))
    assert plan.examples(0) != plan.examples(4)


@pytest.mark.parametrize("schedule", ["linear", "cosine", "constant"])
def test_learning_rate_rises_over_the_warm_up_and_then_falls(schedule: str) -> None:
    plan = TrainingPlan(TrainConfig(lr_schedule=schedule, warmup_ratio=0.2, learning_rate=0.1, epochs=10), 320)
    rates = [plan.learning_rate(step) for step in range(plan.updates)]
    assert rates[:20] == pytest.approx([0.1 * (n + 1) / 20 for n in range(20)])
    assert rates[20] == pytest.approx(0.1)
    assert rates[-1] == pytest.approx(0.1) if schedule == "constant" else rates[-1] < 0.005


def test_settings_of_the_specification_are_the_defaults() -> None:
    import yaml

    settings = TrainConfig()
    assert (settings.lora_rank, settings.lora_alpha, settings.lora_dropout) == (8, 16, 0.05)
    assert (settings.batch_size, settings.gradient_accumulation, settings.learning_rate) == (4, 8, 1e-4)
    assert (settings.epochs, settings.max_tokens) == (3, 512)
    assert settings.train_file == "data/processed/train.jsonl"
    assert settings.eval_file == "data/evaluation/eval.jsonl"
    assert settings.output_dir == "models/drug-llm/final"
    file = yaml.safe_load((Path(__file__).parents[2] / "configs/gpt2-lora.yaml").read_text())
    assert file.pop("base_model") == "openai-community/gpt2"
    assert file.pop("target_modules") == ["c_attn"]
    assert {name: getattr(settings, name) for name in file} == file
