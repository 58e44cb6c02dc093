"""The verifier on cases written by hand: what may be said of a few lines of a label, and what may not."""

from __future__ import annotations

import pytest

from drug_llm.claims import is_supported, problems

DOSES = (
    "Adults: the recommended starting dose is 10 mg once daily by mouth. "
    "Children 6 years and older: the starting dose is 5 mg once daily, not to exceed 20 mg. "
    "In patients with severe renal impairment, give 2.5 mg once daily."
)
LIST = (
    "Examplol is contraindicated in:\n- cardiogenic shock\n- severe bradycardia\n- known hypersensitivity to examplol"
)
EFFECTS = "Examplol may cause hypotension and dizziness. Severe hepatotoxicity has been reported rarely."
TABLE = """Adverse reactions, examplol and placebo:
Nausea: Examplol = 12%; Placebo = 8%
Headache: Examplol = 7%; Placebo = 6%"""
INTERACTION = "Ketoconazole increases examplol exposure; rifampin decreases it. Avoid use with ketoconazole."
MILK = "It is not known whether examplol passes into human milk. Stop nursing or stop examplol."

STOP = "Stop examplol if your rash spreads. Patients should not use examplol if they take tizanidine."
REPEATED = "Dose reductions should be considered in patients with decreased food intake."
MANY = "Examplol is contraindicated in women with A-fib and in women with porphyria. Do not give more than 4 mg daily."
REPORTS = "Hypotension has been reported in patients taking both terazosin and doxazosin."

SUPPORTED = [
    ("The starting dose for adults is 10 mg once daily by mouth.", DOSES),
    ("In adults, the recommended starting dose is 10 mg orally once a day.", DOSES),
    ("Children 6 years and older start with 5 mg once daily.", DOSES),
    ("In children 6 years and older the dose should not exceed 20 mg.", DOSES),
    ("Patients with severe kidney impairment should be given 2.5 mg once a day.", DOSES),
    ("Examplol is contraindicated in cardiogenic shock.", LIST),
    ("Examplol is contraindicated in severe bradycardia and known hypersensitivity to examplol.", LIST),
    ("Examplol must not be used in people with severe bradycardia.", LIST),
    ("Examplol may cause low blood pressure.", EFFECTS),
    ("Severe liver injury has been reported rarely.", EFFECTS),
    ("Nausea occurred in 12% of those given examplol and in 8% of those given placebo.", TABLE),
    ("Headache occurred in 7% with examplol.", TABLE),
    ("Ketoconazole raises examplol exposure.", INTERACTION),
    ("Examplol should be avoided with ketoconazole.", INTERACTION),
    ("It is not known whether examplol passes into breast milk.", MILK),
    ("The passages do not say whether examplol is safe in children.", MILK),
    ("They say that it is not known whether examplol passes into human milk.", MILK),
    ("If your rash spreads, stop examplol.", STOP),
    ("In patients with decreased food intake, dose reductions should be considered.", REPEATED),
    ("Examplol is contraindicated in women with porphyria.", MANY),
    ("Hypotension has been reported in patients taking both terazosin and doxazosin.", REPORTS),
]
UNSUPPORTED = [
    ("The starting dose for adults is 100 mg once daily by mouth.", DOSES, "number"),
    ("The starting dose for adults is 10 mcg once daily by mouth.", DOSES, "unit"),
    ("The starting dose for adults is 10 mL once daily by mouth.", DOSES, "unit"),
    ("The starting dose for adults is 10 mg twice daily by mouth.", DOSES, "frequency"),
    ("The starting dose for adults is 10 mg once daily intravenously.", DOSES, "route"),
    ("The starting dose for adults is 5 mg once daily.", DOSES, "population"),
    ("Children 6 years and older start with 10 mg once daily.", DOSES, "population"),
    ("Children 6 years and younger start with 5 mg once daily.", DOSES, "number"),
    ("Pregnant women start with 10 mg once daily.", DOSES, "population"),
    ("Give 2.5 mg once daily.", DOSES, "population"),
    ("In patients with mild renal impairment, give 2.5 mg once daily.", DOSES, "severity"),
    ("In patients with severe hepatic impairment, give 2.5 mg once daily.", DOSES, "population"),
    ("Examplol is indicated in cardiogenic shock.", LIST, "term"),
    ("Examplol may be used in cardiogenic shock.", LIST, "polarity"),
    ("Examplol is not contraindicated in cardiogenic shock.", LIST, "polarity"),
    ("Examplol is contraindicated in asthma.", LIST, "term"),
    ("Examplol does not cause hypotension.", EFFECTS, "polarity"),
    ("Examplol may cause severe hypotension.", EFFECTS, "severity"),
    ("Examplol may cause hypotension and kidney failure.", EFFECTS, "term"),
    ("Warfarin may cause hypotension and dizziness.", EFFECTS, "drug"),
    ("Nausea occurred in 7% with examplol.", TABLE, "number"),
    ("Headache occurred in 12% with examplol.", TABLE, "number"),
    ("Ketoconazole decreases examplol exposure.", INTERACTION, "polarity"),
    ("Examplol should be used with ketoconazole.", INTERACTION, "polarity"),
    ("Examplol passes into human milk.", MILK, "polarity"),
    ("They say that examplol passes into human milk.", MILK, "polarity"),
    ("The passages do not say whether it is safe; the dose is 50 mg.", MILK, "number"),
    ("Stop examplol.", STOP, "condition"),
    ("Patients should not use examplol.", STOP, "condition"),
    ("Patients should use examplol if they take tizanidine.", STOP, "polarity"),
    ("Dose reductions should be considered.", REPEATED, "condition"),
    ("Examplol is contraindicated.", MANY, "population"),
    ("Examplol is contraindicated in women.", MANY, "population"),
    ("Do give more than 4 mg daily.", MANY, "number"),
    ("Hypotension has been reported.", REPORTS, "condition"),
]


