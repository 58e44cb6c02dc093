import json
import os
import random
import signal
import subprocess
import sys
import time

import psutil
import pytest

from drug_llm.errors import LabelError, StorageError
from drug_llm.labels.ingest import ingest
from drug_llm.labels.read import read_labels
from drug_llm.labels.store import LabelStore

from .conftest import REPOSITORY, make_label, openfda_result, set_id, spl_document
from .test_store import check, write

INGEST = """
import sys, pathlib
from drug_llm.labels import ingest, reading
ingest.BATCH_LABELS = 10
reading.PARALLEL_BYTES = int(sys.argv[3])
print("start", flush=True)
store, source = map(pathlib.Path, sys.argv[1:3])
ingest.ingest(store, [source], on_progress=lambda report: print(report.new, flush=True))
print("end", flush=True)
"""


def results(count):
    return [
        openfda_result(n, name=f"Drug{n % 40}", warnings=[f"WARNINGS Beware of {n % 70}. " + "Some words more. " * 40])
        for n in range(1, count + 1)
    ]


def test_all_formats_go_into_one_store(tmp_path, openfda_file):
    openfda_file([openfda_result(1), openfda_result(2)])
    (tmp_path / "a.xml").write_bytes(spl_document())
    store = tmp_path / "store" / "labels.sqlite"
    report = ingest(store, [tmp_path, REPOSITORY / "data" / "monographs" / "lisinopril.yaml"])
    assert (report.files, report.new, report.failed) == (3, 4, 0)
    with LabelStore(store) as labels:
        assert labels.counts_by("source") == {"openfda": 2, "monograph": 1, "spl": 1}
    check(store)


def test_second_run_skips_complete_files_and_again_reads_them(tmp_path, openfda_file):
    path, store = openfda_file(results(30)), tmp_path / "s.sqlite"
    assert ingest(store, [path]).new == 30
    report = ingest(store, [path])
    assert (report.unchanged_files, report.new, report.known) == (1, 0, 0)
    assert ingest(store, [path], again=True).known == 30


def test_unreadable_label_is_reported_and_the_others_are_stored(tmp_path, openfda_file):
    errors, store = [], tmp_path / "s.sqlite"
    path = openfda_file([openfda_result(1), {}, openfda_result(2)])
    report = ingest(store, [path], on_error=errors.append)
    assert (report.new, report.failed, len(errors)) == (2, 1, 1)
    with pytest.raises(LabelError, match="label 2"):
        ingest(tmp_path / "strict.sqlite", [path])


def test_file_that_ends_early_is_completed_by_the_whole_one(tmp_path, openfda_file):
    path, store = openfda_file(results(40)), tmp_path / "s.sqlite"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LabelError, match="Download it again"):
        ingest(store, [path])
    path.write_bytes(whole)
    ingest(store, [path])
    with LabelStore(store) as labels:
        assert labels.counts()["labels"] == 40
    check(store)


def test_second_process_reads_the_same(tmp_path, openfda_file, monkeypatch):
    path = openfda_file([*results(30), {}, "no label", openfda_result(31)])
    (tmp_path / "b.zip").write_bytes(b"PK damaged")
    reports, errors = [], []
    for store, size in (("a.sqlite", 2**40), ("b.sqlite", 0)):
        monkeypatch.setattr("drug_llm.labels.reading.PARALLEL_BYTES", size)
        reports.append(
            ingest(tmp_path / store, [path, tmp_path / "b.zip"], on_error=lambda error: errors.append(str(error)))
        )
        with pytest.raises(LabelError, match="label 31: `set_id` is ''"):
            ingest(tmp_path / f"strict-{store}", [path])
    assert reports[0] == reports[1]
    assert (reports[0].new, reports[0].failed) == (31, 3)
    assert errors[:3] == errors[3:]


def test_end_of_the_reading_process_is_an_error_and_a_later_run_goes_on(tmp_path, openfda_file, monkeypatch):
    path = openfda_file(results(30))
    monkeypatch.setattr("drug_llm.labels.reading.PARALLEL_BYTES", 0)
    monkeypatch.setattr("drug_llm.labels.reading.sys.executable", "/bin/false")
    with pytest.raises(StorageError, match="reading process"):
        ingest(tmp_path / "s.sqlite", [path])
    monkeypatch.undo()
    assert ingest(tmp_path / "s.sqlite", [path]).new == 30


def test_missing_file_is_an_error_before_anything_is_written(tmp_path):
    with pytest.raises(StorageError, match="not found"):
        ingest(tmp_path / "s.sqlite", [tmp_path / "none.json"])
    assert not (tmp_path / "s.sqlite").exists()


def test_batch_is_all_or_nothing(tmp_path, monkeypatch):
    store = tmp_path / "s.sqlite"
    write(store, make_label(1))
    (tmp_path / "a.xml").write_bytes(spl_document())
    monkeypatch.setattr("drug_llm.labels.writing._reindex", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ingest(store, [tmp_path / "a.xml"])
    with LabelStore(store) as labels:
        assert [label.set_id for label in labels.summaries()] == [set_id(1)]
    check(store)


@pytest.fixture(scope="module")
def killed_store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kill")
    (folder / "labels.jsonl").write_text("\n".join(json.dumps(result) for result in results(900)))
    return folder / "s.sqlite", folder / "labels.jsonl"


@pytest.mark.parametrize("attempt", range(6))
def test_store_survives_a_kill_at_any_moment(killed_store, attempt):
    """The attempts share a store, so each goes on where the one before it was killed."""
    store, source = killed_store
    before = stored(store)
    process = start(store, source, parallel_bytes=0 if attempt % 2 else 2**40)
    for _ in range(attempt + 1):
        process.stdout.readline()
    time.sleep(random.Random(attempt).uniform(0, 0.01))
    readers = psutil.Process(process.pid).children()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert len(readers) <= attempt % 2
    assert psutil.wait_procs(readers, timeout=10)[1] == [], "the reading process ends with the one that was killed"
    assert before < whole_labels(store, source) < 900


def test_run_after_the_kills_completes_the_store(killed_store):
    store, source = killed_store
    process = start(store, source)
    output, errors = process.communicate(timeout=60)
    assert output.endswith("end\n"), errors
    assert whole_labels(store, source) == 900
    check(store)


def start(store, source, parallel_bytes=0):
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    process = subprocess.Popen(
        [sys.executable, "-c", INGEST, str(store), str(source), str(parallel_bytes)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout.readline() == "start\n"
    return process


def stored(store):
    if not store.exists():
        return 0
    with LabelStore(store) as labels:
        return labels.counts()["labels"]


def whole_labels(store, source):
    """The number of labels, each of which is the one in the source."""
    if not store.exists():
        return 0
    expected = {label.set_id: label for label in read_labels(source)}
    with LabelStore(store) as labels:
        found = list(labels.labels())
    assert all(expected[label.set_id] == label for label in found)
    check(store)
    return len(found)
