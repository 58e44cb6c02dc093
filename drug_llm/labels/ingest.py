"""Reading files into the store: two threads, batches, and a place to go on from after a kill."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path

from drug_llm.errors import DrugLLMError, StorageError
from drug_llm.labels.label import Label
from drug_llm.labels.read import label_files, read_labels
from drug_llm.labels.schema import connect
from drug_llm.labels.writing import write_batch

READER_VERSION = 1
"""Raised when the readers change what they make of a file, so that it is read again."""
BATCH_LABELS = 250
_QUEUED_BATCHES = 3
_HASH_MEMORY = 64 * 2**20
_HASH_CHUNK = 2**20


@dataclass
class IngestReport:
    """What one run of `ingest` did."""

    files: int = 0
    """Files that were read, or skipped because they were complete."""
    unchanged_files: int = 0
    """Files that an earlier run had completed."""
    new: int = 0
    """Labels, or versions of one, that the store did not have."""
    replaced: int = 0
    """Labels stored in place of a poorer reading of the same version."""
    known: int = 0
    """Labels that the store had already."""
    failed: int = 0
    """Entries that could not be read; `on_error` got each one."""


def ingest(
    store: Path,
    paths: list[Path],
    *,
    again: bool = False,
    on_error: Callable[[DrugLLMError], None] | None = None,
    on_progress: Callable[[IngestReport], None] | None = None,
) -> IngestReport:
    """Store the labels of all paths and return what was done.

    A batch of labels and the note how far its file is stored are one transaction. So after a kill
    the store holds whole labels only, and the next run goes on behind the last one; files that
    are complete are skipped unless `again`. Without `on_error` the first bad label raises.
    """
    files = [file for path in paths for file in label_files(path)]
    report = IngestReport()
    connection = connect(store, create=True)
    try:
        connection.execute("INSERT INTO section_index (section_index, rank) VALUES ('hashsize', ?)", (_HASH_MEMORY,))
        for file in files:
            run = _FileRun(connection, file, report, on_error)
            run.store(again=again, on_progress=on_progress)
    except sqlite3.OperationalError as error:
        raise StorageError(
            f"{store}: cannot be written ({error}). Free the disk or wait for the other writer."
        ) from error
    finally:
        connection.close()
    return report


class _FileRun:
    """The ingestion of one file."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        file: Path,
        report: IngestReport,
        on_error: Callable[[DrugLLMError], None] | None,
    ) -> None:
        self._connection = connection
        self._file = file
        self._report = report
        self._on_error = on_error
        self._skipped = 0
        self._fingerprint = _fingerprint(file)

    def store(self, *, again: bool, on_progress: Callable[[IngestReport], None] | None) -> None:
        """Store what the file has beyond the labels that an earlier run has stored."""
        self._report.files += 1
        done, is_complete = self._earlier()
        if is_complete and not again:
            self._report.unchanged_files += 1
            return
        done = 0 if again else done
        labels = islice(read_labels(self._file, on_error=self._note if self._on_error else None), done, None)
        for batch in _read_ahead(labels):
            done += len(batch)
            self._write(batch, done, is_complete=False)
            if on_progress:
                on_progress(self._report)
        self._write([], done, is_complete=True)

    def _earlier(self) -> tuple[int, bool]:
        row = self._connection.execute(
            "SELECT labels, is_complete FROM sources WHERE fingerprint = ?", (self._fingerprint,)
        ).fetchone()
        return (row[0], bool(row[1])) if row else (0, False)

    def _write(self, batch: list[Label], done: int, *, is_complete: bool) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            written = write_batch(self._connection, batch)
            self._connection.execute(
                "INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?, ?)",
                (self._fingerprint, self._file.name, done, self._skipped, is_complete),
            )
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._report.new += written.new
        self._report.replaced += written.replaced
        self._report.known += written.known

    def _note(self, error: DrugLLMError) -> None:
        self._skipped += 1
        self._report.failed += 1
        if self._on_error:
            self._on_error(error)


def _fingerprint(file: Path) -> str:
    digest = sha256(f"reader {READER_VERSION}\n".encode())
    try:
        with file.open("rb") as stream:
            while chunk := stream.read(_HASH_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise StorageError(f"{file}: cannot be read ({error.strerror}). Check the path and its rights.") from error
    return digest.hexdigest()


def _read_ahead(labels: Iterator[Label]) -> Iterator[list[Label]]:
    """Yield batches that a second thread reads: SQLite releases the interpreter while it indexes."""
    batches: queue.Queue[list[Label] | BaseException | None] = queue.Queue(maxsize=_QUEUED_BATCHES)
    stopped = threading.Event()

    def read() -> None:
        end: BaseException | None = None
        try:
            while not stopped.is_set() and (batch := list(islice(labels, BATCH_LABELS))):
                batches.put(batch)
        except BaseException as error:
            end = error
        batches.put(end)

    thread = threading.Thread(target=read, name="label reader", daemon=True)
    thread.start()
    try:
        while isinstance(item := batches.get(), list):
            yield item
        if item is not None:
            raise item
    finally:
        stopped.set()
        _drain(batches, thread)


def _drain(batches: queue.Queue[list[Label] | BaseException | None], thread: threading.Thread) -> None:
    # A reader that waits at a full queue would never end.
    while thread.is_alive():
        try:
            batches.get(timeout=0.05)
        except queue.Empty:
            continue
