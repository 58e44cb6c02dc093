"""Where a run's curves go: TensorBoard beside the run and, when asked, Weights & Biases, MLflow or Trackio.

A resumed run goes on in the entry that it has there. The services take their addresses and keys from their own
environment variables; without any, MLflow and Trackio write on this machine, and W&B does with WANDB_MODE=offline.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from drug_llm.errors import ConfigError, RunError
from drug_llm.training.run import Run

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from torch.utils.tensorboard import SummaryWriter

logger = logging.getLogger(__name__)
PROJECT = "drug-llm"
"""Name of the project or experiment in a tracker that has them."""
PACKAGES = ("wandb", "mlflow", "trackio")
"""Trackers whose package is an extra of `drug-llm` of the same name."""


class Tracker(Protocol):
    """A place that figures go to."""

    def figures(self, values: Mapping[str, float], step: int) -> None:
        """Take the figures of an update or evaluation."""

    def close(self, *, finished: bool) -> None:
        """Write what is still in memory; a run that was stopped or failed is not finished."""


class TensorBoard:
    """The log in the run's own folder, which holds answers to questions too."""

    def __init__(self, run: Run, step: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        folder = str(run.folder / "tensorboard")
        self._writer: SummaryWriter = SummaryWriter(folder, purge_step=step + 1 if step else None)

    def figures(self, values: Mapping[str, float], step: int) -> None:
        """Take the figures of an update or evaluation."""
        for key, value in values.items():
            self._writer.add_scalar(key, value, step)

    def text(self, key: str, text: str, step: int) -> None:
        """Take a text in Markdown."""
        self._writer.add_text(key, text, step)

    def close(self, *, finished: bool) -> None:
        """Write what is still in memory."""
        self._writer.close()


class Wandb:
    """Weights & Biases."""

    def __init__(self, run: Run) -> None:
        import wandb

        self._run = wandb.init(
            project=PROJECT,
            id=_identifier(run),
            name=run.name,
            config=dict(run.identity["settings"]),
            dir=str(run.folder),
            resume="allow",
            settings=wandb.Settings(silent=True, console="off"),
        )

    def figures(self, values: Mapping[str, float], step: int) -> None:
        """Take the figures of an update or evaluation."""
        # A service that has seen a later step already, before the run was cut off, passes over this one.
        self._run.log(dict(values), step=step)

    def close(self, *, finished: bool) -> None:
        """Write what is still in memory."""
        self._run.finish(exit_code=0 if finished else 1)


class Mlflow:
    """MLflow: the server of MLFLOW_TRACKING_URI, else an SQLite file in `results_dir`."""

    def __init__(self, run: Run) -> None:
        from mlflow import MlflowClient

        file = Path(run.config.results_dir, "mlflow.db").resolve()
        self._client: MlflowClient = MlflowClient(os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{file}")
        found = self._client.get_experiment_by_name(PROJECT)
        experiment = found.experiment_id if found else self._client.create_experiment(PROJECT)
        known = self._client.search_runs([experiment], f"tags.drug_llm_run = '{_identifier(run)}'")
        self._id: str = known[0].info.run_id if known else self._create(experiment, run)
        self._client.update_run(self._id, status="RUNNING")

    def _create(self, experiment: str, run: Run) -> str:
        created = self._client.create_run(experiment, run_name=run.name, tags={"drug_llm_run": _identifier(run)})
        for key, value in run.identity["settings"].items():
            self._client.log_param(created.info.run_id, key, value)
        return str(created.info.run_id)

    def figures(self, values: Mapping[str, float], step: int) -> None:
        """Take the figures of an update or evaluation."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        self._client.log_batch(self._id, [Metric(key, value, now, step) for key, value in values.items()])

    def close(self, *, finished: bool) -> None:
        """Write what is still in memory."""
        self._client.set_terminated(self._id, "FINISHED" if finished else "KILLED")


class Trackio:
    """Trackio: TRACKIO_DIR on this machine, or the Space of TRACKIO_SPACE_ID."""

    def __init__(self, run: Run) -> None:
        import trackio

        settings = dict(run.identity["settings"])
        self._run: Any = trackio.init(PROJECT, _identifier(run), config=settings, resume="allow", embed=False)

    def figures(self, values: Mapping[str, float], step: int) -> None:
        """Take the figures of an update or evaluation."""
        self._run.log(dict(values), step=step)

    def close(self, *, finished: bool) -> None:
        """Write what is still in memory."""
        import trackio

        trackio.finish()


def check_tracker(name: str) -> None:
    """Raise ConfigError where the package of a tracker is not installed."""
    if name in PACKAGES and importlib.util.find_spec(name) is None:
        raise ConfigError(f'tracker={name}: {name} is not installed. Run `pip install "drug-llm[{name}]"`.')


class _Forgiving:
    """Passes figures on until the tracker fails: a service that is down must not cost the run."""

    def __init__(self, name: str, tracker: Tracker) -> None:
        self._name, self._tracker, self._works = name, tracker, True

    def figures(self, values: Mapping[str, float], step: int) -> None:
        self._try(lambda: self._tracker.figures(values, step))

    def close(self, *, finished: bool) -> None:
        self._try(lambda: self._tracker.close(finished=finished))

    def _try(self, action: Callable[[], None]) -> None:
        if not self._works:
            return
        try:
            action()
        except Exception as error:
            # Each of these libraries raises errors of its own kinds, and of the network's.
            self._works = False
            logger.warning("tracker=%s fails (%s) and gets no more figures of this run.", self._name, error)


@contextmanager
def open_trackers(run: Run, step: int) -> Iterator[tuple[TensorBoard, Tracker | None]]:
    """Yield TensorBoard's log and the tracker that the settings name, and close them whatever happens."""
    with ExitStack() as stack:
        board = TensorBoard(run, step)
        stack.push(lambda kind, *_: board.close(finished=kind is None))
        other = _open(run)
        if other:
            stack.push(lambda kind, *_: other.close(finished=kind is None))
        yield board, other


def _open(run: Run) -> Tracker | None:
    """Return the tracker beside TensorBoard. Raises RunError when it cannot be opened."""
    name = run.config.tracker
    kinds: dict[str, Callable[[Run], Tracker]] = {"wandb": Wandb, "mlflow": Mlflow, "trackio": Trackio}
    if name not in kinds:
        return None
    try:
        return _Forgiving(name, kinds[name](run))
    except Exception as error:
        reason = " ".join(str(error).split())[:300]
        raise RunError(
            f"tracker={name}: cannot be opened ({reason}). Check its address and key, or leave tracker out."
        ) from error


def _identifier(run: Run) -> str:
    """Return a name that another run of the same name, with other settings, does not have."""
    return f"{run.name}-{run.digest}"
