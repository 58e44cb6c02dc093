"""openFDA `drug/label` results -> `Label`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from drug_llm.errors import LabelError
from drug_llm.labels.label import Label, Section
from drug_llm.labels.openfda_text import Heading, split_heading, split_subsections, table_text, with_tables
from drug_llm.labels.references import LINK_END, LINK_START, without_references
from drug_llm.labels.repetition import FieldText, nest
from drug_llm.labels.vocabulary import BY_NAME, ORDER, UNCLASSIFIED, section_name

_NOT_SECTIONS = frozenset(("id", "set_id", "version", "effective_time", "openfda", "@epoch"))
_TABLE = "_table"
_MARKS = re.compile(f"[{LINK_START}{LINK_END}]")
_INGREDIENT_BREAK = re.compile(r"\s*(?:,|;|/|\band\b)\s+", re.IGNORECASE)
_NAME_TWICE = re.compile(r"\A(?P<brand>.{0,100}?)\b(?P<name>[A-Za-z][^\n]{2,80}?) (?P=name)(?: |\Z)", re.IGNORECASE)


def read_openfda(result: object, *, where: str) -> Label:
    """Return the label in one entry of `results`.

    Raises LabelError when it is not an object, has no set id, or a field is not of the documented type.
    """
    if not isinstance(result, dict):
        raise LabelError(f"{where}: found {type(result).__name__}; expected an openFDA label object.")
    names = _string_lists(result.get("openfda") or {}, where=f"{where}: `openfda`")
    set_id = result.get("set_id") or next(iter(names.get("spl_set_id", ())), "")
    if not isinstance(set_id, str) or not set_id:
        raise LabelError(f"{where}: `set_id` is {set_id!r}; expected a UUID. Leave the entry out.")
    fields = _string_lists({key: value for key, value in result.items() if key not in _NOT_SECTIONS}, where=where)
    generics, brands = _names(names, fields)
    return Label(
        set_id=set_id.lower(),
        version=_version(result.get("version"), where),
        effective_date=_date(result.get("effective_time")),
        generic_names=generics,
        brand_names=brands,
        labeler=next(iter(names.get("manufacturer_name", ())), ""),
        routes=tuple(route.lower() for route in names.get("route", ())),
        product_type=next(iter(names.get("product_type", ())), ""),
        ndcs=(*names.get("product_ndc", ()), *names.get("package_ndc", ())),
        rxcuis=names.get("rxcui", ()),
        application_numbers=names.get("application_number", ()),
        is_original=_is_original(result.get("openfda") or {}),
        source="openfda",
        sections=_sections(fields),
    )


def _string_lists(content: object, *, where: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(content, dict):
        raise LabelError(f"{where} is {type(content).__name__}; expected an object. Download the file again.")
    lists = {}
    for key, value in content.items():
        entries = [value] if isinstance(value, str) else value if isinstance(value, list) else [str(value)]
        if not all(isinstance(entry, (str, bool, int, float)) for entry in entries):
            raise LabelError(f"{where}: `{key}` holds {value!r:.80}; expected a list of texts. Leave the entry out.")
        lists[key] = tuple(str(entry).encode("utf-8", "replace").decode() for entry in entries)
    return lists


def _names(names: Mapping[str, tuple[str, ...]], fields: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Return (generic names, brand names), from the product data where there is no `openfda` block.

    openFDA's product data read "Brand Generic SUBSTANCE ...": the first name that stands twice is the generic.
    """
    generics = [
        part.lower().strip() for name in names.get("generic_name", ()) for part in _INGREDIENT_BREAK.split(name)
    ]
    if generics:
        return tuple(dict.fromkeys(filter(None, generics))), names.get("brand_name", ())
    match = _NAME_TWICE.match(next(iter(fields.get("spl_product_data_elements", ())), "")[:300])
    if match is None:
        return (), names.get("brand_name", ())
    brand = match["brand"].strip() or match["name"]
    parts = (part.lower().strip() for part in _INGREDIENT_BREAK.split(match["name"]))
    return tuple(dict.fromkeys(filter(None, parts))), names.get("brand_name", ()) or (brand,)


def _version(value: object, where: str) -> int:
    if value is None:
        return 1
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) >= 1):
        raise LabelError(f"{where}: `version` is {value!r}; expected a whole number from 1. Leave the entry out.")
    return int(text)


