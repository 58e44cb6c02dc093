"""What a question means in a conversation: which of the medicines under discussion, with or without a new one.

The medicines meant are put into the question ("with it" becomes "with warfarin"), which is then read as one that names
them. Where it is not sure which of them is meant, that is asked back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from drug_llm.answering.added import Named
from drug_llm.answering.drug_names import DrugNames, FoundNames, Unclear
from drug_llm.answering.references import Kind, Reference, find_reference
from drug_llm.answering.several_asked import read_several
from drug_llm.answering.several_parties import drugs_meant
from drug_llm.answering.several_words import PILL
from drug_llm.answering.word_lists import word_set

WHICH_OTHER = "Which other medicine do you mean? Ask again with its name."
WHICH_OF = "Do you mean {names}? Ask again with the name."
WHICH_ONES = "Which medicines do you mean? Ask again with their names."
WHICH_OF_GROUP = "Which medicine do you mean by {typed!r}? Ask again with its name."
_CODED = re.compile(r"(?<!\w)[A-Za-z]{1,2}-?\d{1,2}(?!\w)")
"""A name such as "B12", which is in no list."""
_BEFORE_CODED = word_set("take taking takes took using dose dosage dosing doses of add adding with about and or")


@dataclass(frozen=True)
class Context:
    """The medicines under discussion."""

    names: tuple[str, ...] = ()
    """In the order in which they were named; also those that the store has no label for, as typed."""
    focus: str = ""
    """The one of them that was last asked about by itself."""
    earlier: tuple[str, ...] = ()
    """That of the question before, where each was asked about by itself."""
    is_settled: bool = False
    """Whether all of `names` are meant, whatever the question's words point to."""

    @classmethod
    def of(cls, drug: str | Sequence[str] | Context) -> Context:
        """Return a name, several names, or what is a context already, as one."""
        if isinstance(drug, Context):
            return drug
        names = (drug,) if isinstance(drug, str) else drug
        return cls(tuple(dict.fromkeys(name.strip() for name in names if name.strip())))

    @property
    def pool(self) -> tuple[str, ...]:
        """The medicines among which "the first" or "both" choose."""
        return self.names if len(self.names) > 1 else tuple(dict.fromkeys((*self.earlier, *self.names)))

    @property
    def one(self) -> str:
        """The medicine that "it" means; empty where it may be several."""
        return self.focus or (self.names[0] if len(self.names) == 1 else "")


@dataclass(frozen=True)
class Meant:
    """A question with the medicines of the conversation that it means."""

    question: str
    """With their names in it, where it is about several things."""
    found: FoundNames
    names: tuple[str, ...] = ()
    """All medicines that it is about, by names by which they are found again."""
    typed: tuple[str, ...] = ()
    """Those of them that stand in the question, as they stand there."""
    chosen: tuple[str, ...] = ()
    """Those of them that were under discussion before."""
    unclear: tuple[Unclear, ...] = ()
    """Names among them that may be one of several drugs, so that nothing can be said."""
    ask: str = ""
    """What is asked back instead of an answer."""
    choices: tuple[str, ...] = ()
    """What the asker may choose from."""


def understand_in(context: Context, question: str, names: DrugNames) -> Meant:
    """Return what a question means in a conversation."""
    found = names.find(question)
    if not context.names:
        return _of_itself(question, found)
    found = _with_coded(question, found)
    named = _named(question, found)
    reference = find_reference(question, named.first, are_many=len(context.pool) > 1)
    if not context.is_settled:
        if named.medicines and reference.kind is Kind.NONE and not named.are_added():
            return _of_itself(question, found)
        if not named.medicines and reference.kind is Kind.NONE and (group := _group_itself(named)):
            ask = "" if found.unclear else WHICH_OF_GROUP.format(typed=group)
            return replace(_of_itself(question, found), ask=ask, typed=(group,))
    chosen = context.names if context.is_settled else _chosen(reference, context, named)
    if isinstance(chosen, str):
        choices = () if chosen == WHICH_OTHER or len(context.pool) < 2 else context.pool
        return Meant(question, found, ask=chosen, choices=choices)
    return _with(question, found, chosen, reference, names)


def listed(names: Sequence[str], joint: str = "and") -> str:
    """Return names as a list in words."""
    return f" {joint} ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def _of_itself(question: str, found: FoundNames) -> Meant:
    """Return a question that means what it names and nothing else."""
    asked = read_several(question, found)
    drugs = (*asked.drugs, *asked.aside) or found.drugs
    loose = asked.unlabelled if drugs else (*(entry.typed for entry in found.unclear), *found.unknown)
    loose = tuple(dict.fromkeys(loose))
    return Meant(question, found, (*(drug.name for drug in drugs), *loose), (*(drug.typed for drug in drugs), *loose))


