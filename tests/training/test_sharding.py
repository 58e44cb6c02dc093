"""Processes that split the model between them learn what one process learns, and hold less of it."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from drug_llm.errors import ConfigError
from drug_llm.models.base import resolve_base_model
from drug_llm.models.loading import LoraSettings, add_adapter, load_base_model
from drug_llm.models.precision import choose_precision
from drug_llm.settings import load_settings
from drug_llm.training.config import TrainConfig
from drug_llm.training.processes import join_processes
from drug_llm.training.sharding import check_sharding, idle_pass, load_on_first, shard
from drug_llm.training.trainer import train
from drug_llm.training.watch import SilentWatcher, Update
from tests.conftest import files_below, simple_examples, write_jsonl

SETTINGS = (
    "base_model=llama dtype=float32 lora_dropout=0 row_tokens=32 max_steps=6 batch_size=2 gradient_accumulation=2"
)
METHODS = {
    "lora": "learning_rate=0.01 eval_steps=2",
    "full": "method=full learning_rate=0.003 eval_steps=4 keep_best=true",
}
MIXED = ("dtype=bfloat16", "max_steps=3")
SHARDED = "sharding=full"


class PowerCut(SilentWatcher):
    """Ends the process as a power cut would, after an update."""

    def __init__(self, after: int) -> None:
        self.after = after

    def updated(self, update: Update) -> None:
        if update.step == self.after:
            os.kill(os.getpid(), signal.SIGKILL)


def words(method: str, name: str, *more: str) -> list[str]:
    return [*SETTINGS.split(), *METHODS[method].split(), f"run_name={name}", f"output_dir=models/{name}", *more]


def start(count: int, *tasks: dict[str, Any]) -> list[int | None]:
    """Do the tasks one after the other in so many processes; return their exit codes."""
    for task in tasks:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            task["MASTER_PORT"] = str(free.getsockname()[1])
    # One process imports the libraries and is copied, which takes a tenth of the time of importing in each.
    copies = multiprocessing.get_context("forkserver")
    copies.set_forkserver_preload([__name__, "transformers.models.llama.modeling_llama"])
    environment = {"WORLD_SIZE": str(count), "LOCAL_WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1"}
    environment |= {name: os.environ[name] for name in ("DRUG_LLM_CACHE", "HF_HOME", "HF_HUB_OFFLINE")}
    places = [environment | {"RANK": str(rank)} for rank in range(count)]
    processes = [copies.Process(target=work, args=(Path.cwd(), place, tasks)) for place in places]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=400)
        process.kill()
    return [process.exitcode for process in processes]


def work(folder: Path, environment: dict[str, str], tasks: Sequence[dict[str, Any]]) -> None:
    """Do the tasks as one of several processes."""
    os.chdir(folder)
    torch.set_num_threads(1)
    for task in tasks:
        os.environ.update(environment | {"MASTER_PORT": task["MASTER_PORT"]})
        if "train" in task:
            watcher = PowerCut(task["dies_after"]) if "dies_after" in task else SilentWatcher()
            train(load_settings(TrainConfig, None, task["train"]), watcher)
        else:
            measure_memory(folder)


def measure_memory(folder: Path) -> None:
    """Write how many weights this process holds between passes and, at most, at the start of a block."""
    config, precision = load_settings(TrainConfig, None, words("lora", "held", SHARDED)), choose_precision("cpu")
    base = resolve_base_model("llama")
    with join_processes(None) as processes:
        model = add_adapter(load_on_first(config, base, precision, processes), LoraSettings(4, 8, 0, None), base=base)
        shard(model, precision, processes)
        found: list[int] = []
        for module in model.modules():
            if type(module).__name__.endswith("DecoderLayer"):
                module.register_forward_pre_hook(lambda *_: found.append(elements(model)))
        rest = elements(model)
        idle_pass(model, torch.device("cpu"))
        after = elements(model)
        (folder / f"{processes.count}-{processes.rank}.json").write_text(json.dumps([rest, max(found), after]))


def elements(model: torch.nn.Module) -> int:
    """Return how many elements of the base model are in this process."""
    parameters = [p for name, p in model.named_parameters() if "lora_" not in name]
    return sum((p.to_local() if hasattr(p, "to_local") else p).numel() for p in parameters)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tiny_base: Path) -> Iterator[Path]:
    """A project with a Llama of four blocks, whose sizes do not all divide by the number of processes."""
    from transformers import LlamaConfig, LlamaForCausalLM

    here, cache = tmp_path_factory.mktemp("sharded"), tmp_path_factory.getbasetemp() / "cache"
    write_jsonl(here / "data/processed/train.jsonl", simple_examples(0, 10))
    write_jsonl(here / "data/evaluation/eval.jsonl", simple_examples(40, 3))
    sizes = {"hidden_size": 48, "intermediate_size": 98, "num_hidden_layers": 4, "num_attention_heads": 4}
    torch.manual_seed(0)
    settings = LlamaConfig(
        **sizes, vocab_size=401, num_key_value_heads=2, tie_word_embeddings=True, initializer_range=0.2, eos_token_id=0
    )
    LlamaForCausalLM(settings).save_pretrained(here / "llama")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tiny_base / name, here / "llama")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        patch.setenv("DRUG_LLM_CACHE", str(cache))
        patch.setenv("HF_HOME", str(cache / "hub-home"))
        yield here


@pytest.fixture(scope="module")
def alone(folder: Path) -> dict[str, list[dict[str, float]]]:
    """The curves of one process."""
    for method in METHODS:
        train(load_settings(TrainConfig, None, words(method, f"{method}-1")), SilentWatcher())
    return {method: curve(f"{method}-1") for method in METHODS}


@pytest.fixture(scope="module", params=[2, 4])
def count(request: pytest.FixtureRequest, folder: Path) -> int:
    """Processes that have trained and measured what they hold."""
    tasks = [{"train": words(method, f"{method}-{request.param}", SHARDED)} for method in METHODS]
    assert start(request.param, {"measure": True}, *tasks) == [0] * request.param
    return int(request.param)


@pytest.fixture(scope="module")
def cut(folder: Path) -> Path:
    """The folder of a run whose two processes died after update 4."""
    task = {"train": words("full", "cut", SHARDED, "save_steps=3"), "dies_after": 4}
    assert -signal.SIGKILL in start(2, task)
    return folder / "results/cut"


def curve(name: str) -> list[dict[str, float]]:
    return [json.loads(line) for line in Path(f"results/{name}/curve.jsonl").read_text().splitlines()]


def weights(name: str) -> dict[str, torch.Tensor]:
    (file,) = Path(f"models/{name}").glob("*.safetensors")
    return load_file(file)


def assert_same_curve(mine: list[dict[str, float]], theirs: list[dict[str, float]], *, within: float = 1e-4) -> None:
    assert [point.keys() for point in mine] == [point.keys() for point in theirs]
    for one, other in zip(mine, theirs, strict=True):
        assert one == pytest.approx(other, rel=within)


@pytest.mark.parametrize("method", METHODS)
def test_split_model_has_the_curve_of_one_process(
    alone: dict[str, list[dict[str, float]]], count: int, method: str
) -> None:
    assert_same_curve(curve(f"{method}-{count}"), alone[method])
    # The norm is only tested where gradients are clipped.
    assert any(point.get("grad_norm", 0) > 1 for point in alone[method])


@pytest.mark.parametrize("method", METHODS)
def test_final_checkpoint_of_a_split_model_is_whole(
    folder: Path, alone: dict[str, list[dict[str, float]]], count: int, method: str
) -> None:
    mine, theirs = weights(f"{method}-{count}"), weights(f"{method}-1")
    assert files_below(folder / f"models/{method}-{count}") == files_below(folder / f"models/{method}-1")
    assert mine.keys() == theirs.keys()
    for name, tensor in theirs.items():
        torch.testing.assert_close(mine[name], tensor, rtol=1e-3, atol=1e-3)


def test_process_holds_its_share_of_the_weights_and_one_block(folder: Path, count: int) -> None:
    model: Any = load_base_model(resolve_base_model("llama"), choose_precision("cpu"))
    whole = elements(model)
    block, shared = elements(model.model.layers[0]), elements(model.lm_head)
    held = [json.loads((folder / f"{count}-{rank}.json").read_text()) for rank in range(count)]
    assert sum(rest for rest, _, _ in held) == whole
    for rest, most, after in held:
        assert rest == after <= 1.05 * whole / count
        assert rest < most <= 1.05 * whole / count + block + shared


def test_killed_run_goes_on_with_the_same_bits_or_with_other_processes(
    alone: dict[str, list[dict[str, float]]], cut: Path, count: int
) -> None:
    name = f"cut{count}"
    shutil.copytree(cut, cut.with_name(name))
    assert start(count, {"train": words("full", name, SHARDED)}) == [0] * count
    assert_same_curve(curve(name), alone["full"])
    if count == 2:
        assert curve(name) == curve("full-2")
        assert all(torch.equal(tensor, weights("full-2")[key]) for key, tensor in weights(name).items())


def test_killed_run_goes_on_without_sharding(alone: dict[str, list[dict[str, float]]], cut: Path) -> None:
    shutil.copytree(cut, cut.with_name("cut1"))
    train(load_settings(TrainConfig, None, words("full", "cut1")), SilentWatcher())
    assert_same_curve(curve("cut1"), alone["full"])


def test_frozen_bfloat16_weights_are_split_and_their_float32_adapters_are_not(folder: Path) -> None:
    assert start(2, {"train": words("lora", "mixed-2", *MIXED, SHARDED)}) == [0, 0]
    train(load_settings(TrainConfig, None, words("lora", "mixed-1", *MIXED)), SilentWatcher())
    assert_same_curve(curve("mixed-2"), curve("mixed-1"), within=0.02)
    assert {tensor.dtype for tensor in weights("mixed-2").values()} == {torch.float32}


def test_one_process_has_nothing_to_split_the_model_over() -> None:
    with pytest.raises(ConfigError, match=r"sharding=full: there is one process; expected several .*torchrun"):
        train(TrainConfig(sharding="full"), SilentWatcher())
    with join_processes(None) as processes:
        check_sharding(TrainConfig(), processes)


@pytest.mark.parametrize("changes", [{"method": "qlora"}, {"lora_variant": "pissa"}])
def test_model_that_cannot_be_split_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="sharding=full: expected none with method=qlora or lora_variant=pissa"):
        TrainConfig(sharding="full", **changes)


def test_word_none_is_a_value_where_a_setting_takes_it() -> None:
    assert load_settings(TrainConfig, None, ["sharding=none"]).sharding == "none"
    assert load_settings(TrainConfig, None, ["run_name=none"]).run_name is None
