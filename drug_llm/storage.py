"""Files that are whole or absent: atomic writes, free space, and errors a user can act on."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from drug_llm.errors import StorageError

_REMEDIES = {
    errno.ENOSPC: "The disk is full: free some space and run the same command again.",
    errno.EDQUOT: "The disk quota is used up: free some space and run the same command again.",
    errno.EFBIG: "The file outgrows the allowed size: raise the limit or choose another folder.",
    errno.EROFS: "The file system is read-only: choose another folder.",
    errno.EACCES: "You may not write there: choose another folder or change its permissions.",
    errno.EPERM: "You may not write there: choose another folder or change its permissions.",
    errno.ENOTDIR: "A file stands where a folder is needed: choose another folder.",
    errno.EEXIST: "A file stands where a folder is needed: choose another folder.",
}


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn an operating system error about `path` into a StorageError with its remedy."""
    try:
        yield
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "Check the folder and run the same command again.")
        raise StorageError(f"{error.filename or path}: {error.strerror or error}. {remedy}") from error


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file that are not blank, with their numbers from 1; raises StorageError."""
    with storage_errors(path):
        lines = path.read_bytes().split(b"\n")
    yield from ((number, raw) for number, raw in enumerate(lines, start=1) if raw.strip())


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8 with `write_bytes`."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file so that it is either the old one or the new one, also after a crash.

    Raises StorageError when it cannot be written; the old file is then untouched.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(partial).chmod(0o644)
            Path(partial).replace(path)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise


def write_json(path: Path, content: Any) -> None:
    """Write indented JSON with `write_text`."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder beside `path` that takes its place when the block ends without an error.

    A reader sees the old folder, none for an instant, or the whole new one; never a part of it.
    Raises StorageError when it cannot be written; the old folder is then untouched.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
        try:
            yield partial
            _flush_folder(partial)
            partial.chmod(0o755)
            _replace_folder(partial, path)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise


def _flush_folder(folder: Path) -> None:
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb") as stream:
                os.fsync(stream.fileno())


def _replace_folder(new: Path, path: Path) -> None:
    old = new.with_name(new.name + ".old")
    if path.exists():
        path.rename(old)
    new.rename(path)
    shutil.rmtree(old, ignore_errors=True)


def check_writable(folder: Path) -> None:
    """Raise StorageError unless files could be made in `folder`, without making it.

    The nearest folder that exists is tried with a file that has no name, so nothing is left behind.
    """
    existing = folder
    while not existing.exists():
        existing = existing.parent
    with storage_errors(existing), tempfile.TemporaryFile(dir=existing):
        pass


def check_free_space(folder: Path, needed_bytes: int) -> None:
    """Raise StorageError when the disk that holds `folder` has less than `needed_bytes` left."""
    existing = folder
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free
    if free < needed_bytes:
        raise StorageError(
            f"{existing}: {free / 1e6:.0f} MB free; expected {needed_bytes / 1e6:.0f} MB. "
            "Free some space or choose another folder."
        )


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hexadecimal digits."""
    with storage_errors(path), path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else _digest(stream)


def _digest(stream: Any) -> str:
    # hashlib.file_digest came with Python 3.11.
    digest = hashlib.sha256()
    while block := stream.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()
