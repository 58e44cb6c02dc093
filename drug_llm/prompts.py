"""The only place where text is laid out for a model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from drug_llm.errors import ModelError
from drug_llm.instructions.example import EvidencePassage, Example
from drug_llm.storage import write_json

FILE_NAME = "prompt_format.json"
SILENCE = "The passages do not say"
"""How an answer begins when the passages hold none; training examples and the assistant agree on it."""


@dataclass(frozen=True)
class PromptFormat:
    """How a question, its passages and its answer become text; saved with the weights."""

    passage: str = "[{number}] {section}: {text}\n"
    """One evidence passage; its number is counted from 1."""
    turn: str = "Question: {input}\nAnswer: {output}\n\n"
    """An earlier question of a conversation with its answer."""
    question: str = "Question: {input}\nAnswer:"
    """The question to be answered."""
    answer: str = " {output}"
    """The answer; the end-of-text token follows it."""

    def prompt(
        self, question: str, passages: Sequence[EvidencePassage] = (), turns: Sequence[tuple[str, str]] = ()
    ) -> str:
        """Return the text that the model continues: passages, earlier turns, then the question."""
        evidence = "".join(
            self.passage.format(number=n, section=passage.section, text=passage.text)
            for n, passage in enumerate(passages, start=1)
        )
        earlier = "".join(self.turn.format(input=asked, output=answered) for asked, answered in turns)
        return evidence + earlier + self.question.format(input=question.strip())

    def example(self, example: Example) -> tuple[str, str]:
        """Return an example as `(prompt, answer)`."""
        return self.prompt(example.input, example.passages), self.answer.format(output=example.output.strip())

    def save(self, folder: Path) -> None:
        """Write the format beside the weights."""
        write_json(folder / FILE_NAME, asdict(self))

    @classmethod
    def load(cls, folder: Path) -> PromptFormat:
        """Return the format saved beside the weights. Raises ModelError when it is missing or wrong."""
        path = folder / FILE_NAME
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{field.name: str(content[field.name]) for field in fields(cls)})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{path}: no usable prompt format ({error!r}). Train again with `drug-llm train`."
            ) from error
