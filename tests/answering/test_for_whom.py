"""Whose dose a question asks for, and whether a text is about such people."""

from __future__ import annotations

import pytest

from drug_llm.answering.for_whom import Person, age_ranges, person


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
        ("Is it safe for a six-year-old?", Person()),
        ("If 5 mL is the dose of a 4 year old, how much for a 2 year old?", Person()),
        ("Dose at creatinine clearance 10 to 30?", Person()),
        ("What is the usual dose?", Person()),
    ],
)
def test_person_of_a_question_about_a_dose(question: str, asked: Person) -> None:
    assert person(question) == asked


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (Person(age=14), "4 to 5 years: 5 mL, 6 to 11 years: 10 mL; children under 4 years: do not use"),
        (Person(age=6), "The usual adult dosage is 1 tablet every 12 hours for 5 days."),
        (Person(age=6), "Adults and children 12 years of age and older: 1 bottle every 4 hours."),
        (Person(age=30), "In pediatric patients 0.07 mg/kg once daily."),
        (Person(age=1.5), "Children 2 to 5 years of age: 5 mL."),
        (Person(clearance=45), "In severe renal impairment (GFR 15 to < 30 mL/min/1.73 m2), no more than 50 mg/day."),
        (Person(clearance=45), "For patients with a creatinine clearance below 30 mL/min, halve the dose."),
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
