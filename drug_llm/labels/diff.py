"""What changed between two versions of a label, section by section and sentence by sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from drug_llm.labels.label import Label, Section, keyed_sections

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\u2022(\[-])|\n+")
_MAX_COMPARED = 4_000
_MIN_LIKENESS = 0.6


@dataclass(frozen=True)
class SectionChange:
    """What happened to one section."""

    section: str
    """Key of the section, in the newer version where it is in both."""
    title: str
    """Title as printed."""
    kind: str
    """`added`, `removed`, `changed` or `renamed` (same text under another key)."""
    removed: tuple[str, ...] = ()
    """Sentences that the newer version no longer has, in order."""
    added: tuple[str, ...] = ()
    """Sentences that only the newer version has, in order."""


def compare_labels(old: Label, new: Label) -> list[SectionChange]:
    """Return the changes from `old` to `new`, in the order of the newer label, removals last.

    Sections are matched by key, then those left over by equal text, then by name and number-free
    title, since numbers shift when a section is put in between.
    """
    before = {key: section for key, section in keyed_sections(old.sections) if section.text}
    after = {key: section for key, section in keyed_sections(new.sections) if section.text}
    partners = _partners(before, after)
    changes = []
    for key, section in after.items():
        partner = partners.get(key)
        if partner is None:
            changes.append(SectionChange(key, section.title, "added", added=tuple(_sentences(section.text))))
        elif before[partner].text != section.text:
            changes.append(_changed(key, before[partner], section))
        elif partner != key:
            changes.append(SectionChange(key, section.title, "renamed"))
    gone = [key for key in before if key not in partners.values()]
    return changes + [
        SectionChange(key, before[key].title, "removed", removed=tuple(_sentences(before[key].text))) for key in gone
    ]


def _partners(before: dict[str, Section], after: dict[str, Section]) -> dict[str, str]:
    """Return the key in the older label for each key of the newer one that has a partner."""
    partners = {key: key for key in after if key in before and _are_alike(before[key], after[key])}
    for same in (_same_text, _same_title):
        free = [key for key in before if key not in set(partners.values())]
        for key, section in after.items():
            partner = next((one for one in free if key not in partners and same(before[one], section)), None)
            if partner is not None:
                partners[key] = partner
                free.remove(partner)
    left = [key for key in after if key not in partners and key in before and key not in partners.values()]
    return partners | {key: key for key in left}


def _are_alike(old: Section, new: Section) -> bool:
    if old.title.lower() == new.title.lower() or old.text == new.text:
        return True
    matcher = SequenceMatcher(None, old.text[:_MAX_COMPARED].split(), new.text[:_MAX_COMPARED].split(), autojunk=False)
    return matcher.quick_ratio() >= _MIN_LIKENESS


def _same_text(old: Section, new: Section) -> bool:
    return old.text == new.text


def _same_title(old: Section, new: Section) -> bool:
    return bool(new.title) and old.name == new.name and old.title.lower() == new.title.lower()


def _changed(key: str, old: Section, new: Section) -> SectionChange:
    before, after = _sentences(old.text), _sentences(new.text)
    removed: list[str] = []
    added: list[str] = []
    for kind, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            removed += before[i:j]
            added += after[k:m]
    return SectionChange(key, new.title, "changed", tuple(removed), tuple(added))


def _sentences(text: str) -> list[str]:
    return [sentence.strip() for sentence in _SENTENCE_END.split(text) if sentence.strip()]
