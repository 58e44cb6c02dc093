"""From evidence to the sentences of an answer: the label's own, or the model's where the label supports them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from drug_llm.answering.confidence import confidence, nearby, threshold
from drug_llm.answering.evidence import PartEvidence, Scored
from drug_llm.answering.label_index import LabelIndex
from drug_llm.answering.reader import Reader, Statement, checked, windows
from drug_llm.generation.wording import Wording
from drug_llm.prompts import SILENCE

QUOTED = (4, 3, 2)
"""Most units quoted for each part, for one, two and three parts."""
QUOTED_CHARACTERS = 1000
MARGIN = 1.4
"""How far below the best unit of a label another may score to be quoted with it."""
GIVEN_MARGIN = 0.7
"""The same where passages came with the question: they are about it already, so less has to be shown."""
JOINED_MARGIN = 3.0
"""The same where one part asks for two things ("dose and maximum"): the second stands further down."""
QUOTED_ODDS = -2.5
"""Log-odds, by a tuned judge, from which a unit is quoted with the best one however it scores."""
GIVEN_ODDS = -1.0
"""The same where passages came with the question."""
NEIGHBOUR_BONUS = 1.0
"""What a unit gains that stands just before or behind the best one: an answer often takes two sentences."""
NEAREST = 2
"""Most units shown of a part that is not answered: what the label says nearest to it."""
_JOINED = re.compile(r"\band\b|[&/,]")
_GAP = 4
"""Characters between neighbours: a space, or a line break with the mark of a list entry."""


@dataclass(frozen=True)
class Unanswered:
    """A part of a question for which nothing is sure enough to be given as its answer."""

    number: int
    """Which part, counted from 1."""
    nearest: tuple[Statement, ...] = ()
    """What the label says nearest to it; nothing where that is far from it."""


@dataclass(frozen=True)
class Composed:
    """The sentences of an answer."""

    statements: tuple[Statement, ...]
    """Nothing where the label does not say what was asked."""
    confidence: float
    """Of the part answered that is least sure; of the surest part where none is answered."""
    model: str
    """Model that worded them, or `quote`."""
    unanswered: tuple[Unanswered, ...] = ()
    """Parts of the question that are not answered."""


def answered(
    evidence: Sequence[PartEvidence], *, given: bool = False, sure: float | None = None
) -> tuple[list[PartEvidence], float]:
    """Return the parts whose evidence is sure enough, and the confidence in the answer.

    `given` says that the evidence came with the question, so that it is about it already: then only what is silent is
    left out. `sure` is a confidence, 0 to 1, to use instead of the fitted threshold.
    """
    known = [confidence(part) for part in evidence]
    kept = [
        (part, value)
        for part, value in zip(evidence, known, strict=True)
        if not part.is_silent and (given or value >= (threshold(part) if sure is None else sure))
    ]
    return [part for part, _ in kept], min((value for _, value in kept), default=max(known, default=0.0))


def quote(evidence: Sequence[PartEvidence], *, given: bool = False, sure: float | None = None) -> Composed:
    """Return the label's own sentences: of each part the best unit, and others that score not much less."""
    parts, confident = answered(evidence, given=given, sure=sure)
    statements = tuple(_quotes(parts, given=given))
    return Composed(statements, confident, "quote", _unanswered(evidence, parts))


def word(
    question: str,
    evidence: Sequence[PartEvidence],
    index: LabelIndex,
    reader: Reader,
    names: Collection[str],
    *,
    given: bool = False,
    sure: float | None = None,
) -> Composed:
    """Return the model's sentences where the label supports them, and the label's own where it does not."""
    parts, confident = answered(evidence, given=given, sure=sure)
    read = windows(parts, index)
    if not read:
        return Composed((), confident, reader.name, _unanswered(evidence, parts))
    wording = reader.read(question, [window.passage() for window in read])
    said = checked(wording, read, names)
    statements = tuple(_repaired(parts, wording, said, given))
    return Composed(statements, confident, reader.name, _unanswered(evidence, parts))


