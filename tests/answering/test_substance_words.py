"""A word of a substance in another term is no mention of it, and how grave it is comes from the part that names it."""

from __future__ import annotations

import pytest

from drug_llm.answering.interactions import group_interaction, pair_interaction
from drug_llm.answering.word_lists import substances
from tests.answering.test_interactions import group, label

OTHER_THINGS = [
    # Own drug, substance, section, text in which a word of the substance is part of something else.
    ("nitroglycerin", "milk", "drug_interactions", "Calcium channel blockers deepen the fall in blood pressure."),
    ("clonidine", "calcium", "drug_interactions", "Calcium channel blockers and beta blockers slow the heart further."),
    ("diltiazem", "calcium", "drug_interactions", "Anesthetics and calcium blockers are titrated carefully together."),
    ("warfarin", "calcium", "warnings_and_precautions", "Taking it can cause calcium deposits that harm the skin."),
    ("azithromycin", "calcium", "drug_interactions", "Antacids with aluminum should not be taken at the same time."),
    ("lisinopril", "turmeric", "drug_interactions", "Potassium supplements taken with it raise potassium too far."),
    ("lisinopril", "herbal products", "drug_interactions", "Potassium supplements taken with it raise potassium."),
    ("lisinopril", "multivitamins", "drug_interactions", "Potassium supplements taken with it raise potassium."),
    (
        "digoxin",
        "potassium",
        "drug_interactions",
        "Potassium-depleting diuretics make it more toxic when taken with it.",
    ),
    ("digoxin", "potassium", "drug_interactions", "Diuretics taken with it can lower potassium too far."),
    (
        "prednisone",
        "potassium",
        "drug_interactions",
        "Potassium is closely monitored when diuretics are taken with it.",
    ),
    ("potassium chloride", "potassium", "contraindications", "Do not use it if you have high potassium in the blood."),
    ("potassium chloride", "potassium", "drug_interactions", "Potassium chloride is not taken with amiloride."),
    ("lithium", "salt", "drug_interactions", "Sodium bicarbonate taken with it can lower its level."),
    ("lithium", "salt", "drug_interactions", "Diuretics taken with it cause a loss of salt and raise its level."),
    ("fluticasone", "multivitamins", "warnings_and_precautions", "Taking it long can lower bone mineral density."),
    ("alendronate", "multivitamins", "drug_interactions", "Mineral water hinders its absorption when taken with it."),
    ("phenytoin", "multivitamins", "warnings_and_precautions", "Taking it long can lower vitamin D in the body."),
    ("buspirone", "fruit juice", "drug_interactions", "Grapefruit juice raises its level when taken with it."),
    ("buspirone", "alcohol", "drug_interactions", "People avoid drinking large amounts of grapefruit juice with it."),
    ("divalproex", "contrast dye", "drug_interactions", "In contrast, drugs that inhibit enzymes have little effect."),
    ("chlorhexidine", "alcohol", "warnings_and_precautions", "The solution contains alcohol; use it away from flames."),
    (
        "rosuvastatin",
        "alcohol",
        "drug_interactions",
        "Alcohol-related liver disease raises its level when it is taken.",
    ),
    ("pravastatin", "food", "warnings_and_precautions", "Fasting blood sugar can rise when statins are taken."),
    ("ibuprofen", "food", "drug_interactions", "Steroids raise the risk of stomach bleeding when taken with it."),
    ("tramadol", "food", "contraindications", "Do not use it if you have a blockage of the stomach or bowel."),
    ("fluticasone", "milk", "patient_information", "It is not known if the medicine taken passes into your milk."),
    ("morphine", "illegal drugs", "drug_interactions", "The risk of abuse rises when sedatives are taken with it."),
    (
        "selegiline",
        "aged cheese",
        "drug_interactions",
        "Adults aged 65 or more take other medicines with it with care.",
    ),
]


@pytest.mark.parametrize(("own", "name", "section", "text"), OTHER_THINGS, ids=lambda value: str(value)[:40])
def test_word_of_a_substance_in_another_term_is_no_mention(own: str, name: str, section: str, text: str) -> None:
    assert group_interaction(label(own, section, text), group(name)).findings == ()


