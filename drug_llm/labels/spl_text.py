"""The narrative block of SPL (paragraphs, lists, tables, notes) as plain lines of text."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from drug_llm.labels.references import LINK_END, LINK_START, split_number
from drug_llm.labels.tables import table_lines

_LINK_MARKS = re.compile(f"[{LINK_START}{LINK_END}]")
_BULLET = re.compile(r"\A(?:[\u2022\u00b7\u25cf\u25aa\u25e6\u2013*o-]|[(\[]?[0-9ivx]{1,4}[.)\]]|[(\[]?[a-z][.)\]])?\Z")
_LEADING_BULLET = re.compile(r"\A[\u2022\u00b7\u25cf\u25aa\u25e6\uf0b7]\s*")
_PLAIN = frozenset(("td", "th", "paragraph", "content"))
_POWER = re.compile(r"[-\u2212+]?\d+\Z")


def block_lines(block: Element | None) -> list[str]:
    """Return the lines of a `text`, `item` or like element.

    A list follows the line before it directly, as entries "- ..." that are indented by depth, so
    that its heading stays with it. A table becomes the lines of `tables.table_lines`.
    """
    return [] if block is None else _Lines().read(block)


def inline_text(element: Element) -> str:
    """Return the text of one element on one line; breaks and inner blocks become spaces."""
    return " ".join(" ".join(block_lines(element)).split())


def cell_text(element: Element) -> str:
    """Return the text of a table cell on one line, without its footnotes; see `table_notes`."""
    tags = [child.tag for child in element.iter()]
    if tags.count("paragraph") <= 1 and _PLAIN.issuperset(tags):
        # Nearly all cells; the general way takes ten times as long.
        return " ".join(_LINK_MARKS.sub("", "".join(element.itertext())).split())
    return " ".join(" ".join(_Lines(with_notes=False).read(element)).split())


def table_notes(table: Element) -> list[str]:
    """Return the footnotes of a table as lines; in a column name they would be repeated in every row."""
    return [f"Note: {inline_text(note)}" for note in table.iter("footnote")]


class _Lines:
    """Collects lines while the elements are walked, a line ending where a block ends."""

    def __init__(self, *, with_notes: bool = True) -> None:
        self._with_notes = with_notes
        self._lines: list[str] = []
        self._open = ""

    def read(self, block: Element) -> list[str]:
        self._walk(block, indent=0)
        self._close()
        return self._lines

    def _close(self, prefix: str = "") -> None:
        line = " ".join(self._open.split())
        self._open = ""
        if line:
            self._lines.append(prefix + _LEADING_BULLET.sub("- ", line))

    def _walk(self, element: Element, *, indent: int) -> None:
        self._add(element.text)
        for child in element:
            self._child(child, indent)
            self._add(child.tail)

    def _child(self, child: Element, indent: int) -> None:
        if child.tag == "table":
            self._close()
            self._lines += table_lines(child, cell_text)
            self._lines += table_notes(child) if self._with_notes else []
        elif child.tag == "list":
            self._close()
            self._list(child, indent)
        elif child.tag in ("paragraph", "caption", "text"):
            self._close()
            self._walk(child, indent=indent)
            self._close()
        elif child.tag == "br":
            self._close()
        else:
            self._inline(child, indent)

    def _list(self, element: Element, indent: int) -> None:
        for child in element:
            if child.tag == "item":
                self._item(child, indent)
            else:
                self._child(child, indent)
                self._close()

    def _item(self, item: Element, indent: int) -> None:
        inner = _Lines(with_notes=self._with_notes)
        inner._add(item.text)
        for child in item:
            # The mark of an entry ("a.", "2)") says its place only; as text it would read as a number.
            if child.tag != "caption" or not _BULLET.match("".join(child.itertext()).strip()):
                inner._child(child, 0)
            inner._add(child.tail)
        inner._close()
        for place, line in enumerate(inner._lines):
            mark = "  " if place else "" if line.startswith("- ") else "- "
            self._lines.append(" " * indent + mark + line)

    def _inline(self, child: Element, indent: int) -> None:
        if child.tag == "sup":
            self._superscript(child)
        elif child.tag == "linkHtml":
            self._link(child, indent)
        elif child.tag == "footnote":
            if self._with_notes:
                self._open += f" [Note: {inline_text(child)}] "
        else:
            self._walk(child, indent=indent)

    def _superscript(self, child: Element) -> None:
        text = "".join(child.itertext()).strip()
        # "10" and a raised "9" must not become "109".
        raised = bool(_POWER.match(text)) and self._open[-1:].isalnum()
        self._add(("^" if raised else "") + text)

    def _link(self, child: Element, indent: int) -> None:
        if child.get("href", "").startswith("#") and len(child) == 0:
            self._open += f"{LINK_START}{_LINK_MARKS.sub('', child.text or '')}{LINK_END}"
        else:
            self._walk(child, indent=indent)

    def _add(self, text: str | None) -> None:
        if text:
            self._open += _LINK_MARKS.sub("", text)


def section_title(section: Element) -> tuple[str, str]:
    """Return the number and the title of a section; both may be empty."""
    title = section.find("title")
    text = "" if title is None else _LINK_MARKS.sub("", inline_text(title))
    return split_number(text)
