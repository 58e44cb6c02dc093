"""Questions on reference text name pieces by number, and hold only for the text they were written on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.reference_text import asked_of_pieces, brief, digest, pieces_of, read_answers, shown_pieces

ROW = {
    "generic_name": "examplol",
    "generic_norm": "examplol",
    "brand_name": "Exa",
    "sections": {
        "warnings": "Take care. <list>\n<item>\n<item>Watch the liver.\n<item>Watch the heart.\n</list>",
        "overdosage": "Call for help. Keep warm. Do not wait. Bring the box along.",
    },
}


def write(folder: Path, row: dict[str, object], sha256: str) -> tuple[Path, Path]:
    reference, questions = folder / "reference.jsonl", folder / "questions.jsonl"
    reference.write_text(json.dumps(row) + "\n")
    shown = [["overdosage", 1, 2], ["warnings", 0, 3]]
    line = {"medicine": "examplol", "shown": shown, "sha256": sha256, "questions": [["warm or cold?", [0], [2]]]}
    questions.write_text(json.dumps(line) + "\n")
    return reference, questions


def test_lists_are_taken_apart_and_questions_find_their_pieces(tmp_path: Path) -> None:
    shown = shown_pieces(pieces_of(ROW), [("overdosage", 1, 2), ("warnings", 0, 3)])
    texts = [unit.text for unit in shown]
    assert texts[:3] == ["Keep warm.", "Do not wait.", "Take care."]
    assert "Watch the liver." in texts[3]
    (asked,) = asked_of_pieces(*write(tmp_path, ROW, digest(shown)))
    assert [asked.pieces[place].text for place in asked.answers] == ["Keep warm."]
    assert asked.doubtful == {2}


def test_another_text_is_refused(tmp_path: Path) -> None:
    shown = shown_pieces(pieces_of(ROW), [("overdosage", 1, 2), ("warnings", 0, 3)])
    changed = ROW | {"sections": ROW["sections"] | {"warnings": "Take more care. Watch it. And this."}}
    with pytest.raises(ValueError, match="examplol has another text"):
        list(asked_of_pieces(*write(tmp_path, changed, digest(shown))))


def test_rounds_show_other_pieces_of_a_long_section() -> None:
    row = ROW | {"sections": {"warnings": " ".join(f"Sentence number {n} warns." for n in range(200))}}
    first, second = (shown_pieces(pieces_of(row), brief(pieces_of(row), seed)) for seed in (3, 1003))
    assert len(first) == len(second) == 60
    assert first != second


@pytest.mark.parametrize("line", ["no tab", "\t3", "question\t", "question\t7", "question\t1,x", "question\t1/9"])
def test_a_line_that_is_no_question_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "001.tsv"
    file.write_text(f"fine?\t0,2/1\nsilent?\t-\n{line}\n")
    with pytest.raises(ValueError, match=r"001.tsv, line 3: expected a question"):
        read_answers(file, 7)
    file.write_text("fine?\t0,2/1\nsilent?\t-\n")
    assert read_answers(file, 7) == [["fine?", [0, 2], [1]], ["silent?", [], []]]
