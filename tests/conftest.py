"""What the tests share: a tiny GPT-2 with a tokenizer of its own, instruction files, and a private cache."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

# Before any library reads them: no test asks the real Hub.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

REPOSITORY = Path(__file__).parent.parent
SHARED = Path(os.environ.get("DRUG_LLM_SHARED", REPOSITORY.parent / "shared"))

QUESTIONS = [
    ("What is drug number {n} for?", "Drug number {n} treats condition {n}."),
    ("How is drug number {n} taken?", "Drug number {n} is taken by mouth {n} times a week."),
]


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the shared folder is not here")
    return SHARED


@pytest.fixture(autouse=True)
def private_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test away from the caches of the user."""
    cache = tmp_path_factory.getbasetemp() / "cache"
    monkeypatch.setenv("DRUG_LLM_CACHE", str(cache))
    monkeypatch.setenv("HF_HOME", str(cache / "hub-home"))


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random GPT-2 of two layers with a byte-level tokenizer trained on a few sentences."""
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import GPT2Config, GPT2LMHeadModel

    folder = tmp_path_factory.mktemp("tiny-gpt2")
    tokenizer = ByteLevelBPETokenizer()
    texts = [text.format(n=n) for n in range(50) for pair in QUESTIONS for text in pair] + ["Question: Answer: \n"]
    tokenizer.train_from_iterator(texts, vocab_size=400, special_tokens=["<|endoftext|>"])
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "GPT2Tokenizer", "eos_token": "<|endoftext|>", "model_max_length": 256})
    )
    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=400,
        n_positions=256,
        n_embd=64,
        n_layer=2,
        n_head=2,
        bos_token_id=0,
        eos_token_id=0,
        initializer_range=0.3,
    )
    GPT2LMHeadModel(config).save_pretrained(folder)
    return folder


def write_jsonl(path: Path, examples: list[dict[str, object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(example) + "\n" for example in examples), encoding="utf-8")
    return path


def simple_examples(start: int, count: int) -> list[dict[str, object]]:
    return [
        {"input": asked.format(n=n), "output": told.format(n=n)}
        for n in range(start, start + count)
        for asked, told in QUESTIONS
    ]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with small instruction files where the defaults expect them."""
    write_jsonl(tmp_path / "data/processed/train.jsonl", simple_examples(0, 10))
    write_jsonl(tmp_path / "data/evaluation/eval.jsonl", simple_examples(40, 3))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
