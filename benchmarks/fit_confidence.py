"""Fit how sure an answer is; writes drug_llm/answering/confidence_weights.json and prints the risk-coverage curve.

    python benchmarks/fit_confidence.py --store STORE [--questions FILE ...] [--dry]
    python benchmarks/fit_confidence.py --store STORE --odds FILE [--fold N ...]    where a tuned model judges

The odds are those of `judging.py odds`; with --fold, of the labels that the judges of these folds have not seen.

Each part of each question on a real label is looked up. What is known of its evidence (`Signs`) is weighed by logistic
regression against whether one of its best units states an asked fact; a part of a question that has no answer counts as
not. Labels are split into folds: the curve is that of labels the line was not fitted on. Below the threshold lie
SILENT_WITHHELD of the parts that a label is silent on; below the level from which a part's nearest text is shown at
all, UNSEEN of those that are answered.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY))

from benchmarks.answering_score import FITTING_QUESTIONS, stated  # noqa: E402
from benchmarks.answering_sides import Setup  # noqa: E402
from benchmarks.judging import KeptOdds, evidence_of, folds, questions  # noqa: E402
from drug_llm.answering.confidence import TOP, Signs, signs  # noqa: E402
from drug_llm.answering.evidence import PartEvidence  # noqa: E402
from drug_llm.answering.shelf import Shelf  # noqa: E402
from drug_llm.models.embedded import cache_folder  # noqa: E402

OUT = REPOSITORY / "drug_llm/answering/confidence_weights.json"
SILENT_WITHHELD = 0.95
UNSEEN = 0.02
PENALTY = 0.02
FOLDS = 8
JUDGED = ("odds", "best_odds", "second_odds", "lowest_odds", "likely")
"""Signs that there are only where a tuned model judges."""


@dataclass(frozen=True)
class Case:
    """What is known of the evidence for a part, and whether it holds the answer."""

    label: str
    signs: Signs
    answers: bool
    answerable: bool


def cases(setup: Setup, files: list[Path], judge: KeptOdds | None, only: Collection[int] | None) -> Iterator[Case]:
    """Yield a case for each part of each question, of the labels of some folds or of all."""
    shelf, of_label = Shelf(setup.encoder, cache_folder() / "vectors"), folds(setup)
    for entry in questions(files):
        if only is not None and of_label[entry["set_ids"][0]] not in only:
            continue
        for part in evidence_of(entry, shelf, setup, judge):
            if not part.is_silent:
                yield Case(entry["set_ids"][0], signs(part), states(part, entry), not entry["reason"])


def states(part: PartEvidence, entry: dict[str, Any]) -> bool:
    """Return whether one of the best units states one of the asked facts."""
    text = " ".join(scored.unit.text for scored in part.found[:TOP])
    return stated(entry["facts"], text) > 0


def fit(found: list[Case]) -> dict[str, float]:
    """Return the weights of the signs and the bias, fitted on signs brought to one scale."""
    import torch

    is_judged = any(case.signs.odds for case in found)
    names = [name for name in Signs.__dataclass_fields__ if is_judged or name not in JUDGED]
    marks = np.array([[asdict(case.signs)[name] for name in names] for case in found])
    scale = marks.std(axis=0) + 1e-9
    rows = torch.tensor(np.column_stack([marks / scale, np.ones(len(marks))]))
    truth = torch.tensor([float(case.answers) for case in found], dtype=torch.float64)
    line = torch.zeros(len(names) + 1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([line], max_iter=500, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = torch.nn.functional.binary_cross_entropy_with_logits(rows @ line, truth)
        value = value + PENALTY * line[:-1].square().mean()
        value.backward()
        return value

    optimizer.step(loss)
    fitted = line.detach().numpy()
    return {"bias": round(float(fitted[-1]), 4)} | {
        name: round(float(value), 4) for name, value in zip(names, fitted[:-1] / scale, strict=True)
    }


def sure(case: Case, weights: dict[str, float]) -> float:
    """Return the confidence in a case."""
    known = asdict(case.signs)
    value = weights["bias"] + sum(weight * known[name] for name, weight in weights.items() if name != "bias")
    return float(1 / (1 + np.exp(-value)))


def curve(found: list[Case]) -> dict[str, float]:
    """Print how much is right among what is answered, for thresholds; return the two levels to use."""
    labels = sorted({case.label for case in found})
    fold = {label: number % FOLDS for number, label in enumerate(labels)}
    value = np.zeros(len(found))
    for number in range(FOLDS):
        weights = fit([case for case in found if fold[case.label] != number])
        for place, case in enumerate(found):
            if fold[case.label] == number:
                value[place] = sure(case, weights)
    answers = np.array([case.answers for case in found])
    silent = ~np.array([case.answerable for case in found])
    above = value[answers][:, None] - value[silent][None, :]
    print(f"an answered part is surer than a silent label's: {(above > 0).mean():.1%} of pairs")
    levels = {
        "threshold": float(np.quantile(value[silent], SILENT_WITHHELD)),
        "nearby": float(np.quantile(value[answers], UNSEEN)),
    }
    for level in sorted([0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, *levels.values()]):
        given = value >= level
        print(
            f"threshold {level:.2f}: {given.mean():.0%} answered, of these right {answers[given].mean():.0%}; "
            f"withheld: right {(~given & answers).sum() / answers.sum():.0%}, "
            f"of silent labels {(~given & silent).sum() / silent.sum():.0%}"
        )
    return {name: round(level, 4) for name, level in levels.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--questions", type=Path, nargs="+", default=FITTING_QUESTIONS)
    parser.add_argument("--odds", type=Path, help="what a tuned model judged")
    parser.add_argument("--fold", type=int, nargs="+", help="of which folds' labels (default: all)")
    parser.add_argument("--dry", action="store_true", help="report only")
    arguments = parser.parse_args()
    judge = KeptOdds(arguments.odds) if arguments.odds else None
    found = list(cases(Setup(arguments.store, None), arguments.questions, judge, arguments.fold))
    print(f"{len(found)} parts, {sum(case.answerable for case in found)} of answerable questions")
    levels = curve(found)
    fitted = {"weights": fit(found), **levels, "parts": len(found)}
    print(fitted["weights"])
    if not arguments.dry:
        content = json.loads(OUT.read_text(encoding="utf-8")) | {"judged" if judge else "ranked": fitted}
        OUT.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
