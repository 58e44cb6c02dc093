"""What a question asks, in parts, and about whom."""

from __future__ import annotations

import time

import pytest

from drug_llm.answering.intent import intent, parts

FIRST_SECTIONS = [
    ("What is it used for?", "indications_and_usage"),
    ("how long do i wait after a missed dose", "missed_dose"),
    ("Can a nursing mother take it?", "lactation"),
    ("Who must not take it?", "contraindications"),
    ("What is its half-life?", "pharmacokinetics"),
    ("Can I take it if I have gout?", "contraindications"),
    ("Is it safe to use if my father has a slow pulse?", "contraindications"),
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
        ("Can I take it with food and with water?", 1),
        ("Should I take it in the morning and in the evening?", 1),
        ("What is the dose for adults and children?", 1),
        ("What share got better on the tablets, and on placebo?", 1),
        ("Can I take it with aspirin and is it safe?", 1),
        ("Can my son of 3 and my son of 10 take it?", 1),
        ("What is it used for and is it addictive?", 2),
        ("Is it good for hives, and may I drive?", 2),
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


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "Can I take Corvex with beer, with kidney disease, and while nursing?",
            ("Can I take Corvex with beer", "Can I take Corvex with kidney disease", "Can I take Corvex while nursing"),
        ),
        (
            "What is the dose in asthma for adults and for a child of 8?",
            ("What is the dose in asthma for adults", "What is the dose in asthma for a child of 8"),
        ),
        (
            "What is the dose for my mother, and what is it for me, aged 35?",
            ("What is the dose for my mother", "What is the dose for me, aged 35"),
        ),
        (
            "How many drops may I take a day, and what about my son aged 9?",
            ("How many drops may I take a day", "How many drops may I take a day for my son aged 9"),
        ),
        (
            "How should the gel be used, for how many grams a week, and on a 10-year-old?",
            (
                "How should the gel be used",
                "for how many grams a week should the gel be used",
                "How should the gel be used on a 10-year-old",
            ),
        ),
        (
            "What is the dose for a 3 year old and a 12 year old?",
            ("What is the dose for a 3 year old", "What is the dose for a 12 year old"),
        ),
        (
            "What do I do if I miss a dose, and if I vomit?",
            ("What do I do if I miss a dose", "What do I do if I vomit"),
        ),
        ("What is it for, and what is it made of?", ("What is it for", "what is it made of")),
    ],
)
def test_part_without_a_beginning_takes_that_of_another(question: str, asked: tuple[str, ...]) -> None:
    assert tuple(part.text for part in parts(question)) == asked


def test_group_of_one_circumstance_is_not_that_of_the_others() -> None:
    first, second = parts("Is it safe in pregnancy, and while nursing?")
    assert (first.populations, second.populations) == ({"pregnancy"}, {"breast_feeding"})


def test_time_grows_no_faster_than_a_long_question() -> None:
    started = time.perf_counter()
    parts("Can I take it for a 3 year old and " * 300 + "?")
    assert time.perf_counter() - started < 2
