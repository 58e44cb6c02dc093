"""`drug-llm dataset`: build the instruction data and check anybody's."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from drug_llm.encoding import Encoding, encode_lines
from drug_llm.instructions.jsonl import read_examples, write_examples
from drug_llm.prompts import PromptFormat

TRAIN_FILE = Path("data/processed/train.jsonl")
EVAL_FILE = Path("data/evaluation/eval.jsonl")
SEEN_FILE = Path("data/evaluation/eval_seen.jsonl")
CHECK_FAILED = 2


def register(commands: Any) -> None:
    """Add the command group."""
    group = commands.add_parser("dataset", help="build instruction data from monographs, check any JSONL file")
    actions = group.add_subparsers(metavar="ACTION", required=True)
    parser = actions.add_parser("build", help="write the training and eval files; the same input gives the same bytes")
    parser.add_argument("--monographs", type=Path, default=Path("data/monographs"), metavar="FOLDER")
    parser.add_argument("--train", type=Path, default=TRAIN_FILE, metavar="FILE", help="default: %(default)s")
    parser.add_argument("--eval", type=Path, default=EVAL_FILE, metavar="FILE", help="default: %(default)s")
    parser.add_argument("--seen", type=Path, default=SEEN_FILE, metavar="FILE", help="default: %(default)s")
    parser.add_argument("--add", type=Path, nargs="+", default=[], metavar="FILE", help="your own JSONL or CSV files")
    parser.set_defaults(run=build)
    parser = actions.add_parser("check", help="find every line that cannot be used, in one pass")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--max-tokens", type=int, default=512, help="longest example in tokens (default: %(default)s)")
    parser.add_argument(
        "--base-model", default="auto", metavar="NAME", help="whose tokenizer counts: as base_model, or `none` to skip"
    )
    parser.set_defaults(run=check)


def build(arguments: argparse.Namespace) -> int:
    """Write the files and say what is in them."""
    from drug_llm.instructions.build import build_dataset, read_added
    from drug_llm.instructions.facts import monograph_source
    from drug_llm.labels.monographs import load_monographs

    added = [example for path in arguments.add for example in read_added(path)]
    sources = [monograph_source(monograph) for monograph in load_monographs(arguments.monographs)]
    dataset = build_dataset(sources, added)
    files = ((arguments.train, dataset.train), (arguments.eval, dataset.evaluation), (arguments.seen, dataset.seen))
    for path, examples in files:
        write_examples(path, examples)
        drugs = len({example.drug for example in examples if example.drug})
        print(f"{path}: {len(examples)} examples about {drugs} drugs")
    return 0


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


def _encoding(arguments: argparse.Namespace) -> Encoding:
    from drug_llm.models.base import resolve_base_model
    from drug_llm.models.tokenizer import load_text_encoder

    base = resolve_base_model(arguments.base_model)
    return Encoding(load_text_encoder(base.folder), PromptFormat(), arguments.max_tokens)
