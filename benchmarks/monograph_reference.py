"""The reference label text of one drug: which entries speak of it, and what they lack."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.monograph_facts import Quantity, known_quantities
from benchmarks.monograph_terms import Meanings, ReferenceWords

Rows = dict[str, dict[str, Any]]
"""Reference entries by normalised generic name, ingredients of a combination joined by " / "."""
_POPULATIONS = ("use_in_specific_populations", "precautions", "general_precautions")
_WARNINGS = ("warnings_and_precautions", "warnings", "precautions", "boxed_warning", "general_precautions", "stop_use")
SECTIONS = {
    # Reference sections that speak of a field, the proper one first.
    "uses": ("indications_and_usage", "purpose"),
    "how_to_take": (
        "dosage_and_administration",
        "information_for_patients",
        "medication_guide",
        "patient_package_insert",
    ),
    "dosage": ("dosage_and_administration",),
    "boxed_warning": ("boxed_warning", "warnings"),
    "contraindications": ("contraindications", "do_not_use"),
    "common_side_effects": ("adverse_reactions", "stop_use"),
    "serious_side_effects": _WARNINGS,
    "interactions": ("drug_interactions", "precautions", "ask_doctor_or_pharmacist"),
    "pregnancy": ("pregnancy", "teratogenic_effects", "pregnancy_or_breast_feeding", *_POPULATIONS),
    "breast_feeding": ("lactation", "pregnancy_or_breast_feeding", *_POPULATIONS),
    "children": ("pediatric_use", *_POPULATIONS),
    "older_adults": ("geriatric_use", *_POPULATIONS),
    "kidney_and_liver": (*_POPULATIONS, "warnings_and_precautions", "warnings", "dosage_and_administration"),
    "missed_dose": ("information_for_patients", "medication_guide", "patient_package_insert"),
    "overdose": ("overdosage",),
    "storage": ("storage_and_handling", "how_supplied"),
}


@dataclass(frozen=True)
class Reference:
    """All reference text of one drug."""

    sections: dict[str, str]
    """Section name to text, the texts of several entries joined."""
    truncated: frozenset[str]
    """Names of sections that the reference cuts."""
    words: ReferenceWords
    quantities: dict[str, set[Quantity]]
    """Quantities of each section."""

    def quantities_of(self, names: Iterable[str]) -> set[Quantity]:
        """Return the quantities of some sections together."""
        return set().union(*(self.quantities.get(name, set()) for name in names))


def reference_rows(path: Path) -> Rows:
    """Return the reference entries by normalised generic name."""
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    return {row["generic_norm"]: row for row in rows}


def find_reference(ingredients: tuple[str, ...], rows: Rows, meanings: Meanings) -> Reference | None:
    """Return the text of all reference entries with exactly the drug's ingredients."""
    names = [
        set(meanings.references.get(name, [name])) | {name} for name in (_base(name, meanings) for name in ingredients)
    ]
    found = [row for key, row in rows.items() if _same_ingredients(key, names, meanings)]
    if not found:
        return None
    sections: dict[str, str] = {}
    truncated: dict[str, bool] = {}
    for row in found:
        for section, text in row["sections"].items():
            sections[section] = f"{sections.get(section, '')}\n{text}".strip()
            truncated[section] = truncated.get(section, True) and bool(
                row["section_sources"].get(section, {}).get("truncated")
            )
    quantities = {section: known_quantities(text) for section, text in sections.items()}
    cut = frozenset(section for section, is_cut in truncated.items() if is_cut)
    return Reference(sections, cut, ReferenceWords("\n".join(sections.values())), quantities)


def _base(ingredient: str, meanings: Meanings) -> str:
    words = ingredient.split()
    return " ".join(words[:-1]) if len(words) > 1 and words[-1] in meanings.form_words else ingredient


def _same_ingredients(key: str, names: list[set[str]], meanings: Meanings) -> bool:
    if any(key == name for options in names for name in options if " / " in name) and len(names) == 1:
        return True
    parts = key.split(" / ")
    if len(parts) != len(names):
        return False
    return all(any(_is_form(part, options, meanings) for part in parts) for options in names)


def _is_form(part: str, options: set[str], meanings: Meanings) -> bool:
    return any(
        part == name or (part.startswith(name + " ") and set(part[len(name) :].split()) <= meanings.form_words)
        for name in options
    )


def gap(name: str, reference: Reference) -> str:
    """Return what the reference lacks for a field, empty when it has the section in full."""
    proper = [section for section in SECTIONS[name] if section in reference.sections]
    if not proper:
        return f"reference has no {SECTIONS[name][0]} section"
    if all(section in reference.truncated for section in proper):
        return f"reference has only a cut {proper[0]} section"
    return ""
