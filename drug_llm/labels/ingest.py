"""Reading files into the store: batches, and a place to go on from after a kill."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from drug_llm.errors import DrugLLMError, StorageError
from drug_llm.labels.label import Label
from drug_llm.labels.read import label_files
from drug_llm.labels.reading import Event, FilePart, read_events
from drug_llm.labels.schema import connect
from drug_llm.labels.writing import write_batch

READER_VERSION = 2
"""Raised when the readers change what they make of a file, so that it is read again."""
BATCH_LABELS = 250
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


@dataclass
class _Source:
    """One file that is being stored. Mutable: it counts along."""

    path: Path
    fingerprint: str
    stored: int = 0
    skipped: int = 0
    is_complete: bool = False


@dataclass
class _Batch:
    """Labels that are stored together, and the files whose state changes with them."""

    labels: list[Label] = field(default_factory=list)
    sources: dict[str, _Source] = field(default_factory=dict)


def ingest(
    store: Path,
    paths: list[Path],
    *,
    again: bool = False,
    on_error: Callable[[DrugLLMError], None] | None = None,
    on_progress: Callable[[IngestReport], None] | None = None,
) -> IngestReport:
    """Store the labels of all paths and return what was done.

    A batch of labels and the note how far its files are stored are one transaction. So after a kill
    the store holds whole labels only, and the next run goes on behind the last one; files that
    are complete are skipped unless `again`. Without `on_error` the first bad label raises.
    """
    files = [file for path in paths for file in label_files(path)]
    sources = [_Source(file, _fingerprint(file)) for file in files]
    connection = connect(store, create=True)
    try:
        connection.execute("INSERT INTO section_index (section_index, rank) VALUES ('hashsize', ?)", (_HASH_MEMORY,))
        run = _Run(connection, on_error, on_progress)
        run.store(sources, again=again)
    except sqlite3.OperationalError as error:
        raise StorageError(
            f"{store}: cannot be written ({error}). Free the disk or wait for the other writer."
        ) from error
    finally:
        connection.close()
    return run.report


class _Run:
    """One run of `ingest` on an open store."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        on_error: Callable[[DrugLLMError], None] | None,
        on_progress: Callable[[IngestReport], None] | None,
    ) -> None:
        self.report = IngestReport()
        self._connection = connection
        self._on_error = on_error
        self._on_progress = on_progress
        self._batch = _Batch()

    def store(self, sources: list[_Source], *, again: bool) -> None:
        """Store what the files have beyond the labels that an earlier run has stored."""
        for source in sources:
            self._recall(source, again=again)
        self.report.files = len(sources)
        waiting = [source for source in sources if not source.is_complete]
        self.report.unchanged_files = len(sources) - len(waiting)
        for event in read_events([FilePart(source.path, source.stored) for source in waiting]):
            self._take(event, waiting[event.place])
            if len(self._batch.labels) >= BATCH_LABELS:
                self._write()
        self._write()

    def _recall(self, source: _Source, *, again: bool) -> None:
        query = "SELECT labels, skipped, is_complete FROM sources WHERE fingerprint = ?"
        row = self._connection.execute(query, (source.fingerprint,)).fetchone()
        if row and not again:
            source.stored, source.skipped, source.is_complete = row[0], row[1], bool(row[2])

    def _take(self, event: Event, source: _Source) -> None:
        self._batch.sources[source.fingerprint] = source
        if event.label is not None:
            self._batch.labels.append(event.label)
            source.stored += 1
        elif event.error is None:
            source.is_complete = True
        else:
            source.skipped += 1
            self.report.failed += 1
            if self._on_error is None:
                raise event.error
            self._on_error(event.error)

    def _write(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            written = write_batch(self._connection, self._batch.labels)
            self._connection.executemany(
                "INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?, ?)",
                [
                    (source.fingerprint, source.path.name, source.stored, source.skipped, source.is_complete)
                    for source in self._batch.sources.values()
                ],
            )
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._batch = _Batch()
        self.report.new += written.new
        self.report.replaced += written.replaced
        self.report.known += written.known
        if self._on_progress:
            self._on_progress(self.report)


def _fingerprint(file: Path) -> str:
    digest = sha256(f"reader {READER_VERSION}\n".encode())
    try:
        with file.open("rb") as stream:
            while chunk := stream.read(_HASH_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise StorageError(f"{file}: cannot be read ({error.strerror}). Check the path and its rights.") from error
    return digest.hexdigest()
