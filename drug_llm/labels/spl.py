"""DailyMed Structured Product Labeling (HL7 SPL, XML) -> `Label`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from drug_llm.errors import LabelError
from drug_llm.labels.label import Label, Section
from drug_llm.labels.references import without_references
from drug_llm.labels.spl_products import Products, labeler_names, read_products
from drug_llm.labels.spl_text import block_lines, inline_text, section_title
from drug_llm.labels.vocabulary import BY_NAME, normal_title, section_name
from drug_llm.labels.xml_tree import parse_xml

_PRODUCT_DATA_LOINC = "48780-1"
_DATE = re.compile(r"(\d{4})(\d{2})?(\d{2})?")


def read_spl(content: bytes, *, where: str) -> Label:
    """Return the label in one SPL document.

    Raises LabelError when it is not well-formed, not an SPL document, has no set id, or attacks.
    """
    document = parse_xml(content, where=where)
    if document.tag != "document":
        raise LabelError(f"{where}: the XML is a <{document.tag}>; expected an SPL <document>. Give a DailyMed label.")
    products = read_products(document)
    labelers = labeler_names(document)
    title = document.find("title")
    return Label(
        set_id=_set_id(document, where),
        version=_version(document, where),
        effective_date=_date(document.find("effectiveTime")),
        generic_names=products.generic_names,
        brand_names=products.brand_names,
        labeler=labelers[0] if labelers else "",
        routes=products.routes,
        product_type=_attribute(document, "code", "displayName"),
        ndcs=products.ndcs,
        rxcuis=products.rxcuis,
        application_numbers=products.applications,
        title="" if title is None else inline_text(title),
        source="spl",
        sections=without_references(tuple(_body_sections(document, products, labelers))),
    )


def _set_id(document: Element, where: str) -> str:
    set_id = _attribute(document, "setId", "root") or _attribute(document, "id", "root")
    if not set_id:
        raise LabelError(f"{where}: the document has no set id; expected <setId root=...>. Give a DailyMed label.")
    return set_id.lower()


def _version(document: Element, where: str) -> int:
    value = _attribute(document, "versionNumber", "value") or "1"
    if not (value.isascii() and value.isdigit() and int(value[:9]) >= 1 and len(value) <= 9):
        raise LabelError(f"{where}: version number {value!r}; expected a whole number from 1. Correct the file.")
    return int(value)


def _attribute(element: Element, path: str, name: str) -> str:
    found = element.find(path)
    return "" if found is None else found.get(name, "")


def _date(element: Element | None) -> str:
    value = "" if element is None else element.get("value", "")
    match = _DATE.match(value)
    return "-".join(part or "01" for part in match.groups()) if match else ""


def _body_sections(document: Element, products: Products, labelers: tuple[str, ...]) -> Iterator[Section]:
    body = [found for outer in document.findall("component") for found in outer.findall("structuredBody")]
    sections = [found for part in body for found in _inner_sections(part)]
    for section in sections:
        if _attribute(section, "code", "code") != _PRODUCT_DATA_LOINC:
            yield _section(section, parent="")
    highlights = [found for section in sections for found in _highlights(section)]
    if highlights:
        kind = BY_NAME["highlights"]
        yield Section(name=kind.name, title=kind.title, text="", subsections=tuple(highlights))
    lines = [*products.lines, *(f"Organization: {name}" for name in labelers[1:]), *_data_narrative(sections)]
    if lines:
        kind = BY_NAME["product_data"]
        yield Section(name=kind.name, title=kind.title, loinc=_PRODUCT_DATA_LOINC, text=_joined(lines))


def _inner_sections(element: Element) -> list[Element]:
    return [section for component in element.findall("component") for section in component.findall("section")]


def _section(element: Element, *, parent: str) -> Section:
    number, title = section_title(element)
    loinc = _attribute(element, "code", "code")
    name = section_name(loinc=loinc, title=title, parent=parent)
    children = _inner_sections(element)
    lines = _without_title(block_lines(element.find("text")) + _figures(element), title)
    if not lines and not children:
        # A whole contraindication may stand in the title, such as "4.1 Active liver disease".
        lines = [title]
    return Section(
        name=name,
        title=title,
        text=_joined(lines),
        number=number,
        loinc=loinc,
        subsections=tuple(_section(child, parent=name) for child in children),
    )


def _without_title(lines: list[str], title: str) -> list[str]:
    """Drop a first line that only repeats the title."""
    return lines[1:] if lines and title and normal_title(lines[0]) == normal_title(title) else lines


def _figures(section: Element) -> list[str]:
    """Return the descriptions of the section's images; the images themselves are left out."""
    lines = []
    for component in section.findall("component"):
        for media in component.findall("observationMedia"):
            lines += [f"Figure: {line}" for line in block_lines(media.find("text"))]
    return lines


def _highlights(section: Element) -> Iterator[Section]:
    """Yield what the Highlights of the label say about a section and its subsections."""
    number, title = section_title(section)
    blocks = section.findall("excerpt/highlight/text")
    if blocks:
        text = _joined([line for block in blocks for line in block_lines(block)])
        loinc = _attribute(section, "code", "code")
        about = title or BY_NAME[section_name(loinc=loinc)].title
        yield Section(name="highlights", title=about, text=text, number=number)
    for child in _inner_sections(section):
        yield from _highlights(child)


def _data_narrative(sections: list[Element]) -> list[str]:
    """Return text that stands in the product data section itself; most labels have none."""
    data = [section for section in sections if _attribute(section, "code", "code") == _PRODUCT_DATA_LOINC]
    lines = [inline_text(title) for section in data for title in section.findall("title")]
    lines += [line for section in data for line in block_lines(section.find("text"))]
    return lines + [line for section in data for line in _figures(section)]


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines if line)
