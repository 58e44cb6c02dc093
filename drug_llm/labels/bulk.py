"""The bulk files of openFDA: all labels in some dozen zips, listed in `download.json`.

Source: https://open.fda.gov/apis/downloads/. All parts belong to one export, so a folder is
filled beside the old one and takes its place only when every part is whole.
"""

from __future__ import annotations

import json
import logging
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from drug_llm.errors import LabelError
from drug_llm.labels.downloads import Downloaded, Progress, download, state_file
from drug_llm.labels.openfda_api import OpenFDA
from drug_llm.labels.web import shown
from drug_llm.storage import check_free_space, storage_errors, write_text

logger = logging.getLogger(__name__)
EXPORTS = 3
"""Exports that are begun before a manifest that keeps changing is given up."""
_EXPORT_FILE = "EXPORT_DATE"
_SUMS_FILE = "SHA256SUMS"
_WHOLE = ".whole"
"""Suffix of a finished part until all are: readers of labels take a folder's zips for complete."""


@dataclass(frozen=True)
class Part:
    """One zip of the export."""

    name: str
    """File name."""
    url: str
    size_mb: float
    """Size as the manifest rounds it, in MB."""


@dataclass(frozen=True)
class Manifest:
    """What an export consists of."""

    export_date: str
    total_labels: int
    parts: tuple[Part, ...]


def read_manifest(api: OpenFDA) -> Manifest:
    """Return the manifest of the newest label export.

    Raises LabelError when it is not of the known shape.
    """
    url = f"{api.base_url}/download.json"
    body = api.web.get(url).body
    try:
        export: dict[str, Any] = json.loads(body)["results"]["drug"]["label"]
        parts = tuple(_part(entry) for entry in export["partitions"])
        manifest = Manifest(str(export["export_date"]), int(export["total_records"]), parts)
    except (ValueError, KeyError, TypeError) as error:
        raise LabelError(
            f"{shown(url)}: no list of label parts ({type(error).__name__}: {error}); expected results.drug.label with "
            "export_date, total_records and partitions. Try again later, or download the files by hand."
        ) from error
    if not parts or len({part.name for part in parts}) != len(parts):
        raise LabelError(f"{shown(url)}: {len(parts)} parts, some named alike or none at all. Try again later.")
    return manifest


def _part(entry: dict[str, Any]) -> Part:
    name = unquote(urlsplit(entry["file"]).path).rsplit("/", 1)[-1]
    if not name.endswith(".zip") or name.startswith(".") or "\\" in name:
        raise ValueError(f"{entry['file']!r} is no zip")
    return Part(name, str(entry["file"]), float(entry.get("size_mb") or 0))


def fetch_bulk(
    api: OpenFDA,
    folder: Path,
    *,
    limit: int | None = None,
    progress: Callable[[str], Progress] | None = None,
) -> Path:
    """Download the newest export, or its first `limit` parts, into `folder` and return it.

    An export that is complete is not fetched again; one that was begun goes on.
    Raises LabelError when the service fails, StorageError when the disk is too small.
    """
    _restore(folder)
    manifest = read_manifest(api)
    for _ in range(EXPORTS):
        parts = manifest.parts[:limit]
        if _is_complete(folder, manifest, parts):
            return folder
        staging = _download_parts(api, folder, parts, progress)
        newest = read_manifest(api)
        if newest == manifest:
            _write_notes(staging, manifest, parts)
            _swap(staging, folder)
            return folder
        logger.warning("openFDA published the export of %s meanwhile; fetching what changed", newest.export_date)
        manifest = newest
    raise LabelError(f"openFDA changed its export {EXPORTS} times meanwhile. Run the same command again later.")


def _is_complete(folder: Path, manifest: Manifest, parts: tuple[Part, ...]) -> bool:
    try:
        export_date = (folder / _EXPORT_FILE).read_text(encoding="utf-8").strip()
    except OSError:
        return False
    names = {file.name for file in folder.glob("*.zip")}
    return export_date == manifest.export_date and names >= {part.name for part in parts}


def _download_parts(
    api: OpenFDA, folder: Path, parts: tuple[Part, ...], progress: Callable[[str], Progress] | None
) -> Path:
    staging = folder.with_name(folder.name + ".part")
    _drop_others(staging, parts)
    there = sum(file.stat().st_size for file in staging.glob("*")) if staging.is_dir() else 0
    check_free_space(folder.parent, max(0, int(sum(part.size_mb for part in parts) * 1e6) - there))
    sums = []
    for part in parts:
        target = staging / (part.name + _WHOLE)
        done = download(api.web, part.url, target, progress=progress(part.name) if progress else None)
        _check_zip(done)
        sums.append(f"{done.sha256}  {part.name}\n")
    write_text(staging / _SUMS_FILE, "".join(sums))
    return staging


def _drop_others(staging: Path, parts: tuple[Part, ...]) -> None:
    """Remove what an earlier export left: its parts have other names."""
    wanted = tuple(part.name + _WHOLE for part in parts)
    for file in staging.glob("*") if staging.is_dir() else ():
        if not file.name.startswith(wanted):
            file.unlink()


def _check_zip(done: Downloaded) -> None:
    """Raise LabelError unless the file is a zip whose members have the checksums it states."""
    try:
        with zipfile.ZipFile(done.path) as archive:
            damaged = archive.testzip()
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        damaged = str(error)
    if damaged:
        with storage_errors(done.path):
            done.path.unlink()
            state_file(done.path).unlink(missing_ok=True)
        name = done.path.name.removesuffix(_WHOLE)
        raise LabelError(f"{name}: damaged ({damaged}); expected a sound zip. It was removed: run the command again.")


def _write_notes(staging: Path, manifest: Manifest, parts: tuple[Part, ...]) -> None:
    for part in parts:
        state_file(staging / (part.name + _WHOLE)).unlink(missing_ok=True)
        with storage_errors(staging):
            (staging / (part.name + _WHOLE)).replace(staging / part.name)
    write_text(staging / _EXPORT_FILE, manifest.export_date + "\n")


def _swap(staging: Path, folder: Path) -> None:
    """Put a complete folder in the place of the old one; `_restore` mends a stop in between."""
    old = folder.with_name(folder.name + ".old")
    with storage_errors(folder):
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            folder.rename(old)
        staging.rename(folder)
        shutil.rmtree(old, ignore_errors=True)


def _restore(folder: Path) -> None:
    """Bring back the old folder when a swap was stopped between its two renames."""
    old = folder.with_name(folder.name + ".old")
    if old.is_dir() and not folder.exists():
        with storage_errors(folder):
            old.rename(folder)
