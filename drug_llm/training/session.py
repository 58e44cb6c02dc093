"""A run in memory: model, optimiser, data and log, and the three things done with them."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, NoReturn

import torch

from drug_llm.encoding import Encoder
from drug_llm.models.adapted_linear import compute_adapters_in_base_format, dropout_drawn_from
from drug_llm.models.base import BaseModel
from drug_llm.models.loading import LoraSettings, add_adapter, load_base_model
from drug_llm.models.precision import Precision
from drug_llm.storage import write_text
from drug_llm.training.checkpoint import (
    newest_checkpoint,
    restore_checkpoint,
    save_checkpoint,
    take_checkpoint,
    trainable_parameters,
)
from drug_llm.training.config import TrainConfig
from drug_llm.training.data import EncodedFile
from drug_llm.training.divergence import refuse_divergence
from drug_llm.training.loss import LossReport, Row, evaluate_loss, make_row, row_loss
from drug_llm.training.packing import pack_rows
from drug_llm.training.plan import TrainingPlan
from drug_llm.training.processes import Processes
from drug_llm.training.run import Run, read_curve
from drug_llm.training.sharding import gather, idle_pass, in_step, load_on_first, shard
from drug_llm.training.side_by_side import rows_side_by_side, side_by_side
from drug_llm.training.speed import Work, forget_rate, rate_of_all, work_of
from drug_llm.training.trackers import TensorBoard, Tracker
from drug_llm.training.watch import Stopped, Update, Watcher

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel


@dataclass
class Session:
    """Everything that a training loop works on."""

    run: Run
    model: PeftModel | PreTrainedModel
    optimizer: torch.optim.Optimizer
    plan: TrainingPlan
    train: EncodedFile
    evaluation: EncodedFile
    device: torch.device
    watcher: Watcher
    step: int = 0
    """Updates done."""
    counters: dict[str, float] = field(default_factory=lambda: {"tokens": 0.0, "seconds": 0.0, "operations": 0.0})
    """Sums over the updates done, kept across restarts."""
    curve: list[dict[str, Any]] = field(default_factory=list)
    """What was logged, as in `curve.jsonl`."""
    processes: Processes = field(default_factory=Processes)
    """This process and the others that train with it."""
    work: Work = field(default_factory=lambda: Work(0.0, 0.0, 0.0))
    """Operations that an update needs."""
    rate: float = math.inf
    """Operations a second that all processes' matrix products reach."""
    board: TensorBoard | None = None
    """TensorBoard log; only the first process writes one."""
    tracker: Tracker | None = None
    """Where the figures go besides."""
    encoder: Encoder | None = None
    """Tokenizer of the base model."""
    stop: threading.Event = field(default_factory=threading.Event)
    """Set when the run is to save and leave."""


def open_session(
    run: Run,
    base: BaseModel,
    precision: Precision,
    files: tuple[EncodedFile, EncodedFile],
    watcher: Watcher,
    *,
    processes: Processes,
) -> Session:
    """Return the run as it stood after its newest checkpoint, or at its beginning."""
    config = run.config
    torch.manual_seed(config.seed)
    model = _model(config, base, precision, processes)
    if config.sharding != "none":
        # Answers are written by the first process alone, and a split model answers to all of them together only.
        run = replace(run, config=replace(config, shown_questions=0))
    optimizer = torch.optim.AdamW(
        _groups(model, config),
        lr=config.learning_rate,
        weight_decay=config.weight_decay,
        fused=precision.device.type == "cuda",
    )
    checkpoint = newest_checkpoint(run.checkpoints)
    step = checkpoint.step if checkpoint else 0
    if checkpoint:
        restore_checkpoint(checkpoint, model, optimizer)
        watcher.notice(f"Run {run.name} goes on after update {step}.")
    session = Session(
        run,
        model,
        optimizer,
        TrainingPlan(config, len(files[0])),
        *files,
        precision.device,
        watcher,
        step,
        processes=processes,
        work=work_of(model),
        rate=rate_of_all(precision, processes),
    )
    session.counters.update(checkpoint.counters if checkpoint else {})
    session.curve = read_curve(run, up_to=step)
    processes.wait()
    if processes.first:
        write_text(run.curve_file, "".join(json.dumps(point) + "\n" for point in session.curve))
    watcher.started(session.plan, step, len(session.evaluation))
    return session


