"""Instruction data from monographs: traceable, supported, split by ingredient, and the same every time."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from drug_llm.errors import DatasetError
from drug_llm.instructions import reading
from drug_llm.instructions.asking import misspelled
from drug_llm.instructions.build import build_dataset, read_added
from drug_llm.instructions.example import EvidencePassage, Example
from drug_llm.instructions.facts import label_source, monograph_source
from drug_llm.instructions.selection import (
    LINES_PER_DRUG,
    LINES_PER_WORDING,
    held_out_drugs,
    ingredient_groups,
    without_near_duplicates,
    wording_of,
)
from drug_llm.instructions.support import is_silence, unsupported_sentences
from drug_llm.instructions.wordings import QUESTIONS
from drug_llm.labels.label import Label, Section
from drug_llm.labels.monographs import load_monographs
from tests.conftest import REPOSITORY

MONOGRAPHS = load_monographs(REPOSITORY / "data/monographs")
SOURCES = [monograph_source(monograph) for monograph in MONOGRAPHS]
DATASET = build_dataset(SOURCES)
EVERY = (*DATASET.train, *DATASET.evaluation, *DATASET.seen)


def test_no_ingredient_and_no_question_about_a_drug_is_in_both_files() -> None:
    ingredients = {source.name: set(source.ingredients) for source in SOURCES}
    trained = set().union(*(ingredients[example.drug] for example in DATASET.train if example.drug))
    held_out = set().union(*(ingredients[example.drug] for example in DATASET.evaluation if example.drug))
    assert trained
    assert held_out
    assert not trained & held_out
    questions = [{e.input.lower() for e in side if e.drug} for side in (DATASET.train, DATASET.evaluation)]
    assert not questions[0] & questions[1]


def test_passages_of_the_eval_file_come_from_drugs_that_were_not_trained_on() -> None:
    given = [{p.set_id for e in side for p in e.passages} for side in (DATASET.train, DATASET.evaluation)]
    assert not given[0] & given[1]


def test_seen_file_asks_about_trained_drugs_in_questions_that_were_not_trained_on() -> None:
    asked = {example.input.lower() for example in DATASET.train if not example.passages}
    for example in DATASET.seen:
        assert example.drug in {e.drug for e in DATASET.train}
        assert example.input.lower() not in asked


def test_every_kind_of_example_is_made() -> None:
    kinds = Counter(example.kind for example in DATASET.train)
    made = {"reading", "absent", "other-drug", "other-population", "unknown-drug", "outside", "two-parts", "two-drugs"}
    assert made | set(QUESTIONS) | {"two-drugs-silent"} <= set(kinds)


def test_every_line_says_where_it_comes_from() -> None:
    sections = {source.label.set_id: {section.name for section in source.label.sections} | {""} for source in SOURCES}
    for example in EVERY:
        assert isinstance(example.source, dict)
        assert {"set_id", "version", "section", "rule"} <= example.source.keys()
        assert example.source["section"] in sections[example.source["set_id"]]
        assert example.id
        assert example.kind
    assert len({example.id for example in DATASET.train}) == len(DATASET.train)


def test_every_answer_with_passages_is_supported_by_them() -> None:
    for example in EVERY:
        assert unsupported_sentences(example) == [], example.id


def test_unsupported_answers_are_found() -> None:
    example = next(e for e in DATASET.train if e.kind == "reading" and re.search(r"\d", e.output))
    wrong_number = re.sub(r"\d+", "9173", example.output, count=1)
    assert unsupported_sentences(replace(example, output=wrong_number))
    assert unsupported_sentences(replace(example, output=example.output + " It also cures baldness."))
    assert unsupported_sentences(replace(example, passages=(EvidencePassage("", "x", "Nothing of the kind."),)))
    assert not unsupported_sentences(replace(example, output=reading.NOT_SAID))


def test_abstentions_make_no_claim() -> None:
    silent = {"absent", "other-drug", "other-population", "unknown-drug", "outside", "two-drugs-silent"}
    for example in EVERY:
        sentences = re.findall(r"[^.]+\.", example.output)
        if example.kind in silent:
            assert all(is_silence(sentence.strip()) for sentence in sentences), example.output


def test_passage_without_the_evidence_does_not_hold_it() -> None:
    facts = {source.name: source.facts for source in SOURCES}
    for example in DATASET.train:
        if example.kind == "absent":
            subject = example.id.split("/")[2]
            told = " ".join(p.text for p in example.passages)
            for fact in facts[example.drug]:
                if fact.subject == subject and fact.group == "" and fact.other == "":
                    assert not any(sentence in told for sentence in fact.evidence)


def test_numbers_of_a_closed_book_answer_stand_in_its_monograph() -> None:
    text = {path.stem.replace("-", " "): path.read_text("utf-8") for path in (REPOSITORY / "data/monographs").iterdir()}
    for example in DATASET.train:
        if example.drug:
            # A two-drug answer is taken from either monograph.
            told = text[example.drug] + text.get(example.id.split("/")[2], "")
            for number in re.findall(r"\d[\d,.]*\d|\d", example.output):
                assert number in told, (example.id, number)


def test_nothing_dominates() -> None:
    drugs = Counter(example.drug for example in DATASET.train if example.drug)
    wordings = Counter(wording_of(example) for example in DATASET.train)
    assert max(drugs.values()) <= LINES_PER_DRUG
    assert max(wordings.values()) <= LINES_PER_WORDING


def test_drugs_that_share_an_ingredient_are_one_group() -> None:
    def source(*ingredients: str):
        label = Label("monograph:x", 1, "", ingredients, ())
        return replace(SOURCES[0], name=" and ".join(ingredients), label=label)

    groups = ingredient_groups([source("a"), source("b"), source("c"), source("a", "b"), source("d")])
    assert sorted(map(sorted, groups)) == [["a", "a and b", "b"], ["c"], ["d"]]


def test_near_duplicates_go_and_the_first_stays() -> None:
    long = "The label says that one tablet is taken once a day with a full glass of water in the morning before eating."
    one = Example("How is it taken?", long, id="1", kind="k", drug="d")
    same = replace(one, input="How is it taken?!", id="2")
    other = replace(one, input="What is it for?", output="It treats something else entirely in adults.", id="3")
    assert [example.id for example in without_near_duplicates([one, same, other])] == ["1", "3"]


def test_voices_vary() -> None:
    asked = [example.input for example in DATASET.train]
    lower = sum(text == text.lower() for text in asked) / len(asked)
    assert 0.15 < lower < 0.6
    brands = {brand.lower() for source in SOURCES for brand in source.brands}
    assert sum(any(brand in text.lower() for brand in brands) for text in asked) / len(asked) > 0.1


@pytest.mark.parametrize("name", ["lisinopril", "warfarin", "Zoloft"])
def test_misspelled_name_differs_in_a_letter_or_two_and_keeps_its_first(name: str) -> None:
    variants = {misspelled(name, n) for n in range(40)}
    assert len(variants) > 5
    for variant in variants:
        assert variant[0] == name[0]
        assert abs(len(variant) - len(name)) <= 1


def test_official_label_gives_examples_too() -> None:
    sections = (
        Section(
            "indications_and_usage", "Indications", "Examplamab is indicated for testing in adults. It works well."
        ),
        Section("contraindications", "Contraindications", "Do not give Examplamab to patients allergic to tests."),
        Section("storage_and_handling", "Storage", "Store Examplamab in a refrigerator at 2 °C to 8 °C."),
    )
    label = Label("0000-1", 3, "2020-01-01", ("examplamab",), sections, brand_names=("Testoza",), source="spl")
    source = label_source(label)
    assert source is not None
    dataset = build_dataset([source, *SOURCES[:8]])
    ours = [e for e in (*dataset.train, *dataset.evaluation) if e.drug == "examplamab"]
    assert all(example.id.startswith("examplamab@0000-1/") for example in ours)
    assert {"uses", "contraindications", "storage"} <= {example.kind for example in ours}
    assert all(example.source["version"] == 3 for example in ours if isinstance(example.source, dict))


def test_users_files_join_on_the_side_of_their_drug(tmp_path: Path) -> None:
    few = [source for source in SOURCES if source.name[0] in "am"]
    held_out = sorted(held_out_drugs(few))[0]
    (tmp_path / "mine.csv").write_text(
        f'input,output,drug\n"How much, please?","One tablet.",{held_out}\nWhat is it?,Mine.,my drug\n',
        encoding="utf-8",
    )
    added = read_added(tmp_path / "mine.csv")
    assert [example.output for example in added] == ["One tablet.", "Mine."]
    dataset = build_dataset(few, added)
    assert "Mine." in {example.output for example in dataset.train}
    assert "One tablet." not in {example.output for example in dataset.train}


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "input,output\nonly,\n", 'input,output\n"open,x\n'])
def test_bad_csv_is_named_with_its_row(tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.csv").write_text(content)
    with pytest.raises(DatasetError, match=r"bad\.csv"):
        read_added(tmp_path / "bad.csv")


def test_report_says_what_is_wrong_with_the_data() -> None:
    from drug_llm.instructions.report import examine, render

    assert examine(DATASET.train, DATASET.evaluation).sound
    leaked = next(example for example in DATASET.train if example.kind == "uses")
    bad = replace(next(e for e in DATASET.train if e.kind == "reading"), output="It cures everything.", id="bad")
    findings = examine((*DATASET.train, bad, replace(leaked, id="again")), (*DATASET.evaluation, leaked))
    assert findings.shared_drugs == (leaked.drug,)
    assert findings.shared_questions == 1
    assert findings.near_duplicates == 2
    assert findings.unsupported == ("bad",)
    page = render(DATASET.train, (*DATASET.evaluation, leaked), lambda example: len(example.output), "characters")
    assert f'class="n bad">{leaked.drug}' in page
    assert page.count("<svg") == 5
    assert "reading" in page


def test_salt_of_an_ingredient_does_not_carry_it_into_the_other_file() -> None:
    sections = (Section("indications_and_usage", "Uses", "This product is indicated for the treatment of tests."),)
    salts = [Label(f"0-{n}", 1, "", (name,), sections) for n, name in enumerate(("testine", "testine hydrochloride"))]
    sources = [source for label in salts if (source := label_source(label))]
    assert [source.name for source in sources] == ["testine", "testine"]
    assert ingredient_groups(sources) == [["testine"]]


@pytest.mark.parametrize(
    "text", ["* 60 mg, 80 mg tablets for some patients.", "SEE THE FULL PRESCRIBING INFORMATION.", "Dose."]
)
def test_fragment_of_a_label_is_no_answer(text: str) -> None:
    label = Label("0-1", 1, "", ("testine",), (Section("indications_and_usage", "Uses", text),))
    assert label_source(label) is None
