"""The sides that `benchmarks/training.py` compares, each reporting one JSON line.

python benchmarks/training_sides.py FOLDER SIDE...    FOLDER holds base/, train.jsonl and eval.jsonl
"""

# Libraries that are compared with are not always there, and not all are typed.
# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from drug_llm.encoding import EncodedExample, Encoding, encode_lines
from drug_llm.models import attention, loading
from drug_llm.models.tokenizer import load_text_encoder
from drug_llm.prompts import PromptFormat
from drug_llm.training import session as sessions
from drug_llm.training.config import TrainConfig
from drug_llm.training.loss import LossReport
from drug_llm.training.plan import TrainingPlan
from drug_llm.training.trainer import train
from drug_llm.training.watch import Update

GPU = torch.cuda.is_available()
UPDATES, WARM_UP = (24, 8) if GPU else (5, 1)
"""Updates of a measurement of ours, and the first ones that are left out, in which kernels warm up."""
PLAIN_EXAMPLES = 256 if GPU else 16
"""Examples of a measurement of the slow sides, in updates of 4 x 4."""
ALL_LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


class Times:
    """A watcher that keeps the updates."""

    def __init__(self) -> None:
        self.updates: list[Update] = []

    def notice(self, text: str) -> None:
        pass

    def started(self, plan: TrainingPlan, done: int, eval_examples: int) -> None:
        pass

    def updated(self, update: Update) -> None:
        self.updates.append(update)

    def evaluating(self, examples: int) -> None:
        pass

    def evaluated(self, step: int, report: LossReport) -> None:
        pass


def ours(folder: Path, **settings: Any) -> dict[str, Any]:
    """Train as a user does; tokens a second over the updates after the warm-up."""
    times = Times()
    with tempfile.TemporaryDirectory() as out:
        places: dict[str, Any] = {"results_dir": f"{out}/results", "output_dir": f"{out}/final", "run_name": "run"}
        places |= {"train_file": str(folder / "train.jsonl"), "eval_file": str(folder / "eval.jsonl")}
        options: dict[str, Any] = {"max_steps": UPDATES, "eval_steps": 1000, "save_steps": 1000, "shown_questions": 0}
        config = TrainConfig(base_model=str(folder / "base"), **places, **options | settings)
        metrics = train(config, times)
    counted = times.updates[WARM_UP:] or times.updates
    speed = sum(update.tokens for update in counted) / sum(update.seconds for update in counted)
    return {"tokens_per_second": speed, "eval_loss": metrics["eval"]["loss"]}


def all_logits(model: Any, row: Any) -> torch.Tensor:
    """Return the loss as ours, with the logits of every position computed."""
    inputs = {"position_ids": row.position_ids, "segment_lengths": row.segment_lengths, "use_cache": False}
    logits = model(input_ids=row.input_ids, **inputs).logits[0, row.predict_at]
    return torch.nn.functional.cross_entropy(logits.float(), row.targets, reduction="sum")


@contextlib.contextmanager
def instead(place: Any, name: str, value: Any) -> Iterator[None]:
    """Put another value in a module's place for a while."""
    before = getattr(place, name)
    setattr(place, name, value)
    yield
    setattr(place, name, before)


def compiled(make: Callable[..., Any]) -> Callable[..., Any]:
    """Return what makes a model, with every block of it compiled; the first update, which compiles, is not counted."""

    def made(*arguments: Any) -> Any:
        model = make(*arguments)
        blocks = next(module for module in model.modules() if isinstance(module, torch.nn.ModuleList))
        for block in blocks:
            block.compile(dynamic=True)
        return model

    return made


def nothing(_: Any) -> int:
    return 0


def one(_: Any) -> int:
    return 1


def without(folder: Path, place: Any, name: str, value: Any) -> dict[str, Any]:
    with instead(place, name, value):
        return ours(folder)


def specification(folder: Path) -> dict[str, Any]:
    """Train as the specification reads: HF Trainer, float32, every example padded to 512 tokens."""
    from datasets import Dataset
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

    examples = encoded(folder)[:PLAIN_EXAMPLES]
    model = AutoModelForCausalLM.from_pretrained(folder / "base", dtype=torch.float32)
    gpt2 = model.config.model_type == "gpt2"
    targets = ["c_attn"] if gpt2 else ["q_proj", "k_proj", "v_proj"]
    lora = LoraConfig(
        r=8, lora_alpha=16, lora_dropout=0.05, target_modules=targets, fan_in_fan_out=gpt2, task_type="CAUSAL_LM"
    )
    rows = [padded(example, 512) for example in examples]
    with tempfile.TemporaryDirectory() as out:
        arguments = TrainingArguments(
            out,
            per_device_train_batch_size=4,
            gradient_accumulation_steps=4,
            max_steps=PLAIN_EXAMPLES // 16,
            learning_rate=1e-4,
            use_cpu=not GPU,
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
        )
        trainer = Trainer(get_peft_model(model, lora), arguments, train_dataset=Dataset.from_list(rows))
        return timed(trainer.train, examples)


