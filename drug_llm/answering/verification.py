"""Re-check of answers, offline and without any model: every quote stands at its place and carries its sentence."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from drug_llm.answering.passages import given_passages
from drug_llm.answering.support import carriers, titled
from drug_llm.errors import LabelError
from drug_llm.labels.choice import drug_names
from drug_llm.labels.label import Passage
from drug_llm.labels.store import LabelStore

Citing = Mapping[str, Any]
"""A citation of an answer line."""


class Checker:
    """Checks answer lines against a store, and against the passages that came with a question."""

    def __init__(self, store: LabelStore) -> None:
        self._store = store

    def failures(self, answer: Mapping[str, Any], question: Mapping[str, Any] | None = None) -> Iterator[str]:
        """Yield what is wrong with an answer line: a citation that fails, or a sentence that its quotes do not carry.

        `question` is its line in the batch, where that came with `passages` or a `drug`, which no store knows.
        """
        question = question or {}
        given = {(p.set_id, p.section): p for p in given_passages(question.get("passages") or ())}
        citations = answer.get("citations", [])
        found = [self._passage(citation, given) for citation in citations]
        for number, (citation, passage) in enumerate(zip(citations, found, strict=True)):
            if problem := _citation_failure(citation, passage):
                yield f"citation {number}: {problem}"
        for number, sentence in enumerate(answer.get("sentences", [])):
            if not all(0 <= index < len(citations) for index in sentence["citations"]):
                yield f"sentence {number}: cites what is not there"
                continue
            cited = [(citations[index], found[index]) for index in sentence["citations"]]
            names = self._names(cited, str(question.get("drug") or ""))
            if cited and not carriers(sentence["text"], pieces(cited), names):
                yield f"sentence {number}: its quotes do not say it"
        yield from _whole_failures(answer)

    def _passage(self, citation: Citing, given: Mapping[tuple[str, str], Passage]) -> Passage | None:
        key = (citation["set_id"], citation["section"])
        if key in given:
            return given[key]
        try:
            stored = self._store.passages(key[0], version=citation["version"])
        except LabelError:
            return None
        return next((passage for passage in stored if passage.section == key[1]), None)

    def _names(self, cited: Sequence[tuple[Citing, Passage | None]], drug: str) -> set[str]:
        names = {drug.lower()} if drug else set()
        for set_id, version in {(entry["set_id"], entry["version"]) for entry, passage in cited if passage}:
            try:
                names |= drug_names(self._store.get(set_id, version))
            except LabelError:
                continue  # it came with the question, and no store knows its drug
        return names


def pieces(cited: Sequence[tuple[Citing, Passage | None]]) -> list[str]:
    """Return what citations may say together: quotes of a section that follow each other, as header and entry do."""
    by_section: dict[tuple[str, str], list[tuple[Citing, Passage | None]]] = {}
    for entry, passage in sorted(cited, key=lambda pair: int(pair[0]["start"])):
        by_section.setdefault((entry["set_id"], entry["section"]), []).append((entry, passage))
    return [
        titled(
            found[0][1].title if found[0][1] else "", " ".join(_flat(entry["quote"]) for entry, _ in found[first:last])
        )
        for found in by_section.values()
        for first in range(len(found))
        for last in range(first + 1, len(found) + 1)
    ]


def _flat(text: str) -> str:
    return " ".join(text.split())


def _citation_failure(citation: Citing, passage: Passage | None) -> str:
    place = f"{citation['set_id']} v{citation['version']} {citation['section']}"
    if passage is None:
        return f"{place}: no such section"
    if passage.version != citation["version"]:
        return f"{place}: the passage has version {passage.version}"
    if passage.sha256 != citation["sha256"]:
        return f"{place}: the section has changed (SHA-256 differs)"
    if passage.text[citation["start"] : citation["end"]] != citation["quote"]:
        return f"{place}: the quote does not stand at its place"
    return ""


def _whole_failures(answer: Mapping[str, Any]) -> Iterator[str]:
    sentences: Collection[Mapping[str, Any]] = answer.get("sentences", [])
    if "\n".join(sentence["text"] for sentence in sentences) != answer.get("answer"):
        yield "the answer is not the sum of its sentences"
    if not answer.get("abstained") and not answer.get("citations"):
        yield "states something without a citation"
