"""Reading many label files, in this process or in one beside it.

Reading takes as long as storing, and Python threads would only take turns, so large files are read
by a second process. It sends labels as JSON lines, not pickles: they can be looked at, and
nothing but labels can come out of them.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from drug_llm.errors import DrugLLMError, LabelError, StorageError
from drug_llm.labels.json_label import label_from_json, label_to_json
from drug_llm.labels.label import Label
from drug_llm.labels.read import read_labels

PARALLEL_BYTES = 8 * 2**20
"""Files that are larger together are read by a second process; for less its start would cost more than it saves."""
_PIPE_BYTES = 2**18
_QUEUED_LABELS = 600
_ERRORS = {kind.__name__: kind for kind in (LabelError, StorageError)}


@dataclass(frozen=True)
class FilePart:
    """A file to read, and how many of its labels are known already."""

    path: Path
    skip: int = 0


@dataclass(frozen=True)
class Event:
    """What comes out of the reading: a label, a fault, or (neither) the end of a file."""

    place: int
    """Place of the file in the list of files."""
    label: Label | None = None
    error: DrugLLMError | None = None


def read_events(parts: list[FilePart]) -> Iterator[Event]:
    """Yield the labels and faults of all files in order, and an end for each file."""
    size = sum(part.path.stat().st_size for part in parts)
    # A frozen program has no interpreter that could be started again.
    yield from _events(parts) if size < PARALLEL_BYTES or not sys.executable else _events_of_process(parts)


def _events(parts: list[FilePart]) -> Iterator[Event]:
    for place, part in enumerate(parts):
        faults: list[DrugLLMError] = []
        for label in islice(read_labels(part.path, on_error=faults.append), part.skip, None):
            yield from (Event(place, error=fault) for fault in faults)
            faults.clear()
            yield Event(place, label=label)
        yield from (Event(place, error=fault) for fault in faults)
        yield Event(place)


def _events_of_process(parts: list[FilePart]) -> Iterator[Event]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen(
        [sys.executable, "-c", "from drug_llm.labels.reading import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=_PIPE_BYTES,
        env=environment,
    )
    # Popen was given both pipes.
    requests, lines = process.stdin, process.stdout
    if requests is None or lines is None:
        raise StorageError("The reading process has no pipes. Run the command again.")
    try:
        # A process that has ended already is found out below, by the files it did not read.
        with suppress(BrokenPipeError), requests:
            requests.write(json.dumps([[str(part.path), part.skip] for part in parts]).encode())
        ended = 0
        for line in _read_ahead(lines):
            event = _event(json.loads(line))
            ended += event.label is None and event.error is None
            yield event
        if ended < len(parts):
            raise StorageError(
                f"The reading process ended with code {process.wait()} after {ended} of {len(parts)} files; "
                "expected 0. Free some memory and run the command again: it goes on where it stopped."
            )
    finally:
        process.terminate()
        process.wait()


def _read_ahead(lines: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines, some hundred of which a thread takes in while the ones before them are stored.

    A pipe holds two labels only, so without it the two processes would wait for each other in turn.
    """
    waiting: queue.Queue[bytes] = queue.Queue(_QUEUED_LABELS)

    def take() -> None:
        for line in lines:
            waiting.put(line)
        waiting.put(b"")

    threading.Thread(target=take, name="label lines", daemon=True).start()
    while line := waiting.get():
        yield line


def _event(content: dict[str, Any]) -> Event:
    place = content["place"]
    if "label" in content:
        return Event(place, label=label_from_json(content["label"], where="reading process"))
    if "error" in content:
        return Event(place, error=_ERRORS.get(content["kind"], LabelError)(content["error"]))
    return Event(place)


def main() -> None:
    """Read the files named on standard input and write their events to standard output."""
    parts = [FilePart(Path(path), skip) for path, skip in json.load(sys.stdin)]
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=_PIPE_BYTES) as out:
        try:
            for event in _events(parts):
                out.write(json.dumps(_content(event)).encode() + b"\n")
        except BrokenPipeError:
            # Whoever wanted the labels is gone. Leave without a word, and without a second try to write.
            os._exit(0)


def _content(event: Event) -> dict[str, Any]:
    content: dict[str, Any] = {"place": event.place}
    if event.label is not None:
        content["label"] = label_to_json(event.label)
    if event.error is not None:
        content |= {"error": str(event.error), "kind": type(event.error).__name__}
    return content
