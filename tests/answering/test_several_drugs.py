"""Questions that name several things are answered for all of them, from every label that speaks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from drug_llm.answering.answer import Answer
from drug_llm.answering.assistant import Assistant
from drug_llm.answering.verification import Checker
from drug_llm.labels.ingest import ingest
from drug_llm.labels.store import LabelStore
from drug_llm.models.sentence_encoder import load_sentence_encoder

UNSAFE = "does not mean that they are safe together"


def names(answer: Answer) -> list[str]:
    return [entry["name"] for entry in answer.drugs]


TOGETHER = [
    ("can i take warfarin with ibuprofen", "Warfarin and ibuprofen: interaction.", "bleeding"),
    ("I take warfarin. Can I take ibuprofen for a headache?", "Warfarin and ibuprofen: interaction.", "bleeding"),
    ("is alcohol ok with metronidazole", "Metronidazole and alcohol: contraindicated.", "3 days"),
    ("can I drink on Flagyl", "Flagyl (metronidazole) and alcohol: contraindicated.", "drink alcohol"),
    ("warfarin and blood thinners", "Warfarin and blood thinners: interaction", "bleeding"),
    ("is it safe to take viagra with nitrates?", "Viagra (sildenafil) and nitrates: contraindicated.", "nitrate"),
    ("grapefruit juice and simvastatin", "Simvastatin and grapefruit: warning", "rapefruit"),
    ("does grapefruit affect atorvastatin", "Atorvastatin and grapefruit: interaction", "1.2 liters"),
    ("warfarin and leafy greens", "Warfarin and vitamin K: interaction", "vitamin K"),
    ("Can I take clopidogrel with PPIs?", "Clopidogrel and proton pump inhibitors: warning", "Omeprazole"),
    ("sertraline with MAOI?", "Sertraline and MAO inhibitors: contraindicated.", "14 days"),
    ("lithium and NSAIDs", "Lithium and NSAIDs: interaction", "lithium level"),
    ("alprazolam wine", "Alprazolam and alcohol: warning", "sedation"),
    ("metformin contrast dye", "Metformin and contrast dye: boxed warning.", "lactic acidosis"),
    ("levothyroxine and calcium supplements", "Levothyroxine and calcium: interaction", "4 hours"),
    ("alendronate and calcium, how long apart", "Alendronate and calcium: interaction", "30 minutes"),
    ("simvastatin limit when patient is on amlodipine", "Simvastatin and amlodipine: interaction.", "20 mg"),
    ("max dose of simvastatin with amiodarone", "Simvastatin and amiodarone: interaction.", "20 mg"),
    ("does omeprazole affect clopidogrel", "Omeprazole and clopidogrel: warning.", "platelets"),
    ("my father takes digoxin and was given amiodarone", "Digoxin and amiodarone: interaction.", "digoxin level"),
    ("mixing oxycodone and alprazolam", "Oxycodone and alprazolam: boxed warning.", "coma"),
    ("can I take ibuprofen and naproxen", "Ibuprofen and naproxen: warning.", "are both NSAIDs"),
    ("can I get a live vaccine while taking prednisone", "Prednisone and vaccines: warning", "Live vaccines"),
    ("does carbamazepine affect birth control pills", "Carbamazepine and birth control: interaction", "fail"),
    ("antacids with ciprofloxacin", "Ciprofloxacin and antacids: interaction", "2 hours before"),
    ("can I take my blood thinner (warfarin) with aspirin", "Warfarin and aspirin: interaction.", "bleeding"),
    ("Can glimepiride be taken with oral miconazole?", "Glimepiride and miconazole: warning", "low blood sugar"),
    ("how long after stopping phenelzine can I start sertraline", "Sertraline and phenelzine: contra", "14 days"),
    ("is atorvastatin a statin and can I take it with grapefruit", "Atorvastatin and grapefruit: inter", "grapefruit"),
    ("can I take advil and motrin together", "Advil (ibuprofen) and motrin (ibuprofen):", "Both contain ibuprofen."),
    ("I'm on lisinopril and started potassium chloride, ok?", "Lisinopril and potassium chloride: inter", "potassium"),
]


@pytest.mark.parametrize(("question", "lead", "told"), TOGETHER)
def test_what_labels_say_of_two_things_is_told_with_how_grave_it_is(
    assistant: Assistant, store: LabelStore, question: str, lead: str, told: str
) -> None:
    answer = assistant.answer(question)
    assert answer.reason is None, answer.text
    assert answer.text.startswith(lead)
    assert told in answer.text
    assert answer.citations
    assert list(Checker(store).failures(answer.to_json())) == []


def test_both_labels_are_quoted_each_under_its_name(assistant: Assistant) -> None:
    answer = assistant.answer("can i take warfarin with ibuprofen")
    assert "Label of warfarin, interaction:" in answer.text
    assert "Label of ibuprofen, interaction:" in answer.text
    assert {citation.set_id for citation in answer.citations} == {"monograph:warfarin", "monograph:ibuprofen"}


def test_three_drugs_are_told_as_pairs_the_gravest_first(assistant: Assistant) -> None:
    answer = assistant.answer("what happens if I mix oxycodone, alprazolam and alcohol")
    leads = [said.text for said in answer.sentences if not said.citations and said.text[0] in "OA"]
    assert [lead.partition(":")[0] for lead in leads] == [
        "Oxycodone and alprazolam",
        "Oxycodone and alcohol",
        "Alprazolam and alcohol",
    ]
    assert names(answer) == ["oxycodone", "alprazolam"]


def test_pairs_of_which_nothing_is_said_are_named_beside_those_that_are(assistant: Assistant) -> None:
    answer = assistant.answer("lisinopril, montelukast and ibuprofen: any interactions?")
    assert answer.reason is None
    assert answer.text.startswith("Lisinopril and ibuprofen: interaction")
    assert "lisinopril with montelukast" in answer.sentences[-1].text
    assert UNSAFE in answer.sentences[-1].text


def test_every_pair_of_six_drugs_is_told(assistant: Assistant, store: LabelStore) -> None:
    answer = assistant.answer("can I take warfarin, aspirin, ibuprofen, naproxen, sertraline and lithium together?")
    leads = [said.text for said in answer.sentences if " and " in said.text.partition(":")[0] and not said.citations]
    told = [lead for lead in leads if not lead.startswith("The label") and ": " in lead]
    assert len(told) == 14
    assert "warfarin with lithium" in answer.sentences[-1].text
    assert list(Checker(store).failures(answer.to_json())) == []


def test_pairs_that_are_not_quoted_are_named_with_how_grave_they_are(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drug_llm.answering.several_drugs.MOST_PAIRS", 1)
    text = assistant.answer("can I take warfarin, aspirin and ibuprofen together?").text
    assert "Further pairs, which are not quoted here: " in text
    assert "warfarin and aspirin: interaction; warfarin and ibuprofen: interaction." in text


def test_alternatives_are_not_told_as_taken_together(assistant: Assistant) -> None:
    answer = assistant.answer("tylenol or advil with warfarin?")
    assert "Tylenol (acetaminophen) and warfarin:" in answer.text
    assert "Advil (ibuprofen) and warfarin:" in answer.text
    assert "Tylenol (acetaminophen) and Advil" not in answer.text


SILENT = [
    ("Can I take lisinopril with montelukast?", "lisinopril with montelukast"),
    ("can I take 500 mg of acetaminophen and 200 mg of ibuprofen", "acetaminophen with ibuprofen"),
    ("can I take levothyroxine with coffee", "levothyroxine in this store does not mention caffeine"),
    ("I'm on metoprolol, may I drink?", "metoprolol in this store does not mention alcohol"),
    ("can I take melatonin with trazodone", "There is no label for melatonin here."),
    ("can I take lisinopril with zorvaltine", "There is no label for zorvaltine here."),
    ("Can I drink milk with nitroglycerin?", "nitroglycerin in this store says nothing of taking milk with it"),
    ("turmeric with lisinopril", "lisinopril in this store does not mention turmeric"),
    ("azithromycin with calcium", "azithromycin in this store does not mention calcium"),
    ("bananas with potassium chloride", "says nothing of taking potassium with it"),
    ("CCBs with metoprolol", "metoprolol in this store does not mention calcium channel blockers"),
]


@pytest.mark.parametrize(("question", "told"), SILENT)
def test_silence_is_an_abstention_that_never_says_safe(assistant: Assistant, question: str, told: str) -> None:
    answer = assistant.answer(question)
    assert answer.reason == "not_in_label"
    assert told in answer.text
    assert UNSAFE in answer.text
    assert answer.confidence == 0


EACH = [
    ("what is the dose of lisinopril, and of amlodipine?", "Lisinopril:", "Amlodipine:", "mg"),
    ("side effects of sertraline and bupropion", "Sertraline:", "Bupropion:", "dry mouth"),
    ("what is sertraline used for and what is fluoxetine used for", "Sertraline:", "Fluoxetine:", "bulimia"),
    ("how should I store latanoprost and metformin", "Latanoprost:", "Metformin:", "°C"),
    ("what happens if I miss a dose of lisinopril or amlodipine", "Lisinopril:", "Amlodipine:", "12 hours"),
    ("what are zoloft and prozac used for", "Zoloft (sertraline):", "Prozac (fluoxetine):", "depressi"),
    ("can sertraline and tramadol cause serotonin syndrome", "Sertraline:", "Tramadol:", "stiff muscles"),
]


@pytest.mark.parametrize(("question", "one", "two", "told"), EACH)
def test_drugs_that_are_not_taken_together_are_answered_for_separately(
    assistant: Assistant, store: LabelStore, question: str, one: str, two: str, told: str
) -> None:
    answer = assistant.answer(question)
    texts = [said.text for said in answer.sentences]
    assert answer.reason is None, answer.text
    assert texts[0] == one
    own = {answer.citations[at].set_id for said in answer.sentences[1 : texts.index(two)] for at in said.citations}
    other = {answer.citations[at].set_id for said in answer.sentences[texts.index(two) :] for at in said.citations}
    assert len(own) == len(other) == 1
    assert own != other
    assert told in answer.text
    assert list(Checker(store).failures(answer.to_json())) == []


def test_drug_without_a_label_is_told_beside_one_that_has_one(assistant: Assistant) -> None:
    answer = assistant.answer("dose of lisinopril and captopril")
    assert answer.reason is None
    assert answer.sentences[0].text == "Lisinopril:"
    assert "no label for captopril" in answer.sentences[-1].text


ORDINARY = [
    ("does amoxicillin contain alcohol", "amoxicillin"),
    ("lorazepam for alcohol withdrawal", "lorazepam"),
    ("is lisinopril an ACE inhibitor", "lisinopril"),
    ("does tadalafil contain nitrates", "tadalafil"),
    ("does spironolactone raise potassium", "spironolactone"),
    ("can warfarin be taken with food", "warfarin"),
    ("I'm allergic to penicillin, can I take cephalexin?", "cephalexin"),
    ("I am allergic to aspirin. can I take naproxen", "naproxen"),
    ("quit smoking with bupropion", "bupropion"),
    ("how much water should I drink with alendronate", "alendronate"),
    ("naloxone dose for oxycodone overdose", "oxycodone"),
    ("what is the dose of Tylenol (acetaminophen)?", "acetaminophen"),
    ("what is the adult dose of the ibuprofen in Advil", "ibuprofen"),
]


@pytest.mark.parametrize(("question", "drug"), ORDINARY)
def test_question_about_one_drug_goes_the_ordinary_way(assistant: Assistant, question: str, drug: str) -> None:
    answer = assistant.answer(question)
    assert names(answer) == [drug]
    assert f"{drug.capitalize()} and " not in answer.text
    assert UNSAFE not in answer.text


UNREAD = ["can I take sertraline with migraine medicine?", "is my joint rub ok with sertraline", "metformin with pizza"]


@pytest.mark.parametrize("question", UNREAD)
def test_abstention_about_something_unread_beside_the_drug_does_not_pass_for_safe(
    assistant: Assistant, question: str
) -> None:
    answer = assistant.answer(question)
    assert answer.reason == "not_in_label"
    assert re.match("Nothing taken with (sertraline|metformin) was recognised", answer.sentences[-1].text)
    assert UNSAFE in answer.sentences[-1].text


@pytest.mark.parametrize("question", ["can I take lisinopril with water", "does lisinopril make you dizzy and drowsy"])
def test_question_that_joins_nothing_to_its_drug_has_no_note(assistant: Assistant, question: str) -> None:
    assert UNSAFE not in assistant.answer(question).text


def test_combination_and_group_of_people_are_both_answered(assistant: Assistant) -> None:
    answer = assistant.answer("is it safe to take lisinopril and spironolactone while pregnant")
    assert answer.text.startswith("Lisinopril and spironolactone: warning.")
    assert "Lisinopril:\nLisinopril can harm an unborn baby" in answer.text
    assert "Spironolactone:\n" in answer.text


def test_other_part_of_a_question_is_answered_too(assistant: Assistant) -> None:
    answer = assistant.answer("Side effects of sertraline and does it interact with tramadol?")
    assert answer.text.startswith("Sertraline and tramadol: warning.")
    assert "Sertraline:\nCommon side effects of sertraline" in answer.text


def test_drug_named_earlier_is_one_of_the_two(assistant: Assistant) -> None:
    answer = assistant.answer("can i take it with ibuprofen", drug="warfarin")
    assert answer.text.startswith("Warfarin and ibuprofen: interaction.")


def test_name_that_may_be_several_drugs_is_asked_back_beside_one_that_is_clear(assistant: Assistant) -> None:
    answer = assistant.answer("warfarin with clonapine")
    assert answer.reason == "ambiguous_drug"
    assert "clonapine" in answer.text


def test_low_calcium_is_no_calcium_that_is_taken(assistant: Assistant) -> None:
    text = assistant.answer("alendronate and calcium, how long apart").text
    assert text.startswith("Alendronate and calcium: interaction")
    assert "contraindicated" not in text


OFFICIAL = [
    ("is it ok to have a few drinks while on sulfamethoxazole-trimethoprim?", "not_in_label", "mention alcohol"),
    ("methyldopa plus an iron tablet (ferrous sulfate)?", None, "not recommended"),
    ("what is the half-life of pseudoephedrine according to the Ephed 60 label?", "not_in_label", ""),
    ("can I have oxycontin with alcohol", None, "OxyContin (oxycodone) and alcohol: warning"),
]


def test_official_labels_are_asked_the_same_way(shared: Path, tmp_path: Path) -> None:
    ingest(tmp_path / "s.sqlite", [shared / "labels/openfda/labels_100.json"])
    official = LabelStore(tmp_path / "s.sqlite")
    assistant = Assistant(official, encoder=load_sentence_encoder(), vectors=tmp_path / "vectors")
    for question, reason, told in OFFICIAL:
        answer = assistant.answer(question)
        assert answer.reason == reason, answer.text
        assert told.lower() in answer.text.lower()
        assert len(answer.drugs) == 1
        assert list(Checker(official).failures(answer.to_json())) == []
