"""Searches of openFDA and documents of DailyMed, from a local server with the faults of the real ones."""

import json
from email.utils import formatdate

import pytest

from drug_llm.errors import ConfigError, LabelError
from drug_llm.labels.dailymed import DailyMed
from drug_llm.labels.fetch import common_generics, fetch_drugs, fetch_search, fetch_set_ids, file_stem, save_search
from drug_llm.labels.openfda_api import OpenFDA, drug_search
from drug_llm.labels.web import Pace, RefusedError, Web
from tests.labels.official_server import SET_ID, SPL, Official, label, running


@pytest.fixture(autouse=True)
def no_settings_of_the_user(monkeypatch):
    for name in ("OPENFDA_API_KEY", "DRUG_LLM_OPENFDA_URL", "DRUG_LLM_DAILYMED_URL", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def official():
    server = Official()
    with running(server):
        yield server


@pytest.fixture
def waits():
    return []


@pytest.fixture
def web(waits):
    """A web that notes its waits and does not wait."""
    return Web(Pace(attempts=4, timeout=5), sleep=waits.append)


@pytest.fixture
def api(official, web):
    return OpenFDA(web, base_url=official.url, page_labels=3)


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_search_of_several_pages_is_saved_whole(official, api, tmp_path):
    path = tmp_path / "raw" / "lisinopril.jsonl"
    assert save_search(api, drug_search("lisinopril"), path) == 7
    assert lines(path) == official.labels
    assert [query.get("search_after") for _, query, _ in official.seen] == [None, "0=3", "0=6"]
    assert all("skip" not in query and int(query["limit"]) <= 1000 for _, query, _ in official.seen)
    assert list(path.parent.iterdir()) == [path]


def test_progress_counts_labels_of_the_total(api, tmp_path):
    told = []
    save_search(api, drug_search("lisinopril"), tmp_path / "a.jsonl", progress=lambda *seen: told.append(seen))
    assert told == [(3, 7), (6, 7), (7, 7)]


def test_a_limit_ends_the_paging(official, api, tmp_path):
    assert save_search(api, drug_search("lisinopril"), tmp_path / "a.jsonl", limit=4) == 4
    assert len(official.seen) == 2
    assert save_search(api, drug_search("lisinopril"), tmp_path / "a.jsonl", limit=2) == 2


def test_the_key_travels_with_every_request_and_never_into_messages(official, web, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENFDA_API_KEY", "secret")
    api = OpenFDA(web, base_url=official.url, page_labels=3)
    save_search(api, drug_search("lisinopril"), tmp_path / "a.jsonl")
    assert {query["api_key"] for _, query, _ in official.seen} == {"secret"}
    official.faults.extend([(500, {})] * 4)
    with pytest.raises(LabelError) as caught:
        save_search(api, drug_search("lisinopril"), tmp_path / "a.jsonl")
    assert "secret" not in str(caught.value)


def test_a_wrong_key_is_refused_with_its_remedy(official, web, tmp_path):
    api = OpenFDA(web, base_url=official.url, api_key="wrong")
    with pytest.raises(RefusedError, match=r"403 \(API_KEY_INVALID.*unset OPENFDA_API_KEY"):
        save_search(api, "x", tmp_path / "a.jsonl")
    assert len(official.seen) == 1


def test_a_wrong_search_is_refused_at_once(official, api, tmp_path):
    with pytest.raises(RefusedError, match="Correct the search expression"):
        fetch_search(api, "a:[1 TO", tmp_path)
    assert len(official.seen) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_search_written_for_an_address_is_understood(official, api, tmp_path):
    fetch_search(api, 'openfda.generic_name:"lisinopril"+AND+openfda.route:"ORAL"', tmp_path)
    assert official.seen[0][1]["search"] == 'openfda.generic_name:"lisinopril" AND openfda.route:"ORAL"'


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_passing_faults_are_waited_out_longer_each_time(official, api, waits, tmp_path, status):
    official.faults.extend([(status, {})] * 3)
    assert save_search(api, drug_search("lisinopril"), tmp_path / "a.jsonl") == 7
    assert [0.5 <= wait <= 1 for wait in waits[:1]] == [True]
    assert waits == sorted(waits)
    assert waits[2] <= 4


def test_retry_after_is_respected_as_seconds_and_as_a_date(official, api, waits, tmp_path):
    official.faults.append((429, {"Retry-After": "37"}))
    official.faults.append((503, {"Retry-After": formatdate(usegmt=True, timeval=None)}))
    official.faults.append((429, {"Retry-After": "soon"}))
    save_search(api, drug_search("lisinopril"), tmp_path / "a.jsonl")
    assert waits[0] == 37
    assert max(waits[1:]) <= 4


def test_a_retry_after_of_hours_ends_the_command(official, api, waits, tmp_path):
    official.faults.append((429, {"Retry-After": "7200"}))
    with pytest.raises(LabelError, match=r"asks to wait 7200 s.*OPENFDA_API_KEY"):
        save_search(api, drug_search("lisinopril"), tmp_path / "a.jsonl")
    assert waits == []


def test_backoff_has_a_cap(official, waits, tmp_path):
    pace = Pace(attempts=9, longest_wait=4)
    api = OpenFDA(Web(pace, sleep=waits.append), base_url=official.url)
    official.faults.extend([(500, {})] * 8)
    save_search(api, drug_search("lisinopril"), tmp_path / "a.jsonl")
    assert max(waits) <= 4


def test_a_service_that_stays_broken_gives_a_clear_error(official, api, tmp_path):
    official.faults.extend([(500, {})] * 4)
    with pytest.raises(LabelError, match=r"answered 500, after 4 attempts; expected an answer"):
        save_search(api, drug_search("lisinopril"), tmp_path / "a.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_no_connection_gives_up_after_few_attempts(web, waits, tmp_path):
    with pytest.raises(LabelError, match=r"no connection .*after 3 attempts.*Check the network"):
        save_search(OpenFDA(web, base_url="http://127.0.0.1:9"), "x", tmp_path / "a.jsonl")
    assert len(waits) == 2


def test_a_page_cut_in_its_body_is_fetched_again(official, api, tmp_path):
    official.faults.extend([20, 0])
    assert save_search(api, drug_search("lisinopril"), tmp_path / "a.jsonl") == 7
    assert lines(tmp_path / "a.jsonl") == official.labels


def test_changed_totals_while_paging_are_noticed_and_the_pages_read_anew(official, api, tmp_path, caplog):
    official.before.append(lambda number: number == 2 and official.labels.insert(0, label(99)))
    assert save_search(api, drug_search("lisinopril"), tmp_path / "a.jsonl") == 8
    assert "the total went from 7 to 8" in caplog.text
    assert lines(tmp_path / "a.jsonl") == official.labels


def test_a_replaced_label_under_the_same_total_is_noticed(official, api, tmp_path, caplog):
    official.before.append(lambda number: number == 3 and official.labels.__setitem__(6, official.labels[0]))
    official.before.append(lambda number: number == 4 and official.labels.__setitem__(6, label(6)))
    assert save_search(api, drug_search("lisinopril"), tmp_path / "a.jsonl") == 7
    assert "6 different labels came instead of 7" in caplog.text


def test_data_updated_while_paging_are_noticed(official, api, tmp_path, caplog):
    official.before.append(lambda number: number == 2 and setattr(official, "last_updated", "2026-02-01"))
    assert save_search(api, drug_search("lisinopril"), tmp_path / "a.jsonl") == 7
    assert "the data of 2026-01-06 became those of 2026-02-01" in caplog.text


def test_totals_that_never_rest_end_in_an_error_and_keep_the_old_file(official, api, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("old\n")
    official.before.append(lambda number: official.labels.append(label(100 + number)))
    with pytest.raises(LabelError, match="in each of 3 passes"):
        save_search(api, drug_search("lisinopril"), path)
    assert path.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [path]


def test_an_answer_that_is_no_label_page_is_reported(official, web, tmp_path):
    api = OpenFDA(web, base_url=f"{official.url}/download.json?x=")
    official.files["a.zip"] = b""
    with pytest.raises(LabelError, match="expected JSON with `meta` and `results`"):
        save_search(api, "x", tmp_path / "a.jsonl")


def test_drugs_without_labels_are_told_and_others_saved(api, tmp_path):
    found = list(fetch_drugs(api, ["Lisinopril", "nowherol"], tmp_path))
    assert [(fetched.name, fetched.labels, fetched.path) for fetched in found] == [
        ("lisinopril", 7, tmp_path / "lisinopril.jsonl"),
        ("nowherol", 0, None),
    ]


def test_fresh_files_are_kept(official, api, tmp_path):
    list(fetch_drugs(api, ["lisinopril"], tmp_path))
    asked = len(official.seen)
    assert next(fetch_drugs(api, ["lisinopril"], tmp_path, fresh_hours=1)).kept
    assert len(official.seen) == asked
    assert not next(fetch_drugs(api, ["lisinopril"], tmp_path)).kept


def test_no_more_requests_than_allowed_are_sent_in_a_minute(official, waits):
    clock = {"now": 0.0}

    def sleep(seconds):
        waits.append(seconds)
        clock["now"] += seconds

    web = Web(Pace(requests_a_minute=3), sleep=sleep, now=lambda: clock["now"])
    for _ in range(4):
        web.get(f"{official.url}/download.json")
        clock["now"] += 1
    assert waits == [57.0]


def test_drug_names_cannot_smuggle_expressions():
    assert '"a b OR c:d"' in drug_search('a" \\b OR c:d')
    assert drug_search("amlodipine and benazepril").count(" AND ") == 1
    with pytest.raises(LabelError, match="holds no letters"):
        drug_search('""')


def test_a_page_is_never_larger_than_the_service_allows(web):
    with pytest.raises(ConfigError, match="1 to 1000"):
        OpenFDA(web, page_labels=1001)
    with pytest.raises(ConfigError, match="expected positive numbers"):
        Pace(attempts=0)


def test_only_web_addresses_are_opened(web):
    with pytest.raises(ConfigError, match="https://"):
        web.get("file:///etc/hosts")


def test_an_spl_is_saved_by_set_id(official, web, tmp_path):
    source = DailyMed(web, base_url=f"{official.url}/dailymed/")
    found = list(fetch_set_ids(source, [SET_ID.upper(), SET_ID.replace("2", "3")], tmp_path))
    assert [fetched.path for fetched in found] == [tmp_path / f"{SET_ID}.xml", None]
    assert (tmp_path / f"{SET_ID}.xml").read_text(encoding="utf-8") == SPL


def test_a_text_that_is_no_set_id_is_never_asked_for(official, web, tmp_path):
    with pytest.raises(LabelError, match="not of the known shape"):
        list(fetch_set_ids(DailyMed(web, base_url=official.url), [SET_ID, "../../etc/passwd"], tmp_path))
    assert official.seen == []


def test_another_document_than_asked_for_is_refused(official, web, tmp_path, monkeypatch):
    monkeypatch.setattr("tests.labels.official_server.SPL", SPL.replace(SET_ID.upper(), "0" * 36))
    with pytest.raises(LabelError, match="expected the whole SPL document"):
        DailyMed(web, base_url=f"{official.url}/dailymed").fetch(SET_ID, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_common_generics_are_300_different_names():
    names = common_generics()
    assert len(set(names)) == len(names) == 300
    assert all(name == name.lower() and drug_search(name) for name in names)


def test_file_names_are_tame():
    assert file_stem('openfda.route:"ORAL" AND ../x') == "openfda-route-oral-and-x"
    assert file_stem("???") == "all"
    assert len(file_stem("x" * 300)) == 80
