"""The chat is left by the words that people use, and its commands are known however they are typed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from drug_llm.cli import main
from tests.conftest import REPOSITORY


def chat(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *lines: str) -> str:
    """Return what is printed; a line that is asked for after the last fails the test."""
    typed: Iterator[str] = iter(lines)
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setattr("builtins.input", lambda _: next(typed))
    assert main(["chat", "--mode", "quote"]) == 0
    assert next(typed, None) is None
    return capsys.readouterr().out


@pytest.mark.parametrize("word", ["exit", "Quit", "bye", "Goodbye!", "/quit", "/QUIT", "/quit now", "/exit"])
def test_chat_is_left(word: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert "drug-llm>" not in chat(monkeypatch, capsys, word)


@pytest.mark.parametrize("command", ["/new", "/NEW", "/new please"])
def test_conversation_is_forgotten(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = chat(monkeypatch, capsys, "what is metformin for", command, "how is it stored?", "quit")
    assert "Forgotten." in told
    assert "abstained: no_drug_found" in told


def test_thanks_get_no_label_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    told = chat(monkeypatch, capsys, "what is metformin for", "thanks", "how is it stored?", "exit").split("drug-llm> ")
    assert "monograph:" not in told[2]
    assert "monograph:metformin v1, storage_and_handling" in told[3]
