"""What a text has to hold to answer a question."""

from __future__ import annotations

import pytest

from drug_llm.answering.confidence import confidence
from drug_llm.answering.demands import demands
from drug_llm.answering.evidence import find_evidence
from drug_llm.answering.label_index import index_passages
from drug_llm.labels.label import Passage
from drug_llm.models.sentence_encoder import load_sentence_encoder


@pytest.mark.parametrize(
    ("question", "text", "unmet"),
    [
        ("What percentage is bound to proteins?", "It is highly bound to plasma proteins.", True),
        ("What percentage is bound to proteins?", "About half is bound to plasma proteins.", False),
        ("What percentage is bound to proteins?", "Plasma protein binding is 93%.", False),
        ("For how many weeks may I use the cream?", "Use no more than 50 g per week.", True),
        ("For how many weeks may I use the cream?", "Use it for two consecutive weeks at most.", False),
        ("How many hours until it peaks?", "Levels peak between two (2) and four (4) hours after a dose.", False),
        ("How long does it take to work?", "Pain eases rapidly.", False),
        ("How long does it take to work?", "It is swallowed whole.", True),
        ("How many tablets a day?", "Take the tablets with food.", True),
        ("How many tablets a day?", "Take one tablet every 6 hours.", False),
        ("I forgot my morning pill, what now?", "Take it with breakfast.", True),
        ("I forgot my morning pill, what now?", "Take a missed dose when you remember it.", False),
        ("Is it bound to proteins?", "It is highly bound to plasma proteins.", False),
        ("By what mechanism does it raise tolerance?", "It lowers the heart's need for oxygen.", False),
    ],
)
def test_number_and_time_that_are_asked_for_have_to_be_there(question: str, text: str, unmet: bool) -> None:
    assert demands(question, ["quixadol"]).is_unmet(text) is unmet


@pytest.mark.parametrize(
    ("question", "text", "unmet"),
    [
        ("What is the maximum dose?", "The usual initial dose is 40 mg once daily.", True),
        ("What is the maximum dose?", "Doses up to 240 mg may be needed.", False),
        ("What is the highest daily dose?", "Do not exceed 4 tablets in 24 hours.", False),
        ("What's the most tablets in one day?", "Take no more than 4 tablets.", False),
        ("What is the highest rate of rash?", "Rash occurred in 4%.", False),
        ("What is the starting dose?", "The maintenance dose is 80 mg.", True),
        ("What is the starting dose?", "Begin with 40 mg.", False),
        ("What is the maintenance dose?", "The usual initial dose is 40 mg.", True),
        ("What is the maintenance dose?", "The maintenance dose is 80 mg.", False),
        ("Starting and maximum dose?", "Up to 80 mg may be needed.", False),
    ],
)
def test_highest_first_and_lasting_dose_are_not_taken_for_each_other(question: str, text: str, unmet: bool) -> None:
    assert demands(question, ["quixadol"]).is_unmet(text) is unmet


@pytest.mark.parametrize(
    ("question", "misplaced"),
    [
        ("What is the dose for a 4 year old?", True),
        ("Can I take it daily?", True),
        ("Is it safe in pregnancy?", False),
        ("Does it cause cancer?", False),
        ("Does it lower fertility?", False),
        ("What happened to the rats?", False),
    ],
)
def test_what_was_found_in_animals_answers_no_question_about_people(question: str, misplaced: bool) -> None:
    asked = demands(question, ["quixadol"])
    for text in ("Juvenile rats received 4 or 10 mg/kg/day.", "This is 3 times the maximum human dose."):
        assert asked.is_misplaced(text) is asked.is_unmet(text) is misplaced


@pytest.mark.parametrize(
    ("question", "text", "unmet"),
    [
        ("Can I use hair dye with Quixadol?", "Some people have changes in hair color.", True),
        ("Can I use hair dye with Quixadol?", "Do not use hair dyes on the same day.", False),
        ("May I wear a tampon while using it?", "Do not use tampons.", False),
        ("May I wear a tampon while using it?", "Insert one applicatorful at bedtime.", True),
        ("Can I drink grapefruit juice with Quixadol?", "Avoid grapefruit.", False),
        ("Can I take Quixadol with high blood pressure?", "Ask a doctor if you have hypertension.", False),
    ],
)
def test_thing_used_beside_the_drug_has_to_be_named_itself(question: str, text: str, unmet: bool) -> None:
    assert demands(question, ["quixadol"]).is_unmet(text) is unmet


@pytest.mark.parametrize(
    ("question", "text", "unnamed"),
    [
        ("Can I take it with doxycycline?", "Aspirin raises the risk of bleeding.", 1.0),
        ("Can I take it with doxycycline?", "Doxycycline lowers its level.", 0.0),
        ("Can I take it with ibuprofen?", "NSAIDs raise the risk of bleeding.", 0.0),
        ("Can I take it with NSAIDs?", "Ibuprofen raises the risk of bleeding.", 0.0),
        ("Can I take it with ibuprofen and doxycycline?", "NSAIDs raise the risk of bleeding.", 0.5),
        ("Can I take it with food?", "NSAIDs raise the risk of bleeding.", 0.0),
    ],
)
def test_other_medicine_has_to_be_named_itself_or_by_its_class(question: str, text: str, unnamed: float) -> None:
    assert demands(question, ["quixadol"]).unnamed([text]) == unnamed


def test_the_drug_itself_and_its_class_are_no_other_medicine() -> None:
    names = ["Sertraline hydrochloride", "Zoloft"]
    assert not demands("Is Zoloft an SSRI like other SSRIs?", names).others
    assert not demands("How is sertraline taken?", names).others


def test_evidence_that_lacks_the_number_asked_for_ranks_lower_and_is_less_sure() -> None:
    encoder = load_sentence_encoder()

    def found(text: str) -> list[str]:
        passages = [Passage("a", 1, "s", "clinical_pharmacology", "Clinical pharmacology", text)]
        evidence = find_evidence(
            "What percentage of quixadol is bound to plasma proteins?",
            index_passages(passages, encoder),
            ["quixadol"],
            encoder,
        )
        sure.append(confidence(evidence[0]))
        return [scored.unit.text for scored in evidence[0].found]

    sure: list[float] = []
    vague, exact = "Quixadol is highly bound to plasma proteins.", "Plasma protein binding is 93 percent."
    assert found(f"{vague} {exact}")[0] == exact
    found(vague)
    assert sure[0] > sure[1] + 0.2
