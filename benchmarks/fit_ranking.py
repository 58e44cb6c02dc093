"""Fit the weights with which evidence is ranked; writes drug_llm/answering/ranking_weights.json.

python benchmarks/fit_ranking.py [--labels STORE --questions FILE]

Learned from the reading examples (data/reading), from the monographs' own facts with the whole monograph as candidates
and, where a store is given, from questions on real labels. Pairs of a unit that holds the answer and one that does not,
logistic loss on the difference, ridge penalty.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY))

from benchmarks.answering_score import FITTING_QUESTIONS, stated  # noqa: E402
from benchmarks.judging import bearing, questions  # noqa: E402
from drug_llm.answering.intent import parts  # noqa: E402
from drug_llm.answering.label_index import LabelIndex, name_of_title  # noqa: E402
from drug_llm.answering.label_index import index_passages as index_of  # noqa: E402
from drug_llm.answering.ranking import FEATURES, features, make_query, query_text  # noqa: E402
from drug_llm.answering.shelf import DiskEncoder  # noqa: E402
from drug_llm.labels.label import Passage  # noqa: E402
from drug_llm.labels.monographs import load_monographs, monograph_label  # noqa: E402
from drug_llm.labels.store import LabelStore  # noqa: E402
from drug_llm.models.embedded import cache_folder  # noqa: E402
from drug_llm.models.sentence_encoder import load_sentence_encoder  # noqa: E402

OUT = REPOSITORY / "drug_llm/answering/ranking_weights.json"
MONOGRAPH_QUESTIONS = 900
PENALTY = 3e-3
HELD_OUT = 5
"""Folds of labels, each kept aside once to report on."""
LABEL_WEIGHT = 8.0
"""What a question on a real label weighs, beside 1 for one on a passage written for it."""


@dataclass(frozen=True)
class Case:
    """A question part with the marks of all candidates and which of them hold the answer."""

    source: str
    marks: np.ndarray
    gold: np.ndarray
    weight: float = 1.0
    group: str = ""
    """What is kept aside as a whole: the label, or the example."""


def passages_of(example: dict[str, Any]) -> list[Passage]:
    found = []
    for n, entry in enumerate(example["passages"]):
        title = entry["section"]
        found.append(Passage(entry["set_id"] or "p", 1, f"p{n}", name_of_title(title), title, entry["text"]))
    return found


def holds(index: LabelIndex, answer: str, question: str) -> np.ndarray:
    """Return which units hold the answer."""
    found, _ = bearing(index.counts, answer, question)
    return np.isin(np.arange(len(index.units)), list(found))


def cases_of(
    question: str, index: LabelIndex, gold: np.ndarray, names: list[str], source: str, group: str
) -> Iterator[Case]:
    encoder = load()
    asked = parts(question)
    for part in asked:
        query = make_query(part, names, encoder.encode([query_text(part, names)])[0], index)
        if gold.any() and not gold.all():
            yield Case(source, features(query, index), gold, 1 / len(asked), group)


_ENCODER: list[Any] = []


def load() -> Any:
    if not _ENCODER:
        _ENCODER.append(DiskEncoder(load_sentence_encoder(), cache_folder() / "vectors"))
    return _ENCODER[0]


def reading_cases() -> Iterator[Case]:
    for path in sorted((REPOSITORY / "data/reading").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            example = json.loads(line)
            if example["output"].startswith("The passages do not"):
                continue
            index = index_of(passages_of(example), load())
            gold = holds(index, example["output"], example["input"])
            yield from cases_of(example["input"], index, gold, [example["drug"]], "reading", example["drug"])


def monograph_cases() -> Iterator[Case]:
    by_id = {label.set_id: label for label in map(monograph_label, load_monographs(REPOSITORY / "data/monographs"))}
    lines = [json.loads(line) for line in (REPOSITORY / "data/processed/train.jsonl").open(encoding="utf-8")]
    lines = [e for e in lines if e.get("kind") == "reading"]
    indexes: dict[str, LabelIndex] = {}
    for example in random.Random(7).sample(lines, min(MONOGRAPH_QUESTIONS, len(lines))):
        set_id = example["source"]["set_id"]
        if set_id not in indexes:
            indexes[set_id] = index_of(list(by_id[set_id].passages()), load())
        index = indexes[set_id]
        gold = np.array([unit.text in example["output"] for unit in index.units])
        label = by_id[set_id]
        names = [*label.generic_names, *label.brand_names]
        yield from cases_of(example["input"], index, gold, names, "monographs", set_id)


def label_cases(store: Path, files: Sequence[Path]) -> Iterator[Case]:
    with LabelStore(store) as labels:
        indexes: dict[str, LabelIndex] = {}
        for entry in questions(files):
            if entry["reason"]:
                continue
            set_id = entry["set_ids"][0]
            if set_id not in indexes:
                indexes[set_id] = index_of(list(labels.get(set_id).passages()), load())
            index, label = indexes[set_id], labels.get(set_id)
            names = [*label.generic_names, *label.brand_names, *entry["drugs"]]
            gold = np.array([in_gold(unit, entry) for unit in index.units])
            for case in cases_of(entry["question"], index, gold, names, "labels", set_id):
                yield replace(case, weight=LABEL_WEIGHT * case.weight)


def in_gold(unit: Any, entry: dict[str, Any]) -> bool:
    """Return whether a unit of a gold section states a key fact."""
    return unit.passage.section in entry["sections"] and stated(entry["facts"], unit.text) > 0


def fold_of(case: Case) -> int:
    """Return the fold of a case; one label is in one fold only."""
    return int(hashlib.sha256(case.group.encode()).hexdigest(), 16) % HELD_OUT


def fit(cases: list[Case]) -> np.ndarray:
    import torch

    rng = np.random.default_rng(0)
    rows, weights = [], []
    for case in cases:
        good, bad = case.marks[case.gold], case.marks[~case.gold]
        if len(bad) > 40:
            bad = bad[rng.choice(len(bad), 40, replace=False)]
        pairs = (good[:, None, :] - bad[None, :, :]).reshape(-1, len(FEATURES))
        rows.append(pairs)
        weights.append(np.full(len(pairs), case.weight / len(pairs)))
    pairs, weight = (torch.tensor(np.concatenate(part)) for part in (rows, weights))
    line = torch.zeros(len(FEATURES), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([line], max_iter=400, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = (weight * torch.nn.functional.softplus(-(pairs @ line))).sum() / weight.sum()
        value = value + PENALTY * line.square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    return line.detach().numpy()


def report(name: str, cases: list[Case], line: np.ndarray) -> None:
    for source in sorted({case.source for case in cases}):
        mine = [case for case in cases if case.source == source]
        ranks = [int(np.argmax(case.gold[np.argsort(-(case.marks @ line), kind="stable")])) for case in mine]
        first, fifth = np.mean([r < 1 for r in ranks]), np.mean([r < 5 for r in ranks])
        alone = {}
        for column in ("bm25", "cosine"):
            at = FEATURES.index(column)
            other = [int(np.argmax(c.gold[np.argsort(-c.marks[:, at], kind="stable")])) for c in mine]
            alone[column] = f"{np.mean([r < 1 for r in other]):.2f}/{np.mean([r < 5 for r in other]):.2f}"
        print(f"{name} {source}: {len(mine)} parts, recall@1 {first:.2f}, @5 {fifth:.2f}; {alone}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--questions", type=Path, nargs="+", default=FITTING_QUESTIONS)
    parser.add_argument("--dry", action="store_true", help="report only")
    arguments = parser.parse_args()
    cases = [*reading_cases(), *monograph_cases()]
    if arguments.labels:
        cases += label_cases(arguments.labels, arguments.questions)
    for fold in range(HELD_OUT):
        aside = [case for case in cases if fold_of(case) == fold]
        line = fit([case for case in cases if fold_of(case) != fold])
        report(f"kept aside {fold}", aside, line)
    line = fit(cases)
    for name, value in sorted(zip(FEATURES, line, strict=True), key=lambda pair: -abs(pair[1])):
        print(f"{name:20} {value:+.3f}")
    if not arguments.dry:
        content = json.loads(OUT.read_text(encoding="utf-8"))
        weights = {name: round(float(value), 4) for name, value in zip(FEATURES, line, strict=True)}
        OUT.write_text(json.dumps(content | {"fitted_on_parts": len(cases), "weights": weights}, indent=1) + "\n")


if __name__ == "__main__":
    main()
