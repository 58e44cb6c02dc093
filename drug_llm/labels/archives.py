"""Reading zips from strangers: nothing is unpacked to disk, and size, depth and names are bounded."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

from drug_llm.errors import LabelError

MAX_ENTRIES = 200_000
MAX_ZIP_DEPTH = 3
MAX_NESTED_BYTES = 512 * 2**20
MAX_RATIO = 400
"""Uncompressed bytes per compressed byte; label text stays below 30."""
MIN_SUSPICIOUS_BYTES = 2**20
_WANTED = (".xml", ".json", ".jsonl", ".ndjson")
_ESCAPES = re.compile(r"\A[/\\]|\A[A-Za-z]:|(?:\A|[/\\])\.\.(?:[/\\]|\Z)|\x00")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    UnicodeError,
)


def archive_members(source: BinaryIO, *, where: str, depth: int = 1) -> Iterator[tuple[str, MemberStream]]:
    """Yield (name, stream) for each XML and JSON file of a zip, also of zips within it.

    A stream is valid until the next step. Members of other kinds (images) are skipped.
    Raises LabelError for damaged zips, names that leave the folder, too many or too large members.
    """
    if depth > MAX_ZIP_DEPTH:
        raise LabelError(f"{where}: zips nest deeper than {MAX_ZIP_DEPTH}; releases use 2. Refused; leave it out.")
    try:
        archive = zipfile.ZipFile(source)
        members = _checked(archive, where)
    except _BROKEN as error:
        raise LabelError(f"{where}: not a readable zip ({error}). Download it again.") from error
    with archive:
        for member in members:
            name = f"{where}!{member.filename}"
            if member.filename.lower().endswith(".zip"):
                yield from archive_members(_nested(archive, member, name), where=name, depth=depth + 1)
            elif member.filename.lower().endswith(_WANTED):
                with _opened(archive, member, name) as stream:
                    yield name, stream


def _checked(archive: zipfile.ZipFile, where: str) -> list[zipfile.ZipInfo]:
    members = archive.infolist()
    if len(members) > MAX_ENTRIES:
        raise LabelError(f"{where}: {len(members)} members; expected at most {MAX_ENTRIES}. Refused; leave it out.")
    for member in members:
        if _ESCAPES.search(member.filename) or member.external_attr >> 28 == 0xA:
            raise LabelError(
                f"{where}: member {member.filename!r} points outside of the zip; "
                "expected a plain name. Refused; leave it out."
            )
        if member.file_size > max(MIN_SUSPICIOUS_BYTES, MAX_RATIO * member.compress_size):
            raise LabelError(
                f"{where}: member {member.filename!r} grows from {member.compress_size} to {member.file_size} bytes; "
                f"expected a ratio of at most {MAX_RATIO}. Refused as a zip bomb; leave it out."
            )
    return members


class MemberStream:
    """A member that is being read; a fault in the zip becomes a LabelError where it is met."""

    def __init__(self, stream: IO[bytes], where: str) -> None:
        self._stream, self._where = stream, where

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes.

        zipfile stops at the size that the member states and compares the checksum, so a wrong
        size is no way round the limits.
        """
        try:
            return self._stream.read(size)
        except _BROKEN as error:
            raise LabelError(f"{self._where}: cannot be unpacked ({error}). Download it again.") from error


@contextmanager
def _opened(archive: zipfile.ZipFile, member: zipfile.ZipInfo, where: str) -> Iterator[MemberStream]:
    try:
        stream = archive.open(member)
    except _BROKEN as error:
        raise LabelError(f"{where}: cannot be unpacked ({error}). Download it again.") from error
    with stream:
        yield MemberStream(stream, where)


def _nested(archive: zipfile.ZipFile, member: zipfile.ZipInfo, where: str) -> BinaryIO:
    if member.file_size > MAX_NESTED_BYTES:
        raise LabelError(f"{where}: a zip of {member.file_size} bytes in a zip; expected at most {MAX_NESTED_BYTES}.")
    with _opened(archive, member, where) as stream:
        return io.BytesIO(stream.read())