def trl(folder: Path) -> dict[str, Any]:
    """Train with TRL's SFTTrainer at its fastest settings on a CPU: bfloat16, padded to the longest of a batch."""
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    examples = encoded(folder)[:PLAIN_EXAMPLES]
    model = AutoModelForCausalLM.from_pretrained(folder / "base", dtype=torch.bfloat16)
    tokenizer = AutoTokenizer.from_pretrained(folder / "base")
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    gpt2 = model.config.model_type == "gpt2"
    targets = ["c_attn"] if gpt2 else ["q_proj", "k_proj", "v_proj"]
    lora = LoraConfig(
        r=8, lora_alpha=16, lora_dropout=0.05, target_modules=targets, fan_in_fan_out=gpt2, task_type="CAUSAL_LM"
    )
    rows = [{"input_ids": list(e.input_ids), "completion_mask": [int(t >= 0) for t in e.target_ids]} for e in examples]
    with tempfile.TemporaryDirectory() as out:
        arguments = SFTConfig(
            out,
            per_device_train_batch_size=4,
            gradient_accumulation_steps=4,
            max_steps=PLAIN_EXAMPLES // 16,
            learning_rate=1e-4,
            max_length=512,
            bf16=True,
            use_cpu=not GPU,
            gradient_checkpointing=False,
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
        )
        data = Dataset.from_list(rows)
        trainer = SFTTrainer(model, arguments, train_dataset=data, processing_class=tokenizer, peft_config=lora)
        return timed(trainer.train, examples)


def litgpt(folder: Path) -> dict[str, Any]:
    """Train with LitGPT's LoRA at its best settings on a CPU, driven as its `finetune/lora.py`; SmolLM2-135M only.

    It has no configuration of GPT-2, so it cannot be a side there. The weights are the checkpoint's; bfloat16
    throughout ("bf16-true") is faster than its "32-true"; padding to the longest of a batch, and the output matrix and
    the loss in chunks of 128 positions, are as its script has them.
    """
    import lightning
    from litgpt.data import get_sft_collate_fn
    from litgpt.utils import chunked_cross_entropy, instantiate_torch_optimizer

    examples = encoded(folder)[:PLAIN_EXAMPLES]
    fabric: Any = lightning.Fabric(accelerator="cpu", devices=1, precision="bf16-true")
    fabric.seed_everything(42)
    with fabric.init_module():
        model: Any = litgpt_model(folder / "base")
    model.max_seq_length = max(len(example.input_ids) for example in examples)
    model = fabric.setup_module(model)
    optimizer = fabric.setup_optimizers(instantiate_torch_optimizer("AdamW", model.parameters(), lr=1e-4))
    rows: Any = [litgpt_row(example) for example in examples]
    loader = torch.utils.data.DataLoader(rows, batch_size=4, shuffle=True, collate_fn=get_sft_collate_fn())
    batches = fabric.setup_dataloaders(loader)

    def run() -> None:
        for number, batch in enumerate(batches, 1):
            accumulating = number % 4 != 0
            with fabric.no_backward_sync(model, enabled=accumulating):
                logits = model(batch["input_ids"], lm_head_chunk_size=128)
                logits[-1] = logits[-1][..., :-1, :]
                fabric.backward(chunked_cross_entropy(logits, batch["labels"][..., 1:]) / 4)
            if not accumulating:
                optimizer.step()
                optimizer.zero_grad()

    return timed(run, examples)


def litgpt_model(base: Path) -> torch.nn.Module:
    """Return LitGPT's model with the weights of a SmolLM2-135M checkpoint, only its adapter trainable."""
    from litgpt.lora import GPT, Config, mark_only_lora_as_trainable
    from litgpt.scripts.convert_hf_checkpoint import copy_weights_hf_llama
    from safetensors.torch import load_file

    places = dict.fromkeys(("lora_query", "lora_key", "lora_value"), True)
    config = Config.from_name("SmolLM2-135M-Instruct", lora_r=8, lora_alpha=16, lora_dropout=0.05, **places)
    model: torch.nn.Module = GPT(config)
    mark_only_lora_as_trainable(model)
    weights: dict[str, torch.Tensor] = {}
    copy_weights_hf_llama(config, {}, weights, load_file(base / "model.safetensors"))
    missing, unknown = model.load_state_dict(weights, strict=False)
    if unknown or any("lora_" not in name for name in missing):
        raise SystemExit(f"{base} is no SmolLM2-135M as LitGPT has it: missing {missing}, unknown {unknown}")
    return model


