"""What the README shows can be typed."""

from __future__ import annotations

import re
import shlex

import pytest

import drug_llm
from drug_llm.cli import build_parser
from tests.conftest import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, flags=re.S)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("command", COMMANDS)
def test_command_of_the_readme_is_understood(command: str) -> None:
    words = shlex.split(command)
    if words[0] == "make":
        assert f"\n{words[1]}:" in (REPOSITORY / "Makefile").read_text(encoding="utf-8")
        return
    if words[:2] == ["python", "train.py"]:
        words = ["drug-llm", "train", *words[2:]]
    assert words[0] == "drug-llm"
    if "--help" in words:
        with pytest.raises(SystemExit, match="0"):
            build_parser().parse_args(words[1:])
        return
    arguments = build_parser().parse_args(words[1:])
    if settings := getattr(arguments, "settings", None):
        from drug_llm.settings import load_settings
        from drug_llm.training.config import TrainConfig

        load_settings(TrainConfig, None, settings)


def test_files_that_the_readme_links_to_exist() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (REPOSITORY / target).is_file(), target


def test_commands_of_the_table_exist() -> None:
    for name in re.findall(r"^\| `drug-llm (\w+)", README, flags=re.M):
        with pytest.raises(SystemExit, match="0"):
            build_parser().parse_args([name, "--help"])


def test_public_names_are_importable_and_documented() -> None:
    for name in drug_llm.__all__:
        assert getattr(drug_llm, name).__doc__, name
    assert set(drug_llm.__all__) >= {"train", "TrainConfig", "load_tuned_model", "DrugLLMError"}
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = drug_llm.nothing
