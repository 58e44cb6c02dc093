"""`drug-llm verify` on files: questions without answers, answers without questions, lines that are none."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from drug_llm.answering.assistant import Assistant, open_store
from drug_llm.cli.verify import verify
from drug_llm.models.sentence_encoder import load_sentence_encoder
from tests.conftest import REPOSITORY, write_jsonl

QUESTIONS = [
    {"id": "a", "question": "What is lisinopril used for?"},
    {"id": "b", "question": "How is metformin stored?"},
    {"id": "c", "question": "What is the capital of Australia?"},
]
Lines = list[dict[str, Any]]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Lines:
    store = open_store(None, REPOSITORY / "data/monographs")
    assistant = Assistant(store, encoder=load_sentence_encoder(), vectors=tmp_path_factory.mktemp("vectors"))
    return [assistant.answer(one["question"], id=one["id"]).to_json() for one in QUESTIONS]


@pytest.fixture(autouse=True)
def at_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)


def told(folder: Path, text: str, capsys: pytest.CaptureFixture[str], *, asked: bool = True) -> tuple[int, list[str]]:
    """Return the exit code and the lines printed, without the file's name."""
    file = folder / "answers.jsonl"
    file.write_text(text)
    questions = write_jsonl(folder / "questions.jsonl", QUESTIONS) if asked else None
    code = verify(argparse.Namespace(answers=file, questions=questions, store=None))
    return code, [line.removeprefix(str(file)) for line in capsys.readouterr().out.splitlines()]


def jsonl(lines: Lines) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)


def test_answers_to_all_questions_pass(answers: Lines, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(tmp_path, jsonl(answers), capsys) == (0, [": 3 answers checked, 0 failures."])
    assert told(tmp_path, jsonl(answers), capsys, asked=False)[0] == 0


def test_dropped_answer_is_missed(answers: Lines, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = told(tmp_path, jsonl(answers[:2]), capsys)
    assert code == 1
    assert lines == [": the question with the id 'c' has no answer", ": 2 answers checked, 1 failures."]


def test_answers_under_each_others_ids_are_found(
    answers: Lines, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    swapped = [{**answers[0], "id": "b"}, {**answers[1], "id": "a"}, answers[2]]
    code, lines = told(tmp_path, jsonl(swapped), capsys)
    assert code == 1
    assert ":1: the question with the id 'b' is another one" in lines
    assert ":2: the question with the id 'a' is another one" in lines


def test_answer_too_many_is_found(answers: Lines, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = told(tmp_path, jsonl([*answers, answers[0], {**answers[1], "id": "z"}]), capsys)
    assert code == 1
    assert ":4: the question with the id 'a' is answered already" in lines
    assert ":5: no question has the id 'z'" in lines


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_file_without_answers_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    code, lines = told(tmp_path, text, capsys, asked=False)
    assert code == 1
    assert lines[0] == ": no answers; expected one a line"
    assert len(told(tmp_path, text, capsys)[1]) == len(QUESTIONS) + 2


def test_lines_that_are_no_answers_are_told_and_the_rest_is_checked(
    answers: Lines, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twice = json.dumps(answers[1]).replace('"answer":', '"answer": "Safe.", "answer":', 1)
    text = jsonl(answers[:1]) + "{\n" + '"x"\n' + '{"confidence": NaN}\n' + twice + "\n" + '{"id": null}\n'
    code, lines = told(tmp_path, text, capsys, asked=False)
    assert code == 1
    assert lines[0].startswith(":2: broken JSON")
    assert lines[1] == ":3: found str; expected an object"
    assert lines[2].startswith(":4: broken JSON (NaN is no number in JSON)")
    assert lines[3].startswith(":5: broken JSON (`answer` stands twice)")
    assert ":6: `id` is null; expected a string" in lines
