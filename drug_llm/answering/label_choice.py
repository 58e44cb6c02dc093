"""Which of a drug's labels answers a question: the product, form, age group and strength that it asks about.

The rules stand in `_RULES`, the weightiest first; each keeps the labels that fit the question best, until one is left.
The texts of labels are read only where a rule needs them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from drug_llm.answering.label_forms import forms_asked, has_form
from drug_llm.answering.lexicon import SALTS
from drug_llm.answering.sentence import words_of_name
from drug_llm.answering.word_lists import is_ordinary, word_set
from drug_llm.labels.label import Passage
from drug_llm.labels.rows import LabelSummary


class PassageStore(Protocol):
    """What is needed of a store."""

    def passages(self, set_id: str, *, version: int | None = None) -> list[Passage]:
        """Return the sections of a label that have text."""


@dataclass(frozen=True)
class ChosenLabel:
    """The label that answers, and why it was chosen."""

    label: LabelSummary
    reason: str
    """What told it from the last ones that were left, such as `form asked about`."""


_FORM_SECTIONS = ("dosage_forms_and_strengths", "package_label", "how_supplied", "description")
_DIRECTIONS = ("dosage_and_administration", "how_to_take", "storage_and_handling")
"""Sections that speak of forms too, where a label has nothing better."""
_FORM_CHARACTERS = 400
"""Characters of a section that say what a product is; further on other products may be spoken of."""
_AGE_UNDER_12 = r"(?:[1-9]|1[01])"
_YEARS_OLD = r"(?:[- ]?(?:year|yr)s?[- ]old| ?(?:yo|y/o))"
_INFANT = re.compile(r"\b(?:infants?|bab(?:y|ies)|newborns?|(?:\d+[- ])?(?:month|week|mo|wk)s?[- ]old)\b")
_CHILD = re.compile(
    r"\b(?:child(?:ren)?(?:'?s)?|kids?(?:'?s)?|toddlers?|junior|pediatric|sons?|daughters?|school[- ]age"
    rf"|{_AGE_UNDER_12}{_YEARS_OLD})\b"
)
_ADULT = re.compile(rf"\b(?:adults?|grown[- ]?ups?|elderly|seniors?|(?:1[89]|[2-9]\d){_YEARS_OLD})\b")
_OVER_THE_COUNTER = re.compile(
    r"\b(?:otc|over[- ]the[- ]counter|without (?:a )?prescription|non-?prescription|store[- ]bought|off the shelf"
    r"|drug ?store)\b"
)
_PRESCRIPTION = re.compile(
    r"\b(?:rx|prescription|prescribed?|my (?:doctor|dr|doc) (?:gave|put|prescribed|wants|told|said))\b"
)
_STRENGTH = re.compile(r"(\d+(?:[.,]\d+)?) ?(mg|mcg|g|ml|%|units?|iu|meq)(?![a-z])")
_ASKED_SECTIONS = word_set(
    "boxed_warning indications_and_usage dosage_and_administration contraindications warnings_and_precautions "
    "adverse_reactions drug_interactions pregnancy lactation pediatric_use geriatric_use overdosage "
    "storage_and_handling information_for_patients"
)
"""Sections that answer questions; a label that has more of them is more complete."""


class _Question:
    """What a question asks about the product."""

    def __init__(self, text: str) -> None:
        self.text = text.lower().replace("\u2019", "'")
        self.words = words_of_name(text)
        self.forms = forms_asked(self.text)
        self.strengths = frozenset(_strengths(self.text))
        self.salts = frozenset(self.words) & SALTS
        self.is_otc = bool(_OVER_THE_COUNTER.search(self.text))
        self.is_prescription = not self.is_otc and bool(_PRESCRIPTION.search(self.text))

    @property
    def age(self) -> str:
        """`infant`, `child`, `adult`, or nothing."""
        ages = (("infant", _INFANT), ("child", _CHILD), ("adult", _ADULT))
        return next((age for age, pattern in ages if pattern.search(self.text)), "")

    def names(self, name: str) -> bool:
        """Return whether a name stands in the question in full."""
        words = words_of_name(name)
        joined = f" {' '.join(self.words)} "
        return bool(words) and (f" {' '.join(words)} " in joined or f" {''.join(words)} " in joined)


def _strengths(text: str) -> set[tuple[str, str]]:
    found = _STRENGTH.findall(text.replace("milligrams", "mg").replace("micrograms", "mcg"))
    return {(number.replace(",", ""), unit.rstrip("s")) for number, unit in found}


class Candidate:
    """A label with what its rules need to know of it."""

    def __init__(self, label: LabelSummary, store: PassageStore) -> None:
        self.label = label
        self._store = store
        self.product = " ".join((*label.brand_names, label.title)).lower()
        self.ingredients = " ".join(label.generic_names).lower()
        self.is_otc = "otc" in label.product_type.lower() or "over the counter" in label.product_type.lower()

    @cached_property
    def _passages(self) -> list[Passage]:
        return self._store.passages(self.label.set_id, version=self.label.version)

    @cached_property
    def description(self) -> str:
        """What the label says of its product, in lower case."""
        if self.label.source == "monograph":
            # A monograph is about all forms of a drug, and names them throughout.
            parts = [passage.text for passage in self._passages if passage.name in _DIRECTIONS]
        else:
            sections = _FORM_SECTIONS + (_DIRECTIONS if self.is_otc else ())
            parts = [passage.text[:_FORM_CHARACTERS] for passage in self._passages if passage.name in sections]
        return "\n".join((self.product, *parts)).lower()

    @cached_property
    def told_of_form(self) -> str:
        """What the label says of its product, as it is written, and to the end of the sections that say it."""
        parts = [passage.text for passage in self._passages if passage.name in _FORM_SECTIONS]
        return "\n".join((self.label.title, *self.label.brand_names, *self.label.generic_names, *parts))

    @cached_property
    def dosing(self) -> str:
        """Its directions, in lower case."""
        return "\n".join(passage.text for passage in self._passages if passage.name in _DIRECTIONS).lower()

    @cached_property
    def completeness(self) -> int:
        """How many kinds of sections it has that answer questions."""
        return len({passage.name for passage in self._passages} & _ASKED_SECTIONS)

    def has_form(self, name: str) -> bool:
        """Return whether it is about a product of this form."""
        return has_form(name, self.label.routes, self.description)

    def age(self) -> str:
        """Return the age group that the product's name is meant for: `infant`, `child`, or nothing."""
        names = " ".join(self.label.brand_names).lower()
        return "infant" if _INFANT.search(names) else "child" if _CHILD.search(names) else ""


