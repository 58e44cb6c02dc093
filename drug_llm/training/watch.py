"""How a training run tells of itself to whoever follows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from drug_llm.errors import RunError
from drug_llm.training.loss import LossReport
from drug_llm.training.plan import TrainingPlan


class Stopped(RunError):
    """The run was asked to stop and has saved a checkpoint."""


@dataclass(frozen=True)
class Update:
    """What one update did."""

    step: int
    """Updates done, this one included."""
    loss: float
    """Mean loss per target token over the update's examples."""
    learning_rate: float
    """Learning rate that was applied."""
    grad_norm: float
    """Norm of all gradients before they were scaled down."""
    tokens: int
    """Tokens that went through the model, without any padding."""
    seconds: float
    """Wall time."""
    share: float = 0.0
    """Needed operations a second over the machine's measured rate of matrix products."""


class Watcher(Protocol):
    """Whoever follows a run: the terminal, a test."""

    def notice(self, text: str) -> None:
        """Take a sentence that the user must read."""

    def started(self, plan: TrainingPlan, done: int, eval_examples: int) -> None:
        """Learn how many updates there are, how many are done, and how many examples an evaluation scores."""

    def updated(self, update: Update) -> None:
        """Learn of a finished update."""

    def evaluating(self, examples: int) -> None:
        """Learn that this many more examples were scored."""

    def evaluated(self, step: int, report: LossReport) -> None:
        """Learn of a finished evaluation."""


class SilentWatcher:
    """Shows nothing; every process but the first is followed by one."""

    def notice(self, text: str) -> None:
        """Show nothing."""

    def started(self, plan: TrainingPlan, done: int, eval_examples: int) -> None:
        """Show nothing."""

    def updated(self, update: Update) -> None:
        """Show nothing."""

    def evaluating(self, examples: int) -> None:
        """Show nothing."""

    def evaluated(self, step: int, report: LossReport) -> None:
        """Show nothing."""
