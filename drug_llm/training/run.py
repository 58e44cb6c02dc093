"""The folder of a run: who it belongs to, whether it is new, unfinished or finished, and what it has logged."""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from drug_llm import __version__
from drug_llm.errors import RunError
from drug_llm.models.base import BaseModel
from drug_llm.models.embedded import NAME as EMBEDDED_TITLE
from drug_llm.models.final import MANIFEST, read_manifest
from drug_llm.models.precision import Precision
from drug_llm.settings import to_yaml
from drug_llm.storage import file_sha256, write_json, write_text
from drug_llm.training.config import TrainConfig

# Settings that say where and how often things are written or where weights lie; they do not change what is learned.
_PLACES = ("output_dir", "results_dir", "run_name", "train_file", "eval_file")
_NOT_LEARNED_FROM = (*_PLACES, "overwrite", "save_steps", "sharding", "tracker")
_PACKAGES = ("torch", "transformers", "peft", "datasets", "safetensors", "tokenizers")


@dataclass(frozen=True)
class Run:
    """A training run and its folder."""

    config: TrainConfig
    name: str
    identity: Mapping[str, Any]
    """What decides the outcome: settings, hashes of the data and of the base model, number format."""

    @property
    def digest(self) -> str:
        """Eight digits that stand for the identity."""
        return _digest(self.identity)

    @property
    def folder(self) -> Path:
        """`results_dir/NAME`."""
        return Path(self.config.results_dir) / self.name

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.folder / "checkpoints"

    @property
    def metrics_file(self) -> Path:
        """Written last: a run that has it is finished."""
        return self.folder / "metrics.json"

    @property
    def curve_file(self) -> Path:
        """One JSON object an update or evaluation."""
        return self.folder / "curve.jsonl"

    def finished_metrics(self) -> dict[str, Any] | None:
        """Return the metrics when the run and its final checkpoint are complete."""
        final = read_manifest(Path(self.config.output_dir))
        if final is None or final.get("identity") != self.identity or not self.metrics_file.is_file():
            return None
        metrics: dict[str, Any] = json.loads(self.metrics_file.read_text(encoding="utf-8"))
        return metrics


def open_run(config: TrainConfig, base: BaseModel, precision: Precision) -> Run:
    """Return the run that a configuration means; nothing is written."""
    settings = {key: value for key, value in asdict(config).items() if key not in _NOT_LEARNED_FROM}
    identity = {
        "settings": settings
        | {"base_model": base.name, "device": precision.device.type, "dtype": precision.dtype_name},
        "train_sha256": file_sha256(Path(config.train_file)),
        "eval_sha256": file_sha256(Path(config.eval_file)),
        "base_sha256": base.sha256(),
    }
    identity = json.loads(json.dumps(identity))
    return Run(config, config.run_name or f"{base.title.lower()}-{_digest(identity)}", identity)


def _digest(identity: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:8]


def check_not_taken(run: Run) -> None:
    """Raise RunError when the run would replace another one's folder or final checkpoint without being asked."""
    if run.config.overwrite:
        return
    started = read_manifest(run.folder)
    if started is not None and started["identity"] != run.identity:
        changed = ", ".join(_differences(started["identity"], run.identity))
        raise RunError(
            f"{run.folder}: a run of that name was started with other {changed}. "
            "Give another run_name, or overwrite=true to replace it."
        )
    final = read_manifest(Path(run.config.output_dir))
    if final is not None and final.get("identity") != run.identity:
        raise RunError(
            f"{run.config.output_dir}: holds the finished run {final['run']} of {final.get('finished')}. "
            "Give another output_dir, or overwrite=true to replace it."
        )


def _differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    settings = [key for key in other["settings"] if one["settings"].get(key) != other["settings"][key]]
    hashes = [key.removesuffix("_sha256") for key in other if key.endswith("_sha256") and one.get(key) != other[key]]
    return settings + [f"{name} file" if name != "base" else "base model" for name in hashes]


@contextlib.contextmanager
def claim_folder(folder: Path) -> Iterator[None]:
    """Make the folder of a run and hold it, so that two processes never write the same run.

    Raises RunError when another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunError(f"{folder}: another process is training this run. Wait for it or stop it.") from error
        yield


def begin(run: Run, base: BaseModel) -> None:
    """Write the manifest of a run that starts, or clear what an older run of that name left when asked to."""
    if run.config.overwrite and run.metrics_file.is_file():
        for leftover in ("checkpoints", "tensorboard"):
            shutil.rmtree(run.folder / leftover, ignore_errors=True)
        for file in (run.metrics_file, run.curve_file):
            file.unlink(missing_ok=True)
    if (started := read_manifest(run.folder)) is None or started["identity"] != run.identity:
        shutil.rmtree(run.checkpoints, ignore_errors=True)
        write_json(run.folder / MANIFEST, manifest(run, base))
        write_text(run.folder / "config.yaml", to_yaml(run.config))


def manifest(run: Run, base: BaseModel) -> dict[str, Any]:
    """Return what a reader needs to know, and to make, the same run again."""
    return {
        "run": run.name,
        "started": now(),
        "drug_llm": __version__,
        "base_model": {
            "name": base.name,
            "hub_name": f"HuggingFaceTB/{EMBEDDED_TITLE}" if base.name == "embedded" else base.name,
            "architecture": base.architecture(),
            "revision": base.revision,
            "sha256": run.identity["base_sha256"],
            "notice": base.notice,
        },
        "data": {
            "train_file": run.config.train_file,
            "train_sha256": run.identity["train_sha256"],
            "eval_file": run.config.eval_file,
            "eval_sha256": run.identity["eval_sha256"],
        },
        "seed": run.config.seed,
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in _PACKAGES},
        "machine": {"system": platform.platform(), "processor": processor_name(), "cores": os.cpu_count()},
        "identity": run.identity,
    }


def _version(package: str) -> str:
    return importlib.metadata.version(package)


def processor_name() -> str:
    """Return the processor's name as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def now() -> str:
    """Return the time in UTC, to the second."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def read_curve(run: Run, up_to: int) -> list[dict[str, Any]]:
    """Return the logged points of a run up to an update; a line cut off by a kill is left out."""
    points = []
    if run.curve_file.is_file():
        for line in run.curve_file.read_text(encoding="utf-8").splitlines():
            with contextlib.suppress(ValueError):
                point = json.loads(line)
                points.append(point)
    return [point for point in points if point["step"] <= up_to]
