"""What is not said of a product: another form, release, ester or combination of the drug that the store has."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from drug_llm.answering.asked_product import labels_of, not_held
from drug_llm.answering.assistant import Assistant
from drug_llm.answering.drug_names import DrugNames
from drug_llm.answering.verification import Checker
from drug_llm.labels.label import Label, Section
from drug_llm.labels.store import LabelStore
from drug_llm.models.sentence_encoder import load_sentence_encoder
from tests.answering.conftest import stored


def label(number: int, drug: str, form: str, route: str = "oral", *, brand: str = "", dose: str = "", **more) -> Label:
    brand = brand or drug.title()
    sections = (
        Section("indications_and_usage", "USES", f"{brand} is for grown people of company {number}.\n"),
        Section("dosage_and_administration", "DOSE", f"{dose or f'Adults start with {number} mg of {brand} a day.'}\n"),
        Section("description", "DESCRIPTION", f"{brand} is supplied as {form}.\n"),
    )
    values = {
        "set_id": f"00000000-0000-4000-8000-{number:012d}",
        "version": 1,
        "effective_date": "2020-01-31",
        "generic_names": (drug,),
        "brand_names": (brand,),
        "labeler": "Company",
        "source": "openfda",
        "routes": (route,) if route else (),
        "product_type": "HUMAN PRESCRIPTION DRUG",
        "sections": sections,
    }
    return Label(**(values | more))


LABELS = [
    label(11, "metronidazole", "a gel in tubes", "vaginal"),
    label(12, "zolpidem tartrate", "film-coated tablets", brand="Ambien"),
    label(13, "bupropion hydrochloride", "extended-release tablets (XL)"),
    label(14, "haloperidol", "tablets"),
    label(15, "lisinopril", "tablets"),
    label(16, "omeprazole", "delayed-release capsules"),
    label(17, "fluticasone propionate", "a powder", "respiratory (inhalation)", brand="Flovent Diskus"),
    label(18, "hydrocortisone", "a cream", "topical"),
    label(19, "atenolol", "tablets", dose="Give atenolol I.V. injection slowly. Atenolol injection is diluted."),
    label(20, "metoprolol succinate", "extended-release tablets", brand="Toprol-XL"),
    label(21, "ondansetron", "tablets", ""),
    label(22, "etoposide", "a solution in vials", "intravenous"),
    label(23, "diltiazem hydrochloride", "tablets", brand="Diltiazem One"),
    label(24, "diltiazem hydrochloride", "extended-release capsules", brand="Diltiazem Two"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> LabelStore:
    return stored(tmp_path_factory.mktemp("product") / "labels.sqlite", LABELS)


@pytest.fixture(scope="module")
def assistant(store: LabelStore, tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return Assistant(store, encoder=load_sentence_encoder(), vectors=tmp_path_factory.mktemp("vectors"))


def told(store: LabelStore, question: str) -> str:
    return not_held(question, DrugNames(store.names(), (), store.drugs()).find(question), store)


LACKING = [
    ("how often do I take metronidazole pills", "metronidazole pills"),
    ("oral metronidazole for how long", "oral metronidazole"),
    ("metronidazole 500 mg tablets dose", "metronidazole 500 mg tablets"),
    ("zolpidem CR dose for elderly", "zolpidem CR"),
    ("Ambien 12.5 mg extended-release at night", "Ambien 12.5 mg extended-release"),
    ("bupropion SR starting dose", "bupropion SR"),
    ("starting dose of bupropion sustained release", "bupropion sustained release"),
    ("bupropion IR dose", "bupropion IR"),
    ("haloperidol decanoate monthly dose", "haloperidol decanoate"),
    ("IV haloperidol dose", "IV haloperidol"),
    ("can I get a haloperidol shot", "haloperidol shot"),
    ("lisinopril hctz starting dose", "lisinopril with hctz"),
    ("lisinopril/hydrochlorothiazide 20/12.5 dose", "lisinopril with hydrochlorothiazide"),
    ("flovent hfa dose", "flovent hfa"),
    ("hydrocortisone tablets dose", "hydrocortisone tablets"),
    ("etoposide capsules dose", "etoposide capsules"),
    ("metoprolol tartrate dose", "metoprolol tartrate"),
]


@pytest.mark.parametrize(("question", "product"), LACKING)
def test_product_that_no_label_is_about_is_told(store: LabelStore, question: str, product: str) -> None:
    assert told(store, question).startswith(f"This store has no label for {product}, only for another product of ")


@pytest.mark.parametrize(
    "question",
    [
        "metronidazole gel at night",
        "can I swallow metronidazole gel",
        "is metronidazole cream messy",  # another form, used in the same way
        "metronidazole and pills for pain",
        "zolpidem pills dose",
        "zolpidem capsules dose",  # swallowed as well
        "my dr said zolpidem, dr told me 10 mg",
        "how much zolpidem is too much, should I go to the ER",
        "bupropion XL dose",
        "bupropion ER dose",
        "bupropion extended release dose",
        "omeprazole DR dose",
        "lisinopril dose at CR 2.5",
        "hydrocortisone ointment on my eye",
        "atenolol injection: how fast",  # its directions tell
        "metoprolol XL dose",
        "metoprolol dose",
        "ondansetron injection dose",  # nothing tells how it is given
        "etoposide injection rate",
        "haloperidol hydrochloride tablets",
        "switch from haloperidol decanoate to haloperidol tablets",
    ],
)
def test_words_that_tell_no_other_product_refuse_nothing(store: LabelStore, question: str) -> None:
    assert told(store, question) == ""


def test_labels_of_the_product_asked_for_come_first(store: LabelStore) -> None:
    question = "diltiazem extended release dose"
    named = DrugNames(store.names(), (), store.drugs()).find(question).drugs[0]
    assert [one.brand_names for one in labels_of(question, named, store)] == [("Diltiazem Two",)]
    assert len(labels_of("diltiazem dose", named, store)) == 2
    assert told(store, question) == ""


def test_answer_is_an_abstention_that_says_so_and_the_check_takes_nothing_else(
    assistant: Assistant, store: LabelStore
) -> None:
    line = assistant.answer("zolpidem CR dose for adults").to_json()
    assert (line["abstained"], line["reason"], line["drugs"]) == (True, "no_drug_found", [])
    assert line["answer"].startswith("This store has no label for zolpidem CR, ")
    checker = Checker(store)
    asked = {"question": line["question"]}
    assert [*checker.failures(line, asked)] == []
    other = copy.deepcopy(assistant.answer("zolpidem tablets dose for adults").to_json()) | asked
    assert "12 mg" in other["answer"]
    for changed in (other, line | {"question": "zolpidem tablets dose for adults"}):
        changed = {name: value for name, value in changed.items() if name != "digest"}
        assert [*checker.failures(changed, {"question": changed["question"]})]


def test_medicines_that_meet_are_no_ingredients_of_one_product(assistant: Assistant) -> None:
    answer = assistant.answer("can I take zolpidem CR with hydrochlorothiazide")
    assert "no label for zolpidem" not in answer.text


def test_ingredient_that_only_a_combination_holds_is_compared_alone(tmp_path: Path) -> None:
    wash = ("sulfacetamide sodium", "sulfur")
    three = ("sulfur", "benzoyl peroxide", "salicylic acid")
    labels = [
        label(31, "", "a wash", "topical", brand="Clarisol", generic_names=wash),
        label(32, "", "a gel", "topical", brand="Trizoyl", generic_names=three),
    ]
    store = stored(tmp_path / "labels.sqlite", labels)
    assistant = Assistant(store, encoder=load_sentence_encoder(), vectors=tmp_path)
    for question, is_doubled in (
        ("is Clarisol safe with benzoyl peroxide", False),
        ("is Clarisol safe with Trizoyl", True),
        ("is Clarisol safe with salicylic acid", False),
    ):
        line = assistant.answer(question).to_json()
        assert ("Both contain sulfur." in line["answer"]) is is_doubled, question
        assert [*Checker(store).failures(line, {"question": question})] == []
