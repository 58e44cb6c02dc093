"""Whether the sentences of an answer follow each other as the program puts them for this question, and mean its fields.

An emergency's advice, the lead that says "may not answer", the names and how grave a pair is are all found anew from
the question and the labels, so that none of them can be put in, left out or reworded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drug_llm.answering.asked_ingredients import is_named
from drug_llm.answering.assistant import no_label_for, which_is_meant
from drug_llm.answering.contacts import countries
from drug_llm.answering.follow_up import Context, Meant, understand_in
from drug_llm.answering.several_asked import has_unread_partner
from drug_llm.answering.triage import Triage, triage
from drug_llm.answering.verification_block import NOT_IN_LABEL, block
from drug_llm.answering.verification_pairs import SeveralCheck
from drug_llm.answering.verification_sources import Said, Sources
from drug_llm.answering.verification_texts import OwnText, own_text
from drug_llm.labels.choice import label_name
from drug_llm.labels.label import Label

_ABOUT_SEVERAL = frozenset(["pair", "label", "silence", "doubled", "drug", "shared"])


@dataclass(frozen=True)
class _Reading:
    """An answer line with what its question says."""

    answer: Mapping[str, Any]
    question: Mapping[str, Any] | None
    """Its line of the batch, where that is at hand."""
    meant: Meant
    """The question, with the `drug` that came with it."""
    not_held: str = ""
    """What is said where the store lacks the product that is asked for."""

    @property
    def is_given(self) -> bool:
        """Whether it is known that passages came with the question."""
        return bool(self.question) and (self.question or {}).get("passages") is not None


class StoryCheck:
    """Checks what stands around the quotes."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._country = "US"

    def failures(
        self, answer: Mapping[str, Any], said: Sequence[Said], question: Mapping[str, Any] | None
    ) -> Iterator[str]:
        """Yield what in the sentences, or in the fields that sum them up, does not fit the question and its labels."""
        if not said or not said[0].text:
            yield "says nothing"
            return
        first = triage(answer["question"], country=self._country)
        is_urgent = first is not None and first.is_urgent
        if answer["urgent"] != is_urgent:
            yield f"urgent is {str(answer['urgent']).lower()}; for this question expected {str(is_urgent).lower()}"
        body = said
        if first is not None:
            if said[0].cited or not self._is_advice(first, said[0].text, answer["question"]):
                yield "sentence 0: is not the advice that this question calls for"
                return
            body = said[1:]
            if not (is_urgent and first.also_answer):
                yield from self._alone(answer, "urgent" if is_urgent else "out_of_scope", body)
                return
            if not body:
                yield "the advice is not followed by what the label says"
                return
        yield from self._body(self._read(answer, question), body)

    def _read(self, answer: Mapping[str, Any], question: Mapping[str, Any] | None) -> _Reading:
        drug = str((question or {}).get("drug") or "")
        meant = understand_in(Context.of(drug), answer["question"], self._sources.names)
        return _Reading(answer, question, meant, self._sources.not_held(meant.question, meant.found))

    def _is_advice(self, first: Triage, text: str, question: str) -> bool:
        """Return whether a text is the advice of some country; one file is mostly for one, so that is asked first."""
        if text == first.advice:
            return True
        for country in (*countries(), ""):
            other = triage(question, country=country)
            if other is not None and other.advice == text:
                self._country = country
                return True
        return False

    def _body(self, reading: _Reading, body: Sequence[Said]) -> Iterator[str]:
        texts = [None if one.cited else own_text(one.text) for one in body]
        if _is_about_lacking(reading, body):
            if body[0].cited or body[0].text != reading.not_held:
                yield "the store lacks the product that is asked for, and that is not what is said"
            else:
                yield from self._alone(reading.answer, "no_drug_found", body[1:])
            return
        if not body[0].cited and (reason := _unnamed(reading, body[0].text)):
            yield from self._alone(reading.answer, reason, body[1:])
            return
        for one, own in zip(body, texts, strict=True):
            if not one.cited and own is None:
                yield f"sentence {one.number}: cites nothing and is no text of the program's own"
                return
        yield from self._drug_failures(reading)
        if any(own is not None and own.kind in _ABOUT_SEVERAL for own in texts):
            check = SeveralCheck(self._sources, reading.answer, reading.meant, body)
            yield from check.failures()
            expected = check.reason
            if not check.has_parts:
                yield from _is_sure(reading.answer, 1.0 if expected is None else 0.0)
        else:
            problem, expected = block(body[:-1] if _is_unread(texts[-1]) else body)
            if problem:
                yield problem
            yield from _unread_failures(reading, texts[-1], expected)
            yield from _cites_its_drug(reading, body)
        if reading.answer["reason"] != expected:
            yield f"the reason is {reading.answer['reason'] or 'null'}; of these sentences it is {expected or 'null'}"

    def _alone(self, answer: Mapping[str, Any], reason: str, rest: Sequence[Said]) -> Iterator[str]:
        """Yield what is wrong with an answer that is one text of the program and nothing else."""
        if rest:
            yield f"sentence {rest[0].number}: nothing follows such a text"
        if answer["reason"] != reason:
            yield f"the reason is {answer['reason'] or 'null'}; of this text it is {reason}"
        if answer["drugs"]:
            yield "names drugs, yet says nothing of any"
        if answer["model"] != "quote":
            yield f"the model is {answer['model']!r}; expected 'quote' for a text of the program"
        yield from _is_sure(answer, 0.0)

    def _drug_failures(self, reading: _Reading) -> Iterator[str]:
        """Yield where the drugs are not those of the store, of the question and of the citations."""
        answer = reading.answer
        ids = [drug["set_id"] for drug in answer["drugs"]]
        if len(set(ids)) < len(ids):
            yield "names one drug twice"
        # What the question points back to was named before it, and no file tells where.
        named = reading.meant.found.drugs
        is_known = bool(named) and (reading.question is not None or not reading.meant.found.refers_back)
        for number, drug in enumerate(answer["drugs"]):
            label = self._label(answer, drug["set_id"])
            if label is None:
                yield f"drug {number}: {drug['set_id']}: no such label"
            elif label_name(label) != drug["name"]:
                yield f"drug {number}: the label is called {label_name(label)}, not {drug['name']}"
            elif is_known and not is_named(label, named):
                yield f"drug {number}: the question does not name {drug['name']}"

    def _label(self, answer: Mapping[str, Any], set_id: str) -> Label | None:
        versions = [entry["version"] for entry in answer["citations"] if entry["set_id"] == set_id]
        return self._sources.label(set_id, versions[0] if versions else None)


