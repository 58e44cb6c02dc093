"""How many corrupted sentences the verifier catches, and how many faithful ones it accepts.

    python -m benchmarks.claims [--per-kind 250] [--show 0] [--kind KIND] [--seed 20]

The sentences are made from the shared real labels, the same ones at every run.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.claim_cases import Case, cases, sources
from benchmarks.claim_rewrites import CORRUPTED, FAITHFUL
from drug_llm.claims import problems
from drug_llm.labels.label import Label
from drug_llm.labels.read import read_labels

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("DRUG_LLM_SHARED") or REPOSITORY.parent / "shared") / "labels"
SEED = 20


@dataclass
class Figures:
    """What the suite found."""

    cases: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    flagged: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    seconds: list[float] = field(default_factory=list)
    wrong: list[tuple[Case, list[str]]] = field(default_factory=list)

    def rate(self, faithful: bool) -> float:
        """Return the share caught of corrupted, or accepted of faithful sentences."""
        kinds = [kind for kind in self.cases if kind.startswith("faithful") == faithful]
        flagged = sum(self.flagged[kind] for kind in kinds)
        count = sum(self.cases[kind] for kind in kinds)
        return (count - flagged if faithful else flagged) / count

    def count(self, faithful: bool) -> int:
        """Return the number of faithful or of corrupted sentences."""
        return sum(n for kind, n in self.cases.items() if kind.startswith("faithful") == faithful)


def shared_labels(most: int) -> list[Label]:
    paths = [SHARED / "openfda" / "labels_100.json", SHARED / "spl"]
    return [label for path in paths for label in read_labels(path) if label.generic_names][:most]


def measure(found: Iterable[Case]) -> Figures:
    figures = Figures()
    for case in found:
        start = time.perf_counter()
        problem = problems(case.sentence, case.evidence, drugs=case.names)
        figures.seconds.append(time.perf_counter() - start)
        figures.cases[case.kind] += 1
        figures.flagged[case.kind] += bool(problem)
        if bool(problem) == case.kind.startswith("faithful"):
            figures.wrong.append((case, [f"{p.kind}: {p.found} | {p.expected[:90]}" for p in problem]))
    return figures


def run(per_kind: int, labels: int, kinds: str = "", seed: int = SEED) -> Figures:
    """Return the figures of a suite of at most `per_kind` sentences a kind from the first labels."""
    chance = random.Random(seed)
    found = sources(shared_labels(labels), chance)
    chosen = {kind: rewrite for kind, rewrite in {**FAITHFUL, **CORRUPTED}.items() if kinds in kind}
    return measure(cases(found, chosen, per_kind, chance))


def report(figures: Figures, show: int) -> None:
    for case, told in figures.wrong[:show]:
        print(f"[{case.kind}] {case.sentence}\n    evidence: {case.evidence[0][:900]}")
        for line in told:
            print(f"    {line}")
    for kind, count in figures.cases.items():
        flagged = figures.flagged[kind]
        right = count - flagged if kind.startswith("faithful") else flagged
        print(f"{kind:48s} {right:5d} of {count:5d}  {100 * right / count:6.2f} %")
    print(f"faithful accepted: {100 * figures.rate(True):.2f} % of {figures.count(True)}") if figures.count(
        True
    ) else None
    if figures.count(False):
        print(f"corrupted caught:  {100 * figures.rate(False):.2f} % of {figures.count(False)}")
    if not figures.seconds:
        print("no case of such a kind")
        return
    print(f"{1000 * sum(figures.seconds) / len(figures.seconds):.2f} ms a sentence")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--per-kind", type=int, default=250, help="most sentences of a kind")
    parser.add_argument("--labels", type=int, default=1000, help="labels that sentences are taken from")
    parser.add_argument("--show", type=int, default=0, help="wrong decisions to print")
    parser.add_argument("--kind", default="", help="only kinds that contain this")
    parser.add_argument("--seed", type=int, default=SEED, help="another draw of sentences and changes")
    arguments = parser.parse_args()
    report(run(arguments.per_kind, arguments.labels, arguments.kind, arguments.seed), arguments.show)


if __name__ == "__main__":
    main()
