"""The evidence for a question: ranked units of a label, each part of the question with its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean as mean
from typing import Protocol

import numpy as np

from drug_llm.answering.answer import Citation
from drug_llm.answering.asked_section import AskedSection, asked_section
from drug_llm.answering.demands import NO_DEMANDS, Demands, demands
from drug_llm.answering.for_whom import asks_to_take
from drug_llm.answering.intent import Intent, parts
from drug_llm.answering.label_index import Encoder, LabelIndex
from drug_llm.answering.ranking import Query, features, judge_weight, make_query, query_text, score
from drug_llm.answering.short_forms import in_full
from drug_llm.answering.support import talks_about_answer
from drug_llm.answering.units import Span, Unit

CANDIDATES = 24
"""Units kept for a part of a question, best first."""
JUDGED = (8, 5, 4)
"""Best units of each part that a tuned model judges, for one, two and three parts: what it can in half a second."""

LIKELY, ROUNDS = 1.0, 3
"""Log-odds from which a unit is likely to answer, and how many times more units are judged while none is."""

UNMET = 1.0
"""What a unit's score loses where it lacks what is demanded: a number, or the other medicine that is asked about."""


class Judge(Protocol):
    """A tuned model that tells whether a piece of a label answers a question."""

    @property
    def name(self) -> str:
        """Name of the model, which stands in the answer."""

    def judge(self, question: str, units: Sequence[Unit]) -> Sequence[float]:
        """Return the log-odds that each unit answers; the same question and units give the same values."""


@dataclass(frozen=True)
class Scored:
    """A unit and how well it answers a part of the question."""

    unit: Unit
    score: float
    covered: float
    """Share of the question's specific words, by their weight, that the unit holds in these or other words; 1 when the
    question has none."""
    marks: tuple[float, ...] = ()
    """Its marks, in the order of `ranking.FEATURES`."""
    odds: float | None = None
    """Log-odds that it answers the part or the question, the higher of the two, by a tuned model; None where none
    judged it."""


@dataclass(frozen=True)
class PartEvidence:
    """What was found for one part of a question."""

    intent: Intent
    found: tuple[Scored, ...]
    """Best first; none overlaps another."""
    nearest: float = 0.0
    """Cosine of the unit of the whole label that is closest to the question."""
    foreign: float = 0.0
    """Share of the question's specific words that the whole label does not hold, in these or other words."""
    demands: Demands = NO_DEMANDS
    """What a text has to hold to answer it."""
    is_broad: bool = False
    """Whether no word of it is specific: "what is it used for" asks for what a whole section is about."""
    has_words: bool = False
    """Whether one of its specific words is no number."""
    section: AskedSection | None = None
    """The section that it asks for, if the label has that; then nothing else is found."""

    @property
    def is_read_out(self) -> bool:
        """Whether what was found is a section from its beginning, not what fits best."""
        return self.section is not None and self.section.in_order

    @property
    def is_silent(self) -> bool:
        """Whether nothing was found, or the question is about a word that nothing found holds or is likely to mean."""
        is_unheard = self.intent.is_about_a_word and not any(
            scored.covered or (scored.odds is not None and scored.odds >= LIKELY) for scored in self.found
        )
        return not self.found or (is_unheard and self.section is None)


def find_evidence(
    question: str, index: LabelIndex, names: Sequence[str], encoder: Encoder, judge: Judge | None = None
) -> list[PartEvidence]:
    """Return the evidence for each part of a question; `names` are those of the drug, which every unit is about."""
    if not index.units:
        return []
    question = in_full(question, names)
    asked = parts(question, names)
    vectors = encoder.encode([query_text(part, names) for part in asked])
    found = [
        _demanding(
            _for_part(make_query(part, names, vector, index), index, asked_section(part.text, names)),
            demands(part.text, names),
        )
        for part, vector in zip(asked, vectors, strict=True)
    ]
    return _judged(question, found, judge) if judge else found


def _demanding(part: PartEvidence, asked: Demands) -> PartEvidence:
    """Return the evidence with the units that lack what is demanded further down."""
    if part.is_read_out:
        return part
    kept = part.found
    if "overdose" not in part.intent.subjects and asks_to_take(part.intent.text):
        # What someone survived is not what one may take.
        kept = tuple(scored for scored in kept if scored.unit.passage.name != "overdosage") or kept
    lowered = [
        replace(scored, score=scored.score - UNMET * (asked.is_unmet(text) + asked.unnamed([text])))
        for scored in kept
        for text in [scored.unit.text]
    ]
    return replace(part, found=tuple(sorted(lowered, key=lambda scored: -scored.score)), demands=asked)


