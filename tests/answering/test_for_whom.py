"""Whose dose a question asks for, and whether a text is about such people."""

from __future__ import annotations

import pytest

from drug_llm.answering.for_whom import NOBODY, Person, age_ranges, asks_to_take, person, weight_ranges


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("How many tablets for a six-year-old?", Person(age=6)),
        ("my 14 year old has a stuffy nose, how many tsp", Person(age=14)),
        ("dose for my 18 month old", Person(age=1.5)),
        ("start dose for my frail 84 yo mother", Person(age=84)),
        ("What is the dose at age 9?", Person(age=9)),
        ("Maximum dose at a GFR of 45 mL/min/1.73 m2?", Person(clearance=45)),
        ("CrCl 22, pt needs it for UTI. Dose adjustment?", Person(clearance=22)),
        ("Dose for a 70-year-old with a creatinine clearance of 40?", Person(age=70, clearance=40)),
        ("Is it safe for a six-year-old?", Person(age=6)),
        ("Can my 10 year old take a bottle?", Person(age=10)),
        ("my son is 9, may he have it", Person(age=9)),
        ("Quixadol for my grandpa, he's 67: how much?", Person(age=67)),
        ("I'm 8 weeks pregnant, may I take it?", Person()),
        ("Dose for a child who weighs 20 kg?", Person(weight=20)),
        ("How many tablets for an 80 kg patient?", Person(weight=80)),
        ("My 11-year-old already weighs 43 kg, which dose?", Person(age=11, weight=43)),
        ("What dose do I take to lose 20 pounds?", Person()),
        ("Is 15 mg/kg the dose of a child?", Person()),
        ("If 5 mL is the dose of a 4 year old, how much for a 2 year old?", Person()),
        ("Dose at creatinine clearance 10 to 30?", Person()),
        ("What is the usual dose?", Person()),
        ("How much for my grandmother of 80?", Person(age=80)),
        ("Dose for a son of 3?", Person(age=3)),
        ("Dose for a baby of 6 months?", Person(age=0.5)),
        ("What does a 73-day-old get?", Person(age=0.2)),
        ("How much for a girl aged 3 months?", Person(age=0.25)),
        ("Dose for a man of 80 kg?", Person(weight=80)),
        ("Dose for a woman of 20 to 30?", Person()),
    ],
)
def test_person_that_a_question_names(question: str, asked: Person) -> None:
    assert person(question) == asked


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (Person(age=14), "4 to 5 years: 5 mL, 6 to 11 years: 10 mL; children under 4 years: do not use"),
        (Person(age=6), "The usual adult dosage is 1 tablet every 12 hours for 5 days."),
        (Person(age=6), "Adults and children 12 years of age and older: 1 bottle every 4 hours."),
        (Person(age=30), "In pediatric patients 0.07 mg/kg once daily."),
        (Person(age=1.5), "Children 2 to 5 years of age: 5 mL."),
        (Person(age=12), "Children under 12: Do not use."),
        (Person(age=3), "Children 6 to under 12 years of age: 5 mL."),
        (Person(weight=20), "Children weighing 40 kg and higher: 200 mg once daily."),
        (Person(weight=35), "Patients of 15 kg (33 lb) to less than 30 kg (66 lb): 20 mg every other week."),
        (Person(weight=30), "Rows: Weight (lb) 24-35: Age (yr) = 2-3 years; Dose (mL) = 5 mL"),
        (Person(clearance=45), "In severe renal impairment (GFR 15 to < 30 mL/min/1.73 m2), no more than 50 mg/day."),
        (Person(clearance=45), "For patients with a creatinine clearance below 30 mL/min, halve the dose."),
        (Person(age=0.2), "Newborns 7 to 28 days of age: 4 mg/kg."),
        (Person(age=0.01), "Infants older than 28 days old: 4 mg/kg."),
        (Person(age=0.01), "Newborns at least 7 days and less than or equal to 28 days old: 4 mg/kg."),
    ],
)
def test_text_about_others_is_told(asked: Person, text: str) -> None:
    assert asked.is_left_out(text)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (Person(age=9), "4 to 5 years: 5 mL, 6 to 11 years: 10 mL"),
        (
            Person(age=9),
            "Age (yr) under 4 years: Dose (mL or tsp) = do not use; 6 to 11 years: Dose (mL or tsp) = 10 mL",
        ),
        (Person(age=14), "Adults and children 12 years and over: 2 tablets."),
        (Person(age=13), "Adults: 2 tablets."),
        (Person(age=1.5), "Children 2 mo-2yr: 1 spray 3 times per day."),
        (Person(age=84), "In the elderly, start with 2.5 mg."),
        (Person(age=6), "Children: 10 mg/kg."),
        (Person(age=6), "Take one tablet daily for 2 to 3 years."),
        (Person(age=6), "Store for less than 2 years."),
        (
            Person(clearance=25),
            "Creatinine Clearance (mL/min) Above 30: usual regimen; 15\u201330: half; below 15: not.",
        ),
        (Person(clearance=45), "Take 5 to 10 mg once daily."),
        (Person(clearance=12), "CrCl ≥ 10 mL/min and ≤ 30 mL/min: half the usual dose."),
        (Person(), "Children 2 to 5 years of age: 5 mL."),
        (Person(age=40), "Squirt it towards the child's cheek and close the child resistant cap."),
        (Person(weight=20), "Children weighing 3.5 kg to less than 40 kg: 5 mg/kg on Day 1."),
        (Person(weight=12), "Rows: Weight (lb) under 24: Dose = ask a doctor 24-35: Dose (mL) = 5 mL"),
        (Person(weight=20), "The dose is 2 mg/kg, at most 80 mg."),
    ],
)
def test_text_that_may_be_about_the_person_is_kept(asked: Person, text: str) -> None:
    assert not asked.is_left_out(text)


