"""The words of a sweep: which keys are searched, over which values."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drug_llm.errors import ConfigError
from drug_llm.settings import load_settings
from drug_llm.training.config import TrainConfig

_RANGE = re.compile(r"(?P<low>[^.]\S*?)\.\.(?P<high>\S+?)(?P<log>:log)?$")
_PLACES = ("output_dir", "results_dir", "run_name", "overwrite", "train_file", "eval_file")


@dataclass(frozen=True)
class Range:
    """Numbers between two bounds, both included."""

    low: float
    high: float
    log: bool
    """Whether each factor is as likely as the next, instead of each difference."""
    whole: bool
    """Whether only whole numbers are meant."""


def split_words(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the words that all trials share, and those that are searched."""
    wanted = [word for word in words if _is_searched(word)]
    return [word for word in words if word not in wanted], wanted


def is_grid(space: dict[str, tuple[str, ...] | Range]) -> bool:
    """Return whether there are choices only, so that all combinations can be tried."""
    return not any(isinstance(values, Range) for values in space.values())


def searched(words: Sequence[str], file: Path | None) -> dict[str, tuple[str, ...] | Range]:
    """Return what each searched key may be, every value checked by itself beside the shared settings.

    Raises ConfigError when nothing is searched, or a key or value is none that training takes.
    """
    shared, wanted = split_words(words)
    load_settings(TrainConfig, file, shared)
    if not wanted:
        raise ConfigError(
            "Nothing to search: expected key=a,b,c or key=low..high, such as learning_rate=1e-4..1e-2:log."
        )
    space: dict[str, tuple[str, ...] | Range] = {}
    for word in wanted:
        key, _, text = word.partition("=")
        if key in _PLACES:
            raise ConfigError(f"{word}: {key} says where things lie; it cannot be searched.")
        space[key] = _values(key, text)
        for value in _ends(space[key]):
            load_settings(TrainConfig, file, [*shared, f"{key}={value}"])
    return space


def _is_searched(word: str) -> bool:
    key, _, text = word.partition("=")
    if _takes_names(key):
        return "|" in text
    return "," in text or bool(_RANGE.match(text) and _is_number(key))


def _values(key: str, text: str) -> tuple[str, ...] | Range:
    if found := _RANGE.match(text) if _is_number(key) else None:
        return _range(key, text, found)
    # A list of names has commas of its own, so its choices stand between bars.
    return tuple(part.strip() for part in text.split("|" if _takes_names(key) else ",") if part.strip())


def _range(key: str, text: str, found: re.Match[str]) -> Range:
    try:
        low, high = float(found["low"]), float(found["high"])
    except ValueError:
        low, high = 1.0, 0.0
    if low >= high or (found["log"] and low <= 0):
        raise ConfigError(f"{key}={text}: expected low..high with low < high, and low > 0 with :log.")
    return Range(low, high, bool(found["log"]), int in _kinds(key) and float not in _kinds(key))


def _ends(values: tuple[str, ...] | Range) -> tuple[str, ...]:
    return (str(values.low), str(values.high)) if isinstance(values, Range) else values


def _is_number(key: str) -> bool:
    return bool({int, float} & _kinds(key))


def _takes_names(key: str) -> bool:
    return any(typing.get_origin(kind) is tuple for kind in _kinds(key))


def _kinds(key: str) -> set[Any]:
    """Return the types that a key may have; none for a key that is unknown, which `load_settings` then names."""
    kind: Any = typing.get_type_hints(TrainConfig).get(key)
    options = typing.get_args(kind) if typing.get_origin(kind) in (typing.Union, types.UnionType) else (kind,)
    return set(options)
