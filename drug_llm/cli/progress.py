"""What the terminal shows of a training run: a live bar, or plain lines where there is no terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from typing_extensions import Self

from drug_llm.training.loss import LossReport
from drug_llm.training.plan import TrainingPlan
from drug_llm.training.watch import Update

LINE_SECONDS = 10.0
"""Where output is not a terminal, seconds between two lines of progress."""


class TerminalWatcher:
    """Shows updates and evaluations with loss, speed and time left."""

    def __init__(self) -> None:
        self.console = Console(highlight=False, soft_wrap=True)
        self.bar = Progress(
            TextColumn("{task.description:<10}"),
            BarColumn(bar_width=28),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[figures]}"),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self.training: TaskID | None = None
        self.scoring: TaskID | None = None
        self.total = self.eval_examples = 0
        self.began = self.last_line = 0.0
        self.first_step = 0

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def notice(self, text: str) -> None:
        """Print a sentence above the bar."""
        self.console.print(text, markup=False)

    def started(self, plan: TrainingPlan, done: int, eval_examples: int) -> None:
        """Show the bar of the updates."""
        self.total, self.eval_examples, self.first_step = plan.updates, eval_examples, done
        self.began = time.monotonic()
        if self.training is not None:
            self.bar.remove_task(self.training)
        self.notice(f"{plan.train_examples} training examples, {plan.updates} updates; {eval_examples} eval examples.")
        self.training = self.bar.add_task("training", total=plan.updates, completed=done, figures="")

    def updated(self, update: Update) -> None:
        """Move the bar, or print a line now and then."""
        speed = update.tokens / update.seconds
        figures = f"loss {update.loss:.3f}  {speed:.0f} tokens/s  {update.share:.0%} of the matrix rate"
        if self.training is not None:
            self.bar.update(self.training, completed=update.step, figures=figures)
        if not self.console.is_terminal and time.monotonic() - self.last_line > LINE_SECONDS:
            self.last_line = time.monotonic()
            done = update.step - self.first_step
            left = (self.last_line - self.began) / done * (self.total - update.step)
            self.notice(f"update {update.step}/{self.total}  {figures}  about {left:.0f} s left")

    def evaluating(self, examples: int) -> None:
        """Move the bar of the evaluation."""
        if self.scoring is None:
            self.scoring = self.bar.add_task("evaluating", total=self.eval_examples, figures="")
        self.bar.update(self.scoring, advance=examples)

    def evaluated(self, step: int, report: LossReport) -> None:
        """Print the result of an evaluation."""
        if self.scoring is not None:
            self.bar.remove_task(self.scoring)
            self.scoring = None
        self.notice(f"update {step}: eval loss {report.loss:.4f}, perplexity {report.perplexity:.2f}")


@contextmanager
def counting_bar(description: str, *, total: int, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """Yield a function that moves a bar with an estimate of the time left; without a terminal it shows nothing."""
    console = Console(stderr=True)
    columns = (TextColumn(f"{description:<10}"), BarColumn(bar_width=28), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal, transient=True) as bar:
        task = bar.add_task(description, total=total)
        yield lambda count: bar.advance(task, count)
