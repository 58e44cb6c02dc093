"""In a conversation a question is about the medicine that it means, or it is asked back."""

from __future__ import annotations

import pytest

from drug_llm.answering.answer import Answer
from drug_llm.answering.assistant import Assistant
from drug_llm.answering.conversation import GO_ON, HELLO, WELCOME, Conversation


def told(assistant: Assistant, *questions: str) -> Answer:
    """Return the answer to the last question of a conversation."""
    conversation = Conversation(assistant)
    return [conversation.reply(question) for question in questions][-1]


def drugs(answer: Answer) -> list[str]:
    return sorted(entry["name"] for entry in answer.drugs)


PAIRS = [
    ("nitroglycerin", "can I have sildenafil while on it", "sildenafil"),
    ("warfarin", "is it ok to take ibuprofen with it?", "ibuprofen"),
    ("fluconazole", "can I take ibuprofen with it", "ibuprofen"),
    ("sertraline", "is it ok with tramadol?", "tramadol"),
    ("warfarin", "is it safe to take with ibuprofen?", "ibuprofen"),
    ("warfarin", "would amiodarone raise its level?", "amiodarone"),
    ("warfarin", "He gave me ibuprofen. Can I take it with this?", "ibuprofen"),
    ("warfarin", "and with acetaminophen?", "acetaminophen"),
    ("nitroglycerin", "with sildenafil?", "sildenafil"),
    ("nitroglycerin", "can I also take sildenafil?", "sildenafil"),
    ("nitroglycerin", "my doctor also gave me sildenafil", "sildenafil"),
    ("ibuprofen", "he also takes prednisone", "prednisone"),
    ("sertraline", "together with cyclobenzaprine?", "cyclobenzaprine"),
    ("warfarin", "can I take 400 mg ibuprofen?", "ibuprofen"),
    ("warfarin", "if I start amiodarone, what happens?", "amiodarone"),
]


@pytest.mark.parametrize(("first", "question", "second"), PAIRS)
def test_new_medicine_beside_the_one_under_discussion_is_asked_about_with_it(
    assistant: Assistant, first: str, question: str, second: str
) -> None:
    answer = told(assistant, f"what is {first} for", question)
    assert drugs(answer) == sorted([first, second])
    assert answer.question == question
    assert first in answer.text.lower()
    assert second in answer.text.lower()


ALONE = [
    "what are the side effects of ibuprofen?",
    "does ibuprofen need food or can I take it alone",
    "He gave me ibuprofen. What is it for?",
    "is ibuprofen safe in pregnancy",
    "how long does it take for ibuprofen to work",
    "is it ok to drink on ibuprofen",
    "does ibuprofen also cause a rash?",
    "can I take ibuprofen instead?",
    "and ibuprofen?",
]


@pytest.mark.parametrize("question", ALONE)
def test_another_topic_leaves_the_medicine_before_it_out(assistant: Assistant, question: str) -> None:
    assert drugs(told(assistant, "what is warfarin for", question)) == ["ibuprofen"]


def test_third_medicine_is_asked_about_with_both_before_it(assistant: Assistant) -> None:
    assert len(drugs(told(assistant, "warfarin with amiodarone", "can I add ibuprofen?"))) == 3
    assert len(drugs(told(assistant, "warfarin with amiodarone", "what about ibuprofen?"))) == 3


def test_what_about_another_repeats_the_question(assistant: Assistant) -> None:
    answer = told(assistant, "lisinopril side effects", "what about metoprolol?")
    assert drugs(answer) == ["metoprolol"]
    assert answer.citations[0].section == "adverse_reactions"
    repeated = told(assistant, "should I stop taking prednisone", "and metformin?")
    assert repeated.reason == "out_of_scope"
    assert told(assistant, "what does warfarin do", "how is it stored?", "and for metformin?").drugs[0]["name"] == (
        "metformin"
    )


UNKNOWN = [
    ("What about Benadryl in pregnancy?", "no_drug_found", "Benadryl"),
    ("what about Xyzal?", "no_drug_found", "Xyzal"),
    ("and percocet or Tamiflu", "no_drug_found", "Tamiflu"),
    ("dose of B12", "no_drug_found", "B12"),
    ("what about insulin in pregnancy?", "ambiguous_drug", "insulin"),
    ("statins while breastfeeding", "ambiguous_drug", "statins"),
    ("my other blood pressure pill, what is its dose?", "ambiguous_drug", "other"),
    ("the other one?", "ambiguous_drug", "other"),
    ("can I take both together?", "ambiguous_drug", "Which"),
]


@pytest.mark.parametrize(("question", "reason", "named"), UNKNOWN)
def test_nothing_is_said_of_another_medicine_than_the_one_asked_about(
    assistant: Assistant, question: str, reason: str, named: str
) -> None:
    answer = told(assistant, "what is lisinopril for", question)
    assert (answer.reason, answer.drugs) == (reason, ())
    assert named in answer.text


@pytest.mark.parametrize("question", [*(entry[0] for entry in UNKNOWN[:8]), "dose of clonodine?"])
def test_it_never_means_what_stood_before_a_name_that_was_not_understood(assistant: Assistant, question: str) -> None:
    answer = told(assistant, "what is lisinopril for", question, "is it safe in pregnancy?")
    assert answer.abstained
    assert answer.drugs == ()
    assert told(assistant, "what is lisinopril for", question, "yes").drugs == ()