TAKEN = [
    ("ciprofloxacin", "milk", "Dairy products taken with it lower its absorption."),
    ("doxycycline", "calcium", "Antacids with calcium reduce its absorption."),
    ("doxycycline", "zinc", "Products with polyvalent cations reduce its absorption."),
    ("levofloxacin", "multivitamins", "Multivitamins taken with it lower its absorption."),
    ("lisinopril", "potassium", "Potassium supplements raise the risk of high potassium."),
    ("losartan", "potassium", "Medicines that raise potassium can push it too high with losartan."),
    ("spironolactone", "salt substitute", "Salt substitutes taken with it raise potassium."),
    ("potassium chloride", "potassium", "Other potassium supplements taken with it can raise the level too far."),
    ("warfarin", "ginkgo", "Herbal products change its effect when they are taken with it."),
    ("warfarin", "vitamin K", "Changes in the amount of vitamin K in the diet change its effect."),
    ("metformin", "alcohol", "Heavy drinking raises the risk of lactic acidosis."),
    ("metronidazole", "alcohol", "Products that contain alcohol taken with it can cause cramps."),
    ("metformin", "contrast dye", "X-ray contrast raises the risk of kidney failure when given with it."),
    ("amphetamine", "fruit juice", "Fruit juices taken with it lower its level."),
    ("lithium", "low-salt diet", "A low-salt diet can raise its level."),
]


@pytest.mark.parametrize(("own", "name", "text"), TAKEN, ids=lambda value: str(value)[:40])
def test_substance_that_is_taken_is_found(own: str, name: str, text: str) -> None:
    assert [f.statement.text for f in group_interaction(label(own, "drug_interactions", text), group(name)).findings]


def test_lone_words_that_begin_other_things_are_no_terms() -> None:
    lone = {
        "supplement",
        "antacid",
        "contrast",
        "stomach",
        "calcium",
        "vitamin",
        "mineral",
        "aged",
        "abuse",
        "drinking",
    }
    own = {"calcium": {"calcium"}, "antacids": {"antacid"}}
    for entry in substances():
        assert not lone & {*entry.terms} - own.get(entry.name, set()), entry.name


CLAUSES = [
    (
        "pravastatin",
        "alcohol",
        "contraindications",
        "It must not be used by people with liver failure, and heavy alcohol use raises the risk of injury.",
        "warning",
    ),
    (
        "topiramate",
        "alcohol",
        "drug_interactions",
        "Alcohol adds to its effects, and some capsules must not be taken within 6 hours of alcohol.",
        "contraindicated",
    ),
    (
        "amiodarone",
        "grapefruit",
        "drug_interactions",
        "Grapefruit raises it, so they must not be taken together.",
        "contraindicated",
    ),
    ("zolpidem", "alcohol", "contraindications", "Do not take it if you: drink alcohol.", "contraindicated"),
    (
        "ibuprofen",
        "alcohol",
        "drug_interactions",
        "Avoid alcoholic drinks with it; do not use more than directed.",
        "warning",
    ),
    (
        "isotretinoin",
        "herbal products",
        "warnings_and_precautions",
        "Tell your doctor of all medicines, vitamins and herbal products you take.",
        "mentioned",
    ),
]


@pytest.mark.parametrize(("own", "name", "section", "text", "severity"), CLAUSES, ids=lambda value: str(value)[:40])
def test_severity_is_that_of_the_part_that_names_the_other(
    own: str, name: str, section: str, text: str, severity: str
) -> None:
    assert group_interaction(label(own, section, text), group(name)).severity == severity


def test_list_goes_on_with_what_forbids_its_first_name() -> None:
    own = label("sildenafil", "contraindications", "It must not be taken with nitroglycerin, or riociguat.")
    assert pair_interaction(own, label("riociguat", "purpose", "Nothing.")).severity == "contraindicated"


MISSED = [
    ("how_to_take", "If a dose is missed, take it with food when remembered, and do not take two doses together."),
    ("unclassified", "A missed dose is taken with the next meal of the day; two doses are never taken together."),
    ("missed_dose", "Take it with food later. Do not take two doses together with food."),
]


@pytest.mark.parametrize(("section", "text"), MISSED)
def test_what_to_do_about_a_missed_dose_is_no_interaction(section: str, text: str) -> None:
    assert group_interaction(label("glimepiride", section, text), group("food")).findings == ()
