import sqlite3
import threading

import pytest

from drug_llm.errors import LabelError, StorageError
from drug_llm.labels.choice import content_hash, drug_names, preference, without_salt
from drug_llm.labels.label import Section, keyed_sections, text_digest
from drug_llm.labels.ranking import match_expression, query_terms, rank, stem
from drug_llm.labels.schema import connect
from drug_llm.labels.store import LabelStore
from drug_llm.labels.writing import write_batch

from .conftest import make_label, set_id


def write(path, *labels):
    connection = connect(path, create=True)
    connection.execute("BEGIN IMMEDIATE")
    written = write_batch(connection, labels)
    connection.execute("COMMIT")
    connection.close()
    return written


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "labels.sqlite"


def names(labels):
    return [int(label.set_id[-4:]) for label in labels]


def test_label_comes_back_as_it_was(path):
    inner = Section("warnings_and_precautions", "Harm", "It may harm.\n", number="5.1", references=("8.1", "2"))
    outer = Section("warnings_and_precautions", "WARNINGS", "", number="5", loinc="43685-7", subsections=(inner,))
    label = make_label(
        sections=(outer, Section("overdosage", "OVERDOSAGE", "Call for help.\n")),
        is_original=False,
        title="A title",
        ndcs=("1-2",),
        rxcuis=("7",),
        application_numbers=("NDA1",),
        routes=("oral",),
    )
    write(path, label)
    with LabelStore(path) as store:
        assert store.get(label.set_id) == label
        assert store.get(label.set_id, 1) == label


def test_newest_version_is_current_whatever_the_order(path):
    versions = [make_label(version=n, text=f"Take {n} mg.\n") for n in (2, 3, 1)]
    for label in versions:
        write(path, label)
    with LabelStore(path) as store:
        assert [label.version for label in store.versions(set_id(1))] == [3, 2, 1]
        assert store.get(set_id(1)).version == 3
        assert store.get(set_id(1), 1).sections[0].text == "Take 1 mg.\n"
        assert [hit.passage.version for hit in store.search("mg")] == [3]
        assert store.counts()["labels"] == 1


def test_version_is_stored_once_and_a_better_reading_replaces_it(path):
    poor = make_label(text="Take 5 mg.\n")
    rich = make_label(text="Take 5 mg.\n", source="spl", name="placebium sodium")
    assert write(path, poor, poor).known == 1
    assert write(path, rich).replaced == 1
    assert write(path, poor).known == 1
    with LabelStore(path) as store:
        assert store.get(set_id(1)) == rich
        assert names(store.by_name("placebium sodium")) == [1]
        assert len(store.search("take")) == 1
    check(path)