@pytest.mark.parametrize("name", ["clonidine", "I mean clonidine", "no, clonidine please", "the first one"])
def test_name_alone_answers_what_was_asked_back(assistant: Assistant, name: str) -> None:
    answer = told(assistant, "what is hydralazine for", "dose of clonodine?", "yes", name)
    assert drugs(answer) == ["clonidine"]
    assert "dosage_and_administration" in [citation.section for citation in answer.citations]


def test_name_alone_answers_a_question_that_named_none(assistant: Assistant) -> None:
    assert drugs(told(assistant, "what are the side effects?", "lisinopril")) == ["lisinopril"]
    answer = told(assistant, "what is lisinopril for", "statins while breastfeeding", "atorvastatin")
    assert drugs(answer) == ["atorvastatin"]
    assert "lactation" in answer.citations[0].section or "breast" in answer.text.lower()


def test_both_medicines_of_a_pair_are_remembered(assistant: Assistant) -> None:
    first = "sertraline with tramadol"
    alcohol = told(assistant, first, "can I drink alcohol with them?")
    assert drugs(alcohol) == ["sertraline", "tramadol"]
    assert "Tramadol and alcohol: boxed warning" in alcohol.text
    assert drugs(told(assistant, first, "can I drink alcohol?")) == ["sertraline", "tramadol"]
    for question in ("dose of each", "can I take both together?", "do they interact?", "are they safe in pregnancy?"):
        assert drugs(told(assistant, first, question)) == ["sertraline", "tramadol"]


ONE_OF_TWO = [
    ("does the second one cause stomach bleeding?", "naproxen"),
    ("side effects of the first one", "ibuprofen"),
    ("the dose of the latter", "naproxen"),
    ("is the former safe in pregnancy?", "ibuprofen"),
]


@pytest.mark.parametrize(("question", "drug"), ONE_OF_TWO)
def test_one_of_two_is_the_one_that_is_meant(assistant: Assistant, question: str, drug: str) -> None:
    other = ({"ibuprofen", "naproxen"} - {drug}).pop()
    assert drugs(told(assistant, "ibuprofen with naproxen", question)) == [drug]
    assert drugs(told(assistant, "ibuprofen with naproxen", question, "is it safe in pregnancy?")) == [drug]
    assert drugs(told(assistant, "ibuprofen with naproxen", question, "and the other one?")) == [other]


def test_it_after_two_is_asked_back_and_answered_by_what_is_said_then(assistant: Assistant) -> None:
    before = ("sertraline with tramadol", "is it safe in pregnancy?")
    asked = told(assistant, *before)
    assert (asked.reason, asked.text) == (
        "ambiguous_drug",
        "Do you mean sertraline or tramadol? Ask again with the name.",
    )
    assert drugs(told(assistant, *before, "tramadol")) == ["tramadol"]
    assert drugs(told(assistant, *before, "the first one")) == ["sertraline"]
    assert drugs(told(assistant, *before, "both")) == ["sertraline", "tramadol"]


def test_medicines_of_two_questions_are_both_meant_by_together(assistant: Assistant) -> None:
    answer = told(assistant, "what is lisinopril for", "side effects of metoprolol", "can I take them together?")
    assert drugs(answer) == ["lisinopril", "metoprolol"]


def test_follow_up_that_names_nothing_stays_with_the_medicine(assistant: Assistant) -> None:
    for question in ("and in pregnancy?", "how is it stored", "what about alcohol", "I missed the last dose"):
        assert drugs(told(assistant, "what is lisinopril for", question)) == ["lisinopril"]
    assert drugs(told(assistant, "what is lisinopril for", "capital of Australia?", "its dose")) == ["lisinopril"]


@pytest.mark.parametrize(
    ("said", "reply"),
    [("thanks", WELCOME), ("Thank you so much!", WELCOME), ("ok", GO_ON), ("yes", GO_ON), ("hi", HELLO)],
)
def test_what_asks_nothing_gets_no_label_text(assistant: Assistant, said: str, reply: str) -> None:
    answer = told(assistant, "what is lisinopril for", said)
    assert (answer.text, answer.citations) == (reply, ())
    assert drugs(told(assistant, "what is lisinopril for", said, "how is it stored?")) == ["lisinopril"]


def test_danger_is_seen_before_anything_is_read_into_a_question(assistant: Assistant) -> None:
    for before in ("what is lisinopril for", "dose of clonodine?"):
        assert told(assistant, before, "I took 30 tablets of it").reason == "urgent"


def test_forgotten_conversation_means_nothing(assistant: Assistant) -> None:
    conversation = Conversation(assistant)
    conversation.reply("what is lisinopril for")
    conversation.forget()
    assert conversation.reply("how is it stored?").reason == "no_drug_found"


def test_assistant_takes_one_name_or_several(assistant: Assistant) -> None:
    assert drugs(assistant.answer("how is it stored?", drug="metformin")) == ["metformin"]
    pair = assistant.answer("can I drink alcohol with them?", drug=["sertraline", "tramadol"])
    assert drugs(pair) == ["sertraline", "tramadol"]
    assert assistant.answer("how is it stored?", drug=("sertraline", "tramadol")).reason == "ambiguous_drug"
    assert assistant.answer("how is it stored?", drug="Xyzal").reason == "no_drug_found"


def test_yes_is_enough_where_one_name_was_proposed(assistant: Assistant) -> None:
    before = ("what is lisinopril for", "dose of abelifn?")
    assert told(assistant, *before).reason == "ambiguous_drug"
    assert drugs(told(assistant, *before, "yes please")) == ["aripiprazole"]
    assert told(assistant, *before, "what is it for?").reason == "ambiguous_drug"
    assert told(assistant, *before, "no").citations == ()