def _with_coded(question: str, found: FoundNames) -> FoundNames:
    known = " ".join(_all_typed(found))
    coded = [
        match.group()
        for match in _CODED.finditer(question)
        if match.group() not in known and _word_before(question, match.start()) in _BEFORE_CODED
    ]
    return replace(found, unknown=tuple(dict.fromkeys((*found.unknown, *coded))))


def _word_before(question: str, place: int) -> str:
    words = question[:place].lower().split()
    return words[-1] if words else ""


def _all_typed(found: FoundNames) -> list[str]:
    groups = (*found.classes, *found.substances)
    named = (*(one.typed for one in found.drugs), *(one.typed for one in found.unclear))
    return [*found.unknown, *named, *(one.typed for one in groups)]


def _named(question: str, found: FoundNames) -> Named:
    classes = [one.typed for one in found.classes if one.typed.lower() != "the pill" or PILL.search(question.lower())]
    groups = (*classes, *(one.typed for one in found.substances))
    loose = (*found.unknown, *(entry.typed for entry in found.unclear))
    medicines = [drug.typed for drug in drugs_meant(found)] + [name for name in loose if name not in groups]
    return Named(question, tuple(dict.fromkeys(medicines)), groups)


def _group_itself(named: Named) -> str:
    """Return the class or food that something is asked of by itself ("statins while breastfeeding"); or nothing."""
    if "allerg" in named.question.lower():
        return ""
    return next((group for group in named.groups if named.is_about(group)), "")


def _chosen(reference: Reference, context: Context, named: Named) -> tuple[str, ...] | str:
    """Return the medicines of the conversation that are meant, or what to ask back."""
    pool, kind = context.pool, reference.kind
    if kind is Kind.ANOTHER:
        return WHICH_OTHER
    if kind is Kind.NTH:
        is_there = len(pool) > 1 and -1 <= reference.number < len(pool)
        return (pool[reference.number],) if is_there else WHICH_ONES
    if kind is Kind.OTHER:
        others = [name for name in pool if name != context.one]
        return (others[0],) if context.one and len(others) == 1 else WHICH_OTHER
    if kind is Kind.ALL:
        return pool if len(pool) > 1 else context.names if named.medicines else WHICH_ONES
    is_beside = bool(named.medicines or named.groups)
    if kind is Kind.SOME or (kind is Kind.NONE and is_beside):
        return context.names
    if context.one:
        return (context.one,)
    return context.names if is_beside else WHICH_OF.format(names=listed(context.names, "or"))


def _with(question: str, found: FoundNames, chosen: Sequence[str], reference: Reference, names: DrugNames) -> Meant:
    """Return the question with the chosen medicines in it, those that it names itself left out."""
    itself, named = _of_itself(question, found), _named(question, found)
    earlier = {name: read for name in chosen if not {*_keys(name, read := names.find(name))} & {*itself.names}}
    if not earlier:
        return itself
    is_put = len(earlier) > 1 or bool(named.medicines) or reference.kind in (Kind.NTH, Kind.OTHER, Kind.ANOTHER)
    merged = replace(
        found,
        drugs=tuple(dict.fromkeys((*(drug for read in earlier.values() for drug in read.drugs), *found.drugs))),
        unknown=tuple(dict.fromkeys((*(name for name, read in earlier.items() if not read.drugs), *found.unknown))),
    )
    unclear = [entry for read in earlier.values() if not read.drugs for entry in read.unclear]
    if named.medicines and not itself.found.drugs:
        unclear += found.unclear
    return Meant(
        _put(question, tuple(earlier), reference, named) if is_put else question,
        merged,
        tuple(dict.fromkeys((*earlier, *itself.names))),
        (*(earlier if is_put else ()), *itself.typed),
        tuple(chosen),
        tuple(unclear),
    )


def _keys(name: str, read: FoundNames) -> tuple[str, ...]:
    return (name, *(drug.name for drug in read.drugs))


def _put(question: str, names: Sequence[str], reference: Reference, named: Named) -> str:
    """Return a question with the names where it points to them, else beside what it names."""
    together = listed(names)
    if reference.place:
        start, end = reference.place
        owner = "'s" if question[start:end].lower() in ("its", "their") else ""
        return f"{question[:start]}{together}{owner}{question[end:]}"
    if named.end is not None:
        return f"{question[: named.end]} with {together}{question[named.end :]}"
    return f"{together}: {question}"
