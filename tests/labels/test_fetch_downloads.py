"""Resumable downloads and the bulk files: cut, changed, damaged and interrupted ones."""

import hashlib
import zipfile

import pytest

from drug_llm.errors import LabelError, StorageError
from drug_llm.labels.bulk import fetch_bulk, read_manifest
from drug_llm.labels.downloads import download
from drug_llm.labels.openfda_api import OpenFDA
from drug_llm.labels.web import Pace, Web
from tests.labels.official_server import Official, running, zip_bytes

NAME = "drug-label-0001-of-0002.json.zip"
OTHER = "drug-label-0002-of-0002.json.zip"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("OPENFDA_API_KEY", "DRUG_LLM_OPENFDA_URL", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def official():
    server = Official()
    server.files = {NAME: zip_bytes("one"), OTHER: zip_bytes("two")}
    with running(server):
        yield server


@pytest.fixture
def web():
    return Web(Pace(attempts=3, timeout=5), sleep=lambda _: None)


@pytest.fixture
def api(official, web):
    return OpenFDA(web, base_url=official.url)


def ranges(official):
    return [headers.get("Range") for path, _, headers in official.seen if path.startswith("/files/")]


def test_a_file_is_downloaded_whole_with_its_digest(official, web, tmp_path):
    told = []
    done = download(web, f"{official.url}/files/{NAME}", tmp_path / NAME, progress=lambda *seen: told.append(seen))
    content = official.files[NAME]
    assert done.path.read_bytes() == content
    assert (done.bytes, done.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert told[-1] == (len(content), len(content))
    assert not (tmp_path / f"{NAME}.part").exists()


def test_cut_connections_are_resumed_where_they_broke(official, web, tmp_path):
    official.faults.extend([1000, 2000, 500, 0, 70, (503, {}), 300])
    done = download(web, f"{official.url}/files/{NAME}", tmp_path / NAME)
    assert done.path.read_bytes() == official.files[NAME]
    starts = [None, "bytes=1000-", "bytes=3000-", "bytes=3500-", "bytes=3500-", "bytes=3570-", "bytes=3570-"]
    assert ranges(official) == [*starts, "bytes=3870-"]


def test_a_download_that_was_stopped_goes_on_in_the_next_run(official, tmp_path):
    official.faults.append(1000)
    once = Web(Pace(attempts=1), sleep=lambda _: None)
    with pytest.raises(LabelError, match="it goes on where it stopped"):
        download(once, f"{official.url}/files/{NAME}", tmp_path / NAME)
    assert (tmp_path / f"{NAME}.part").stat().st_size == 1000
    done = download(once, f"{official.url}/files/{NAME}", tmp_path / NAME)
    assert done.path.read_bytes() == official.files[NAME]
    assert ranges(official)[-1] == "bytes=1000-"


def test_a_file_that_changed_in_mid_download_is_begun_anew(official, web, tmp_path):
    changed = zip_bytes("three")
    official.faults.append(1000)
    official.before.append(lambda number: number == 2 and official.files.update({NAME: changed}))
    assert download(web, f"{official.url}/files/{NAME}", tmp_path / NAME).path.read_bytes() == changed


def test_a_server_that_ignores_if_range_is_not_trusted(official, web, tmp_path, caplog):
    official.etags[NAME], official.ignores_if_range = '"v1"', True
    official.faults.append(1000)
    changed = zip_bytes("three")

    def change(number):
        if number == 2:
            official.files[NAME], official.etags[NAME] = changed, '"v2"'

    official.before.append(change)
    assert download(web, f"{official.url}/files/{NAME}", tmp_path / NAME).path.read_bytes() == changed
    assert "its ETag or size changed" in caplog.text


def test_a_file_that_became_shorter_is_begun_anew(official, web, tmp_path):
    official.etags[NAME] = '"same"'
    official.faults.append(1000)
    official.before.append(lambda number: number == 2 and official.files.update({NAME: b"short"}))
    assert download(web, f"{official.url}/files/{NAME}", tmp_path / NAME).path.read_bytes() == b"short"


def test_a_file_that_changes_all_the_time_is_given_up(official, web, tmp_path):
    official.etags[NAME] = '"same"'
    official.faults.extend([1000, None, 1000, None, 1000, None])
    official.before.append(
        lambda number: official.files.update({NAME: zip_bytes("x")[: 5000 - number] if number % 2 else b"s"})
    )
    with pytest.raises(LabelError, match="changed 3 times"):
        download(web, f"{official.url}/files/{NAME}", tmp_path / NAME)


def test_bytes_that_do_not_match_their_md5_are_fetched_again(official, web, tmp_path, caplog):
    wrong = official.files[NAME][:-1] + b"?"
    official.etags[NAME] = f'"{hashlib.md5(official.files[NAME]).hexdigest()}"'
    right, official.files[NAME] = official.files[NAME], wrong
    official.before.append(lambda number: number == 2 and official.files.update({NAME: right}))
    assert download(web, f"{official.url}/files/{NAME}", tmp_path / NAME).path.read_bytes() == right
    assert "ETag says otherwise" in caplog.text


def test_an_etag_that_only_looks_like_an_md5_is_lived_with(official, web, tmp_path, caplog):
    official.etags[NAME] = f'"{"0" * 32}"'
    assert download(web, f"{official.url}/files/{NAME}", tmp_path / NAME).path.read_bytes() == official.files[NAME]
    assert "the same bytes came twice" in caplog.text


def test_an_unchanged_file_is_not_sent_again(official, web, tmp_path):
    first = download(web, f"{official.url}/files/{NAME}", tmp_path / NAME)
    assert download(web, f"{official.url}/files/{NAME}", tmp_path / NAME) == first
    assert official.seen[-1][2]["If-None-Match"] == first.etag
    official.files[NAME] = zip_bytes("new")
    download(web, f"{official.url}/files/{NAME}", tmp_path / NAME)
    assert (tmp_path / NAME).read_bytes() == official.files[NAME]


def test_the_old_file_stays_until_the_new_one_is_whole(official, tmp_path):
    once = Web(Pace(attempts=1), sleep=lambda _: None)
    download(once, f"{official.url}/files/{NAME}", tmp_path / NAME)
    old, official.files[NAME] = official.files[NAME], zip_bytes("new")
    official.faults.extend([None, 100])
    with pytest.raises(LabelError):
        download(once, f"{official.url}/files/{NAME}", tmp_path / NAME)
    assert (tmp_path / NAME).read_bytes() == old
    # The part now belongs to the new file, so its state must not vouch for the old one.
    assert download(once, f"{official.url}/files/{NAME}", tmp_path / NAME).path.read_bytes() == official.files[NAME]


def test_without_a_validator_a_download_begins_anew(official, web, tmp_path):
    official.etags[NAME] = 'W/"weak"'
    official.faults.append(1000)
    assert download(web, f"{official.url}/files/{NAME}", tmp_path / NAME).path.read_bytes() == official.files[NAME]
    assert ranges(official) == [None, None]


def test_a_folder_that_cannot_be_written_is_a_storage_error(official, web, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        download(web, f"{official.url}/files/{NAME}", tmp_path / "file" / NAME)


def test_all_bulk_parts_appear_at_once(official, api, tmp_path):
    folder = fetch_bulk(api, tmp_path / "bulk")
    assert {file.name: file.read_bytes() for file in folder.glob("*.zip")} == official.files
    sums = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert sums[NAME] == hashlib.sha256(official.files[NAME]).hexdigest()
    assert [path.name for path in tmp_path.iterdir()] == ["bulk"]


def test_a_complete_export_is_not_fetched_again_but_a_new_one_is(official, api, tmp_path):
    fetch_bulk(api, tmp_path / "bulk")
    asked = len(official.seen)
    fetch_bulk(api, tmp_path / "bulk")
    assert official.paths()[asked:] == ["/download.json"]
    official.export_date, official.files = "2026-02-02", {NAME: zip_bytes("new")}
    folder = fetch_bulk(api, tmp_path / "bulk")
    assert {file.name: file.read_bytes() for file in folder.glob("*.zip")} == official.files
    assert (folder / "EXPORT_DATE").read_text() == "2026-02-02\n"


def test_a_stopped_bulk_download_leaves_the_old_folder_and_goes_on(official, api, web, tmp_path):
    fetch_bulk(api, tmp_path / "bulk")
    old = dict(official.files)
    official.export_date, official.files = "2026-02-02", {NAME: zip_bytes("new one"), OTHER: zip_bytes("new two")}
    official.faults.extend([None, None, 500, 0, 0, 0])
    with pytest.raises(LabelError):
        fetch_bulk(api, tmp_path / "bulk")
    assert {file.name: file.read_bytes() for file in (tmp_path / "bulk").glob("*.zip")} == old
    assert not list((tmp_path / "bulk.part").glob("*.zip")), "readers would take it for complete"
    asked = len(official.seen)
    fetch_bulk(api, tmp_path / "bulk")
    assert {file.name: file.read_bytes() for file in (tmp_path / "bulk").glob("*.zip")} == official.files
    assert [headers.get("Range") for path, _, headers in official.seen[asked:] if OTHER in path] == ["bytes=500-"]


def test_an_export_published_meanwhile_is_noticed(official, api, tmp_path, caplog):
    def publish(number):
        if number == 3:
            official.export_date, official.files = "2026-03-03", official.files | {OTHER: zip_bytes("newer")}

    official.before.append(publish)
    folder = fetch_bulk(api, tmp_path / "bulk")
    assert (folder / OTHER).read_bytes() == zip_bytes("newer")
    assert (folder / "EXPORT_DATE").read_text() == "2026-03-03\n"
    assert "published the export of 2026-03-03 meanwhile" in caplog.text


def test_a_swap_stopped_between_its_renames_is_mended(official, api, tmp_path):
    fetch_bulk(api, tmp_path / "bulk")
    (tmp_path / "bulk").rename(tmp_path / "bulk.old")
    asked = len(official.seen)
    assert fetch_bulk(api, tmp_path / "bulk").is_dir()
    assert len(official.seen) == asked + 1


def test_a_damaged_zip_is_removed_and_reported(official, api, tmp_path):
    official.files[NAME] = official.files[NAME][:200] + b"!" + official.files[NAME][201:]
    with pytest.raises(LabelError, match=r"0001-of-0002.json.zip: damaged .*run the command again"):
        fetch_bulk(api, tmp_path / "bulk")
    assert not (tmp_path / "bulk").exists()


def test_a_limit_takes_the_first_parts(official, api, tmp_path):
    assert [file.name for file in fetch_bulk(api, tmp_path / "bulk", limit=1).glob("*.zip")] == [NAME]


def test_a_limit_never_thins_out_a_complete_folder(official, api, tmp_path):
    fetch_bulk(api, tmp_path / "bulk")
    assert len(list(fetch_bulk(api, tmp_path / "bulk", limit=1).glob("*.zip"))) == 2


def test_a_full_disk_is_told_before_the_download(official, api, tmp_path, monkeypatch):
    monkeypatch.setattr("drug_llm.storage.shutil.disk_usage", lambda _: type("Usage", (), {"free": 10}))
    with pytest.raises(StorageError, match="MB free"):
        fetch_bulk(api, tmp_path / "bulk")
    assert official.paths() == ["/download.json"]


@pytest.mark.parametrize("name", ["../evil.zip", "a.txt", ".zip"])
def test_a_manifest_with_strange_names_is_refused(official, api, tmp_path, name):
    official.files = {name: b""}
    if name.startswith(".."):
        assert read_manifest(api).parts[0].name == "evil.zip"
    else:
        with pytest.raises(LabelError, match="no list of label parts"):
            fetch_bulk(api, tmp_path / "bulk")


def test_the_parts_are_sound_zips(official, api, tmp_path):
    for file in fetch_bulk(api, tmp_path / "bulk").glob("*.zip"):
        assert zipfile.ZipFile(file).testzip() is None
