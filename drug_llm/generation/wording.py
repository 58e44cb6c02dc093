"""What a tuned model makes of a question and passages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """An answer as the model wrote it; nothing has checked it yet."""

    text: str
    silence: float
    """Probability that the model opens by saying that the passages do not say, 0 to 1."""
    certainty: float
    """Mean log-probability of its tokens, at most 0."""
