"""`drug-llm labels fetch`, as `drug-llm labels` registers it."""

import argparse
import subprocess
import sys

import pytest

from drug_llm.cli.labels_fetch import register
from drug_llm.errors import ConfigError
from tests.labels.official_server import SET_ID, Official, running, zip_bytes


@pytest.fixture
def official(monkeypatch):
    server = Official()
    server.files = {"drug-label-0001-of-0001.json.zip": zip_bytes("one")}
    with running(server) as url:
        monkeypatch.setenv("DRUG_LLM_OPENFDA_URL", url)
        monkeypatch.setenv("DRUG_LLM_DAILYMED_URL", f"{url}/dailymed")
        for name in ("OPENFDA_API_KEY", "http_proxy", "HTTP_PROXY"):
            monkeypatch.delenv(name, raising=False)
        yield server


def fetch(*words):
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())
    options = parser.parse_args(["fetch", *words])
    return options.run(options)


def test_files_are_saved_and_the_next_command_is_printed(official, tmp_path, capsys):
    assert fetch("--drug", "Lisinopril", "--set-id", SET_ID, "--out", str(tmp_path)) == 0
    printed = capsys.readouterr().out
    assert f"lisinopril: 7 labels in {tmp_path}/openfda/lisinopril.jsonl" in printed
    assert (
        f"Next: drug-llm labels ingest {tmp_path}/openfda/lisinopril.jsonl {tmp_path}/dailymed/{SET_ID}.xml" in printed
    )


def test_searches_and_bulk_files_are_saved(official, tmp_path, capsys):
    assert fetch("--search", "lisinopril", "--bulk", "--out", str(tmp_path), "--limit", "2") == 0
    assert "lisinopril: 2 labels in" in capsys.readouterr().out
    assert (tmp_path / "openfda" / "search-lisinopril.jsonl").is_file()
    assert (tmp_path / "openfda-bulk" / "drug-label-0001-of-0001.json.zip").is_file()


def test_names_without_labels_give_exit_code_1(official, tmp_path, capsys):
    assert fetch("--drug", "nowherol", "--out", str(tmp_path)) == 1
    assert "nowherol: no label found" in capsys.readouterr().out


def test_common_generics_are_fetched_and_a_second_run_goes_on(official, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("drug_llm.labels.fetch.common_generics", lambda: ("lisinopril",))
    assert fetch("--common", "--out", str(tmp_path)) == 0
    assert fetch("--common", "--out", str(tmp_path)) == 0
    assert "lisinopril.jsonl is up to date" in capsys.readouterr().out
    assert len(official.seen) == 1


def test_a_terminal_shows_a_bar(official, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert fetch("--drug", "lisinopril", "--bulk", "--out", str(tmp_path)) == 0
    shown = capsys.readouterr().err
    assert "lisinopril" in shown
    assert "60104/60104" in shown


def test_nothing_to_fetch_is_an_error():
    with pytest.raises(ConfigError, match="Nothing to fetch"):
        fetch()


def test_a_limit_below_one_is_refused(capsys):
    with pytest.raises(SystemExit):
        fetch("--drug", "x", "--limit", "0")
    assert "too small" in capsys.readouterr().err


def test_registering_imports_nothing_heavy():
    code = (
        "import sys, drug_llm.cli.labels_fetch, drug_llm.labels.bulk, drug_llm.labels.fetch, drug_llm.labels.dailymed;"
        "assert not {'torch', 'transformers', 'rich'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
