"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path

FINAL_CHECKPOINT = Path("models/drug-llm/final")


def add_model_option(parser: argparse.ArgumentParser) -> None:
    """Add `--model FOLDER`, the final checkpoint to use."""
    parser.add_argument(
        "--model",
        type=Path,
        default=FINAL_CHECKPOINT,
        metavar="FOLDER",
        help="folder of the final checkpoint (default: %(default)s)",
    )
