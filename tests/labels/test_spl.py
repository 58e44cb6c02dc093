import pytest

from drug_llm.errors import LabelError
from drug_llm.labels.label import keyed_sections
from drug_llm.labels.spl import read_spl
from drug_llm.labels.xml_tree import MAX_DEPTH, parse_xml

from .conftest import SPL_HEAD, spl_document, spl_section

BAD_VERSION = SPL_HEAD.replace('versionNumber value="4"', 'versionNumber value="four"')


def read(*sections):
    return read_spl(spl_document(*sections), where="test.xml")


def texts(label):
    return {key: section.text for key, section in keyed_sections(label.sections)}


def test_header_and_products_are_read():
    label = read()
    assert (label.set_id, label.version, label.effective_date) == (
        "00000000-0000-4000-8000-000000000077",
        4,
        "2021-05-03",
    )
    assert (label.generic_names, label.brand_names) == (("placebium",), ("Placebol",))
    assert (label.labeler, label.routes, label.ndcs) == ("Company Seven", ("oral",), ("0000-0007",))
    assert (label.title, label.application_numbers) == ("PLACEBIUM tablets", ("NDA000007",))
    assert "Inactive ingredient: LACTOSE" in texts(label)["product_data"]
    assert "Active ingredient: PLACEBIUM HYDROCHLORIDE; PLACEBIUM, 5 mg" in texts(label)["product_data"]


def test_nested_sections_keep_number_title_and_place():
    inner = spl_section("42229-5", "5.1 Fetal Harm", "<paragraph>It may harm.</paragraph>")
    label = read(spl_section("43685-7", "5 WARNINGS AND PRECAUTIONS", "", inner))
    outer = label.sections[0]
    assert (outer.name, outer.number, outer.title, outer.text) == (
        "warnings_and_precautions",
        "5",
        "WARNINGS AND PRECAUTIONS",
        "",
    )
    assert (outer.subsections[0].number, outer.subsections[0].text) == ("5.1", "It may harm.\n")
    assert list(texts(label)) == ["warnings_and_precautions", "warnings_and_precautions/5.1", "product_data"]


def test_old_format_sections_get_the_same_names():
    label = read(
        spl_section("34071-1", "WARNINGS", "<paragraph>Beware.</paragraph>"),
        spl_section("34080-2", "Nursing Mothers", "<paragraph>Not known.</paragraph>"),
    )
    assert [section.name for section in label.sections[:2]] == ["warnings_and_precautions", "lactation"]
    assert [section.title for section in label.sections[:2]] == ["WARNINGS", "Nursing Mothers"]


def test_boxed_warning_and_drug_facts_are_named():
    label = read(
        spl_section("34066-1", "WARNING: HARM", "<list><item>It harms.</item></list>"),
        spl_section("34067-9", "Uses", "<paragraph>relieves pain</paragraph>"),
        spl_section("50566-9", "Stop use and ask a doctor if", "<list><item>pain lasts</item></list>"),
    )
    assert [section.name for section in label.sections[:3]] == ["boxed_warning", "indications_and_usage", "stop_use"]
    assert label.sections[0].text == "- It harms.\n"


def test_statement_that_stands_in_the_title_is_text():
    label = read(
        spl_section("34070-3", "4 CONTRAINDICATIONS", "", spl_section("42229-5", "4.1 Active liver disease", ""))
    )
    assert label.sections[0].subsections[0].text == "Active liver disease\n"


def test_links_to_sections_are_no_numbers_in_the_text():
    text = (
        '<paragraph>Muscle pain [see <content>Warnings (<linkHtml href="#s5.1">5.1</linkHtml>)</content>].</paragraph>'
    )
    section = read(spl_section("34068-7", "2 DOSAGE AND ADMINISTRATION", text)).sections[0]
    assert (section.text, section.references) == ("Muscle pain [see Warnings].\n", ("5.1",))


def test_highlights_are_a_section_of_their_own():
    more = "<excerpt><highlight><text><paragraph>Take 5 mg daily (2.1)</paragraph></text></highlight></excerpt>"
    label = read(spl_section("34068-7", "2 DOSAGE AND ADMINISTRATION", "<paragraph>Long text.</paragraph>", more=more))
    assert texts(label)["dosage_and_administration"] == "Long text.\n"
    assert texts(label)["highlights/2"] == "Take 5 mg daily\n"


def test_description_of_an_image_is_kept():
    figure = (
        "<observationMedia ID='m'><text>Structure of placebium</text><value mediaType='image/jpeg'/></observationMedia>"
    )
    section = spl_section("34089-3", "11 DESCRIPTION", "<paragraph>White.</paragraph>", figure)
    assert read(section).sections[0].text == "White.\nFigure: Structure of placebium\n"


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"<html/>", "the XML is a <html>"),
        (b"<document>", "not well-formed XML"),
        (b"<document/>", "has no set id"),
        (spl_document(head=BAD_VERSION), "version number 'four'"),
        (b'<!DOCTYPE d [<!ENTITY a "x">]><document>&a;</document>', "declares an entity"),
        (b'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><document>&a;</document>', "declares an entity"),
        (b'<!DOCTYPE d [<!ENTITY % p SYSTEM "http://localhost/x"> %p;]><document/>', "declares an entity"),
        (b'<!DOCTYPE d SYSTEM "http://localhost/d.dtd"><document>&b;</document>', "entity"),
        (b"<document>&nbsp;</document>", "undefined entity"),
    ],
)
def test_documents_that_are_no_labels_or_attack_are_refused(content, part):
    with pytest.raises(LabelError) as caught:
        read_spl(content, where="test.xml")
    assert part in str(caught.value)
    assert "test.xml" in str(caught.value)


def test_billion_laughs_are_refused_at_once():
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE d [<!ENTITY l0 "ha">{levels}]><document>&l9;</document>'.encode()
    with pytest.raises(LabelError, match="declares an entity"):
        read_spl(bomb, where="bomb.xml")


def test_nesting_without_end_is_refused():
    depth = MAX_DEPTH + 1
    with pytest.raises(LabelError, match="nest deeper"):
        parse_xml(b"<a>" * depth + b"</a>" * depth, where="deep.xml")


def test_document_larger_than_any_label_is_refused(monkeypatch):
    monkeypatch.setattr("drug_llm.labels.xml_tree.MAX_XML_BYTES", 10)
    with pytest.raises(LabelError, match="bytes of XML; expected at most 10"):
        parse_xml(b"<document></document>", where="big.xml")
