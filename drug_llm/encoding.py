"""From an example to token ids and targets, decided together in one function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from drug_llm.errors import DatasetError
from drug_llm.instructions.jsonl import Problem, read_examples
from drug_llm.prompts import PromptFormat

IGNORED = -100
"""Target id at a position that adds nothing to the loss (PyTorch's `ignore_index`)."""


@dataclass(frozen=True)
class EncodedExample:
    """Token ids of one example and what is to be predicted, both of length T."""

    input_ids: Sequence[int]
    target_ids: Sequence[int]
    """Same as `input_ids` where the loss is taken, IGNORED elsewhere; not shifted."""


class Encoder(Protocol):
    """A tokenizer, as far as encoding needs one."""

    @property
    def eos_id(self) -> int:
        """Id of the end-of-text token."""

    @property
    def ends(self) -> frozenset[int]:
        """Ids behind which no answer goes on."""

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text."""

    def encode_prompt(self, text: str) -> list[int]:
        """Return the ids of a text that opens a row."""

    def decode(self, ids: list[int]) -> str:
        """Return the text of the ids."""


@dataclass(frozen=True)
class Encoding:
    """How examples become token ids."""

    encoder: Encoder
    prompt_format: PromptFormat
    max_tokens: int
    """Longest example, prompt and answer together, in tokens."""
    train_on_prompt: bool = False
    """Whether the prompt is among the targets."""


def encode_example(prompt: str, answer: str, encoding: Encoding) -> EncodedExample:
    """Return ids and targets of length T <= max_tokens.

    Targets are IGNORED over the prompt unless it is trained on, so the loss is taken on the answer
    and its end-of-text token only. An answer is never cut: a model that learns from cut answers stops early.

    Raises DatasetError when prompt, answer and end-of-text do not fit.
    """
    prompt_ids = encoding.encoder.encode_prompt(prompt)
    answer_ids = [*encoding.encoder.encode(answer), encoding.encoder.eos_id]
    total = len(prompt_ids) + len(answer_ids)
    if total > encoding.max_tokens:
        raise DatasetError(
            f"prompt and answer take {total} tokens ({len(prompt_ids)} + {len(answer_ids)}); expected at most "
            f"{encoding.max_tokens}. Shorten the example or raise `max_tokens`."
        )
    prompt_targets = list(prompt_ids) if encoding.train_on_prompt else [IGNORED] * len(prompt_ids)
    return EncodedExample([*prompt_ids, *answer_ids], [*prompt_targets, *answer_ids])


def encode_lines(path: Path, encoding: Encoding) -> tuple[list[EncodedExample], list[Problem]]:
    """Return the encoded examples of an instruction file and every problem in it, in the order of the lines."""
    examples, problems = read_examples(path)
    encoded = []
    for example in examples:
        try:
            encoded.append(encode_example(*encoding.prompt_format.example(example), encoding))
        except DatasetError as error:
            problems.append(Problem(path, example.line, str(error)))
    return encoded, sorted(problems, key=lambda problem: problem.line)
