"""Text from a prompt with transformers, always the most likely next token."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from tokenizers.decoders import DecodeStream
from transformers import DynamicCache
from transformers.generation.streamers import BaseStreamer

from drug_llm.generation.lookup import decode
from drug_llm.generation.wording import Wording
from drug_llm.instructions.example import EvidencePassage
from drug_llm.models.final import FinalCheckpoint, open_final
from drug_llm.models.loading import load_merged, quiet_libraries
from drug_llm.models.precision import choose_precision
from drug_llm.models.tokenizer import TextEncoder, load_text_encoder

if TYPE_CHECKING:
    from transformers import PreTrainedModel

MAX_NEW_TOKENS = 160
"""Longest answer in tokens."""

NO_REPEAT_TOKENS = 8
"""Runs of this many tokens are not written twice: left alone, small models fall into loops."""


class TunedModel:
    """A final checkpoint in memory, its adapter merged into the base weights."""

    def __init__(self, checkpoint: FinalCheckpoint, model: PreTrainedModel, encoder: TextEncoder) -> None:
        self.checkpoint = checkpoint
        self._model = model
        self._encoder = encoder
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Name of the run that made the model."""
        return str(self.checkpoint.manifest["run"])

    @property
    def max_tokens(self) -> int:
        """Longest prompt with its answer that the model was trained on."""
        return int(self.checkpoint.manifest["identity"]["settings"]["max_tokens"])

    def count_tokens(self, prompt: str) -> int:
        """Return the length of a prompt in tokens."""
        return len(self._encoder.encode_prompt(prompt))

    def answer(self, question: str) -> str:
        """Return the closed-book answer to a question: from memory, checked against no label."""
        return self.generate(self.checkpoint.prompt_format.prompt(question))

    def read(self, question: str, passages: Sequence[EvidencePassage]) -> Wording:
        """Return the answer that the model reads in the passages; one question at a time, so it is always the same."""
        prompt = self._encoder.encode_prompt(self.checkpoint.prompt_format.prompt(question, passages))
        with self._lock:
            ids = decode(CachedText(self._model), prompt, ends=self._encoder.ends)
        return Wording(self._encoder.decode(ids).strip())

    @torch.inference_mode()
    def generate(
        self, prompt: str, *, max_new_tokens: int = MAX_NEW_TOKENS, on_text: Callable[[str], None] | None = None
    ) -> str:
        """Return the continuation of a prompt up to end-of-text; the same prompt gives the same text.

        `on_text` receives the pieces as they come, never half a character.
        """
        ids = torch.tensor([self._encoder.encode_prompt(prompt)], device=self._model.device)
        streamer = _Pieces(self._encoder, on_text) if on_text else None
        with quiet_libraries():
            output = self._model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=max_new_tokens,
                do_sample=False,
                no_repeat_ngram_size=NO_REPEAT_TOKENS,
                eos_token_id=sorted(self._encoder.ends),
                pad_token_id=self._encoder.eos_id,
                streamer=streamer,
            )
        return self._encoder.decode(output[0, ids.shape[1] :].tolist()).strip()


def load_tuned_model(folder: Path | str) -> TunedModel:
    """Return the final checkpoint of a folder, ready to answer. Raises ModelError when it cannot be loaded."""
    folder = Path(folder)
    checkpoint = open_final(folder)
    base = checkpoint.base_model()
    model = load_merged(base, folder, choose_precision())
    return TunedModel(checkpoint, model, load_text_encoder(checkpoint.text_folder(base)))


class CachedText:
    """A text that a model of transformers is part way through reading, its keys and values kept."""

    def __init__(self, model: PreTrainedModel) -> None:
        self._model = model
        self._cache = DynamicCache()

    def begin(self, ids: Sequence[int]) -> int:
        """Read the beginning and return the id most likely behind it."""
        return self._best(ids, logits_to_keep=1)[0]

    def read_on(self, ids: Sequence[int]) -> list[int]:
        """Read more ids and return for each the one most likely behind it."""
        return self._best(ids)

    def forget(self, count: int) -> None:
        """Take the last ids back."""
        if count:
            self._cache.crop(-count)

    @torch.inference_mode()
    def _best(self, ids: Sequence[int], **options: Any) -> list[int]:
        rows = torch.tensor([list(ids)], device=self._model.device)
        # Releases of transformers call the cache by two names.
        name = "cache" if "cache" in _parameters(type(self._model).forward) else "past_key_values"
        logits = self._model(input_ids=rows, use_cache=True, **{name: self._cache}, **options).logits[0]
        best: list[int] = logits.argmax(dim=-1).tolist()
        return best


@cache
def _parameters(function: Callable[..., object]) -> frozenset[str]:
    return frozenset(inspect.signature(function).parameters)


class _Pieces(BaseStreamer):
    """Passes text on as soon as its last token makes whole characters."""

    def __init__(self, encoder: TextEncoder, on_text: Callable[[str], None]) -> None:
        self._encoder, self._on_text = encoder, on_text
        self._stream = DecodeStream(skip_special_tokens=True)
        self._prompt_seen = False

    def put(self, value: torch.Tensor) -> None:
        # The first call brings the whole prompt, each later one a token.
        if self._prompt_seen:
            for token in value.flatten().tolist():
                if piece := self._stream.step(self._encoder.tokenizer, token):
                    self._on_text(piece)
        self._prompt_seen = True

    def end(self) -> None:
        """Nothing is held back that could still become text."""
