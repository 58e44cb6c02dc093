"""Re-check of answers, offline and without any model: every quote still stands where it is said to stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drug_llm.errors import LabelError
from drug_llm.labels.label import text_digest
from drug_llm.labels.store import LabelStore


def failures(answer: Mapping[str, Any], store: LabelStore) -> Iterator[str]:
    """Yield what is wrong with an answer line: a citation that fails, or a sentence that nothing supports."""
    citations = answer.get("citations", [])
    for number, citation in enumerate(citations):
        if problem := _citation_failure(citation, store):
            yield f"citation {number}: {problem}"
    for number, sentence in enumerate(answer.get("sentences", [])):
        quotes = [citations[index]["quote"] for index in sentence["citations"] if 0 <= index < len(citations)]
        if len(quotes) < len(sentence["citations"]):
            yield f"sentence {number}: cites what is not there"
        elif quotes and sentence["text"] not in " ".join(quotes):
            yield f"sentence {number}: differs from its quote"
    told = "\n".join(sentence["text"] for sentence in answer.get("sentences", []))
    if told != answer.get("answer"):
        yield "the answer is not the sum of its sentences"
    if not answer.get("abstained") and not citations:
        yield "states something without a citation"


def _citation_failure(citation: Mapping[str, Any], store: LabelStore) -> str:
    try:
        text = store.section_text(citation["set_id"], citation["section"], version=citation["version"])
    except LabelError as error:
        return str(error)
    if text_digest(text) != citation["sha256"]:
        return f"{citation['set_id']} {citation['section']}: the stored section has changed (SHA-256 differs)"
    if text[citation["start"] : citation["end"]] != citation["quote"]:
        return f"{citation['set_id']} {citation['section']}: the quote does not stand at its place"
    return ""
