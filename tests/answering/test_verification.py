"""Nothing in an answer line can be altered unnoticed: claims, leads, names, citations, fields, the form itself."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drug_llm.answering.answer_digest import answer_digest
from drug_llm.answering.assistant import UNSURE, Assistant
from drug_llm.answering.verification import Checker
from drug_llm.answering.verification_texts import own_text, silence_told
from drug_llm.labels.store import LabelStore
from drug_llm.models.sentence_encoder import load_sentence_encoder

Line = dict[str, Any]
Change = Callable[[Line], object]
PLAIN = "What is lisinopril used for?"
PAIR = "can i take warfarin with ibuprofen"
SILENT = "Can I take lisinopril with montelukast?"
NEAREST = "can lisinopril make me faint while standing up"
URGENT = "my son swallowed all my pills"
URGENT_ASKED = "I took too much metformin, what are the symptoms of an overdose of metformin?"
EACH = "side effects of lisinopril and dose of metformin"
GROUP = "does grapefruit affect atorvastatin"
BRAND = "can I drink on Flagyl"
THREE = "lisinopril, montelukast and ibuprofen: any interactions?"
UNKNOWN = "what is frobnicol for"
UNCLEAR = "tell me about insulin"
UNREAD = "is my joint rub ok with metformin"
OTHER = "What is the capital of Australia?"
GIVEN = "How many spoons a day?"
ASKED = [PLAIN, PAIR, SILENT, NEAREST, URGENT, URGENT_ASKED, EACH, GROUP, BRAND, THREE, UNKNOWN, UNCLEAR, UNREAD, OTHER]
PASSAGES = [{"section": "Dose", "text": "Adults take two spoons of Zorbane a day. Children take one spoon."}]


@pytest.fixture(scope="module")
def lines(assistant: Assistant) -> dict[str, Line]:
    found = {question: assistant.answer(question).to_json() for question in ASKED}
    found[GIVEN] = assistant.answer(GIVEN, passages=PASSAGES).to_json()
    return {question: json.loads(json.dumps(line)) for question, line in found.items()}


@pytest.fixture(scope="module")
def checker(store: LabelStore) -> Checker:
    return Checker(store)


def failures(checker: Checker, line: Line, change: Change | None = None, question: Line | None = None) -> list[str]:
    """Return what is wrong with a changed line, as far as its content tells: without a digest."""
    changed = {name: value for name, value in copy.deepcopy(line).items() if name != "digest"}
    if change:
        change(changed)
        assert changed != line
    return [*checker.failures(changed, question)]


def say(line: Line, *, put: str | None = None, at: int | None = None, cites: tuple[int, ...] = ()) -> None:
    """Put a sentence into a line, and make its text the sum of its sentences again."""
    if put is not None:
        line["sentences"].insert(len(line["sentences"]) if at is None else at, {"text": put, "citations": list(cites)})
    line["answer"] = "\n".join(sentence["text"] for sentence in line["sentences"])


def reword(old: str, new: str) -> Change:
    """Return a change of words in whatever sentence has them."""

    def change(line: Line) -> None:
        for sentence in line["sentences"]:
            sentence["text"] = sentence["text"].replace(old, new)
        say(line)

    return change


def without(line: Line, number: int) -> None:
    """Take a sentence out, and the citations that nothing else needs."""
    line["sentences"].pop(number)
    kept = sorted({index for sentence in line["sentences"] for index in sentence["citations"]})
    line["citations"] = [line["citations"][index] for index in kept]
    for sentence in line["sentences"]:
        sentence["citations"] = [kept.index(index) for index in sentence["citations"]]
    say(line)


def last_under_other_header(line: Line) -> None:
    heads = [at for at, sentence in enumerate(line["sentences"]) if sentence["text"].startswith("Label of")]
    line["sentences"].append(line["sentences"].pop(heads[1] - 1))
    say(line)


def cut_quote(line: Line) -> None:
    cited, sentence = line["citations"][0], line["sentences"][0]
    cut = cited["quote"].index(" ") + 1
    cited["start"] += cut
    cited["quote"] = sentence["text"] = cited["quote"][cut:]
    say(line)


def swap_parts(line: Line) -> None:
    for old, new in (("Lisinopril:", "@"), ("Metformin:", "Lisinopril:"), ("@", "Metformin:")):
        reword(old, new)(line)


def first_written(write: Callable[[str], str]) -> Change:
    """Return a change of how the first sentence is written."""

    def change(line: Line) -> None:
        line["sentences"][0]["text"] = write(line["sentences"][0]["text"])
        say(line)

    return change


def turned(line: Line) -> None:
    """Make an abstention an answer, and an answer an abstention, as the fields tell it."""
    reason = None if line["reason"] else "not_in_label"
    line.update(abstained=reason is not None, reason=reason)


def drop_citations(line: Line) -> None:
    for sentence in line["sentences"]:
        sentence["citations"] = []


def test_answers_of_every_kind_pass(checker: Checker, lines: dict[str, Line]) -> None:
    for question, line in lines.items():
        asked = {"question": question, "passages": PASSAGES} if question == GIVEN else {"question": question}
        assert [*checker.failures(line, asked)] == [], question
        if question != GIVEN:
            assert failures(checker, line) == [], question


def test_answers_with_numbers_of_another_country_pass(store: LabelStore, checker: Checker, tmp_path: Path) -> None:
    abroad = Assistant(store, encoder=load_sentence_encoder(), vectors=tmp_path, country="DE")
    assert failures(checker, abroad.answer(URGENT).to_json()) == []


@pytest.mark.parametrize("drug", ["warfarin", "Zoloft", "zorvaltine", "insulin"])
@pytest.mark.parametrize(
    "question", ["can I take it with alcohol", "can I add ibuprofen?", "the second one?", "and statins?"]
)
def test_answers_about_a_drug_that_came_with_the_question_pass(
    checker: Checker, assistant: Assistant, question: str, drug: str
) -> None:
    line = assistant.answer(question, drug=drug).to_json()
    assert failures(checker, line, question={"question": question, "drug": drug}) == []


def test_brand_typed_small_passes_in_leads_and_in_notes(checker: Checker, assistant: Assistant) -> None:
    line = assistant.answer("can i take lexapro with alcohol, montelukast and zorvaltine").to_json()
    assert "lexapro (escitalopram) with" in line["answer"] or "label of lexapro" in line["answer"]
    assert failures(checker, line) == []


@pytest.mark.parametrize("at", [0, None])
@pytest.mark.parametrize(
    "claim",
    [
        "Lisinopril is safe in pregnancy.",
        "Take 100 mg of lisinopril.",
        "Warfarin and ibuprofen can be taken together safely.",
        "No answer to this was found in the label.",
        "Ask a doctor: it is harmless.",
        "Both contain water.",
    ],
)
def test_sentence_without_a_citation_that_the_program_does_not_say_is_found(
    checker: Checker, lines: dict[str, Line], claim: str, at: int | None
) -> None:
    for line in lines.values():
        assert failures(checker, line, lambda changed: say(changed, put=claim, at=at)), line["question"]


CLAIMS: list[tuple[str, str, Change]] = [
    ("lead made safe", PAIR, reword("Warfarin and ibuprofen: interaction.", "Warfarin and ibuprofen: no interaction.")),
    ("lead lowered", PAIR, reword("ibuprofen: interaction", "ibuprofen: mentioned, but not called an interaction")),
    ("lead raised", PAIR, reword("Warfarin and ibuprofen: interaction", "Warfarin and ibuprofen: contraindicated")),
    ("lead of others", PAIR, reword("Warfarin and ibuprofen:", "Warfarin and aspirin:")),
    ("header of another label", PAIR, reword("Label of warfarin", "Label of aspirin")),
    ("header lowered", BRAND, reword("Label of metronidazole, contraindicated", "Label of metronidazole, mentioned")),
    ("brand misspelled", BRAND, reword("Flagyl", "Flagil")),
    ("quote under the other header", PAIR, last_under_other_header),
    ("quote left out", PAIR, lambda line: without(line, 2)),
    ("label left unsaid", GROUP, reword(", says the label of atorvastatin", "")),
    ("pair left out", THREE, lambda line: [without(line, 0) for _ in range(2)]),
    ("silence made safe", SILENT, lambda line: [line["sentences"].pop(), say(line, put="They are safe together.")]),
    ("silence of others", SILENT, reword("lisinopril with montelukast", "warfarin with aspirin")),
    ("end of silence cut", SILENT, reword(" That does not mean that they are safe together; ask a pharmacist.", "")),
    ("parts swapped", EACH, swap_parts),
    ("lead removed", NEAREST, lambda line: without(line, 0)),
    ("lead reworded", NEAREST, reword(UNSURE, "The label says:")),
    ("advice removed", URGENT_ASKED, lambda line: without(line, 0)),
    ("number changed", URGENT, reword("1-800-222-1222", "1-800-222-1223")),
    ("unknown name changed", UNKNOWN, reword("frobnicol", "aspirin")),
    ("name asked about changed", UNCLEAR, reword("insulin lispro", "aspirin")),
    ("note of what was not read removed", UNREAD, lambda line: without(line, len(line["sentences"]) - 1)),
    ("note of what was not read of another", UNREAD, reword("taken with metformin", "taken with aspirin")),
    ("case of a quote", PLAIN, first_written(str.upper)),
    ("first letter of a quote", PLAIN, first_written(lambda text: text[0].swapcase() + text[1:])),
    ("piece of a sentence", PLAIN, cut_quote),
    ("sentence said twice", PLAIN, lambda line: say(line, put=line["sentences"][0]["text"], cites=(0,))),
    ("nothing said", PLAIN, lambda line: line.update(sentences=[], citations=[], answer="")),
]  # fmt: skip


@pytest.mark.parametrize(("question", "change"), [one[1:] for one in CLAIMS], ids=[one[0] for one in CLAIMS])
def test_altered_claim_is_found_by_its_content(
    checker: Checker, lines: dict[str, Line], question: str, change: Change
) -> None:
    assert failures(checker, lines[question], change)


FIELDS: list[tuple[str, Change]] = [
    ("abstained", lambda line: line.update(abstained=not line["abstained"])),
    ("reason", lambda line: line.update(reason="urgent" if line["reason"] != "urgent" else "not_in_label")),
    ("urgent", lambda line: line.update(urgent=not line["urgent"])),
    ("drugs", lambda line: line["drugs"].append({"name": "aspirin", "set_id": "monograph:aspirin"})),
    ("confidence", lambda line: line.update(confidence=1.5)),
    ("question", lambda line: line.update(question="What is metoprolol used for?")),
    ("another question", lambda line: line.update(question="I want to kill myself")),
    ("answer", lambda line: line.update(answer=line["answer"] + " ")),
    ("unknown field", lambda line: line.update(note="Safe in pregnancy.")),
    ("no reason, not abstained", turned),
]  # fmt: skip


@pytest.mark.parametrize("change", [one[1] for one in FIELDS], ids=[one[0] for one in FIELDS])
def test_altered_field_is_found_by_its_content(checker: Checker, lines: dict[str, Line], change: Change) -> None:
    for question, line in lines.items():
        assert failures(checker, line, change), question


@pytest.mark.parametrize(
    ("name", "value"), [("name", "aspirin"), ("set_id", "monograph:aspirin"), ("set_id", "monograph:nothing")]
)
def test_altered_drug_is_found(checker: Checker, lines: dict[str, Line], name: str, value: str) -> None:
    for question in (PLAIN, PAIR, EACH, SILENT, NEAREST):
        assert failures(checker, lines[question], lambda line: line["drugs"][0].update({name: value})), question


def test_citations_that_no_sentence_uses_and_sentences_without_theirs_are_found(
    checker: Checker, lines: dict[str, Line]
) -> None:
    for question in (PLAIN, PAIR, EACH, NEAREST, GROUP, URGENT_ASKED):
        line = lines[question]
        assert failures(checker, line, lambda changed: changed["sentences"][-1].update(citations=[])), question
        assert failures(checker, line, drop_citations), question
        assert failures(checker, line, lambda changed: drop_citations(changed) or changed.update(citations=[])), (
            question
        )
        assert failures(checker, line, lambda changed: changed["citations"].append(changed["citations"][0])), question


def test_date_of_another_version_is_found(checker: Checker, lines: dict[str, Line]) -> None:
    assert failures(checker, lines[PLAIN], lambda line: line["citations"][0].update(date="2031-01-01"))


def test_quotes_of_another_drug_are_found(checker: Checker, lines: dict[str, Line], assistant: Assistant) -> None:
    other = assistant.answer("What is metformin used for?").to_json()

    def change(line: Line) -> None:
        line["citations"].append(other["citations"][0])
        say(line, put=other["sentences"][0]["text"], cites=(len(line["citations"]) - 1,))

    assert failures(checker, lines[PLAIN], change)
    assert failures(checker, lines[PLAIN], lambda line: line.update(other, question=line["question"]))


def test_digest_finds_what_the_content_cannot_tell(checker: Checker, lines: dict[str, Line]) -> None:
    line = {name: value for name, value in lines[NEAREST].items() if name != "digest"}
    line["digest"] = answer_digest(line)
    assert [*checker.failures(line)] == []
    assert [*checker.failures(line | {"elapsed_ms": line["elapsed_ms"] + 1})] == []
    for name, value in (("confidence", 0.123), ("model", "other"), ("store", "other"), ("id", "7"), ("digest", "")):
        found = [*checker.failures(line | {name: value})]
        assert found[:1] == ["something in the line was changed (its digest differs)"], name
    answered = copy.deepcopy(line)
    without(answered, 0)
    assert [*checker.failures(answered | {"abstained": False, "reason": None})]


def test_digest_is_the_same_however_the_line_is_written() -> None:
    line = {"b": 1.0, "a": [{"c": 0.5}], "elapsed_ms": 3}
    assert answer_digest(line) == answer_digest(json.loads('{"digest": "x", "a": [{"c": 5e-1}], "b": 1}'))


SHAPES: list[tuple[Change, str]] = [
    (lambda line: line["citations"][0].update(start="x"), "citation 0: `start` is 'x'; expected a whole number, not"),
    (lambda line: line["citations"][0].update(end=1.5), "citation 0: `end` is 1.5; expected a whole number"),
    (lambda line: line["citations"][0].update(start=True), "citation 0: `start` is true; expected a whole number"),
    (lambda line: line["citations"][0].update(version="1"), "citation 0: `version` is '1'; expected a whole number,"),
    (lambda line: line["citations"][0].pop("quote"), "citation 0: no `quote`; expected a string"),
    (lambda line: line.update(citations=None), "`citations` is null; expected a list"),
    (lambda line: line.update(sentences=None), "`sentences` is null; expected a list"),
    (lambda line: line.update(citations=["x"]), "citation 0: found 'x'; expected an object"),
    (lambda line: line.update(drugs=[1]), "drug 0: found 1; expected an object"),
    (lambda line: line["sentences"][0].pop("text"), "sentence 0: no `text`; expected a string"),
    (lambda line: line["sentences"][0].pop("citations"), "sentence 0: no `citations`; expected a list"),
    (lambda line: line["sentences"][0].update(citations=["0"]), "sentence 0: cites '0'; expected a whole number, "),
    (lambda line: line.update(confidence=float("nan")), "`confidence` is NaN; expected a number from 0 to 1"),
    (lambda line: line.update(abstained="false"), "`abstained` is 'false'; expected true or false, not a string"),
    (lambda line: line.update(reason=["x"]), '`reason` is ["x"]; expected null or one of no_drug_found,'),
    (lambda line: line.pop("urgent"), "no `urgent`; expected true or false"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "told"), SHAPES, ids=[told for _, told in SHAPES])
def test_malformed_line_is_told_by_its_field(
    checker: Checker, lines: dict[str, Line], change: Change, told: str
) -> None:
    found = failures(checker, lines[PLAIN], change)
    assert len(found) == 1
    assert found[0].startswith(told)


def test_numbers_out_of_every_range_are_failures(checker: Checker, lines: dict[str, Line]) -> None:
    for name, value in (("version", 10**30), ("start", -5), ("end", 10**9)):
        assert failures(checker, lines[PLAIN], lambda line, n=name, v=value: line["citations"][0].update({n: v}))
    for index in (-1, 99):
        assert failures(checker, lines[PLAIN], lambda line, i=index: line["sentences"][0].update(citations=[i]))


def test_names_with_stops_and_small_words_are_read_out_of_a_note_of_silence() -> None:
    told = (
        "The labels in this store do not mention each other: xolin and yarin with zorin; xolin with zorin. "
        "The label of zorin in this store does not mention St. John's wort. "
        "The label of yarin in this store says nothing of taking calcium with it. "
        "There is no label for Dr. Moon's syrup here."
    )
    silence = silence_told(told)
    assert silence is not None
    assert silence.pairs == (
        "xolin and yarin with zorin",
        "xolin with zorin",
        "zorin with St. John's wort",
        "yarin with calcium",
    )
    assert silence.worded == {"yarin with calcium"}
    assert silence.missing == ("Dr. Moon's syrup",)
    assert silence_told(told + " They are safe.") is None


def test_sentences_that_only_resemble_the_programs_own_are_none_of_them() -> None:
    for text in ("Take two spoons.", "The label may not answer this.", "Xolin and yarin: no interaction.", "safe"):
        assert own_text(text) is None
