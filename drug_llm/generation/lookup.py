"""Greedy decoding that guesses ahead by looking the last words up in the prompt.

An answer read from a passage repeats runs of it, so the tokens that followed the same words in the prompt are tried
together: a forward pass over twelve tokens costs a small model hardly more than one over a single token. Only tokens
that the model itself would have chosen are kept. Saxena, "Prompt lookup decoding" (2023).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Protocol

GUESSED = 12
"""Tokens tried at once."""
LONGEST_MATCH, SHORTEST_MATCH = 4, 2
"""Tokens that must have gone before, the longest run looked for first."""
LONGEST_REPEAT = 12
"""A run of this many tokens written twice ends the text: left alone, small models fall into loops."""


class Text(Protocol):
    """A text that a model is part way through reading."""

    def begin(self, ids: Sequence[int]) -> int:
        """Read the beginning and return the id most likely behind it."""

    def read_on(self, ids: Sequence[int]) -> list[int]:
        """Read more ids and return for each the one most likely behind it."""

    def forget(self, count: int) -> None:
        """Take the last ids back."""


def decode(
    text: Text,
    prompt: Sequence[int],
    *,
    ends: Collection[int],
    max_new_tokens: int = 96,
    on_tokens: Callable[[Sequence[int]], None] | None = None,
) -> list[int]:
    """Return the ids of the most likely continuation of a prompt, up to one of `ends` and without it.

    `on_tokens` receives tokens as they are settled.
    """
    chosen: list[int] = []
    for token in _tokens(text, prompt):
        if token in ends or len(chosen) >= max_new_tokens or _loops(chosen):
            break
        chosen.append(token)
        if on_tokens:
            on_tokens([token])
    return chosen


def _tokens(text: Text, prompt: Sequence[int]) -> Iterator[int]:
    """Yield each token, without end; the caller stops."""
    known = list(prompt)
    token = text.begin(known)
    yield token
    while True:
        guess = _guess([*known, token])
        best = text.read_on([token, *guess])
        right = next((n for n, (g, b) in enumerate(zip(guess, best, strict=False)) if g != b), len(guess))
        text.forget(len(guess) - right)
        known += [token, *guess[:right]]
        for place in range(right + 1):
            token = best[place]
            yield token


def _guess(ids: Sequence[int]) -> list[int]:
    """Return what followed the last tokens where they stood before, the latest place first."""
    for length in range(LONGEST_MATCH, SHORTEST_MATCH - 1, -1):
        tail = list(ids[-length:])
        for at in range(len(ids) - length - 1, -1, -1):
            if ids[at : at + length] == tail:
                return list(ids[at + length : at + length + GUESSED])
    return []


def _loops(chosen: Sequence[int]) -> bool:
    if len(chosen) < 2 * LONGEST_REPEAT:
        return False
    tail = list(chosen[-LONGEST_REPEAT:])
    return any(list(chosen[at : at + LONGEST_REPEAT]) == tail for at in range(len(chosen) - 2 * LONGEST_REPEAT + 1))
