"""Runs whose loss is no number any more, or has exploded: they stop, and what was good is kept."""

from __future__ import annotations

import math
import shutil
from typing import TYPE_CHECKING

from drug_llm.errors import RunError
from drug_llm.training.checkpoint import newest_checkpoint, step_folder

if TYPE_CHECKING:
    from drug_llm.training.session import Session

WORSE_THAN_BASE = 2.0
"""A loss this many times the base model's, and above that of guessing among all tokens, has exploded."""


class Diverged(RunError):
    """The loss became NaN or infinite, or exploded; the newest checkpoint left is good."""


def loss_limit(session: Session) -> float:
    """Return the loss from which a run counts as exploded, in nats per target token; infinite before the first one.

    A base model may be worse than guessing (a random one is), hence the greater of the two measures.
    """
    losses = [point["eval_loss"] for point in session.curve if "eval_loss" in point]
    guessing = math.log(session.model.config.vocab_size)
    return max(guessing, WORSE_THAN_BASE * losses[0]) if losses else math.inf


def refuse_divergence(session: Session, loss: float, norm: float = 0.0) -> None:
    """Raise Diverged when the weights after the last update gave such a loss or gradient norm.

    A checkpoint of these very weights is removed, since it would only lead here again.
    """
    limit = loss_limit(session)
    if math.isfinite(norm) and loss <= limit:
        return
    session.processes.wait()
    if session.processes.first:
        shutil.rmtree(step_folder(session.run.checkpoints, session.step), ignore_errors=True)
    session.processes.wait()
    raise Diverged(f"{_found(loss, norm, limit)} {_stopped(session)}")


def _found(loss: float, norm: float, limit: float) -> str:
    if loss <= limit:
        return f"The gradient norm is {norm} (loss {loss:.4g}); expected a finite number."
    expected = "a finite number" if math.isinf(limit) else f"at most {limit:.1f}"
    return f"The loss is {loss:.4g}; expected {expected}."


def _stopped(session: Session) -> str:
    if session.step == 0:
        return "No update has been made yet. Choose another base_model, a smaller lora_alpha, or dtype=float32."
    said = f"Training has diverged and is stopped after update {session.step} of {session.plan.updates}."
    rate = session.run.config.learning_rate
    return f"{said} {_left(session)} Lower learning_rate={rate:g}, raise warmup_ratio, or set dtype=float32."


def _left(session: Session) -> str:
    good = newest_checkpoint(session.run.checkpoints)
    if good is None:
        return f"No checkpoint was written before that (save_steps={session.run.config.save_steps})."
    return f"The last good checkpoint is {step_folder(session.run.checkpoints, good.step)}."
