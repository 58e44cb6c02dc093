"""`drug-llm train`, the same as `python train.py`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from drug_llm.settings import describe, load_settings
from drug_llm.training.config import TrainConfig

Commands = Any  # argparse keeps the type of its subparsers private.


def register(commands: Commands, *, program: str = "drug-llm") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "train",
        prog="train.py" if program == "train.py" else f"{program} train",
        help="fine-tune the base model and write the final checkpoint",
        description="Fine-tune a base model with LoRA, evaluate it and write the final checkpoint.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=settings_help(),
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="YAML file of settings, such as configs/quick.yaml")
    parser.add_argument("settings", nargs="*", metavar="key=value", help="settings, stronger than the file's")
    parser.set_defaults(run=run)


def settings_help() -> str:
    """Return every setting with its default and meaning, for `--help`."""
    import textwrap

    lines = ["settings (key=value on the command line, `key: value` in a YAML file):"]
    for key, default, meaning in describe(TrainConfig):
        lines.append(f"  {key}={default}")
        lines.extend(textwrap.wrap(meaning, width=100, initial_indent="      ", subsequent_indent="      "))
    return "\n".join(lines)


def run(arguments: argparse.Namespace) -> int:
    """Train and print the final figures."""
    config = load_settings(TrainConfig, arguments.config, arguments.settings)
    from drug_llm.cli.progress import TerminalWatcher
    from drug_llm.training.trainer import train
    from drug_llm.training.watch import SilentWatcher

    if int(os.environ.get("RANK", "0")):
        train(config, SilentWatcher())
        return 0
    with TerminalWatcher() as watcher:
        metrics = train(config, watcher)
    print(report(metrics, config))
    return 0


def report(metrics: dict[str, Any], config: TrainConfig) -> str:
    """Return the closing lines: the figures and where everything lies."""
    folder = Path(config.results_dir) / metrics["run"]
    return "\n".join(
        [
            f"eval loss {metrics['eval']['loss']:.4f}, perplexity {metrics['eval']['perplexity']:.2f} "
            f"(base model {metrics['base']['loss']:.4f}, {metrics['base']['perplexity']:.2f}) "
            f"over {metrics['eval_target_tokens']} target tokens of {metrics['eval_examples']} examples",
            f"{metrics['updates']} updates, {metrics['tokens']} tokens in {metrics['seconds']:.0f} s "
            f"({_speed(metrics)})",
            f"final checkpoint  {config.output_dir}",
            f"metrics           {folder / 'metrics.json'}",
            f"TensorBoard       tensorboard --logdir {folder / 'tensorboard'}",
        ]
    )


def _speed(metrics: dict[str, Any]) -> str:
    # Runs finished before the share was measured have none.
    share = f", {metrics['matrix_rate_share']:.0%} of the matrix rate" if "matrix_rate_share" in metrics else ""
    return f"{metrics['tokens_per_second']:.0f} tokens a second{share}"
