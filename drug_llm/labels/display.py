"""A label as text for people, with its source and the words that its publisher asks for."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from drug_llm.labels.diff import SectionChange
from drug_llm.labels.label import Label, keyed_sections
from drug_llm.labels.rows import LabelSummary

WIDTH = 100
# In our own words; the publishers ask that their data not be taken for advice or for validated data.
DISCLAIMERS = {
    "openfda": (
        "Data from openFDA (CC0), not validated for clinical use. Do not rely on them to decide about medical care; "
        "ask a doctor or pharmacist."
    ),
    "spl": (
        "Label as the company sent it to the FDA, published on DailyMed. It may not be the latest one approved. "
        "Ask a doctor or pharmacist before you act on it."
    ),
    "monograph": (
        "Summary written for Drug-LLM, not an official label. Ask a doctor or pharmacist before you act on it."
    ),
}
_PAGES = "https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid="


def label_lines(label: Label, *, section: str | None = None) -> Iterator[str]:
    """Yield the lines of a printed label: what it is, its sections with their keys, its source.

    With `section` (a key or a name) only the sections that match it.
    """
    yield from _head(label)
    for key, part in keyed_sections(label.sections):
        if section is not None and section not in (key, part.name):
            continue
        title = " ".join(filter(None, (part.number, part.title))) or part.name.replace("_", " ")
        yield ""
        yield f"## {title}  [{key}]"
        for line in part.text.splitlines():
            yield from _wrapped(line)
    yield ""
    yield from textwrap.wrap(DISCLAIMERS.get(label.source, DISCLAIMERS["openfda"]), WIDTH)


def _head(label: Label) -> Iterator[str]:
    names = ", ".join(label.brand_names) or ", ".join(label.generic_names) or "(no name)"
    yield f"# {names} ({', '.join(label.generic_names) or 'ingredients not stated'})"
    facts = (
        ("Labeler", label.labeler),
        ("Kind", label.product_type.lower()),
        ("Route", ", ".join(label.routes)),
        ("Version", f"{label.version}" + (f", effective {label.effective_date}" if label.effective_date else "")),
        ("NDC", ", ".join(label.ndcs[:6]) + (" ..." if len(label.ndcs) > 6 else "")),
        ("Set id", label.set_id),
        ("Source", source_line(label)),
    )
    for name, value in facts:
        if value:
            yield f"{name}: {value}"


def source_line(label: Label) -> str:
    """Return where the label comes from, with the page that shows its current version."""
    if label.source == "monograph":
        return "Drug-LLM starter monograph"
    publisher = "openFDA drug label" if label.source == "openfda" else "DailyMed SPL"
    return f"{publisher}, {_PAGES}{label.set_id}"


def _wrapped(line: str) -> Iterator[str]:
    indent = " " * (len(line) - len(line.lstrip()) + (2 if line.lstrip().startswith("- ") else 0))
    yield from textwrap.wrap(line, WIDTH, subsequent_indent=indent, drop_whitespace=True) or [""]


def summary_line(label: LabelSummary) -> str:
    """Return one line for a list of labels."""
    names = ", ".join(label.brand_names[:3]) or "-"
    generics = ", ".join(label.generic_names[:4]) or "-"
    return (
        f"{label.set_id}  v{label.version}  {label.effective_date or '----------'}  "
        f"{names} ({generics}), {label.labeler or '-'}"
    )


def change_lines(changes: list[SectionChange]) -> Iterator[str]:
    """Yield the lines of a printed comparison: "-" for what went, "+" for what came."""
    if not changes:
        yield "No section text changed."
    for change in changes:
        yield f"## {change.title or change.section}  [{change.section}]  {change.kind}"
        for mark, sentences in (("-", change.removed), ("+", change.added)):
            for sentence in sentences:
                yield from textwrap.wrap(sentence, WIDTH, initial_indent=f"{mark} ", subsequent_indent="  ")
        yield ""