def _unanswered(evidence: Sequence[PartEvidence], parts: Sequence[PartEvidence]) -> tuple[Unanswered, ...]:
    return tuple(
        Unanswered(number, _nearest(part)) for number, part in enumerate(evidence, start=1) if part not in parts
    )


def _nearest(part: PartEvidence) -> tuple[Statement, ...]:
    if part.is_silent or confidence(part) < nearby(part):
        return ()
    return tuple(_quotes([part])[:NEAREST])


def _repaired(
    evidence: Sequence[PartEvidence], wording: Wording, said: Sequence[Statement | None], given: bool
) -> list[Statement]:
    """Return the model's sentences, or the quotes where one of them fails or a part of the question is left out."""
    good = [statement for statement in said if statement]
    if wording.text.startswith(SILENCE) or not good or said[0] is None:
        return _quotes(evidence, given=given)
    missing = [part for part in evidence if not _answers(good, part, alone=len(evidence) == 1)]
    if len(missing) == len(evidence):
        return _quotes(evidence, given=given)
    return good + [statement for statement in _quotes(missing, given=given) if not _told(statement, good)]


def _answers(statements: Sequence[Statement], part: PartEvidence, *, alone: bool) -> bool:
    """Return whether sentences rest on what answers a part: on what a judge finds likeliest, or on one of the best."""
    judged = [scored for scored in part.found if scored.odds is not None]
    if not judged and alone:
        return True
    likeliest = [max(judged, key=lambda scored: scored.odds or 0.0)] if judged else []
    best = [scored.unit for scored in (*likeliest, *part.found[: 1 if judged else 3])]
    return any(unit in best for statement in statements for unit in statement.units)


def _told(statement: Statement, others: Sequence[Statement]) -> bool:
    return any(set(statement.units) <= set(other.units) for other in others)


def _quotes(evidence: Sequence[PartEvidence], *, given: bool = False) -> list[Statement]:
    chosen: list[Scored] = []
    most = QUOTED[min(len(evidence), len(QUOTED)) - 1] if evidence else 0
    is_joined = len(evidence) == 1 and bool(_JOINED.search(evidence[0].intent.text))
    margin = GIVEN_MARGIN if given else JOINED_MARGIN if is_joined else MARGIN
    odds = GIVEN_ODDS if given else QUOTED_ODDS
    for part in evidence:
        best = _best(part, margin, odds)[:most]
        chosen += [scored for scored in best if all(scored.unit != kept.unit for kept in chosen)]
    statements: list[Statement] = []
    for scored in chosen:
        length = sum(len(statement.text) for statement in statements)
        if statements and length + len(scored.unit.text) > QUOTED_CHARACTERS:
            continue
        statements.append(Statement(scored.unit.shown, (scored.unit,)))
    return statements


def _best(part: PartEvidence, margin: float, odds: float) -> list[Scored]:
    """Return the best unit and those that score not much less, a bonus given to what adjoins it in the label.

    What is about people of another age or kidney function than the one asked about is not put beside it, nor first
    where something speaks of this one.
    """
    first, *others = part.found
    person = part.demands.person
    if person.is_left_out(first.unit.text):
        first = next((scored for scored in others if person.is_meant(scored.unit.text)), first)
    others = [scored for scored in others if scored is not first]
    others = [scored for scored in others if not person.is_left_out(scored.unit.text)]
    weighed = [(scored.score + NEIGHBOUR_BONUS * _adjoin(first, scored), scored) for scored in others]
    if first.odds is not None:
        weighed = [(value, scored) for value, scored in weighed if scored.odds is not None]
    near = [(value, scored) for value, scored in weighed if value >= first.score - margin or _is_likely(scored, odds)]
    return [first, *(scored for _, scored in sorted(near, key=lambda entry: -entry[0]))]


def _is_likely(scored: Scored, odds: float) -> bool:
    return scored.odds is not None and scored.odds >= odds


def _adjoin(one: Scored, other: Scored) -> bool:
    mine, theirs = one.unit.spans[-1], other.unit.spans[-1]
    gap = max(mine.start, theirs.start) - min(mine.end, theirs.end)
    return one.unit.passage == other.unit.passage and 0 <= gap <= _GAP