def test_question_whether_a_child_may_take_it_asks_for_the_dose_of_that_age() -> None:
    asked = person("Can my 10 year old take a bottle of Zelpril 60?")
    assert asked.age == 10
    assert asked.is_left_out("Adults and children 12 years and older: 1 bottle every 4 hours.")
    assert asked.is_meant("Children under 12: Do not use")
    assert not asked.is_meant("Shake the bottle.")
    assert age_ranges("Children under 12: Do not use") == [(0.0, 12.0)]


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("Children under 12: Do not use.", [(0, 12)]),
        ("adults and children 12 and over: 1 bottle", [(12, float("inf"))]),
        ("Not for children under 6 months.", [(0, 0.5)]),
        ("Adults: up to 12 tablets a day", [(12, float("inf"))]),
        ("Keep it from the child's mouth.", []),
    ],
)
def test_ages_are_read_with_and_without_a_unit_of_time(text: str, ranges: list[tuple[float, float]]) -> None:
    assert sorted(set(age_ranges(text))) == [pytest.approx(one) for one in ranges]


def test_weights_are_read_in_kilograms() -> None:
    assert weight_ranges("weighing under 44 lb") == [pytest.approx((0, 19.96), abs=0.01)]


def test_narrower_numbers_say_more_of_a_person_and_groups_say_nothing() -> None:
    child = Person(age=3)
    wide, narrow = child.width("Children under 12 years: ask a doctor."), child.width("Children 2 to 3 years: 5 mL")
    assert wide is not None
    assert narrow is not None
    assert narrow < wide
    assert child.width("Children: 5 mL") is None
    assert child.is_meant("Children: 5 mL")
    assert not child.is_meant("Take it with water.")
    assert not NOBODY.is_meant("Children: 5 mL")


def test_question_on_taking_is_told_from_one_on_effects() -> None:
    assert asks_to_take("Is it safe for a 4 year old?")
    assert asks_to_take("How much for a 4 year old?")
    assert not asks_to_take("Does it make a 4 year old sleepy?")


@pytest.mark.parametrize(
    "text",
    [
        "kidneys with a clearance of creatinine below 25 mL/min, or creatinine in the blood over 4 mg/dL",
        "clearance of creatinine below 25 mL/min: from 120 to 240 mg a day",
        "creatinine clearance under 25 mL/min and sodium under 128 mEq/L",
    ],
)
def test_number_with_another_unit_is_no_clearance(text: str) -> None:
    assert person("dose at a creatinine clearance of 60 mL/min").is_left_out(text)
    assert person("dose at a creatinine clearance of 20 mL/min").is_meant(text)
