"""Instruction data from monographs."""

from __future__ import annotations

from collections import Counter

from drug_llm.instructions.build import build_dataset, held_out_drugs
from drug_llm.instructions.wordings import QUESTIONS
from drug_llm.labels.monographs import load_monographs
from tests.conftest import REPOSITORY

MONOGRAPHS = load_monographs(REPOSITORY / "data/monographs")
DATASET = build_dataset(MONOGRAPHS)


def test_no_question_and_no_ingredient_is_in_both_files() -> None:
    ingredients = {monograph.name: set(monograph.ingredients) for monograph in MONOGRAPHS}
    trained = set().union(*(ingredients[example.drug] for example in DATASET.train))
    held_out = set().union(*(ingredients[example.drug] for example in DATASET.evaluation))
    assert trained
    assert held_out
    assert not trained & held_out
    assert not {e.input.lower() for e in DATASET.train} & {e.input.lower() for e in DATASET.evaluation}


def test_every_drug_is_asked_about_on_every_subject() -> None:
    always = set(QUESTIONS) - {"boxed_warning", "contraindications"}
    for name in {example.drug for example in DATASET.train}:
        kinds = {example.kind for example in DATASET.train if example.drug == name}
        assert always <= kinds, name


def test_one_answer_is_never_asked_for_twice_in_the_same_words() -> None:
    counts = Counter((example.input.lower(), example.output) for example in (*DATASET.train, *DATASET.evaluation))
    assert max(counts.values()) == 1
    assert len({example.id for example in DATASET.train}) == len(DATASET.train)


def test_drugs_that_share_an_ingredient_stay_together() -> None:
    held_out = held_out_drugs(MONOGRAPHS)
    for one in MONOGRAPHS:
        for other in MONOGRAPHS:
            if set(one.ingredients) & set(other.ingredients):
                assert (one.name in held_out) == (other.name in held_out)


def test_numbers_of_an_answer_stand_in_its_monograph() -> None:
    import re

    text = {path.stem.replace("-", " "): path.read_text("utf-8") for path in (REPOSITORY / "data/monographs").iterdir()}
    for example in DATASET.train:
        for number in re.findall(r"\d[\d,.]*\d|\d", example.output):
            assert number in text[example.drug], (example.id, number)


def test_lower_case_wordings_are_typed_in_lower_case() -> None:
    typed = [example.input for example in DATASET.train if example.input == example.input.lower()]
    assert 0.2 < len(typed) / len(DATASET.train) < 0.7
