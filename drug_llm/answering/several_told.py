"""An answer about several things as it grows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from drug_llm.answering.answer import Answer, AnswerSentence, Citation
from drug_llm.answering.interactions import Side
from drug_llm.answering.shelf import ShelvedLabel


@dataclass(frozen=True)
class Drug:
    """A drug of the question with its label."""

    typed: str
    label: ShelvedLabel
    side: Side
    is_brand: bool


@dataclass
class Told:
    """An answer as it grows, every citation and quote in it once."""

    sentences: list[AnswerSentence] = field(default_factory=list)
    cited: dict[Citation, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """What labels are called, by their set ids."""
    models: list[str] = field(default_factory=list)
    sure: list[float] = field(default_factory=list)
    """How sure what is answered is."""
    unsure: list[float] = field(default_factory=list)
    """The same of what is not answered."""

    def say(self, text: str, proofs: Iterable[Citation] = ()) -> None:
        """Add a sentence, with its citations where it is a label's."""
        numbers = dict.fromkeys(self.cited.setdefault(proof, len(self.cited)) for proof in proofs)
        self.sentences.append(AnswerSentence(text, tuple(numbers)))

    def has(self, proofs: Sequence[Citation]) -> bool:
        """Return whether what the citations show is shown already, all of it."""
        return bool(proofs) and all(any(_covers(shown, proof) for shown in self.cited) for proof in proofs)

    def add(self, answer: Answer) -> None:
        """Add the sentences of another answer that are not said yet."""
        for sentence in answer.sentences:
            proofs = [answer.citations[number] for number in sentence.citations]
            if not self.has(proofs):
                self.say(sentence.text, proofs)
        self.models.append(answer.model)
        (self.sure if answer.reason is None else self.unsure).append(answer.confidence)

    def answer(self, question: str, reason: str | None, drugs: Sequence[Drug]) -> Answer:
        """Return the whole as an answer about these drugs."""
        labels = {drug.label.label.set_id: drug.label for drug in drugs}
        dates = {set_id: shelved.label.effective_date for set_id, shelved in labels.items()}
        return Answer(
            question,
            tuple(self.sentences),
            tuple(replace(proof, date=dates.get(proof.set_id, proof.date)) for proof in self.cited),
            drugs=tuple(shelved.to_json() for shelved in labels.values()),
            reason=reason,
            model=next((model for model in self.models if model != "quote"), "quote"),
            confidence=min(self.sure, default=max(self.unsure, default=0.0)),
        )


def _covers(shown: Citation, proof: Citation) -> bool:
    is_same_section = (shown.set_id, shown.section) == (proof.set_id, proof.section)
    return is_same_section and shown.start <= proof.start and proof.end <= shown.end
