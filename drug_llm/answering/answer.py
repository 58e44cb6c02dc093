"""What an answer is: its text, and for every sentence the label text that says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from drug_llm.answering.answer_digest import FIELD as DIGEST
from drug_llm.answering.answer_digest import answer_digest

REASONS = ("no_drug_found", "ambiguous_drug", "not_in_label", "unsupported", "out_of_scope", "urgent")


@dataclass(frozen=True)
class Citation:
    """A verbatim span of a stored section: `section_text[start:end] == quote`."""

    set_id: str
    version: int
    section: str
    """Key of the section within its label."""
    quote: str
    start: int
    end: int
    sha256: str
    """Digest of the whole section text, by which an altered store or answer is noticed."""
    date: str = ""
    """Effective date of the version as YYYY-MM-DD, where the label gives one."""


@dataclass(frozen=True)
class AnswerSentence:
    """A sentence of the answer and the citations that support it, by their index."""

    text: str
    citations: tuple[int, ...] = ()


@dataclass(frozen=True)
class Answer:
    """The answer to one question."""

    question: str
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...] = ()
    drugs: tuple[Mapping[str, str], ...] = ()
    """Drugs that the question was understood to be about, `name` and `set_id`."""
    reason: str | None = None
    """Why nothing of what was asked is stated, one of REASONS; None for an answer."""
    model: str = "quote"
    """Model that worded the answer; `quote` when every sentence is the label's own."""
    mode: str = ""
    """How it was made: `quote`, `grounded` or `worded`."""
    store: str = ""
    """Label store that was read."""
    confidence: float = 0.0
    """Estimated probability that the answer states what was asked, 0 to 1; for an abstention that it would have."""
    is_urgent: bool = False
    """Whether the answer opens with what to do in an emergency."""
    id: str = ""
    """Identifier of the question in a batch."""
    elapsed_ms: int = 0

    @property
    def text(self) -> str:
        """The whole answer."""
        return "\n".join(sentence.text for sentence in self.sentences)

    @property
    def abstained(self) -> bool:
        """Whether the answer does not state what was asked, also when it says something useful."""
        return self.reason is not None

    def to_json(self) -> dict[str, Any]:
        """Return the answer as the line of a batch file."""
        line = {
            "id": self.id,
            "question": self.question,
            "answer": self.text,
            "abstained": self.abstained,
            "reason": self.reason,
            "urgent": self.is_urgent,
            "drugs": [dict(drug) for drug in self.drugs],
            "citations": [asdict(citation) for citation in self.citations],
            "sentences": [asdict(sentence) for sentence in self.sentences],
            "confidence": round(self.confidence, 3),
            "model": self.model,
            "mode": self.mode,
            "store": self.store,
            "elapsed_ms": self.elapsed_ms,
        }
        return line | {DIGEST: answer_digest(line)}
