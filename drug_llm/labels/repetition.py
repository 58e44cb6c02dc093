"""openFDA gives the text of a subsection twice: in its own field and in that of the section around it.

The texts of one label are put into a tree here, and each is cut out of the text around it.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from dataclasses import dataclass

from drug_llm.labels.vocabulary import section_name

# Fields whose text may hold that of other fields. The package label and the product data repeat
# words of other sections too, but are no sections around them.
_CONTAINERS_LISTED = (
    "warnings warnings_and_cautions precautions use_in_specific_populations clinical_pharmacology "
    "nonclinical_toxicology drug_abuse_and_dependence pregnancy adverse_reactions "
    "dosage_and_administration how_supplied indications_and_usage spl_unclassified_section "
    "other_safety_information contraindications drug_interactions general_precautions description "
    "information_for_patients clinical_studies do_not_use ask_doctor storage_and_handling "
    "pharmacokinetics pharmacodynamics overdosage"
)
_CONTAINERS = frozenset(_CONTAINERS_LISTED.split())
_PROBE = 48
_MIN_UNCLASSIFIED = 40
_MIN_NESTED = 12
_SEPARATOR = "\x00"


@dataclass(eq=False)
class FieldText:
    """One text of one field, and what was found inside it. Mutable while the tree is built."""

    field: str
    """Name of the openFDA field."""
    text: str
    """Whole text of the field."""
    children: list[tuple[int, FieldText]] = dataclasses.field(default_factory=list)
    """(start, part): parts whose text stands here."""
    is_repeated: bool = False
    """Whether the text only repeats a piece of another one, and is left out."""

    def own_pieces(self) -> list[str]:
        """Return the text without that of the children, as the pieces between them."""
        pieces, end = [], 0
        for start, child in sorted(self.children, key=lambda entry: entry[0]):
            pieces.append(self.text[end:start])
            end = start + len(child.text)
        pieces.append(self.text[end:])
        return [piece.strip() for piece in pieces if piece.strip()]


def nest(texts: list[FieldText]) -> list[FieldText]:
    """Return the outermost texts; the others are now children of the smallest text that holds them.

    Each entry of `texts` has text. Of two equal texts the later one is left out when both
    are of one kind, and else becomes the child of the one that may hold others.
    """
    joined = _SEPARATOR.join(entry.text for entry in texts)
    starts, position = [], 0
    for entry in texts:
        starts.append(position)
        position += len(entry.text) + 1
    top = []
    for entry in sorted(texts, key=lambda one: len(one.text)):
        if entry.field == "spl_unclassified_section" and _is_repeated_phrase(entry, joined):
            entry.is_repeated = True
            continue
        if not _adopt(entry, texts, joined, starts):
            top.append(entry)
    return [entry for entry in texts if entry in top and not entry.is_repeated]


def _is_repeated_phrase(entry: FieldText, joined: str) -> bool:
    """A short unclassified text such as "Rx only" which stands elsewhere too says nothing of its own."""
    return len(entry.text) < _MIN_UNCLASSIFIED and joined.count(entry.text) > 1


def _adopt(entry: FieldText, texts: list[FieldText], joined: str, starts: list[int]) -> bool:
    """Put the entry into the smallest text that holds it. Return whether there is one."""
    holders = []
    for position in _occurrences(entry.text, joined):
        holder = texts[bisect_right(starts, position) - 1]
        if holder is not entry and not holder.is_repeated and _may_hold(holder, entry):
            holders.append((len(holder.text), starts[texts.index(holder)], position, holder))
    for _, start, position, holder in sorted(holders, key=lambda found: found[:3]):
        if holder.text == entry.text and section_name(field=holder.field) == section_name(field=entry.field):
            entry.is_repeated = True
            return True
        if _is_free(holder, position - start, len(entry.text)):
            holder.children.append((position - start, entry))
            return True
    return False


def _occurrences(text: str, joined: str) -> list[int]:
    # Most texts stand once; a short probe finds that out much faster than the whole text does.
    probe, found = text[:_PROBE], []
    position = joined.find(probe)
    while position >= 0:
        if joined.startswith(text, position):
            found.append(position)
        position = joined.find(probe, position + 1)
    return found


def _may_hold(holder: FieldText, entry: FieldText) -> bool:
    if holder.text == entry.text:
        same = section_name(field=holder.field) == section_name(field=entry.field)
        return (same and not entry.is_repeated) or (holder.field in _CONTAINERS and not _is_inside(holder, entry))
    return (
        holder.field in _CONTAINERS
        and len(holder.text) > len(entry.text) >= _MIN_NESTED
        and not _is_inside(holder, entry)
    )


def _is_inside(entry: FieldText, other: FieldText) -> bool:
    """Whether `entry` is already a part of `other`; equal texts must not hold each other."""
    return any(child is entry or _is_inside(entry, child) for _, child in other.children)


def _is_free(holder: FieldText, start: int, length: int) -> bool:
    return all(start + length <= at or at + len(child.text) <= start for at, child in holder.children)
