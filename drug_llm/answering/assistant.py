"""Questions in, quoted and cited label text out; or an abstention with its reason."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from drug_llm.answering.answer import Answer, AnswerSentence
from drug_llm.answering.drug_names import DrugNames, Unclear
from drug_llm.answering.evidence import (
    Evidence,
    everyday_words,
    find_evidence,
    mentions,
    stem,
    subject_words,
    words_of,
)
from drug_llm.answering.intent import Intent, intents
from drug_llm.answering.triage import triage
from drug_llm.errors import StorageError
from drug_llm.labels.choice import drug_names, without_salt
from drug_llm.labels.label import Label, Passage, text_digest
from drug_llm.labels.store import LabelStore

_GRAVEST_FIRST = ("contraindications", "boxed_warning", "drug_interactions", "warnings_and_precautions")
# What is asked about these is a word ("cough", "grapefruit"); without it in the label there is no answer.
_ABOUT_A_WORD = ("common_side_effects", "serious_side_effects", "interactions", "contraindications")
_UNSAFE_SILENCE = "That does not mean that they are safe together; ask a pharmacist."


@dataclass(frozen=True)
class _Drug:
    """A drug of the question with the label that answers for it."""

    name: str
    label: Label
    names: tuple[str, ...]
    passages: tuple[Passage, ...]

    def to_json(self) -> dict[str, str]:
        return {"name": self.name, "set_id": self.label.set_id}


class Assistant:
    """Answers questions from a label store, in the labels' own sentences."""

    def __init__(self, store: LabelStore) -> None:
        self._store = store
        self._names = DrugNames(store.names(), everyday_words())

    def answer(self, question: str, *, drug: str = "", id: str = "") -> Answer:  # noqa: A002 - the field's name in files
        """Return the answer to a question; the same question and store give the same answer.

        `drug` is what the question is about where it names none itself, as in a conversation.
        """
        started = time.perf_counter()
        answer = self._answer(question, drug)
        elapsed = round(1000 * (time.perf_counter() - started))
        return replace(answer, id=id, store=self._store.path.name, elapsed_ms=elapsed)

    def _answer(self, question: str, drug: str) -> Answer:
        if first := triage(question):
            return _abstain(question, "urgent" if first.is_urgent else "out_of_scope", first.advice)
        found, unclear = self._names.find(question)
        if not found and not unclear and drug:
            found, unclear = self._names.find(drug)
        drugs = _distinct([known for named in found if (known := self._drug(named.name, named.typed))])
        if unclear and not drugs:
            return _abstain(question, "ambiguous_drug", _which(unclear))
        if not drugs:
            return _abstain(
                question,
                "no_drug_found",
                "No medicine that this store has a label for is named in the question. Ask about one by its generic or "
                "brand name.",
            )
        if len(drugs) > 1:
            return _two_drugs(question, drugs[0], drugs[1])
        return _one_drug(question, drugs[0])

    def _drug(self, name: str, typed: str) -> _Drug | None:
        summaries = self._store.by_name(name, limit=1)
        if not summaries:
            return None
        label = self._store.get(summaries[0].set_id, summaries[0].version)
        title = " and ".join(without_salt(generic) for generic in label.generic_names) or name
        return _Drug(title, label, tuple(sorted(drug_names(label) | {name, typed})), tuple(label.passages()))


def _one_drug(question: str, drug: _Drug) -> Answer:
    wanted = subject_words(question, drug.names)
    parts = intents(question)
    if not parts:
        return _anywhere(question, drug, wanted)
    found: list[Evidence] = []
    silent: list[str] = []
    for part in parts:
        evidence = find_evidence(drug.passages, part, wanted)
        if not evidence and part.subject not in _ABOUT_A_WORD:
            evidence = find_evidence(drug.passages, part, set())
        if not evidence:
            silent.append(part.subject.replace("_", " "))
        found += [e for e in evidence if e not in found]
    if parts[0].subject == "uses" and wanted and not _touches(found, wanted):
        note = f"The uses on the label of {drug.name} in this store do not mention what was asked about."
        return _quoted(question, found, [drug], reason="not_in_label", note=note)
    if silent:
        note = f"The label of {drug.name} in this store does not say this ({', '.join(silent)})."
        return _quoted(question, found, [drug], reason=None if found else "not_in_label", note=note)
    return _quoted(question, found, [drug])


def _anywhere(question: str, drug: _Drug, wanted: set[str]) -> Answer:
    """Answer a question of no known kind from whatever section holds its words; with no words, by the uses."""
    names = ("indications_and_usage", "purpose") if not wanted else tuple(dict.fromkeys(p.name for p in drug.passages))
    found = find_evidence(drug.passages, Intent("uses", names), wanted)
    if found:
        return _quoted(question, found, [drug])
    note = f"The label of {drug.name} in this store does not say this."
    return _quoted(question, [], [drug], reason="not_in_label", note=note)


def _touches(found: Sequence[Evidence], wanted: set[str]) -> bool:
    return any(wanted & {stem(word) for word in words_of(evidence.text)} for evidence in found)


def _two_drugs(question: str, one: _Drug, two: _Drug) -> Answer:
    found = [*mentions(one.passages, two.names, _GRAVEST_FIRST), *mentions(two.passages, one.names, _GRAVEST_FIRST)]
    if not found:
        text = f"The labels of {one.name} and {two.name} in this store do not mention each other. {_UNSAFE_SILENCE}"
        return replace(_abstain(question, "not_in_label", text), drugs=(one.to_json(), two.to_json()))
    return _quoted(question, found, [one, two])


def _quoted(
    question: str, found: Sequence[Evidence], drugs: Sequence[_Drug], *, reason: str | None = None, note: str = ""
) -> Answer:
    sentences = [AnswerSentence(evidence.text, (n,)) for n, evidence in enumerate(found)]
    if note:
        sentences.append(AnswerSentence(note))
    citations = tuple(evidence.citation() for evidence in found)
    return Answer(question, tuple(sentences), citations, tuple(drug.to_json() for drug in drugs), reason)


def _abstain(question: str, reason: str, text: str) -> Answer:
    return Answer(question, (AnswerSentence(text),), reason=reason)


def _which(unclear: Sequence[Unclear]) -> str:
    entry = unclear[0]
    return f"{entry.typed!r} may mean {' or '.join(entry.names)}. Ask again with the name that you mean."


def _distinct(drugs: Sequence[_Drug]) -> list[_Drug]:
    return list({drug.name: drug for drug in reversed(drugs)}.values())[::-1]


def open_store(path: Path | None, monographs: Path) -> LabelStore:
    """Return the store to answer from: the named one, else one made from the starter monographs.

    Raises StorageError or LabelError when it cannot be opened or made.
    """
    from drug_llm.labels.ingest import ingest
    from drug_llm.models.embedded import cache_folder
    from drug_llm.storage import file_sha256

    if path is not None:
        return LabelStore(path)
    if not monographs.is_dir():
        raise StorageError(f"{monographs}: no such folder; expected the starter monographs. Give --store FILE instead.")
    digests = "".join(file_sha256(file) for file in sorted(monographs.glob("*.yaml")))
    made = cache_folder() / "stores" / f"monographs-{text_digest(digests)[:12]}.sqlite"
    ingest(made, [monographs])
    return LabelStore(made)
