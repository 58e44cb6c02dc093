"""The flat text of an openFDA field, taken apart into heading, tables and numbered subsections."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from drug_llm.errors import LabelError
from drug_llm.labels.references import split_number
from drug_llm.labels.spl_text import block_lines
from drug_llm.labels.vocabulary import known_titles
from drug_llm.labels.xml_tree import parse_fragment

_WORD = re.compile(r"\S+")
_TAG = re.compile(r"<[^>]*>")
_REFERRING = re.compile(r"(?:sections?|and|see|,|\(|\(\s*\)[\s\].]*|table|figure)\s*\Z", re.IGNORECASE)
# Words that begin a sentence and stand within no title, so that the title has ended before them.
_STARTERS_LISTED = (
    "The In There When All If It A An "
    "This These Because As Do No Based Although Following After Before During Avoid Since"
)
_STARTERS = frozenset(_STARTERS_LISTED.split())
_SMALL_WORDS_LISTED = "and of in with the for to or due from on by a an at as during who are not"
_SMALL_WORDS = frozenset(_SMALL_WORDS_LISTED.split())
_MAX_TITLE_WORDS = 16
_MAX_GAP = 3
# Parts of these sections have openFDA fields of their own, so the first that is left may be any.
_PARTLY_IN_FIELDS = ("6", "8", "12", "13")


@dataclass(frozen=True)
class Heading:
    """What a section text starts with."""

    number: str
    title: str
    rest: str
    """Text after number and title."""


def split_heading(field: str, text: str) -> Heading:
    """Return number, title and rest of a field such as "5 WARNINGS AND PRECAUTIONS ...".

    The title is only cut off when it is one of those known for the field, and is empty otherwise.
    """
    number, rest = split_number(text)
    match = _title_pattern(field).match(rest)
    if match is None:
        return Heading(number, "", rest)
    return Heading(number, match[1].strip(), rest[match.end() :].lstrip(" :.-\u2013\t\n"))


@lru_cache(maxsize=512)
def _title_pattern(field: str) -> re.Pattern[str]:
    titles = "|".join(re.escape(title).replace(r"\ ", r"\s+") for title in known_titles(field))
    # A title must not be the start of a sentence: "Use caution" is not headed "Use".
    return re.compile(
        rf"((?i:{titles}))(?:\s*[:.]|(?=\s+[A-Z\d\[(\u2022\u00b7\u25cf*]|\s*\Z)|(?=\s+[a-z])(?<=[A-Z?s]))"
    )


def with_tables(text: str, tables: list[str]) -> tuple[str, list[str]]:
    """Return the text with each flattened table replaced by readable rows, and the tables not found in it."""
    flat_text = _FlatText(text)
    missing, found = [], []
    for html in tables:
        lines, flat = _read_table(html)
        span = flat_text.find(flat)
        if span is None:
            missing.append(html)
        else:
            found.append((*span, "\n".join(lines)))
    parts, end = [], 0
    for start, stop, rows in sorted(found):
        if start >= end:
            parts += [text[end:start].strip(), rows]
            end = stop
    return "\n".join(part for part in [*parts, text[end:].strip()] if part), missing


def table_text(html: str) -> str:
    """Return the readable rows of one table field."""
    return "\n".join(_read_table(html)[0])


def _read_table(html: str) -> tuple[list[str], str]:
    """Return the lines of the table and its characters without white space, by which it is found again."""
    try:
        root = parse_fragment(f"<text>{html}</text>")
    except LabelError:
        # A damaged table keeps its words, though not its shape.
        plain = _TAG.sub(" ", html)
        return [" ".join(plain.split())], "".join(plain.split())
    return block_lines(root), "".join("".join(root.itertext()).split())


class _FlatText:
    """A text in which tables are found by their characters, whatever white space is between them."""

    def __init__(self, text: str) -> None:
        words = text.split()
        self._characters = "".join(words)
        self._ends = list(accumulate(map(len, words)))
        # With one space between words, as openFDA has it, the n-th word ends n places further on.
        evenly = len(text) == len(self._characters) + max(0, len(words) - 1) and not text[:1].isspace()
        self._word_ends = (
            [end + place for place, end in enumerate(self._ends)]
            if evenly
            else [match.end() for match in _WORD.finditer(text)]
        )

    def find(self, flat: str) -> tuple[int, int] | None:
        """Return start and end of the table in the text; None when it is not there."""
        start = self._characters.find(flat) if flat else -1
        return None if start < 0 else (self._position(start), self._position(start + len(flat) - 1) + 1)

    def _position(self, index: int) -> int:
        place = bisect_right(self._ends, index)
        return self._word_ends[place] - (self._ends[place] - index)


def split_subsections(number: str, pieces: list[str]) -> tuple[list[str], list[Heading]]:
    """Return the text before the subsections, and the subsections "5.1", "5.2" ... of section `number`.

    A number starts a subsection when it continues the count, stands before a capital letter and is
    no reference; openFDA marks the start in no other way.
    """
    before: list[str] = []
    parts: list[Heading] = []
    last = 0
    for piece in pieces:
        starts = []
        for match in _subsection_pattern(number).finditer(piece) if number else ():
            minor = int(match[1])
            follows = last < minor <= (99 if number in _PARTLY_IN_FIELDS and not last else last + _MAX_GAP)
            if follows and not _REFERRING.search(piece[max(0, match.start() - 12) : match.start()]):
                starts.append(match)
                last = minor
        cuts = [*(match.start() for match in starts), len(piece)]
        if piece[: cuts[0]].strip():
            before.append(piece[: cuts[0]].strip())
        for match, end in zip(starts, cuts[1:], strict=True):
            parts.append(_subsection(f"{number}.{match[1]}", piece[match.end() : end].strip()))
    return before, parts


@lru_cache(maxsize=32)
def _subsection_pattern(number: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\S){number}\.(\d{{1,2}})\.?\s+(?=[A-Z])(?!(?:MG|ML|MCG|G)\b)")


def _subsection(number: str, text: str) -> Heading:
    """Return a subsection; its title is cut off where its end is certain, and else stays in the text."""
    words = text.split(" ", _MAX_TITLE_WORDS + 2)[: _MAX_TITLE_WORDS + 1]
    for place, word in enumerate(words):
        if place and word in _STARTERS and words[place - 1].lower() not in _SMALL_WORDS:
            return Heading(number, " ".join(words[:place]), text[len(" ".join(words[:place])) :].strip())
        if not (word[:1].isupper() or word in _SMALL_WORDS or word[:1] in "(/-\u2013"):
            break
        if word.endswith((".", ":", ";")):
            break
    return Heading(number, "", text)
