"""The one shape that every source of drug information is read into."""

from __future__ import annotations

from dataclasses import dataclass

from drug_llm.errors import LabelError


@dataclass(frozen=True)
class Section:
    """One titled part of a label."""

    name: str
    """Name from the section vocabulary, such as `boxed_warning`."""
    title: str
    """Title as the source prints it, without its number."""
    text: str
    """Plain text; paragraphs and list entries end in a newline."""
    number: str = ""
    """Section number such as "5.1", kept out of the text so that it is never read as a quantity."""
    loinc: str = ""
    """LOINC code of the section in Structured Product Labeling, where the source gives one."""
    subsections: tuple[Section, ...] = ()
    """Nested sections, in source order."""


@dataclass(frozen=True)
class Label:
    """One version of the labelling of one drug product."""

    set_id: str
    """Identifier that all versions share: a UUID, or `monograph:NAME` for our own monographs."""
    version: int
    """Version number, counted from 1."""
    effective_date: str
    """Date of this version as YYYY-MM-DD; empty where the source gives none."""
    generic_names: tuple[str, ...]
    """Active ingredients in lower case, one entry an ingredient."""
    sections: tuple[Section, ...]
    """Top-level sections, in source order."""
    brand_names: tuple[str, ...] = ()
    """Trade names as the source writes them."""
    labeler: str = ""
    """Company that answers for the label."""
    routes: tuple[str, ...] = ()
    """Routes of administration in lower case, such as `oral`."""
    product_type: str = ""
    """Kind of product, such as `HUMAN PRESCRIPTION DRUG`."""
    ndcs: tuple[str, ...] = ()
    """National Drug Codes of the products."""
    rxcuis: tuple[str, ...] = ()
    """RxNorm concept identifiers of the products."""
    source: str = ""
    """Format that it was read from: `openfda`, `spl` or `monograph`."""

    def __post_init__(self) -> None:
        if not self.set_id:
            raise LabelError("A label has an empty set id; expected a UUID or `monograph:NAME`. Correct its source.")
        if self.version < 1:
            raise LabelError(f"Label {self.set_id} has version {self.version}; expected 1 or more. Correct its source.")