def _unnamed(reading: _Reading, text: str) -> str:
    """Return the reason of an answer that asks for another name; empty where a text is none that this question gets."""
    meant = reading.meant
    unclear = (*meant.unclear, *meant.found.unclear)
    if text == meant.ask or any(text == which_is_meant([entry]) for entry in unclear):
        return "ambiguous_drug"
    is_unknown = not meant.found.drugs or (meant.chosen and meant.found.unknown and len(meant.names) > 1)
    return "no_drug_found" if is_unknown and text == no_label_for(meant.found.unknown) else ""


def _is_about_lacking(reading: _Reading, body: Sequence[Said]) -> bool:
    """Return whether a question asks for a product that the store lacks, and no passages came with it."""
    if not reading.not_held or reading.meant.ask or reading.meant.unclear:
        return False
    if reading.is_given or any(one.is_given for said in body for one in said.cited):
        return False
    # Without its question nobody knows whether an answer about no drug was sought in passages of its own.
    is_unknown = reading.question is None and not reading.answer["drugs"]
    return not is_unknown or body[0].text == reading.not_held


def _is_sure(answer: Mapping[str, Any], expected: float) -> Iterator[str]:
    if answer["confidence"] != expected:
        yield f"the confidence is {answer['confidence']}; expected {expected} for such an answer"


def _is_unread(own: OwnText | None) -> bool:
    return own is not None and own.kind == "unread"


def _unread_failures(reading: _Reading, last: OwnText | None, reason: str | None) -> Iterator[str]:
    """Yield where a note that something in the question was not recognised is put in, left out, or of another name."""
    meant, drugs = reading.meant, reading.answer["drugs"]
    is_due = reason == NOT_IN_LABEL and bool(drugs) and has_unread_partner(meant.question, meant.found)
    if is_due != _is_unread(last):
        yield f"says {'nothing' if is_due else 'something'} of what was not recognised in the question"
    elif is_due and last is not None:
        typed = [drug.typed.removesuffix("'s").removesuffix("\u2019s") for drug in meant.found.drugs]
        called = [drugs[0]["name"], *(f"{name} ({drugs[0]['name']})" for name in typed)]
        if last.values["name"] not in called:
            yield f"nothing is said of {last.values['name']}"


def _cites_its_drug(reading: _Reading, body: Sequence[Said]) -> Iterator[str]:
    """Yield where an answer about one drug is not from the label of that drug."""
    cited = [one for said in body for one in said.cited]
    if any(one.passage is None for one in cited):
        return  # told already, and passages may have come with a question that is not at hand
    if reading.is_given or any(one.is_given for one in cited):
        if reading.answer["drugs"]:
            yield "names drugs of the store, yet answers from passages that came with the question"
        return
    # Without its question nobody knows whether an answer that cites nothing was sought in passages of its own.
    is_unknown = not cited and not reading.answer["drugs"] and reading.question is None
    if len(reading.answer["drugs"]) != 1 and not is_unknown:
        yield f"names {len(reading.answer['drugs'])} drugs; expected the one that it is about"
    for one in cited:
        if one.entry["set_id"] not in [drug["set_id"] for drug in reading.answer["drugs"]]:
            yield f"cites {one.entry['set_id']}, which is no label of its drugs"
            return
