"""What a tuned model learns to judge from, and how well it judges labels that it did not learn from.

    python benchmarks/judging.py pairs --store STORE --out FOLDER
    python benchmarks/judging.py odds --store STORE --models FOLDER --out FOLDER/odds.jsonl
    python benchmarks/judging.py report --store STORE --odds FOLDER/odds.jsonl

`pairs` writes training files: the reading examples, and pairs of a question and a piece of a label, answered by Yes or
No. They come from the reading examples and from the questions on real labels, so the files hold label text.
`train.jsonl` has all, `fold0.jsonl` to `fold2.jsonl` leave a third of the labels out. Train each by `python train.py
--config configs/judging.yaml`, the folds into FOLDER/fold0 to fold2. `odds` then has every question judged by the model
that never saw its label; ranking and confidence are fitted on that. `report` prints recall and silence with and without
the judge.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import sys
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY))

from benchmarks.answering_score import FITTING_QUESTIONS, stated  # noqa: E402
from benchmarks.answering_sides import Setup  # noqa: E402
from drug_llm.answering.evidence import CANDIDATES, PartEvidence, Scored, find_evidence  # noqa: E402
from drug_llm.answering.judging import KIND, NO, YES, TunedJudge, judged  # noqa: E402
from drug_llm.answering.label_index import name_of_title, question_stems, stems, title_of  # noqa: E402
from drug_llm.answering.ranking import judge_weight  # noqa: E402
from drug_llm.answering.shelf import Shelf, ShelvedLabel  # noqa: E402
from drug_llm.answering.units import Unit  # noqa: E402
from drug_llm.answering.units import units as units_of  # noqa: E402
from drug_llm.generation.tuned_llama import load_tuned_llama  # noqa: E402
from drug_llm.instructions.example import Example  # noqa: E402
from drug_llm.instructions.jsonl import load_examples, write_examples  # noqa: E402
from drug_llm.labels.label import Passage  # noqa: E402
from drug_llm.models.embedded import cache_folder  # noqa: E402
from drug_llm.prompts import SILENCE  # noqa: E402

READING = REPOSITORY / "data/processed/reading.jsonl"
FOLDS = 3
CLOSEST, CLOSEST_LISTS = 16, 8
"""Candidates of a question, best first, that are pairs when they do not answer."""
READING_NEGATIVES = 4
"""Most pieces that do not answer taken from a reading example; one more where nothing answers."""
_NOT_SAID = (SILENCE, "The passages are not", "There is no label", "This is not a question")


def folds(setup: Setup) -> dict[str, int]:
    """Return the fold that each label is left out of; large labels are spread over them."""
    ids = {entry["set_ids"][0] for entry in questions()}
    size = {set_id: sum(len(passage.text) for passage in setup.store.get(set_id).passages()) for set_id in ids}
    ranked = sorted(ids, key=lambda set_id: (-size[set_id], set_id))
    return {set_id: place % FOLDS for place, set_id in enumerate(ranked)}


def questions(files: Sequence[Path] = FITTING_QUESTIONS) -> Iterator[dict[str, Any]]:
    """Yield the questions about one label each that are answered or that the label does not answer."""
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if entry["reason"] in (None, "not_in_label") and len(entry["set_ids"]) == 1:
                yield entry


def evidence_of(entry: dict[str, Any], shelf: Shelf, setup: Setup, judge: Any = None) -> list[PartEvidence]:
    shelved = shelved_label(entry, shelf, setup)
    return find_evidence(entry["question"], shelved.index, (*shelved.names, *entry["drugs"]), shelf.encoder, judge)


def shelved_label(entry: dict[str, Any], shelf: Shelf, setup: Setup) -> ShelvedLabel:
    return shelf.label(setup.store.get(entry["set_ids"][0]))


def holds(unit: Unit, entry: dict[str, Any]) -> bool | None:
    """Return whether a unit answers a question or a part of it; None where that is not known."""
    if entry["reason"] or not (told := stated(entry["facts"], unit.text)):
        return False
    if unit.passage.section in entry["sections"] or (told == len(entry["facts"]) > 1):
        return True
    return None


def question_pairs(setup: Setup) -> Iterator[tuple[int, Example]]:
    """Yield a pair for each unit that answers a question and for the closest others, with the fold of its label."""
    shelf, fold = Shelf(setup.encoder, cache_folder() / "vectors"), folds(setup)
    for entry in questions():
        ranked: dict[Unit, int] = {}
        for part in evidence_of(entry, shelf, setup):
            for rank, scored in enumerate(part.found):
                ranked[scored.unit] = min(rank, ranked.get(scored.unit, rank))
        everything = dict.fromkeys([*ranked, *shelved_label(entry, shelf, setup).index.units])
        for unit in everything:
            told = holds(unit, entry)
            near = ranked.get(unit, CANDIDATES) < (CLOSEST_LISTS if unit.kind == "list" else CLOSEST)
            if told or (told is False and near):
                yield fold[entry["set_ids"][0]], pair(entry["question"], unit, told)


def pair(question: str, unit: Unit, answers: bool) -> Example:
    return Example(judged(question, title_of(unit.passage), unit.text), YES if answers else NO, kind=KIND)


def reading_pairs() -> Iterator[Example]:
    """Yield what the reading examples teach about their pieces: those the answer rests on, and others beside them."""
    for example in load_examples(READING):
        passages = [
            Passage(entry.set_id or "given", 1, f"p{n}", name_of_title(entry.section), entry.section, entry.text)
            for n, entry in enumerate(example.passages)
        ]
        pieces = [unit for passage in passages for unit in units_of(passage) if unit.kind != "list"]
        silent = example.output.startswith(_NOT_SAID)
        gold, doubtful = (set(), set()) if silent else rests_on(example, pieces)
        if not pieces or not (gold or silent):
            continue
        others = [n for n in closest(example.input, pieces) if n not in gold and n not in doubtful]
        for n in sorted({*gold, *others[: READING_NEGATIVES + silent]}):
            yield pair(example.input, pieces[n], n in gold)


def rests_on(example: Example, pieces: Sequence[Unit]) -> tuple[set[int], set[int]]:
    """Return the pieces that an answer rests on, and those that say a part of it too: these teach nothing."""
    words = [set(stems(piece.text)) for piece in pieces]
    gold, new = bearing(words, example.output, example.input)
    doubtful = {n for n, own in enumerate(words) if len(new & own) >= max(2, math.ceil(0.5 * len(new)))}
    return gold, doubtful - gold


def bearing(words: Sequence[Collection[str]], answer: str, question: str) -> tuple[set[int], set[str]]:
    """Return which pieces, given as their stems, bear an answer, and the answer's stems that the question lacks.

    Greedily the pieces that bring most of those stems.
    """
    wanted = set(stems(answer)).intersection(set().union(*words))
    new = wanted - set(question_stems(question))
    left, gold = set(new), set[int]()
    for _ in range(3 if words else 0):
        gains = [len(left.intersection(w)) + 0.25 * len(wanted.intersection(w)) - 0.02 * len(w) for w in words]
        best = max(range(len(words)), key=gains.__getitem__)
        if len(left.intersection(words[best])) < max(2, 0.25 * len(new)):
            break
        gold.add(best)
        left.difference_update(words[best])
    return gold, new


def closest(question: str, pieces: Sequence[Unit]) -> list[int]:
    """Return the pieces in the order of how many of the question's words they hold: the hard ones first."""
    asked = set(question_stems(question))
    held = [len(asked & set(stems(f"{piece.passage.title} {piece.text}"))) for piece in pieces]
    return sorted(range(len(pieces)), key=lambda n: -held[n])


