"""Fit how sure an answer is; writes drug_llm/answering/confidence_weights.json and prints the risk-coverage curve.

python benchmarks/fit_confidence.py --store STORE [--questions FILE] [--model FOLDER] [--dry]

Every question is answered without a threshold. What was known of the answer (`Signs`) is then weighed by a logistic
regression against how many of the asked facts it states; a question that has no answer counts as none. The questions
are those on real labels (`benchmarks/questions/labels_dev.jsonl`). The threshold withholds at most ABSTAINED of the
answerable.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY))

from benchmarks.answering_score import stated  # noqa: E402
from benchmarks.answering_sides import Setup  # noqa: E402
from drug_llm.answering import composing  # noqa: E402
from drug_llm.answering.confidence import Signs  # noqa: E402

OUT = REPOSITORY / "drug_llm/answering/confidence_weights.json"
ABSTAINED = 0.03
PENALTY = 0.003
SCALES = {"score": 5.0, "margin": 2.0, "silence": 8.0}
"""What a sign is divided by before it is weighed, so that the penalty treats all alike."""


def seen_signs(found: list[Signs]) -> Any:
    """Return `signs` that also remembers what it returned last."""
    original = composing.signs

    def remembering(*arguments: Any) -> Signs:
        found.append(original(*arguments))
        return found[-1]

    return remembering


def cases(setup: Setup, mode: str, questions: Path) -> list[tuple[Signs, float]]:
    """Return the signs of each answer with the share of the asked facts that it states."""
    assistant = setup.assistant(setup.model if mode == "grounded" else None)
    seen: list[Signs] = []
    before = composing.signs, composing.threshold
    composing.signs, composing.threshold = seen_signs(seen), lambda _: -1.0
    found = []
    for question, truth in labelled(questions):
        seen.clear()
        answer = assistant.answer(
            question["question"], passages=question.get("passages"), drug=question.get("drug", "")
        )
        if seen:
            found.append((seen[-1], truth(answer.text)))
    composing.signs, composing.threshold = before
    return found


def labelled(path: Path) -> Any:
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry["reason"] == "not_in_label":
            yield entry, lambda _: 0.0
        elif not entry["reason"] and entry["kind"] != "two-drugs":
            facts = entry["facts"]
            yield entry, lambda text, facts=facts: stated(facts, text) / len(facts)


def fit(found: list[tuple[Signs, float]], names: list[str]) -> dict[str, float]:
    import torch

    marks = torch.tensor([[asdict(s)[name] / SCALES.get(name, 1.0) for name in names] + [1.0] for s, _ in found])
    truth = torch.tensor([value for _, value in found])
    line = torch.zeros(len(names) + 1, requires_grad=True)
    optimizer = torch.optim.LBFGS([line], max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = torch.nn.functional.binary_cross_entropy_with_logits(marks @ line, truth)
        value = value + PENALTY * line[:-1].square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    fitted = line.detach().tolist()
    scaled = {name: round(v / SCALES.get(name, 1.0), 4) for name, v in zip(names, fitted, strict=False)}
    return {"bias": round(fitted[-1], 4), **scaled}


def curve(found: list[tuple[Signs, float]], weights: dict[str, float]) -> float:
    """Print how much is wrong among the answers given, for thresholds; return the one to use."""
    value = [weights["bias"] + sum(weights[n] * v for n, v in asdict(s).items() if n in weights) for s, _ in found]
    sure = 1 / (1 + np.exp(-np.array(value)))
    truth = np.array([t for _, t in found])
    answerable, silent = truth > 0.3, truth == 0.0
    order = np.sort(sure[answerable])
    chosen = float(order[int(ABSTAINED * len(order))])
    for level in (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, chosen):
        given = sure >= level
        print(
            f"threshold {level:.2f}: answered {given.mean():.0%}, of these right {truth[given].mean():.0%}; "
            f"answerable withheld {(~given & answerable).sum() / answerable.sum():.0%}, "
            f"nothing right withheld {(~given & silent).sum() / max(1, silent.sum()):.0%}"
        )
    return round(chosen, 4)


def all_cases(setup: Setup, questions: Path, kept: Path | None) -> dict[str, list[tuple[Signs, float]]]:
    """Return the cases of both modes, those of an earlier run where they were kept."""
    if kept and kept.is_file():
        content = json.loads(kept.read_text(encoding="utf-8"))
        return {mode: [(Signs(**signs), truth) for signs, truth in found] for mode, found in content.items()}
    found = {mode: cases(setup, mode, questions) for mode in ("quote", "grounded")}
    if kept:
        shown = {mode: [(asdict(signs), truth) for signs, truth in entries] for mode, entries in found.items()}
        kept.write_text(json.dumps(shown), encoding="utf-8")
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--questions", type=Path, default=REPOSITORY / "benchmarks/questions/labels_dev.jsonl")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--dry", action="store_true", help="report only")
    parser.add_argument("--kept", type=Path, help="JSON with the signs of an earlier run, made where it is missing")
    arguments = parser.parse_args()
    setup = Setup(arguments.store, arguments.model)
    written_down = {}
    for mode, found in all_cases(setup, arguments.questions, arguments.kept).items():
        names = [field.name for field in fields(Signs)][: 4 if mode == "quote" else None]
        weights = fit(found, names)
        print(f"\n{mode}: {len(found)} answers, {weights}")
        written_down[mode] = {"weights": weights, "threshold": curve(found, weights), "answers": len(found)}
    if not arguments.dry:
        OUT.write_text(json.dumps(written_down, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