def make_update(session: Session) -> None:
    """Do the next update: gradients of all its examples, weighted by target tokens, then one optimiser step.

    Raises Stopped between two rows when the run is to leave, after saving the updates done before this one, and
    Diverged when the loss is no longer a number or has exploded.
    """
    config, plan, started = session.run.config, session.plan, time.perf_counter()
    together = session.processes
    torch.manual_seed(plan.dropout_seed(session.step) + together.rank)
    session.model.train()
    rows, short = _rows(session)
    stopped, targets, tokens, operations = together.total(
        session.stop.is_set(),
        sum(len(row.targets) for row in rows.values()),
        sum(row.input_ids.numel() for row in rows.values()),
        session.work.needed(rows.values()),
    )
    if stopped:
        _leave(session)
    loss = 0.0
    for done, part in enumerate(_learn(session, rows, targets), 1):
        loss += part
        # Several processes must leave together, so they look at the flag between two updates only.
        if together.count == 1 and session.stop.is_set() and done < len(rows):
            _leave(session)
    if short and config.sharding != "none":
        idle_pass(session.model, session.device)
    together.add_gradients(trainable_parameters(session.model).values())
    (loss,) = together.total(loss)
    norm = _apply_gradients(session, config.max_grad_norm)
    refuse_divergence(session, loss, norm)
    seconds = time.perf_counter() - started
    session.counters["operations"] += operations
    share = operations / seconds / session.rate
    rate = plan.learning_rate(session.step)
    _log_update(session, Update(session.step + 1, loss, rate, norm, int(tokens), seconds, share=share))


def _learn(session: Session, rows: dict[int, Row], targets: float) -> Iterator[float]:
    """Yield each row's part of the loss when its gradients are added to those of the parameters.

    They are added in one order, whichever row is ready first, so that a run rounds the same way each time.
    """
    seed = session.plan.dropout_seed(session.step)

    def loss_of(number: int) -> torch.Tensor:
        with dropout_drawn_from(seed, number):
            return row_loss(session.model, rows[number]) / targets

    at_once = _rows_at_once(session)
    if at_once == 1:
        for number in rows:
            loss = loss_of(number)
            loss.backward()
            yield float(loss.detach())
        return
    parameters = list(trainable_parameters(session.model).values())

    def gradients_of(number: int) -> tuple[float, tuple[torch.Tensor | None, ...]]:
        loss = loss_of(number)
        return float(loss.detach()), torch.autograd.grad(loss, parameters, allow_unused=True)

    for part, gradients in side_by_side(gradients_of, rows, at_once):
        for parameter, gradient in zip(parameters, gradients, strict=True):
            if gradient is not None:
                parameter.grad = gradient if parameter.grad is None else parameter.grad.add_(gradient)
        yield part


def _rows_at_once(session: Session) -> int:
    """Return how many rows this process computes side by side.

    One where gradients are as large as the model, where the model is split, and where some dropout draws from torch's
    own generator, which all threads share.
    """
    config = session.run.config
    shared = config.base_dropout or (config.lora_variant == "dora" and config.lora_dropout > 0)
    alone = config.method == "full" or config.sharding != "none" or shared
    return 1 if alone else rows_side_by_side(session.device)


def _leave(session: Session) -> NoReturn:
    save(session)
    raise Stopped(
        f"Stopped after update {session.step} of {session.plan.updates}. The same command goes on from there."
    )


def _rows(session: Session) -> tuple[dict[int, Row], bool]:
    """Return this process's rows of the next update by their number among all, and whether others have one more."""
    examples = session.train.examples(session.plan.examples(session.step))
    capacity = session.run.config.tokens_per_row(on_gpu=session.device.type == "cuda")
    together = session.processes
    at_once = _rows_at_once(session) * together.count
    packed = pack_rows([len(example.input_ids) for example in examples], capacity, side_by_side=at_once)
    numbered = together.share(list(enumerate(packed)))
    rows = {number: make_row([examples[index] for index in row], session.device) for number, row in numbered}
    return rows, together.is_short(len(packed))


