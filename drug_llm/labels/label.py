"""The one shape that every source of drug information is read into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from drug_llm.errors import LabelError


@dataclass(frozen=True)
class Section:
    """One titled part of a label."""

    name: str
    """Name from the section vocabulary, such as `boxed_warning`."""
    title: str
    """Title as the source prints it, without its number."""
    text: str
    """Plain text, without that of the subsections. One paragraph, list entry ("- ...") or table row
    ("Row: column = value; ...") a line; a list follows the line that introduces it."""
    number: str = ""
    """Section number such as "5.1", kept out of the text so that it is never read as a quantity."""
    loinc: str = ""
    """LOINC code of the section in Structured Product Labeling, where the source gives one."""
    subsections: tuple[Section, ...] = ()
    """Nested sections, in source order."""
    references: tuple[str, ...] = ()
    """Section numbers that the text pointed to, such as "5.1" of "(5.1)"; taken out of the text."""


@dataclass(frozen=True)
class Passage:
    """The text of one section of one version of a label, as a citation names it."""

    set_id: str
    """Set id of the label."""
    version: int
    """Version of the label."""
    section: str
    """Key of the section within its label, such as `boxed_warning` or `warnings_and_precautions/5.1`."""
    name: str
    """Name of the section from the vocabulary."""
    title: str
    """Title as the source prints it."""
    text: str
    """Whole text of the section, without its subsections; never empty."""

    @property
    def sha256(self) -> str:
        """Digest of the text, by which a citation proves that it was not changed."""
        return text_digest(self.text)


def text_digest(text: str) -> str:
    """Return the SHA-256 of a section text in UTF-8, as 64 hexadecimal digits."""
    return sha256(text.encode()).hexdigest()


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
    title: str = ""
    """Title of the whole document, where the source gives one."""
    application_numbers: tuple[str, ...] = ()
    """Approvals such as `NDA019777` or `ANDA077091`; they tell a brand's own label from its copies."""
    is_original: bool | None = None
    """Whether the labeler is the original packager; None where the source does not say."""

    def __post_init__(self) -> None:
        if not self.set_id:
            raise LabelError("A label has an empty set id; expected a UUID or `monograph:NAME`. Correct its source.")
        if self.version < 1:
            raise LabelError(f"Label {self.set_id} has version {self.version}; expected 1 or more. Correct its source.")

    @property
    def product(self) -> str:
        """The product on one line: brand, active ingredients, routes, company and date, as far as they are known."""
        generics = " and ".join(self.generic_names)
        brand = self.brand_names[0] if self.brand_names else ""
        name = f"{brand} ({generics})" if brand and brand.lower() != generics else brand or generics
        known = (name, " and ".join(self.routes), self.labeler, self.effective_date)
        return ", ".join(part for part in known if part)

    def passages(self) -> Iterator[Passage]:
        """Yield one passage for each section that has text, in order."""
        for key, section in keyed_sections(self.sections):
            if section.text:
                yield Passage(self.set_id, self.version, key, section.name, section.title, section.text)


def keyed_sections(sections: tuple[Section, ...]) -> Iterator[tuple[str, Section]]:
    """Yield each section, nested ones after their parent, with a key that is unique in the label.

    The key is the section's name; that of a subsection which only has its parent's name is the
    parent's key and its number, or its place, such as `warnings_and_precautions/5.1`.
    """
    taken: dict[str, int] = {}
    pending = [("", "", place, section) for place, section in _numbered(sections)]
    while pending:
        parent_key, parent_name, place, section = pending.pop()
        key = f"{parent_key}/{section.number or place}" if section.name == parent_name else section.name
        taken[key] = taken.get(key, 0) + 1
        if taken[key] > 1:
            key = f"{key}#{taken[key]}"
        yield key, section
        pending += [(key, section.name, place, child) for place, child in _numbered(section.subsections)]


def _numbered(sections: tuple[Section, ...]) -> list[tuple[int, Section]]:
    # Reversed, since the stack of `keyed_sections` gives back the last one first.
    return list(enumerate(sections, start=1))[::-1]
