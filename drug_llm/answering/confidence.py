"""How sure an answer is: a line over what is known of its evidence and wording, fitted on drugs never trained on."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any

from drug_llm.answering.evidence import PartEvidence
from drug_llm.answering.reader import Statement
from drug_llm.generation.wording import Wording

WEIGHTS_FILE = "confidence_weights.json"


@dataclass(frozen=True)
class Signs:
    """What the confidence of an answer is estimated from."""

    score: float
    """Ranking score of the best unit, of the part that has the lowest."""
    margin: float
    """How far the best unit stands above the fifth, of that part."""
    covered: float
    """Share of the question's specific words in one of the three best units, of the part that has the lowest."""
    uncovered: float = 0.0
    """Whether none of the question's specific words stands in any of the units found, of any part."""
    silence: float = 0.0
    """Log-odds with which the model would say that the passages do not say, cut to -8 and 8; 0 without a model."""
    certainty: float = 0.0
    """Mean log-probability of the model's tokens; 0 without a model."""
    unsupported: float = 0.0
    """Share of the model's sentences that nothing supports."""
    agrees: float = 0.0
    """Whether the model's first sentence rests on the unit that ranks first."""


def signs(evidence: Sequence[PartEvidence], wording: Wording | None, said: Sequence[Statement | None]) -> Signs:
    """Return what is known of an answer; `said` are the model's sentences, None where nothing supports one."""
    parts = [part.found for part in evidence if part.found]
    if not parts:
        return Signs(-9.0, 0.0, 0.0)
    weakest = min(parts, key=lambda found: found[0].score)
    score = weakest[0].score
    margin = score - weakest[min(4, len(weakest) - 1)].score
    covered = min(max(scored.covered for scored in found[:3]) for found in parts)
    uncovered = float(any(max(scored.covered for scored in found) == 0 for found in parts))
    if wording is None:
        return Signs(score, margin, covered, uncovered)
    chance = min(max(wording.silence, 1e-9), 1 - 1e-9)
    odds = min(8.0, max(-8.0, math.log(chance / (1 - chance))))
    first = next((statement for statement in said if statement), None)
    tops = [found[0].unit for found in parts]
    agrees = bool(first and any(unit.passage == top.passage and unit.spans[-1] == top.spans[-1]
                                for unit in first.units for top in tops))  # fmt: skip
    unsupported = sum(statement is None for statement in said) / len(said) if said else 1.0
    return Signs(score, margin, covered, uncovered, odds, wording.certainty, unsupported, float(agrees))


@cache
def _fitted() -> Mapping[str, Any]:
    text = resources.files("drug_llm.answering").joinpath(WEIGHTS_FILE).read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


def confidence(found: Signs, mode: str) -> float:
    """Return the estimated probability that an answer from this evidence states what was asked."""
    weights = _fitted()[mode]["weights"]
    value = weights["bias"] + sum(weights[name] * mark for name, mark in asdict(found).items() if name in weights)
    return 1 / (1 + math.exp(-value))


def threshold(mode: str) -> float:
    """Return the confidence below which nothing is answered."""
    return float(_fitted()[mode]["threshold"])