def evaluate(session: Session) -> LossReport:
    """Return the loss on the eval file at this step, scoring it unless that was done before a restart."""
    for point in session.curve:
        if point["step"] == session.step and "eval_loss" in point:
            return LossReport(point["eval_loss"], point["eval_target_tokens"], len(session.evaluation))
    report = evaluate_loss(
        session.model,
        session.evaluation,
        session.device,
        on_examples=session.watcher.evaluating,
        processes=in_step(session.processes, session.model, session.device),
        rows_at_once=1 if session.run.config.sharding != "none" else rows_side_by_side(session.device),
    )
    refuse_divergence(session, report.loss)
    _log(session, {"step": session.step, "eval_loss": report.loss, "eval_target_tokens": report.target_tokens})
    _draw(session, {"eval/loss": report.loss, "eval/perplexity": report.perplexity})
    session.watcher.evaluated(session.step, report)
    return report


def save(session: Session) -> None:
    """Write a checkpoint of the updates done; before the first there is nothing to save."""
    if not session.step:
        return
    first = session.processes.first
    checkpoint = take_checkpoint(session.model, session.optimizer, session.step, session.counters, kept=first)
    if first:
        save_checkpoint(session.run.checkpoints, checkpoint)


def _model(
    config: TrainConfig, base: BaseModel, precision: Precision, together: Processes
) -> PeftModel | PreTrainedModel:
    """Return the base model with what trains on it, an adapter or its own weights, split over processes if so set."""
    if config.sharding == "none":
        loaded = load_base_model(base, precision, segmented=True, dropout=config.base_dropout, method=config.method)
        return _trained(config, base, loaded)
    model = _trained(config, base, load_on_first(config, base, precision, together))
    shard(model, precision, together)
    return model


def _trained(config: TrainConfig, base: BaseModel, model: PreTrainedModel) -> PeftModel | PreTrainedModel:
    if config.method == "full":
        return model
    sizes = config.lora_rank, config.lora_alpha, config.lora_dropout
    lora = LoraSettings(*sizes, config.target_modules, variant=config.lora_variant)
    adapted = add_adapter(model, lora, base=base)
    compute_adapters_in_base_format(adapted)
    return adapted


def _groups(model: torch.nn.Module, config: TrainConfig) -> list[dict[str, Any]]:
    """Return the parameters as groups with their `pace`, the multiple of the learning rate that they learn at."""
    parameters = trainable_parameters(model).items()
    fast = [parameter for name, parameter in parameters if ".lora_B." in name]
    rest = [parameter for name, parameter in parameters if ".lora_B." not in name]
    return [{"params": rest, "pace": 1.0}, {"params": fast, "pace": config.lora_plus_ratio}]


def _apply_gradients(session: Session, max_norm: float) -> float:
    for group in session.optimizer.param_groups:
        group["lr"] = session.plan.learning_rate(session.step) * group["pace"]
    parameters = list(trainable_parameters(session.model).values())
    norm = float(gather(torch.nn.utils.clip_grad_norm_(parameters, max_norm or math.inf)))
    if math.isfinite(norm):
        session.optimizer.step()
    session.optimizer.zero_grad()
    return norm


def _log_update(session: Session, update: Update) -> None:
    session.step = update.step
    session.counters["tokens"] += update.tokens
    session.counters["seconds"] += update.seconds
    if update.share > 1:
        forget_rate()
    # Time is left out of the curve, so that two runs of the same settings can be compared line by line.
    _log(session, {key: value for key, value in asdict(update).items() if key not in ("seconds", "share")})
    figures = {"loss": update.loss, "perplexity": LossReport(update.loss, 0, 0).perplexity}
    figures |= {"learning_rate": update.learning_rate, "grad_norm": update.grad_norm}
    figures |= {"tokens_per_second": update.tokens / update.seconds, "matrix_rate_share": update.share}
    _draw(session, {f"train/{key}": value for key, value in figures.items()})
    session.watcher.updated(update)


def _draw(session: Session, figures: dict[str, float]) -> None:
    for place in (session.board, session.tracker):
        if place is not None:
            place.figures(figures, session.step)


def _log(session: Session, point: dict[str, Any]) -> None:
    session.curve.append(point)
    if not session.processes.first:
        return
    with session.run.curve_file.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(point) + "\n")
