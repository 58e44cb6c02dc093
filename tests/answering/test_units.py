"""Units say something by themselves and stand in the section where they are said to."""

from __future__ import annotations

import pytest

from drug_llm.answering.units import Unit, units
from drug_llm.labels.label import Passage

LIST = (
    "Do not use:\n- with other sedatives\n- if you are allergic:\n  - to soy\n  - to peanuts\n"
    "Ask a doctor first. Read all."
)
TABLE = "Doses by age.\nAge: dose = 5 mL; times = every 4 hours\nUnder 2 years: dose = ask a doctor; times = none"


def of(text: str) -> list[Unit]:
    return units(Passage("set", 1, "directions", "dosage_and_administration", "Directions", text))


@pytest.mark.parametrize("text", [LIST, TABLE, "One. Two is longer.\n\nThree.", "- alone\n- again", "", "\n\n"])
def test_every_quote_stands_at_its_place(text: str) -> None:
    for unit in of(text):
        for span, quote in zip(unit.spans, unit.quotes, strict=True):
            assert text[span.start : span.end] == quote


def test_list_entry_comes_with_the_line_that_introduces_it() -> None:
    texts = [unit.text for unit in of(LIST)]
    assert "Do not use: - with other sedatives" in texts
    assert "Do not use: - if you are allergic: - to soy" in texts
    assert "- with other sedatives" not in texts


def test_short_list_is_one_more_unit_as_a_whole() -> None:
    whole = [unit for unit in of(LIST) if unit.kind == "list"]
    assert len(whole) == 1
    assert whole[0].quotes[0].startswith("Do not use:")
    assert whole[0].quotes[0].endswith("to peanuts")


def test_table_row_keeps_its_column_names_and_caption() -> None:
    rows = [unit for unit in of(TABLE) if unit.kind == "row"]
    assert len(rows) == 2
    assert rows[1].text == "Doses by age. Under 2 years: dose = ask a doctor; times = none"


def test_sentences_after_a_list_do_not_belong_to_it() -> None:
    assert [unit.text for unit in of(LIST) if unit.kind == "sentence"][-2:] == ["Ask a doctor first.", "Read all."]


def test_long_enumeration_is_taken_apart_at_its_semicolons() -> None:
    text = (
        "; ".join(f"warning number {n} about something that matters a great deal to everybody" for n in range(9)) + "."
    )
    pieces = of(text)
    assert len(pieces) == 9
    assert all(len(unit.text) <= 420 for unit in pieces)


def test_list_below_a_long_paragraph_is_introduced_by_its_last_sentence() -> None:
    told = "Reactions are rare and mostly mild, and most people can go on with treatment. " * 4
    texts = [unit.text for unit in of(f"{told}Do not use in:\n- gout\n- asthma")]
    assert texts[-3:-1] == ["Do not use in: - gout", "Do not use in: - asthma"]
    assert of(f"{told}\n- gout")[-1].text == "- gout"


def test_what_introduces_a_long_sentence_comes_with_each_of_its_parts() -> None:
    groups = [f"people of group {n} with a disease that has a rather long name in this text" for n in range(8)]
    texts = [unit.text for unit in of(f"It must not be given to: {'; '.join(groups)}.")]
    assert len(texts) == 8
    assert all(text.startswith("It must not be given to: people") for text in texts)
    assert texts[-1] == f"It must not be given to: {groups[-1]}."


def test_no_group_lends_its_label_to_the_next_one() -> None:
    text = (
        "Usual dosage for active disease of the lungs and of other organs, as recommended in most of the world: "
        "Adults: 5 mg/kg up to 300 mg daily in a single dose, which most adults take in the morning before they eat; "
        "or 15 mg/kg two or three times a week under direct observation; Children: 10 mg/kg up to 300 mg daily in a "
        "single dose; or 20 mg/kg two or three times a week, which is given under direct observation by a nurse."
    )
    assert len(text) > 420
    texts = [unit.text.removeprefix(text[: text.index("Adults")]) for unit in of(text)]
    assert [one[:20] for one in texts] == [
        "Adults: 5 mg/kg up t",
        "Adults: or 15 mg/kg ",
        "Children: 10 mg/kg u",
        "Children: or 20 mg/k",
    ]
    assert all(unit.text.startswith("Usual dosage") for unit in of(text))


def test_semicolon_in_brackets_parts_nothing() -> None:
    text = f"It is kept out of reach (of children; of pets) {'at all times ' * 30}; and in its box."
    assert [unit.text.split(" (")[0] for unit in of(text)] == ["It is kept out of reach", "and in its box."]


@pytest.mark.parametrize("below", ["- 1 mL in 50 mL\n- 2 mL in 90 mL", "Dose: volume = 50 mL\nHalf: volume = 25 mL"])
def test_line_that_only_introduces_is_no_unit(below: str) -> None:
    texts = [unit.text for unit in of(f"Dilute it. Use these volumes:\n{below}\nThen shake.")]
    assert "Use these volumes:" not in texts
    assert texts[0] == "Dilute it."
    assert texts[-1] == "Then shake."


def test_line_that_ends_in_a_colon_comes_with_the_next() -> None:
    texts = [unit.text for unit in of("It must not be given in:\nPeople with gout.\nPeople with asthma are watched.")]
    assert texts == ["It must not be given in: People with gout.", "People with asthma are watched."]


def test_what_introduces_a_table_does_not_introduce_the_list_behind_it() -> None:
    texts = [unit.text for unit in of("Doses by age.\nAdult: dose = 5 mL\n- Shake the bottle first.")]
    assert texts[-1] == "- Shake the bottle first."


def test_title_that_begins_what_a_section_says_is_shown_with_it() -> None:
    passage = Passage(
        "set", 1, "do_not_use", "do_not_use", "Do not use", "- right before surgery\n- do not use in gout"
    )
    first, second = (unit for unit in units(passage) if unit.kind == "entry")
    assert (first.text, first.shown) == ("- right before surgery", "Do not use: - right before surgery")
    assert second.shown == second.text
    plain = Passage("set", 1, "storage", "storage_and_handling", "Storage", "Keep it dry.")
    assert units(plain)[0].shown == "Keep it dry."
