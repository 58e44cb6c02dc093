import pytest

from drug_llm.labels.monographs import _SECTIONS
from drug_llm.labels.vocabulary import BY_NAME, KINDS, known_titles, section_name


def test_every_section_of_the_monographs_is_in_the_vocabulary():
    for _, name, loinc, title in _SECTIONS:
        assert name in BY_NAME
        assert not loinc or section_name(loinc=loinc) == name
        assert section_name(title=title) in (name, "unclassified") or title == "Boxed warning"


def test_each_name_loinc_code_and_field_stands_once():
    for marks in (
        [kind.name for kind in KINDS],
        [c for k in KINDS for c in k.loincs],
        [f for k in KINDS for f in k.fields],
    ):
        assert len(marks) == len(set(marks))


@pytest.mark.parametrize(
    ("marks", "name"),
    [
        ({"loinc": "34071-1"}, "warnings_and_precautions"),
        ({"loinc": "43685-7"}, "warnings_and_precautions"),
        ({"field": "warnings"}, "warnings_and_precautions"),
        ({"field": "precautions"}, "warnings_and_precautions"),
        ({"field": "nursing_mothers"}, "lactation"),
        ({"title": "Uses"}, "indications_and_usage"),
        ({"title": "Directions:"}, "dosage_and_administration"),
        ({"title": "WARNINGS AND PRECAUTIONS"}, "warnings_and_precautions"),
        ({"title": "Renal Impairment", "parent": "use_in_specific_populations"}, "renal_and_hepatic_impairment"),
        ({"title": "Harm", "loinc": "42229-5", "parent": "warnings_and_precautions"}, "warnings_and_precautions"),
        ({"title": "Children", "parent": "dosage_and_administration"}, "dosage_and_administration"),
        ({"field": "residue_warning"}, "residue_warning"),
        ({}, "unclassified"),
    ],
)
def test_marks_of_every_era_map_to_one_name(marks, name):
    assert section_name(**marks) == name


def test_longest_known_title_is_tried_first():
    titles = known_titles("dosage_and_administration")
    assert titles.index("dosage and administration") < titles.index("dosage")
