"""How sure an answer is, and what is left out where it is not."""

from __future__ import annotations

from dataclasses import replace

from drug_llm.answering.composing import NEAREST, answered, quote
from drug_llm.answering.confidence import confidence, nearby, threshold
from drug_llm.answering.demands import demands
from drug_llm.answering.evidence import PartEvidence, Scored
from drug_llm.answering.intent import intent
from drug_llm.answering.ranking import FEATURES
from drug_llm.answering.units import units
from drug_llm.labels.label import Passage

TEXT = "Swallow the tablets whole. Store below 25 degrees. Shake before use."


def part(cosine: float, *, covered: float = 1.0) -> PartEvidence:
    marks = tuple(cosine if name.startswith("cosine") else 0.5 for name in FEATURES)
    found = units(Passage("a", 1, "s", "storage_and_handling", "Storage", TEXT))
    scored = tuple(Scored(unit, 3.0 - n, covered, marks) for n, unit in enumerate(found))
    return PartEvidence(intent("how do I store it"), scored, nearest=cosine)


def judged(cosine: float, *, odds: float) -> PartEvidence:
    plain = part(cosine)
    return replace(plain, found=tuple(replace(scored, odds=odds - n) for n, scored in enumerate(plain.found)))


def test_what_a_judge_finds_likely_is_surer() -> None:
    assert confidence(judged(0.5, odds=4.0)) > confidence(judged(0.5, odds=-4.0))
    assert answered([judged(0.6, odds=6.0)])[0]
    assert not answered([judged(0.6, odds=-6.0)])[0]


def test_only_what_was_judged_is_quoted_beside_the_best() -> None:
    known = judged(0.6, odds=6.0)
    first, second, third = known.found
    kept = replace(known, found=(first, second, replace(third, odds=None)))
    assert [statement.units[0] for statement in quote([kept]).statements] == [first.unit, second.unit]


def test_evidence_close_to_the_question_is_surer() -> None:
    assert confidence(part(0.8)) > confidence(part(0.2))
    assert confidence(part(0.5, covered=1.0)) > confidence(part(0.5, covered=0.0))


def test_silent_part_has_no_confidence() -> None:
    assert confidence(replace(part(0.9), found=())) == 0.0


def test_levels_are_probabilities() -> None:
    for found in (part(0.5), judged(0.5, odds=1.0)):
        assert 0 < nearby(found) < threshold(found) < 1


def test_part_that_a_fitting_section_has_all_of_need_not_be_as_sure() -> None:
    found = part(0.5)
    assert nearby(found) <= confidence(found) < threshold(found)
    assert not quote([found]).statements
    assert quote([replace(found, is_broad=True)]).statements
    lacking = replace(found, is_broad=True, demands=demands("how many weeks can I keep it", ()))
    assert not quote([lacking]).statements


def test_part_that_is_not_sure_enough_is_left_out_and_counted() -> None:
    composed = quote([part(0.9), part(0.0, covered=0.0)])
    assert composed.statements
    assert [part.number for part in composed.unanswered] == [2]


def test_nothing_is_said_where_no_part_is_sure_enough() -> None:
    composed = quote([part(0.0, covered=0.0)])
    assert composed.statements == ()
    assert composed.unanswered[0].nearest == ()
    assert composed.confidence < nearby(part(0.0))


def test_what_is_near_but_not_sure_is_kept_apart_from_the_answer() -> None:
    composed = quote([part(0.9), part(0.5)])
    assert composed.statements
    (unsure,) = composed.unanswered
    assert unsure.number == 2
    assert 0 < len(unsure.nearest) <= NEAREST
    assert not set(unsure.nearest) - set(quote([part(0.5)], sure=0.0).statements)


def test_dose_of_another_age_is_not_put_beside_that_asked_for() -> None:
    text = "Children 6 to 11 years: take 5 mL twice daily. Adults: take 10 mL twice daily. Shake before use."
    found = tuple(
        Scored(unit, 3.0 - n / 10, 1.0, (1.0,) * len(FEATURES))
        for n, unit in enumerate(units(Passage("a", 1, "s", "dosage_and_administration", "Dosage", text)))
    )
    question = "How much for a nine-year-old?"
    child = PartEvidence(intent(question), found, nearest=0.9, demands=demands(question, ()))
    told = " ".join(statement.text for statement in quote([child], sure=0.0).statements)
    assert "5 mL" in told
    assert "Shake" in told
    assert "10 mL" not in told


def test_how_sure_is_sure_can_be_told() -> None:
    assert quote([part(0.5)], sure=0.0).statements
    assert not quote([part(0.9)], sure=1.0).statements


def test_passages_that_came_with_the_question_are_quoted_however_sure() -> None:
    parts, _ = answered([part(0.0, covered=0.0)], given=True)
    assert len(parts) == 1
