"""Greedy decoding that guesses ahead by looking the last words up in the prompt.

An answer read from a passage repeats runs of it, so the tokens that followed the same words in the prompt are tried
together: a forward pass over twelve tokens costs a small model hardly more than one over a single token. Only tokens
that the model itself would have chosen are kept. Saxena, "Prompt lookup decoding" (2023).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from transformers import DynamicCache

if TYPE_CHECKING:
    from transformers import PreTrainedModel

GUESSED = 12
"""Tokens tried at once."""
LONGEST_MATCH, SHORTEST_MATCH = 4, 2
"""Tokens that must have gone before, the longest run looked for first."""
LONGEST_REPEAT = 12
"""A run of this many tokens written twice ends the text: left alone, small models fall into loops."""


@dataclass
class _State:
    """Ids in the cache, and those chosen so far."""

    model: Any
    known: list[int]
    cache: Any = field(default_factory=DynamicCache)

    def forward(self, ids: Sequence[int]) -> torch.Tensor:
        """Return log-probabilities behind each of the ids, shape (len(ids), vocabulary), and keep them in the cache."""
        rows = torch.tensor([list(ids)], device=self.model.device)
        logits = self.model(input_ids=rows, **caching(self.model, self.cache)).logits[0]
        return torch.log_softmax(logits.float(), dim=-1)

    def forget(self, count: int) -> None:
        """Take the last ids out of the cache."""
        if count:
            self.cache.crop(-count)


@torch.inference_mode()
def decode(
    model: PreTrainedModel,
    prompt: Sequence[int],
    *,
    eos_id: int,
    max_new_tokens: int = 96,
    on_tokens: Callable[[Sequence[int]], None] | None = None,
) -> list[int]:
    """Return the ids of the most likely continuation of a prompt, up to end-of-text and without it.

    `on_tokens` receives tokens as they are settled.
    """
    state = _State(model, list(prompt))
    last = _prefill(state, prompt)
    chosen: list[int] = []
    for token in _tokens(state, last):
        if token == eos_id or len(chosen) >= max_new_tokens or _loops(chosen):
            break
        chosen.append(token)
        if on_tokens:
            on_tokens([token])
    return chosen


def _prefill(state: _State, prompt: Sequence[int]) -> torch.Tensor:
    rows = torch.tensor([list(prompt)], device=state.model.device)
    logits = state.model(input_ids=rows, logits_to_keep=1, **caching(state.model, state.cache)).logits
    return torch.log_softmax(logits[0, -1].float(), dim=-1)


def _tokens(state: _State, last: torch.Tensor) -> Iterator[int]:
    """Yield each token, without end; the caller stops."""
    token = int(last.argmax())
    yield token
    while True:
        guess = _guess([*state.known, token])
        rows = state.forward([token, *guess])
        best = rows.argmax(dim=-1).tolist()
        right = next((n for n, (g, b) in enumerate(zip(guess, best, strict=False)) if g != b), len(guess))
        state.forget(len(guess) - right)
        state.known += [token, *guess[:right]]
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


def caching(model: Any, cache: DynamicCache) -> dict[str, Any]:
    """Return the arguments by which a model keeps keys and values in a cache, whatever its release calls them."""
    name = "cache" if "cache" in _parameters(type(model)) else "past_key_values"
    return {"use_cache": True, name: cache}


def _parameters(kind: type) -> frozenset[str]:
    found = _SEEN.get(kind)
    if found is None:
        found = _SEEN[kind] = frozenset(inspect.signature(kind.forward).parameters)  # type: ignore[attr-defined]
    return found


_SEEN: dict[type, frozenset[str]] = {}