def _judged(question: str, evidence: Sequence[PartEvidence], judge: Judge) -> list[PartEvidence]:
    """Return the evidence in the order of its scores and the model's judgement together; what is not judged is last.

    One part of several is judged both for itself and for the whole question: alone it may not say what it is about.
    """
    most = JUDGED[min(len(evidence), len(JUDGED)) - 1]
    known: dict[tuple[str, Unit], float] = {}

    def judged(asked: str, units: Sequence[Unit]) -> list[float]:
        """Return the odds of units; what two parts share is judged within the whole only once."""
        new = [unit for unit in units if (asked, unit) not in known]
        known.update(((asked, unit), odds) for unit, odds in zip(new, judge.judge(asked, new), strict=True))
        return [known[asked, unit] for unit in units]

    if len(evidence) == 1:
        return [_judged_part([question], evidence[0], most, judged)]
    return [_judged_part([part.intent.text, question], part, most, judged) for part in evidence]


def _judged_part(
    asked: Sequence[str], part: PartEvidence, most: int, judge: Callable[[str, Sequence[Unit]], list[float]]
) -> PartEvidence:
    """Return a part in the order of its scores and the mean of the odds that each wording of it gets.

    Where none of the first units is likely to answer, as many more are judged: the answer may be put in other words.
    A section that is read out needs no judge.
    """
    if part.is_read_out:
        return part
    odds: dict[Unit, tuple[float, ...]] = {}
    for start in range(0, ROUNDS * most, most):
        units = [scored.unit for scored in part.found[start : start + most]]
        odds |= zip(units, zip(*(judge(text, units) for text in asked), strict=True), strict=True)
        if max(map(mean, odds.values()), default=math.inf) >= LIKELY:
            break
    weight = judge_weight()
    judged = [
        replace(scored, score=scored.score + weight * mean(odds[scored.unit]), odds=max(odds[scored.unit]))
        for scored in part.found
        if scored.unit in odds
    ]
    judged.sort(key=lambda scored: -scored.score)
    return replace(part, found=(*judged, *(scored for scored in part.found if scored.unit not in odds)))


def _for_part(query: Query, index: LabelIndex, asked: AskedSection | None) -> PartEvidence:
    """Return the best units of a part, none of which tells a model or reader what to say: no label's own text does."""
    marks = features(query, index)
    scores = score(marks)
    covered = index.covered(query.specific) if query.specific else np.ones(len(index.units))
    found: list[Scored] = []
    texts: set[str] = set()
    rows: list[int] = np.argsort(-scores, kind="stable").tolist()
    chosen = asked.chosen(index.units) if asked else []
    if asked and not chosen and not asked.is_alone:
        asked = None
    if asked:
        wanted = set(chosen)
        rows = chosen if asked.in_order else [row for row in rows if row in wanted]
    for row in rows:
        unit = index.units[row]
        if unit.text in texts or any(overlap(unit, kept.unit) for kept in found) or talks_about_answer(unit.text):
            continue
        texts.add(unit.text)
        found.append(Scored(unit, float(scores[row]), float(covered[row]), tuple(marks[row].tolist())))
        if len(found) == CANDIDATES and not (asked and asked.in_order):
            break
    nearest = float((index.vectors @ query.vector).max())
    foreign = index.foreign(query.specific)
    return PartEvidence(
        query.intent,
        tuple(found),
        nearest,
        foreign,
        is_broad=not query.specific,
        has_words=any(word.isalpha() for meanings in query.specific for word in meanings),
        section=asked,
    )


def overlap(one: Unit, other: Unit) -> bool:
    """Return whether two units share text; two entries below one header do not."""
    if one.passage.section != other.passage.section or one.passage.set_id != other.passage.set_id:
        return False
    mine, theirs = one.spans[-1], other.spans[-1]
    return mine.start < theirs.end and theirs.start < mine.end


def citations(unit: Unit) -> list[Citation]:
    """Return the citations that prove a unit, one for each of its pieces."""
    return [cite(unit, span) for span in unit.spans]


def cite(unit: Unit, span: Span) -> Citation:
    """Return the citation of a piece of a section."""
    passage = unit.passage
    quote = passage.text[span.start : span.end]
    return Citation(passage.set_id, passage.version, passage.section, quote, span.start, span.end, passage.sha256)
