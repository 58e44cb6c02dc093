"""Settings dataclasses from YAML files and `key=value` words, and their help from the docstrings of their fields."""

from __future__ import annotations

import ast
import dataclasses
import difflib
import inspect
import textwrap
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

from drug_llm.errors import ConfigError

Settings = TypeVar("Settings")
_TRUTH = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def load_settings(kind: type[Settings], file: Path | None, words: Sequence[str]) -> Settings:
    """Return settings: defaults, then the YAML file, then `key=value` words.

    Raises ConfigError that names the file or word, the key and what was expected.
    """
    values: dict[str, Any] = {}
    if file is not None:
        values.update(_from_file(kind, file))
    for word in words:
        key, equals, text = word.partition("=")
        if not equals:
            raise ConfigError(f"{word!r}: expected key=value, such as learning_rate=2e-4. See --help for the keys.")
        name = _known(kind, key.strip(), where="")
        values[name] = _convert(kind, name, text.strip(), where="")
    return kind(**values)


def to_yaml(settings: Any) -> str:
    """Return settings as YAML that `load_settings` reads back; None and empty fields are left out."""
    content = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in dataclasses.asdict(settings).items()
        if value not in (None, "", ())
    }
    return str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))


def describe(kind: type[Any]) -> list[tuple[str, str, str]]:
    """Return `(key, default, meaning)` of every field, the meaning from the docstring under it."""
    meanings = field_docstrings(kind)
    return [
        (field.name, "" if field.default in (None, "") else show_value(field.default), meanings.get(field.name, ""))
        for field in dataclasses.fields(kind)
    ]


def field_docstrings(kind: type[Any]) -> dict[str, str]:
    """Return the string literal below each field of a dataclass, on one line."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(tree, ast.ClassDef)
    found: dict[str, str] = {}
    for field, below in zip(tree.body, tree.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            found[field.target.id] = " ".join(str(below.value.value).split())
    return found


def show_value(value: object) -> str:
    """Return a value as it is written in `key=value`."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _from_file(kind: type[Any], file: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{file}: no such file; expected a YAML file of settings. Check --config.") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{file}: cannot be read as YAML ({' '.join(str(error).split())}). Correct it.") from error
    if not isinstance(content, Mapping):
        raise ConfigError(f"{file}: found {type(content).__name__}; expected `key: value` lines. Correct it.")
    where = f"{file}: "
    return {
        _known(kind, str(key), where=where): _convert(kind, str(key), value, where=where)
        for key, value in content.items()
    }


def _known(kind: type[Any], key: str, *, where: str) -> str:
    names = [field.name for field in dataclasses.fields(kind)]
    if key not in names:
        close = difflib.get_close_matches(key, names, n=1)
        guess = f" Did you mean `{close[0]}`?" if close else ""
        raise ConfigError(f"{where}unknown setting `{key}`.{guess} The settings are: {', '.join(names)}.")
    return key


def _convert(kind: type[Any], key: str, value: Any, *, where: str) -> Any:
    wanted = typing.get_type_hints(kind)[key]
    union = typing.get_origin(wanted) in (typing.Union, types.UnionType)
    options = typing.get_args(wanted) if union else (wanted,)
    nothing = value is None or (isinstance(value, str) and value.lower() in ("none", "null", ""))
    if nothing and type(None) in options:
        return None
    # Where a setting cannot be absent, `none` is a word like any other (sharding=none).
    if not nothing or value == "none":
        for option in options:
            converted = _as(option, value)
            if converted is not None:
                return converted
    names = " or ".join(_type_name(option) for option in options)
    raise ConfigError(f"{where}{key}={value!s}: expected {names}. See --help.")


def _as(option: Any, value: Any) -> Any:
    """Return the value as the type, or None when it is not one."""
    if typing.get_origin(option) is tuple:
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(str(part).strip() for part in parts) if isinstance(parts, (list, tuple)) else None
    if option is bool:
        return value if isinstance(value, bool) else _TRUTH.get(str(value).lower())
    if isinstance(value, bool) or option is type(None) or isinstance(value, (list, dict)):
        return None
    try:
        if option is not int:
            return option(value)
        # "1e3" and 1000.0 mean the whole number 1000.
        number = float(value)
        return int(number) if number == int(number) else None
    except (ValueError, OverflowError):
        return None


def _type_name(option: Any) -> str:
    if typing.get_origin(option) is tuple:
        return "names separated by commas"
    return {int: "a whole number", float: "a number", bool: "true or false", str: "text", type(None): "nothing"}.get(
        option, str(option)
    )
