"""Which evidence comes first in an answer, and what is shown where none is sure enough."""

from __future__ import annotations

import pytest

from drug_llm.answering.composing import Composed, quote
from drug_llm.answering.demands import demands
from drug_llm.answering.evidence import PartEvidence, Scored
from drug_llm.answering.intent import intent
from drug_llm.answering.ranking import FEATURES
from drug_llm.answering.units import units
from drug_llm.labels.label import Passage

MARKS = tuple(0.6 if name == "cosine" else 1.0 for name in FEATURES)


def part(question: str, section: str, lines: str) -> PartEvidence:
    """Return a part whose found units are the sentences of a section, each scored a little lower than that before."""
    found = [
        Scored(unit, 6.0 - 0.9 * place, 1.0, MARKS)
        for place, unit in enumerate(units(Passage("a", 1, section, section, section, lines)))
    ]
    return PartEvidence(intent(question), tuple(found), nearest=0.9, demands=demands(question, ["quixadol"]))


def answer(question: str, lines: str, *, section: str = "dosage_and_administration", sure: float = 0.0) -> Composed:
    return quote([part(question, section, lines)], sure=sure)


def texts(composed: Composed) -> list[str]:
    return [statement.text for statement in composed.statements]


@pytest.mark.parametrize("question", ["Can my 10 year old take it?", "How much for my 10 year old?"])
def test_what_holds_the_person_comes_before_what_is_about_others(question: str) -> None:
    found = texts(answer(question, "Adults and children 12 years and older: 1 bottle.\nChildren under 12: Do not use."))
    assert found == ["Children under 12: Do not use."]


def test_narrowest_numbers_that_hold_the_person_come_first() -> None:
    lines = (
        "Squirt it into the child's cheek and repeat every 4 hours.\nChildren under 12 years: ask a doctor.\n"
        "Children 2 to 3 years: 5 mL."
    )
    assert texts(answer("How much for my 3 year old?", lines))[0] == "Children 2 to 3 years: 5 mL."
    assert texts(answer("How much?", lines))[0].startswith("Squirt")
    assert texts(answer("Does it make a 3 year old sleepy?", lines))[0].startswith("Squirt")


def test_highest_dose_is_that_of_the_line_that_fits_what_is_asked() -> None:
    lines = (
        "In gout raise it by 40 mg a week. Up to 240 mg may be needed.\n"
        "In mumps raise it by 20 mg a day. Up to 160 mg may be needed."
    )
    found = texts(answer("What is the maximum dose in gout?", lines))
    assert found == ["Up to 240 mg may be needed.", "In gout raise it by 40 mg a week."]


def test_nearest_text_is_not_about_others_or_animals() -> None:
    lines = (
        "Juvenile rats received 4 or 10 mg/kg.\nChildren weighing 40 kg and higher: 200 mg.\n"
        "Children weighing less than 40 kg: 5 mg/kg."
    )
    composed = answer("What is the dose for a child who weighs 20 kg?", lines, section="pediatric_use", sure=1.1)
    assert [statement.text for statement in composed.unanswered[0].nearest] == [
        "Children weighing less than 40 kg: 5 mg/kg."
    ]


def test_nothing_near_is_shown_where_all_is_about_others() -> None:
    composed = answer("What is the dose for a 4 year old?", "Children 6 to 12 years: 5 mL.", sure=1.1)
    assert not composed.statements
    assert not composed.unanswered[0].nearest


def test_quote_stands_below_the_title_that_begins_it() -> None:
    found = texts(answer("Can it be taken before surgery?", "- right before surgery", section="do_not_use"))
    assert found == ["do_not_use: - right before surgery"]
