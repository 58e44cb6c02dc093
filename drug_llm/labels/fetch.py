"""Raw label files from the official services, saved so that each is whole or absent."""

from __future__ import annotations

import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import IO

from drug_llm.errors import LabelError
from drug_llm.labels.dailymed import DailyMed, checked_set_id
from drug_llm.labels.downloads import Progress
from drug_llm.labels.openfda_api import OpenFDA, TotalsChangedError, drug_search
from drug_llm.storage import storage_errors

logger = logging.getLogger(__name__)
COMMON_LABELS = 20
"""Labels fetched of each common generic unless told otherwise: most of the rest are repackagers' copies."""
FRESH_HOURS = 24.0
"""Age below which a file is kept, so that a stopped run over many drugs goes on where it stopped."""
PASSES = 3
"""Passes through a search before data that keep changing are given up."""
Start = Callable[[str], Progress]
"""Begins to show the progress of something named, and returns the function to report it to."""


@dataclass(frozen=True)
class Fetched:
    """What one request for labels brought."""

    name: str
    """Drug, search or set id that was asked for."""
    path: Path | None
    """File with the labels, None when the service has none."""
    labels: int = 0
    """Labels in the file; 0 when it was kept."""
    kept: bool = False
    """The file was younger than asked for and was not fetched again."""


def common_generics() -> tuple[str, ...]:
    """Return the 300 generics most often prescribed or bought in the United States, by our estimate."""
    text = resources.files("drug_llm.labels").joinpath("common_generics.txt").read_text(encoding="utf-8")
    return tuple(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def fetch_drugs(
    api: OpenFDA,
    names: Iterable[str],
    folder: Path,
    *,
    limit: int | None = None,
    fresh_hours: float = 0.0,
    start: Start | None = None,
) -> Iterator[Fetched]:
    """Save the labels of each drug as `<name>.jsonl`, newest first, and yield what each brought.

    A file younger than `fresh_hours` is kept. Raises LabelError when a name is no name or the
    service fails; what was saved before stays.
    """
    searches = [(name.strip().lower(), drug_search(name)) for name in names]
    for name, search in searches:
        path = folder / f"{file_stem(name)}.jsonl"
        if path.is_file() and time.time() - path.stat().st_mtime < fresh_hours * 3600:
            yield Fetched(name, path, kept=True)
            continue
        labels = save_search(api, search, path, limit=limit, progress=start(name) if start else None)
        yield Fetched(name, path if labels else None, labels)


def fetch_common(
    api: OpenFDA, folder: Path, *, limit: int | None = None, start: Start | None = None
) -> Iterator[Fetched]:
    """Save the newest labels of each common generic; a run that stopped goes on where it stopped.

    Files less than a day old are kept unless a `limit` asks for another number of labels.
    """
    fresh_hours = 0.0 if limit else FRESH_HOURS
    yield from fetch_drugs(
        api, common_generics(), folder, limit=limit or COMMON_LABELS, fresh_hours=fresh_hours, start=start
    )


def fetch_search(
    api: OpenFDA, search: str, folder: Path, *, limit: int | None = None, start: Start | None = None
) -> Fetched:
    """Save the labels that match an openFDA search expression as JSON lines.

    Raises LabelError when the expression is refused or the service fails.
    """
    # The API's own examples write "+" for every space, as an address needs it; here it would be a plus sign.
    search = search if " " in search else search.replace("+", " ")
    path = folder / f"search-{file_stem(search)}.jsonl"
    labels = save_search(api, search, path, limit=limit, progress=start("search") if start else None)
    return Fetched(search, path if labels else None, labels)


def fetch_set_ids(source: DailyMed, set_ids: Iterable[str], folder: Path) -> Iterator[Fetched]:
    """Save the SPL of each set id as `<set id>.xml` and yield what each brought.

    Raises LabelError when a set id is not shaped like one or the service fails.
    """
    for set_id in [checked_set_id(set_id) for set_id in set_ids]:
        path = source.fetch(set_id, folder)
        yield Fetched(set_id, path, int(path is not None))


def save_search(
    api: OpenFDA, search: str, path: Path, *, limit: int | None = None, progress: Progress | None = None
) -> int:
    """Write the labels of a search to a JSON lines file and return their number; no file when there is none.

    Pages that do not fit together, because the data changed meanwhile, are fetched anew from the
    first. Raises LabelError when that happens again and again.
    """
    for number in range(1, PASSES + 1):
        try:
            with new_lines(path) as stream:
                return _copy_pages(api, search, stream, limit, progress)
        except TotalsChangedError as error:
            logger.warning("openFDA changed while it was read: %s (pass %d of %d)", error, number, PASSES)
            reason = str(error)
    raise LabelError(
        f"openFDA: {reason}, in each of {PASSES} passes; expected the same data on all pages of {search!r}. "
        "Run the same command again later, or fetch --bulk."
    )


def _copy_pages(api: OpenFDA, search: str, stream: IO[str], limit: int | None, progress: Progress | None) -> int:
    count = 0
    for page in api.pages(search, limit=limit):
        for label in page.labels[: None if limit is None else limit - count]:
            stream.write(json.dumps(label, ensure_ascii=False) + "\n")
            count += 1
        if progress:
            progress(count, min(page.total, limit or page.total))
    return count


@contextmanager
def new_lines(path: Path) -> Iterator[IO[str]]:
    """Yield a text file that takes the place of `path` when the block ends without an error and wrote something.

    Raises StorageError when it cannot be written; the old file is then untouched.
    """
    part = path.with_name(path.name + ".part")
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("w", encoding="utf-8", newline="\n") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            if part.stat().st_size:
                part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def file_stem(text: str) -> str:
    """Return a name or expression as a file name: lower-case words joined by "-", at most 80 characters."""
    return "-".join(re.findall(r"[^\W_]+", text.lower()))[:80].strip("-") or "all"
