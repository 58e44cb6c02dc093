import pytest

from drug_llm.errors import LabelError
from drug_llm.labels.label import keyed_sections
from drug_llm.labels.openfda import read_openfda

from .conftest import openfda_result, set_id


def texts(label):
    return {key: section.text for key, section in keyed_sections(label.sections)}


def read(**fields):
    return read_openfda(openfda_result(**fields), where="test")


def test_header_fields_are_read():
    label = read()
    assert (label.set_id, label.version, label.effective_date) == (set_id(1), 3, "2020-01-31")
    assert label.generic_names == ("placebium hydrochloride",)
    assert (label.brand_names, label.routes, label.rxcuis) == (("Placebium",), ("oral",), ("1",))
    assert label.is_original
    assert label.source == "openfda"


def test_combination_has_one_name_an_ingredient():
    openfda = {"generic_name": ["PLACEBIUM SODIUM AND NULLOL, VOIDINE"]}
    assert read(openfda=openfda).generic_names == ("placebium sodium", "nullol", "voidine")


def test_names_come_from_the_product_data_when_openfda_adds_none():
    label = read(openfda={}, spl_product_data_elements=["Sleepwell Night Nullol NULLOL lactose WATER"])
    assert (label.generic_names, label.brand_names) == (("nullol",), ("Sleepwell Night",))


def test_number_and_title_are_kept_apart_from_the_text():
    section = read().sections[0]
    assert (section.number, section.title) == ("2", "DOSAGE AND ADMINISTRATION")
    assert section.text == "Take 1 mg of Placebium once a day.\n"


def test_text_of_a_subsection_appears_once():
    inner = "8.1 Pregnancy Placebium was not studied in pregnant women and may be used."
    outer = f"8 USE IN SPECIFIC POPULATIONS Short words first. {inner} 8.6 Renal Impairment The dose is halved."
    label = read(use_in_specific_populations=[outer], pregnancy=[inner])
    found = texts(label)
    assert found["pregnancy"] == "Placebium was not studied in pregnant women and may be used.\n"
    assert found["use_in_specific_populations"] == "Short words first.\n"
    assert found["renal_and_hepatic_impairment"] == "The dose is halved.\n"
    assert sum(text.count("not studied") for text in found.values()) == 1


def test_parts_of_the_otc_warnings_are_nested_in_them():
    part = "Do not use if you have ever had an allergic reaction to it"
    label = read(warnings=[f"Warnings For oral use only. {part} Keep it dry."], do_not_use=[part])
    found = texts(label)
    assert found["warnings_and_precautions"] == "For oral use only.\nKeep it dry.\n"
    assert "allergic reaction" in found["do_not_use"]
    assert label.sections[1].subsections[0].name == "do_not_use"


def test_equal_texts_of_one_field_are_kept_once():
    warning = "WARNING: HARM This may harm you badly."
    assert [section.name for section in read(boxed_warning=[warning, warning]).sections].count("boxed_warning") == 1


def test_short_phrase_of_the_package_label_is_not_cut_out_of_it():
    label = read(purpose=["Pain reliever"], package_label_principal_display_panel=["BOX Pain reliever 20 tablets"])
    assert texts(label)["package_label"] == "BOX Pain reliever 20 tablets\n"


def test_numbered_parts_become_subsections_and_quantities_do_not():
    text = "5 WARNINGS AND PRECAUTIONS 5.1 Fetal Harm The drug may harm at 5.2 mg. 5.2 Swelling In one it swells."
    found = texts(read(warnings_and_cautions=[text]))
    assert found["warnings_and_precautions/5.1"].strip() == "The drug may harm at 5.2 mg."
    assert found["warnings_and_precautions/5.2"].strip().startswith("In one")


def test_subsection_whose_title_ends_nowhere_for_sure_keeps_it_in_the_text():
    text = "5 WARNINGS AND PRECAUTIONS 5.1 Fetal Harm Placebium may harm."
    assert (
        texts(read(warnings_and_cautions=[text]))["warnings_and_precautions/5.1"].strip()
        == "Fetal Harm Placebium may harm."
    )


def test_use_caution_is_no_title():
    assert read(indications_and_usage=["use caution with this"]).sections[0].text == "use caution with this\n"


def test_flat_table_is_replaced_by_readable_rows():
    table = (
        "<table><thead><tr><th>Weight</th><th>Dose</th></tr></thead>"
        "<tbody><tr><td>20 kg</td><td>5 mg</td></tr></tbody></table>"
    )
    label = read(
        dosage_and_administration=["2 DOSAGE AND ADMINISTRATION By weight: WeightDose 20 kg5 mg Then stop."],
        dosage_and_administration_table=[table],
    )
    assert label.sections[0].text == "By weight:\nRows: Weight\n20 kg: Dose = 5 mg\nThen stop.\n"


def test_table_whose_words_stand_nowhere_is_added():
    table = "<table><tr><td>Lone</td><td>cell &amp; more</td></tr></table>"
    assert "cell & more" in "".join(texts(read(dosage_and_administration_table=[table])).values())


def test_damaged_table_keeps_its_words():
    found = texts(read(dosage_and_administration_table=["<table><tr><td>20 kg</td><td>5 mg"]))
    assert "20 kg 5 mg" in "".join(found.values())


def test_result_without_text_is_a_label_without_sections():
    label = read_openfda({"set_id": set_id(5), "openfda": {"brand_name": ["A"]}}, where="test")
    assert (label.sections, label.version, label.effective_date) == ((), 1, "")


@pytest.mark.parametrize(
    ("result", "part"),
    [
        ([], "found list; expected an openFDA label object"),
        ({}, "`set_id` is ''; expected a UUID"),
        ({"set_id": 5}, "`set_id` is 5"),
        ({"set_id": "x", "version": "two"}, "`version` is 'two'"),
        ({"set_id": "x", "version": "0"}, "`version` is '0'"),
        ({"set_id": "x", "warnings": [{"a": 1}]}, "`warnings` holds"),
        ({"set_id": "x", "openfda": "y"}, "`openfda` is str"),
    ],
)
def test_wrong_result_is_refused_with_the_place(result, part):
    with pytest.raises(LabelError, match=r"file\.json: label 7"):
        read_openfda(result, where="file.json: label 7")
    with pytest.raises(LabelError) as caught:
        read_openfda(result, where="w")
    assert part in str(caught.value)
