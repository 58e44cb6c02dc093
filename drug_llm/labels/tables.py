"""Tables as readable text in which every value keeps the names of its row and its column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

MAX_COLUMNS = 200
MAX_ROWSPAN = 2_000


@dataclass(frozen=True)
class Cell:
    """One cell of a table, repeated in each place that it spans."""

    text: str
    """Text on one line."""
    is_header: bool
    """Whether the source marks it as a header."""
    width: int
    """Columns that it spans."""


Row = list[Cell]
_EMPTY = Cell("", False, 1)


def table_lines(table: Element, cell_text: Callable[[Element], str]) -> list[str]:
    """Return the lines of one table: caption, rows as "Row: column = value; ...", notes.

    `cell_text` gives the text of a cell. A row that spans the whole table becomes a line of its
    own, and the name of the first column a line "Rows: name", so that no word of the source is lost.
    """
    captions = [cell_text(child) for child in table if child.tag == "caption"]
    head, body, foot = (_grid(table, part, cell_text) for part in ("thead", "tbody", "tfoot"))
    width = max((len(row) for row in head + body + foot), default=0)
    if not head:
        head, body = _split_head(body, width)
    lines = [f"{caption}:" for caption in captions if caption]
    lines += [row[0].text for row in head if _spans_all(row, width) and row[0].text]
    names = _column_names([row for row in head if not _spans_all(row, width)], width)
    if width > 1 and names[0] and body:
        lines.append(f"Rows: {names[0]}")
    unused = [name for column, name in enumerate(names) if name and not _has_values(body, column)]
    if unused:
        lines.append("; ".join(_distinct(unused)))
    lines += [line for row in body if (line := _row_line(row, names, width))]
    return lines + [" ".join(_distinct(cell.text for cell in row)) for row in foot]


def _grid(table: Element, part: str, cell_text: Callable[[Element], str]) -> list[Row]:
    """Return the rows of `thead`, `tbody` (or of no part) or `tfoot`, spans filled in."""
    rows: list[Row] = []
    for child in table:
        if child.tag == part:
            rows += _filled([row for row in child if row.tag == "tr"], cell_text)
    if part == "tbody":
        rows += _filled([row for row in table if row.tag == "tr"], cell_text)
    return rows


def _filled(source: Sequence[Element], cell_text: Callable[[Element], str]) -> list[Row]:
    waiting: dict[int, tuple[int, Cell]] = {}
    rows = []
    for element in source:
        row: Row = []
        for child in element:
            if child.tag in ("td", "th"):
                _fill_from_above(row, waiting)
                _place(row, child, cell_text, waiting)
        _fill_from_above(row, waiting)
        rows.append(row)
    return rows


def _fill_from_above(row: Row, waiting: dict[int, tuple[int, Cell]]) -> None:
    while len(row) in waiting and len(row) < MAX_COLUMNS:
        column = len(row)
        left, cell = waiting.pop(column)
        row.append(cell)
        if left > 1:
            waiting[column] = (left - 1, cell)


def _place(
    row: Row, element: Element, cell_text: Callable[[Element], str], waiting: dict[int, tuple[int, Cell]]
) -> None:
    width = max(1, min(_span(element, "colspan"), MAX_COLUMNS - len(row)))
    height = min(_span(element, "rowspan"), MAX_ROWSPAN)
    cell = Cell(cell_text(element), element.tag == "th", width)
    for _ in range(width):
        if height > 1:
            waiting[len(row)] = (height - 1, cell)
        row.append(cell)


def _span(element: Element, name: str) -> int:
    value = element.get(name)
    if value is None:
        return 1
    return max(1, int(value)) if value.isascii() and value.isdigit() and len(value) < 6 else 1


def _split_head(body: list[Row], width: int) -> tuple[list[Row], list[Row]]:
    """Return (head, body) of a table without a `thead`: titles across it, then one header row or all `th` rows."""
    start = 0
    while start < len(body) and _spans_all(body[start], width):
        start += 1
    end = start
    while end < len(body) and body[end] and all(cell.is_header for cell in body[end]):
        end += 1
    if end == start and width > 1 and len(body) - start > 1 and _looks_like_head(body[start]):
        end = start + 1
        # A first cell that spans two rows has its column names in both.
        while (
            end < len(body) - 1 and body[end] and body[start] and body[end][0] is body[start][0] and body[start][0].text
        ):
            end += 1
    return body[:end], body[end:]


def _looks_like_head(row: Row) -> bool:
    values = [cell.text for cell in row[1:] if cell.text]
    return len(values) == len(row) - 1 and not any(text[0].isdigit() or len(text) > 120 for text in values)


def _spans_all(row: Row, width: int) -> bool:
    return bool(row) and (row[0].width >= width or not any(cell.text for cell in row[1:] if cell is not row[0]))


def _column_names(head: list[Row], width: int) -> list[str]:
    names = []
    for column in range(width):
        names.append(" / ".join(_distinct(row[column].text for row in head if column < len(row))))
    return names


def _has_values(body: list[Row], column: int) -> bool:
    """Whether a row puts a value under this column, and so prints its name."""
    if column == 0:
        return bool(body)
    return any(len(row) > column and row[column].text and row[column] is not row[column - 1] for row in body)


def _row_line(row: Row, names: list[str], width: int) -> str:
    if _spans_all(row, width) and row[0].text:
        return row[0].text
    first = row[0].text if row else ""
    parts, last = [], _EMPTY
    for column, cell in enumerate(row[1:], start=1):
        if cell.text and cell is not last and cell is not row[0]:
            parts.append(f"{names[column]} = {cell.text}" if names[column] else cell.text)
        last = cell
    line = "; ".join(parts)
    return f"{first}: {line}" if first and line else first or line


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))
