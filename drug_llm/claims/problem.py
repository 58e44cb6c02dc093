"""What a check of a sentence finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that a sentence says and its evidence does not."""

    kind: str
    """`number`, `unit`, `frequency`, `route`, `population`, `polarity`, `condition`, `severity`, `drug` or `term`."""
    found: str
    """What the sentence says, in normal form."""
    expected: str
    """What the evidence says instead; empty where it says nothing of the kind."""
