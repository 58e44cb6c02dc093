"""Any file of drug labels -> `Label`s; the format is told by the content, not by the name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from drug_llm.errors import DrugLLMError, LabelError, StorageError
from drug_llm.labels.archives import archive_members
from drug_llm.labels.json_label import is_label_json, label_from_json
from drug_llm.labels.json_stream import Readable, json_entries
from drug_llm.labels.label import Label
from drug_llm.labels.monographs import load_monograph, monograph_label
from drug_llm.labels.openfda import read_openfda
from drug_llm.labels.spl import read_spl
from drug_llm.labels.xml_tree import MAX_XML_BYTES

SUFFIXES = (".json", ".jsonl", ".ndjson", ".xml", ".zip", ".yaml", ".yml")
OnError = Callable[[DrugLLMError], None]


def read_labels(path: Path, *, on_error: OnError | None = None) -> Iterator[Label]:
    """Yield the labels of a file, or of all label files of a folder in the order of their names.

    Reads openFDA responses, bulk parts and JSON lines (also zipped), SPL XML and zips of them,
    monograph YAML, and exported labels. A label that cannot be read raises LabelError; with
    `on_error` it is reported there and reading goes on with the next one where that is possible.
    """
    for file in label_files(path):
        try:
            yield from _read_file(file, on_error)
        except OSError as error:
            raise StorageError(f"{file}: cannot be read ({error.strerror}). Check the path and its rights.") from error
        except DrugLLMError as error:
            if on_error is None:
                raise
            on_error(error)


def label_files(path: Path) -> list[Path]:
    """Return the file itself, or the label files below a folder, in order.

    Raises LabelError when there is none.
    """
    if not path.is_dir():
        if not path.exists():
            raise StorageError(f"{path}: not found; expected a file or folder of drug labels. Check the path.")
        return [path]
    files = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
    if not files:
        raise LabelError(f"{path}: holds no label file; expected {', '.join(SUFFIXES)}. Give another folder.")
    return files


def _read_file(path: Path, on_error: OnError | None) -> Iterator[Label]:
    if path.suffix.lower() in (".yaml", ".yml"):
        yield monograph_label(load_monograph(path))
        return
    with path.open("rb") as stream:
        if stream.read(4)[:2] == b"PK":
            stream.seek(0)
            for name, member in archive_members(stream, where=str(path)):
                yield from _guarded(member, name, on_error)
        else:
            stream.seek(0)
            yield from _read_stream(stream, str(path), on_error)


def _guarded(stream: Readable, where: str, on_error: OnError | None) -> Iterator[Label]:
    """Yield the labels of one member; with `on_error`, a fault in it does not end the archive."""
    try:
        yield from _read_stream(stream, where, on_error)
    except LabelError as error:
        if on_error is None:
            raise
        on_error(error)


def _read_stream(stream: Readable, where: str, on_error: OnError | None) -> Iterator[Label]:
    head = stream.read(64)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<" or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield read_spl(head + stream.read(MAX_XML_BYTES + 1), where=where)
    elif start in (b"{", b"["):
        yield from _read_json(_Rejoined(head, stream), where, on_error)
    else:
        raise LabelError(f"{where}: starts with {head[:12]!r}; expected openFDA JSON, SPL XML or a zip of them.")


def _read_json(stream: Readable, where: str, on_error: OnError | None) -> Iterator[Label]:
    for place, entry in enumerate(json_entries(stream, where=where), start=1):
        try:
            yield _json_label(entry, f"{where}: label {place}")
        except LabelError as error:
            if on_error is None:
                raise
            on_error(error)


def _json_label(entry: Any, where: str) -> Label:
    return label_from_json(entry, where=where) if is_label_json(entry) else read_openfda(entry, where=where)


class _Rejoined:
    """A stream whose first bytes were already read; zip members cannot seek cheaply."""

    def __init__(self, head: bytes, rest: Readable) -> None:
        self._head, self._rest = head, rest

    def read(self, size: int = -1) -> bytes:
        head, self._head = self._head, b""
        return head + self._rest.read(size)
