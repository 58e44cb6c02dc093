"""`drug-llm interactions`: what the labels of several drugs say of each other."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drug_llm.cli.ask import MONOGRAPHS
from drug_llm.errors import LabelError

if TYPE_CHECKING:
    from drug_llm.answering.answer import Citation
    from drug_llm.answering.drug_names import DrugNames, NamedDrug, NamedGroup
    from drug_llm.answering.interactions import Finding, PairInteraction, Side
    from drug_llm.labels.store import LabelStore

FEWEST = 2
UNSAFE_SILENCE = "This does not mean that they are safe together; ask a pharmacist."
NOT_ADVICE = "Quotes are the labels' own words. Information, not medical advice."


def register(commands: Any) -> None:
    """Add the command."""
    description = "what the labels of two or more drugs say of each other, the gravest first"
    parser = commands.add_parser("interactions", help=description, description=description)
    parser.add_argument(
        "names", nargs="+", metavar="NAME", help="generic or brand name; also a class or a food (alcohol, NSAIDs)"
    )
    parser.add_argument(
        "--store", type=Path, metavar="FILE", help="store made by `labels ingest` (default: the starter monographs)"
    )
    parser.add_argument(
        "--json", action="store_true", help="print JSON: `store`, `pairs`, each as `to_json` tells, and `problems`"
    )
    parser.set_defaults(run=run)


@dataclass(frozen=True)
class _Asked:
    """What the names stand for."""

    sides: list[Side]
    """Labels, each once, and medicines without a label, which say nothing themselves."""
    groups: list[NamedGroup]
    twins: list[PairInteraction]
    """Names of one label."""
    problems: list[str]
    """Names of which nothing, or not everything, can be told, each with why."""


def run(arguments: argparse.Namespace) -> int:
    """Print every pair of the named drugs; return 1 where some name leads to no label.

    Raises LabelError where the names lead to no pair.
    """
    from drug_llm.answering.assistant import open_store
    from drug_llm.answering.interactions import all_pairs

    names = arguments.names
    for place, name in enumerate(names, start=1):
        if not name.strip():
            raise LabelError(f"Name {place} of {len(names)} is empty; expected a drug, a class or a food.")
    if len(names) < FEWEST:
        raise LabelError(f"{len(names)} name given; expected two or more, such as warfarin ibuprofen.")
    with open_store(arguments.store, MONOGRAPHS) as store:
        asked = _named(names, store)
        found = all_pairs(asked.sides, asked.groups)
        pairs = [*asked.twins, *(pair for pair in found if pair.one.set_id or pair.two.set_id)]
        if arguments.json:
            told = [pair.to_json() for pair in pairs]
            content = {"store": store.path.name, "pairs": told, "problems": asked.problems}
            print(json.dumps(content, indent=2, ensure_ascii=False))
        else:
            print(_show(pairs, asked))
    return 1 if asked.problems else 0


def _named(names: Sequence[str], store: LabelStore) -> _Asked:
    """Return what the names stand for; raises LabelError where that makes no pair."""
    from drug_llm.answering.drug_names import DrugNames

    known = DrugNames.of(store)
    asked = _Asked([], [], [], [])
    typed: dict[str, str] = {}
    absent: list[Side] = []
    for name in names:
        try:
            found = _one(name, known)
            if not isinstance(found, tuple):
                _add(_side(found, store), name, asked, typed)
            elif found[0] not in asked.groups:
                asked.groups.append(found[0])
        except LabelError as error:
            asked.problems.append(str(error))
            absent += _absent(name, known)
    if not asked.sides:
        why = " ".join(asked.problems) or "expected one or more. Name a drug."
        raise LabelError(f"{', '.join(names)}: no single drug among them; {why}")
    asked.sides.extend(absent)
    if len(asked.sides) + len(asked.groups) + len(asked.twins) < FEWEST:
        raise LabelError(" ".join(asked.problems) or f"{', '.join(names)}: one thing only; expected two or more.")
    return asked


def _add(side: Side, name: str, asked: _Asked, typed: dict[str, str]) -> None:
    """Add a label, or what it says of itself where another name stands for it already."""
    from drug_llm.answering.interactions import pair_interaction

    first = typed.setdefault(side.set_id, name)
    if first == name and all(side.set_id != other.set_id for other in asked.sides):
        asked.sides.append(side)
    elif first.lower() != name.lower():
        pair = pair_interaction(*(replace(side, name=_called(one, side)) for one in (first, name)))
        # What is said of other medicines of its class is no word on taking it twice.
        own = tuple(finding for finding in pair.findings if finding.basis == "same ingredient")
        asked.twins.append(replace(pair, findings=own))


def _called(name: str, side: Side) -> str:
    return name if name.lower() == side.name.lower() else f"{name} ({side.name})"


def _absent(name: str, known: DrugNames) -> list[Side]:
    """Return a medicine that the store has no label for, of which other labels may speak."""
    from drug_llm.answering.drug_terms import is_medicine
    from drug_llm.answering.several_drugs import unlabelled_side

    return [unlabelled_side(name)] if is_medicine(name) and not known.find(name).drugs else []


def _one(name: str, known: DrugNames) -> NamedDrug | tuple[NamedGroup]:
    from drug_llm.answering.several_parties import drugs_meant

    found = known.find(name)
    if found.unclear:
        meant = found.unclear[0]
        names = " or ".join(meant.names)
        raise LabelError(f"{meant.typed!r} may mean {names}; expected one drug. Name the one that you mean.")
    groups = [*found.substances, *found.classes]
    drugs = drugs_meant(found)
    if len(drugs) == 1 and not found.unknown:
        return drugs[0]
    if groups and not drugs and not found.unknown:
        return (groups[0],)
    if len(drugs) > 1:
        raise LabelError(f"{name!r} names {len(drugs)} drugs; expected one. Give each as an argument of its own.")
    raise LabelError(f"The store has no label for {name!r}. Look for it with `drug-llm labels list NAME`.")


def _side(named: NamedDrug, store: LabelStore) -> Side:
    from drug_llm.answering.asked_ingredients import asked_ingredients
    from drug_llm.answering.asked_product import label_for
    from drug_llm.answering.interactions import side_of_label

    label = label_for(named.typed, named, store)
    if label is None:
        raise LabelError(f"The store has no label for {named.typed!r}. Look for it with `drug-llm labels list NAME`.")
    return replace(side_of_label(label), asked=asked_ingredients(label, [named]))


def _show(pairs: Sequence[PairInteraction], asked: _Asked) -> str:
    """Return the pairs as lines for a terminal, quotes with the numbers of their citations."""
    cited: dict[Citation, int] = {}
    lines: list[str] = []
    for pair in pairs:
        if pair.severity:
            grave = pair.severity.upper()
            grave = f"DUPLICATE, {grave}" if _is_twin(pair) and pair.findings else grave
            lines += [f"{pair.one.name} + {pair.two.name}: {grave}"]
            lines += [f"  {shared.text}" for shared in pair.shared]
            lines += [_line(pair, finding, cited) for finding in pair.findings] + [""]
    if silent := [pair for pair in pairs if not pair.findings and not _is_twin(pair)]:
        lines += [_silence(silent, asked), ""]
    if asked.problems:
        lines += [*asked.problems, ""]
    lines += [
        f"[{number}] {citation.set_id} v{citation.version}, {citation.section}" for citation, number in cited.items()
    ]
    return "\n".join([*lines, NOT_ADVICE])


def _is_twin(pair: PairInteraction) -> bool:
    return pair.one.set_id == pair.two.set_id != ""


def _line(pair: PairInteraction, finding: Finding, cited: dict[Citation, int]) -> str:
    from drug_llm.answering.evidence import citations

    proofs = [proof for unit in finding.statement.units for proof in citations(unit)]
    marks = "".join(dict.fromkeys(f"[{cited.setdefault(proof, len(cited) + 1)}]" for proof in proofs))
    speaker = pair.one if finding.said_by == pair.one.set_id else pair.two
    return f'  {speaker.name} label, {finding.severity}: "{finding.statement.text}" {marks}'


def _silence(pairs: Sequence[PairInteraction], asked: _Asked) -> str:
    """Return that no label says anything of some pairs; a word in a label is not denied."""
    from drug_llm.answering.interactions import silence_on

    sides = {side.set_id: side for side in asked.sides}
    groups = {group.name: group for group in asked.groups}
    both = [f"{pair.one.name} and {pair.two.name}" for pair in pairs if pair.one.set_id and pair.two.set_id]
    parts = [f"The labels do not mention each other: {'; '.join(both)}."] if both else []
    for pair in pairs:
        if not (pair.one.set_id and pair.two.set_id):
            own, other = (pair.one, pair.two) if pair.one.set_id else (pair.two, pair.one)
            told = silence_on(sides[own.set_id], other.name, groups.get(other.name))
            parts.append(f"The label of {own.name} {told}.")
    return " ".join([*parts, UNSAFE_SILENCE])
