"""Re-check of answers, offline and without any model: nothing in an answer file is taken on trust.

Every quote stands at its place and is a whole piece of its label; every sentence is a quote, is carried by its quotes,
or is a text of the program that this question and these labels call for. See docs/answering.md for what is left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from drug_llm.answering.answer_digest import FIELD, answer_digest
from drug_llm.answering.passages import given_passages
from drug_llm.answering.support import carriers, titled
from drug_llm.answering.units import lead_of
from drug_llm.answering.verification_shape import shape_problems
from drug_llm.answering.verification_sources import Cited, Said, Sources
from drug_llm.answering.verification_story import StoryCheck
from drug_llm.labels.choice import drug_names
from drug_llm.labels.label import Passage
from drug_llm.labels.store import LabelStore

WORDED = "worded"
"""Mode in which a model may put a label's text into words of its own."""
QUOTING = frozenset(["quote", "grounded"])


def _below_title(passage: Passage | None, quoted: str) -> str:
    """Return a quote as it is shown where the title of its section begins what it says ("Do not use: ...")."""
    lead = lead_of(passage, quoted) if passage else ""
    return f"{lead}: {quoted}" if lead else quoted


class Checker:
    """Checks answer lines against a store, and against the questions where these are at hand."""

    def __init__(self, store: LabelStore) -> None:
        self._sources = Sources(store)
        self._story = StoryCheck(self._sources)

    def failures(self, answer: Mapping[str, Any], question: Mapping[str, Any] | None = None) -> Iterator[str]:
        """Yield what is wrong with an answer line; nothing else is looked at where its form is wrong.

        `question` is its line in the batch; it is needed where that came with `passages` or a `drug`.
        """
        problems = [*shape_problems(answer)]
        if problems:
            yield from problems
            return
        given = {(p.set_id, p.section): p for p in given_passages((question or {}).get("passages") or ())}
        cited = [self._sources.cited(entry, given) for entry in answer["citations"]]
        yield from _whole_failures(answer)
        for number, one in enumerate(cited):
            if problem := self._citation_failure(one):
                yield f"citation {number}: {problem}"
        said: list[Said] = []
        for number, sentence in enumerate(answer["sentences"]):
            indices = sentence["citations"]
            if not all(0 <= index < len(cited) for index in indices) or len(set(indices)) < len(indices):
                yield f"sentence {number}: cites what is not there, or one thing twice"
                return
            said.append(Said(number, sentence["text"], tuple(cited[index] for index in indices)))
            if problem := self._sentence_failure(said[-1], answer, str((question or {}).get("drug") or "")):
                yield f"sentence {number}: {problem}"
        yield from self._story.failures(answer, said, question)

    def _citation_failure(self, cited: Cited) -> str:
        entry, passage = cited.entry, cited.passage
        place = f"{entry['set_id']} v{entry['version']} {entry['section']}"
        if passage is None:
            return f"{place}: no such section"
        if passage.version != entry["version"]:
            return f"{place}: the passage has version {passage.version}"
        if passage.sha256 != entry["sha256"]:
            return f"{place}: the section has changed (SHA-256 differs)"
        start, end = cited.span
        if not 0 <= start < end or passage.text[start:end] != entry["quote"]:
            return f"{place}: the quote does not stand at its place"
        label = None if cited.is_given else self._sources.label(passage.set_id, passage.version)
        date = label.effective_date if label else ""
        if entry.get("date", date) != date:
            return f"{place}: the label is of {date or 'no date'}, not of {entry['date']}"
        return ""

    def _sentence_failure(self, said: Said, answer: Mapping[str, Any], drug: str) -> str:
        """Return why the quotes of a sentence do not carry it; one without quotes is the story's affair."""
        if not said.cited or any(one.passage is None for one in said.cited):
            return ""
        if not self._are_whole(said.cited):
            return "its quotes are no whole pieces of the label"
        quoted = " ".join(one.quote for one in said.cited)
        if said.text in (quoted, _below_title(said.cited[0].passage, quoted)):
            return ""
        if answer["model"] == "quote" or answer.get("mode") in QUOTING:
            return "its quotes do not say it"
        # Old files do not tell in which mode they were made; a change of case alone is never a model's wording.
        if answer.get("mode") != WORDED and said.text[1:].casefold() == quoted[1:].casefold():
            return "it is not written as its quotes are"
        is_carried = carriers(said.text, pieces(said.cited), self._names(said.cited, drug))
        return "" if is_carried else "its quotes do not say it"

    def _are_whole(self, cited: Sequence[Cited]) -> bool:
        """Return whether each quote belongs to a piece of its section that is cited from its header to its end."""
        for passage in {one.passage for one in cited if one.passage}:
            own = {one.span for one in cited if one.passage == passage}
            whole = {span for spans in self._sources.pieces(passage) if own.issuperset(spans) for span in spans}
            if not own <= whole:
                return False
        return True

    def _names(self, cited: Collection[Cited], drug: str) -> set[str]:
        labels = [self._sources.label(one.entry["set_id"], one.entry["version"]) for one in cited if not one.is_given]
        return {drug.lower()} - {""} | {name for label in labels if label for name in drug_names(label)}


def pieces(cited: Sequence[Cited]) -> list[str]:
    """Return what citations may say together: quotes of a section that follow each other, as header and entry do."""
    by_section: dict[tuple[str, str], list[Cited]] = {}
    for one in sorted(cited, key=lambda one: one.span):
        by_section.setdefault((one.entry["set_id"], one.entry["section"]), []).append(one)
    return [
        titled(found[0].passage.title if found[0].passage else "", " ".join(one.quote for one in found[first:last]))
        for found in by_section.values()
        for first in range(len(found))
        for last in range(first + 1, len(found) + 1)
    ]


def _whole_failures(answer: Mapping[str, Any]) -> Iterator[str]:
    if FIELD in answer and answer[FIELD] != answer_digest(answer):
        yield "something in the line was changed (its digest differs)"
    if "\n".join(sentence["text"] for sentence in answer["sentences"]) != answer["answer"]:
        yield "the answer is not the sum of its sentences"
    used = {index for sentence in answer["sentences"] for index in sentence["citations"]}
    for number in range(len(answer["citations"])):
        if number not in used:
            yield f"citation {number}: no sentence cites it"
    if answer["abstained"] != (answer["reason"] is not None):
        yield f"abstained is {str(answer['abstained']).lower()}, yet the reason is {answer['reason'] or 'null'}"
    if not answer["abstained"] and not answer["citations"]:
        yield "states something without a citation"
