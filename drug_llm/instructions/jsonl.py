"""Read and write instruction files: one JSON object a line, `input` and `output` required."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drug_llm.errors import DatasetError
from drug_llm.instructions.example import EvidencePassage, Example
from drug_llm.storage import storage_errors, write_text


@dataclass(frozen=True)
class Problem:
    """Why one line of an instruction file cannot be used."""

    path: Path
    """The file."""
    line: int
    """Line counted from 1, or 0 when the whole file is meant."""
    reason: str
    """What was found, what was expected, what to do."""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{place}: {self.reason}"


class _LineError(Exception):
    """The reason why the line at hand cannot be used."""


def read_examples(path: Path) -> tuple[list[Example], list[Problem]]:
    """Return the usable examples of a file and every problem found in it, in one pass.

    Repeats of an earlier line are problems. Empty lines are passed over.
    Raises StorageError when the file cannot be opened.
    """
    with storage_errors(path):
        lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    examples: list[Example] = []
    problems: list[Problem] = []
    first_lines: dict[tuple[object, ...], int] = {}
    for number, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        try:
            example = _parse_line(raw, number)
            _refuse_repeat(example, first_lines)
            examples.append(example)
        except _LineError as error:
            problems.append(Problem(path, number, str(error)))
    if not examples and not problems:
        problems.append(Problem(path, 0, "holds no example; expected one JSON object a line. Add examples to it."))
    return examples, problems


def load_examples(path: Path, *, drop_bad_lines: bool = False) -> list[Example]:
    """Return the examples of a file.

    Raises DatasetError for the first bad line (and says how many there are), unless they are to be dropped
    and something is left.
    """
    examples, problems = read_examples(path)
    if problems and not (drop_bad_lines and examples):
        raise DatasetError(first_problem(problems))
    return examples


def first_problem(problems: list[Problem]) -> str:
    """Return one line for a list of problems: the first, and how to see the others."""
    if len(problems) == 1:
        return str(problems[0])
    return f"{problems[0]} ({len(problems)} bad lines in all: see `drug-llm dataset check {problems[0].path}`)"


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    """Write examples as JSONL, atomically; the same examples give the same bytes."""
    lines = [json.dumps(example.to_json(), ensure_ascii=False) + "\n" for example in examples]
    write_text(path, "".join(lines))


def _refuse_repeat(example: Example, first_lines: dict[tuple[object, ...], int]) -> None:
    key = (example.input, example.output, example.passages)
    first = first_lines.setdefault(key, example.line)
    if first != example.line:
        raise _LineError(f"repeats line {first}; expected each example once. Remove the line.")


def _parse_line(raw: bytes, number: int) -> Example:
    try:
        content = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _LineError(
            f"byte {error.start + 1} is 0x{raw[error.start]:02x}, not valid UTF-8; expected UTF-8 text. "
            "Save the file as UTF-8."
        ) from error
    except json.JSONDecodeError as error:
        raise _LineError(
            f"broken JSON at column {error.colno} ({error.msg}); expected one object like "
            '{"input": "...", "output": "..."}. Correct or remove the line.'
        ) from error
    except (RecursionError, ValueError) as error:
        raise _LineError(f"JSON that Python cannot read ({error}). Correct or remove the line.") from error
    if not isinstance(content, dict):
        raise _LineError(f"found {_kind(content)}; expected a JSON object with `input` and `output`. Correct the line.")
    return _example(content, number)


def _example(content: Mapping[str, Any], number: int) -> Example:
    source = content.get("source")
    return Example(
        input=_required_text(content, "input"),
        output=_required_text(content, "output"),
        passages=_passages(content.get("passages")),
        id=_optional_text(content, "id"),
        kind=_optional_text(content, "kind"),
        drug=_optional_text(content, "drug"),
        source=source if isinstance(source, (dict, str)) else None,
        line=number,
    )


def _required_text(content: Mapping[str, Any], key: str, *, where: str = "") -> str:
    if key not in content:
        present = ", ".join(f"`{name}`" for name in list(content)[:6]) or "no field"
        raise _LineError(f"{where}`{key}` is missing (found {present}); expected a string. Add the field.")
    value = content[key]
    if not isinstance(value, str):
        raise _LineError(f"{where}`{key}` is {_kind(value)}; expected a string. Correct the line.")
    if not value.strip():
        raise _LineError(f"{where}`{key}` is empty; expected text. Fill it in or remove the line.")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _LineError(f"{where}`{key}` holds half a surrogate pair; expected whole characters.") from error
    return value


def _optional_text(content: Mapping[str, Any], key: str) -> str:
    value = content.get(key)
    if value is None:
        return ""
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return str(value)
    raise _LineError(f"`{key}` is {_kind(value)}; expected a string. Correct the line.")


def _passages(value: object) -> tuple[EvidencePassage, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise _LineError(f"`passages` is {_kind(value)}; expected a list of objects with `section` and `text`.")
    return tuple(_passage(entry, n) for n, entry in enumerate(value))


def _passage(entry: Mapping[str, Any], index: int) -> EvidencePassage:
    text = _required_text(entry, "text", where=f"`passages[{index}]`: ")
    section = _required_text(entry, "section", where=f"`passages[{index}]`: ")
    return EvidencePassage(set_id=_optional_text(entry, "set_id"), section=section, text=text)


def _kind(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return "null" if value is None else names.get(type(value), f"the text {value!r:.40}")
