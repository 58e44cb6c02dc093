"""`drug-llm verify`: what in an answer file does not stand in the labels, or does not answer its questions."""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from drug_llm.cli.ask import MONOGRAPHS, add_store_option, batch_questions

CHECK_FAILED = 1


def register(commands: Any) -> None:
    """Add the command."""
    description = "check every citation, sentence and field of an answer file against the label store, offline"
    parser = commands.add_parser("verify", help=description, description=description)
    parser.add_argument("answers", type=Path, metavar="FILE", help="JSONL written by `ask --batch`")
    parser.add_argument(
        "--questions",
        type=Path,
        metavar="FILE",
        help="the questions answered: each must have its answer; needed where they came with `passages` or a `drug`",
    )
    add_store_option(parser)
    parser.set_defaults(run=verify)


def verify(arguments: argparse.Namespace) -> int:
    """Print a line for each failure; exit code 1 when there is one, or no answer at all."""
    from drug_llm.answering.assistant import open_store
    from drug_llm.answering.verification import Checker

    asked = Asked(arguments.questions) if arguments.questions else None
    checked = failed = 0
    with open_store(arguments.store, MONOGRAPHS) as store:
        checker = Checker(store)
        for number, answer in read_lines(arguments.answers):
            checked += 1
            for failure in [answer] if isinstance(answer, str) else _failures(checker, answer, asked):
                failed += 1
                print(f"{arguments.answers}:{number}: {failure}")
    missing = [*asked.missing()] if asked else []
    if not checked:
        missing.append("no answers; expected one a line")
    for failure in missing:
        print(f"{arguments.answers}: {failure}")
    failed += len(missing)
    print(f"{arguments.answers}: {checked} answers checked, {failed} failures.")
    return CHECK_FAILED if failed else 0


def _failures(checker: Any, answer: Mapping[str, Any], asked: Asked | None) -> Iterator[str]:
    question = None
    if asked:
        question, problem = asked.take(answer)
        if problem:
            yield problem
    yield from checker.failures(answer, question)


class Asked:
    """The questions of a batch that still wait for their answers."""

    def __init__(self, path: Path) -> None:
        """Read the questions; raises DatasetError where a line is none."""
        self._waiting: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for text, options in batch_questions(path):
            self._waiting[options["id"]].append({"question": text, **options})

    def take(self, answer: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str]:
        """Return the question that a line answers, and what is wrong with that: its text, or that none waits."""
        name = answer.get("id")
        if not isinstance(name, str) or name not in self._waiting:
            return None, f"no question has the id {name!r}"
        if not self._waiting[name]:
            return None, f"the question with the id {name!r} is answered already"
        question = self._waiting[name].pop(0)
        if question["question"] != answer.get("question"):
            return question, f"the question with the id {name!r} is another one"
        return question, ""

    def missing(self) -> Iterator[str]:
        """Yield a line for each question without an answer."""
        for name, waiting in self._waiting.items():
            for _ in waiting:
                yield f"the question with the id {name!r} has no answer"


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Yield the lines of a file with their numbers, each as an object or as what keeps it from being one.

    Raises StorageError when the file cannot be read.
    """
    from drug_llm.storage import numbered_lines

    for number, raw in numbered_lines(path):
        try:
            content = json.loads(raw, object_pairs_hook=_once_each, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            yield number, f"broken JSON ({error}); expected one object a line"
            continue
        yield number, content if isinstance(content, dict) else f"found {type(content).__name__}; expected an object"


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; of a field that stands twice, readers may take either."""
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"`{next(name for name in names if names.count(name) > 1)}` stands twice")
    return content


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number in JSON")
