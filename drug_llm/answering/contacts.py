"""Whom to call in an emergency, by country."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_TABLE = Path(__file__).with_name("emergency_numbers.yaml")
_ANYWHERE = "your local emergency number"


@dataclass(frozen=True)
class Contacts:
    """Telephone numbers of a country, each worded so that it can follow "call"."""

    emergency: str
    """Ambulance."""
    poison: str
    """Poison line, or what stands in for it where the public has none."""
    crisis: str
    """Line for suicidal crises, or what stands in for it."""


def contacts_in(country: str) -> Contacts:
    """Return the contacts of a country (ISO 3166 code, any case); of an unknown one, words that hold anywhere.

    A country without a public poison or crisis line gets its emergency number in that place.
    """
    numbers = _table().get(country.strip().upper(), {})
    emergency = numbers.get("emergency", _ANYWHERE)
    return Contacts(
        emergency=emergency,
        poison=numbers.get("poison", f"a poison centre, a doctor or {emergency}"),
        crisis=numbers.get("crisis", f"a crisis line near you or {emergency}"),
    )


def countries() -> tuple[str, ...]:
    """Return the codes of the countries in the table, sorted."""
    return tuple(sorted(_table()))


@cache
def _table() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return loaded
