"""What the store gives out, and how it is made from rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from drug_llm.labels.label import Passage, Section


@dataclass(frozen=True)
class LabelSummary:
    """One stored version of a label, without its text."""

    set_id: str
    version: int
    effective_date: str
    source: str
    labeler: str
    product_type: str
    title: str
    generic_names: tuple[str, ...]
    brand_names: tuple[str, ...]
    routes: tuple[str, ...]
    is_current: bool
    """Whether it is the newest version of its set id."""
    is_chosen: bool
    """Whether it is the one used among labels with the same text."""
    label_id: int
    """Row in this store; not stable across stores."""


@dataclass(frozen=True)
class Hit:
    """A passage that a search found."""

    passage: Passage
    label: LabelSummary
    score: float
    """Higher is better; comparable within one search only."""


def details_from(text: str) -> dict[str, Any]:
    """Return the names and codes of a label from their column."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(text).items()}


def summary_from(row: tuple[Any, ...]) -> LabelSummary:
    """Return the summary in a row of the view `summaries`."""
    label_id, set_id, version, date, source, labeler, product_type, title, details, is_current, is_chosen = row
    values = details_from(details)
    return LabelSummary(
        set_id, version, date, source, labeler, product_type, title,
        values["generic_names"], values["brand_names"], values["routes"], bool(is_current), bool(is_chosen), label_id,
    )  # fmt: skip


def passage_from(summary: LabelSummary, row: tuple[Any, ...]) -> Passage:
    """Return the passage in a row of (label_id, key, name, title, text, ...)."""
    return Passage(summary.set_id, summary.version, section=row[1], name=row[2], title=row[3], text=row[4])


def nested_sections(rows: list[tuple[Any, ...]], start: int, depth: int) -> tuple[tuple[Section, ...], int]:
    """Return the sections from row `start` on that have this depth, and the row behind them."""
    sections = []
    while start < len(rows) and rows[start][0] == depth:
        _, name, title, text, number, loinc, refs = rows[start]
        inner, start = nested_sections(rows, start + 1, depth + 1)
        sections.append(Section(name, title, text, number, loinc, inner, tuple(refs.split())))
    return tuple(sections), start


def hit_to_json(hit: Hit) -> dict[str, Any]:
    """Return a hit as an object of plain JSON types, with what a citation needs."""
    passage = hit.passage
    return {
        "set_id": passage.set_id,
        "version": passage.version,
        "section": passage.section,
        "title": passage.title,
        "text": passage.text,
        "sha256": passage.sha256,
        "score": round(hit.score, 4),
        "drugs": list(hit.label.generic_names),
        "brands": list(hit.label.brand_names),
    }
