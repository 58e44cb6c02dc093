"""Base models on the Hugging Face Hub: the local cache first, then a quick and resumable download."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from drug_llm.errors import ModelError

ANSWER_TIMEOUT = 4.0
"""Seconds to wait for the Hub before it counts as out of reach."""
DOWNLOAD_TRIES = 3
"""Attempts at a download; files that are complete are kept, and a file goes on where its connection broke off."""
# Pickled weights (*.bin) can run code when they are read, so only safetensors are taken.
_WANTED = ("*.json", "*.jinja", "merges.txt", "vocab.txt", "tokenizer.model", "model*.safetensors")
_UNWANTED = ("onnx/*", "*/*")

Found = TypeVar("Found")


@dataclass(frozen=True)
class HubModel:
    """A model of the Hub that lies complete in the local cache."""

    folder: Path
    """Snapshot folder."""
    revision: str
    """Commit of the model's repository."""


class HubUnreachableError(ModelError):
    """The Hub does not answer, or is switched off with HF_HUB_OFFLINE."""


def cached_model(name: str) -> HubModel | None:
    """Return the model when a complete copy lies in the local cache; never asks the network."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError, HfHubHTTPError, FileNotFoundError):
        return None
    return HubModel(folder, folder.name) if is_complete(folder) else None


def is_complete(folder: Path) -> bool:
    """Return whether a folder holds a configuration, a tokenizer and safetensors weights."""
    has_tokenizer = any((folder / name).is_file() for name in ("tokenizer.json", "vocab.json", "tokenizer.model"))
    return (folder / "config.json").is_file() and has_tokenizer and bool(weight_files(folder))


def weight_files(folder: Path) -> list[Path]:
    """Return the safetensors files of a model, or none when one of its shards is missing."""
    files = sorted(folder.glob("model*.safetensors"))
    shards = [file for file in files if "-of-" in file.name]
    expected = int(shards[0].stem.rsplit("-of-", 1)[1]) if shards else len(files)
    return files if len(shards or files) == expected else []


def download_model(name: str) -> HubModel:
    """Return the model after fetching what the local cache lacks; a connection that breaks off is taken up again.

    Raises HubUnreachableError within about five seconds when the Hub does not answer, and ModelError when it
    has no such model or the download keeps failing.
    """
    check_reachable(name)
    for attempt in range(1, DOWNLOAD_TRIES + 1):
        try:
            return _fetch(name)
        except (OSError, RuntimeError) as error:
            if attempt == DOWNLOAD_TRIES:
                raise ModelError(
                    f"{name}: the download broke off {attempt} times ({error}). "
                    "Run the same command again: the files that are complete are kept."
                ) from error
    raise AssertionError("unreachable")


def _fetch(name: str) -> HubModel:
    from huggingface_hub import snapshot_download

    folder = Path(snapshot_download(name, allow_patterns=list(_WANTED), ignore_patterns=list(_UNWANTED)))
    if not is_complete(folder):
        raise ModelError(
            f"{name}: the Hub has no usable copy (config.json, a tokenizer and *.safetensors are needed). "
            "Choose another base_model, or convert its weights to safetensors and give the folder."
        )
    return HubModel(folder, folder.name)


def check_reachable(name: str) -> None:
    """Raise HubUnreachableError when the Hub does not answer in time, ModelError when it has no such model."""
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import GatedRepoError, HFValidationError, RepositoryNotFoundError

    if constants.is_offline_mode():
        raise HubUnreachableError("HF_HUB_OFFLINE is set, so the Hub is not asked")
    try:
        answer_within(ANSWER_TIMEOUT, lambda: HfApi().model_info(name, timeout=ANSWER_TIMEOUT))
    except GatedRepoError as error:
        raise ModelError(f"{name}: access is restricted. Accept its terms on the Hub and set HF_TOKEN.") from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise ModelError(
            f"{name}: no such model on the Hub and no such folder; expected `owner/name`, a folder, `auto` or "
            "`embedded`. Check the spelling of base_model."
        ) from error
    except Exception as error:
        # Whatever the HTTP library raises here means the same to the user: no answer from the Hub.
        raise HubUnreachableError(f"{hub_address()} does not answer ({type(error).__name__})") from error


def hub_address() -> str:
    """Return the address of the Hub or of the mirror that HF_ENDPOINT names."""
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co")


def answer_within(seconds: float, ask: Callable[[], Found]) -> Found:
    """Return what `ask()` returns, or raise TimeoutError when that takes longer.

    Name resolution ignores socket timeouts and can block for half a minute without a network, so the
    call runs in a thread that is left behind when it is late.
    """
    answers: queue.Queue[tuple[bool, Found | Exception]] = queue.Queue(maxsize=1)

    def work() -> None:
        try:
            answers.put((True, ask()))
        except Exception as error:
            answers.put((False, error))

    threading.Thread(target=work, daemon=True).start()
    try:
        worked, answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"no answer within {seconds:.0f} s") from None
    if not worked:
        assert isinstance(answer, Exception)
        raise answer
    return answer  # type: ignore[return-value]
