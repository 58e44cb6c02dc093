"""From evidence to the sentences of an answer: the label's own, or the model's where the label supports them."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from drug_llm.answering.confidence import confidence, nearby, threshold
from drug_llm.answering.evidence import PartEvidence, Scored
from drug_llm.answering.for_whom import asks_to_take
from drug_llm.answering.label_index import LabelIndex
from drug_llm.answering.reader import Reader, Statement, checked, windows
from drug_llm.answering.reading_out import GOES_ON, read_out, whole_lists
from drug_llm.answering.scope import DOSE_SECTIONS
from drug_llm.answering.units import Unit
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
PERSON_MARGIN = 3.0
"""How far below the best unit one may score that gives numbers for the person asked about and so comes first."""
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
    evidence = [_ordered(part) for part in evidence]
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
    evidence = [_ordered(part) for part in evidence]
    parts, confident = answered(evidence, given=given, sure=sure)
    if any(part.is_read_out for part in parts):
        return Composed(tuple(_quotes(parts, given=given)), confident, reader.name, _unanswered(evidence, parts))
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
    near = replace(part, found=tuple(scored for scored in part.found if not _is_misplaced(scored, part)))
    return tuple(_quotes([near])[:NEAREST]) if near.found else ()


def _ordered(part: PartEvidence) -> PartEvidence:
    """Return a part with what is about the person and the dose asked about first, and without what is about others.

    Where nothing is about this person the best unit stays, as its score and confidence are those of a near miss.
    """
    if not part.found or part.is_read_out:
        return part
    # Where a model judged some, the scores of the others cannot be compared with theirs.
    judged = [scored for scored in part.found if scored.odds is not None]
    kept = [scored for scored in judged or part.found if not _is_misplaced(scored, part)]
    first, asked = part.found[0], part.demands
    is_left_out = asked.person.is_left_out(first.unit.scoped)
    held = [scored for scored in kept if asked.person.is_meant(scored.unit.scoped)]
    if not kept or (is_left_out and not held):
        return replace(part, found=(first, *(scored for scored in kept if scored is not first)))
    if not asked.has_stage(first.unit.text) and (staged := _of_stage(part, kept)):
        kept = [scored for scored in kept if _line(scored) == _line(staged)]
        return _led(staged, first.score, part, kept)
    best = _narrowest(part, kept, -math.inf if is_left_out else first.score - PERSON_MARGIN)
    return _led(best or (held[0] if is_left_out else kept[0]), first.score, part, kept)


def _led(best: Scored, score: float, part: PartEvidence, kept: Sequence[Scored]) -> PartEvidence:
    """Return a part with one unit first, scored as the one that was."""
    others = [scored for scored in kept if scored is not best]
    return replace(part, found=(replace(best, score=max(best.score, score)), *others))


def _of_stage(part: PartEvidence, kept: Sequence[Scored]) -> Scored | None:
    """Return the unit that tells the highest, first or lasting dose asked for, in a line that fits the question best.

    A label gives such a dose for each of its uses, in a sentence that does not name the use: its line does.
    """
    least = part.found[0].score - PERSON_MARGIN
    doses = [s for s in kept if s.unit.passage.name in DOSE_SECTIONS and s.score >= least]
    lines = {_line(scored): scored.score for scored in reversed(part.found)}
    told = [scored for scored in doses if part.demands.has_stage(scored.unit.text)]
    return max(told, key=lambda scored: scored.score + lines[_line(scored)], default=None)


def _line(scored: Scored) -> tuple[str, str, int]:
    return scored.unit.passage.set_id, scored.unit.passage.section, scored.unit.place


def _narrowest(part: PartEvidence, kept: Sequence[Scored], least: float) -> Scored | None:
    """Return the unit on doses with the narrowest range of numbers that holds the person, where a dose is asked for.

    It speaks of as much of the question as the best of those that hold the person: a narrower range of another use is
    no better.
    """
    if not asks_to_take(part.intent.text):
        return None
    doses = [s for s in kept if s.unit.passage.name in DOSE_SECTIONS and s.score >= least]
    widths = [(width, scored) for scored in doses if (width := part.demands.person.width(scored.unit.scoped))]
    fitting = [entry for entry in widths if entry[1].covered >= widths[0][1].covered]
    return min(fitting, key=lambda entry: (entry[0], -entry[1].score))[1] if fitting else None


def _is_misplaced(scored: Scored, part: PartEvidence) -> bool:
    return part.demands.is_misplaced(scored.unit.scoped)


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
    statements: list[Statement] = []
    most = QUOTED[min(len(evidence), len(QUOTED)) - 1] if evidence else 0
    is_joined = len(evidence) == 1 and bool(_JOINED.search(evidence[0].intent.text))
    margin = GIVEN_MARGIN if given else JOINED_MARGIN if is_joined else MARGIN
    odds = GIVEN_ODDS if given else QUOTED_ODDS
    length = 0
    for part in evidence:
        told = {unit for statement in statements for unit in statement.units}
        if part.is_read_out:
            found, is_cut = read_out(part)
        else:
            fitting: list[Unit] = []
            for scored in _best(part, margin, odds)[:most]:
                # Each part has its best unit, whatever the others take.
                if not fitting or length + len(scored.unit.text) <= QUOTED_CHARACTERS:
                    fitting.append(scored.unit)
                    length += len(scored.unit.text)
            found, is_cut = whole_lists(fitting)
        new = [unit for unit in found if not any(other.holds(unit) for other in told)]
        statements += [Statement(unit.shown, (unit,)) for unit in new]
        statements += [Statement(GOES_ON, ())] if is_cut else []
    return statements


def _best(part: PartEvidence, margin: float, odds: float) -> list[Scored]:
    """Return the best unit and those that score not much less, a bonus given to what adjoins it in the label."""
    first, *others = part.found
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
