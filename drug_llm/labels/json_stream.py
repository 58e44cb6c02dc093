"""Reading JSON of any size in pieces, so that memory holds one label and not twenty thousand."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, Protocol

from drug_llm.errors import LabelError

CHUNK_BYTES = 2**18
MAX_ENTRY_CHARACTERS = 32 * 2**20
_SPACE = re.compile(r"[ \t\r\n,]*")
_LIST_START = re.compile(r'"results"\s*:\s*\[')
_NESTED_TOO_DEEP = "nests too deeply"


class Readable(Protocol):
    """What can be read in pieces: a file, a member of a zip."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; none at the end."""
        ...


def json_entries(stream: Readable, *, where: str) -> Iterator[Any]:
    """Yield the entries of an openFDA response (`results`), of a list, or of JSON lines.

    Raises LabelError when the content is none of these, is cut off, or an entry is larger than
    MAX_ENTRY_CHARACTERS. Entries before the fault are yielded first.
    """
    window = _Window(stream, where)
    first = window.peek()
    if first == "[":
        window.position += 1
        yield from _listed(window)
    elif first == "{" and window.skip_to_results():
        yield from _listed(window)
    elif first == "{":
        yield from _lines(window)
    else:
        raise LabelError(f"{where}: starts with {first!r}; expected JSON ('{{' or '['). Give an openFDA file.")


def _listed(window: _Window) -> Iterator[Any]:
    while (mark := window.peek()) != "]":
        if not mark:
            raise LabelError(f"{window.where}: ends within the list of labels. Download it again.")
        yield window.entry()


def _lines(window: _Window) -> Iterator[Any]:
    while window.peek():
        yield window.entry()


class _Window:
    """The part of the text that is being read; it grows by chunks and drops what was read."""

    def __init__(self, stream: Readable, where: str) -> None:
        self.where = where
        self.position = 0
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="strict")
        self._json = json.JSONDecoder()
        self._text = ""
        self._ended = False

    def _grow(self) -> None:
        chunk = self._stream.read(max(CHUNK_BYTES, len(self._text) - self.position))
        try:
            more = self._decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise LabelError(f"{self.where}: not UTF-8 ({error}). Download it again.") from error
        self._ended = not chunk
        self._text = self._text[self.position :] + more
        self.position = 0

    def peek(self) -> str:
        """Return the next character that is no white space or comma, or "" at the end."""
        while True:
            match = _SPACE.match(self._text, self.position)
            self.position = match.end() if match else self.position
            if self.position < len(self._text):
                return self._text[self.position]
            if self._ended:
                return ""
            self._grow()

    def skip_to_results(self) -> bool:
        """Move behind `"results": [` when the first object is a response. Return whether it is one."""
        while len(self._text) - self.position < CHUNK_BYTES and not self._ended:
            self._grow()
        match = _LIST_START.search(self._text, self.position)
        line_end = self._text.find("\n{", self.position)
        if match is None or '"set_id"' in self._text[self.position : match.start()] or 0 < line_end < match.start():
            return False
        self.position = match.end()
        return True

    def entry(self) -> Any:
        """Return the next value, reading on until it is whole."""
        self.peek()
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self.position)
            except RecursionError as error:
                raise LabelError(f"{self.where}: the JSON {_NESTED_TOO_DEEP}. Leave the file out.") from error
            except ValueError as error:
                self._read_on(error)
                continue
            # A number at the very end of the window may go on in the next chunk.
            if end == len(self._text) and not self._ended:
                self._grow()
                continue
            self.position = end
            return value

    def _read_on(self, error: ValueError) -> None:
        if self._ended:
            raise LabelError(f"{self.where}: not whole JSON ({error}). Download it again.") from error
        if len(self._text) - self.position > MAX_ENTRY_CHARACTERS:
            raise LabelError(f"{self.where}: one entry exceeds {MAX_ENTRY_CHARACTERS} characters. Leave it out.")
        self._grow()
