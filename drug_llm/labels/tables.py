"""Tables as readable text in which every value keeps the names of its row and its column."""

from __future__ import annotations

import re
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
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_QUANTITY = re.compile(
    r"(?:(?:under|over|above|below|less than|more than|at least|up to)\b|[<>\u2264\u2265(\s])*\d", re.I
)
_AGE = re.compile(
    r"\d+[\s-]*(?:years?|yrs?|months?|weeks?)\b|(?:adults?|child(?:ren)?|infants?|adolescents?|teenagers?)\b", re.I
)
"""For whom a row tells something."""
_TOLD = re.compile(
    r"(?:do not|don't|not recommended|not for use|(?:ask|consult|see|contact) (?:a|your|the|with)\b"
    r"|(?:take|give|apply|chew|swallow|drink|dissolve|spray|instill|inhale|place|use)\b.*(?:\d|\bone\b|\btwo\b|\bhalf\b))",
    re.I,
)
"""What somebody is told to do, which names no column."""
_LIST = re.compile(r"[a-z][^,;]*(?:[,;][^,;]+){2}")
_BULLET = re.compile(r"[\u2022\u00b7\u25cf\u25aa\u25e6\uf0b7]")


def table_lines(table: Element, cell_text: Callable[[Element], str]) -> list[str]:
    """Return the lines of one table: caption, rows as "Row: column = value; ...", notes.

    `cell_text` gives the text of a cell. A row that spans the whole table becomes a line of its
    own, and the name of the first column a line "Rows: name", so that no word of the source is lost.
    Two columns without names that tell something of ages become a list ("- adults: 2 tablets").
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
    # Without names of columns, what is told of each age is a list, of which nothing may be left out.
    mark = "- " if width == 2 and not any(names) and _are_most(body, 0, lambda text: bool(_AGE.search(text))) else ""
    for row in _with_names_below(body, width):
        if line := _row_line(row, names, width):
            lines.append(line if _spans_all(row, width) else mark + line)
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
    if end == start and width > 1 and len(body) - start > 1 and _looks_like_head(body[start], body[start + 1 :]):
        end = start + 1
        # A first cell that spans two rows has its column names in both.
        while (
            end < len(body) - 1 and body[end] and body[start] and body[end][0] is body[start][0] and body[start][0].text
        ):
            end += 1
    return body[:end], body[end:]


def _looks_like_head(row: Row, below: list[Row]) -> bool:
    values = [cell.text for cell in row[1:] if cell.text]
    if len(values) < len(row) - 1 or any(text[0].isdigit() or len(text) > 120 for text in values):
        return False
    return not _looks_like_data(row, below)


def _looks_like_data(row: Row, below: list[Row]) -> bool:
    """Whether a first row is one of values: most rows below it have cells of the same kind, or it tells what to do."""
    first = row[0].text
    if any(_BULLET.match(cell.text) for cell in row):
        return True
    if not first:
        return False
    if any(_TOLD.match(cell.text) for cell in row[1:]) or _is_said_of_ages(row, below):
        return True
    if _QUANTITY.match(first) and _are_most(below, 0, lambda text: bool(_QUANTITY.match(text))):
        return True
    return any(_is_like_those_below(cell.text, below, column) for column, cell in enumerate(row))


def _is_said_of_ages(row: Row, below: list[Row]) -> bool:
    """Whether the row has an age and some amount for it ("up to 2 tablets"), and those below have ages too."""
    is_amount = any(_NUMBER.search(cell.text) for cell in row[1:])
    return is_amount and bool(_AGE.search(row[0].text)) and _are_most(below, 0, lambda text: bool(_AGE.search(text)))


def _is_like_those_below(text: str, below: list[Row], column: int) -> bool:
    """Whether most cells of the column differ from this one in their numbers only, or are lists of things as it is."""
    shape = _NUMBER.sub("#", text)
    if shape != text and _are_most(below, column, lambda other: _NUMBER.sub("#", other) == shape):
        return True
    return bool(_LIST.match(text)) and _are_most(below, column, lambda other: bool(_LIST.match(other)))


def _are_most(rows: list[Row], column: int, is_so: Callable[[str], bool]) -> bool:
    width = max((len(row) for row in rows), default=0)
    texts = [row[column].text for row in rows if column < len(row) and not _spans_all(row, width)]
    found = [is_so(text) for text in texts if text]
    return 2 * sum(found) > len(found)


def _with_names_below(body: list[Row], width: int) -> list[Row]:
    """Return the rows, those that go on with the row above them under its name."""
    rows: list[Row] = []
    named: Row | None = None
    for row in body:
        if not any(cell.text for cell in row):
            named = None
        elif row[0].text:
            # A title across the table is no name of a row, but one that has its own cell beside empty ones is.
            named = None if width > 1 and row[0].width >= width else row
        elif named is not None and _goes_on(row, named):
            row = [named[0], *row[1:]]
        rows.append(row)
    return rows


def _goes_on(row: Row, named: Row) -> bool:
    """Whether a row without a name has values as the named one above it has, and not names of columns or a title."""
    values = [cell.text for cell in named[1:]]
    own = [cell.text for cell in row[1:]]
    if not any(values):
        return True
    last = max(place for place, text in enumerate(values) if text)
    if len(own) > last and not own[last]:
        return False
    pairs = [(above, text) for above, text in zip(values, own, strict=False) if above and text]
    return any(bool(_NUMBER.search(text)) or not _NUMBER.search(above) for above, text in pairs) if pairs else True


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
