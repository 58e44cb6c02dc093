"""`drug-llm interactions`: what the labels of several drugs say of each other."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
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
    parser.add_argument("--json", action="store_true", help="print JSON: `store` and `pairs`, each as `to_json` tells")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print every pair of the named drugs; raises LabelError for a name that is unknown or may mean several."""
    from drug_llm.answering.assistant import open_store
    from drug_llm.answering.interactions import all_pairs

    if len(arguments.names) < FEWEST:
        raise LabelError(f"{len(arguments.names)} name given; expected two or more, such as warfarin ibuprofen.")
    with open_store(arguments.store, MONOGRAPHS) as store:
        sides, groups = _named(arguments.names, store)
        pairs = all_pairs(sides, groups)
        if arguments.json:
            content = {"store": store.path.name, "pairs": [pair.to_json() for pair in pairs]}
            print(json.dumps(content, indent=2, ensure_ascii=False))
        else:
            print(show(pairs))
    return 0


def _named(names: Sequence[str], store: LabelStore) -> tuple[list[Side], list[NamedGroup]]:
    """Return the labels of the drugs, and the classes and substances, that the names stand for."""
    from drug_llm.answering.drug_names import DrugNames
    from drug_llm.answering.wording import everyday_words

    known = DrugNames(store.names(), everyday_words(), store.drugs())
    sides: list[Side] = []
    groups: list[NamedGroup] = []
    for name in names:
        found = _one(name, known)
        if isinstance(found, tuple):
            groups.append(found[0])
        else:
            sides.append(_side(found, store))
    if not sides:
        raise LabelError(f"{', '.join(names)}: no single drug among them; expected one or more. Name a drug.")
    return sides, groups


def _one(name: str, known: DrugNames) -> NamedDrug | tuple[NamedGroup]:
    from drug_llm.answering.several_asked import drugs_meant

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
    from drug_llm.answering.assistant import CANDIDATE_LABELS
    from drug_llm.answering.interactions import side_of_label
    from drug_llm.answering.label_choice import choose_label

    candidates = store.by_name(named.name, limit=CANDIDATE_LABELS)
    if not candidates:
        raise LabelError(f"The store has no label for {named.typed!r}. Look for it with `drug-llm labels list NAME`.")
    label = choose_label(named.typed, candidates, store).label
    return side_of_label(store.get(label.set_id, label.version))


def show(pairs: Sequence[PairInteraction]) -> str:
    """Return the pairs as lines for a terminal, quotes with the numbers of their citations."""
    cited: dict[Citation, int] = {}
    lines: list[str] = []
    for pair in pairs:
        if pair.severity:
            lines += [f"{pair.one.name} + {pair.two.name}: {pair.severity.upper()}"]
            lines += [f"  {shared.text}" for shared in pair.shared]
            lines += [_line(pair, finding, cited) for finding in pair.findings] + [""]
    if silent := [pair for pair in pairs if not pair.findings]:
        lines += [_silence(silent), ""]
    lines += [
        f"[{number}] {citation.set_id} v{citation.version}, {citation.section}" for citation, number in cited.items()
    ]
    return "\n".join([*lines, NOT_ADVICE])


def _line(pair: PairInteraction, finding: Finding, cited: dict[Citation, int]) -> str:
    from drug_llm.answering.evidence import citations

    proofs = [proof for unit in finding.statement.units for proof in citations(unit)]
    marks = "".join(dict.fromkeys(f"[{cited.setdefault(proof, len(cited) + 1)}]" for proof in proofs))
    speaker = pair.one if finding.said_by == pair.one.set_id else pair.two
    return f'  {speaker.name} label, {finding.severity}: "{finding.statement.text}" {marks}'


def _silence(pairs: Sequence[PairInteraction]) -> str:
    named = "; ".join(f"{pair.one.name} and {pair.two.name}" for pair in pairs)
    return f"The labels do not mention each other: {named}. {UNSAFE_SILENCE}"
