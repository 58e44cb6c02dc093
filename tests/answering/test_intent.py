"""What a question asks, in parts, and about whom."""

from __future__ import annotations

import pytest

from drug_llm.answering.intent import intent, parts

FIRST_SECTIONS = [
    ("What is it used for?", "indications_and_usage"),
    ("how long do i wait after a missed dose", "missed_dose"),
    ("Can a nursing mother take it?", "lactation"),
    ("Who must not take it?", "contraindications"),
    ("What is its half-life?", "pharmacokinetics"),
    ("Keep it in the fridge?", "storage_and_handling"),
    ("what happens in overdose", "overdosage"),
    ("Does it have a black box warning?", "boxed_warning"),
    ("is there lactose in the tablets", "inactive_ingredient"),
    ("What number do I call with questions?", "questions"),
]


@pytest.mark.parametrize(("question", "section"), FIRST_SECTIONS)
def test_section_that_answers_weighs_most(question: str, section: str) -> None:
    weights = intent(question).section_weights()
    assert weights[section] == max(weights.values())


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("What is the dose for adults, and how should it be stored?", 2),
        ("what is it for and who should not take it", 2),
        ("Can I take it with food and water?", 1),
        ("Is it safe in pregnancy? What about in nursing mothers?", 2),
        ("How is it given?", 1),
    ],
)
def test_each_thing_asked_is_a_part_of_its_own(question: str, count: int) -> None:
    assert len(parts(question)) == count


@pytest.mark.parametrize(
    ("question", "group"),
    [
        ("dose for my 4 year old", "children"),
        ("my son is 6 yo, how much", "children"),
        ("starting dose for an 84 yo woman", "older_adults"),
        ("CrCl 22, what dose", "kidney"),
        ("max dose in Child-Pugh B", "liver"),
        ("can I use it while breastfeeding", "breast_feeding"),
        ("second trimester, is it allowed", "pregnancy"),
    ],
)
def test_group_asked_about_is_recognised(question: str, group: str) -> None:
    assert group in intent(question).populations


def test_group_named_once_holds_for_every_part() -> None:
    assert all("children" in part.populations for part in parts("In children, what is the dose, and how is it given?"))


def test_adult_question_names_no_group() -> None:
    assert not intent("What is the usual adult dose?").populations
