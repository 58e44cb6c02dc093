"""A dose is never told without the strength, people or use that it is for."""

from __future__ import annotations

import pytest

from drug_llm.answering.demands import demands
from drug_llm.answering.for_whom import person
from drug_llm.answering.label_kinds import END, FORM, GROUP, OTHER, STAGE, STRENGTH, USE, kind_of
from drug_llm.answering.strengths import asked_strengths, is_of_other_strength
from drug_llm.answering.units import Unit, units
from drug_llm.labels.label import Passage

NAMES = ("zelpril and mirtal", "zelpril")
STRENGTHS = (
    "Zelpril tablets, 20 mg \u2013 Adults: First dose: 3 tablets a day. Later doses: 2 tablets a day. Zelpril tablets, "
    "40 mg \u2013 Adults: First dose: 2 tablets a day. Later doses: 1 tablet a day."
)


def of(text: str, title: str = "Dosage and Administration", name: str = "dosage_and_administration") -> list[Unit]:
    return units(Passage("set", 1, "doses/1", name, title, text))


def texts(text: str, title: str = "Dosage and Administration") -> list[str]:
    return [unit.text for unit in of(text, title)]


def test_strength_holds_until_the_next_one() -> None:
    assert texts(STRENGTHS)[1::2] == [
        "Zelpril tablets, 20 mg \u2013 Adults: Later doses: 2 tablets a day.",
        "Zelpril tablets, 40 mg \u2013 Adults: Later doses: 1 tablet a day.",
    ]


def test_every_label_stands_at_its_place() -> None:
    for unit in of(STRENGTHS):
        assert unit.quotes == tuple(STRENGTHS[span.start : span.end] for span in unit.spans)
        assert [span.start for span in unit.spans] == sorted(span.start for span in unit.spans)


def test_strength_is_said_only_where_tablets_are_counted() -> None:
    found = texts(
        "Zelpril Tablets 5 mg/30 mg The usual dose is one tablet. No one needs more than 6 tablets. Eat first."
    )
    assert found[1:] == ["Zelpril Tablets 5 mg/30 mg No one needs more than 6 tablets.", "Eat first."]


def test_use_and_people_below_it_hold_together() -> None:
    found = texts(
        "Hay Fever: The dose is found slowly. Adults and Children: Begin with 5 mg. Most need 10 mg daily. Gout: The "
        "dose is found slowly. Begin with 20 mg."
    )
    assert found[1:3] == [
        "Hay Fever: Adults and Children: Begin with 5 mg.",
        "Hay Fever: Adults and Children: Most need 10 mg daily.",
    ]
    assert found[4] == "Gout: Begin with 20 mg."


def test_heading_without_a_mark_holds_too() -> None:
    found = texts("Heart Failure The first dose is 5 mg. It may rise to 20 mg. Migraine The first dose is 2 mg.")
    assert found[1] == "Heart Failure It may rise to 20 mg."
    assert found[2] == "Migraine The first dose is 2 mg."


def test_heading_on_its_own_line_holds_until_the_next() -> None:
    found = texts("Children\nThe dose is 5 mg.\nLater it is 10 mg.\nAdults\nThe dose is 20 mg.\nLater it is 40 mg.")
    assert "Children Later it is 10 mg." in found
    assert "Adults Later it is 40 mg." in found


def test_label_inside_a_line_ends_with_it() -> None:
    assert texts("Children: 5 mg a day. Or 9 mg.\nNo one takes more than 40 mg.")[-1] == "No one takes more than 40 mg."


def test_last_of_a_row_does_not_take_what_is_said_to_all() -> None:
    found = texts("Adults: 20 mg. Children: 5 mg. No one takes more than 40 mg.")
    assert found == ["Adults: 20 mg.", "Children: 5 mg.", "No one takes more than 40 mg."]


@pytest.mark.parametrize("heading", ["Dilution and Storage:", "Missed Doses:", "How to Use:"])
def test_handling_ends_every_label(heading: str) -> None:
    assert texts(f"Children: Begin with 5 mg. {heading} It comes as 10 mg.")[-1].startswith((heading, "It comes"))
    assert texts(f"Children: Begin with 5 mg. {heading} Read it. It comes as 10 mg.")[-1] == "It comes as 10 mg."


def test_what_names_people_itself_is_not_put_below_others() -> None:
    assert texts("Adults: Begin with 5 mg. In the elderly begin with 2 mg.")[-1] == "In the elderly begin with 2 mg."


def test_pointer_to_a_section_on_people_names_none() -> None:
    found = texts("Pediatric Patients: Begin with 5 mg. At most 9 mg (see PRECAUTIONS, Pediatric Use).")
    assert found[-1] == "Pediatric Patients: At most 9 mg (see PRECAUTIONS, Pediatric Use)."


