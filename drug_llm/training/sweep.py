"""Search for the settings with the lowest eval loss: trials by Optuna, kept in SQLite, cut off and resumed at will."""

from __future__ import annotations

import hashlib
import itertools
import math
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drug_llm.errors import ConfigError, RunError
from drug_llm.settings import load_settings, to_yaml
from drug_llm.storage import write_text
from drug_llm.training.config import TrainConfig
from drug_llm.training.divergence import Diverged
from drug_llm.training.loss import LossReport
from drug_llm.training.plan import TrainingPlan
from drug_llm.training.run import claim_folder
from drug_llm.training.search_space import Range, is_grid, searched, split_words
from drug_llm.training.trainer import train
from drug_llm.training.watch import SilentWatcher, Update, Watcher

if TYPE_CHECKING:
    import optuna

INSTALL_COMMAND = 'pip install "drug-llm[sweep]"'
DEFAULT_TRIALS = 20
"""Trials where a range is searched; choices alone are all tried."""


@dataclass(frozen=True)
class Sweep:
    """What is searched, and from where."""

    file: Path | None
    """YAML file of the settings that all trials share."""
    words: tuple[str, ...]
    """`key=value` for all trials, `key=a,b,c` and `key=low..high` or `key=low..high:log` to be searched."""
    trials: int | None = None
    """Trials in all; by default every combination of choices, or DEFAULT_TRIALS with a range."""
    name: str | None = None
    """Name of the sweep's folder in `results_dir`; unless given it follows from the settings."""
    prune: bool = False
    """End a trial whose eval loss is above the median of the others at the same update."""

    @property
    def shared(self) -> TrainConfig:
        """Settings that all trials share."""
        return load_settings(TrainConfig, self.file, split_words(self.words)[0])

    @property
    def folder(self) -> Path:
        """Folder of the study, its trials and the best settings."""
        return Path(self.shared.results_dir) / (self.name or f"sweep-{_digest(to_yaml(self.shared), *self.words)}")


@dataclass(frozen=True)
class Outcome:
    """What a trial came to."""

    words: tuple[str, ...]
    """Its settings beyond the shared ones."""
    loss: float
    """Final eval loss; infinite for a trial that diverged or was pruned."""


def run_sweep(sweep: Sweep, watcher: Watcher) -> list[Outcome]:
    """Run the trials that are still missing and write `best.yaml`; return all outcomes, the best first.

    Raises ConfigError for words that cannot be searched, RunError when the folder holds another sweep or no trial
    came to an end, and Stopped when asked to leave: the same command then goes on with the trial that was cut off.
    """
    check_installed()
    space = searched(sweep.words, sweep.file)
    with claim_folder(sweep.folder):
        study = _open_study(sweep, space)
        total = sweep.trials or (len(_grid(space)) if is_grid(space) else DEFAULT_TRIALS)
        while (done := len(_finished(study))) < total:
            trial = study.ask()
            words = _suggested(trial, space)
            watcher.notice(f"Trial {done + 1} of {total}: {' '.join(words)}")
            loss = _tell(study, trial, partial(_loss, sweep, words, _TrialWatcher(watcher, trial)))
            watcher.notice(f"  eval loss {loss:.4f}" if math.isfinite(loss) else "  given up")
    outcomes = sorted(_outcomes(study), key=lambda outcome: outcome.loss)
    if not outcomes or not math.isfinite(outcomes[0].loss):
        raise RunError(f"{sweep.folder}: all {len(outcomes)} trials diverged. Search lower learning rates.")
    best = load_settings(TrainConfig, sweep.file, [*split_words(sweep.words)[0], *outcomes[0].words])
    write_text(sweep.folder / "best.yaml", to_yaml(best))
    return outcomes


def check_installed() -> None:
    """Raise ConfigError where Optuna is not installed."""
    try:
        import optuna  # noqa: F401
    except ImportError as error:
        raise ConfigError(f"drug-llm sweep: Optuna is not installed. Run `{INSTALL_COMMAND}`.") from error


