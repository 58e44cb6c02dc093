"""A tuned Llama is prepared once, then mapped from a file that follows the adapter and the base model."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from drug_llm.errors import StorageError
from drug_llm.generation import tuned_llama as module
from drug_llm.generation.llama import Llama, arranged, read_shape
from drug_llm.generation.transformers_generator import load_tuned_model
from drug_llm.generation.tuned_llama import TunedLlama, is_llama, load_tuned_llama
from drug_llm.instructions.example import EvidencePassage
from drug_llm.models import precision
from drug_llm.models.embedded import cache_folder
from drug_llm.models.final import open_final
from drug_llm.models.loading import load_merged
from drug_llm.models.precision import choose_precision
from drug_llm.models.tokenizer import load_text_encoder
from tests.conftest import REPOSITORY
from tests.generation.conftest import write_checkpoint

ASKED = [
    "What is drug number 3 for?",
    "What is drug number 3 for? Drug number 3 treats condition 3.",
    "How is it taken?",
]
WORDS = ("treats", "condition")
LIGHT = """
import sys
from pathlib import Path
from drug_llm.generation.tuned_llama import load_tuned_llama
print(load_tuned_llama(Path(sys.argv[1])).first_word_odds(sys.argv[2:], "treats", "condition"))
assert not {"transformers", "peft"} & set(sys.modules), "heavy import"
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRUG_LLM_CACHE", str(tmp_path / "cache"))


def odds(folder: Path) -> list[float]:
    return load_tuned_llama(folder).first_word_odds(ASKED, *WORDS)


def kept() -> list[Path]:
    return sorted(cache_folder().glob("merged/*/*"))


def test_odds_are_those_of_the_tuned_model_prepared_or_not(tuned_llama: Path) -> None:
    checkpoint = open_final(tuned_llama)
    base = checkpoint.base_model()
    merged = load_merged(base, tuned_llama, choose_precision())
    model = Llama(read_shape(merged.config.to_dict()), arranged(merged.state_dict()))
    expected = TunedLlama(checkpoint, model, load_text_encoder(tuned_llama)).first_word_odds(ASKED, *WORDS)
    assert odds(tuned_llama) == expected
    assert len(kept()) == 1
    assert odds(tuned_llama) == expected
    assert len(set(expected)) == len(ASKED)


def test_prepared_judge_starts_without_transformers_and_peft(tuned_llama: Path) -> None:
    expected = odds(tuned_llama)
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-c", LIGHT, str(tuned_llama), *ASKED]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(expected)


def test_reads_what_transformers_reads(tuned_llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # In bfloat16 a random model's likeliest tokens are often tied.
    monkeypatch.setattr(precision, "has_fast_bfloat16", lambda _: False)
    passages = [EvidencePassage("s", "Uses", "Drug number 3 treats condition 3."), EvidencePassage("s", "Dose", "One.")]
    ours, theirs = load_tuned_llama(tuned_llama), load_tuned_model(tuned_llama)
    written = [model.read(ASKED[0], passages).text for model in (ours, theirs, ours)]
    assert written[0] == written[1] == written[2]
    assert len(written[0]) > 20


def test_tells_a_llama_from_gpt2(tuned_llama: Path, tiny_base: Path, tmp_path: Path) -> None:
    assert is_llama(tuned_llama)
    assert not is_llama(write_checkpoint(tmp_path / "gpt2", tiny_base, seed=1))


def test_other_adapter_has_a_file_of_its_own(tuned_llama: Path, llama_base: Path, tmp_path: Path) -> None:
    other = write_checkpoint(tmp_path / "other", llama_base, seed=6)
    assert odds(tuned_llama) != odds(other)
    assert len(kept()) == 2


def test_broken_file_is_made_again(tuned_llama: Path) -> None:
    expected = odds(tuned_llama)
    (file,) = kept()
    file.write_bytes(file.read_bytes()[:100])
    assert odds(tuned_llama) == expected
    assert file.stat().st_size > 100


def test_judge_that_cannot_be_kept_judges_all_the_same(tuned_llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = odds(tuned_llama)

    def full(path: Path) -> None:
        raise StorageError(f"{path}: The disk is full.")

    monkeypatch.setenv("DRUG_LLM_CACHE", str(cache_folder() / "elsewhere"))
    monkeypatch.setattr(module, "new_folder", full)
    assert odds(tuned_llama) == expected
    assert kept() == []
