"""What the tuned model judges: whether a piece of a label answers a question. Examples of it, and how it is asked.

A small model words answers badly but can tell a sentence that answers from one that only speaks of the same things:
that is one token to write instead of sixty. Nogueira et al., "Document ranking with a pretrained sequence-to-sequence
model" (2020), rank passages by the probability of one such word.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from drug_llm.answering.label_index import name_of_title, question_stems, stems, title_of
from drug_llm.answering.units import Unit
from drug_llm.answering.units import units as units_of
from drug_llm.instructions.example import Example
from drug_llm.labels.label import Passage
from drug_llm.prompts import SILENCE

YES, NO = "Yes", "No"
KIND = "judging"
LONGEST_JUDGED = 480
"""Characters of a piece that are shown."""
NEGATIVES = 4
"""Most pieces that do not answer taken from an example that is answered."""
ABSENT_NEGATIVES = 5
"""The same where nothing answers."""
_NOT_SAID = (SILENCE, "The passages are not", "There is no label", "This is not a question")


def judged(question: str, title: str, text: str) -> str:
    """Return the input by which a model is asked whether a text below a title answers a question."""
    shown = text if len(text) <= LONGEST_JUDGED else text[:LONGEST_JUDGED].rsplit(" ", 1)[0] + " ..."
    return f"{question.strip()}\n{title.strip()}: {shown}\nDoes this text answer the question?"


class Model(Protocol):
    """A tuned model that was trained on judging examples."""

    @property
    def name(self) -> str:
        """Name of the model."""

    def judge(self, inputs: Sequence[str], yes: str, no: str) -> list[float]:
        """Return the log-odds of one first word over another for each input."""


@dataclass(frozen=True)
class TunedJudge:
    """A tuned model as a judge of pieces of labels."""

    model: Model

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.model.name

    def judge(self, question: str, units: Sequence[Unit]) -> list[float]:
        """Return the log-odds that each unit answers the question."""
        inputs = [judged(question, title_of(unit.passage), unit.text) for unit in units]
        return self.model.judge(inputs, YES, NO) if inputs else []


def judging_examples(example: Example) -> Iterator[Example]:
    """Yield what a reading example teaches about its pieces: those that its answer rests on, and others beside them."""
    pieces = [unit for passage in _passages(example) for unit in units_of(passage) if unit.kind != "list"]
    if not pieces:
        return
    if example.output.startswith(_NOT_SAID):
        gold: set[int] = set()
        doubtful: set[int] = set()
    else:
        gold, doubtful = _rests_on(example, pieces)
        if not gold:
            return
    closest = _closest(example.input, pieces)
    others = [n for n in closest if n not in gold and n not in doubtful]
    kept = others[: NEGATIVES if gold else ABSENT_NEGATIVES]
    for n in sorted({*gold, *kept}):
        unit = pieces[n]
        yield replace(
            example,
            input=judged(example.input, title_of(unit.passage), unit.text),
            output=YES if n in gold else NO,
            passages=(),
            id=f"{example.id}/{n}" if example.id else "",
            kind=KIND,
        )


def _passages(example: Example) -> list[Passage]:
    return [
        Passage(entry.set_id or "given", 1, f"p{n}", name_of_title(entry.section), entry.section, entry.text)
        for n, entry in enumerate(example.passages)
    ]


def _rests_on(example: Example, pieces: Sequence[Unit]) -> tuple[set[int], set[int]]:
    """Return the pieces that an answer rests on, and those that say a part of it too: these teach nothing.

    Greedily the pieces that bring most of the answer's words that the question lacks.
    """
    words = [set(stems(piece.text)) for piece in pieces]
    wanted = set(stems(example.output)) & set().union(*words)
    new = wanted - set(question_stems(example.input))
    left, gold = set(new), set()
    for _ in range(3):
        gains = [len(left & own) + 0.25 * len(wanted & own) - 0.02 * len(own) for own in words]
        best = max(range(len(pieces)), key=gains.__getitem__)
        if len(left & words[best]) < max(2, 0.25 * len(new)):
            break
        gold.add(best)
        left -= words[best]
    doubtful = {n for n, own in enumerate(words) if len(new & own) >= max(2, math.ceil(0.5 * len(new)))}
    return gold, doubtful - gold


def _closest(question: str, pieces: Sequence[Unit]) -> list[int]:
    """Return the pieces in the order of how many of the question's words they hold: the hard ones first."""
    asked = set(question_stems(question))
    held = [len(asked & set(stems(f"{piece.passage.title} {piece.text}"))) for piece in pieces]
    return sorted(range(len(pieces)), key=lambda n: -held[n])
