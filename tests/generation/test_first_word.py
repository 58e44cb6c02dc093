"""The odds of a first word are the model's own, and the same with however many threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from drug_llm.errors import ModelError
from drug_llm.generation import first_word
from drug_llm.generation.first_word import log_odds
from drug_llm.generation.llama import ROUNDED, Llama, arranged, read_shape
from drug_llm.models.threads import computing_threads
from tests.generation.conftest import new_llama

LENGTHS = (3, 11, 1, 7, 6, 2, 9, 4, 5, 8)


def reading(model: torch.nn.Module) -> Llama:
    return Llama(read_shape(model.config.to_dict()), arranged(model.state_dict()))


def prompts(beginning: int) -> list[list[int]]:
    torch.manual_seed(0)
    start = torch.randint(5, 60, (beginning,)).tolist()
    return [start + torch.randint(5, 60, (n,)).tolist() for n in LENGTHS]


@pytest.mark.parametrize("beginning", [9, 0], ids=["one beginning", "no beginning"])
@pytest.mark.parametrize(
    "changes",
    [{}, {"tie_word_embeddings": True}, {"num_key_value_heads": 4}, {"head_dim": 16}, {"rope_theta": 500.0}],
    ids=str,
)
def test_odds_are_those_of_the_model_asked_one_by_one(changes: dict[str, object], beginning: int) -> None:
    model = new_llama(**changes)
    asked = prompts(beginning)
    for prompt, odds in zip(asked, log_odds(reading(model), asked, 7, 8), strict=True):
        with torch.inference_mode():
            logs = model(input_ids=torch.tensor([prompt])).logits[0, -1].log_softmax(-1)
        assert odds == pytest.approx(float(logs[7] - logs[8]), abs=1e-4)


def test_bfloat16_strays_no_further_than_transformers_does() -> None:
    exact, asked = new_llama(), prompts(9)
    wanted = torch.tensor(log_odds(reading(exact), asked, 7, 8))
    half = new_llama().bfloat16()
    ours = torch.tensor(log_odds(reading(half), asked, 7, 8))
    with torch.inference_mode():
        logits = torch.stack([half(input_ids=torch.tensor([prompt])).logits[0, -1].float() for prompt in asked])
    theirs = logits[:, 7] - logits[:, 8]
    assert (ours - wanted).abs().mean() <= 1.5 * (theirs - wanted).abs().mean()


def test_one_prompt_alone_has_odds_too() -> None:
    model = reading(new_llama())
    asked = prompts(9)
    assert log_odds(model, asked[:1], 7, 8) == pytest.approx(log_odds(model, asked, 7, 8)[:1], abs=1e-4)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_change_no_bit(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    model, asked = reading(new_llama().bfloat16()), prompts(9)
    expected = log_odds(model, asked, 7, 8)
    with computing_threads(threads, 1) as pool:
        monkeypatch.setattr(first_word, "_workers", lambda: pool)
        assert [log_odds(model, asked, 7, 8) for _ in range(3)] == [expected] * 3


def test_questions_asked_at_once_get_the_odds_of_one_asked_alone() -> None:
    model, asked = reading(new_llama().bfloat16()), prompts(9)
    expected = log_odds(model, asked, 7, 8)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: log_odds(model, asked, 7, 8), range(12)))
    assert found == [expected] * 12


def test_judging_leaves_the_threads_of_others_alone() -> None:
    before = torch.get_num_threads()
    log_odds(reading(new_llama()), prompts(9), 7, 8)
    seen: list[int] = []
    other = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
    other.start()
    other.join()
    assert [torch.get_num_threads(), *seen] == [before, before]


def test_each_of_the_judging_threads_computes_alone() -> None:
    def after_computing(_: int) -> int:
        torch.ones(64, 64) @ torch.ones(64, 64)
        return torch.get_num_threads()

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    threads = first_word._workers.__wrapped__()
    assert list(threads.map(after_computing, range(8))) == [1] * 8
    assert torch.get_num_threads() == 2
    threads.shutdown()
    torch.set_num_threads(before)


@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 24])
def test_rows_hold_every_prompt_once_and_share_the_work_evenly(count: int) -> None:
    lengths = [20 + 7 * place % 50 for place in range(count)]
    rows = first_word._rows(lengths)
    assert sorted(place for row in rows for place in row) == list(range(count))
    assert len(rows) == min(count, 2 * -(-count // first_word.TOGETHER))
    filled = [sum(lengths[place] for place in row) for row in rows]
    assert max(filled) - min(filled) <= max(lengths)


def test_lengths_of_rows_are_few_so_that_kernels_are_few() -> None:
    model = reading(new_llama())
    seen = {len(model._row([1] * 9, [[2] * length]).ids) for length in range(1, 200)}
    assert all(length % ROUNDED == 0 for length in seen)
    assert len(seen) <= 14


@pytest.mark.parametrize(
    "changes",
    [
        {"model_type": "gpt2"},
        {"attention_bias": True},
        {"hidden_act": "gelu"},
        {"rope_parameters": {"rope_type": "llama3", "rope_theta": 10000.0}},
    ],
    ids=str,
)
def test_model_that_would_be_computed_wrongly_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ModelError, match="base_model=embedded"):
        read_shape(new_llama().config.to_dict() | changes)
