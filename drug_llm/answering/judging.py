"""What the tuned model judges: whether a piece of a label answers a question.

A small model words answers badly but can tell a sentence that answers from one that only speaks of the same things:
that is one token to write instead of sixty. Nogueira et al., "Document ranking with a pretrained sequence-to-sequence
model" (2020), rank passages by the probability of one such word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from drug_llm.answering.label_index import title_of
from drug_llm.answering.units import Unit

YES, NO = "Yes", "No"
KIND = "judging"
"""Kind of the training examples that teach it (`benchmarks/judging.py`)."""
LONGEST_JUDGED = 480
"""Characters of a piece that are shown."""


class Model(Protocol):
    """A tuned model that was trained on judging examples."""

    @property
    def name(self) -> str:
        """Name of the model."""

    def first_word_odds(self, inputs: Sequence[str], one: str, other: str) -> list[float]:
        """Return for each input the log-odds that the answer begins with one word rather than the other."""


def judged(question: str, title: str, text: str) -> str:
    """Return the input by which a model is asked whether a text below a title answers a question."""
    shown = text if len(text) <= LONGEST_JUDGED else text[:LONGEST_JUDGED].rsplit(" ", 1)[0] + " ..."
    return f"{question.strip()}\n{title.strip()}: {shown}\nDoes this text answer the question?"


@dataclass(frozen=True)
class TunedJudge:
    """A tuned model as a judge of pieces of labels, loaded when it is first asked: emergencies do not wait for it."""

    load: Callable[[], Model]

    @cached_property
    def model(self) -> Model:
        """The model."""
        return self.load()

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.model.name

    def judge(self, question: str, units: Sequence[Unit]) -> list[float]:
        """Return the log-odds that each unit answers the question or a part of it."""
        inputs = [judged(question, title_of(unit.passage), unit.text) for unit in units]
        return self.model.first_word_odds(inputs, YES, NO) if inputs else []