def check(path):
    """The index agrees with the labels that it should hold."""
    connection = connect(path)
    connection.execute("INSERT INTO section_index (section_index) VALUES ('integrity-check')")
    connection.execute("INSERT INTO name_index (name_index) VALUES ('integrity-check')")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    indexed = {row[0] // 4096 for row in connection.execute("SELECT id FROM section_index_docsize")}
    chosen = {row[0] for row in connection.execute("SELECT label_id FROM labels WHERE is_chosen")}
    named = {row[0] for row in connection.execute("SELECT label_id FROM drug_labels")}
    connection.close()
    assert indexed == chosen
    assert named <= chosen


def test_repackaged_copies_are_one_content_and_the_best_is_chosen(path):
    copies = [
        make_label(1, is_original=False, effective_date="2022-01-01"),
        make_label(2, is_original=True, effective_date="2019-01-01", brand_names=("Original",)),
        make_label(3, is_original=None, effective_date="2023-01-01", brand_names=("Other",)),
        make_label(4, text="Take two tablets of 7 mg.\n"),
    ]
    for copy in copies:
        write(path, copy)
        check(path)
    with LabelStore(path) as store:
        assert names(store.by_name("placebium")) == [2, 4] or names(store.by_name("placebium")) == [2, 4][::-1]
        assert names(store.by_name("other")) == [2], "a copy's brand leads to the chosen label"
        assert names(store.copies(set_id(2))) == [3, 1]
        assert store.counts()["distinct_labels"] == 2
        assert names(label for label in store.labels(chosen_only=True)) == [2, 4]


def test_chosen_label_that_changes_its_text_leaves_the_place_to_the_next(path):
    write(path, make_label(1, is_original=True), make_label(2, is_original=False))
    write(path, make_label(1, version=2, is_original=True, text="Take it never.\n"))
    with LabelStore(path) as store:
        assert sorted(names(store.by_name("placebium"))) == [1, 2]
        assert {hit.passage.set_id for hit in store.search("tablet")} == {set_id(2)}
    check(path)


def test_choice_rule_goes_step_by_step():
    better = [
        make_label(9, is_original=True, application_numbers=("NDA1",)),
        make_label(8, is_original=True, application_numbers=("ANDA1",), effective_date="2022-01-01"),
        make_label(7, is_original=True, application_numbers=("ANDA1",), effective_date="2020-01-01"),
        make_label(6, is_original=True),
        make_label(2, effective_date="2025-01-01"),
        make_label(3, effective_date=""),
        make_label(4, effective_date=""),
        make_label(1, is_original=False),
        make_label(1, is_original=True, generic_names=("a", "b")),
        make_label(1, source="monograph"),
    ]
    keys = [preference(label) for label in better]
    assert keys == sorted(keys)


def test_packaging_does_not_make_a_label_another_one_but_ingredients_do():
    assert content_hash(make_label(1)) == content_hash(make_label(2))
    assert content_hash(make_label(1)) != content_hash(make_label(1, generic_names=("b",)))
    assert content_hash(make_label(1, sections=())) != content_hash(make_label(2, sections=()))


def test_drug_is_found_by_every_name(path):
    write(
        path,
        make_label(1, generic_names=("placebium hydrochloride",), brand_names=("Sleep Well PM",)),
        make_label(2, generic_names=("placebium", "nullol"), brand_names=()),
    )
    with LabelStore(path) as store:
        for name in (
            "placebium hydrochloride",
            "PLACEBIUM HCL",
            "Placebium",
            "sleep well pm",
            "sleep",
            "slee",
            "well pm",
        ):
            assert names(store.by_name(name))[0] == 1, name
        assert names(store.by_name("placebium and nullol")) == [2]
        for nonsense in ("", "  ", '"*', "unheard-of", "NEAR(", "placebium AND"):
            assert names(store.by_name(nonsense)) in ([], [1], [1, 2], [2])
    assert without_salt("sodium") == "sodium"
    assert "placebium and nullol" in drug_names(make_label(generic_names=("placebium sodium", "nullol")))


def test_search_finds_the_section_within_a_drug(path):
    write(
        path,
        *(
            make_label(
                n,
                name=f"drug{n}",
                sections=(
                    Section("overdosage", "OVERDOSAGE", f"Call a poison center about drug{n}.\n"),
                    Section("storage_and_handling", "STORAGE", "Keep at room temperature.\n"),
                ),
            )
            for n in range(1, 30)
        ),
    )
    with LabelStore(path) as store:
        hits = store.search("What is the storage temperature?", drug="drug7")
        assert (hits[0].passage.section, hits[0].label.generic_names) == ("storage_and_handling", ("drug7",))
        assert [hit.passage.section for hit in store.search("poisoning", drug="drug7")] == ["overdosage"]
        assert store.search("poison", set_id=set_id(3))[0].passage.set_id == set_id(3)
        assert store.search("poison", drug="drug7", section="storage_and_handling") == []
        assert store.search("poison center drug9")[0].label.generic_names == ("drug9",)
        assert store.search("temperature", limit=5)[0].passage.name == "storage_and_handling"
        assert len(store.search("temperature")) == 1, "the same text is one hit"
        for query in ("", "?", '"', "OR AND NOT", "a*b NEAR/2 c", "the"):
            store.search(query)
            store.search(query, drug="drug7")


def test_citation_of_a_section_can_be_checked(path):
    write(path, make_label())
    with LabelStore(path) as store:
        passage = store.passages(set_id(1), section="dosage_and_administration")[0]
        text = store.section_text(set_id(1), passage.section, version=passage.version)
        start = text.index("5 mg")
        assert text[start : start + 4] == "5 mg"
        assert passage.sha256 == text_digest(text)
        with pytest.raises(LabelError, match="has no section 'nothing'"):
            store.section_text(set_id(1), "nothing")


def test_sections_of_one_name_have_keys_of_their_own():
    parts = (
        Section("a", "", "1"),
        Section(
            "a",
            "",
            "2",
            subsections=(Section("a", "", "3", number="2.1"), Section("b", "", "4"), Section("a", "", "5")),
        ),
        Section("b", "", "6"),
    )
    assert [(key, section.text) for key, section in keyed_sections(parts)] == [
        ("a", "1"),
        ("a#2", "2"),
        ("a#2/2.1", "3"),
        ("b", "4"),
        ("a#2/3", "5"),
        ("b#2", "6"),
    ]


def test_passages_by_key_and_by_name(path):
    inner = Section("overdosage", "Signs", "Sleep.\n", number="10.1")
    write(
        path, make_label(sections=(Section("overdosage", "OVERDOSAGE", "Call.\n", number="10", subsections=(inner,)),))
    )
    with LabelStore(path) as store:
        assert [p.section for p in store.passages(set_id(1), section="overdosage")] == ["overdosage", "overdosage/10.1"]
        assert [p.section for p in store.passages(set_id(1), section="overdosage/10.1")] == ["overdosage/10.1"]


def test_store_is_read_while_it_is_written_and_by_many_threads(path):
    write(path, make_label(1))
    writer = connect(path, create=True)
    writer.execute("BEGIN IMMEDIATE")
    write_batch(writer, [make_label(2, text="Other text.\n")])
    seen = []
    with LabelStore(path) as store:
        threads = [threading.Thread(target=lambda: seen.append(names(store.by_name("placebium")))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert seen == [[1]] * 4
        writer.execute("COMMIT")
        assert sorted(names(store.by_name("placebium"))) == [1, 2]
    writer.close()


def test_missing_foreign_and_old_stores_are_refused(tmp_path, path):
    with pytest.raises(StorageError, match="no label store found"):
        LabelStore(path)
    (tmp_path / "text.sqlite").write_text("this is no database, it only looks like a file" * 20)
    with pytest.raises(LabelError, match="not a label store"):
        LabelStore(tmp_path / "text.sqlite")
    sqlite3.connect(tmp_path / "other.sqlite").execute("CREATE TABLE a (b)").connection.close()
    with pytest.raises(LabelError, match="no version"):
        LabelStore(tmp_path / "other.sqlite")
    write(path, make_label())
    connection = connect(path)
    connection.execute("UPDATE meta SET value = '0'")
    connection.close()
    with pytest.raises(LabelError, match="version '0'; expected '1'"):
        LabelStore(path)


def test_unknown_label_is_an_error_that_says_what_to_do(path):
    write(path, make_label())
    with LabelStore(path) as store:
        with pytest.raises(LabelError, match="drug-llm labels list"):
            store.get("nothing")
        with pytest.raises(LabelError, match="version 9 is not in"):
            store.get(set_id(1), 9)
        assert store.versions("nothing") == []
        with pytest.raises(LabelError, match="not counted by"):
            store.counts_by("set_id; DROP TABLE labels")


def test_ranking_prefers_rare_words_and_titles():
    passages = [("", "liver liver liver dose"), ("Liver", "dose"), ("", "dose dose kidney"), ("", "nothing")]
    assert [place for _, place in rank("kidney", passages)] == [2]
    assert {place for _, place in rank("What about the liver?", passages)} == {0, 1}
    assert rank("", passages) == rank("liver", []) == []
    assert stem("interactions") == stem("interacting") == "interact"
    assert query_terms("What is the dose?") == ["dose"]
    assert query_terms("is it the") == ["is", "it", "the"]
    assert match_expression('"dose" OR x') == '"dose" OR "x"'


def test_every_name_says_which_drug_it_stands_for(path):
    write(
        path,
        make_label(1, generic_names=("placebium hydrochloride",), brand_names=("Sleep Well PM",)),
        make_label(2, generic_names=("placebium", "nullol sodium"), brand_names=("Sleep Well Double",)),
        make_label(3, generic_names=(), brand_names=("Riddle",)),
    )
    with LabelStore(path) as store:
        drugs = store.drugs()
    assert set(drugs) == set(LabelStore(path).names())
    assert drugs["sleep well pm"] == drugs["placebium hydrochloride"] == "placebium"
    assert drugs["sleep well double"] == drugs["placebium and nullol sodium"] == "placebium and nullol"
    assert drugs["nullol"] == drugs["nullol sodium"] == "nullol"
    assert drugs["riddle"] == "riddle"
