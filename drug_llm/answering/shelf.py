"""Labels ready to be searched: read once, indexed once, the vectors of their sentences kept on disk."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from drug_llm.answering.label_index import LabelIndex, index_passages
from drug_llm.labels.choice import drug_names, label_name
from drug_llm.labels.label import Label, Passage, text_digest
from drug_llm.storage import write_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

LABELS_IN_MEMORY = 64


class KeptEncoder(Protocol):
    """A sentence encoder whose vectors can be kept: they depend on its fingerprint and the texts alone."""

    @property
    def fingerprint(self) -> str:
        """Hash of its weights."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (len(texts), width)."""


@dataclass(frozen=True)
class ShelvedLabel:
    """A label with its index."""

    name: str
    """What the drug is called in an answer."""
    label: Label
    names: tuple[str, ...]
    """Every generic and brand name, in lower case."""
    index: LabelIndex
    asked: frozenset[str] = frozenset()
    """The ingredients that are asked about; empty for all."""

    def to_json(self) -> dict[str, str]:
        """Return the drug as it stands in an answer."""
        return {"name": self.name, "set_id": self.label.set_id}


class DiskEncoder:
    """Encodes a list of texts once and keeps the vectors in a folder, by the texts' digest."""

    def __init__(self, encoder: KeptEncoder, folder: Path) -> None:
        self._encoder = encoder
        self._folder = folder

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (len(texts), width)."""
        if not texts:
            return self._encoder.encode(texts)
        path = self._folder / self._encoder.fingerprint / f"{text_digest(chr(0).join(texts))[:32]}.npy"
        if path.is_file():
            kept: NDArray[np.float32] = np.load(path, allow_pickle=False).astype(np.float32)
            return kept
        vectors = self._encoder.encode(texts).astype(np.float16)
        content = io.BytesIO()
        np.save(content, vectors, allow_pickle=False)
        write_bytes(path, content.getvalue())
        return vectors.astype(np.float32)


class Shelf:
    """The labels used last; safe to share between threads."""

    def __init__(self, encoder: KeptEncoder, folder: Path) -> None:
        self.encoder = encoder
        self._kept = DiskEncoder(encoder, folder)
        self._labels: OrderedDict[tuple[str, int], ShelvedLabel] = OrderedDict()
        self._lock = threading.Lock()

    def label(self, label: Label) -> ShelvedLabel:
        """Return a label with its index."""
        key = (label.set_id, label.version)
        with self._lock:
            if key not in self._labels:
                self._labels[key] = self._shelve(label)
                while len(self._labels) > LABELS_IN_MEMORY:
                    self._labels.popitem(last=False)
            self._labels.move_to_end(key)
            return self._labels[key]

    def passages(self, passages: Sequence[Passage]) -> LabelIndex:
        """Return the index of passages that belong to no stored label."""
        return index_passages(passages, self.encoder)

    def _shelve(self, label: Label) -> ShelvedLabel:
        names = tuple(sorted(drug_names(label)))
        return ShelvedLabel(label_name(label), label, names, index_passages(list(label.passages()), self._kept))
