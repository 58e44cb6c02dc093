"""`drug-llm ask`, `chat` and `verify`: quoted and cited answers, or the tuned model's memory, marked as such."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drug_llm.cli.options import add_model_option
from drug_llm.errors import ConfigError, DatasetError

if TYPE_CHECKING:
    from drug_llm.answering.answer import Answer
    from drug_llm.answering.assistant import Assistant
    from drug_llm.generation.transformers_generator import TunedModel

CLOSED_BOOK = "closed-book: from the model's memory, checked against no drug label. Do not act on it."
NOT_ADVICE = "Quoted from the cited labels. Information, not medical advice."
CHAT_HELP = "Ask about a medication. /new forgets the conversation, /quit (or Ctrl-D) leaves."
MONOGRAPHS = Path("data/monographs")
ROOM_FOR_ANSWER = 160
CHECK_FAILED = 1


def register(commands: Any) -> None:
    """Add the three commands."""
    parser = commands.add_parser("ask", help="answer a question with quotes from drug labels, each cited")
    parser.add_argument("question", nargs="*", help="the question")
    parser.add_argument(
        "--batch", type=Path, metavar="FILE", help="JSONL of questions: `question`, optionally `id`, `drug`"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="where the answers of a batch go, one JSON object a line"
    )
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    _add_options(parser)
    parser.set_defaults(run=ask)
    parser = commands.add_parser("chat", help="hold a conversation; it remembers the drug under discussion")
    _add_options(parser)
    parser.set_defaults(run=chat)
    parser = commands.add_parser(
        "verify", help="check every citation of an answer file against the label store, offline"
    )
    parser.add_argument("answers", type=Path, metavar="FILE", help="JSONL written by `ask --batch`")
    _add_store_option(parser)
    parser.set_defaults(run=verify)


def _add_options(parser: argparse.ArgumentParser) -> None:
    add_model_option(parser)
    _add_store_option(parser)
    parser.add_argument(
        "--mode",
        choices=("quote", "closed-book"),
        default="quote",
        help="quote: the labels' own sentences, cited (default); closed-book: the tuned model's memory, unchecked",
    )


def _add_store_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--store",
        type=Path,
        metavar="FILE",
        help="store made by `labels ingest` (default: the starter monographs)",
    )


def ask(arguments: argparse.Namespace) -> int:
    """Answer one question, or a file of them."""
    if arguments.batch:
        return _ask_batch(arguments)
    question = " ".join(arguments.question).strip()
    if not question:
        raise ConfigError('The question is empty; expected text, such as drug-llm ask "What is lisinopril for?".')
    if arguments.mode == "closed-book":
        model = _model(arguments)
        answer = model.answer(question)
        content = {"question": question, "answer": answer, "mode": "closed-book", "citations": [], "model": model.name}
        print(_json(content, 2) if arguments.json else f"{answer}\n\n[{CLOSED_BOOK}]")
        return 0
    quoted = _assistant(arguments).answer(question)
    print(_json(quoted.to_json(), 2) if arguments.json else show(quoted))
    return 0


def show(answer: Answer) -> str:
    """Return an answer as lines for a terminal, each sentence with the number of its citation."""
    lines = []
    for sentence in answer.sentences:
        marks = "".join(f"[{index + 1}]" for index in sentence.citations)
        lines.append(f"{sentence.text} {marks}".rstrip())
    if answer.reason:
        lines.append(f"\n(abstained: {answer.reason})")
    if answer.citations:
        lines.append("")
        for number, citation in enumerate(answer.citations, start=1):
            lines.append(
                f"[{number}] {citation.set_id} v{citation.version}, {citation.section}, sha256 {citation.sha256[:12]}"
            )
        lines.append(NOT_ADVICE)
    return "\n".join(lines)


def _ask_batch(arguments: argparse.Namespace) -> int:
    if arguments.out is None:
        raise ConfigError("--batch needs --out FILE for the answers.")
    if arguments.mode == "closed-book":
        raise ConfigError(
            "--batch answers in quotes only; expected --mode quote. Ask closed-book questions one by one."
        )
    from drug_llm.storage import write_text

    questions = list(_questions(arguments.batch))
    assistant = _assistant(arguments)
    answers = [assistant.answer(text, drug=drug, id=id_) for text, drug, id_ in questions]
    write_text(arguments.out, "".join(_json(answer.to_json()) + "\n" for answer in answers))
    silent = sum(answer.abstained for answer in answers)
    print(f"{arguments.out}: {len(answers)} answers, {silent} of them abstentions.")
    return 0


def _questions(path: Path) -> Iterator[tuple[str, str, str]]:
    for number, line in _lines(path):
        question = line.get("question")
        if not isinstance(question, str) or not question.strip():
            raise DatasetError(
                f"{path}:{number}: no `question`; expected a string that is not empty. Correct the line."
            )
        if line.get("passages"):
            raise DatasetError(
                f"{path}:{number}: `passages` cannot be read yet; expected a question about stored labels."
            )
        yield question, str(line.get("drug") or ""), str(line.get("id") or number)


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    from drug_llm.storage import storage_errors

    with storage_errors(path):
        lines = path.read_bytes().split(b"\n")
    for number, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        try:
            content = json.loads(raw)
        except ValueError as error:
            raise DatasetError(f"{path}:{number}: broken JSON ({error}); expected one object a line.") from error
        if not isinstance(content, dict):
            raise DatasetError(f"{path}:{number}: found {type(content).__name__}; expected a JSON object.")
        yield number, content


def verify(arguments: argparse.Namespace) -> int:
    """Print a line for each failure; exit code 1 when there is one."""
    from drug_llm.answering.assistant import open_store
    from drug_llm.answering.verification import failures

    checked = failed = 0
    with open_store(arguments.store, MONOGRAPHS) as store:
        for number, answer in _lines(arguments.answers):
            checked += 1
            for failure in failures(answer, store):
                failed += 1
                print(f"{arguments.answers}:{number}: {failure}")
    print(f"{arguments.answers}: {checked} answers checked, {failed} failures.")
    return CHECK_FAILED if failed else 0


def chat(arguments: argparse.Namespace) -> int:
    """Answer questions until the user leaves."""
    reply, forget = _quoting(arguments) if arguments.mode == "quote" else _remembering(arguments)
    print(CHAT_HELP)
    while (question := _read_question()) != "/quit":
        if question == "/new":
            forget()
            print("Forgotten.")
        elif question.startswith("/"):
            print(CHAT_HELP)
        elif question:
            print("drug-llm> ", end="", flush=True)
            reply(question)
    return 0


def _quoting(arguments: argparse.Namespace) -> tuple[Callable[[str], None], Callable[[], None]]:
    assistant = _assistant(arguments)
    drug = [""]

    def reply(question: str) -> None:
        answer = assistant.answer(question, drug=drug[0])
        if answer.drugs:
            drug[0] = answer.drugs[0]["name"]
        print(show(answer))

    return reply, lambda: drug.__setitem__(0, "")


def _remembering(arguments: argparse.Namespace) -> tuple[Callable[[str], None], Callable[[], None]]:
    model = _model(arguments)
    print(f"{model.name}, {CLOSED_BOOK}")
    turns: list[tuple[str, str]] = []

    def reply(question: str) -> None:
        turns.append((question, _answer_in_turn(model, question, turns)))

    return reply, turns.clear


def _answer_in_turn(model: TunedModel, question: str, turns: list[tuple[str, str]]) -> str:
    layout = model.checkpoint.prompt_format
    while True:
        prompt = layout.prompt(question, turns=turns)
        if not turns or model.count_tokens(prompt) + ROOM_FOR_ANSWER <= model.max_tokens:
            break
        turns.pop(0)

    def write(text: str) -> None:
        print(text, end="", flush=True)

    answer = model.generate(prompt, on_text=write)
    print()
    return answer


def _model(arguments: argparse.Namespace) -> TunedModel:
    if sys.stderr.isatty():
        print("Loading the model (about 5 s) ...", file=sys.stderr, flush=True)
    from drug_llm.generation.transformers_generator import load_tuned_model

    return load_tuned_model(arguments.model)


def _assistant(arguments: argparse.Namespace) -> Assistant:
    from drug_llm.answering.assistant import Assistant, open_store

    return Assistant(open_store(arguments.store, MONOGRAPHS))


def _read_question() -> str:
    try:
        return input("\nyou> " if sys.stdin.isatty() else "").strip()
    except EOFError:
        return "/quit"


def _json(content: object, indent: int | None = None) -> str:
    return json.dumps(content, indent=indent, ensure_ascii=False)