def choose_label(question: str, candidates: Sequence[LabelSummary], store: PassageStore) -> ChosenLabel:
    """Return the label that answers a question, of those that the store has for the drug.

    `candidates` are in the order of the store, the better first; what the rules leave open is settled by the set id.
    Raises ValueError when there are none.
    """
    if not candidates:
        raise ValueError("No labels to choose from; expected at least one. Look the drug up by another name.")
    asked = _Question(question)
    left = [Candidate(label, store) for label in candidates]
    reason = "only label"
    for why, rule in _RULES:
        if len(left) == 1:
            break
        scores = [rule(asked, candidate) for candidate in left]
        best = max(scores)
        kept = [candidate for candidate, score in zip(left, scores, strict=True) if score == best]
        if len(kept) < len(left):
            left, reason = kept, why
    chosen = min(left, key=lambda candidate: candidate.label.set_id)
    return ChosenLabel(chosen.label, reason if len(left) == 1 else "smallest set id")


def _product_named(asked: _Question, candidate: Candidate) -> int:
    """The words of the product's name, where it stands in the question and is more than its ingredients'."""
    held = set(words_of_name(candidate.ingredients)) | SALTS | {"and"}
    named = [brand for brand in candidate.label.brand_names if asked.names(brand)]
    return max((len(words_of_name(brand)) for brand in named if not set(words_of_name(brand)) <= held), default=0)


def _form_asked(asked: _Question, candidate: Candidate) -> int:
    if not asked.forms:
        return 0
    has = sum(candidate.has_form(form) for form in asked.forms)
    # "Regular" tablets are those that no label calls extended-release.
    unwanted = "immediate-release" in asked.forms and candidate.has_form("extended-release")
    return has - unwanted


def _age_asked(asked: _Question, candidate: Candidate) -> int:
    wanted, has = asked.age, candidate.age()
    if wanted in ("infant", "child"):
        return 2 if has == wanted else int(bool(has))
    return -int(bool(has))


def _strength_asked(asked: _Question, candidate: Candidate) -> int:
    return len(asked.strengths & _strengths(candidate.description)) if asked.strengths else 0


def _strength_for_child(asked: _Question, candidate: Candidate) -> int:
    """How many of the strengths are the product's, where a child is to get a product of another age group, too."""
    strengths = {strength for strength in asked.strengths if strength[1] != "ml"}
    return len(strengths & _strengths(candidate.description)) if strengths and asked.age in ("infant", "child") else 0


def _salt_asked(asked: _Question, candidate: Candidate) -> int:
    return len(asked.salts & set(words_of_name(candidate.ingredients + " " + candidate.product)))


def _brand_named(asked: _Question, candidate: Candidate) -> int:
    """Whether the question has a word of the product's name that is neither an ordinary word nor an ingredient."""
    held = set(words_of_name(candidate.ingredients)) | SALTS
    words = {word for brand in candidate.label.brand_names for word in words_of_name(brand)} - held
    return int(any(word in asked.words and len(word) > 3 and not is_ordinary(word) for word in words))


def _sale_asked(asked: _Question, candidate: Candidate) -> int:
    if asked.is_otc:
        return int(candidate.is_otc)
    return int(asked.is_prescription and "prescription" in candidate.label.product_type.lower())


_RULES: tuple[tuple[str, Callable[[_Question, Candidate], int | str]], ...] = (
    ("product asked about", _product_named),
    ("strength asked about", _strength_for_child),
    ("age group asked about", _age_asked),
    ("form asked about", _form_asked),
    ("brand asked about", _brand_named),
    ("salt asked about", _salt_asked),
    ("fewest ingredients", lambda _, candidate: -max(1, len(candidate.label.generic_names))),
    ("prescription or over the counter", _sale_asked),
    ("strength asked about", _strength_asked),
    ("official label", lambda _, candidate: int(candidate.label.source != "monograph")),
    ("most complete", lambda _, candidate: candidate.completeness),
    ("newest", lambda _, candidate: candidate.label.effective_date),
)
