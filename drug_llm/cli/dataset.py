"""`drug-llm dataset`: build the instruction data and check anybody's."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from drug_llm.encoding import Encoding, encode_lines
from drug_llm.instructions.example import Example
from drug_llm.instructions.facts import Source
from drug_llm.instructions.jsonl import load_examples, read_examples, write_examples
from drug_llm.prompts import PromptFormat

TRAIN_FILE = Path("data/processed/train.jsonl")
EVAL_FILE = Path("data/evaluation/eval.jsonl")
REPORT_FILE = Path("results/dataset-report.html")
SEEN_FILE = Path("data/evaluation/eval_seen.jsonl")
READING_FILE = Path("data/processed/reading.jsonl")
READING_EVAL_FILE = Path("data/evaluation/reading.jsonl")
CHECK_FAILED = 2


def register(commands: Any) -> None:
    """Add the command group."""
    group = commands.add_parser("dataset", help="build instruction data from monographs, check any JSONL file")
    actions = group.add_subparsers(metavar="ACTION", required=True)
    parser = actions.add_parser("build", help="write the training and eval files; the same input gives the same bytes")
    parser.add_argument("--monographs", type=Path, default=Path("data/monographs"), metavar="FOLDER")
    parser.add_argument("--store", type=Path, metavar="FILE", help="also the labels of this store (drug-llm labels)")
    parser.add_argument("--train", type=Path, default=TRAIN_FILE, metavar="FILE", help="default: %(default)s")
    parser.add_argument("--eval", type=Path, default=EVAL_FILE, metavar="FILE", help="default: %(default)s")
    parser.add_argument("--seen", type=Path, default=SEEN_FILE, metavar="FILE", help="default: %(default)s")
    parser.add_argument(
        "--written", type=Path, default=Path("data/reading"), metavar="FOLDER", help="reading examples written by hand"
    )
    parser.add_argument("--reading", type=Path, default=READING_FILE, metavar="FILE", help="default: %(default)s")
    parser.add_argument(
        "--reading-eval", type=Path, default=READING_EVAL_FILE, metavar="FILE", help="default: %(default)s"
    )
    parser.add_argument("--add", type=Path, nargs="+", default=[], metavar="FILE", help="your own JSONL or CSV files")
    parser.set_defaults(run=build)
    parser = actions.add_parser("report", help="an HTML page: counts, lengths, repetitions, leaks, coverage")
    parser.add_argument("--train", type=Path, default=TRAIN_FILE, metavar="FILE", help="default: %(default)s")
    parser.add_argument("--eval", type=Path, default=EVAL_FILE, metavar="FILE", help="default: %(default)s")
    parser.add_argument("--out", type=Path, default=REPORT_FILE, metavar="FILE", help="default: %(default)s")
    _add_tokenizer_options(parser)
    parser.set_defaults(run=report)
    parser = actions.add_parser("check", help="find every line that cannot be used, in one pass")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    _add_tokenizer_options(parser)
    parser.set_defaults(run=check)


def _add_tokenizer_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--max-tokens", type=int, default=512, help="longest example in tokens (default: %(default)s)")
    parser.add_argument(
        "--base-model",
        default="auto",
        metavar="NAME",
        help="whose tokenizer counts: as base_model, or `none` for words",
    )


def build(arguments: argparse.Namespace) -> int:
    """Write the files and say what is in them."""
    from drug_llm.instructions.build import build_dataset, read_added
    from drug_llm.instructions.facts import monograph_source
    from drug_llm.labels.monographs import load_monographs

    added = [example for path in arguments.add for example in read_added(path)]
    sources = [monograph_source(monograph) for monograph in load_monographs(arguments.monographs)]
    if arguments.store:
        sources += _stored_sources(arguments.store)
    if sys.stderr.isatty():
        print(f"Building from {len(sources)} labels ({1 + len(sources) // 10} s or so) ...", file=sys.stderr)
    written = [example for path in sorted(arguments.written.glob("*.jsonl")) for example in load_examples(path)]
    dataset = build_dataset(sources, added, written)
    files = (
        (arguments.train, dataset.train),
        (arguments.eval, dataset.evaluation),
        (arguments.seen, dataset.seen),
        (arguments.reading, dataset.reading),
        (arguments.reading_eval, dataset.reading_evaluation),
    )
    for path, examples in files:
        write_examples(path, examples)
        drugs = len({example.drug for example in examples if example.drug})
        print(f"{path}: {len(examples)} examples about {drugs} drugs")
    if dataset.left_out:
        names = ", ".join(example.place for example in dataset.left_out[:5])
        print(f"{arguments.written}: {len(dataset.left_out)} left out, unsupported or too long: {names} ...")
    return 0


def _stored_sources(path: Path) -> list[Source]:
    """Return the current official labels of a store, one of those with the same text; monographs are read as files."""
    from drug_llm.instructions.facts import label_source
    from drug_llm.labels.store import LabelStore

    with LabelStore(path) as store:
        labels = [label for label in store.labels(chosen_only=True) if label.source != "monograph"]
    return [source for label in labels if (source := label_source(label))]


def check(arguments: argparse.Namespace) -> int:
    """Print every problem with its file and line; exit code 2 when there is one."""
    encoding = None if arguments.base_model == "none" else _encoding(arguments)
    bad = 0
    for path in arguments.files:
        usable, problems = encode_lines(path, encoding) if encoding else read_examples(path)
        bad += len(problems)
        for problem in problems:
            print(problem)
        print(
            f"{path}: {len(usable)} examples can be used, {len(problems)} lines would be dropped (on_bad_lines=drop)."
        )
    return CHECK_FAILED if bad else 0


def report(arguments: argparse.Namespace) -> int:
    """Write the report and print its verdict; exit code 1 when something leaks, repeats or is unsupported."""
    from drug_llm.instructions.report import examine, render
    from drug_llm.storage import write_text

    train, evaluation = load_examples(arguments.train), load_examples(arguments.eval)
    encoding = None if arguments.base_model == "none" else _encoding(arguments)

    def count_tokens(example: Example) -> int:
        prompt, answer = PromptFormat().example(example)
        return len(encoding.encoder.encode(prompt + answer)) if encoding else len((prompt + answer).split())

    name = arguments.base_model if encoding else "words"
    write_text(arguments.out, render(train, evaluation, count_tokens, name))
    findings = examine(train, evaluation)
    verdict = "nothing leaks, repeats or is unsupported" if findings.sound else "see the lines marked red"
    print(f"{arguments.out}: {len(train)} training and {len(evaluation)} eval examples; {verdict}.")
    return 0 if findings.sound else 1


def _encoding(arguments: argparse.Namespace) -> Encoding:
    from drug_llm.models.base import resolve_base_model
    from drug_llm.models.tokenizer import load_text_encoder

    base = resolve_base_model(arguments.base_model)
    return Encoding(load_text_encoder(base.folder), PromptFormat(), arguments.max_tokens)
