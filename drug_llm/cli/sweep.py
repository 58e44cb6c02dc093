"""`drug-llm sweep`: search for the settings with the lowest eval loss."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drug_llm.errors import ConfigError

if TYPE_CHECKING:
    from drug_llm.training.sweep import Outcome

Commands = Any  # argparse keeps the type of its subparsers private.
SHOWN = 20
"""Lines of the closing table."""
EXAMPLES = """examples:
  drug-llm sweep base_model=embedded max_steps=60 learning_rate=3e-4,1e-3,3e-3 lora_variant=lora,rslora
  drug-llm sweep --config configs/quick.yaml --trials 30 learning_rate=1e-4..1e-2:log lora_rank=4..64:log
  drug-llm sweep "target_modules=q_proj,v_proj|q_proj,k_proj,v_proj,o_proj"

Choices alone are all tried; with a range, Optuna's sampler (TPE) draws the trials. Kill it and give the same command
again: it goes on, with the trial that was cut off as well."""


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "sweep",
        help="search for the training settings with the lowest eval loss",
        description="Train with many settings and write those with the lowest final eval loss as a config.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=EXAMPLES,
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="YAML file of the settings that all trials share")
    parser.add_argument("--trials", type=int, metavar="N", help="trials in all (default: all combinations, else 20)")
    parser.add_argument("--name", help="folder in results_dir (default: one that follows from the settings)")
    parser.add_argument("--prune", action="store_true", help="end trials that are worse than the median on their way")
    parser.add_argument(
        "sought",
        nargs="+",
        metavar="key=value",
        help="settings; key=a,b,c, key=low..high and key=low..high:log are searched",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the missing trials and print the table."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise ConfigError("drug-llm sweep runs in one process. Start it without torchrun.")
    if arguments.trials is not None and arguments.trials < 1:
        raise ConfigError(f"--trials {arguments.trials}: expected 1 or more.")
    from drug_llm.cli.progress import TerminalWatcher
    from drug_llm.training.sweep import Sweep, run_sweep

    sweep = Sweep(arguments.config, tuple(arguments.sought), arguments.trials, arguments.name, arguments.prune)
    with TerminalWatcher() as watcher:
        outcomes = run_sweep(sweep, watcher)
    print(table(outcomes))
    print(f"\nbest settings  {sweep.folder / 'best.yaml'}")
    print(f"train them     python train.py --config {sweep.folder / 'best.yaml'}")
    return 0


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as lines, the best first."""
    lines = [f"{'eval loss':>9}  {'perplexity':>10}  settings"]
    for outcome in outcomes[:SHOWN]:
        figures = f"{outcome.loss:>9.4f}  {math.exp(min(outcome.loss, 700)):>10.2f}"
        said = figures if math.isfinite(outcome.loss) else f"{'given up':>21}"
        lines.append(f"{said}  {' '.join(outcome.words)}")
    if len(outcomes) > SHOWN:
        lines.append(f"and {len(outcomes) - SHOWN} more")
    return "\n".join(lines)
