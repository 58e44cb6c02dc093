"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path

FINAL_CHECKPOINT = Path("models/drug-llm/final")
QUICK_CHECKPOINT = Path("models/drug-llm/quick")


def add_model_option(parser: argparse.ArgumentParser) -> None:
    """Add `--model FOLDER`, the final checkpoint to use."""
    parser.add_argument(
        "--model",
        type=Path,
        default=None,
        metavar="FOLDER",
        help=f"folder of the final checkpoint (default: {FINAL_CHECKPOINT}; until it exists, for worded answers the "
        "reference adapter of the package, else the model of `make demo`)",
    )


def default_reader() -> Path:
    """Return the folder of the trained model, or the reference adapter of the package until there is one."""
    from drug_llm.models.reference import FOLDER

    return FINAL_CHECKPOINT if FINAL_CHECKPOINT.is_dir() else FOLDER


def default_checkpoint() -> Path:
    """Return the folder of the trained model, or that of `make demo` as long as nothing else was trained."""
    if not FINAL_CHECKPOINT.is_dir() and QUICK_CHECKPOINT.is_dir():
        return QUICK_CHECKPOINT
    return FINAL_CHECKPOINT
