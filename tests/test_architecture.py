"""The layers import in one order only, and the house style holds."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

PACKAGE = REPOSITORY / "drug_llm"
LAYERS = [
    "errors",
    "storage",
    "settings",
    "labels",
    "claims",
    "instructions",
    "prompts",
    "encoding",
    "models",
    "training",
    "generation",
    "answering",
    "evaluation",
    "cli",
    "__main__",
]
TEXT_ONLY = LAYERS[: LAYERS.index("models")]
HEAVY = {"torch", "transformers", "peft", "datasets"}
FILES = sorted(PACKAGE.rglob("*.py"))


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_imports_only_from_layers_above_it(path: Path) -> None:
    if path == PACKAGE / "__init__.py":
        return
    own = LAYERS.index(layer(path))
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "drug_llm" and len(parts) > 1 and parts[1] in LAYERS:
            assert LAYERS.index(parts[1]) <= own, f"{name} lies below"


@pytest.mark.parametrize("path", [p for p in FILES if layer(p) in TEXT_ONLY], ids=lambda p: str(p.relative_to(PACKAGE)))
def test_text_only_layer_never_imports_a_model_library(path: Path) -> None:
    assert not {name.split(".")[0] for name in imported(path)} & HEAVY


def test_files_and_functions_stay_short() -> None:
    lengths = []
    for path in FILES:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 350, path
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lengths.append(node.end_lineno - node.lineno + 1)
    assert statistics.median(lengths) <= 12
    assert sorted(lengths)[int(0.9 * len(lengths))] <= 35
    assert max(lengths) <= 60


def test_train_py_holds_no_logic() -> None:
    assert len((REPOSITORY / "train.py").read_text(encoding="utf-8").splitlines()) < 40


def test_configs_hold_valid_settings() -> None:
    from drug_llm.settings import load_settings
    from drug_llm.training.config import TrainConfig

    files = sorted((REPOSITORY / "configs").glob("*.yaml"))
    assert files
    for file in files:
        load_settings(TrainConfig, file, [])