@pytest.mark.parametrize(("sentence", "evidence"), SUPPORTED)
def test_faithful_sentence_is_supported(sentence: str, evidence: str) -> None:
    assert problems(sentence, [evidence], drugs=["examplol"]) == []


@pytest.mark.parametrize(("sentence", "evidence", "kind"), UNSUPPORTED)
def test_unsupported_sentence_is_told_with_its_kind(sentence: str, evidence: str, kind: str) -> None:
    found = problems(sentence, [evidence], drugs=["examplol"])
    assert kind in {problem.kind for problem in found}, found


def test_words_of_the_question_support_no_fact() -> None:
    question = "May my child of 4 years take examplol 50 mg with alcohol?"
    assert not is_supported("A child of 4 years may take 50 mg.", [DOSES], question=question, drugs=["examplol"])
    assert not is_supported("Examplol may be taken with alcohol.", [EFFECTS], question=question, drugs=["examplol"])


def test_names_of_the_drug_stand_for_each_other() -> None:
    told = "Brandex may cause hypotension and dizziness."
    assert is_supported(told, [EFFECTS], drugs=["examplol", "Brandex"])
    assert not is_supported(told, [EFFECTS], drugs=["examplol"])


def test_quotes_are_supported_whatever_they_say() -> None:
    for evidence in (DOSES, LIST, TABLE):
        assert is_supported(evidence, [evidence])
    assert is_supported("Examplol is contraindicated in: severe bradycardia", [LIST])
    assert not is_supported("Severe bradycardia is common with examplol.", [LIST], drugs=["examplol"])


def test_leaders_of_dots_do_not_move_the_numbers_behind_them() -> None:
    text = (
        "Sulphur 5%..............................Acne medication Salicylic acid 2%....................Acne medication"
    )
    assert not problems(text, [text])
    assert problems(text.replace("5%", "9%"), [text])
    assert problems(text.replace("5%", "x").replace("2%", "5%").replace("x", "2%"), [text])
