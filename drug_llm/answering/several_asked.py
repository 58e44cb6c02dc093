"""Whether a question is about taking things together, or asks of each of several drugs, and which things those are.

The names are taken out of the question and marked ("can i take D0 with G0"), and the words around the marks decide:
D is a drug of the store, U a medicine that the store has no label for, G a class of medicines or a food or drink.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from drug_llm.answering.drug_names import FoundNames, NamedDrug, NamedGroup
from drug_llm.answering.drug_terms import is_medicine
from drug_llm.answering.intent import intent, parts, populations
from drug_llm.answering.several_words import (
    ALIAS,
    ALLERGY,
    AMOUNT,
    ANY_MEDICINE,
    ASIDE,
    BODY,
    BOUNDARY,
    DRINKING,
    EATING,
    FORM,
    HOW_TAKEN,
    IN_BLOOD,
    JOINED_TO,
    LISTED,
    MEASURED,
    NO_DRINKS,
    NO_WEAK,
    NOT_OWN,
    NOT_OWN_WEAK,
    OVERDOSED,
    OWN_MILK,
    PEOPLE,
    PILL,
    PRONOUN,
    STRONG,
    TWO,
    UNREAD,
    USES_OF,
    WEAK,
    P,
)
from drug_llm.answering.word_lists import substances


@dataclass(frozen=True)
class Asked:
    """What a question that names several things asks."""

    drugs: tuple[NamedDrug, ...] = ()
    groups: tuple[NamedGroup, ...] = ()
    unlabelled: tuple[str, ...] = ()
    """Medicines, as typed, that the store has no label for."""
    is_together: bool = False
    """Whether it asks what happens when the things meet."""
    is_joined: bool = False
    """Whether its words join them, rather than only fit two that meet."""
    is_specific: bool = False
    """Whether an amount, a time or another subject of its own is asked for."""
    of_each: Mapping[str, str] = field(default_factory=dict)
    """What is asked of each drug by itself, by the name as typed; empty where nothing is."""
    rest: tuple[str, ...] = ()
    """Further parts of the question, about one drug."""
    alternatives: tuple[frozenset[str], ...] = ()
    """Pairs of names, as typed, of which only one is meant ("A or B with C")."""
    side_by_side: tuple[tuple[str, str], ...] = ()
    """Names, as typed, that may be the ingredients of one product: nothing stands between them."""
    apart: tuple[frozenset[str], ...] = ()
    """Pairs of names, as typed, that "with" or "and" joins, so that they are no two names for one thing."""


@dataclass(frozen=True)
class _Mark:
    text: str
    typed: str
    start: int
    end: int


@dataclass(frozen=True)
class _Marked:
    """A question in lower case with its names marked."""

    text: str
    marks: tuple[_Mark, ...]
    """In the order of the question, with their places there."""
    question: str

    def joint(self, at: int) -> str:
        """Return what stands between a mark and the next."""
        return self.question[self.marks[at].end : self.marks[at + 1].start].lower()

    def has(self, pattern: str, mark: str) -> bool:
        """Return whether a pattern holds around a mark."""
        return re.search(pattern.format(mark=mark, words=r"(?:\w+ ){0,2}?"), self.text) is not None


def drugs_meant(found: FoundNames) -> tuple[NamedDrug, ...]:
    """Return the drugs that are not a class or a substance too.

    Where a store has a product named "alcohol", such as a hand rub, the drink is what is asked about.
    """
    typed = {group.typed.lower() for group in (*found.substances, *found.classes)}
    return tuple(drug for drug in found.drugs if drug.typed.lower() not in typed)


def read_several(question: str, found: FoundNames) -> Asked:
    """Return what is asked of the things that a question names; nothing of it where it is about one drug only."""
    asked = _parties(question, found)
    if not asked.drugs or _count(asked) < 2:
        return replace(asked, groups=(), unlabelled=())
    pieces = _pieces(question, asked)
    for piece in pieces:
        inner = _within(asked, piece)
        if _count(inner) > 1 and inner.drugs and _is_together(_mark(piece, inner)):
            rest = tuple(other for other in pieces if other != piece and _asks_more(other, asked))
            return replace(_of(piece, inner), rest=rest)
    return _of(question, asked)


def has_unread_partner(question: str, found: FoundNames) -> bool:
    """Return whether a question that names one drug only joins something to it that no list knows."""
    others = (*found.classes, *found.substances, *found.unknown, *found.unclear, *populations(question.lower()))
    return len(found.drugs) == 1 and not others and bool(UNREAD.search(_mark(question, Asked(found.drugs)).text))


def _count(asked: Asked) -> int:
    return len(asked.drugs) + len(asked.groups) + len(asked.unlabelled)


def _pieces(question: str, asked: Asked) -> list[str]:
    """Return the parts of a question; "it" of a part is the drug that one before it names."""
    pieces = [part.text for part in parts(question)]
    named = ""
    for at, piece in enumerate(pieces):
        drugs = _within(asked, piece).drugs
        if named and _count(_within(asked, piece)) == 1:
            pieces[at] = PRONOUN.sub(named, piece, count=1)
        named = named or (drugs[0].typed if drugs else "")
    return pieces if len(pieces) > 1 else []


def _within(asked: Asked, piece: str) -> Asked:
    lower = piece.lower()
    return replace(
        asked,
        drugs=tuple(drug for drug in asked.drugs if drug.typed.lower() in lower),
        groups=tuple(group for group in asked.groups if group.typed.lower() in lower),
        unlabelled=tuple(name for name in asked.unlabelled if name.lower() in lower),
    )


def _asks_more(piece: str, asked: Asked) -> bool:
    inner = _within(asked, piece)
    if inner.groups or inner.unlabelled:
        return False
    return bool(EATING.search(piece.lower()) or _own_subjects(_mark(piece, inner), NOT_OWN))


def _of(question: str, asked: Asked) -> Asked:
    marked = _mark(question, asked)
    is_together = _is_together(marked)
    is_list = any({"D", "U"} <= {mark.text[0] for mark in run} for run in _runs(marked))
    segments = {drug.typed: _segment(marked, drug) for drug in asked.drugs} if len(asked.drugs) > 1 or is_list else {}
    can_part = bool(segments) and all(segments.values())
    if len(asked.drugs) > 1 and not is_together and not can_part:
        is_together = True  # nothing divides the question between them
    wants_each = not is_together or _asks_of_each(marked)
    of_each = segments if can_part and wants_each else {}
    return replace(
        asked,
        is_together=is_together,
        is_joined=bool(STRONG.search(marked.text)) or any(_is_beside(f"G{at}", marked) for at in range(9)),
        is_specific=intent(_bare(marked)).wants_number or bool(_own_subjects(marked, NOT_OWN_WEAK)),
        of_each=of_each,
        alternatives=tuple(_alternatives(marked)),
        side_by_side=tuple(_side_by_side(marked)),
        apart=tuple(_apart(marked)),
    )


def _is_together(marked: _Marked) -> bool:
    if STRONG.search(marked.text):
        return True
    if WEAK.search(marked.text) and not NO_WEAK.search(marked.text):
        return True
    # "A and B in children" asks about both, "A in children: which supplement?" about A.
    is_of_two = len({mark.text for mark in marked.marks if mark.text[0] != "G"}) > 1
    return not _own_subjects(marked, NOT_OWN | PEOPLE if is_of_two else NOT_OWN)


def _asks_of_each(marked: _Marked) -> bool:
    """Return whether a question about a combination asks of each drug besides."""
    if intent(_bare(marked)).populations:
        return True
    return not STRONG.search(marked.text) and bool(_own_subjects(marked, NOT_OWN_WEAK))


def _own_subjects(marked: _Marked, others: frozenset[str]) -> frozenset[str]:
    subjects = (*intent(_bare(marked)).subjects, *(["uses"] if USES_OF.search(marked.text) else []))
    return frozenset(subjects) - others


def _bare(marked: _Marked) -> str:
    return AMOUNT.sub(" ", re.sub(P, "this", marked.text))


def _parties(question: str, found: FoundNames) -> Asked:
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
    kept = _kept(asked, _mark(question, asked))
    return _without_aliases(kept, _mark(question, kept))


def _kept(asked: Asked, marked: _Marked) -> Asked:
    groups = tuple(one for at, one in enumerate(asked.groups) if not _is_aside(one, f"G{at}", marked))
    drugs = tuple(one for at, one in enumerate(asked.drugs) if not marked.has(ALLERGY, f"D{at}"))
    if overdosed := tuple(one for at, one in enumerate(asked.drugs) if marked.has(OVERDOSED, f"D{at}")):
        return replace(asked, drugs=overdosed, groups=(), unlabelled=())  # the rest is what it is treated with
    unlabelled = tuple(one for at, one in enumerate(asked.unlabelled) if _is_party(one, f"U{at}", marked))
    return replace(asked, drugs=drugs or asked.drugs, groups=groups, unlabelled=unlabelled)


def _is_aside(group: NamedGroup, mark: str, marked: _Marked) -> bool:
    if marked.has(ASIDE, mark) or marked.has(ALLERGY, mark) or ANY_MEDICINE.search(marked.text):
        return True
    if "allerg" in group.typed.lower() or (group.name == "milk" and marked.has(OWN_MILK, mark)):
        return True
    if group.typed.lower() == "the pill" and not PILL.search(marked.question.lower()):
        return True
    return group.name in MEASURED and marked.has(IN_BLOOD, mark)


def _is_party(name: str, mark: str, marked: _Marked) -> bool:
    """Return whether something that the store does not know is a medicine that is taken with the drug."""
    if marked.has(ALLERGY, mark) or (name.lower() in BODY and marked.has(IN_BLOOD, mark)):
        return False
    if is_medicine(name):
        return bool(STRONG.search(marked.text) or WEAK.search(marked.text) or _is_beside(mark, marked))
    return _is_beside(mark, marked)


def _is_beside(mark: str, marked: _Marked) -> bool:
    near = rf"(?:'s)?,? {JOINED_TO} (?:\w+ ){{0,2}}?"
    return re.search(rf"D\d{near}{mark}|{mark}{near}D\d", marked.text) is not None


def _without_aliases(asked: Asked, marked: _Marked) -> Asked:
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


def _mark(question: str, asked: Asked) -> _Marked:
    named = [(f"D{at}", drug.typed) for at, drug in enumerate(asked.drugs)]
    named += [(f"G{at}", group.typed) for at, group in enumerate(asked.groups)]
    named += [(f"U{at}", name) for at, name in enumerate(asked.unlabelled)]
    marks = sorted(_places(question, named), key=lambda mark: (mark.start, -mark.end))
    shown, at, kept = "", 0, []
    for mark in marks:
        if mark.start >= at:
            shown += question[at : mark.start].lower() + mark.text
            at = mark.end
            kept.append(mark)
    return _Marked(" ".join((shown + question[at:].lower()).split()), tuple(kept), question)


def _places(question: str, named: Iterable[tuple[str, str]]) -> Iterator[_Mark]:
    for text, typed in named:
        for match in re.finditer(rf"(?<!\w){re.escape(typed)}(?!\w)", question, re.IGNORECASE):
            yield _Mark(text, typed, match.start(), match.end())


def _runs(marked: _Marked) -> list[list[_Mark]]:
    """Return the marks in lists: those that a question names in one breath ("A, B and C")."""
    runs: list[list[_Mark]] = []
    for at, mark in enumerate(marked.marks):
        if runs and LISTED.match(marked.joint(at - 1)):
            runs[-1].append(mark)
        else:
            runs.append([mark])
    return runs


def _segment(marked: _Marked, drug: NamedDrug) -> str:
    """Return the question as it would be asked of one of its drugs; empty where it cannot be divided."""
    runs = [run for run in _runs(marked) if any(mark.text[0] == "D" for mark in run)]
    own = next((at for at, run in enumerate(runs) if any(mark.typed == drug.typed for mark in run)), None)
    if own is None:
        return ""
    cuts = [0]
    for before, after in pairwise(runs):
        found = list(BOUNDARY.finditer(marked.question, before[-1].end, after[0].start))
        if not found:
            return ""
        cuts.append(found[0].end())
    cuts.append(len(marked.question))
    run = runs[own]
    head, tail = marked.question[cuts[own] : run[0].start], marked.question[run[-1].end : cuts[own + 1]]
    if own and not intent(f"{head} {tail}").subjects:
        head = marked.question[: runs[0][0].start]
    return " ".join(f"{head}{drug.typed}{tail}".strip(" ,;").removesuffix(" and").split())


def _alternatives(marked: _Marked) -> Iterator[frozenset[str]]:
    if len(marked.marks) > 2:
        for at, (one, two) in enumerate(pairwise(marked.marks)):
            if marked.joint(at).strip() == "or":
                yield frozenset((one.typed, two.typed))


def _side_by_side(marked: _Marked) -> Iterator[tuple[str, str]]:
    for at, (one, two) in enumerate(pairwise(marked.marks)):
        joint = marked.joint(at).strip()
        # "Ibuprofen on top of my oxycodone and acetaminophen tablets".
        is_form = joint in ("and", "with") and len(marked.marks) > 2 and FORM.match(marked.question, two.end)
        if joint in ("", "/", "-") or is_form:
            yield one.typed, two.typed


def _apart(marked: _Marked) -> Iterator[frozenset[str]]:
    for at, (one, two) in enumerate(pairwise(marked.marks)):
        if TWO.match(marked.joint(at)):
            yield frozenset((one.typed, two.typed))
