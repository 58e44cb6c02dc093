"""`drug-llm interactions` as a user types it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.test_commands import run
from tests.conftest import REPOSITORY


@pytest.fixture(autouse=True)
def in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)


def test_list_of_drugs_is_told_gravest_first_with_citations() -> None:
    done = run("interactions", "Advil", "warfarin", "sildenafil", "nitroglycerin", "montelukast", "alcohol")
    assert done.returncode == 0, done.stderr
    headings = re.findall(r"^(\S.*): ([A-Z ]+)$", done.stdout, re.MULTILINE)
    assert headings[0] == ("sildenafil + nitroglycerin", "CONTRAINDICATED")
    assert ("ibuprofen + warfarin", "INTERACTION") in headings
    assert ("ibuprofen + alcohol", "INTERACTION") in headings
    assert re.search(r"^\[1\] monograph:sildenafil v1, contraindications$", done.stdout, re.MULTILINE)
    quotes = re.findall(r"\" ((?:\[\d+\])+)$", done.stdout, re.MULTILINE)
    marks = {int(number) for marked in quotes for number in re.findall(r"\d+", marked)}
    assert marks
    assert marks <= {int(number) for number in re.findall(r"^\[(\d+)\] ", done.stdout, re.MULTILINE)}


def test_pairs_without_a_word_are_told_in_one_line_that_does_not_call_them_safe() -> None:
    done = run("interactions", "lisinopril", "montelukast", "omeprazole")
    silent = [line for line in done.stdout.splitlines() if line.startswith("The labels do not mention each other: ")]
    assert len(silent) == 1
    assert "lisinopril and montelukast" in silent[0]
    assert "does not mean that they are safe together" in silent[0]


def test_json_has_every_pair() -> None:
    done = run("interactions", "lisinopril", "ibuprofen", "montelukast", "--json")
    content = json.loads(done.stdout)
    assert len(content["pairs"]) == 3
    first = content["pairs"][0]
    assert first["severity"] == "interaction"
    assert first["direction"] == "both"
    assert first["findings"][0]["citations"][0]["quote"] == first["findings"][0]["text"]
    assert content["pairs"][-1]["severity"] is None
    assert "safe" in content["pairs"][-1]["note"]


def test_two_names_of_one_drug_are_told_to_hold_the_same() -> None:
    done = run("interactions", "Advil", "Motrin")
    assert "Advil (ibuprofen) + Motrin (ibuprofen): DUPLICATE\n  Both contain ibuprofen." in done.stdout


def test_label_that_is_named_twice_is_one_of_the_pairs_once() -> None:
    done = run("interactions", "Coumadin", "warfarin", "ibuprofen")
    headings = re.findall(r"^(\S.* \+ .*): ([A-Z ,]+)$", done.stdout, re.MULTILINE)
    assert headings == [("Coumadin (warfarin) + warfarin", "DUPLICATE"), ("warfarin + ibuprofen", "INTERACTION")]
    assert done.returncode == 0
    taken_twice = run("interactions", "tylenol", "acetaminophen").stdout
    assert "tylenol (acetaminophen) + acetaminophen: DUPLICATE, CONTRAINDICATED" in taken_twice


def test_name_without_a_label_is_told_beside_the_pairs_that_are_known() -> None:
    done = run("interactions", "warfarin", "ibuprofen", "percocet", "zorvaltine")
    assert done.returncode == 1
    assert "warfarin + ibuprofen: INTERACTION" in done.stdout
    assert "The label of warfarin does not mention percocet." in done.stdout
    assert "The store has no label for 'percocet'." in done.stdout
    assert "The store has no label for 'zorvaltine'." in done.stdout
    content = json.loads(run("interactions", "warfarin", "ibuprofen", "percocet", "--json").stdout)
    assert len(content["pairs"]) == 3
    assert "percocet" in content["problems"][0]


def test_medicine_without_a_label_is_looked_for_in_those_that_have_one() -> None:
    done = run("interactions", "Tylenol", "Percocet")
    assert "acetaminophen + Percocet: CONTRAINDICATED\n  Both contain acetaminophen." in done.stdout
    assert done.returncode == 1


FOOD = ["tramadol", "oxycodone", "hydrocodone", "oxybutynin", "glimepiride", "amoxicillin-clavulanate"]


@pytest.mark.parametrize("drug", FOOD)
def test_food_is_not_forbidden_by_what_is_said_of_the_stomach_or_a_missed_dose(drug: str) -> None:
    assert "CONTRAINDICATED" not in run("interactions", drug, "food").stdout


def test_drink_is_meant_also_where_a_store_has_a_product_of_that_name(shared: Path, tmp_path: Path) -> None:
    from drug_llm.labels.ingest import ingest

    ingest(tmp_path / "s.sqlite", [shared / "labels/openfda/labels_100.json"])
    done = run("interactions", "oxycontin", "alcohol", "--store", str(tmp_path / "s.sqlite"))
    assert "oxycodone + alcohol: WARNING" in done.stdout


BAD = [
    (["warfarin"], "expected two or more"),
    (["warfarin", "zorvaltine"], "no label for 'zorvaltine'"),
    (["warfarin", "clonapine"], "may mean"),
    (["", ""], "Name 1 of 2 is empty"),
    (["warfarin", " "], "Name 2 of 2 is empty"),
    (["warfarin", "warfarin"], "one thing only"),
    (["alcohol", "grapefruit"], "no single drug among them"),
    (["warfarin", "ibuprofen aspirin"], "names 2 drugs"),
    (["warfarin", "ibuprofen", "--store", "missing.sqlite"], "missing.sqlite"),
]


@pytest.mark.parametrize(("words", "message"), BAD, ids=lambda value: str(value)[:40])
def test_name_that_leads_to_no_single_drug_is_one_line_and_exit_code_2(words: list[str], message: str) -> None:
    done = run("interactions", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""
