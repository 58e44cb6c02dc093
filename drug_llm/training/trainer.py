"""The training run, top to bottom."""

from __future__ import annotations

import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drug_llm.encoding import Encoding
from drug_llm.instructions.jsonl import load_examples
from drug_llm.models.base import BaseModel, resolve_base_model
from drug_llm.models.final import check_replaceable, save_final
from drug_llm.models.four_bit import check_four_bit
from drug_llm.models.loading import load_tokenizer, parameter_count
from drug_llm.models.precision import Precision, choose_precision
from drug_llm.models.tokenizer import load_text_encoder
from drug_llm.prompts import PromptFormat
from drug_llm.settings import to_yaml
from drug_llm.storage import check_free_space, check_writable, storage_errors, write_json
from drug_llm.training import run as runs
from drug_llm.training.best import has_stalled, is_best, keep_best, return_to_best
from drug_llm.training.config import TrainConfig
from drug_llm.training.data import EncodedFile, encode_file
from drug_llm.training.loss import LossReport
from drug_llm.training.memory import spare_memory
from drug_llm.training.processes import Processes, join_processes, local_device
from drug_llm.training.session import Session, evaluate, make_update, open_session, save
from drug_llm.training.sharding import check_sharding, whole_model
from drug_llm.training.shown import show_answers
from drug_llm.training.trackers import check_tracker, open_trackers
from drug_llm.training.watch import SilentWatcher, Watcher

NEEDED_BYTES = 200_000_000
"""Free space asked for before a run: checkpoints, the final one and the logs of a small base model."""
BYTES_A_WEIGHT = 44
"""The same for each weight of a base model that trains as a whole: three checkpoints of a weight and its two moments,
and two times the weight alone."""


@dataclass(frozen=True)
class _Prepared:
    run: runs.Run
    base: BaseModel
    encoding: Encoding
    files: tuple[EncodedFile, EncodedFile]


def train(config: TrainConfig, watcher: Watcher) -> dict[str, Any]:
    """Train, evaluate and write the final checkpoint; return the metrics that `metrics.json` holds.

    A run that was killed goes on from its last checkpoint; a finished one returns its metrics unchanged unless
    `overwrite`. No file of the run is written before settings, data, base model and folders are known to be good.

    Raises a DrugLLMError for whatever the user can mend, among them Diverged when the loss becomes NaN or explodes,
    and Stopped after SIGTERM or Ctrl-C.
    """
    precision = choose_precision(local_device(config.device), config.dtype)
    if precision.device.type == "cpu":
        spare_memory()
    with join_processes(precision.device) as processes:
        check_sharding(config, processes)
        if not processes.first:
            watcher = SilentWatcher()
        with processes.first_alone():
            prepared = _prepare(config, precision, watcher)
        if isinstance(prepared, dict):
            return prepared
        return _train(prepared, precision, watcher, processes)


def _prepare(config: TrainConfig, precision: Precision, watcher: Watcher) -> _Prepared | dict[str, Any]:
    """Check everything that can be checked; return what the run needs, or the metrics of a finished one."""
    _check_inputs(config)
    base = resolve_base_model(config.base_model)
    watcher.notice(_first_line(base, precision))
    if config.method == "full":
        check_free_space(Path(config.results_dir), BYTES_A_WEIGHT * parameter_count(base.folder))
    run = runs.open_run(config, base, precision)
    if not config.overwrite and (metrics := run.finished_metrics()):
        watcher.notice(f"Run {run.name} is finished already: nothing to do. overwrite=true trains it again.")
        return metrics
    runs.check_not_taken(run)
    watcher.notice("Reading and encoding the data and loading the base model (5 to 20 s) ...")
    encoding = Encoding(load_text_encoder(base.folder), PromptFormat(), config.max_tokens, config.train_on_prompt)
    files = (
        _encode(config.train_file, encoding, config, watcher),
        _encode(config.eval_file, encoding, config, watcher),
    )
    return _Prepared(run, base, encoding, files)


