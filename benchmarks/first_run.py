"""Figures of a first run: perplexity of base and tuned model, speed of training, time of the commands.

python benchmarks/first_run.py            the model of `make demo`, already trained
python benchmarks/first_run.py --fresh    clone, `make demo`, `make test` in an empty folder, timed
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
CHECKPOINT = Path("models/drug-llm/quick")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fresh", action="store_true", help="time `make demo` and `make test` on a fresh clone")
    if parser.parse_args().fresh:
        fresh_clone()
    else:
        trained_model()


def trained_model() -> None:
    print_row("`drug-llm --help`, median of 9", f"{help_seconds():.2f} s")
    metrics = json.loads((CHECKPOINT / "manifest.json").read_text(encoding="utf-8"))["metrics"]
    print_row("updates, tokens", f"{metrics['updates']}, {metrics['tokens']}")
    print_row("training", f"{metrics['seconds']:.0f} s, {metrics['tokens_per_second']:.0f} tokens/s")
    for name, file in (("unseen drugs", "data/evaluation/eval.jsonl"),):
        done = command("-m", "drug_llm", "evaluate", "--json", "--model", str(CHECKPOINT), "--file", file)
        figures = json.loads(done.stdout)
        base, tuned = figures["base"], figures["tuned"]
        print_row(f"{name}: examples, target tokens", f"{figures['examples']}, {figures['target_tokens']}")
        print_row(f"{name}: base loss, perplexity", f"{base['loss']:.3f}, {base['perplexity']:.2f}")
        print_row(f"{name}: tuned loss, perplexity", f"{tuned['loss']:.3f}, {tuned['perplexity']:.2f}")
        print_row(f"{name}: base / tuned perplexity", f"{base['perplexity'] / tuned['perplexity']:.2f}")


def help_seconds() -> float:
    times = []
    for _ in range(9):
        started = time.perf_counter()
        command("-m", "drug_llm", "--help")
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def fresh_clone() -> None:
    folder = Path(tempfile.mkdtemp(prefix="drug-llm-"))
    caches = {"XDG_CACHE_HOME": str(folder / "cache"), "HF_HOME": str(folder / "cache/hub")}
    environment = {key: value for key, value in os.environ.items() if key != "DRUG_LLM_CACHE"} | caches
    try:
        subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(folder / "clone")], check=True)
        for target in ("demo", "test"):
            started = time.perf_counter()
            subprocess.run(["make", target], cwd=folder / "clone", env=environment, check=True)
            print_row(f"make {target}, fresh clone", f"{time.perf_counter() - started:.0f} s")
    finally:
        shutil.rmtree(folder)


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], cwd=REPOSITORY, capture_output=True, text=True, check=True)


def print_row(what: str, figure: str) -> None:
    print(f"| {what:<40} | {figure:>22} |", flush=True)


if __name__ == "__main__":
    main()
