"""The verifier's figures: on corrupted and faithful sentences of real labels, and on the reading examples."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from drug_llm.instructions.jsonl import load_examples
from drug_llm.instructions.support import unsupported_sentences
from tests.conftest import REPOSITORY

PER_KIND = 60
LABELS = 40


def test_corrupted_sentences_of_real_labels_are_caught_and_faithful_ones_accepted(shared: Path) -> None:
    if not (shared / "labels").is_dir():
        pytest.skip("the real labels are not here")
    from benchmarks.claims import run

    figures = run(PER_KIND, LABELS)
    assert figures.count(faithful=False) >= 500
    assert figures.count(faithful=True) >= 300
    missed = Counter(case.kind for case, _ in figures.wrong)
    assert figures.rate(faithful=False) >= 0.98, missed
    assert figures.rate(faithful=True) >= 0.98, missed


def test_the_same_suite_is_made_at_every_run(shared: Path) -> None:
    if not (shared / "labels").is_dir():
        pytest.skip("the real labels are not here")
    import random

    from benchmarks.claim_cases import cases, sources
    from benchmarks.claim_rewrites import CORRUPTED
    from benchmarks.claims import shared_labels

    def made() -> list[object]:
        chance = random.Random(1)
        return list(cases(sources(shared_labels(6), chance), CORRUPTED, 5, chance))

    assert made() == made()


def test_answers_written_by_hand_are_mostly_accepted() -> None:
    files = sorted((REPOSITORY / "data" / "reading").glob("*.jsonl"))
    examples = [example for file in files for example in load_examples(file)]
    answered = [example for example in examples if example.passages]
    accepted = sum(not unsupported_sentences(example) for example in answered)
    assert len(answered) >= 100
    assert accepted >= 0.75 * len(answered), accepted / len(answered)
