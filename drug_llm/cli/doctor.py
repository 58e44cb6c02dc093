"""`drug-llm doctor`: what this machine has, what is missing and what to do about it."""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGES = ("torch", "transformers", "peft", "datasets", "tensorboard", "gguf")
FREE_BYTES = 2_000_000_000
"""Free space that a first run takes, caches included."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: str
    advice: str = ""
    """What to do; empty when nothing is missing."""


def register(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("doctor", help="what this machine has, which base models it reaches, what to do")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print every finding; exit code 1 when a run could not start."""
    findings = []
    for finding in [*_machine(), *_packages(), *_base_models(), *_project()]:
        findings.append(finding)
        print(f"{'!' if finding.advice else ' '} {finding.what:<22} {finding.state}", flush=True)
        if finding.advice:
            print(f"  {'':<22} -> {finding.advice}")
    blocking = [
        finding for finding in findings if finding.advice and finding.what in (*PACKAGES, "base model", "python")
    ]
    print("\nReady to train." if not blocking else f"\nNot ready: {', '.join(f.what for f in blocking)}.")
    return 1 if blocking else 0


def _machine() -> Iterator[Finding]:
    import psutil

    from drug_llm.models.embedded import cache_folder

    version = platform.python_version()
    yield Finding("python", version, "" if sys.version_info >= (3, 10) else "Drug-LLM needs Python 3.10 or newer.")
    yield Finding("processor", f"{os.cpu_count()} cores, {_processor_format()}")
    memory = psutil.virtual_memory()
    little = memory.available < 2e9
    yield Finding(
        "memory",
        f"{memory.available / 1e9:.1f} of {memory.total / 1e9:.1f} GB available",
        "Close other programs, or lower batch_size and max_tokens." if little else "",
    )
    for what, folder in (("disk, this folder", Path.cwd()), ("disk, model cache", cache_folder())):
        free = shutil.disk_usage(next(place for place in (folder, *folder.parents) if place.exists())).free
        yield Finding(what, f"{free / 1e9:.1f} GB free", "" if free > FREE_BYTES else "Free 2 GB before a first run.")


def _processor_format() -> str:
    if importlib.util.find_spec("torch") is None:
        return "number formats unknown without torch"
    from drug_llm.models.precision import choose_precision

    precision = choose_precision()
    return f"computes on {precision.device.type} in {precision.dtype_name}"


def _packages() -> Iterator[Finding]:
    for name in PACKAGES:
        try:
            yield Finding(name, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(name, "missing", "Run `make setup`.")


def _base_models() -> Iterator[Finding]:
    from drug_llm.models import embedded, hub
    from drug_llm.models.base import GPT2

    gguf = embedded.embedded_gguf()
    converted = gguf is not None and (embedded.converted_folder(gguf) / "config.json").is_file()
    state = "converted" if converted else "installed, converted on first use (20 s)" if gguf else "not installed"
    yield Finding("embedded model", f"{embedded.NAME}: {state}", "" if gguf else f"Run `{embedded.INSTALL_COMMAND}`.")
    cached = hub.cached_model(GPT2)
    yield Finding(GPT2, f"in the local cache ({cached.revision[:12]})" if cached else "not in the local cache")
    reached = cached is not None
    try:
        hub.check_reachable(GPT2)
        reached = True
        yield Finding("model hub", f"{hub.hub_address()} answers")
    except hub.HubUnreachableError as error:
        advice = "" if cached or gguf else "Connect this machine, set HF_ENDPOINT, or copy a model folder here."
        yield Finding("model hub", f"out of reach: {error}", advice)
    choice = GPT2 if reached else embedded.NAME if gguf else "none"
    yield Finding("base model", f"base_model=auto takes {choice}", "" if choice != "none" else "See the lines above.")


def _project() -> Iterator[Finding]:
    from drug_llm.cli.options import FINAL_CHECKPOINT
    from drug_llm.models.final import read_manifest
    from drug_llm.training.config import TrainConfig

    for path in (TrainConfig.train_file, TrainConfig.eval_file):
        exists = Path(path).is_file()
        yield Finding(
            "data", path if exists else f"{path} is missing", "" if exists else "Run `drug-llm dataset build`."
        )
    final = read_manifest(FINAL_CHECKPOINT)
    yield Finding(
        "final checkpoint", f"{final['run']}, {final.get('finished')}" if final else "none yet: python train.py"
    )
