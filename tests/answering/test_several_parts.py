"""A question about several things that has several parts: none of them is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from drug_llm.answering.answer import Answer
from drug_llm.answering.assistant import Assistant
from drug_llm.answering.verification import Checker
from drug_llm.labels.store import LabelStore


def unsealed(answer: Answer) -> dict[str, Any]:
    return {name: value for name, value in answer.to_json().items() if name != "digest"}


PARTS = [
    (
        "Can I take warfarin with ibuprofen, with amiodarone, and while pregnant?",
        ("Warfarin and ibuprofen: ", "Warfarin and amiodarone: ", "Warfarin:\n", "unborn baby"),
    ),
    (
        "May I drive on alprazolam and can I take it with alcohol?",
        ("Alprazolam and alcohol: warning", "Alprazolam:\n", "driving"),
    ),
    (
        "Can I take alendronate with food and with calcium?",
        ("Alendronate and calcium: ", "Alendronate:\n", "first food"),
    ),
    ("Can I take warfarin with grapefruit or food?", ("does not mention grapefruit", "with or without food")),
    (
        "Can I take sertraline while pregnant, with kidney disease, and with grapefruit?",
        (
            "does not mention grapefruit",
            "Sertraline, part 1 of the question:\n",
            "Sertraline, part 2 of the question:\n",
        ),
    ),
    (
        "Can I take warfarin with ibuprofen, and what is metformin used for?",
        ("Warfarin and ibuprofen: ", "Metformin:\n", "blood sugar"),
    ),
    (
        "Is warfarin safe in pregnancy and can I have a beer?",
        ("label of warfarin in this store does not mention alcohol", "Warfarin:\n", "unborn baby"),
    ),
    (
        "Can I take warfarin with alcohol, with aspirin, with naproxen, with sertraline, and while breastfeeding?",
        ("Warfarin and aspirin: ", "Warfarin and naproxen: ", "Warfarin and sertraline: ", "Warfarin:\n", "human milk"),
    ),
]


@pytest.mark.parametrize(("question", "told"), PARTS)
def test_every_part_and_thing_is_told(
    assistant: Assistant, store: LabelStore, question: str, told: tuple[str, ...]
) -> None:
    answer = assistant.answer(question)
    for text in told:
        assert text in answer.text
    assert list(Checker(store).failures(answer.to_json())) == []


@pytest.mark.parametrize("text", ["part 2", "part 3"])
def test_other_part_named_for_an_answer_is_told(assistant: Assistant, store: LabelStore, text: str) -> None:
    answer = assistant.answer("Can I take sertraline while pregnant, with kidney disease, and with grapefruit?")
    altered = [replace(said, text=said.text.replace("part 1", text)) for said in answer.sentences]
    line = unsealed(replace(answer, sentences=tuple(altered)))
    assert any("parts of the question" in failure for failure in Checker(store).failures(line))


def test_part_taken_out_is_told(assistant: Assistant, store: LabelStore) -> None:
    answer = assistant.answer("Is warfarin safe in pregnancy and can I have a beer?")
    line = unsealed(replace(answer, sentences=answer.sentences[:1], citations=(), reason="not_in_label"))
    assert any("parts of the question" in failure for failure in Checker(store).failures(line))


@pytest.mark.parametrize(
    "question",
    [
        "Can I take warfarin with aspirin and is it safe?",
        "Can I take warfarin with ibuprofen and how long apart should I take them?",
    ],
)
def test_part_that_asks_no_more_than_the_others_is_not_told_again(assistant: Assistant, question: str) -> None:
    assert "Warfarin:\n" not in assistant.answer(question).text


def test_part_that_is_not_answered_says_nothing_of_how_sure_the_others_are(assistant: Assistant) -> None:
    answer = assistant.answer("Can I take warfarin with ibuprofen and what colour is the moon?")
    assert answer.text.endswith("found in the label.")
    assert answer.confidence == 1.0
