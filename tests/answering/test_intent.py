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
        ("How much is absorbed, and to what extent is it bound in plasma?", 2),
        ("Natural Senna: an adult's dose per day, and the most one may take?", 2),
        ("Did lorazepam cause cancer in rats, and has it been tested for damage to genes?", 2),
        ("What does the tablet look like, any milk sugar in them?", 2),
        ("Side effects of sertraline and does it interact with tramadol?", 2),
        ("Will it lower my sperm count? We're trying for a baby.", 1),
        ("she's gotten jittery and can't fall asleep on it", 1),
        ("my girl cant sleep and is bouncing off the walls, is that a thing?", 1),
        ("How many pellets can an adult take and how often", 1),
        ("By which routes and in what proportions is it excreted?", 1),
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


@pytest.mark.parametrize(
    "question",
    [
        "Atenolol overdose: does dialysis take it out, and what is given for a slow pulse?",
        "my feet went numb on isoniazid overdose. what is this called and who is most likely to get it?",
        "After an overdose of atenolol, when does the pulse slow, and which pressors raise the pressure?",
    ],
)
def test_topic_named_once_stands_in_every_part(question: str) -> None:
    found = parts(question)
    assert len(found) == 2
    assert all("overdose" in part.text and "overdose" in part.subjects for part in found)


def test_nothing_asked_is_lost_where_more_than_three_things_are_asked() -> None:
    found = parts("What is it for? How is it given? Who must not take it? Where is it stored?")
    assert len(found) == 3
    assert "stored" in found[-1].text


def test_adult_question_names_no_group() -> None:
    assert not intent("What is the usual adult dose?").populations
