"""From a fact to the questions that people put: names, spelling and typing vary, by a fixed draw."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from drug_llm.instructions.facts import Fact, Source
from drug_llm.instructions.wordings import QUESTIONS, WITHOUT_GROUP, WITHOUT_OTHER

Choice = TypeVar("Choice")
BRAND_SHARE = 0.25
"""Share of the questions that use a trade name, where there is one."""
MISSPELLED_SHARE = 0.08
"""Share of the questions in which the drug's name is misspelled."""


@dataclass(frozen=True)
class Question:
    """A question as it was typed."""

    text: str
    wording: str
    """The wording that it was made from."""


def draw(*key: object) -> float:
    """Return a number from 0 to below 1 that depends on the key alone, so that the same input gives the same data."""
    return int(digest(*key)[:13], 16) / 16**13


def digest(*key: object) -> str:
    """Return a hash of the key as 64 hexadecimal digits."""
    return hashlib.sha256("\0".join(map(str, key)).encode()).hexdigest()


def shuffled(choices: Sequence[Choice], *key: object) -> list[Choice]:
    """Return the choices in an order that depends on them and the key alone."""
    return sorted(choices, key=lambda choice: digest(*key, choice))


def questions(source: Source, fact: Fact, count: int, *key: object) -> list[Question]:
    """Return at most `count` questions that a fact answers, no two in the same wording."""
    wordings = shuffled(wordings_for(fact), source.name, fact.subject, fact.group, fact.other, *key)
    return [
        ask(source, wording, (*key, fact.group, fact.other), group=fact.group, other=fact.other)
        for wording in wordings[:count]
    ]


def wordings_for(fact: Fact) -> tuple[str, ...]:
    """Return the wordings that fit a fact."""
    if fact.subject == "dosage" and not fact.group:
        return WITHOUT_GROUP
    if fact.subject == "interactions" and not fact.other:
        return WITHOUT_OTHER
    return QUESTIONS[fact.subject]


def ask(source: Source, wording: str, key: Sequence[object], **parts: str) -> Question:
    """Return a wording with its parts filled in, as somebody typed it.

    A wording written in lower case is typed in lower case throughout, trade names included.
    """
    name = name_to_ask_by(source, wording, *key)
    if draw("misspell", source.name, wording, *key) < MISSPELLED_SHARE:
        name = misspelled(name, source.name, wording, *key)
    text = wording.format(drug=name, **parts)
    if wording == wording.lower() and not wording.endswith((".", "?")):
        return Question(text.lower(), wording)
    return Question(text[:1].upper() + text[1:], wording)


def name_to_ask_by(source: Source, *key: object) -> str:
    """Return the generic name, or a trade name for the share of BRAND_SHARE."""
    if source.brands and draw("brand", source.name, *key) < BRAND_SHARE:
        return shuffled(source.brands, *key)[0]
    return source.name


def misspelled(name: str, *key: object) -> str:
    """Return a name with two letters swapped, one left out or one doubled; the first letter stays."""
    if len(name) < 5:
        return name
    at = 1 + int(draw("place", name, *key) * (len(name) - 3))
    kinds = (
        name[:at] + name[at + 1] + name[at] + name[at + 2 :],
        name[:at] + name[at + 1 :],
        name[: at + 1] + name[at:],
    )
    return kinds[int(draw("kind", name, *key) * len(kinds))]
