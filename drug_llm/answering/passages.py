"""Passages that come with a question, in place of a stored label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drug_llm.answering.label_index import name_of_title
from drug_llm.labels.label import Passage


def given_passages(passages: Sequence[Mapping[str, str]]) -> list[Passage]:
    """Return passages that came with a question as citations name them: a section that comes again gets a number."""
    found: list[Passage] = []
    for number, entry in enumerate(passages, start=1):
        title = entry.get("section") or f"passage {number}"
        set_id = entry.get("set_id") or "passage"
        taken = sum(p.title == title and p.set_id == set_id for p in found)
        key = f"{title}#{taken + 1}" if taken else title
        found.append(Passage(set_id, 1, key, name_of_title(title), title, entry["text"]))
    return found
