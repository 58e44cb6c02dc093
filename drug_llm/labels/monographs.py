"""Starter monographs: one YAML file a drug, written for this project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from drug_llm.errors import LabelError
from drug_llm.labels.label import Label, Section

AVAILABILITIES = ("prescription", "over the counter", "prescription and over the counter")
MAX_SENTENCE_CHARACTERS = 320


@dataclass(frozen=True)
class Dosage:
    """The usual dose for one group of people."""

    population: str
    """Whom the dose is for, such as "adults with high blood pressure"; `for` in the file."""
    text: str
    """One sentence with the dose, its unit, how often, and the limit where there is one."""


@dataclass(frozen=True)
class SeriousEffect:
    """A serious side effect and what it means for the person who takes the drug."""

    effect: str
    """Name of the effect, in lower case."""
    text: str
    """One sentence: what can happen, its signs, what to do."""


@dataclass(frozen=True)
class Interaction:
    """An interaction with other drugs, foods or drinks."""

    substances: tuple[str, ...]
    """Names of drugs, classes or foods; `with` in the file."""
    text: str
    """One sentence: what happens and what follows from it."""


@dataclass(frozen=True)
class Monograph:
    """Everything that the project states about one drug. Sentences stand on their own."""

    name: str
    """Generic name in lower case; ingredients of a combination joined by " and "."""
    brands: tuple[str, ...]
    """Trade names sold in the United States."""
    drug_class: str
    """Pharmacologic class; `class` in the file."""
    forms: tuple[str, ...]
    """Dosage forms with their route, such as "oral tablet"."""
    availability: str
    """One of AVAILABILITIES."""
    uses: tuple[str, ...]
    how_to_take: tuple[str, ...]
    dosage: tuple[Dosage, ...]
    boxed_warning: tuple[str, ...]
    """Empty when the label carries no boxed warning."""
    contraindications: tuple[str, ...]
    """Phrases that complete "Do not use this medicine if you ..."."""
    common_side_effects: tuple[str, ...]
    """Names of effects, in lower case, the most frequent first."""
    serious_side_effects: tuple[SeriousEffect, ...]
    interactions: tuple[Interaction, ...]
    pregnancy: tuple[str, ...]
    breast_feeding: tuple[str, ...]
    children: tuple[str, ...]
    older_adults: tuple[str, ...]
    kidney_and_liver: tuple[str, ...]
    missed_dose: tuple[str, ...]
    overdose: tuple[str, ...]
    storage: tuple[str, ...]
    not_in_reference: tuple[str, ...] = ()
    """Fields whose facts no reference text covers, so that nobody takes them for checked."""

    @property
    def ingredients(self) -> tuple[str, ...]:
        """Active ingredients in lower case."""
        return tuple(self.name.split(" and "))

    @property
    def set_id(self) -> str:
        """Identifier in the label store; not a DailyMed set id, and not shaped like one."""
        return "monograph:" + self.name.replace(" ", "-")


_FILE_KEYS = {"population": "for", "substances": "with", "drug_class": "class"}
_ENTRY_TYPES: Mapping[str, type[Any]] = {
    "dosage": Dosage,
    "serious_side_effects": SeriousEffect,
    "interactions": Interaction,
}
_MAY_BE_EMPTY = ("brands", "boxed_warning", "not_in_reference", "contraindications")
_WORDS = ("name", "drug_class", "availability", "population", "text", "effect")
_PHRASES = ("brands", "forms", "contraindications", "common_side_effects", "substances", "not_in_reference")


def load_monograph(path: Path) -> Monograph:
    """Return the monograph in one YAML file.

    Raises LabelError that names the file and the field when it is not of the stated shape.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise LabelError(f"{path}: cannot be read as YAML ({reason}). Correct the file.") from error
    monograph: Monograph = _read(Monograph, content, where=str(path))
    if monograph.availability not in AVAILABILITIES:
        raise LabelError(
            f"{path}: `availability` is {monograph.availability!r}; expected one of {', '.join(AVAILABILITIES)}."
        )
    return monograph


def load_monographs(folder: Path) -> list[Monograph]:
    """Return all monographs of a folder, in the order of their names.

    Raises LabelError when a file is wrong, the folder holds none, or two share a name.
    """
    monographs = sorted((load_monograph(path) for path in folder.glob("*.yaml")), key=lambda entry: entry.name)
    if not monographs:
        raise LabelError(f"{folder}: no monograph (*.yaml) found. Give the folder that holds them.")
    for one, other in pairwise(monographs):
        if one.name == other.name:
            raise LabelError(f"{folder}: two monographs are named {one.name!r}; expected one. Remove one of them.")
    return monographs


