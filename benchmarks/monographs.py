"""Check every number, drug name and effect of the monographs against real label text.

python benchmarks/monographs.py --reference FILE            every monograph
python benchmarks/monographs.py --reference FILE --drug NAME one monograph, with what is not covered
python benchmarks/monographs.py --reference FILE --elsewhere quantities that only another section holds
python benchmarks/monographs.py --reference FILE --copied    also sentences that stand in the reference
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.monograph_facts import Quantity, agrees, stated_quantities
from benchmarks.monograph_reference import SECTIONS, Reference, Rows, find_reference, gap, reference_rows
from benchmarks.monograph_terms import Meanings, missing_words, names_drug, states, tokens
from drug_llm.errors import LabelError
from drug_llm.labels.monographs import Monograph, load_monograph, load_monographs, section_sentences

COPIED_WORDS = 10
QUANTITY_WORDS = re.compile(r"(?:\d.*|m?c?g|kg|ml|[cf]|to|or|and|hours?|days?|weeks|once|twice|times|daily|min)")
TEXT_FIELDS = tuple(SECTIONS)


@dataclass(frozen=True)
class Fact:
    """One checkable statement of a monograph."""

    field: str
    kind: str
    """`quantity`, `drug`, `effect` or `condition`."""
    words: str
    sentence: str
    quantity: Quantity | None = None


@dataclass
class Result:
    """What the check of one monograph found."""

    name: str
    checked: int = 0
    agreed: int = 0
    not_covered: list[Fact] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    """Disagreements, a line each."""
    notes: list[str] = field(default_factory=list)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", type=Path, required=True, help="label text by generic name, JSON lines")
    parser.add_argument("--folder", type=Path, default=Path("data/monographs"), help="folder of monographs")
    parser.add_argument("--drug", action="append", help="check this drug only; may be repeated")
    parser.add_argument("--copied", action="store_true", help=f"report {COPIED_WORDS} words in a row of the reference")
    parser.add_argument("--elsewhere", action="store_true", help="note quantities that only another section holds")
    options = parser.parse_args(arguments)
    try:
        monographs = chosen_monographs(options.folder, options.drug)
        rows = reference_rows(options.reference)
    except (LabelError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    failures = report(monographs, rows, detailed=bool(options.drug), elsewhere=options.elsewhere)
    if options.copied:
        failures += report_copied(monographs, rows)
    return 1 if failures else 0


def chosen_monographs(folder: Path, names: list[str] | None) -> list[Monograph]:
    """Return the monographs to check; one drug is read alone, so that another file's fault does not stop it."""
    if not names:
        return load_monographs(folder)
    return [load_monograph(folder / f"{name.strip().lower().replace(' ', '-')}.yaml") for name in names]


def facts(monograph: Monograph, drug_names: set[str]) -> Iterator[Fact]:
    """Yield every checkable statement of a monograph, each once for its field."""
    seen: set[Fact] = set()
    for fact in (*_sentence_facts(monograph, drug_names), *_listed_facts(monograph)):
        if fact not in seen:
            seen.add(fact)
            yield fact


def _sentence_facts(monograph: Monograph, drug_names: set[str]) -> Iterator[Fact]:
    own = {word for name in monograph.ingredients for word in tokens(name)}
    for name in TEXT_FIELDS:
        for sentence in section_sentences(monograph, name):
            for mention in stated_quantities(sentence):
                yield Fact(name, "quantity", mention.words, sentence, mention.quantity)
            # The listed facts below hold the drugs that contraindications and interactions name.
            listed = own | set(tokens(" ".join(_listed(monograph, name))))
            for word in tokens(sentence):
                if word in drug_names and word not in listed:
                    yield Fact(name, "drug", word, sentence)


def _listed(monograph: Monograph, name: str) -> tuple[str, ...]:
    if name == "interactions":
        return tuple(substance for entry in monograph.interactions for substance in entry.substances)
    return monograph.contraindications if name == "contraindications" else ()


def _listed_facts(monograph: Monograph) -> Iterator[Fact]:
    for interaction in monograph.interactions:
        for substance in interaction.substances:
            yield Fact("interactions", "drug", substance, ", ".join(interaction.substances) + ": " + interaction.text)
    for effect in monograph.common_side_effects:
        yield Fact("common_side_effects", "effect", effect, "")
    for serious in monograph.serious_side_effects:
        yield Fact("serious_side_effects", "effect", serious.effect, serious.text)
    for phrase in monograph.contraindications:
        yield Fact("contraindications", "condition", phrase, "")


def stands(fact: Fact, reference: Reference, meanings: Meanings) -> bool:
    """Return whether a fact is found anywhere in the drug's reference text."""
    if fact.quantity is not None:
        return agrees(fact.quantity, reference.quantities_of(reference.sections))
    if fact.kind == "drug":
        return names_drug(fact.words, fact.sentence, reference.words, meanings)
    if fact.kind == "condition":
        return not missing_words(fact.words, reference.words, meanings)
    parts = re.split(r",\s*(?:or|and)?\s*|\s+(?:or|and)\s+", fact.words)
    return states(fact.words, reference.words, meanings) or all(
        states(part, reference.words, meanings) for part in parts
    )


def check(monograph: Monograph, reference: Reference, meanings: Meanings, drug_names: set[str]) -> Result:
    """Return the agreement of one monograph with its reference."""
    result = Result(monograph.name)
    found: dict[str, list[bool]] = {name: [] for name in TEXT_FIELDS if getattr(monograph, name)}
    for fact in facts(monograph, drug_names):
        agreed = stands(fact, reference, meanings)
        found[fact.field].append(agreed)
        result.checked += 1
        result.agreed += agreed
        if not agreed and fact.field in monograph.not_in_reference:
            result.not_covered.append(fact)
        elif not agreed:
            result.open.append(_disagreement(fact, reference, meanings))
    _check_fields(monograph, reference, found, result)
    return result


