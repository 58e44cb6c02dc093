"""The label that answers: the product, form, age group and strength asked about, before the newest of all."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest

from drug_llm.answering.drug_names import DrugNames
from drug_llm.answering.label_choice import ChosenLabel, choose_label
from drug_llm.labels.ingest import ingest
from drug_llm.labels.label import Label, Section
from drug_llm.labels.rows import LabelSummary
from drug_llm.labels.store import LabelStore
from tests.answering.conftest import stored

RX, OTC = "HUMAN PRESCRIPTION DRUG", "HUMAN OTC DRUG"


def label(brand: str, *, form: str = "tablets", route: str = "oral", more: str = "", **changes) -> Label:
    """A label of acetaminophen whose text differs from that of every other brand."""
    text = f"{brand} is supplied as {form}."
    sections = [
        Section("indications_and_usage", "USES", f"{brand} relieves pain.\n"),
        Section("dosage_and_administration", "DOSE", f"Use {brand} as directed.\n"),
        Section("description", "DESCRIPTION", f"{text}\n"),
    ]
    sections += [Section(name, name.upper(), f"{brand}: see {name}.\n") for name in more.split()]
    values = {
        "set_id": f"00000000-0000-4000-8000-{int.from_bytes(brand.encode(), 'big') % 10**12:012d}",
        "version": 1,
        "effective_date": "2020-01-31",
        "generic_names": ("acetaminophen",),
        "brand_names": (brand,),
        "labeler": "Company",
        "source": "openfda",
        "routes": (route,),
        "product_type": RX,
        "sections": tuple(sections),
    }
    return Label(**(values | changes))


LABELS = [
    label("Plainacet"),
    label("Newacet", effective_date="2024-05-01"),
    label("Extracet ER", form="extended-release tablets"),
    label("Drinkacet", form="an oral solution"),
    label("Veinacet", form="a solution in vials", route="intravenous"),
    label("Rectacet", form="suppositories", route="rectal"),
    label("Childrens Acet", form="chewable tablets", product_type=OTC),
    label("Infants Acet", form="a suspension", product_type=OTC),
    label("Shopacet", product_type=OTC),
    label("Strongacet", form="tablets of 500 mg"),
    label("Acet PM", generic_names=("acetaminophen", "diphenhydramine hydrochloride"), product_type=OTC),
    label("Fullacet", more="contraindications warnings_and_precautions overdosage", effective_date="2011-01-01"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> LabelStore:
    return stored(tmp_path_factory.mktemp("choice") / "labels.sqlite", LABELS)


def candidates(store: LabelStore) -> list[LabelSummary]:
    return store.by_name("acetaminophen", limit=50)


CHOSEN = [
    ("how much Drinkacet can I take", "Drinkacet", "product asked about"),
    ("Acet PM with alcohol", "Acet PM", "product asked about"),
    ("Children's Acet for adults?", "Childrens Acet", "product asked about"),
    ("acetaminophen for my 5 year old", "Childrens Acet", "age group asked about"),
    ("acetaminophen for a baby", "Infants Acet", "age group asked about"),
    ("can my 8 year old have acetaminophen 500 mg", "Strongacet", "strength asked about"),
    ("can I give 10 ml acetaminophen to my 8 year old", "Childrens Acet", "age group asked about"),
    ("can I give 90 mg acetaminophen to my 8 year old", "Childrens Acet", "age group asked about"),
    ("acetaminophen extended release dose", "Extracet ER", "form asked about"),
    ("acetaminophen ER dose", "Extracet ER", "form asked about"),
    ("liquid acetaminophen dose", "Drinkacet", "form asked about"),
    ("acetaminophen injection dose", "Veinacet", "form asked about"),
    ("IV acetaminophen", "Veinacet", "form asked about"),
    ("acetaminophen suppository", "Rectacet", "form asked about"),
    ("does acetaminophen 500 mg cause drowsiness", "Strongacet", "strength asked about"),
    ("over the counter acetaminophen", "Shopacet", "prescription or over the counter"),
    ("acetaminophen dose", "Fullacet", "most complete"),
    ("acetaminophen tablets", "Fullacet", "most complete"),
]


@pytest.mark.parametrize(("question", "brand", "reason"), CHOSEN)
def test_label_fits_what_is_asked(store: LabelStore, question: str, brand: str, reason: str) -> None:
    assert len(candidates(store)) == len(LABELS)
    chosen = choose_label(question, candidates(store), store)
    assert chosen.label.brand_names == (brand,)
    assert chosen.reason == reason


def test_newest_label_is_used_where_nothing_else_tells_them_apart(store: LabelStore) -> None:
    alike = [one for one in candidates(store) if one.brand_names[0] in ("Plainacet", "Newacet")]
    chosen = choose_label("acetaminophen dose", alike, store)
    assert (chosen.label.brand_names, chosen.reason) == (("Newacet",), "newest")


def test_children_product_is_not_used_unasked(store: LabelStore) -> None:
    few = [one for one in candidates(store) if one.brand_names[0] in ("Childrens Acet", "Plainacet")]
    for question in ("acetaminophen dose", "acetaminophen dose for adults", "can a 45 year old take acetaminophen"):
        assert choose_label(question, few, store).label.brand_names == ("Plainacet",)


def test_single_ingredient_comes_before_a_combination(store: LabelStore) -> None:
    few = [one for one in candidates(store) if one.brand_names[0] in ("Acet PM", "Shopacet")]
    chosen = choose_label("acetaminophen dose", few, store)
    assert (chosen.label.brand_names, chosen.reason) == (("Shopacet",), "fewest ingredients")


def test_salt_that_is_asked_about_decides(tmp_path: Path) -> None:
    store = stored(
        tmp_path / "s.sqlite",
        [
            label("Metoprolol One", generic_names=("metoprolol tartrate",), effective_date="2024-01-01"),
            label("Metoprolol Two", generic_names=("metoprolol succinate",)),
        ],
    )
    both = store.by_name("metoprolol")
    assert choose_label("metoprolol succinate dose", both, store).label.generic_names == ("metoprolol succinate",)
    assert choose_label("metoprolol dose", both, store).label.generic_names == ("metoprolol tartrate",)


def test_choice_does_not_depend_on_the_order_of_the_labels(store: LabelStore) -> None:
    few = candidates(store)[:4]
    for question, *_ in CHOSEN:
        chosen = {choose_label(question, order, store).label.set_id for order in itertools.permutations(few)}
        assert len(chosen) == 1


def test_only_label_is_used_whatever_is_asked(store: LabelStore) -> None:
    one = candidates(store)[:1]
    assert choose_label("acetaminophen eye drops", one, store) == ChosenLabel(one[0], "only label")


def test_no_candidates_are_an_error_that_says_what_to_do(store: LabelStore) -> None:
    with pytest.raises(ValueError, match=re.escape("at least one")):
        choose_label("acetaminophen dose", [], store)


def test_label_of_which_nothing_is_known_can_be_chosen_from(store: LabelStore) -> None:
    bare = replace(
        candidates(store)[0], brand_names=(), generic_names=(), routes=(), product_type="", effective_date=""
    )
    assert choose_label("anything", [bare, bare], store).reason == "smallest set id"


REAL = [
    ("infant tylenol dose", "Infants TYLENOL"),
    ("acetaminophen for my 8 month old", "Infants TYLENOL"),
    ("adult acetaminophen dose", "Pain Relief Extra Strength"),
    ("glycerin eye drops", "OASIS Tears Multidose"),
    ("aspirin 81 mg", "Aspirin Adult low strength"),
    ("what is in Triaminic night time cold and cough", "TRIAMINIC Childrens Night Time Cold and Cough"),
    ("Lipitor dose", "Lipitor"),
    ("oxycodone dose", "OxyContin"),
    ("oxycodone/acetaminophen dose", "OXYCODONE AND ACETAMINOPHEN"),
    ("HYDROCODONE BITARTRATE AND ACETAMINOPHEN dose", "Hydrocodone Bitartrate And Acetaminophen"),
    ("Topcare sinus congestion and pain directions", "Topcare Sinus Congestion and Pain"),
    ("rogaine for men", "Mens rogaine Minoxidil - Unscented Formula"),
]


@pytest.fixture(scope="module")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[LabelStore, DrugNames]:
    path = tmp_path_factory.mktemp("real") / "labels.sqlite"
    ingest(path, [shared / "labels/openfda/labels_100.json", shared / "labels/spl"])
    store = LabelStore(path)
    return store, DrugNames(store.names(), drugs=store.drugs())


@pytest.mark.parametrize(("question", "brand"), REAL)
def test_question_finds_its_official_label(real: tuple[LabelStore, DrugNames], question: str, brand: str) -> None:
    store, names = real
    drug = names.find(question).drugs[0]
    chosen = choose_label(question, store.by_name(drug.name), store)
    assert brand in chosen.label.brand_names
    assert len(names.find(question).drugs) == 1
