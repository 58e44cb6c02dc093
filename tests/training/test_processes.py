"""Several processes learn what one learns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from drug_llm.errors import ConfigError
from drug_llm.training.processes import Processes, join_processes
from tests.conftest import REPOSITORY, files_below


def train_with(processes: int, base: Path, name: str) -> list[dict[str, float]]:
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    settings = [f"base_model={base}", f"run_name={name}", f"output_dir=models/{name}", "lora_dropout=0.0"]
    settings += ["dtype=float32", "row_tokens=32", "epochs=2", "gradient_accumulation=2", "eval_steps=2"]
    subprocess.run(
        [sys.executable, *(launch if processes > 1 else []), str(REPOSITORY / "train.py"), *settings],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"},
        check=True,
        capture_output=True,
        timeout=200,
    )
    return [json.loads(line) for line in Path(f"results/{name}/curve.jsonl").read_text().splitlines()]


def test_two_and_four_processes_have_the_curve_of_one(project: Path, tiny_base: Path) -> None:
    alone = train_with(1, tiny_base, "one")
    for processes in (2, 4):
        together = train_with(processes, tiny_base, f"of{processes}")
        assert [point.keys() for point in together] == [point.keys() for point in alone]
        for mine, theirs in zip(together, alone, strict=True):
            assert mine == pytest.approx(theirs, rel=1e-4)
        assert files_below(project / f"models/of{processes}") == files_below(project / "models/one")


def test_one_process_needs_no_group() -> None:
    with join_processes(None) as processes:
        assert processes == Processes()
        assert processes.total(1, 2.5) == [1, 2.5]
        assert processes.share([1, 2, 3]) == [1, 2, 3]
        assert not processes.any(False)


def test_shares_make_up_the_whole() -> None:
    shares = [Processes(rank, 3).share(range(10)) for rank in range(3)]
    assert sorted(index for share in shares for index in share) == list(range(10))
    assert [Processes(rank, 3).is_short(10) for rank in range(3)] == [False, True, True]
    assert not any(Processes(rank, 3).is_short(9) for rank in range(3))


def test_incomplete_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.delenv("RANK", raising=False)
    with pytest.raises(ConfigError, match=r"without RANK, .*torchrun"), join_processes(None):
        pass