def test_sentence_without_a_dose_stays_as_it_is() -> None:
    assert texts("Gout: Begin with 5 mg. Drink enough.")[-1] == "Drink enough."


def test_sections_on_other_things_stay_as_they_are() -> None:
    found = of("Gout: Begin with 5 mg. Then take 10 mg.", name="warnings")
    assert found[-1].text == "Then take 10 mg."


def test_regimen_holds_for_each_of_its_periods() -> None:
    found = texts("Those below 8 years may begin so:\nDays 1 to 3: 5 mg\nDays 4 to 6: 9 mg\nLater they need 20 mg.")
    assert found == [
        "Those below 8 years may begin so: Days 1 to 3: 5 mg",
        "Those below 8 years may begin so: Days 4 to 6: 9 mg",
        "Later they need 20 mg.",
    ]


def test_day_of_treatment_is_held_against_the_periods() -> None:
    asked = person("What does a 5 year old take on day 4?")
    assert asked.is_left_out("Days 1 to 3: 5 mg")
    assert asked.is_meant("Days 4 to 6: 9 mg")
    assert asked.is_left_out("Day 10 to maintenance: 20 mg")
    assert person("What is taken on day 30?").is_meant("Day 10 to maintenance: 20 mg")


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Zelpril tablets, 40 mg", STRENGTH),
        ("Children 6 to 11 years:", GROUP),
        ("Patients with renal failure:", GROUP),
        ("Hay Fever:", USE),
        ("For the relief of cough:", USE),
        ("Maintenance dosage:", STAGE),
        ("Days 4 to 6:", STAGE),
        ("Oral suspension:", FORM),
        ("Dilution:", END),
        ("Bowl size:", OTHER),
    ],
)
def test_labels_are_told_apart(label: str, kind: str) -> None:
    assert kind_of(label) == kind


@pytest.mark.parametrize(
    ("title", "text", "shown"),
    [
        ("2.2 Pediatric Hypertension", "Begin with 5 mg.", "Pediatric Hypertension: Begin with 5 mg."),
        ("Dosage in Adults", "Begin with 5 mg.", "Dosage in Adults: Begin with 5 mg."),
        ("Dosage in Adults", "Drink enough.", "Drink enough."),
        ("Gout", "For gout take 5 mg.", "For gout take 5 mg."),
        ("Dosage in Renal Impairment", "In renal impairment take 5 mg.", "In renal impairment take 5 mg."),
        ("DOSAGE & ADMINISTRATION", "Begin with 5 mg.", "Begin with 5 mg."),
        ("Recommended Dosage", "Begin with 5 mg.", "Begin with 5 mg."),
        ("General Instructions", "Begin with 5 mg.", "Begin with 5 mg."),
    ],
)
def test_title_that_says_whose_dose_it_is_is_shown(title: str, text: str, shown: str) -> None:
    assert of(text, title)[0].shown == shown


def test_title_counts_where_people_are_compared() -> None:
    assert person("the dose at 5 years").is_left_out(of("Morning: 5 drops", "Adult Dosage")[0].scoped) is False
    child = person("What does a 5 year old take?")
    assert child.is_left_out(of("Morning: 5 drops", "Adult Dosage")[0].scoped)


@pytest.mark.parametrize(
    ("question", "strengths"),
    [
        ("How many zelpril 20 mg tablets a day?", {(20.0,)}),
        ("How many of the 40-mg capsules a day?", {(40.0,)}),
        ("most zelpril 5/30 per day", {(5.0, 30.0)}),
        ("The dose of zelpril and mirtal 5 mg/30 mg?", {(5.0, 30.0)}),
        ("The dose of zelpril 20 mg?", {(20.0,)}),
        ("Can I take 500 mg of zelpril twice a day?", set()),
        ("Is zelpril 20 mg a day enough?", set()),
        ("My pressure is 120/80, may I take zelpril?", set()),
    ],
)
def test_strength_is_that_of_a_product(question: str, strengths: set[tuple[float, ...]]) -> None:
    assert asked_strengths(question, NAMES) == strengths


def test_dose_of_another_strength_is_for_something_else() -> None:
    asked = demands("What are the later doses of zelpril 20 mg tablets?", NAMES)
    assert [asked.is_misplaced(text) for text in texts(STRENGTHS)] == [False, False, True, True]
    assert not demands("What are the later doses?", NAMES).is_misplaced(texts(STRENGTHS)[-1])


def test_one_amount_of_two_is_enough() -> None:
    label = "Zelpril Tablets 5 mg/30 mg No one needs more than 6 tablets."
    assert not is_of_other_strength(label, [(30.0,)])
    assert is_of_other_strength(label, [(5.0, 60.0)])
