"""A judge that goes on learning is asked as the judge is, and learns what its rows say."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
import torch

from benchmarks import judge_training
from benchmarks.judge_training import Learner, train
from drug_llm.answering.judging import judged
from drug_llm.generation.tuned_llama import load_tuned_llama
from drug_llm.models import precision
from drug_llm.models.final import read_manifest
from drug_llm.training.processes import Processes

ROWS = [
    {
        "question": "What is drug number 3 for?",
        "pieces": [
            ("Uses", "Drug number 3 treats condition 3.", 1),
            ("Uses", "Drug number 4 treats condition 4.", 0),
            ("Dose", "Take it once.", 0),
        ],
    },
    {"question": "How often is it taken?", "pieces": [("Dose", "Take it once.", 1), ("Uses", "It treats.", 0)]},
]

# Words that the tiny tokenizer tells apart by their first token.
WORDS = ("treats", "condition")


def odds(folder: Path) -> list[list[float]]:
    model = load_tuned_llama(folder)
    asked = [[judged(row["question"], title, text) for title, text, _ in row["pieces"]] for row in ROWS]
    return [model.first_word_odds(inputs, *WORDS) for inputs in asked]


@pytest.fixture(autouse=True)
def plain_words_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "has_fast_bfloat16", lambda _: False)
    for name, word in zip(("YES", "NO"), WORDS, strict=True):
        monkeypatch.setattr(judge_training, name, word)


def test_learner_judges_as_the_judge_does(tuned_llama: Path) -> None:
    learner = Learner(tuned_llama, from_layer=0)
    with torch.no_grad():
        found = [learner.odds(row).tolist() for row in ROWS]
    for ours, judges in zip(found, odds(tuned_llama), strict=True):
        assert ours == pytest.approx(judges, abs=1e-3)


def test_one_pass_over_the_rows_is_learned_and_kept(tuned_llama: Path, tmp_path: Path) -> None:
    file, out = tmp_path / "rows.jsonl", tmp_path / "out"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS * 30))
    options = {"rate": 0.02, "batch": 2, "from_layer": 1, "rows": file, "out": out, "adapter": tuned_llama}
    train(argparse.Namespace(**options), Processes())
    before, after = odds(tuned_llama), odds(out)
    for row, was, now in zip(ROWS, before, after, strict=True):
        for (*_, answers), a, b in zip(row["pieces"], was, now, strict=True):
            assert (b > a) if answers else (b < a)
    manifest = read_manifest(out)
    assert manifest is not None
    assert manifest["went_on"]["rows"] == 60
    assert "0.q_proj" not in str([n for n, p in Learner(tuned_llama, 1).model.named_parameters() if p.requires_grad])
