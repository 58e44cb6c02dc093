"""Text ends where the model says so by any token that stands for no text."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tokenizers import AddedToken, ByteLevelBPETokenizer

from drug_llm.generation.lookup import decode
from drug_llm.models.tokenizer import TextEncoder

PROMPT = [4, 5, 6, 7, 8, 4, 5]
WRITTEN = [6, 7, 8, 30, 31, 32, 1, 40]


class Recited:
    """A text whose model has one thing to say."""

    def __init__(self) -> None:
        self.read: list[int] = []

    def begin(self, ids: Sequence[int]) -> int:
        return self.read_on(ids)[-1]

    def read_on(self, ids: Sequence[int]) -> list[int]:
        found = []
        for id_ in ids:
            self.read.append(id_)
            said = self.read[len(PROMPT) :]
            goes_on = said == WRITTEN[: len(said)] and len(said) < len(WRITTEN)
            found.append(WRITTEN[len(said)] if goes_on else 99)
        return found

    def forget(self, count: int) -> None:
        del self.read[len(self.read) - count :]


@pytest.mark.parametrize(("ends", "expected"), [({1, 2}, WRITTEN[:6]), ({31}, WRITTEN[:4]), ({99}, WRITTEN)])
def test_right_guesses_and_wrong_ones_end_at_the_first_end(ends: set[int], expected: list[int]) -> None:
    assert decode(Recited(), PROMPT, ends=ends) == expected


def test_every_token_without_text_is_an_end() -> None:
    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(["one two three"], vocab_size=300)
    tokenizer.add_special_tokens(["<end>", "<start>"])
    tokenizer.add_tokens([AddedToken("mg/kg", special=False)])
    encoder = TextEncoder(tokenizer._tokenizer, tokenizer.token_to_id("<end>"), ())
    assert encoder.ends == {tokenizer.token_to_id("<end>"), tokenizer.token_to_id("<start>")}
