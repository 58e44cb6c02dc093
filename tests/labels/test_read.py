import io
import json
import zipfile

import pytest

from drug_llm.errors import LabelError, StorageError
from drug_llm.labels import json_stream
from drug_llm.labels.archives import MAX_ZIP_DEPTH
from drug_llm.labels.json_label import label_to_json
from drug_llm.labels.json_stream import json_entries
from drug_llm.labels.read import read_labels

from .conftest import REPOSITORY, make_label, openfda_result, set_id, spl_document


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def ids(path, **options):
    return [label.set_id for label in read_labels(path, **options)]


def test_format_is_told_by_the_content(tmp_path, openfda_file):
    results = [openfda_result(n) for n in (1, 2, 3)]
    plain = openfda_file(results)
    (tmp_path / "bare.txt").write_text(json.dumps(results))
    (tmp_path / "lines.dat").write_text("\n".join(map(json.dumps, results)) + "\n")
    (tmp_path / "indented.json").write_text(json.dumps({"results": results, "meta": {}}, indent=2))
    (tmp_path / "part.zip").write_bytes(zipped({"drug-label-0001-of-0013.json": plain.read_bytes()}))
    (tmp_path / "export.jsonl").write_text("\n".join(json.dumps(label_to_json(label)) for label in read_labels(plain)))
    for name in ("labels.json", "bare.txt", "lines.dat", "indented.json", "part.zip", "export.jsonl"):
        assert ids(tmp_path / name) == [set_id(1), set_id(2), set_id(3)], name


def test_spl_monographs_and_zips_in_zips_are_read(tmp_path):
    (tmp_path / "a.xml").write_bytes(spl_document())
    inner = zipped({"label.xml": spl_document(), "picture.jpg": b"\xff\xd8"})
    (tmp_path / "b.zip").write_bytes(zipped({"prescription/20210503_x.zip": inner}))
    assert ids(tmp_path / "a.xml") == ids(tmp_path / "b.zip") == ["00000000-0000-4000-8000-000000000077"]
    assert ids(REPOSITORY / "data" / "monographs" / "lisinopril.yaml") == ["monograph:lisinopril"]


def test_folder_is_read_in_the_order_of_names(tmp_path, openfda_file):
    openfda_file([openfda_result(2)], "b.json")
    openfda_file([openfda_result(1)], "a.json")
    (tmp_path / "notes.txt").write_text("no label")
    assert ids(tmp_path) == [set_id(1), set_id(2)]


def test_exported_labels_come_back_whole(tmp_path):
    label = make_label(is_original=True, application_numbers=("NDA1",))
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(label_to_json(label)))
    assert list(read_labels(path)) == [label]


def test_bulk_file_is_read_in_pieces(monkeypatch):
    monkeypatch.setattr(json_stream, "CHUNK_BYTES", 16)
    results = [{"set_id": "é" * n, "n": n} for n in range(40)]
    for content in (results, {"meta": {"a": [1]}, "results": results}):
        stream = io.BytesIO(json.dumps(content, ensure_ascii=False).encode())
        if content is results:
            assert list(json_entries(stream, where="t")) == results
    monkeypatch.setattr(json_stream, "CHUNK_BYTES", 64)
    stream = io.BytesIO(json.dumps({"meta": {"a": [1]}, "results": results}, ensure_ascii=False).encode())
    assert list(json_entries(stream, where="t")) == results


def test_labels_before_a_cut_are_read_and_the_cut_is_an_error(tmp_path, openfda_file):
    path = openfda_file([openfda_result(1), openfda_result(2)])
    path.write_bytes(path.read_bytes()[:-40])
    labels = read_labels(path)
    assert next(labels).set_id == set_id(1)
    with pytest.raises(LabelError, match="Download it again"):
        list(labels)


def test_bad_entry_is_reported_and_the_rest_is_read(openfda_file):
    errors = []
    path = openfda_file([openfda_result(1), {"version": "1"}, openfda_result(3)])
    assert ids(path, on_error=errors.append) == [set_id(1), set_id(3)]
    assert "label 2" in str(errors[0])
    with pytest.raises(LabelError):
        ids(path)


def test_bad_member_of_a_zip_is_reported_and_the_rest_is_read(tmp_path):
    errors = []
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"1.xml": b"<html/>", "2.xml": spl_document()}))
    assert len(ids(path, on_error=errors.append)) == 1
    assert "1.xml" in str(errors[0])


@pytest.mark.parametrize(
    "name", ["../label.xml", "/etc/label.xml", "a/../../label.xml", "C:\\label.xml", "..\\label.xml"]
)
def test_member_whose_name_leaves_the_zip_is_refused(tmp_path, name):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"fine.xml": spl_document(), name: spl_document()}))
    with pytest.raises(LabelError, match="points outside of the zip"):
        ids(path)


def test_link_in_a_zip_is_refused(tmp_path):
    info = zipfile.ZipInfo("label.xml")
    info.external_attr = 0o120777 << 16
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(LabelError, match="points outside of the zip"):
        ids(path)


def test_zip_bomb_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"label.xml": b" " * 20_000_000}))
    with pytest.raises(LabelError, match="Refused as a zip bomb"):
        ids(path)


def test_zips_that_nest_without_end_are_refused(tmp_path):
    content = zipped({"label.xml": spl_document()})
    for _ in range(MAX_ZIP_DEPTH):
        content = zipped({"inner.zip": content})
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(LabelError, match="zips nest deeper"):
        ids(path)


def test_damaged_zip_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    content = bytearray(zipped({"label.xml": spl_document()}))
    content[60] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(LabelError, match="Download it again"):
        ids(path)


@pytest.mark.parametrize(
    "content", [b"", b"plain words", b"\x00\x01", b"{", b"[1]", b"[" * 100_000, b'{"results": 5}', b"<"]
)
def test_other_content_is_refused_with_the_name(tmp_path, content):
    path = tmp_path / "strange.json"
    path.write_bytes(content)
    with pytest.raises(LabelError, match=r"strange\.json"):
        ids(path)


def test_missing_and_empty_places_are_errors(tmp_path):
    with pytest.raises(StorageError, match="not found"):
        ids(tmp_path / "none.json")
    with pytest.raises(LabelError, match="holds no label file"):
        ids(tmp_path)


def test_empty_response_has_no_labels(openfda_file):
    assert ids(openfda_file([])) == []