def _read(kind: type[Any], content: object, *, where: str) -> Any:
    if not isinstance(content, dict):
        raise LabelError(f"{where}: found {type(content).__name__}; expected a mapping of {kind.__name__} fields.")
    known = {_FILE_KEYS.get(field.name, field.name): field.name for field in fields(kind)}
    unknown = [str(key) for key in content if key not in known]
    missing = [key for key, name in known.items() if key not in content and name != "not_in_reference"]
    if unknown or missing:
        raise LabelError(f"{where}: unknown fields {unknown}, missing fields {missing}. Correct the file.")
    return kind(**{known[key]: _value(known[key], value, where=f"{where}: `{key}`") for key, value in content.items()})


def _value(name: str, value: object, *, where: str) -> Any:
    if name in _WORDS:
        return _text(value, sentence=name == "text", where=where)
    if not isinstance(value, list) or (not value and name not in _MAY_BE_EMPTY):
        raise LabelError(f"{where} is {value!r}; expected a list that is not empty.")
    if name in _ENTRY_TYPES:
        return tuple(_read(_ENTRY_TYPES[name], entry, where=f"{where}[{n}]") for n, entry in enumerate(value))
    return tuple(_text(entry, sentence=name not in _PHRASES, where=f"{where}[{n}]") for n, entry in enumerate(value))


def _text(value: object, *, sentence: bool, where: str) -> str:
    if not isinstance(value, str) or not value.strip() or value != value.strip():
        raise LabelError(
            f"{where} is {value!r}; expected text without spaces around it (quote it if YAML misreads it)."
        )
    if sentence and (not value.endswith(".") or len(value) > MAX_SENTENCE_CHARACTERS):
        raise LabelError(
            f"{where} has {len(value)} characters and ends in {value[-1]!r}; "
            f"expected one sentence ending in '.' of at most {MAX_SENTENCE_CHARACTERS} characters."
        )
    return value


_SECTIONS = (
    # field, section name, LOINC code, title
    ("boxed_warning", "boxed_warning", "34066-1", "Boxed warning"),
    ("uses", "indications_and_usage", "34067-9", "What it treats"),
    ("dosage", "dosage_and_administration", "34068-7", "Usual doses"),
    ("how_to_take", "how_to_take", "", "How it is taken"),
    ("contraindications", "contraindications", "34070-3", "Who must not use it"),
    ("common_side_effects", "adverse_reactions", "34084-4", "Common side effects"),
    ("serious_side_effects", "warnings_and_precautions", "43685-7", "Serious side effects"),
    ("interactions", "drug_interactions", "34073-7", "Interactions"),
    ("pregnancy", "pregnancy", "42228-7", "Pregnancy"),
    ("breast_feeding", "lactation", "77290-5", "Breast-feeding"),
    ("children", "pediatric_use", "34081-0", "Children"),
    ("older_adults", "geriatric_use", "34082-8", "Older adults"),
    ("kidney_and_liver", "renal_and_hepatic_impairment", "", "Kidney and liver disease"),
    ("missed_dose", "missed_dose", "", "Missed dose"),
    ("overdose", "overdosage", "34088-5", "Overdose"),
    ("storage", "storage_and_handling", "44425-7", "Storage"),
)
SECTION_NAMES = {field: name for field, name, _, _ in _SECTIONS}
"""Section name of every field of a monograph that becomes a section."""


def section_sentences(monograph: Monograph, field: str) -> tuple[str, ...]:
    """Return the sentences of one field, each complete when it is read alone."""
    name = monograph.name
    if field == "dosage":
        return tuple(f"For {entry.population}: {entry.text}" for entry in monograph.dosage)
    if field == "contraindications":
        return tuple(f"Do not use {name} if you {phrase}." for phrase in monograph.contraindications)
    if field == "common_side_effects":
        return (f"Common side effects of {name} are {join_words(monograph.common_side_effects)}.",)
    entries: tuple[Any, ...] = getattr(monograph, field)
    return tuple(entry if isinstance(entry, str) else entry.text for entry in entries)


def join_words(words: tuple[str, ...]) -> str:
    """Return "a, b and c" for the words a, b and c."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def monograph_label(monograph: Monograph) -> Label:
    """Return the monograph as a label, one section a field that has text."""
    sections = [
        Section(name=name, title=title, loinc=loinc, text="\n".join(section_sentences(monograph, field)))
        for field, name, loinc, title in _SECTIONS
        if getattr(monograph, field)
    ]
    return Label(
        set_id=monograph.set_id,
        version=1,
        effective_date="",
        generic_names=monograph.ingredients,
        brand_names=monograph.brands,
        labeler="Drug-LLM starter monographs",
        routes=tuple(sorted({form.split()[0] for form in monograph.forms})),
        product_type=monograph.availability,
        sections=tuple(sections),
        source="monograph",
    )
