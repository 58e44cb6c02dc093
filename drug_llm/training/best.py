"""The weights with the lowest eval loss, and when to give up waiting for lower."""

from __future__ import annotations

import json

from safetensors.torch import load_file, save_file

from drug_llm.storage import new_folder
from drug_llm.training.checkpoint import trainable_parameters
from drug_llm.training.loss import LossReport
from drug_llm.training.session import Session
from drug_llm.training.sharding import gather_on_cpu, share_of


def is_best(session: Session) -> bool:
    """Return whether the newest evaluation has the lowest loss so far."""
    losses = _eval_losses(session)
    return losses[-1] == min(losses)


def has_stalled(session: Session) -> bool:
    """Return whether the last `early_stopping` evaluations brought no lower loss."""
    patience, losses = session.run.config.early_stopping, _eval_losses(session)
    return patience is not None and len(losses) - 1 - losses.index(min(losses)) >= patience


def keep_best(session: Session) -> None:
    """Write the weights as the best so far; the curve decides what is best, so a killed run decides the same again."""
    weights = gather_on_cpu(trainable_parameters(session.model).items(), kept=session.processes.first)
    if session.processes.first:
        with new_folder(session.run.checkpoints / "best") as partial:
            save_file(weights, partial / "adapter.safetensors")
            (partial / "state.json").write_text(json.dumps({"step": session.step}), encoding="utf-8")


def return_to_best(session: Session) -> LossReport:
    """Put the best weights into the model and return their evaluation."""
    session.processes.wait()
    weights = load_file(session.run.checkpoints / "best" / "adapter.safetensors")
    for name, parameter in trainable_parameters(session.model).items():
        parameter.data.copy_(share_of(weights[name], parameter))
    lowest = min(_eval_losses(session))
    best = next(point for point in session.curve if point.get("eval_loss") == lowest)
    session.watcher.notice(f"The final checkpoint has the weights after update {best['step']}.")
    return LossReport(lowest, best["eval_target_tokens"], len(session.evaluation))


def _eval_losses(session: Session) -> list[float]:
    return [point["eval_loss"] for point in session.curve if "eval_loss" in point]
