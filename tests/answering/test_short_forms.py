"""A question cut short is read as the whole one, and nothing else is."""

from __future__ import annotations

import pytest

from drug_llm.answering.short_forms import in_full

NAMES = ("zelpril", "zelprilat", "Zelprinol XR")


@pytest.mark.parametrize(
    "question",
    [
        "Zelpril",
        "zelpril?",
        "zelpril uses",
        "uses of zelpril",
        "What is the purpose of zelpril?",
        "What is zelpril for?",
        "what's zelpril for",
        "why would someone take zelpril",
        "Why is zelpril prescribed?",
    ],
)
def test_short_question_asks_what_the_medicine_is_for(question: str) -> None:
    assert in_full(question, NAMES) == "What is zelpril used for?"


@pytest.mark.parametrize(
    "question",
    ["which drugs interact with zelpril?", "Zelpril interactions", "What are the drug interactions of zelpril?"],
)
def test_short_question_asks_with_what_it_interacts(question: str) -> None:
    assert in_full(question, NAMES) == "What does zelpril interact with?"


def test_longest_name_is_the_one_that_was_typed() -> None:
    assert in_full("zelprinol xr uses", NAMES) == "What is zelprinol xr used for?"


@pytest.mark.parametrize(
    "question",
    [
        "What is zelpril for in children?",
        "zelpril dose",
        "Why can't I take zelpril?",
        "zelprilic uses",
        "uses of gold",
        "",
    ],
)
def test_other_questions_stay_as_they_are(question: str) -> None:
    assert in_full(question, NAMES) == question
