"""The cross-check of the monographs: it agrees with the same fact in other words and catches a wrong one."""

import json
from pathlib import Path

import pytest
import yaml

from benchmarks.monograph_facts import Quantity, agrees, known_quantities, plain, stated_quantities
from benchmarks.monograph_terms import Meanings, ReferenceWords, missing_words, states
from benchmarks.monographs import main
from drug_llm.labels.monographs import load_monograph

SECTIONS = {
    "indications_and_usage": "Testolol tablets are indicated for hypertension in patients 6 years of age and older.",
    "dosage_and_administration": "The initial dose is 0.05 g once daily. Increase to 100-200 mg b.i.d. after six "
    "weeks. Children: 2.5 mg/kg per day. Reduce when creatinine clearance is &#x3C; 30 mL/min/1.73m2.",
    "contraindications": "Cardiogenic shock. Hypersensitivity to testolol or any component. Angioneurotic edema.",
    "adverse_reactions": "The most common reactions were somnolence, pruritus, peripheral edema and insomnia.",
    "warnings_and_precautions": "Symptomatic hypotension may occur. Renal function may deteriorate.",
    "drug_interactions": "Nonsteroidal anti-inflammatory agents may reduce the effect. Lithium toxicity was reported.",
    "pregnancy": "Can cause fetal harm.",
    "lactation": "Not known.",
    "pediatric_use": "Established from 6 years.",
    "geriatric_use": "Patients 65 and over did not differ.",
    "use_in_specific_populations": "Renal impairment: reduce the dose.",
    "storage_and_handling": "Store at 20° to 25°C (68° to 77°F).",
}
MONOGRAPH = {
    "name": "testolol",
    "brands": ["Testor"],
    "class": "beta blocker",
    "forms": ["oral tablet"],
    "availability": "prescription",
    "uses": ["Testolol lowers high blood pressure in people 6 years and older."],
    "how_to_take": ["Testolol is taken by mouth."],
    "dosage": [
        {
            "for": "adults",
            "text": "Testolol is started at 50 mg once a day and raised after 6 weeks to 200 mg every 12 hours.",
        },
        {"for": "children", "text": "Testolol is given as 2.5 mg per kg a day."},
    ],
    "boxed_warning": [],
    "contraindications": ["are allergic to testolol", "have cardiogenic shock", "have ever had angioedema"],
    "common_side_effects": ["sleepiness", "itching", "swelling of the ankles", "trouble sleeping"],
    "serious_side_effects": [{"effect": "low blood pressure", "text": "Testolol can drop the blood pressure."}],
    "interactions": [
        {"with": ["NSAIDs", "ibuprofen"], "text": "NSAIDs weaken testolol."},
        {"with": ["lithium"], "text": "Lithium can become toxic."},
    ],
    "pregnancy": ["Testolol can harm an unborn baby."],
    "breast_feeding": ["It is not known whether testolol passes into milk."],
    "children": ["Testolol is used from 6 years."],
    "older_adults": ["People of 65 years and older did not differ."],
    "kidney_and_liver": ["With a creatinine clearance below 30 mL/min the dose of testolol is lower."],
    "missed_dose": ["Take a missed dose of testolol when it is remembered."],
    "overdose": ["Call Poison Help at 1-800-222-1222."],
    "storage": ["Testolol is kept at 20 °C to 25 °C (68 °F to 77 °F)."],
    "not_in_reference": ["missed_dose", "overdose"],
}


@pytest.fixture
def check(tmp_path, capsys):
    """Return a function that checks the monograph with some fields replaced: (exit code, output)."""

    def run(*options, truncated=(), **changes):
        folder = tmp_path / "monographs"
        folder.mkdir(exist_ok=True)
        (folder / "testolol.yaml").write_text(yaml.safe_dump(MONOGRAPH | changes), encoding="utf-8")
        sources = {name: {"source": "test", "truncated": name in truncated} for name in SECTIONS}
        row = {"generic_name": "t", "generic_norm": "testolol", "sections": SECTIONS, "section_sources": sources}
        others = [row | {"generic_norm": name, "sections": {}} for name in ("warfarin", "ibuprofen")]
        (tmp_path / "reference.jsonl").write_text("\n".join(map(json.dumps, [row, *others])), encoding="utf-8")
        code = main(["--reference", str(tmp_path / "reference.jsonl"), "--folder", str(folder), *options])
        return code, capsys.readouterr().out

    return run


def test_the_same_facts_in_other_words_agree(check):
    code, output = check()
    assert (code, "OPEN" in output) == (0, False), output


def test_a_wrong_dose_is_caught(check):
    code, output = check(dosage=[{"for": "adults", "text": "Testolol is started at 500 mg once a day."}])
    assert code == 1
    assert "OPEN dosage: quantity '500 mg': not in the reference | For adults: Testolol is started" in output


def test_a_wrong_frequency_is_caught(check):
    code, output = check(dosage=[{"for": "adults", "text": "Testolol is started at 50 mg three times a day."}])
    assert code == 1
    assert "3 times a day" in output


