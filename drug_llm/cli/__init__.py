"""The command line: one thin module a command group, and nothing heavy imported before it is needed."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from drug_llm import __version__
from drug_llm.cli import ask, chat, dataset, doctor, evaluate, interactions, labels, sweep, train, verify
from drug_llm.errors import DrugLLMError

DISCLAIMER = "Information, not medical advice. In an emergency call your local emergency number."
USER_ERROR = 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None, *, program: str = "drug-llm") -> int:
    """Run one command and return its exit code: 0 done, 1 a check failed, 2 something for the user to mend."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    # The tokenizers library warns about forks and spawns threads of its own; one process needs neither.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    words = list(sys.argv[1:] if arguments is None else arguments)
    parsed = build_parser(program).parse_args(words)
    try:
        return int(parsed.run(parsed))
    except DrugLLMError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return INTERRUPTED if type(error).__name__ == "Stopped" else USER_ERROR
    except KeyboardInterrupt:
        print(f"{program}: stopped.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output (head, a pager) has gone; that is no fault of the command.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
        return 0


def build_parser(program: str = "drug-llm") -> argparse.ArgumentParser:
    """Return the parser of all commands; each sets `run`, a function from parsed arguments to an exit code."""
    parser = argparse.ArgumentParser(
        prog="drug-llm", description="Fine-tune a small language model on medication information.", epilog=DISCLAIMER
    )
    parser.add_argument("--version", action="version", version=f"drug-llm {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    train.register(commands, program=program)
    for group in (sweep, evaluate, ask, verify, chat, interactions, dataset, labels, doctor):
        group.register(commands)
    return parser
