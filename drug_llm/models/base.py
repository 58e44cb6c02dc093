"""Which base model a run starts from, and where its files lie."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from drug_llm.errors import ModelError
from drug_llm.models import embedded, hub
from drug_llm.storage import file_sha256

AUTO = "auto"
EMBEDDED = "embedded"
GPT2 = "openai-community/gpt2"


@dataclass(frozen=True)
class BaseModel:
    """A base model whose files lie complete in a local folder."""

    name: str
    """Name to ask for it again: a Hub name, a folder or `embedded`."""
    folder: Path
    """Folder with its configuration, tokenizer and safetensors weights."""
    revision: str = ""
    """Commit on the Hub; empty for a folder and for the embedded model."""
    notice: str = ""
    """What the user must be told about the choice; empty when it is the one that was named."""

    @property
    def title(self) -> str:
        """Short name for people."""
        return embedded.NAME if self.name == EMBEDDED else Path(self.name).name

    def sha256(self) -> str:
        """Return one SHA-256 over the weight files, in the order of their names."""
        digests = [file_sha256(file) for file in hub.weight_files(self.folder)]
        return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()

    def architecture(self) -> str:
        """Return the `model_type` of its configuration, such as `gpt2`."""
        return str(json.loads((self.folder / "config.json").read_text(encoding="utf-8")).get("model_type", ""))


def resolve_base_model(name: str) -> BaseModel:
    """Return the base model that a `base_model` setting means, downloading or converting it when needed.

    `auto` is GPT-2 where the local cache or the Hub has it, else the embedded model. A model that is named
    never falls back: ModelError says what is missing and the ways out.
    """
    if name == AUTO:
        return _gpt2_or_embedded()
    if name == EMBEDDED:
        return BaseModel(EMBEDDED, embedded.embedded_model())
    if Path(name).is_dir():
        return _folder(Path(name))
    if cached := hub.cached_model(name):
        return BaseModel(name, cached.folder, cached.revision)
    try:
        found = hub.download_model(name)
    except hub.HubUnreachableError as error:
        raise ModelError(
            f"{name}: not in the local cache, and {error}. Three ways out: connect this machine (or set HF_ENDPOINT "
            "to a mirror); copy the model here and give base_model=FOLDER; or take the model that needs no "
            "network with base_model=embedded."
        ) from error
    return BaseModel(name, found.folder, found.revision)


def _folder(folder: Path) -> BaseModel:
    if not hub.is_complete(folder):
        raise ModelError(
            f"{folder}: not a complete model; expected config.json, a tokenizer and *.safetensors weights. "
            "Give a folder saved with `save_pretrained`, or another base_model."
        )
    return BaseModel(str(folder), folder)


def _gpt2_or_embedded() -> BaseModel:
    if cached := hub.cached_model(GPT2):
        return BaseModel(GPT2, cached.folder, cached.revision)
    try:
        found = hub.download_model(GPT2)
    except hub.HubUnreachableError as error:
        notice = (
            f"{GPT2} is not in the local cache and {error}: this run uses the embedded {embedded.NAME} instead. "
            f"To insist on GPT-2, name it: base_model={GPT2}"
        )
        return BaseModel(EMBEDDED, embedded.embedded_model(), notice=notice)
    return BaseModel(GPT2, found.folder, found.revision)