def _train(prepared: _Prepared, precision: Precision, watcher: Watcher, processes: Processes) -> dict[str, Any]:
    run, base = prepared.run, prepared.base
    with storage_errors(run.folder), runs.claim_folder(run.folder) if processes.first else nullcontext():
        if processes.first:
            runs.begin(run, base)
        processes.wait()
        session = open_session(run, base, precision, prepared.files, watcher, processes=processes)
        session.encoder = prepared.encoding.encoder
        metrics = _run_to_the_end(session)
        session.model = whole_model(session.model, processes)
        if processes.first:
            _write_final(session, base, prepared.encoding, metrics)
        processes.wait()
    return metrics


def _check_inputs(config: TrainConfig) -> None:
    # All of this comes before the base model is fetched: a typing error should not cost a download.
    check_tracker(config.tracker)
    if config.method == "qlora":
        check_four_bit()
    check_writable(Path(config.results_dir))
    check_writable(Path(config.output_dir).parent)
    check_replaceable(Path(config.output_dir))
    check_free_space(Path(config.results_dir), NEEDED_BYTES)
    for path in (config.train_file, config.eval_file):
        load_examples(Path(path), drop_bad_lines=config.on_bad_lines == "drop")


def _first_line(base: BaseModel, precision: Precision) -> str:
    said = f"Base model: {base.title} ({base.name}), {precision.dtype_name} on {precision.device.type}."
    return f"{base.notice}\n{said}" if base.notice else said


def _encode(path: str, encoding: Encoding, config: TrainConfig, watcher: Watcher) -> EncodedFile:
    file = encode_file(Path(path), encoding, drop_bad_lines=config.on_bad_lines == "drop")
    if file.dropped:
        watcher.notice(
            f"{path}: {file.dropped} lines cannot be used and are left out; `drug-llm dataset check` names them."
        )
    return file


def _run_to_the_end(session: Session) -> dict[str, Any]:
    config, updates = session.run.config, session.plan.updates
    with _stop_on_signal(session.stop), _tracked(session):
        while True:
            if session.step % config.eval_steps == 0 or session.step == updates:
                report = evaluate(session)
                show_answers(session)
                if config.keeps_best and is_best(session):
                    keep_best(session)
                if session.step == updates or has_stalled(session):
                    break
            make_update(session)
            if session.step % config.save_steps == 0 or session.step == updates:
                save(session)
    if config.keeps_best:
        report = return_to_best(session)
    return _metrics(session, report)


@contextmanager
def _tracked(session: Session) -> Iterator[None]:
    if not session.processes.first:
        yield
        return
    with open_trackers(session.run, session.step) as (session.board, session.tracker):
        yield


def _metrics(session: Session, report: LossReport) -> dict[str, Any]:
    before = next(point for point in session.curve if point["step"] == 0 and "eval_loss" in point)
    base = LossReport(before["eval_loss"], before["eval_target_tokens"], len(session.evaluation))
    last = next(point for point in reversed(session.curve) if "loss" in point)
    seconds = session.counters["seconds"]
    return {
        "run": session.run.name,
        "base": {"loss": base.loss, "perplexity": base.perplexity},
        "eval": {"loss": report.loss, "perplexity": report.perplexity},
        "eval_examples": report.examples,
        "eval_target_tokens": report.target_tokens,
        "train": {"loss": last["loss"]},
        "train_examples": len(session.train),
        "updates": session.step,
        "tokens": int(session.counters["tokens"]),
        "seconds": round(seconds, 1),
        "tokens_per_second": round(session.counters["tokens"] / seconds, 1),
        "matrix_rate_share": round(session.counters["operations"] / seconds / session.rate, 3),
    }


def _write_final(session: Session, base: BaseModel, encoding: Encoding, metrics: dict[str, Any]) -> None:
    run = session.run
    save_final(
        Path(run.config.output_dir),
        session.model,
        load_tokenizer(base.folder),
        prompt_format=encoding.prompt_format,
        settings=to_yaml(run.config),
        manifest=runs.manifest(run, base) | {"finished": runs.now(), "metrics": metrics},
    )
    write_json(run.metrics_file, metrics)
    shutil.rmtree(run.checkpoints, ignore_errors=True)


@contextmanager
def _stop_on_signal(stop: threading.Event) -> Iterator[None]:
    """Let SIGINT and SIGTERM ask the run to save and leave; a second one ends it at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(number: int, _: object) -> None:
        stop.set()
        signal.signal(number, before[signal.Signals(number)])

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
