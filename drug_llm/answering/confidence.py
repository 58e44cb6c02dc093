"""How sure it is that evidence answers: a line over what is known of it, fitted on questions about real labels."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any

from drug_llm.answering.evidence import PartEvidence
from drug_llm.answering.for_whom import asks_to_take
from drug_llm.answering.ranking import FEATURES
from drug_llm.answering.scope import DOSE_SECTIONS
from drug_llm.answering.units import Unit

WEIGHTS_FILE = "confidence_weights.json"
TOP = 4
"""Units that are looked at: as many as an answer quotes."""
FITTING_SECTION = 0.5
"""How well a section must at least fit what is asked to be one for it."""
READ_OUT = 0.97
"""Confidence in a section that is read out: 64 of 66 such answers to `labels_plain.jsonl` state all key facts."""
_PARTICULAR = re.compile(
    r"\bhow (?:long|soon|fast|quick\w*)\b|\b(?:start|begin)(?:s|ning|ing)? (?:to )?work|\bonset\b|\blasts?\b"
    r"|\bgood for\b|\b(?:hour|week|month|year)ly\b|\bhappens\b"
)
"""What makes a question of everyday words one that not every text of its section answers."""
_ROUNDING = 1e-6
CONTEXT = 300
"""Characters before a unit in which another medicine may be named that the unit calls "it" or "both"."""


@dataclass(frozen=True)
class Signs:
    """What the confidence in the evidence for one part of a question is estimated from."""

    score: float
    """Ranking score of the best unit."""
    margin: float
    """How far it stands above the fifth."""
    covered: float
    """Share of the question's specific words in one of the best units."""
    foreign: float
    """Share of the question's specific words that the label does not hold at all, in these or other words."""
    nearest: float
    """Cosine of the unit of the whole label that is closest to the question."""
    cosine: float
    """Cosine of the best unit."""
    section_cosine: float
    """Highest cosine within the section of the best unit."""
    section_fits: float
    """How well the section of the best unit fits what is asked."""
    group_fits: float
    """Whether the best unit is about the group of people asked about; 0 where none is."""
    group_other: float
    """Whether it is about another group only."""
    number_wanted: float
    """Whether a number is asked for and the best unit has one."""
    number_missing: float
    """Whether one is asked for and it has none."""
    group_missing: float
    """Whether a group is asked about and the best unit is not about it."""
    unmet: float
    """Whether the best unit lacks the number, the time or the missed dose that is asked about."""
    others: float
    """Whether other medicines are asked about."""
    unnamed: float
    """Share of these that the best unit does not name, nor the likeliest, nor the text just before them."""
    odds: float
    """Highest log-odds that a unit answers, by a tuned judge; 0 without one."""
    best_odds: float
    """Those of the best unit."""
    second_odds: float
    """The second highest of them."""
    lowest_odds: float
    """The lowest: a label that speaks of nothing near has none that is middling."""
    likely: float
    """How many units are likelier to answer than not."""


def signs(part: PartEvidence) -> Signs:
    """Return what is known of the evidence for a part, which must not be empty."""
    best, fifth = part.found[0], part.found[min(4, len(part.found) - 1)]
    marks = dict(zip(FEATURES, best.marks, strict=True))
    likeliest = max(part.found, key=lambda scored: -math.inf if scored.odds is None else scored.odds)
    odds = sorted((scored.odds for scored in part.found if scored.odds is not None), reverse=True) or [0.0]
    return Signs(
        score=best.score,
        margin=best.score - fifth.score,
        covered=max(scored.covered for scored in part.found[:TOP]),
        foreign=part.foreign,
        nearest=part.nearest,
        cosine=marks["cosine"],
        section_cosine=marks["cosine_section"],
        section_fits=marks["section_fits"],
        group_fits=marks["population_fits"],
        group_other=marks["population_other"],
        number_wanted=marks["number_wanted"],
        number_missing=marks["number_missing"],
        group_missing=marks["population_missing"],
        unmet=float(part.demands.is_unmet(best.unit.text)),
        others=float(bool(part.demands.others)),
        unnamed=part.demands.unnamed([_in_context(best.unit), _in_context(likeliest.unit)]),
        odds=odds[0],
        best_odds=best.odds or 0.0,
        second_odds=odds[min(1, len(odds) - 1)],
        lowest_odds=odds[-1],
        likely=float(sum(value > 0 for value in odds)),
    )


def _in_context(unit: Unit) -> str:
    """Return the text of a unit behind what stands just before it."""
    start = unit.spans[-1].start
    return f"{unit.passage.text[max(0, start - CONTEXT) : start]} {unit.text}"


@cache
def _fitted(kind: str) -> Mapping[str, Any]:
    text = resources.files("drug_llm.answering").joinpath(WEIGHTS_FILE).read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)[kind]
    return content


def kind_of(part: PartEvidence) -> str:
    """Return which line holds for a part: `judged` by a tuned model, or `ranked` by the marks of its units alone."""
    return "judged" if part.found and part.found[0].odds is not None else "ranked"


def confidence(part: PartEvidence) -> float:
    """Return the estimated probability that the best units of a part state what it asks; 0 where it is silent."""
    if part.is_silent:
        return 0.0
    if part.is_read_out:
        return READ_OUT
    weights, found = _fitted(kind_of(part))["weights"], asdict(signs(part))
    value = weights["bias"] + sum(weight * found[name] for name, weight in weights.items() if name != "bias")
    return float(1 / (1 + math.exp(-value)))


def threshold(part: PartEvidence) -> float:
    """Return the confidence below which a part is not answered (`benchmarks/fit_confidence.py`).

    It is low for a plain part: labels are hardly ever silent on these.
    """
    return nearby(part) if _is_plain(part) else float(_fitted(kind_of(part))["threshold"])


def _is_plain(part: PartEvidence) -> bool:
    """Return whether the best unit has all that is asked and is of a section for it.

    "What is it used for" asks for what a whole section is about, "does it cause cough" whether a word stands in one,
    and the dose of somebody of nine stands where a range of numbers holds nine.
    """
    if part.section is not None:
        return True
    best = part.found[0]
    if part.demands.is_unmet(best.unit.text):
        return False
    # The label has the words of the question, and this dose none of them: it is for another use.
    is_elsewhere = part.has_words and not (best.covered or part.foreign)
    is_dose = best.unit.passage.name in DOSE_SECTIONS and asks_to_take(part.intent.text)
    if is_dose and not is_elsewhere and part.demands.person.width(best.unit.scoped) is not None:
        return True
    is_simple = (part.is_broad and not _PARTICULAR.search(part.intent.text.lower())) or part.intent.is_about_a_word
    holds_all = best.covered >= 1 - _ROUNDING
    return is_simple and holds_all and best.marks[FEATURES.index("section_fits")] >= FITTING_SECTION


def nearby(part: PartEvidence) -> float:
    """Return the confidence below which what was found is too far from the question to be shown at all."""
    return float(_fitted(kind_of(part))["nearby"])
