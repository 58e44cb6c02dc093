"""Figures of training: tokens a second against the specification, TRL and LitGPT, ablations, exactness, memory.

    python benchmarks/training.py                  GPT-2 124M's shape and SmolLM2-135M
    python benchmarks/training.py --only gpt2 --runs 1
    python benchmarks/training.py --only llama-1b  the shape of Llama 3.2 1B, for a GPU

Every side trains on the same examples of data/processed/train.jsonl; sides take turns and the median of the runs is
shown; the ablations run once. On a processor each side has a process of its own; on a GPU, which is what PyTorch uses
where there is one, they share it. Weights of GPT-2 and of the 1B shape are random, which changes no speed; GPT-2's
tokenizer is read from DRUG_LLM_SHARED or from --gpt2 FOLDER (a GPT-2 checkpoint). Sides whose library is missing are
left out and said so.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("DRUG_LLM_SHARED") or REPOSITORY.parent / "shared")
SPEED = ("matrix rate", "specification", "trl", "litgpt", "ours", "ours, all linear layers")
ABLATION = (
    "one row at a time",
    "without bfloat16",
    "without packed rows",
    "without the adapter in bfloat16",
    "without attention by products",
    "without fused layers",
    "without logits at targets only",
    "without the adapter's dropout",
    "with the base model's own dropout",
    "with torch.compile",
    "rows of 1,024 tokens",
    "rows of 2,048 tokens",
)
GPU_ABLATION = (
    "without bfloat16",
    "without packed rows",
    "rows of 512 tokens",
    "without the adapter in bfloat16",
    "without one attention kernel for all",
    "without fused layers",
    "without logits at targets only",
    "without the adapter's dropout",
    "updates of 256 examples",
    "with torch.compile",
)
EXAMPLES, EVALUATED = 512, 60
LITGPT = (
    "pip install --no-deps litgpt==0.5.13 lightning==2.6.6 lightning-utilities==0.15.3 torchmetrics==1.9.0 "
    "jsonargparse==4.53.0"
)
"""Without its requirements, which ask for an older huggingface_hub than transformers does."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("gpt2", "smollm2", "llama-1b"), help="one base model")
    parser.add_argument("--runs", type=int, default=3, help="runs of each side, of which the median is shown")
    parser.add_argument("--gpt2", type=Path, help="folder of a GPT-2 checkpoint")
    parser.add_argument("--no-ablation", action="store_true", help="leave the ablation out")
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, {processor()}{gpu()}, Python {platform.python_version()}, torch {version('torch')}")
    for name in ("gpt2", "smollm2") if arguments.only is None else (arguments.only,):
        with tempfile.TemporaryDirectory() as folder:
            prepare(Path(folder), name, arguments.gpt2)
            compare(Path(folder), name, arguments)


def prepare(folder: Path, name: str, gpt2: Path | None) -> None:
    """Put the base model and the examples into a folder."""
    if name == "smollm2":
        from drug_llm.models.embedded import embedded_model

        (folder / "base").symlink_to(embedded_model())
    elif name == "llama-1b":
        random_llama(folder / "base")
    elif gpt2:
        (folder / "base").symlink_to(gpt2.resolve())
    else:
        random_gpt2(folder / "base")
    lines = (REPOSITORY / "data/processed/train.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    random.Random(0).shuffle(lines)
    (folder / "train.jsonl").write_text("".join(lines[:EXAMPLES]), encoding="utf-8")
    (folder / "eval.jsonl").write_text("".join(lines[EXAMPLES : EXAMPLES + EVALUATED]), encoding="utf-8")


def random_gpt2(folder: Path) -> None:
    """Write a checkpoint of GPT-2's shape with random weights and its real tokenizer."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    GPT2LMHeadModel(GPT2Config()).save_pretrained(folder)
    add_tokenizer(folder)


def random_llama(folder: Path) -> None:
    """Write a checkpoint of Llama 3.2 1B's shape (its model card) with random weights and GPT-2's tokenizer."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=128256,
        hidden_size=2048,
        intermediate_size=8192,
        num_hidden_layers=16,
        num_attention_heads=32,
        num_key_value_heads=8,
        tie_word_embeddings=True,
        dtype="bfloat16",
    )
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = LlamaForCausalLM(config)
    model.to(torch.bfloat16).save_pretrained(folder)
    add_tokenizer(folder)


def add_tokenizer(folder: Path) -> None:
    for file in ("vocab.json", "merges.txt"):
        shutil.copy(SHARED / "gpt2_tokenizer" / file, folder)
    text = "<|endoftext|>"
    tokenizer = {"tokenizer_class": "GPT2Tokenizer", "eos_token": text, "bos_token": text, "unk_token": text}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer), encoding="utf-8")


