"""Whether an answer line has the form that `ask` writes: asked first, so that every later check can rely on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drug_llm.answering.answer import REASONS
from drug_llm.answering.answer_digest import FIELD

LONGEST_SHOWN = 60
"""Characters of a wrong value that are repeated."""


@dataclass(frozen=True)
class _Form:
    words: str
    fits: Callable[[Any], bool]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_TEXT = _Form("a string", lambda value: isinstance(value, str))
_WHOLE = _Form("a whole number", _is_whole)
_SHARE = _Form("a number from 0 to 1", lambda value: _is_number(value) and 0 <= value <= 1)
_FLAG = _Form("true or false", lambda value: isinstance(value, bool))
_LIST = _Form("a list", lambda value: isinstance(value, (list, tuple)))
_REASON = _Form(f"null or one of {', '.join(REASONS)}", lambda value: value is None or value in REASONS)

_ANSWER = {
    "id": _TEXT,
    "question": _TEXT,
    "answer": _TEXT,
    "abstained": _FLAG,
    "reason": _REASON,
    "urgent": _FLAG,
    "drugs": _LIST,
    "citations": _LIST,
    "sentences": _LIST,
    "confidence": _SHARE,
    "model": _TEXT,
    "store": _TEXT,
    "elapsed_ms": _WHOLE,
}
_OPTIONAL = {FIELD: _TEXT, "mode": _TEXT}
_CITATION = {
    "set_id": _TEXT,
    "version": _WHOLE,
    "section": _TEXT,
    "quote": _TEXT,
    "start": _WHOLE,
    "end": _WHOLE,
    "sha256": _TEXT,
}
_DATED = {"date": _TEXT}
_ENTRIES = {
    "drugs": ("drug", {"name": _TEXT, "set_id": _TEXT}, {}),
    "citations": ("citation", _CITATION, _DATED),
    "sentences": ("sentence", {"text": _TEXT, "citations": _LIST}, {}),
}
"""Of each list: what an entry is called, the fields it has, and those that older files lack."""


def shape_problems(line: Mapping[str, Any]) -> Iterator[str]:
    """Yield what keeps a line from being an answer, a message for each field that is missing, wrong or unknown."""
    yield from _problems(line, _ANSWER, _OPTIONAL)
    for name, (called, fields, optional) in _ENTRIES.items():
        entries = line.get(name)
        for number, entry in enumerate(entries if entries and _LIST.fits(entries) else ()):
            if not isinstance(entry, dict):
                yield f"{called} {number}: found {_shown(entry)}; expected an object"
                continue
            yield from (f"{called} {number}: {problem}" for problem in _problems(entry, fields, optional))
            if name == "sentences" and _LIST.fits(entry.get("citations")):
                for index in entry["citations"]:
                    if not _is_whole(index):
                        yield f"sentence {number}: cites {_shown(index)}; expected {_expected(_WHOLE, index)}"


def _problems(entry: Mapping[str, Any], fields: Mapping[str, _Form], optional: Mapping[str, _Form]) -> Iterator[str]:
    for name, form in fields.items():
        if name not in entry:
            yield f"no `{name}`; expected {form.words}"
        elif not form.fits(entry[name]):
            yield f"`{name}` is {_shown(entry[name])}; expected {_expected(form, entry[name])}"
    for name in entry:
        if name not in fields and name not in optional:
            yield f"`{name}` is no field that `ask` writes"
        elif name not in fields and not optional[name].fits(entry[name]):
            yield f"`{name}` is {_shown(entry[name])}; expected {_expected(optional[name], entry[name])}"


def _expected(form: _Form, value: object) -> str:
    return f"{form.words}, not a string" if isinstance(value, str) and form not in (_TEXT, _REASON) else form.words


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str) else json.dumps(value, default=repr)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "..."
