"""The word lists agree with each other and, on the monographs' many names, lead where they should, in time."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from drug_llm.answering import word_lists
from drug_llm.answering.drug_names import DrugNames
from drug_llm.answering.wording import alternatives
from drug_llm.labels.ingest import ingest
from drug_llm.labels.ranking import stem
from drug_llm.labels.store import LabelStore
from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def monographs(tmp_path_factory: pytest.TempPathFactory) -> LabelStore:
    path = tmp_path_factory.mktemp("store") / "labels.sqlite"
    ingest(path, [REPOSITORY / "data/monographs"])
    return LabelStore(path)


def test_misspellings_of_the_monographs_names_are_resolved_or_asked_about_and_hardly_ever_wrong(
    monographs: LabelStore,
) -> None:
    from benchmarks.drug_names import QUESTIONS, Store, spellings

    store = Store(Path(monographs.path))
    counted = dict.fromkeys(("right", "asked", "missed", "wrong"), 0)
    for number, name in enumerate(store.names):
        for letters in (1, 2):
            for spelled in spellings(name, letters, 2, set(store.names)):
                question = QUESTIONS[number % len(QUESTIONS)].format(spelled)
                counted[store.outcome(name, store.index.find(question))] += 1
    total = sum(counted.values())
    assert total > 2000
    assert counted["right"] + counted["asked"] >= 0.97 * total
    assert counted["right"] >= 0.75 * total
    assert counted["wrong"] <= 0.005 * total


def test_no_word_of_the_monographs_is_taken_for_a_misspelled_drug(monographs: LabelStore) -> None:
    index = DrugNames(monographs.names(), drugs=monographs.drugs())
    wrong = [
        (drug.typed, drug.name)
        for label in monographs.labels()
        for passage in label.passages()
        for line in passage.text.splitlines()
        for drug in index.find(line).drugs
        if drug.kind == "misspelling"
    ]
    assert wrong == []


def test_brands_of_the_monographs_lead_to_the_ingredient_that_the_list_gives(monographs: LabelStore) -> None:
    drugs = monographs.drugs()
    known = word_lists.brands()
    checked = [name for name in drugs if known.get(name)]
    assert len(checked) > 150
    for name in checked:
        assert set(drugs[name].split(" and ")) == set(known[name]), name


def test_lists_are_large_and_agree_with_each_other() -> None:
    known = word_lists.brands()
    assert len(known) > 300
    pairs = {frozenset((one, other)) for one, others in word_lists.look_alikes().items() for other in others}
    assert len(pairs) > 60
    assert all(
        one in word_lists.look_alikes()[other] for one, others in word_lists.look_alikes().items() for other in others
    )
    for name in (*known, *word_lists.ingredients(), *word_lists.other_names()):
        assert name == name.lower().strip()
    for group in (*word_lists.drug_classes(), *word_lists.substances()):
        assert all(term == term.lower() for term in (*group.said, *group.terms))


def test_question_on_a_store_of_five_thousand_names_takes_less_than_ten_milliseconds(monographs: LabelStore) -> None:
    chance = random.Random(0)
    invented = {"".join(chance.choice("bdflmnprstvz") + chance.choice("aeiou") for _ in range(5)) for _ in range(6000)}
    index = DrugNames([*sorted(invented)[:4500], *monographs.names()], drugs=monographs.drugs())
    question = (
        "My grandmother takes lisinopril and metforman for her diabetis, can she add zorvaltine with grapefriut juice?"
    )
    index.find(question)
    start = time.process_time()
    for _ in range(20):
        index.find(question)
    assert (time.process_time() - start) / 20 < 0.01


def test_listed_ingredient_without_a_label_gives_way_to_another_name_that_has_one() -> None:
    drugs = DrugNames(["sennosides"], (), {"sennosides": "sennosides"})
    assert [drug.name for drug in drugs.find("What is the senna dose for a child?").drugs] == ["sennosides"]
    assert [drug.name for drug in drugs.find("How much sena should I take?").drugs] == ["sennosides"]
    both = DrugNames(["senna", "sennosides"], (), {"senna": "senna", "sennosides": "sennosides"})
    assert [drug.name for drug in both.find("What is the senna dose for a child?").drugs] == ["senna"]
    assert DrugNames(["warfarin"]).find("What is the senna dose for a child?").unknown == ("senna",)


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("dinner", "meals"),
        ("lunch", "meal"),
        ("breakfast", "meals"),
        ("meal", "dinner"),
        ("dilate", "mydriasis"),
        ("dilated", "mydriasis"),
        ("mydriasis", "pupils"),
        ("h", "helicobacter"),
        ("helicobacter", "pylori"),
        ("e", "escherichia"),
        ("clostridioides", "clostridium"),
    ],
)
def test_everyday_and_short_words_lead_to_those_of_labels(asked: str, written: str) -> None:
    assert stem(written) in alternatives(stem(asked))


def test_class_is_told_by_words_that_no_other_class_has() -> None:
    terms = {group.name: group.terms for group in word_lists.drug_classes()}
    assert "vaccin-" in terms["RSV vaccine"]
    assert "vaccin-" not in word_lists.telling_terms(terms["RSV vaccine"])
    assert "rsv vaccine" in word_lists.telling_terms(terms["RSV vaccine"])
    assert word_lists.telling_terms(terms["vaccines"]) == terms["vaccines"]