def compare(folder: Path, name: str, arguments: argparse.Namespace) -> None:
    ablation = () if arguments.no_ablation else GPU_ABLATION if gpu() else ABLATION
    sides = [side for side in SPEED if usable(side, name)]
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for run in range(arguments.runs):
        for figures in measure([*sides, *(() if run else ablation)], folder):
            found[figures["side"]].append(figures)
    failed = {side: runs for side, runs in found.items() if any("error" in figures for figures in runs)}
    for side in failed:
        row(f"FAILED: {side}", next(figures["error"] for figures in found.pop(side) if "error" in figures))
    speed = {side: median(runs, "tokens_per_second") for side, runs in found.items() if side != "matrix rate"}
    rate = {kind: median(found["matrix rate"], kind) for kind in ("bfloat16", "float32")}
    lengths, flops = work(folder)
    print(f"\n## {name}: {EXAMPLES} examples, {lengths[0]:.0f} tokens and {lengths[1]:.0f} targets an example")
    row("matrix products, bfloat16 and float32", f"{rate['bfloat16']:.0f}, {rate['float32']:.0f} GFLOP/s")
    for side in SPEED[1:]:
        if side in speed:
            row(f"{side}: tokens a second", f"{speed[side]:.0f}")
    for side, library in (("specification", "the specification"), ("trl", "TRL"), ("litgpt", "LitGPT")):
        if side in speed:
            row(f"ours: times {library}", f"{speed['ours'] / speed[side]:.1f}")
    if "updates of 256 examples" in speed:
        share = speed["updates of 256 examples"] * flops / rate["bfloat16"] / 1e9
        row("updates of 256 examples: share of that rate", f"{share:.0%}")
    row("ours: share of the bfloat16 rate", f"{speed['ours'] * flops / rate['bfloat16'] / 1e9:.0%}")
    row("ours: peak memory", f"{median(found['ours'], 'peak_mib'):.0f} MiB")
    for side in ablation:
        if side in speed:
            row(side, f"{speed[side]:.0f} tokens/s, {speed[side] / speed['ours'] - 1:+.0%}")
    exact, fast = (figures["eval_loss"] for figures in measure(["exact", "fast"], folder))
    row("eval loss after 12 updates: float32 unpacked", f"{exact:.4f}")
    row("the same: ours", f"{fast:.4f}, {fast / exact - 1:+.2%}")
    if failed:
        raise SystemExit(f"These sides failed: {', '.join(failed)}.")


def usable(side: str, name: str) -> bool:
    if side == "trl" and importlib.util.find_spec("trl") is None:
        print("TRL is not installed: `pip install trl==1.16.0` to compare with it.")
        return False
    if side in ("litgpt", "ours, all linear layers") and name != "smollm2":
        return False
    if side == "litgpt" and any(importlib.util.find_spec(library) is None for library in ("litgpt", "lightning")):
        print(f"LitGPT is not installed: `{LITGPT}` to compare with it.")
        return False
    return True


def measure(sides: Sequence[str], folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the figures of one run of each side: on a processor each in a process of its own, on a GPU all in one."""
    for together in [sides] if gpu() else [[side] for side in sides]:
        command = [sys.executable, str(REPOSITORY / "benchmarks/training_sides.py"), str(folder), *together]
        environment = os.environ | {"HF_HUB_OFFLINE": "1"}
        with tempfile.TemporaryFile("w+") as errors:
            side = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment)
            for line in side.stdout or ():
                if line.startswith("{") and '"side"' in line:
                    print(f"  {line}", end="", file=sys.stderr, flush=True)
                    yield json.loads(line)
            if side.wait():
                errors.seek(0)
                raise SystemExit(f"{together}: {errors.read()[-2000:]}")


def work(folder: Path) -> tuple[tuple[float, float], float]:
    """Return the mean lengths and the floating-point operations a token of a LoRA update needs.

    Two products of every frozen layer a token (forward, and the gradient of the input: frozen weights need none), two
    of the output matrix a target, and the attention's own: 4 forward and 8 backward of L x L x width for L tokens,
    halved since it is causal. The adapter's own products are left out.
    """
    from transformers import AutoConfig, AutoModelForCausalLM

    sys.path.insert(0, str(REPOSITORY))
    from benchmarks.training_sides import encoded

    examples = encoded(folder)
    config = AutoConfig.from_pretrained(folder / "base")
    import torch

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    head = config.vocab_size * config.hidden_size
    layers = sum(p.numel() for name, p in model.named_parameters() if p.dim() == 2 and "embed" not in name)
    layers -= sum(p.numel() for name, p in model.named_parameters() if name.endswith(("wte.weight", "wpe.weight")))
    layers -= 0 if config.tie_word_embeddings else head
    tokens = sum(len(example.input_ids) for example in examples)
    targets = sum(target >= 0 for example in examples for target in example.target_ids)
    squares = sum(len(example.input_ids) ** 2 for example in examples)
    attention = 6 * squares * config.hidden_size * config.num_hidden_layers
    total = 4 * layers * tokens + 4 * head * targets + attention
    return (tokens / len(examples), targets / len(examples)), total / tokens


def median(runs: list[dict[str, Any]], key: str) -> float:
    return float(statistics.median(run[key] for run in runs))


def row(what: str, figure: str) -> None:
    print(f"| {what:<46} | {figure:>24} |", flush=True)


def gpu() -> str:
    """Return the name of the GPU, after a comma, or nothing."""
    import torch

    return f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""


def version(package: str) -> str:
    from importlib.metadata import version

    return version(package)


def processor() -> str:
    from drug_llm.training.run import processor_name

    return processor_name()


if __name__ == "__main__":
    main()
