"""`Label` <-> JSON: one object a line, the format of `drug-llm labels export`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from drug_llm.errors import LabelError
from drug_llm.labels.label import Label, Section

_MAX_DEPTH = 60
_LISTS = ("generic_names", "brand_names", "routes", "ndcs", "rxcuis", "application_numbers", "references")
_LABEL_NAMES = tuple(field.name for field in fields(Label))
_SECTION_NAMES = tuple(field.name for field in fields(Section))
_LABEL_FIELDS = frozenset(_LABEL_NAMES)
_SECTION_FIELDS = frozenset(_SECTION_NAMES)


def label_to_json(label: Label) -> dict[str, Any]:
    """Return the label as an object of plain JSON types, with every field."""
    # `dataclasses.asdict` copies every text and takes ten times as long.
    content = {name: getattr(label, name) for name in _LABEL_NAMES}
    content["sections"] = [_section_to_json(section) for section in label.sections]
    return content


def _section_to_json(section: Section) -> dict[str, Any]:
    content = {name: getattr(section, name) for name in _SECTION_NAMES}
    content["subsections"] = [_section_to_json(part) for part in section.subsections]
    return content


def is_label_json(content: object) -> bool:
    """Return whether an object looks like the output of `label_to_json`, not like an openFDA result."""
    return (
        isinstance(content, dict) and isinstance(content.get("sections"), (list, tuple)) and "generic_names" in content
    )


def label_from_json(content: Mapping[str, Any], *, where: str) -> Label:
    """Return the label in an object as `label_to_json` makes it.

    Raises LabelError when a field is unknown, missing or of another type.
    """
    values = _values(content, _LABEL_FIELDS, where)
    values["sections"] = _sections(values.get("sections"), where, depth=0)
    version = values.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise LabelError(f"{where}: `version` is {version!r}; expected a whole number. Correct the line.")
    try:
        return Label(**values)
    except TypeError as error:
        raise LabelError(f"{where}: fields are missing ({error}). Export the label again.") from error


def _sections(content: object, where: str, *, depth: int) -> tuple[Section, ...]:
    if not isinstance(content, (list, tuple)) or depth > _MAX_DEPTH:
        raise LabelError(f"{where}: `sections` is {content!r:.60} at depth {depth}; expected a list. Correct the line.")
    sections = []
    for entry in content:
        values = _values(entry, _SECTION_FIELDS, where)
        values["subsections"] = _sections(values.get("subsections", ()), where, depth=depth + 1)
        try:
            sections.append(Section(**values))
        except TypeError as error:
            raise LabelError(f"{where}: a section lacks fields ({error}). Export the label again.") from error
    return tuple(sections)


def _values(content: object, known: frozenset[str], where: str) -> dict[str, Any]:
    if not isinstance(content, Mapping) or not known.issuperset(content):
        raise LabelError(f"{where}: found {content!r:.60}; expected an object with only {sorted(known)}.")
    return {name: _value(name, value, where) for name, value in content.items()}


def _value(name: str, value: object, where: str) -> Any:
    if name in _LISTS:
        if not isinstance(value, (list, tuple)) or not all(isinstance(entry, str) for entry in value):
            raise LabelError(f"{where}: `{name}` is {value!r:.60}; expected a list of texts. Correct the line.")
        return tuple(value)
    if name in ("sections", "subsections", "version", "is_original"):
        return value
    if not isinstance(value, str):
        raise LabelError(f"{where}: `{name}` is {value!r:.60}; expected text. Correct the line.")
    # A lone surrogate is valid in JSON and in no text; SQLite would refuse it.
    return value if value.isascii() else value.encode("utf-8", "replace").decode()
