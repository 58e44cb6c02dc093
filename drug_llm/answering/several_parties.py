"""Which of the things that a question names may be taken together."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from drug_llm.answering.drug_names import FoundNames, NamedDrug, NamedGroup
from drug_llm.answering.drug_terms import is_medicine
from drug_llm.answering.several_marks import Asked, Marked, mark_names, runs_of, within
from drug_llm.answering.several_words import (
    ALIAS,
    ALLERGY,
    ANY_MEDICINE,
    ASIDE,
    BODY,
    DRINKING,
    HOW_TAKEN,
    IN_BLOOD,
    JOINED_TO,
    MEASURED,
    NO_DRINKS,
    OVERDOSED,
    OWN_MILK,
    PILL,
    STRONG,
    WEAK,
)
from drug_llm.answering.word_lists import substances


def drugs_meant(found: FoundNames) -> tuple[NamedDrug, ...]:
    """Return the drugs that are not a class or a substance too.

    Where a store has a product named "alcohol", such as a hand rub, the drink is what is asked about.
    """
    typed = {group.typed.lower() for group in (*found.substances, *found.classes)}
    return tuple(drug for drug in found.drugs if drug.typed.lower() not in typed)


def parties(question: str, found: FoundNames) -> Asked:
    """Return what may be taken together: without what is only said to be in the drug, to cause an allergy, or alike."""
    named = (group for group in (*found.classes, *found.substances) if group.name not in HOW_TAKEN)
    groups = {group.name.lower(): group for group in named}
    drinking = DRINKING.search(question.lower())
    if drinking and "alcohol" not in groups and not NO_DRINKS.search(question.lower()):
        alcohol = next(one for one in substances() if one.name == "alcohol")
        groups["alcohol"] = NamedGroup(alcohol.name, question[drinking.start() : drinking.end()], alcohol.terms)
    drugs = drugs_meant(found)
    if not drugs:
        return Asked(found.drugs)
    typed = {group.typed.lower() for group in groups.values()}
    unknown = {name.lower(): name for name in found.unknown if name.lower() not in typed}
    asked = Asked(drugs, tuple(groups.values()), tuple(unknown.values()))
    kept = _kept(asked, mark_names(question, asked))
    return _without_aliases(kept, mark_names(question, kept))


def _kept(asked: Asked, marked: Marked) -> Asked:
    groups = tuple(one for at, one in enumerate(asked.groups) if not _is_aside(one, f"G{at}", marked))
    drugs = tuple(one for at, one in enumerate(asked.drugs) if not marked.has(ALLERGY, f"D{at}"))
    if overdosed := tuple(one for at, one in enumerate(asked.drugs) if marked.has(OVERDOSED, f"D{at}")):
        return replace(asked, drugs=overdosed, groups=(), unlabelled=())  # the rest is what it is treated with
    unlabelled = tuple(one for at, one in enumerate(asked.unlabelled) if _is_party(one, f"U{at}", marked))
    return replace(asked, drugs=drugs or asked.drugs, groups=groups, unlabelled=unlabelled)


def _is_aside(group: NamedGroup, mark: str, marked: Marked) -> bool:
    if marked.has(ASIDE, mark) or marked.has(ALLERGY, mark) or ANY_MEDICINE.search(marked.text):
        return True
    if "allerg" in group.typed.lower() or (group.name == "milk" and marked.has(OWN_MILK, mark)):
        return True
    if group.typed.lower() == "the pill" and not PILL.search(marked.question.lower()):
        return True
    return group.name in MEASURED and marked.has(IN_BLOOD, mark)


def _is_party(name: str, mark: str, marked: Marked) -> bool:
    """Return whether something that the store does not know is a medicine that is taken with the drug."""
    if marked.has(ALLERGY, mark) or (name.lower() in BODY and marked.has(IN_BLOOD, mark)):
        return False
    if is_medicine(name):
        return bool(STRONG.search(marked.text) or WEAK.search(marked.text) or is_beside(mark, marked))
    return is_beside(mark, marked)


def is_beside(mark: str, marked: Marked) -> bool:
    """Return whether a mark stands beside that of a drug, joined to it."""
    near = rf"(?:'s)?,? {JOINED_TO} (?:\w+ ){{0,2}}?"
    return re.search(rf"D\d{near}{mark}|{mark}{near}D\d", marked.text) is not None


def _without_aliases(asked: Asked, marked: Marked) -> Asked:
    """Leave out the less exact of two names for one thing: "Tylenol (acetaminophen)", "iron (ferrous sulfate)"."""
    left: set[str] = set()
    for at, (one, two) in enumerate(pairwise(marked.marks)):
        if ALIAS.match(marked.joint(at)):
            left.add(one.typed if one.text[0] == "G" else two.typed)
    return replace(
        asked,
        drugs=tuple(drug for drug in asked.drugs if drug.typed not in left),
        groups=tuple(group for group in asked.groups if group.typed not in left),
        unlabelled=tuple(name for name in asked.unlabelled if name not in left),
    )


def how_taken(piece: str, asked: Asked, found: FoundNames) -> list[str]:
    """Return what a part asks of food or sun in one list with something that is taken ("with A and food")."""
    named = tuple(one for one in (*found.classes, *found.substances) if one.name in HOW_TAKEN)
    inner = within(replace(asked, groups=(*asked.groups, *named)), piece)
    own = {group.typed for group in named}
    return [
        piece[: run[0].start] + one.typed + piece[run[-1].end :]
        for run in runs_of(mark_names(piece, inner))
        for one in run
        if one.typed in own and len({other.typed for other in run} - own) > 0
    ]
