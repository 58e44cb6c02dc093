"""The `labels` commands, as the command line runs them."""

import argparse
import json

import pytest

from drug_llm.cli import labels as commands
from drug_llm.errors import DrugLLMError, LabelError
from drug_llm.labels.diff import compare_labels
from drug_llm.labels.display import DISCLAIMERS, change_lines
from drug_llm.labels.label import Section

from .conftest import REPOSITORY, make_label, openfda_result, set_id
from .test_store import write


@pytest.fixture
def store(tmp_path, monkeypatch):
    path = tmp_path / "labels.sqlite"
    monkeypatch.setenv("DRUG_LLM_STORE", str(path))
    return path


def run(*arguments):
    parser = argparse.ArgumentParser()
    commands.register(parser.add_subparsers(required=True))
    parsed = parser.parse_args(["labels", *map(str, arguments)])
    return parsed.run(parsed)


@pytest.fixture
def filled(store):
    write(
        store,
        make_label(1),
        make_label(2),
        make_label(1, version=2, text="Take one tablet of 10 mg once a day.\n"),
        make_label(3, name="nullol", text="Take nothing with alcohol.\n"),
    )
    return store


def test_ingest_prints_what_it_did(store, openfda_file, capsys):
    path = openfda_file([openfda_result(1), {}])
    assert run("ingest", path, REPOSITORY / "data" / "monographs" / "lisinopril.yaml") == 1
    printed = capsys.readouterr()
    assert "2 new labels, 0 replaced, 0 known, 1 unreadable; 2 files, 0 of them unchanged" in printed.out
    assert "skipped: " in printed.err
    assert "label 2" in printed.err
    with pytest.raises(LabelError):
        run("ingest", path, "--strict", "--again")


def test_list_gives_the_chosen_labels_of_a_drug_or_all(filled, capsys):
    assert run("list", "placebium") == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [set_id(1), set_id(2)]
    assert run("list") == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert run("list", "unheard-of") == 1
    assert "No label of unheard-of" in capsys.readouterr().err


def test_list_all_names_the_labels_with_the_same_text(store, capsys):
    write(store, make_label(1, is_original=True), make_label(2))
    assert run("list", "placebium", "--all") == 0
    assert f"same text: {set_id(2)}" in capsys.readouterr().out


def test_show_prints_sections_source_and_disclaimer(filled, capsys):
    assert run("show", "nullol") == 0
    printed = capsys.readouterr().out
    assert "## 2 DOSAGE AND ADMINISTRATION  [dosage_and_administration]" in printed
    assert "Take nothing with alcohol." in printed
    assert (
        f"Source: openFDA drug label, https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid={set_id(3)}" in printed
    )
    assert " ".join(printed.split()).endswith(DISCLAIMERS["openfda"])


def test_show_gives_one_section_an_old_version_or_json(filled, capsys):
    assert run("show", set_id(1), "--version", "1", "--section", "package_label") == 0
    printed = capsys.readouterr().out
    assert "Packed by company 1." in printed
    assert "Take one" not in printed
    assert run("show", set_id(1), "--json") == 0
    assert json.loads(capsys.readouterr().out)["version"] == 2


def test_search_prints_the_best_sections(filled, capsys):
    assert run("search", "alcohol") == 0
    assert "[dosage_and_administration] Take nothing with alcohol." in capsys.readouterr().out
    assert run("search", "tablet", "--drug", "placebium", "--json") == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {hit["version"] for hit in found} == {1, 2}
    assert all(len(hit["sha256"]) == 64 for hit in found)
    assert run("search", "alcohol", "--drug", "placebium") == 1


def test_diff_shows_what_changed_between_versions_or_labels(filled, capsys):
    assert run("diff", set_id(1)) == 1
    printed = capsys.readouterr().out
    assert "- Take one tablet of 5 mg once a day with water." in printed
    assert "+ Take one tablet of 10 mg once a day." in printed
    assert run("diff", set_id(1), 1, 1) == 0
    assert run("diff", set_id(1), "--other", set_id(3)) == 1
    with pytest.raises(LabelError, match="expected two to compare"):
        run("diff", set_id(3))


def test_stats_count_what_the_store_holds(filled, capsys):
    assert run("stats", "--json") == 0
    counts = json.loads(capsys.readouterr().out)["counts"]
    assert (counts["versions"], counts["labels"], counts["distinct_labels"]) == (4, 3, 3)
    assert run("stats") == 0
    assert "openfda" in capsys.readouterr().out


def test_export_is_read_again_into_the_same_store(filled, tmp_path, monkeypatch, capsys):
    assert run("export", tmp_path / "out.jsonl", "--all-versions") == 0
    assert "4 labels" in capsys.readouterr().err
    monkeypatch.setenv("DRUG_LLM_STORE", str(tmp_path / "again.sqlite"))
    assert run("ingest", tmp_path / "out.jsonl") == 0
    assert run("export", tmp_path / "twice.jsonl", "--all-versions") == 0
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "twice.jsonl").read_bytes()


def test_store_that_is_not_there_is_an_error_that_says_how_to_make_one(store):
    for arguments in (["list"], ["show", "x"], ["search", "x"], ["stats"], ["export", "x"], ["diff", "x"]):
        with pytest.raises(DrugLLMError, match="drug-llm labels ingest PATH"):
            run(*arguments)


def test_named_store_wins_over_the_variable(store, tmp_path, capsys):
    write(tmp_path / "other.sqlite", make_label(7))
    assert run("list", "--store", tmp_path / "other.sqlite") == 0
    assert set_id(7) in capsys.readouterr().out


def part(name, text, *inner, title="", number=""):
    return Section(name, title, text, number=number, subsections=inner)


def test_sections_are_matched_when_their_numbers_shift():
    old = make_label(
        sections=(
            part(
                "w",
                "",
                part("w", "It may harm the liver.\n", title="Liver", number="5.1"),
                part("w", "It may swell.\n", title="Swelling", number="5.2"),
                number="5",
            ),
            part("gone", "Old words.\n"),
        )
    )
    new = make_label(
        sections=(
            part(
                "w",
                "",
                part("w", "It may itch.\n", title="Itching", number="5.1"),
                part("w", "It may harm the liver. Stop then.\n", title="Liver", number="5.2"),
                part("w", "It may swell.\n", title="Swelling", number="5.3"),
                number="5",
            ),
        )
    )
    changes = {change.section: change for change in compare_labels(old, new)}
    assert {key: change.kind for key, change in changes.items()} == {
        "w/5.1": "added",
        "w/5.2": "changed",
        "w/5.3": "renamed",
        "gone": "removed",
    }
    assert (changes["w/5.2"].removed, changes["w/5.2"].added) == ((), ("Stop then.",))


def test_equal_labels_have_no_changes():
    assert compare_labels(make_label(), make_label()) == []
    assert list(change_lines([])) == ["No section text changed."]
