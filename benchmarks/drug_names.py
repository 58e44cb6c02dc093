"""Figures of the drug names: misspellings of every name of a store, names in ordinary questions, time.

    python benchmarks/drug_names.py                        # the starter monographs, and the real labels where they lie
    python benchmarks/drug_names.py --store FILE           # any store

Of every name 20 misspellings by one letter and 20 by two are drawn (added, left out, replaced, swapped), each put
into one of twelve questions. A question counts as right when the drug is found and no other; asked when the name is
among those that are asked about; missed when nothing is found, or some of a product's ingredients only; wrong when
another drug is found. Two names of one drug count as the same, and a misspelling that is itself a name is drawn again.
Real labels are read from DRUG_LLM_SHARED, or from the folder `shared` beside the repository.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import string
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from drug_llm.answering.drug_names import DrugNames, FoundNames
from drug_llm.answering.lexicon import without_salts
from drug_llm.labels.ingest import ingest
from drug_llm.labels.store import LabelStore

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("DRUG_LLM_SHARED") or REPOSITORY.parent / "shared")
QUESTIONS = (
    "What is {} used for?",
    "side effects of {}",
    "can I take {} with food",
    "How much {} can an adult take in a day?",
    "is {} safe in pregnancy",
    "{} dose",
    "does {} cause headaches",
    "my doctor put me on {}, what should I watch for",
    "Tell me about {}.",
    "who should not use {}?",
    "what if I miss a dose of {}",
    "{} and alcohol?",
)
OUTCOMES = ("right", "asked", "missed", "wrong")


def misspelled(name: str, letters: int, chance: random.Random) -> str:
    """A name with so many letters added, left out, replaced or swapped, its first and last ones too."""
    text = name
    for _ in range(letters):
        places = [at for at, char in enumerate(text) if char.isalpha()]
        at = chance.choice(places)
        letter = chance.choice(string.ascii_lowercase)
        after = next((place for place in places if place == at + 1), None)
        how = chance.choice(("add", "leave out", "replace", "swap"))
        if how == "add":
            text = text[:at] + letter + text[at:]
        elif how == "leave out" and len(places) > 3:
            text = text[:at] + text[at + 1 :]
        elif how == "swap" and after is not None:
            text = text[:at] + text[after] + text[at] + text[after + 1 :]
        else:
            text = text[:at] + letter + text[at + 1 :]
    return text


def spellings(name: str, letters: int, count: int, names: set[str]) -> Iterator[str]:
    chance = random.Random(f"{name} {letters}")
    drawn: set[str] = set()
    for _ in range(50 * count):
        spelled = misspelled(name, letters, chance)
        if spelled not in drawn and spelled not in names:
            drawn.add(spelled)
            yield spelled
        if len(drawn) == count:
            return


class Store:
    """The names of a store and what they stand for."""

    def __init__(self, path: Path) -> None:
        with LabelStore(path) as store:
            self.names = [name for name in store.names() if any(char.isalpha() for char in name)]
            drugs = store.drugs()
        start = time.process_time()
        self.index = DrugNames(self.names, drugs=drugs)
        self.build_seconds = time.process_time() - start
        self._drugs = drugs

    def ingredients(self, name: str) -> frozenset[str]:
        """What a name holds, or the first product that begins with it; one that the store does not have is itself."""
        held = self._drugs.get(name) or next(
            (self._drugs.get(one, one) for one in self.names if one.startswith(f"{name} ")), name
        )
        return frozenset(without_salts(part) for part in held.split(" and "))

    def outcome(self, name: str, found: FoundNames) -> str:
        wanted = self.ingredients(name)
        told = [self.ingredients(drug.name) for drug in found.drugs]
        if any(not held <= wanted for held in told):
            return "wrong"
        if told and frozenset().union(*told) == wanted:
            return "right"
        if any(wanted & self.ingredients(one) or one == name for entry in found.unclear for one in entry.names):
            return "asked"
        # Some ingredients of a product of many are no other drug, and no answer either.
        return "missed"


def misspellings(store: Store, count: int, *, show: int) -> None:
    every = set(store.names)
    for letters in (0, 1, 2):
        counted: Counter[str] = Counter()
        examples: dict[str, list[str]] = {outcome: [] for outcome in OUTCOMES}
        times = []
        for number, name in enumerate(store.names):
            for place, spelled in enumerate([name] if not letters else spellings(name, letters, count, every)):
                question = QUESTIONS[(number + place) % len(QUESTIONS)].format(spelled)
                start = time.process_time()
                found = store.index.find(question)
                times.append(1000 * (time.process_time() - start))
                outcome = store.outcome(name, found)
                counted[outcome] += 1
                examples[outcome].append(f"{name}: {question} -> {told(found)}")
        total = counted.total()
        shares = ", ".join(f"{outcome} {100 * counted[outcome] / total:.2f} %" for outcome in OUTCOMES)
        answered = 100 * (counted["right"] + counted["asked"]) / total
        print(f"  {letters} letters wrong (n = {total}): {shares}; right or asked {answered:.2f} %; {spread(times)}")
        for outcome in ("wrong", "missed"):
            for example in random.Random(0).sample(examples[outcome], min(show, len(examples[outcome]))):
                print(f"    {outcome}: {example}")


def told(found: FoundNames) -> str:
    drugs = ", ".join(drug.name for drug in found.drugs)
    asked = ", ".join("/".join(entry.names) for entry in found.unclear)
    return f"[{drugs}] asked [{asked}] unknown {list(found.unknown)}"


def spread(times: Sequence[float]) -> str:
    ordered = sorted(times)
    p99 = ordered[int(len(ordered) * 0.99)]
    return f"{statistics.median(ordered):.2f} ms, p99 {p99:.2f} ms, longest {ordered[-1]:.1f} ms"


def instruction_questions(store: Store, path: Path, show: int) -> None:
    """Questions of the instruction data, some with misspelled names: their drug is found or asked about."""
    counted: Counter[str] = Counter()
    times = []
    shown = []
    for line in path.read_text(encoding="utf-8").splitlines():
        example = json.loads(line)
        if example.get("drug") not in store.names:
            continue
        start = time.process_time()
        found = store.index.find(example["input"])
        times.append(1000 * (time.process_time() - start))
        named = {part for drug in found.drugs for part in store.ingredients(drug.name)}
        wanted = store.ingredients(example["drug"])
        is_asked = any(wanted & store.ingredients(one) for entry in found.unclear for one in entry.names)
        outcome = "found" if wanted <= named else "asked" if is_asked else "missed"
        counted[outcome] += 1
        if outcome == "missed":
            shown.append(f"{example['drug']}: {example['input']} -> {told(found)}")
    shares = ", ".join(f"{outcome} {counted[outcome]}" for outcome in ("found", "asked", "missed"))
    print(f"  {path.name}: the drug of a question {shares} (n = {counted.total()}); {spread(times)}")
    for example in random.Random(0).sample(shown, min(show, len(shown))):
        print(f"    {example}")


def ordinary_questions(store: Store, path: Path) -> None:
    """Questions and sentences in which no drug is misspelled: what is taken for a misspelled drug is wrong."""
    lines = path.read_text(encoding="utf-8").splitlines()
    wrong = []
    for line in lines:
        found = store.index.find(line)
        wrong += [f"{drug.typed} -> {drug.name}" for drug in found.drugs if drug.kind == "misspelling"]
        # "Insulin" and "depo" are spelled rightly, and asked about because they are parts of several names.
        slips = [entry for entry in found.unclear if not all(entry.typed.lower() in name for name in entry.names)]
        wrong += [f"{entry.typed} ? {'/'.join(entry.names)}" for entry in slips]
    print(f"  {path.name} (n = {len(lines)}): {len(wrong)} taken for misspelled drugs: {'; '.join(wrong[:20])}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, help="a label store, rather than the monographs and the real labels")
    parser.add_argument("--count", type=int, default=20, help="misspellings of a name by one letter, and by two")
    parser.add_argument("--show", type=int, default=0, help="examples to print of what went wrong")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, path in stores(arguments.store, Path(folder)):
            store = Store(path)
            print(f"{name}: {len(store.names)} names, index built in {store.build_seconds:.2f} s")
            misspellings(store, arguments.count, show=arguments.show)
            if name == "monographs":
                for file in ("data/evaluation/eval.jsonl", "data/processed/train.jsonl"):
                    instruction_questions(store, REPOSITORY / file, arguments.show)
            for file in sorted((REPOSITORY / "benchmarks/questions").glob("*.txt")):
                ordinary_questions(store, file)


def stores(given: Path | None, folder: Path) -> Iterator[tuple[str, Path]]:
    if given is not None:
        yield given.name, given
        return
    ingest(folder / "monographs.sqlite", [REPOSITORY / "data/monographs"])
    yield "monographs", folder / "monographs.sqlite"
    real = SHARED / "labels"
    if real.is_dir():
        ingest(folder / "real.sqlite", [real / "openfda/labels_100.json", real / "openfda/responses", real / "spl"])
        yield "real labels", folder / "real.sqlite"


if __name__ == "__main__":
    main()