def write_pairs(setup: Setup, folder: Path) -> None:
    """Write the training files of all labels and of each fold."""
    reading = load_examples(READING)
    # A unit may stand in a label twice; the same pair is told once.
    told: dict[str, tuple[int, Example]] = {}
    for fold, example in [*question_pairs(setup), *((-1, example) for example in reading_pairs())]:
        told.setdefault(example.input, (fold, example))
    pairs = list(told.values())
    random.Random(1).shuffle(pairs)
    for name, left_out in (("train", None), *((f"fold{fold}", fold) for fold in range(FOLDS))):
        kept = [example for fold, example in pairs if fold != left_out]
        write_examples(folder / f"{name}.jsonl", [*kept, *(reading if left_out is None else ())])
        yes = sum(example.output == YES for example in kept)
        print(f"{folder / name}.jsonl: {len(kept)} pairs, {yes} of them answer")


class KeptOdds:
    """Odds given before, of pairs that the judging model never learned from; new ones are asked of that model."""

    name = "kept-odds"

    def __init__(self, file: Path, models: Path | None = None) -> None:
        self._file, self._models = file, models
        self._loaded: dict[int, TunedJudge] = {}
        self.fold = -1
        self.odds: dict[str, float] = {}
        if file.is_file():
            lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
            self.odds = {line["pair"]: line["odds"] for line in lines}

    def judge(self, question: str, units: Sequence[Unit]) -> list[float]:
        keys = [_key(question, unit) for unit in units]
        new = [place for place, key in enumerate(keys) if key not in self.odds]
        if new:
            found = self._model().judge(question, [units[place] for place in new])
            self.odds |= {keys[place]: round(value, 3) for place, value in zip(new, found, strict=True)}
        return [self.odds[key] for key in keys]

    def _model(self) -> TunedJudge:
        if self._models is None:
            raise SystemExit(f"{self._file}: some pairs are not in it. Run `odds` again.")
        if self.fold not in self._loaded:
            self._loaded = {self.fold: TunedJudge(partial(load_tuned_llama, self._models / f"fold{self.fold}"))}
        return self._loaded[self.fold]

    def save(self) -> None:
        lines = "".join(json.dumps({"pair": key, "odds": value}) + "\n" for key, value in sorted(self.odds.items()))
        self._file.write_text(lines, encoding="utf-8")


