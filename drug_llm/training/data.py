"""Instruction files as token ids, checked as a whole before anything is trained, and kept for the next run."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drug_llm.encoding import EncodedExample, Encoding, encode_lines
from drug_llm.errors import DatasetError
from drug_llm.instructions.jsonl import first_problem
from drug_llm.models.embedded import cache_folder
from drug_llm.models.tokenizer import TextEncoder
from drug_llm.storage import file_sha256, new_folder

if TYPE_CHECKING:
    from datasets import Dataset

KEPT_FILES = 16
"""Encoded files kept in the cache; the oldest go first."""


@dataclass(frozen=True)
class EncodedFile:
    """The encoded examples of one file, memory-mapped from the cache."""

    path: Path
    sha256: str
    """SHA-256 of the JSONL file."""
    rows: Dataset
    """Columns `input_ids` and `target_ids`, a list of token ids each."""
    dropped: int
    """Lines left out because they cannot be used."""

    def __len__(self) -> int:
        return len(self.rows)

    def examples(self, indices: list[int]) -> list[EncodedExample]:
        """Return the examples with these indices, in this order."""
        columns = self.rows[indices]
        return [EncodedExample(*pair) for pair in zip(columns["input_ids"], columns["target_ids"], strict=True)]

    def lengths(self) -> list[int]:
        """Return the length of every example in tokens."""
        return [len(ids) for ids in self.rows["input_ids"]]


def encode_file(path: Path, encoding: Encoding, *, drop_bad_lines: bool = False) -> EncodedFile:
    """Return the encoded examples of an instruction file, from the cache when the same file was encoded before.

    Raises DatasetError for the first line that cannot be used (and says how many there are), unless such lines
    are to be dropped and some are left; StorageError when a file cannot be read or the cache not written.
    """
    from datasets import load_from_disk

    digest = file_sha256(path)
    folder = cache_folder() / "encoded" / _key(encoding, digest)
    dropped_file = folder / "dropped.json"
    if not dropped_file.is_file():
        examples, problems = encode_lines(path, encoding)
        if problems and not (drop_bad_lines and examples):
            raise DatasetError(first_problem(problems))
        _keep(folder, examples, dropped=len(problems))
    dropped = int(json.loads(dropped_file.read_text(encoding="utf-8")))
    if dropped and not drop_bad_lines:
        raise DatasetError(first_problem(encode_lines(path, encoding)[1]))
    return EncodedFile(path, digest, load_from_disk(str(folder)), dropped)


def _key(encoding: Encoding, file_digest: str) -> str:
    """Return the name under which the encoded file is kept; it changes with whatever changes the ids."""
    assert isinstance(encoding.encoder, TextEncoder)
    settings = (encoding.max_tokens, encoding.train_on_prompt, sorted(asdict(encoding.prompt_format).items()))
    parts = f"{file_digest}\0{encoding.encoder.fingerprint()}\0{settings}"
    return hashlib.sha256(parts.encode()).hexdigest()[:20]


def _keep(folder: Path, examples: list[EncodedExample], *, dropped: int) -> None:
    from datasets import Dataset, Features, List, Value, disable_progress_bars

    disable_progress_bars()
    features = Features({"input_ids": List(Value("int32")), "target_ids": List(Value("int32"))})
    rows = Dataset.from_dict(
        {"input_ids": [e.input_ids for e in examples], "target_ids": [e.target_ids for e in examples]},
        features=features,
    )
    with new_folder(folder) as partial:
        rows.save_to_disk(str(partial))
        (partial / "dropped.json").write_text(str(dropped), encoding="utf-8")
    _forget_oldest(folder.parent)


def _forget_oldest(folder: Path) -> None:
    kept = sorted(
        (entry for entry in folder.iterdir() if not entry.name.startswith(".")), key=lambda e: -e.stat().st_mtime
    )
    for entry in kept[KEPT_FILES:]:
        shutil.rmtree(entry, ignore_errors=True)
