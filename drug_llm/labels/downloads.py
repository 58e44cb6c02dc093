"""Resumable downloads of large files: a `.part` file goes on where it stopped and becomes the file when it is whole.

Range and If-Range as in RFC 9110: the server sends the rest only while the file is still the
same, and the whole file when it has changed.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import logging
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from drug_llm.errors import LabelError
from drug_llm.labels.web import RefusedError, TransientError, Web, read_block, shown
from drug_llm.storage import file_sha256, storage_errors, write_json

logger = logging.getLogger(__name__)
Progress = Callable[[int, "int | None"], None]
"""Called with the amount done so far and the total, None where the service does not tell it."""
STARTS = 3
"""Downloads begun from the first byte before a file that keeps changing is given up."""
_RANGE_NOT_SATISFIABLE = 416
_PARTIAL_CONTENT = 206


@dataclass(frozen=True)
class Downloaded:
    """A file that is whole."""

    path: Path
    bytes: int
    sha256: str
    etag: str
    """Validator of the server, empty when it sent none."""


@dataclass(frozen=True)
class _State:
    """What is known of a download that has begun; kept beside the file."""

    url: str
    etag: str = ""
    modified: str = ""
    total: int | None = None

    @property
    def validator(self) -> str:
        """What If-Range takes: a strong ETag, else the date; empty when the file cannot be resumed."""
        return self.modified if not self.etag or self.etag.startswith("W/") else self.etag


class _ChangedError(Exception):
    """The file on the server is no longer the one that was begun."""


def download(web: Web, url: str, target: Path, *, progress: Progress | None = None) -> Downloaded:
    """Download a file, going on where an earlier try stopped; an unchanged file is not sent again.

    Raises LabelError when the service stays out of reach or the file keeps changing, StorageError
    when it cannot be written. The old file stays until the new one is whole.
    """
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    # While a part lies there, the state is that of the part and says nothing of the finished file.
    if target.is_file() and not _part(target).exists() and _is_unchanged(web, url, target):
        return _describe(target)
    wrong_digest = ""
    for _ in range(STARTS):
        try:
            web.patiently(lambda: _continue(web, url, target, progress), url)
            digest = _digest_mismatch(target)
            if digest and digest != wrong_digest:
                wrong_digest = digest
                raise _ChangedError(f"its MD5 is {digest}, the server's ETag says otherwise")
            return _finish(target, surely_whole=not digest)
        except _ChangedError as error:
            logger.warning("%s: %s; starting over", shown(url), error)
            _forget(target)
    raise LabelError(f"{shown(url)}: changed {STARTS} times while it was downloaded. Run the same command again later.")


def _is_unchanged(web: Web, url: str, target: Path) -> bool:
    state = _read_state(target, url)
    if not state.etag or state.total not in (None, target.stat().st_size):
        return False
    try:
        web.patiently(lambda: web.open(url, {"If-None-Match": state.etag}).close(), url)
    except RefusedError as error:
        return error.status == http.client.NOT_MODIFIED
    return False


def _continue(web: Web, url: str, target: Path, progress: Progress | None) -> None:
    """Fetch what is missing of the `.part` file in one request.

    Raises TransientError when the connection breaks off, _ChangedError when the file is another one.
    """
    part, state = _part(target), _read_state(target, url)
    have = part.stat().st_size if part.is_file() and state.validator else 0
    if have and have == state.total:
        return
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": state.validator}
    try:
        response = web.open(url, headers)
    except RefusedError as error:
        if error.status == _RANGE_NOT_SATISFIABLE:
            raise _ChangedError(f"it has fewer than {have} bytes now") from error
        raise
    with response:
        have = _agreed_start(response, state, have)
        state = _new_state(response, url, have)
        with storage_errors(part):
            part.touch()
        write_json(state_file(target), asdict(state))
        _append(response, part, have, state.total, progress)


def _agreed_start(response: http.client.HTTPResponse, state: _State, have: int) -> int:
    """Return the byte at which the body begins: `have` when the server goes on, 0 when it sends all."""
    if response.status != _PARTIAL_CONTENT:
        if have:
            logger.warning("%s: the file has changed on the server; starting over", shown(state.url))
        return 0
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    if not found or int(found[1]) != have:
        raise _ChangedError(f"the server sent {response.headers.get('Content-Range')!r} instead of bytes from {have}")
    if response.headers.get("ETag", "") != state.etag or found[2] not in ("*", str(state.total)):
        raise _ChangedError("its ETag or size changed while it was downloaded")
    return have


def _new_state(response: http.client.HTTPResponse, url: str, have: int) -> _State:
    headers = response.headers
    length = headers.get("Content-Length", "")
    total = have + int(length) if length.isdigit() else None
    return _State(url, headers.get("ETag", ""), headers.get("Last-Modified", ""), total)


def _append(
    response: http.client.HTTPResponse, part: Path, have: int, total: int | None, progress: Progress | None
) -> None:
    done, start = have, have
    with storage_errors(part), part.open("r+b" if have else "wb") as stream:
        stream.seek(have)
        while True:
            try:
                block = read_block(response)
            except TransientError as error:
                raise TransientError(str(error), progressed=done > start) from error
            if not block:
                break
            stream.write(block)
            done += len(block)
            if progress:
                progress(done, total)
        stream.truncate()
    if total is not None and done < total:
        reason = f"the connection broke off after {done} of {total} bytes"
        raise TransientError(reason, progressed=done > start)


def _digest_mismatch(target: Path) -> str:
    """Return the MD5 of the part when the ETag has the shape of one and differs; empty otherwise.

    Storage services use the MD5 of a file as its ETag, but need not: a file that comes twice with
    the same digest is accepted by the caller.
    """
    etag = _read_state(target).etag.strip('"')
    if not re.fullmatch(r"[0-9a-f]{32}", etag):
        return ""
    digest = hashlib.md5(usedforsecurity=False)
    with storage_errors(target), _part(target).open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return "" if digest.hexdigest() == etag else digest.hexdigest()


def _finish(target: Path, *, surely_whole: bool) -> Downloaded:
    if not surely_whole:
        logger.warning("%s: its ETag is not its MD5; the same bytes came twice and are kept", target.name)
    with storage_errors(target):
        _part(target).replace(target)
    return _describe(target)


def _describe(target: Path) -> Downloaded:
    return Downloaded(target, target.stat().st_size, file_sha256(target), _read_state(target).etag)


def _part(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def state_file(target: Path) -> Path:
    """Return where the state of a download is kept; its suffix is none that labels are read from."""
    return target.with_name(target.name + ".state")


def _read_state(target: Path, url: str | None = None) -> _State:
    """Return the state beside a file, an empty one when there is none or it is of another address."""
    try:
        state = _State(**json.loads(state_file(target).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return _State(url or "")
    return state if url in (None, state.url) else _State(url or "")


def _forget(target: Path) -> None:
    _part(target).unlink(missing_ok=True)
    state_file(target).unlink(missing_ok=True)
