import pytest

from drug_llm.labels.references import LINK_END, LINK_START, SectionNumbers, drop_references, split_number

NUMBERS = SectionNumbers(
    {
        "2": "dosage and administration",
        "2.1": "usual dose",
        "4": "contraindications",
        "5": "warnings and precautions",
        "5.1": "harm to the fetus",
        "5.2": "swelling",
        "14": "clinical studies",
    }
)


@pytest.mark.parametrize(
    ("title", "number", "rest"),
    [
        ("5.1 Fetal Toxicity", "5.1", "Fetal Toxicity"),
        ("2\tDOSAGE AND ADMINISTRATION", "2", "DOSAGE AND ADMINISTRATION"),
        ("12.3. Pharmacokinetics", "12.3", "Pharmacokinetics"),
        ("25 mg Tablet Label", "", "25 mg Tablet Label"),
        ("5 MG Tablets", "", "5 MG Tablets"),
        ("100 Tablets", "", "100 Tablets"),
        ("18 Months Study", "", "18 Months Study"),
        ("Overdosage", "", "Overdosage"),
    ],
)
def test_section_number_is_split_from_the_title(title, number, rest):
    assert split_number(title) == (number, rest)


@pytest.mark.parametrize(
    ("text", "clean", "references"),
    [
        ("It may harm [see Warnings and Precautions (5.1)].", "It may harm [see Warnings and Precautions].", ("5.1",)),
        ("It may harm (5.1, 5.2).", "It may harm.", ("5.1", "5.2")),
        ("Harm (5.1) and swelling (5.2) occur.", "Harm and swelling occur.", ("5.1", "5.2")),
        ("See section 5.1 first.", "See section first.", ("5.1",)),
        ("See Sections 5.1 and 5.2.", "See Sections.", ("5.1", "5.2")),
        ("as shown [see Clinical Studies (14)].", "as shown [see Clinical Studies].", ("14",)),
        ("Do not use in allergy (4, 5.2)", "Do not use in allergy", ("4", "5.2")),
        (
            "[see Dosage and Administration (2.1), Warnings and Precautions (5.1)]",
            "[see Dosage and Administration, Warnings and Precautions]",
            ("2.1", "5.1"),
        ),
        ("Used for 12 months. (5.1) Next", "Used for 12 months. Next", ("5.1",)),
    ],
)
def test_references_are_taken_out_and_kept_apart(text, clean, references):
    found, taken = drop_references(text, NUMBERS)
    assert (found, set(taken)) == (clean, set(references))


@pytest.mark.parametrize(
    "text",
    [
        "Nausea 12 (5.1) and 3 (2.1)",
        "Take three (2) tablets",
        "The mean was 7.9 (5.1).",
        "Baseline = 8.2; Mean (SD) = (5.1)",
        "A ratio of (7.5) was seen.",
        "a dose of 5.1 mg",
        "at least 2.1% of patients",
        "in the 95% interval (0.5, 5.1)",
    ],
)
def test_quantities_stay(text):
    assert drop_references(text, NUMBERS) == (text, ())


def test_bare_number_is_a_reference_at_the_end_of_its_own_section_only():
    assert drop_references("Known allergy (4)\n", NUMBERS, own="4") == ("Known allergy\n", ("4",))
    assert drop_references("Known allergy (4)\n", NUMBERS, own="5.1") == ("Known allergy (4)\n", ())


def test_text_of_a_link_that_is_a_number_is_a_reference_in_any_label():
    text = f"muscle pain ({LINK_START}5.1{LINK_END})."
    assert drop_references(text, SectionNumbers()) == ("muscle pain.", ("5.1",))


def test_label_without_numbers_keeps_its_text():
    assert drop_references("Harm (5.1).", SectionNumbers()) == ("Harm (5.1).", ())
