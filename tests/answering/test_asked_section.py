"""Questions that one section answers are answered from that section, from its beginning, and say if it goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drug_llm.answering.asked_section import asked_section
from drug_llm.answering.assistant import Assistant
from drug_llm.answering.reading_out import GOES_ON
from drug_llm.answering.units import units
from drug_llm.answering.verification import Checker
from drug_llm.labels.label import Label, Passage, Section
from drug_llm.labels.store import LabelStore
from drug_llm.models.sentence_encoder import load_sentence_encoder
from tests.answering.conftest import stored

ASKED = [
    ("who should not take veltrazine?", "contraindications"),
    ("Who shouldn't use Veltrazine tablets", "contraindications"),
    ("veltrazine contraindications", "contraindications"),
    ("Veltrazine: who must not take it", "contraindications"),
    ("in whom is veltrazine contraindicated?", "contraindications"),
    ("when can't I take veltrazine", "contraindications"),
    ("what are the inactive ingredients in veltrazine", "inactive_ingredient"),
    ("what strengths does veltrazine come in?", "dosage_forms_and_strengths"),
    ("how is veltrazine supplied", "dosage_forms_and_strengths"),
    ("How does Veltrazine work?", "mechanism_of_action"),
    ("veltrazine mechanism of action", "mechanism_of_action"),
    ("does veltrazine have a black box warning", "boxed_warning"),
    ("how do i take veltrazine", "how_to_take"),
    ("is veltrazine safe for the elderly?", "geriatric_use"),
    ("can children take veltrazine", "pediatric_use"),
    ("what are the symptoms of an overdose of veltrazine?", "overdosage"),
    ("half life of veltrazine", "pharmacokinetics"),
    ("which medicines interact with veltrazine?", "drug_interactions"),
    ("what interactions does veltrazine have with other drugs", "drug_interactions"),
    ("veltrazine foam: how should it be stored", "storage_and_handling"),
    ("what is veltrazine used for?", "indications_and_usage"),
    ("what is veltrazine for", "indications_and_usage"),
    ("Veltrazine uses", "indications_and_usage"),
    ("what does veltrazine treat", "indications_and_usage"),
    ("why is veltrazine prescribed", "indications_and_usage"),
    ("is there anyone who can't have veltrazine", "contraindications"),
    ("excipients of veltrazine vaginal gel", "inactive_ingredient"),
    ("what's in veltrazine?", "active_ingredient"),
    ("veltrazine moa", "mechanism_of_action"),
    ("what's the box warning on veltrazine about", "boxed_warning"),
    ("veltrazine dosage and administration", "how_to_take"),
    ("how is veltrazine given to patients", "how_to_take"),
    ("can people over 65 use veltrazine", "geriatric_use"),
    ("veltrazine use in older patients?", "geriatric_use"),
    ("veltrazine t1/2", "pharmacokinetics"),
    ("store veltrazine nasal spray", "storage_and_handling"),
    ("what is the usual dose of veltrazine?", "dosage_and_administration"),
    ("veltrazine dosage for adults", "dosage_and_administration"),
    ("how much veltrazine should I take per day", "dosage_and_administration"),
    ("what are the most common side effects of veltrazine", "adverse_reactions"),
    ("what should I not take with veltrazine", "contraindications"),
    ("what are all the drugs that must not be combined with veltrazine", "contraindications"),
    ("when should I stop using veltrazine and ask a doctor", "stop_use"),
]
ASKS_MORE = [
    "who should not take veltrazine with alcohol",
    "can I not take veltrazine today",
    "is lactose an inactive ingredient of veltrazine",
    "what strength of veltrazine should I start with",
    "how does veltrazine work with warfarin",
    "how should I take veltrazine with food",
    "how do I take veltrazine if I have kidney disease",
    "can children under 6 take veltrazine",
    "does the half-life of veltrazine change in renal failure",
    "what are the symptoms of veltrazine allergy",
    "does veltrazine interact with warfarin",
    "what is the maximum dose of veltrazine",
    "veltrazine dose for gout",
    "what is the dose of veltrazine for a child of 6",
    "missed dose of veltrazine",
    "what is veltrazine used for in children",
    "what can veltrazine be used with",
    "when should I stop veltrazine before surgery",
    "how long can veltrazine be stored after opening",
    "what does the boxed warning of veltrazine say about falls",
]


@pytest.mark.parametrize(("question", "section"), ASKED)
def test_question_for_a_whole_section_is_recognised(question: str, section: str) -> None:
    asked = asked_section(question, ["veltrazine"])
    assert asked is not None
    assert asked.places[0].section == section


@pytest.mark.parametrize("question", ASKS_MORE)
def test_question_for_something_in_particular_is_not(question: str) -> None:
    assert asked_section(question, ["veltrazine"]) is None


def passage(name: str, text: str) -> Passage:
    return Passage("set", 1, name, name, name.replace("_", " ").title(), text)


def told(question: str, *passages: Passage) -> list[str]:
    asked = asked_section(question, ["veltrazine"])
    assert asked is not None
    found = [unit for one in passages for unit in units(one)]
    return [found[row].text for row in asked.chosen(found)]


def test_list_is_read_as_a_whole_and_in_the_order_of_the_label() -> None:
    text = "Not to be given in:\n- liver failure\n- gout attacks\nStop it if either begins."
    assert told("veltrazine contraindications", passage("contraindications", text)) == [
        "Not to be given in: - liver failure - gout attacks",
        "Stop it if either begins.",
    ]


def test_half_life_of_the_healthy_stands_before_that_of_the_ill() -> None:
    text = (
        "In renal impairment the half-life is 19 hours. The half-life of veltrazine is 6 hours. It is bound to albumin."
    )
    assert told("veltrazine half-life", passage("pharmacokinetics", text)) == [
        "The half-life of veltrazine is 6 hours."
    ]
    assert told("veltrazine half-life", passage("pharmacokinetics", "In renal impairment the half-life is 19 hours."))


def test_reading_begins_where_what_is_asked_begins() -> None:
    text = "It is a white powder. Inactive ingredients: starch and talc. The shell also has gelatin."
    assert told("inactive ingredients of veltrazine", passage("description", text)) == [
        "Inactive ingredients: starch and talc.",
        "The shell also has gelatin.",
    ]


LABEL = Label(
    "set-of-veltrazine",
    1,
    "2026-01-02",
    ("veltrazine",),
    (
        Section("indications_and_usage", "Uses", "Veltrazine is used for the hiccups of sailors."),
        Section(
            "contraindications",
            "Contraindications",
            "\n".join(
                f"Veltrazine is not for sailors of rank {rank} who are seasick in a storm." for rank in range(40)
            ),
        ),
        Section("warnings_and_precautions", "Warnings", "A warning about boxes: veltrazine dissolves cardboard."),
    ),
)


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> LabelStore:
    return stored(tmp_path_factory.mktemp("veltrazine") / "labels.sqlite", [LABEL])


@pytest.fixture(scope="module")
def own(labels: LabelStore, tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return Assistant(labels, encoder=load_sentence_encoder(), vectors=tmp_path_factory.mktemp("vectors"))


def test_long_section_is_read_from_its_beginning_and_said_to_go_on(own: Assistant) -> None:
    answer = own.answer("Who should not take veltrazine?")
    texts = [sentence.text for sentence in answer.sentences]
    assert texts[0].startswith("Veltrazine is not for sailors of rank 0")
    assert texts[1].startswith("Veltrazine is not for sailors of rank 1")
    assert texts[-1] == GOES_ON
    assert {citation.section for citation in answer.citations} == {"contraindications"}


def test_label_without_a_boxed_warning_is_silent_on_it(own: Assistant) -> None:
    answer = own.answer("Does veltrazine have a boxed warning?")
    assert answer.reason == "not_in_label"
    assert not answer.citations


def test_note_that_a_section_goes_on_is_checked(own: Assistant, labels: LabelStore) -> None:
    checker = Checker(labels)
    begun, whole = own.answer("Who should not take veltrazine?"), own.answer("What is veltrazine used for?")
    assert not [*checker.failures(begun.to_json())]
    assert not [*checker.failures(whole.to_json())]
    claimed = replace(whole, sentences=(*whole.sentences, begun.sentences[-1]))
    assert [*checker.failures(claimed.to_json())] == ["sentence 1: does not stand where the program puts it"]
