from pathlib import Path

import pytest

from drug_llm.errors import DatasetError, StorageError
from drug_llm.instructions.example import EvidencePassage, Example
from drug_llm.instructions.jsonl import load_examples, read_examples, write_examples

GOOD = b'{"input": "What is it?", "output": "A drug."}'

BAD_LINES = {
    b'{"input": "a", "output": ': ("broken JSON at column", "expected one object"),
    b'{"input": "a"}': ("`output` is missing", "found `input`"),
    b'{"output": "a"}': ("`input` is missing", "expected a string"),
    b'{"input": "", "output": "b"}': ("`input` is empty",),
    b'{"input": "a", "output": "  "}': ("`output` is empty",),
    b'{"input": 7, "output": "b"}': ("`input` is a number",),
    b'{"input": "a", "output": null}': ("`output` is null",),
    b'{"input": ["a"], "output": "b"}': ("`input` is a list",),
    b'{"input": "a", "output": true}': ("`output` is true or false",),
    b'["a", "b"]': ("found a list", "expected a JSON object"),
    b'"text"': ("found the text",),
    b'{"input": "caf\xe9", "output": "b"}': ("byte 15 is 0xe9", "UTF-8"),
    b'{"input": "\\ud800", "output": "b"}': ("surrogate",),
    b'{"input": "a", "output": "b", "passages": "c"}': ("`passages` is the text",),
    b'{"input": "a", "output": "b", "passages": [{"section": "s"}]}': ("`passages[0]`: `text` is missing",),
    b'{"input": "a", "output": "b", "kind": {}}': ("`kind` is an object",),
    b"[" * 100_000: ("JSON that Python cannot read",),
    b'{"input": ' + b"9" * 5000 + b', "output": "b"}': ("JSON that Python cannot read",),
}


@pytest.mark.parametrize("line", BAD_LINES, ids=lambda line: line[:40].decode("latin-1"))
def test_bad_line_is_named_with_its_number_and_what_was_expected(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(GOOD + b"\n" + line + b"\n")
    examples, problems = read_examples(path)
    assert len(examples) == 1
    assert len(problems) == 1
    assert str(problems[0]).startswith(f"{path}:2: ")
    for part in BAD_LINES[line]:
        assert part in problems[0].reason


def test_all_bad_lines_are_found_in_one_pass(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"\n".join([GOOD, *BAD_LINES, GOOD]))
    examples, problems = read_examples(path)
    assert len(examples) == 1
    assert [problem.line for problem in problems] == list(range(2, len(BAD_LINES) + 3))
    assert "repeats line 1" in problems[-1].reason


def test_first_bad_line_and_their_number_make_the_error(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(GOOD + b"\n{}\n{}\n")
    with pytest.raises(DatasetError, match=r"train\.jsonl:2: `input` is missing.*2 bad lines in all"):
        load_examples(path)
    assert len(load_examples(path, drop_bad_lines=True)) == 1


@pytest.mark.parametrize("content", [b"", b"\n\n  \n"])
def test_file_without_examples_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match="holds no example"):
        load_examples(path, drop_bad_lines=True)


def test_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"nowhere\.jsonl: No such file"):
        read_examples(tmp_path / "nowhere.jsonl")


def test_windows_line_ends_and_byte_order_mark_are_read(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD + b"\r\n")
    assert load_examples(path)[0].output == "A drug."


def test_written_examples_are_read_back(tmp_path: Path) -> None:
    example = Example(
        input="Wie viel? 5 µg",
        output="Fünf.\nNot more.",
        passages=(EvidencePassage("set", "dosage", "5 µg a day"),),
        id="1",
        kind="dosage",
        drug="x",
        source={"rule": "r"},
    )
    write_examples(tmp_path / "a.jsonl", [example])
    read = load_examples(tmp_path / "a.jsonl")[0]
    assert read.to_json() == example.to_json()
    assert read.line == 1
