"""`drug-llm evaluate`: base and tuned model side by side."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from drug_llm.cli.options import add_model_option, default_checkpoint


def register(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("evaluate", help="loss and perplexity of base and tuned model, side by side")
    add_model_option(parser)
    parser.add_argument(
        "--file",
        type=Path,
        default=Path("data/evaluation/eval.jsonl"),
        help="JSONL file to score (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Score both models and print a table."""
    from drug_llm.cli.progress import counting_bar
    from drug_llm.evaluation.perplexity import compare
    from drug_llm.instructions.jsonl import load_examples

    examples = len(load_examples(arguments.file))
    with counting_bar("evaluating", total=2 * examples, quiet=arguments.json) as advance:
        figures = compare(arguments.model or default_checkpoint(), arguments.file, on_examples=advance).to_json()
    print(json.dumps(figures, indent=2) if arguments.json else table(figures))
    return 0


def table(figures: dict[str, Any]) -> str:
    """Return the figures as lines for a terminal."""
    rows = [
        f"{name:<6}{figures[name]['loss']:>10.4f}{figures[name]['perplexity']:>13.2f}" for name in ("base", "tuned")
    ]
    ratio = figures["base"]["perplexity"] / figures["tuned"]["perplexity"]
    size = f"{figures['examples']} examples, {figures['target_tokens']} target tokens"
    title = f"{figures['run']} on {figures['file']}: {size}"
    return "\n".join([title, f"{'':<6}{'loss':>10}{'perplexity':>13}", *rows, f"perplexity divided by {ratio:.2f}"])
