"""Words of questions: those that say nothing, and other words that labels use for what is said."""

from __future__ import annotations

from functools import cache
from importlib import resources

from drug_llm.labels.ranking import stem


@cache
def _by_stem() -> dict[str, tuple[str, ...]]:
    text = resources.files("drug_llm.answering").joinpath("other_words.txt").read_text(encoding="utf-8")
    found: dict[str, dict[str, None]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            first, *others = map(stem, line.split())
            found.setdefault(first, {first: None}).update(dict.fromkeys(others))
    return {word: tuple(stems) for word, stems in found.items()}


@cache
def everyday_words() -> frozenset[str]:
    """Return words that carry no subject of their own in a question about a medicine."""
    text = resources.files("drug_llm.answering").joinpath("everyday_words.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


@cache
def everyday_stems() -> frozenset[str]:
    """Return the stems of the everyday words."""
    return frozenset(map(stem, everyday_words()))


def alternatives(word: str) -> tuple[str, ...]:
    """Return a stem and those of other words for the same thing, itself first."""
    return _by_stem().get(word, (word,))