def litgpt_row(example: EncodedExample) -> dict[str, Any]:
    counts = {"raw": len(example.input_ids), "raw_plus_prompt_template": len(example.input_ids)}
    labels = [target if target >= 0 else -100 for target in example.target_ids]
    return {"input_ids": torch.tensor(example.input_ids), "labels": torch.tensor(labels), "token_counts": counts}


def encoded(folder: Path) -> list[EncodedExample]:
    encoding = Encoding(load_text_encoder(folder / "base"), PromptFormat(), 512)
    return encode_lines(folder / "train.jsonl", encoding)[0]


def padded(example: EncodedExample, length: int) -> dict[str, list[int]]:
    room = length - len(example.input_ids)
    return {
        "input_ids": [*example.input_ids, *[0] * room],
        "attention_mask": [1] * len(example.input_ids) + [0] * room,
        "labels": [*example.input_ids, *[-100] * room],
    }


def timed(run: Callable[[], Any], examples: list[EncodedExample]) -> dict[str, Any]:
    if GPU:
        run()
        torch.cuda.synchronize()
    started = time.perf_counter()
    run()
    if GPU:
        torch.cuda.synchronize()
    return {"tokens_per_second": sum(len(example.input_ids) for example in examples) / (time.perf_counter() - started)}


def matrix_rate(folder: Path) -> dict[str, Any]:
    """Measure the rate of matrix products, on a processor of a small model's shapes, in GFLOP a second."""
    found = {}
    cpu_shapes = ((512, 768, 3072), (512, 3072, 768), (1024, 768, 2304), (2048, 2048, 2048))
    for dtype in (torch.bfloat16, torch.float32):
        best = 0.0
        for rows, inner, columns in ((4096, 4096, 4096), (8192, 8192, 8192)) if GPU else cpu_shapes:
            one, other = (
                torch.randn(shape, device="cuda" if GPU else "cpu").to(dtype)
                for shape in ((rows, inner), (inner, columns))
            )
            for _ in range(12):
                started = time.perf_counter()
                for _ in range(4):
                    result = one @ other
                float(result[0, 0])  # Waits for a GPU.
                best = max(best, 8 * rows * inner * columns / (time.perf_counter() - started))
        found[str(dtype).removeprefix("torch.")] = best / 1e9
    return found


SIDES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "specification": specification,
    "trl": trl,
    "litgpt": litgpt,
    "ours": ours,
    "matrix rate": matrix_rate,
    "ours, all linear layers": lambda folder: ours(folder, target_modules=ALL_LINEAR),
    "without bfloat16": lambda folder: ours(folder, dtype="float32"),
    "one row at a time": lambda folder: without(folder, sessions, "rows_side_by_side", one),
    "without packed rows": lambda folder: ours(folder, row_tokens=8),
    "without the adapter in bfloat16": lambda folder: without(
        folder, sessions, "compute_adapters_in_base_format", nothing
    ),
    "without attention by products": lambda folder: without(folder, attention, "LONGEST_PRODUCT", 0),
    "without one attention kernel for all": lambda folder: without(folder, attention, "USE_VARLEN", False),
    "without fused layers": lambda folder: without(folder, loading, "fuse_frozen_layers", nothing),
    "without logits at targets only": lambda folder: without(folder, sessions, "row_loss", all_logits),
    "with the base model's own dropout": lambda folder: ours(folder, base_dropout=True),
    "without the adapter's dropout": lambda folder: ours(folder, lora_dropout=0.0),
    "rows of 512 tokens": lambda folder: ours(folder, row_tokens=512),
    "updates of 256 examples": lambda folder: ours(folder, batch_size=32),
    "rows of 1,024 tokens": lambda folder: ours(folder, row_tokens=1024),
    "rows of 2,048 tokens": lambda folder: ours(folder, row_tokens=2048),
    "with torch.compile": lambda folder: without(folder, sessions, "_model", compiled(sessions._model)),
    "exact": lambda folder: ours(folder, row_tokens=8, dtype="float32", max_steps=12, learning_rate=1e-3),
    "fast": lambda folder: ours(folder, max_steps=12, learning_rate=1e-3),
}


def main() -> None:
    folder, *sides = sys.argv[1:]
    torch.set_num_threads(int(os.environ.get("BENCHMARK_THREADS", torch.get_num_threads())))
    for side in sides:
        if GPU:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        try:
            figures = SIDES[side](Path(folder))
        except Exception as error:
            # The sides after it are measured all the same; the benchmark says what failed and ends with an error.
            traceback.print_exc()
            figures = {"error": f"{type(error).__name__}: {error}"}
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        if GPU:
            peak = torch.cuda.max_memory_allocated() / 2**20
        print(json.dumps(figures | {"side": side, "peak_mib": peak}), flush=True)


if __name__ == "__main__":
    main()
