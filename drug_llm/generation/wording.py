"""What a tuned model makes of a question and passages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """An answer as the model wrote it; nothing has checked it yet."""

    text: str
