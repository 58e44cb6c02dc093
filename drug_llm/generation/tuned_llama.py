"""A tuned Llama without transformers and PEFT, ready to judge and to read a second after it is asked for.

They take four seconds to import and to merge an adapter. They do it once; the merged weights are kept and from then on
mapped into memory, page by page as they are read.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from drug_llm.errors import StorageError
from drug_llm.generation.first_word import log_odds
from drug_llm.generation.llama import Llama, Memory, arranged, is_plain, read_shape
from drug_llm.generation.lookup import decode
from drug_llm.generation.wording import Wording
from drug_llm.instructions.example import EvidencePassage
from drug_llm.models.base import EMBEDDED, BaseModel
from drug_llm.models.embedded import cache_folder
from drug_llm.models.final import FinalCheckpoint, open_final
from drug_llm.models.hub import weight_files
from drug_llm.models.precision import Precision, choose_precision
from drug_llm.models.tokenizer import TextEncoder, load_text_encoder
from drug_llm.storage import file_sha256, new_folder

logger = logging.getLogger(__name__)
LAYOUT = "1"
"""Changes whenever `arranged` or the way of merging does: weights kept in another layout are not read."""
_KEPT = "model.safetensors"


class TunedLlama:
    """A final checkpoint of a Llama; safe to share between threads."""

    def __init__(self, checkpoint: FinalCheckpoint, model: Llama, encoder: TextEncoder) -> None:
        self.checkpoint = checkpoint
        self._model = model
        self._encoder = encoder

    @property
    def name(self) -> str:
        """Name of the run that made the model."""
        return str(self.checkpoint.manifest["run"])

    def first_word_odds(self, inputs: Sequence[str], one: str, other: str) -> list[float]:
        """Return for each input the log-odds that the answer begins with one word rather than the other."""
        texts = self.checkpoint.prompt_format
        prompts = [self._encoder.encode_prompt(texts.prompt(text)) for text in inputs]
        first, second = (self._encoder.encode(texts.answer.format(output=word))[0] for word in (one, other))
        return log_odds(self._model, prompts, first, second)

    def read(self, question: str, passages: Sequence[EvidencePassage]) -> Wording:
        """Return the answer that the model reads in the passages, always the same."""
        prompt = self._encoder.encode_prompt(self.checkpoint.prompt_format.prompt(question, passages))
        ids = decode(_Text(self._model), prompt, ends=self._encoder.ends)
        return Wording(self._encoder.decode(ids).strip())


class _Text:
    """A text that a Llama is part way through reading."""

    def __init__(self, model: Llama) -> None:
        self._model = model
        self._memory = Memory()

    def begin(self, ids: Sequence[int]) -> int:
        """Read the beginning and return the id most likely behind it."""
        return self._best(self._model.read_on(ids, self._memory, last=True))[0]

    def read_on(self, ids: Sequence[int]) -> list[int]:
        """Read more ids and return for each the one most likely behind it."""
        return self._best(self._model.read_on(ids, self._memory))

    def forget(self, count: int) -> None:
        """Take the last ids back."""
        self._memory.forget(count)

    def _best(self, states: torch.Tensor) -> list[int]:
        best: list[int] = (states @ self._model.head.T).argmax(dim=-1).tolist()
        return best


def is_llama(folder: Path) -> bool:
    """Return whether the final checkpoint of a folder is a plain Llama's. Raises ModelError when there is none."""
    return is_plain(_config(open_final(folder).base_model()))


def load_tuned_llama(folder: Path) -> TunedLlama:
    """Return the final checkpoint of a folder, ready to judge and to read.

    Raises ModelError when it cannot be loaded or its base model is no Llama.
    """
    checkpoint = open_final(folder)
    base = checkpoint.base_model()
    shape = read_shape(_config(base))
    model = Llama(shape, _weights(checkpoint, base, choose_precision()))
    return TunedLlama(checkpoint, model, load_text_encoder(checkpoint.text_folder(base)))


def _config(base: BaseModel) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((base.folder / "config.json").read_text(encoding="utf-8"))
    return content


def _weights(checkpoint: FinalCheckpoint, base: BaseModel, precision: Precision) -> Mapping[str, torch.Tensor]:
    """Return the merged weights, mapped from the file that is kept of them; it is made where there is none."""
    kept = cache_folder() / "merged" / _fingerprint(checkpoint, base, precision)
    with suppress(OSError, SafetensorError):
        return load_file(kept / _KEPT, device=str(precision.device))
    from drug_llm.models.loading import load_merged

    logger.warning("Preparing the tuned model (once, about 5 s).")
    weights = arranged(load_merged(base, checkpoint.folder, precision).state_dict())
    try:
        with new_folder(kept) as partial:
            save_file(weights, partial / _KEPT)
    except StorageError as error:
        # It can answer without the file; only the next start is as slow as this one.
        logger.warning("The prepared model is not kept: %s", error)
    return weights


def _fingerprint(checkpoint: FinalCheckpoint, base: BaseModel, precision: Precision) -> str:
    """Return a name that changes with the adapter, the base model, the number format or the layout."""
    own = [checkpoint.folder / name for name in ("adapter_config.json", "adapter_model.safetensors")]
    tuned = [file for file in own if file.is_file()] or weight_files(checkpoint.folder)
    # The folder of the embedded model is named by a hash of what it was made from.
    origin = base.folder.name if base.name == EMBEDDED else base.sha256()
    parts = [LAYOUT, precision.dtype_name, origin, *map(file_sha256, tuned)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