def test_a_dose_per_kg_is_not_a_dose(check):
    code, output = check(dosage=[{"for": "children", "text": "Testolol is given as 50 mg per kg."}])
    assert code == 1
    assert "50 mg per kg" in output


def test_a_wrong_drug_name_is_caught(check):
    code, output = check(interactions=[{"with": ["digoxin"], "text": "Digoxin rises, and so does warfarin."}])
    assert code == 1
    assert "drug 'digoxin'" in output
    assert "drug 'warfarin'" in output


def test_a_wrong_side_effect_and_contraindication_are_caught(check):
    code, output = check(common_side_effects=["hair loss"], contraindications=["have glaucoma"])
    assert code == 1
    assert "effect 'hair loss'" in output
    assert "condition 'glaucoma (in: have glaucoma)'" in output


def test_a_declared_field_is_not_covered_and_its_agreement_is_noted(check):
    declared = ["missed_dose", "overdose", "storage", "dosage"]
    code, output = check(not_in_reference=declared, dosage=[{"for": "adults", "text": "Testolol is given as 7 mg."}])
    assert code == 0
    assert "1 not covered, 0 open" in output
    assert "note storage: declared not_in_reference, yet the reference has all 4 facts" in output
    assert "note dosage: declared, though the reference has the section; 1 facts rest unchecked" in output


def test_a_missing_section_asks_for_a_declaration(check):
    code, output = check(not_in_reference=["missed_dose"])
    assert code == 1
    assert "OPEN overdose: reference has no overdosage section; declare the field in not_in_reference" in output


def test_a_fact_beyond_a_cut_section_asks_for_a_declaration(check):
    code, output = check(truncated=("adverse_reactions",), common_side_effects=["hair loss"])
    assert code == 1
    assert "reference has only a cut adverse_reactions section; declare the field in not_in_reference" in output


def test_a_quantity_of_another_section_is_noted_when_asked(check):
    changes = {"uses": ["Testolol lowers blood pressure when 200 mg are taken."]}
    assert "stands only in other sections" not in check(**changes)[1]
    assert "note uses: '200 mg' stands only in other sections" in check("--elsewhere", **changes)[1]


def test_copied_words_are_reported_only_when_asked(check):
    copied = ["Testolol tablets are indicated for hypertension in patients 6 years of age and older."]
    assert check(uses=copied)[0] == 0
    code, output = check("--copied", uses=copied)
    assert code == 1
    assert "COPIED testolol: uses: Testolol tablets are indicated" in output


def test_a_drug_without_a_reference_is_listed(check):
    code, output = check(name="nowherol")
    assert code == 0
    assert "without any reference (1): nowherol" in output


@pytest.mark.parametrize(
    ("sentence", "reference"),
    [
        ("1,200 mg", "1.2 g daily"),
        ("twice a day", "every 12 hours"),
        ("every 8 hours", "t.i.d."),
        ("every 4 hours", "q.4h."),
        ("two doses", "b.i.d."),
        ("three or four times a day", "3 to 4 times daily"),
        ("6 weeks", "six weeks"),
        ("within a week", "7 days"),
        ("20 to 40 mg", "20 mg, and later 40 mg"),
        ("25 mg to 50 mg per kg", "25-50 mg/kg/day"),
        ("5 mg of testolol per kg", "5 mg/kg"),
        ("30 mL/min", "30 mL per minute"),
        ("65 years and older", "aged 65 and over"),
        ("24 hours", "24-hour"),
        ("20 °C", "20º-25ºC"),
        ("400 mg", "| dose (mg/day) | 400 | 600 |"),
        ("1 hour", "60 minutes"),
        ("0.5 mg", "½ mg"),
    ],
)
def test_quantities_in_other_words_agree(sentence, reference):
    known = known_quantities(reference)
    stated = stated_quantities(sentence)
    assert stated, plain(sentence)
    assert all(agrees(mention.quantity, known) for mention in stated), (stated, known)


@pytest.mark.parametrize(
    ("sentence", "reference"),
    [
        ("20 mg", "20 mcg"),
        ("5 mg", "5 mg/kg"),
        ("6 months", "6 years"),
        ("twice a day", "twice a week"),
        ("10%", "10 mg"),
    ],
)
def test_other_quantities_do_not_agree(sentence, reference):
    assert not all(agrees(mention.quantity, known_quantities(reference)) for mention in stated_quantities(sentence))


def test_phone_numbers_and_names_are_no_quantities():
    assert stated_quantities("Call 1-800-222-1222 at once about type 2 diabetes, CYP3A4 or vitamin B12.") == []
    assert stated_quantities("once a day")[0].quantity == Quantity("1", "a day")


def test_terms_are_found_by_meaning_but_close_together():
    meanings = Meanings()
    reference = ReferenceWords(
        "Hepatic failure occurred. " + "Then nothing else of note happened. " * 9 + "Renal stones."
    )
    assert states("liver failure", reference, meanings)
    assert not states("kidney failure", reference, meanings)
    assert missing_words("have liver failure or a seizure", reference, meanings) == ["seizure"]


def test_the_checked_in_monographs_load():
    assert load_monograph(Path("data/monographs/lisinopril.yaml")).name == "lisinopril"