def _date(value: object) -> str:
    text = str(value or "")
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if len(text) >= 8 and text[:8].isascii() and text[:8].isdigit() else ""


def _is_original(block: object) -> bool | None:
    """OpenFDA states `is_original_packager: [true]` for the originals, and the original's NDC for the others."""
    if isinstance(block, dict) and block.get("original_packager_product_ndc"):
        return False
    return True if isinstance(block, dict) and block.get("is_original_packager") else None


def _sections(fields: Mapping[str, tuple[str, ...]]) -> tuple[Section, ...]:
    texts = [
        FieldText(field, text)
        for field, values in sorted(fields.items(), key=lambda entry: _order(entry[0]))
        if not field.endswith(_TABLE)
        for text in (_MARKS.sub("", value).strip() for value in values)
        if text
    ]
    tables = _Tables(fields)
    top = [_section(entry, tables, parent="") for entry in nest(texts)]
    sections = _with_leftovers(top, tables)
    return without_references(tuple(sorted(sections, key=lambda section: ORDER.get(section.name, len(ORDER)))))


@lru_cache(maxsize=1024)
def _order(field: str) -> tuple[int, int, str]:
    """The vocabulary's order; within one kind that of its fields, so that warnings precede precautions."""
    name = section_name(field=field)
    fields = BY_NAME[name].fields if name in BY_NAME else ()
    return ORDER.get(name, len(ORDER)), fields.index(field) if field in fields else 0, field


class _Tables:
    """The tables of a label that have not found their place in a text yet, by field, each table once."""

    def __init__(self, fields: Mapping[str, tuple[str, ...]]) -> None:
        self._placed: set[str] = set()
        self._waiting = {
            field.removesuffix(_TABLE): [_MARKS.sub("", table) for table in tables]
            for field, tables in fields.items()
            if field.endswith(_TABLE)
        }

    def place(self, field: str, text: str) -> str:
        """Return the text with the tables of the field, and of the fields around it, in readable form."""
        waiting = [table for table in self._waiting.get(field, ()) if table not in self._placed]
        text, missing = with_tables(text, waiting) if waiting else (text, [])
        self._placed.update(table for table in waiting if table not in missing)
        return text

    def left(self) -> Iterator[tuple[str, str]]:
        """Yield (field, readable table) for each table whose words stand in no text."""
        for field, tables in self._waiting.items():
            for table in dict.fromkeys(tables):
                if table not in self._placed:
                    yield field, table_text(table)


def _section(entry: FieldText, tables: _Tables, *, parent: str) -> Section:
    # The inner texts first, so that a table which both fields give is placed in the inner one.
    first = entry.own_pieces()
    heading = split_heading(entry.field, first[0]) if first else Heading("", "", "")
    name = section_name(field=entry.field, title=heading.title, parent=parent)
    children = [_section(child, tables, parent=name) for _, child in sorted(entry.children, key=lambda part: part[0])]
    pieces = [tables.place(entry.field, piece) for piece in [heading.rest, *first[1:]] if piece]
    before, parts = split_subsections(heading.number.split(".")[0], pieces)
    children += [
        Section(
            name=_part_name(part, name),
            title=part.title,
            text=f"{part.rest}\n" if part.rest else "",
            number=part.number,
        )
        for part in parts
    ]
    text = "\n".join(before)
    if not text and not children:
        text = heading.title
    loincs = BY_NAME[name].loincs if name in BY_NAME and name != UNCLASSIFIED else ()
    return Section(
        name=name,
        title=heading.title,
        text=f"{text}\n" if text else "",
        number=heading.number,
        loinc=loincs[0] if loincs else "",
        subsections=tuple(sorted(children, key=_number_key)),
    )


def _part_name(part: Heading, parent: str) -> str:
    return section_name(title=part.title, parent=parent)


def _number_key(section: Section) -> tuple[int, ...]:
    return tuple(map(int, section.number.split("."))) if section.number else (0,)


def _with_leftovers(sections: list[Section], tables: _Tables) -> list[Section]:
    for field, text in tables.left():
        name = section_name(field=field)
        sections.append(Section(name=name, title="", text=f"{text}\n"))
    return [section for section in sections if section.text or section.subsections]
