"""Questions in; cited answers that the labels support out, or an abstention with its reason."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from drug_llm.answering.answer import Answer, AnswerSentence, Citation
from drug_llm.answering.asked_ingredients import asked_ingredients
from drug_llm.answering.asked_product import label_for, not_held
from drug_llm.answering.composing import Composed, quote, word
from drug_llm.answering.drug_names import DrugNames, FoundNames, NamedDrug, Unclear
from drug_llm.answering.evidence import Judge, citations, find_evidence
from drug_llm.answering.follow_up import Context, Meant, understand_in
from drug_llm.answering.label_index import LabelIndex
from drug_llm.answering.passages import given_passages
from drug_llm.answering.reader import Reader, Statement
from drug_llm.answering.several_drugs import answer_several, is_about_several
from drug_llm.answering.shelf import KeptEncoder, Shelf, ShelvedLabel
from drug_llm.answering.triage import Triage, triage
from drug_llm.errors import StorageError
from drug_llm.labels.label import text_digest
from drug_llm.labels.store import LabelStore

NO_DRUG = (
    "No medicine that this store has a label for is named in the question. Ask about one by its generic or brand name."
)

NOT_FOUND = "No answer to this was found in the label."
UNSURE = "The label may not answer this. Nearest to it, the label says:"
UNANSWERED = "No answer to part {number} of the question was found in the label."
NEAREST_ABOVE = "The label may not answer part {number} of the question. What stands above is the nearest to it."
UNSURE_PART = "The label may not answer part {number} of the question. Nearest to it, the label says:"


class Assistant:
    """Answers questions from a label store; safe to share between threads."""

    def __init__(
        self,
        store: LabelStore,
        *,
        encoder: KeptEncoder,
        vectors: Path,
        judge: Judge | None = None,
        reader: Reader | None = None,
        country: str = "US",
        sure: float | None = None,
    ) -> None:
        """Answer from `store`; `vectors` is a folder for the encoder's vectors.

        With a `judge`, a tuned model says which piece of a label answers; no `reader` means quotes only. `sure` is the
        confidence, 0 to 1, from which a text is given as the answer, not as the nearest to it; None is the fitted one.
        """
        self._store = store
        self._shelf = Shelf(encoder, vectors)
        self._judge = judge
        self._reader = reader
        self._country = country
        self._sure = sure
        self._names = DrugNames.of(store)

    def answer(
        self,
        question: str,
        *,
        drug: str | Sequence[str] | Context = "",
        passages: Sequence[Mapping[str, str]] | None = None,
        id: str = "",  # noqa: A002 - the field's name in files
    ) -> Answer:
        """Return the answer to a question; the same question, store and model give the same answer.

        `drug` is what the question is about where it names none itself, or what "it" or "both" in it mean: a name, or
        several, as in a conversation. With `passages`, each with `text` and perhaps `section` and `set_id`, they are
        the only evidence and no label is looked up.
        """
        started = time.perf_counter()
        context = Context.of(drug)
        first = triage(question, country=self._country)
        if first and not (first.is_urgent and first.also_answer):
            answer = _abstain(question, "urgent" if first.is_urgent else "out_of_scope", first.advice)
        elif passages is not None:
            answer = self._from_passages(question, context.names, passages)
        else:
            answer = replace(self._from_store(self.meant(question, context)), question=question)
        answer = _led_by(first, answer)
        elapsed = round(1000 * (time.perf_counter() - started))
        mode = "worded" if self._reader else "grounded" if self._judge else "quote"
        return replace(answer, id=id, mode=mode, store=self._store.path.name, elapsed_ms=elapsed)

    def meant(self, question: str, drug: str | Sequence[str] | Context = "") -> Meant:
        """Return what a question means where `drug` is under discussion, as `answer` reads it."""
        return understand_in(Context.of(drug), question, self._names)

    def products(self, answer: Answer) -> list[str]:
        """Return the products on whose labels an answer rests, a line each."""
        ids = dict.fromkeys(drug["set_id"] for drug in answer.drugs if drug["set_id"])
        return [self._store.get(set_id).product for set_id in ids]

    def _from_store(self, meant: Meant) -> Answer:
        question, found = meant.question, meant.found
        if meant.ask:
            return _abstain(question, "ambiguous_drug", meant.ask)
        if meant.unclear:
            return _abstain(question, "ambiguous_drug", which_is_meant(meant.unclear))
        labels = {named: label for named in found.drugs if (label := self._label(question, named, found.drugs))}
        if found.unclear and not labels:
            return _abstain(question, "ambiguous_drug", which_is_meant(found.unclear))
        if not labels:
            return _abstain(question, "no_drug_found", no_label_for(found.unknown))
        if lacking := not_held(question, found, self._store):
            return _abstain(question, "no_drug_found", lacking)
        if (several := self._several(question, found, labels)) is not None:
            return several
        if meant.chosen and found.unknown and len(meant.names) > 1:
            return _abstain(question, "no_drug_found", no_label_for(found.unknown))
        label = next(iter(labels.values()))
        typed = tuple(named.typed.lower() for named in found.drugs)
        answer = self._composed(question, label.index, (*label.names, *typed))
        return _dated(replace(answer, drugs=(label.to_json(),)), label)

    def _label(self, question: str, named: NamedDrug, every: Sequence[NamedDrug]) -> ShelvedLabel | None:
        label = label_for(question, named, self._store)
        if label is None:
            return None
        shelved = self._shelf.label(label)
        return replace(shelved, asked=asked_ingredients(shelved.label, every))

    def _composed(self, question: str, index: LabelIndex, names: Sequence[str], *, given: bool = False) -> Answer:
        evidence = find_evidence(question, index, names, self._shelf.encoder, self._judge)
        if self._reader:
            composed = word(question, evidence, index, self._reader, names, given=given, sure=self._sure)
            return _told(question, composed)
        composed = quote(evidence, given=given, sure=self._sure)
        return _told(question, replace(composed, model=self._judge.name) if self._judge else composed)

    def _from_passages(self, question: str, drugs: Sequence[str], passages: Sequence[Mapping[str, str]]) -> Answer:
        index = self._shelf.passages(given_passages(passages))
        return self._composed(question, index, tuple(drug.lower() for drug in drugs), given=True)

    def _several(self, question: str, found: FoundNames, labels: Mapping[NamedDrug, ShelvedLabel]) -> Answer | None:
        """Return the answer to a question about several things; None where it is about one drug."""

        def label_of(named: NamedDrug) -> ShelvedLabel | None:
            return labels.get(named) or self._label(question, named, (*found.drugs, named))

        def answer_one(asked: str, label: ShelvedLabel, typed: str) -> Answer:
            answer = self._composed(asked, label.index, (*label.names, typed.lower()))
            return _dated(replace(answer, question=question, drugs=(label.to_json(),)), label)

        if found.unclear and is_about_several(question, found):
            return _abstain(question, "ambiguous_drug", which_is_meant(found.unclear))
        return answer_several(question, found, label_of, answer_one)


def _told(question: str, composed: Composed) -> Answer:
    said = [*composed.statements]
    if said:
        # The question's own words are not repeated: they may be a claim.
        for part in composed.unanswered:
            nearest = [statement for statement in part.nearest if statement not in said]
            lead = UNSURE_PART if nearest else NEAREST_ABOVE if part.nearest else UNANSWERED
            said += [Statement(lead.format(number=part.number), ()), *nearest]
    else:
        nearest = list(dict.fromkeys(statement for part in composed.unanswered for statement in part.nearest))
        said = [Statement(UNSURE if nearest else NOT_FOUND, ()), *nearest]
    reason = None if composed.statements else "not_in_label"
    return replace(_said(question, said), reason=reason, confidence=composed.confidence, model=composed.model)


def _said(question: str, statements: Sequence[Statement]) -> Answer:
    cited: dict[Citation, int] = {}
    sentences = []
    for statement in statements:
        proofs = [proof for unit in statement.units for proof in citations(unit)]
        for proof in proofs:
            cited.setdefault(proof, len(cited))
        sentences.append(AnswerSentence(statement.text, tuple(dict.fromkeys(cited[proof] for proof in proofs))))
    return Answer(question, tuple(sentences), tuple(cited))


def _dated(answer: Answer, label: ShelvedLabel) -> Answer:
    dated = [
        replace(citation, date=label.label.effective_date) if citation.set_id == label.label.set_id else citation
        for citation in answer.citations
    ]
    return replace(answer, citations=tuple(dated))


def _led_by(first: Triage | None, answer: Answer) -> Answer:
    """Return an answer behind what to do now, where somebody may be in danger."""
    if first is None or not first.is_urgent:
        return answer
    if answer.reason == "urgent":
        return replace(answer, is_urgent=True)
    return replace(answer, sentences=(AnswerSentence(first.advice), *answer.sentences), is_urgent=True)


def _abstain(question: str, reason: str, text: str) -> Answer:
    return Answer(question, (AnswerSentence(text),), reason=reason)


def which_is_meant(unclear: Sequence[Unclear]) -> str:
    """Return what is said of a name that may be one of several drugs."""
    entry = unclear[0]
    return f"{entry.typed!r} may mean {' or '.join(entry.names)}. Ask again with the name that you mean."


def no_label_for(unknown: Sequence[str]) -> str:
    """Return what is said where no drug is named, or one that the store has no label for."""
    if not unknown:
        return NO_DRUG
    return f"This store has no label for {' or '.join(unknown)}, so nothing can be said about it from here."


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
