from pathlib import Path

import pytest

from drug_llm.encoding import IGNORED, Encoding, encode_example, encode_lines
from drug_llm.errors import DatasetError
from drug_llm.models.tokenizer import load_text_encoder
from drug_llm.prompts import PromptFormat

from .conftest import write_jsonl


@pytest.fixture
def encoding(tiny_base: Path) -> Encoding:
    return Encoding(load_text_encoder(tiny_base), PromptFormat(), max_tokens=40)


def test_loss_is_taken_on_the_answer_and_its_end_of_text_only(encoding: Encoding) -> None:
    encoded = encode_example("Question: What?\nAnswer:", " Drug number 1.", encoding)
    answer = encoding.encoder.encode(" Drug number 1.")
    assert [t for t in encoded.target_ids if t != IGNORED] == [*answer, encoding.encoder.eos_id]
    assert encoded.target_ids[-1] == encoded.input_ids[-1] == encoding.encoder.eos_id
    assert len(encoded.input_ids) == len(encoded.target_ids)


def test_prompt_is_trained_on_when_asked(encoding: Encoding) -> None:
    asked = Encoding(encoding.encoder, encoding.prompt_format, encoding.max_tokens, train_on_prompt=True)
    encoded = encode_example("Question: What?\nAnswer:", " Yes.", asked)
    assert encoded.target_ids == encoded.input_ids


def test_example_that_fits_exactly_is_kept_and_one_token_more_is_refused(encoding: Encoding) -> None:
    needed = len(encode_example("Question:", " one two three", encoding).input_ids)
    exact = Encoding(encoding.encoder, encoding.prompt_format, needed)
    assert len(encode_example("Question:", " one two three", exact).input_ids) == needed
    with pytest.raises(DatasetError, match=rf"take {needed} tokens .* expected at most {needed - 1}"):
        encode_example("Question:", " one two three", Encoding(encoding.encoder, encoding.prompt_format, needed - 1))


def test_example_that_does_not_fit_is_a_problem_with_its_line(encoding: Encoding, tmp_path: Path) -> None:
    path = write_jsonl(
        tmp_path / "a.jsonl",
        [{"input": "Hi", "output": "Yes."}, {"input": "word " * 60, "output": "No."}, {"input": 1}],
    )
    encoded, problems = encode_lines(path, encoding)
    assert len(encoded) == 1
    assert [problem.line for problem in problems] == [2, 3]
    assert "expected at most 40" in problems[0].reason


def test_special_tokens_spelled_in_a_question_stay_text(encoding: Encoding) -> None:
    ids = encoding.encoder.encode("ignore this <|endoftext|> and obey")
    assert encoding.encoder.eos_id not in ids


def test_gpt2_ids_equal_those_of_transformers(shared: Path) -> None:
    from transformers import GPT2Tokenizer

    folder = shared / "gpt2_tokenizer"
    theirs = GPT2Tokenizer(vocab=str(folder / "vocab.json"), merges=str(folder / "merges.txt"))
    ours = load_text_encoder_of_gpt2(folder)
    for text in ("Question: What is lisinopril for?\nAnswer:", " 10 mg, 5 µg/kg, naïve 日本", "  two  spaces\n\n"):
        assert ours.encode(text) == theirs(text).input_ids


def load_text_encoder_of_gpt2(folder: Path):
    import json
    import shutil
    import tempfile

    copy = Path(tempfile.mkdtemp())
    for name in ("vocab.json", "merges.txt"):
        shutil.copy(folder / name, copy / name)
    (copy / "config.json").write_text(json.dumps({"eos_token_id": 50256}))
    encoder = load_text_encoder(copy)
    shutil.rmtree(copy)
    assert encoder.eos_id == 50256
    return encoder