def _disagreement(fact: Fact, reference: Reference, meanings: Meanings) -> str:
    words = fact.words
    if fact.kind == "condition":
        words = f"{', '.join(missing_words(words, reference.words, meanings))} (in: {words})"
    lacking = gap(fact.field, reference)
    reason = (
        f"{lacking}; declare the field in not_in_reference or remove the fact" if lacking else "not in the reference"
    )
    return f"{fact.field}: {fact.kind} {words!r}: {reason}" + (f" | {fact.sentence}" if fact.sentence else "")


def _check_fields(monograph: Monograph, reference: Reference, found: dict[str, list[bool]], result: Result) -> None:
    for name in monograph.not_in_reference:
        if name not in TEXT_FIELDS:
            result.open.append(f"not_in_reference: {name!r} is no field; expected some of {', '.join(TEXT_FIELDS)}")
        elif found.get(name) and all(found[name]):
            result.notes.append(
                f"{name}: declared not_in_reference, yet the reference has all {len(found[name])} facts"
            )
        elif found.get(name) and not gap(name, reference):
            missing = found[name].count(False)
            result.notes.append(
                f"{name}: declared, though the reference has the section; {missing} facts rest unchecked"
            )
    for name, agreed in found.items():
        if not agreed and name not in monograph.not_in_reference and gap(name, reference):
            result.open.append(f"{name}: {gap(name, reference)}; declare the field in not_in_reference")


def found_elsewhere(monograph: Monograph, reference: Reference, drug_names: set[str]) -> Iterator[str]:
    """Yield a note for each quantity that agrees, yet not with a section that speaks of its field.

    A doubled dose often stands somewhere in a label; this tells which numbers deserve a second look.
    """
    for fact in facts(monograph, drug_names):
        if fact.quantity is None or gap(fact.field, reference):
            continue
        proper = reference.quantities_of(SECTIONS[fact.field])
        if not agrees(fact.quantity, proper) and agrees(fact.quantity, reference.quantities_of(reference.sections)):
            yield f"{fact.field}: {fact.words!r} stands only in other sections | {fact.sentence}"


def report(monographs: list[Monograph], rows: Rows, *, detailed: bool, elsewhere: bool) -> int:
    """Print the check of all monographs and return the number of open disagreements."""
    meanings = Meanings()
    drug_names = {name for name in rows if " " not in name and len(name) >= 5} - meanings.common_nouns
    results, without = [], []
    for monograph in monographs:
        reference = find_reference(monograph.ingredients, rows, meanings)
        if reference is None:
            without.append(monograph)
            continue
        results.append(check(monograph, reference, meanings, drug_names))
        if elsewhere:
            results[-1].notes.extend(found_elsewhere(monograph, reference, drug_names))
        print_result(results[-1], detailed=detailed)
    print_totals(monographs, results, without)
    return sum(len(result.open) for result in results)


def print_result(result: Result, *, detailed: bool) -> None:
    counts = f"{result.agreed} agreed, {len(result.not_covered)} not covered, {len(result.open)} open"
    print(f"{result.name}: {result.checked} facts, {counts}")
    for line in result.open:
        print(f"  OPEN {line}")
    for line in result.notes:
        print(f"  note {line}")
    for fact in result.not_covered if detailed else ():
        print(f"  not covered {fact.field}: {fact.kind} {fact.words!r}")


def print_totals(monographs: list[Monograph], results: list[Result], without: list[Monograph]) -> None:
    checked, agreed = (sum(getattr(result, name) for result in results) for name in ("checked", "agreed"))
    not_covered, unsolved = (sum(len(getattr(result, name)) for result in results) for name in ("not_covered", "open"))
    print(f"\nmonographs {len(monographs)}, with a reference {len(results)}, facts {checked}, agreed {agreed}, "
          f"not covered {not_covered}, open disagreements {unsolved}")  # fmt: skip
    print(f"without any reference ({len(without)}): {', '.join(monograph.name for monograph in without) or 'none'}")
    marked = {name: sum(name in monograph.not_in_reference for monograph in monographs) for name in TEXT_FIELDS}
    print("fields marked not_in_reference: " + ", ".join(f"{name} {n}" for name, n in marked.items() if n))


def report_copied(monographs: list[Monograph], rows: Rows) -> int:
    """Print the sentences that share COPIED_WORDS words in a row with any reference text; return their number."""
    sought: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for monograph in monographs:
        # Side effects are names in the order of their frequency, which is no wording either.
        for name in (name for name in TEXT_FIELDS if name != "common_side_effects"):
            for sentence in section_sentences(monograph, name):
                for run in _runs(sentence):
                    sought.setdefault(run, set()).add((monograph.name, f"{name}: {sentence}"))
    copied: dict[tuple[str, str], str] = {}
    for row in rows.values():
        for text in row["sections"].values():
            for run in _runs(text):
                copied.update(dict.fromkeys(sought.get(run, ()), " ".join(run)))
    for (name, sentence), words in sorted(copied.items()):
        print(f"COPIED {name}: {sentence}\n  in the reference: {words}")
    print(f"sentences with {COPIED_WORDS} words in a row of the reference: {len(copied)}")
    return len(copied)


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = tokens(text)
    for start in range(len(words) - COPIED_WORDS + 1):
        run = tuple(words[start : start + COPIED_WORDS])
        # Quantities are no wording: "20 C to 25 C (68 F to 77 F)" cannot be said otherwise.
        if sum(bool(QUANTITY_WORDS.fullmatch(word)) for word in run) <= COPIED_WORDS // 3:
            yield run


if __name__ == "__main__":
    sys.exit(main())
