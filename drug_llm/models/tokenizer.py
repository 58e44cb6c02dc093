"""Text to token ids and back, without torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from tokenizers.implementations.byte_level_bpe import ByteLevelBPETokenizer

from drug_llm.errors import ModelError


@dataclass(frozen=True)
class TextEncoder:
    """The tokenizer of a base model."""

    tokenizer: Tokenizer
    eos_id: int
    """Id of the end-of-text token."""
    prefix_ids: tuple[int, ...]
    """Ids that the model expects before every text, such as a beginning-of-text token; often none."""

    @property
    def ends(self) -> frozenset[int]:
        """Ids behind which no answer goes on: end of text, and every other that stands for no text."""
        added = self.tokenizer.get_added_tokens_decoder()
        return frozenset({self.eos_id, *(id_ for id_, token in added.items() if token.special)})

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text; special tokens spelled out in it are read as plain text.

        A label or a question that holds `<|endoftext|>` must not be able to end the prompt.
        """
        return list(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def encode_prompt(self, text: str) -> list[int]:
        """Return the ids of a text that opens a row."""
        return [*self.prefix_ids, *self.encode(text)]

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of ids, special tokens left out."""
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=True))

    def fingerprint(self) -> str:
        """Return a hash that changes whenever the ids of some text would."""
        parts = f"{self.tokenizer.to_str()}\0{self.eos_id}\0{self.prefix_ids}"
        return hashlib.sha256(parts.encode()).hexdigest()


def load_text_encoder(folder: Path) -> TextEncoder:
    """Return the tokenizer in a model folder, from `tokenizer.json` or GPT-2's `vocab.json` and `merges.txt`.

    Raises ModelError when there is none, or when it has no end-of-text token.
    """
    try:
        tokenizer = _read(folder)
    except Exception as error:  # the tokenizers library raises bare Exception for whatever it cannot parse
        raise ModelError(f"{folder}: its tokenizer cannot be read ({error}). Fetch the model again.") from error
    eos_id = _end_of_text(folder, tokenizer)
    if eos_id is None:
        raise ModelError(f"{folder}: its tokenizer has no end-of-text token. Choose another base_model.")
    # Some tokenizers close a text as well as opening it; what stands behind the prompt is ours to decide.
    prefix = tuple(id_ for id_ in tokenizer.encode("", add_special_tokens=True).ids if id_ != eos_id)
    tokenizer.encode_special_tokens = True
    return TextEncoder(tokenizer, eos_id, prefix)


def _read(folder: Path) -> Tokenizer:
    if (folder / "tokenizer.json").is_file():
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    else:
        pair = ByteLevelBPETokenizer.from_file(str(folder / "vocab.json"), str(folder / "merges.txt"))
        tokenizer = pair._tokenizer
        if tokenizer.token_to_id("<|endoftext|>") is not None:
            tokenizer.add_special_tokens(["<|endoftext|>"])
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _end_of_text(folder: Path, tokenizer: Tokenizer) -> int | None:
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        token = _json(folder / name).get("eos_token")
        text = token.get("content") if isinstance(token, dict) else token
        if isinstance(text, str) and (found := tokenizer.token_to_id(text)) is not None:
            return int(found)
    configured = _json(folder / "config.json").get("eos_token_id")
    first = configured[0] if isinstance(configured, list) and configured else configured
    return first if isinstance(first, int) else None


def _json(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