def _key(question: str, unit: Unit) -> str:
    return hashlib.sha256(judged(question, title_of(unit.passage), unit.text).encode()).hexdigest()[:20]


def write_odds(setup: Setup, kept: KeptOdds) -> None:
    """Have every question judged by the model of its fold, one model in memory at a time."""
    shelf, fold = Shelf(setup.encoder, cache_folder() / "vectors"), folds(setup)
    for entry in sorted(questions(), key=lambda entry: fold[entry["set_ids"][0]]):
        kept.fold = fold[entry["set_ids"][0]]
        evidence_of(entry, shelf, setup, kept)
    kept.save()
    print(f"{len(kept.odds)} pairs judged")


def report(setup: Setup, kept: KeptOdds) -> None:
    """Print how often the first unit answers, with several weights of the judge, and how well silence is told."""
    shelf = Shelf(setup.encoder, cache_folder() / "vectors")
    answered: list[tuple[dict[str, Any], tuple[Scored, ...]]] = []
    surest: dict[bool, list[float]] = {True: [], False: []}
    for entry in questions():
        for part in evidence_of(entry, shelf, setup, kept):
            found = tuple(scored for scored in part.found if scored.odds is not None)
            surest[bool(entry["reason"])].append(max((scored.odds or 0.0 for scored in found), default=-9.0))
            if not entry["reason"] and any(holds(scored.unit, entry) for scored in part.found):
                answered.append((entry, found))
    for weight in (0.0, 0.3, 0.5, 0.7, 0.9, 1.2):
        shift = weight - judge_weight()
        best = [max(found, key=lambda s: s.score + shift * (s.odds or 0.0)) for _, found in answered]
        first = [bool(holds(unit.unit, entry)) for unit, (entry, _) in zip(best, answered, strict=True)]
        print(f"weight {weight:.1f}: the first unit answers in {np.mean(first):.1%} of {len(first)} parts")
    told, silent = np.array(surest[False]), np.array(surest[True])
    print(f"an answered part is surer than a silent label's: {(told[:, None] > silent[None]).mean():.1%} of pairs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("pairs", "odds", "report"))
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="folder of the training files, or file of the odds")
    parser.add_argument("--models", type=Path, help="folder of the final checkpoints fold0 to fold2")
    parser.add_argument("--odds", type=Path, help="file of the odds")
    arguments = parser.parse_args()
    setup = Setup(arguments.store, None)
    if arguments.what == "pairs":
        arguments.out.mkdir(parents=True, exist_ok=True)
        write_pairs(setup, arguments.out)
    elif arguments.what == "odds":
        write_odds(setup, KeptOdds(arguments.out, arguments.models))
    else:
        report(setup, KeptOdds(arguments.odds))


if __name__ == "__main__":
    main()