def _open_study(sweep: Sweep, space: dict[str, tuple[str, ...] | Range]) -> optuna.Study:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = optuna.storages.RDBStorage(f"sqlite:///{sweep.folder / 'study.sqlite'}")
    before = storage.get_all_studies()
    known = len(storage.get_all_trials(before[0]._study_id)) if before else 0
    study = optuna.create_study(
        storage=storage,
        study_name="sweep",
        load_if_exists=True,
        # A resumed sampler that started from the same seed would draw its first trials once more.
        sampler=optuna.samplers.TPESampler(seed=sweep.shared.seed + known),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4) if sweep.prune else optuna.pruners.NopPruner(),
    )
    asked = f"{to_yaml(sweep.shared)}{' '.join(sorted(map(str, space.items())))}"
    if study.user_attrs.setdefault("asked", asked) != asked:
        raise RunError(f"{sweep.folder}: holds a sweep of other settings. Give another --name.")
    study.set_user_attr("asked", asked)
    for combination in _grid(space) if is_grid(space) else []:
        study.enqueue_trial(combination, skip_if_exists=True)
    for trial in study.get_trials(states=(optuna.trial.TrialState.RUNNING,)):
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
        study.enqueue_trial(trial.params)
    return study


def _grid(space: dict[str, tuple[str, ...] | Range]) -> list[dict[str, str]]:
    choices = [values for values in space.values() if isinstance(values, tuple)]
    return [dict(zip(space, combination, strict=True)) for combination in itertools.product(*choices)]


def _suggested(trial: optuna.Trial, space: dict[str, tuple[str, ...] | Range]) -> tuple[str, ...]:
    words = []
    for key, values in space.items():
        if not isinstance(values, Range):
            value: Any = trial.suggest_categorical(key, values)
        elif values.whole:
            value = trial.suggest_int(key, int(values.low), int(values.high), log=values.log)
        else:
            value = trial.suggest_float(key, values.low, values.high, log=values.log)
        words.append(f"{key}={value}")
    return tuple(words)


def _tell(study: optuna.Study, trial: optuna.Trial, measure: Callable[[], float]) -> float:
    """Measure a trial's loss unless the same settings were measured before; tell the study of it."""
    import optuna

    for other in study.get_trials(states=(optuna.trial.TrialState.COMPLETE,)):
        if other.params == trial.params and other.value is not None:
            study.tell(trial, other.value)
            return float(other.value)
    try:
        loss = measure()
    except (Diverged, optuna.TrialPruned):
        study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        return math.inf
    study.tell(trial, loss)
    return loss


def _loss(sweep: Sweep, words: Sequence[str], watcher: Watcher) -> float:
    """Return the final eval loss of a run with these words; its name is theirs, so a cut-off run is gone on with."""
    name = f"trial-{_digest(*words)}"
    trials = sweep.folder / "trials"
    config = load_settings(TrainConfig, sweep.file, [*split_words(sweep.words)[0], *words])
    final = trials / name / "final"
    placed = replace(config, results_dir=str(trials), run_name=name, output_dir=str(final), shown_questions=0)
    metrics = train(placed, watcher)
    # The weights of a trial can be had again from its settings; kept, they would fill the disk.
    shutil.rmtree(final, ignore_errors=True)
    return float(metrics["eval"]["loss"])


def _finished(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    import optuna

    return list(study.get_trials(states=(optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED)))


def _outcomes(study: optuna.Study) -> Iterator[Outcome]:
    seen = set()
    for trial in _finished(study):
        words = tuple(f"{key}={value}" for key, value in trial.params.items())
        if words not in seen:
            seen.add(words)
            complete = trial.state.name == "COMPLETE" and trial.value is not None
            yield Outcome(words, float(trial.value) if complete and trial.value is not None else math.inf)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]


class _TrialWatcher(SilentWatcher):
    """Passes the progress of a trial on, without its sentences, and ends one that is no good."""

    def __init__(self, watcher: Watcher, trial: optuna.Trial) -> None:
        self._watcher, self._trial = watcher, trial

    def updated(self, update: Update) -> None:
        self._watcher.updated(update)

    def evaluated(self, step: int, report: LossReport) -> None:
        import optuna

        self._trial.report(report.loss, step)
        if self._trial.should_prune():
            raise optuna.TrialPruned

    def started(self, plan: TrainingPlan, done: int, eval_examples: int) -> None:
        self._watcher.started(plan, done, eval_examples)
