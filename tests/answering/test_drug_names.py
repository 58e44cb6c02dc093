"""Names in questions: right, misspelled, parts of products, and what is no name."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drug_llm.answering.drug_names import DrugNames, FoundNames, NamedDrug
from drug_llm.answering.spelling import edits, sound

# A store in small: ingredients, brands, products of several ingredients, and products with ordinary names.
DRUGS = {
    "acetaminophen": "acetaminophen",
    "amlodipine": "amlodipine",
    "amlodipine and benazepril": "amlodipine and benazepril",
    "amlodipine besylate": "amlodipine",
    "anticavity rinse": "sodium fluoride",
    "antiseptic bandages": "benzalkonium chloride",
    "antiseptic hand gel": "ethyl alcohol",
    "atorvastatin": "atorvastatin",
    "bac-d antibacterial wound sanitizer": "benzalkonium chloride",
    "benazepril": "benazepril",
    "bonine kids": "cyclizine",
    "celebrex": "celecoxib",
    "celecoxib": "celecoxib",
    "celexa": "citalopram",
    "childrens wal-itin": "loratadine",
    "citalopram": "citalopram",
    "constipation": "arsenic",
    "flovent diskus": "fluticasone",
    "flovent hfa": "fluticasone",
    "fluticasone propionate": "fluticasone",
    "hydralazine": "hydralazine",
    "hydrochlorothiazide": "hydrochlorothiazide",
    "hydrocodone bitartrate": "hydrocodone",
    "hydrocodone bitartrate and acetaminophen": "hydrocodone and acetaminophen",
    "hydroxyzine": "hydroxyzine",
    "infants tylenol": "acetaminophen",
    "insulin glargine": "insulin glargine",
    "insulin lispro": "insulin lispro",
    "lasix": "furosemide",
    "lisinopril": "lisinopril",
    "lisinopril and hydrochlorothiazide": "lisinopril and hydrochlorothiazide",
    "loratadine": "loratadine",
    "magnesium": "magnesium",
    "metformin": "metformin",
    "methotrexate": "methotrexate",
    "oasis tears multidose": "glycerin",
    "phenytoin": "phenytoin",
    "prednisolone": "prednisolone",
    "prednisone": "prednisone",
    "topcare sinus congestion and pain": "acetaminophen and phenylephrine",
    "tylenol pm": "acetaminophen and diphenhydramine",
    "warfarin": "warfarin",
}


@cache
def names() -> DrugNames:
    return DrugNames(DRUGS, drugs=DRUGS)


def found(question: str) -> FoundNames:
    return names().find(question)


NAMED = [
    ("What is lisinopril used for?", "lisinopril", "lisinopril", "name"),
    ("LISINOPRIL DOSE", "lisinopril", "LISINOPRIL", "name"),
    ("is lisinopril's dose high", "lisinopril", "lisinopril's", "name"),
    ("what are zestril side effects", "lisinopril", "zestril", "brand"),
    ("Is Celebrex safe?", "celebrex", "Celebrex", "brand"),
    ("HCTZ in renal impairment", "hydrochlorothiazide", "HCTZ", "abbreviation"),
    ("apap max dose", "acetaminophen", "apap", "abbreviation"),
    ("MTX weekly dose", "methotrexate", "MTX", "abbreviation"),
    ("how much paracetamol can I take", "acetaminophen", "paracetamol", "name"),
    ("metformin hydrochloride ER 500 mg", "metformin", "metformin hydrochloride ER", "name"),
    ("fluticasone dose", "fluticasone propionate", "fluticasone", "name"),
    ("amlodipine besylate uses", "amlodipine besylate", "amlodipine besylate", "name"),
    ("lisnopril dose", "lisinopril", "lisnopril", "misspelling"),
    ("is fenitoin safe", "phenytoin", "fenitoin", "misspelling"),
    ("hydroxizine for itching", "hydroxyzine", "hydroxizine", "misspelling"),
    ("atorvstatn and grapefruit", "atorvastatin", "atorvstatn", "misspelling"),
    ("childrens walitin for my son", "childrens wal-itin", "childrens walitin", "brand"),
    ("Children's Wal Itin dose", "childrens wal-itin", "Children's Wal Itin", "brand"),
    ("childrns wal-itn dose", "childrens wal-itin", "childrns wal-itn", "misspelling"),
    ("tylenolpm dose", "tylenol pm", "tylenolpm", "brand"),
    ("tylenol p.m. dose", "tylenol pm", "tylenol p.m", "brand"),
    ("tylenol dose", "acetaminophen", "tylenol", "brand"),
    ("infants tylenol dose", "infants tylenol", "infants tylenol", "brand"),
    ("Topcare Sinus Congestion and Pain directions", "topcare sinus congestion and pain",
     "Topcare Sinus Congestion and Pain", "brand"),
    ("how many drops of Oasis Tears do I use", "oasis tears multidose", "Oasis Tears", "brand"),
    ("may I spray BAC-D on a cut", "bac-d antibacterial wound sanitizer", "BAC-D", "brand"),
    ("is bonine ok for my daughter", "bonine kids", "bonine", "brand"),
    ("flovent dose", "flovent", "flovent", "brand"),
    ("how long is an opened bottle of oasis tears good for", "oasis tears multidose", "oasis tears", "brand"),
    ("do metformin-type tablets and alcohol mix", "metformin", "metformin", "name"),
    ("how long should kids swish the anticavity rinse?", "anticavity rinse", "anticavity rinse", "brand"),
]  # fmt: skip


@pytest.mark.parametrize(("question", "name", "typed", "kind"), NAMED)
def test_drug_is_found_however_it_is_typed(question: str, name: str, typed: str, kind: str) -> None:
    assert found(question).drugs == (NamedDrug(name, typed, kind),)
    assert found(question).unclear == ()
    assert found(question).unknown == ()


SEVERAL = [
    ("can I take lisinopril with metformin and warfarin", ["lisinopril", "metformin", "warfarin"]),
    ("warfarin, then lisinopril, then warfarin again", ["warfarin", "lisinopril"]),
    ("HCTZ/lisinopril dose", ["lisinopril and hydrochlorothiazide"]),
    ("side effects of amlodipine and benazepril", ["amlodipine and benazepril"]),
    ("side effects of benazpril and amlodipin", ["amlodipine and benazepril"]),
    ("can I take amlodipine and benazepril with food", ["amlodipine and benazepril"]),
    ("can I take amlodipine and benazepril together", ["amlodipine", "benazepril"]),
    ("my patient takes amlodipine and benazepril", ["amlodipine", "benazepril"]),
    ("hydrocodone/acetaminophen 5-325", ["hydrocodone bitartrate and acetaminophen"]),
    ("Norco and alcohol", ["hydrocodone bitartrate and acetaminophen"]),
    ("amlodipine and lisinopril dose", ["amlodipine", "lisinopril"]),
]


@pytest.mark.parametrize(("question", "expected"), SEVERAL)
def test_combination_is_one_product_where_the_store_has_it_and_otherwise_two_drugs(
    question: str, expected: list[str]
) -> None:
    assert [drug.name for drug in found(question).drugs] == expected


ASKED = [
    ("prednisoone dose", ("prednisone", "prednisolone")),
    ("is celebra safe", ("celebrex", "celexa")),
    ("hydrlxzine dose", ("hydroxyzine", "hydralazine")),
    ("tylenol pn dose", ("tylenol", "tylenol pm")),
    ("insulin dose", ("insulin glargine", "insulin lispro")),
    ("what's in the antiseptic?", ("antiseptic bandages", "antiseptic hand gel")),
    ("how much HCT can I take", ("hydrochlorothiazide", "hydrocortisone")),
    ("Cerebrex dose", ("celebrex", "cerebyx")),
]


@pytest.mark.parametrize(("question", "expected"), ASKED)
def test_what_may_be_two_drugs_is_asked_and_never_guessed(question: str, expected: tuple[str, ...]) -> None:
    result = found(question)
    assert result.drugs == ()
    assert set(result.unclear[0].names) == set(expected)


def test_rightly_spelled_name_is_never_questioned_however_alike_another_is() -> None:
    for one, other in (("prednisone", "prednisolone"), ("celebrex", "celexa"), ("hydroxyzine", "hydralazine")):
        for name in (one, other):
            assert [drug.name for drug in found(f"is {name} safe").drugs] == [name]
            assert found(f"is {name} safe").unclear == ()


def test_word_far_from_a_short_name_is_asked_about_and_said_to_be_missing() -> None:
    result = found("lesxi dose")
    assert result.drugs == ()
    assert result.unclear[0].names == ("lasix",)
    assert result.unknown == ("lesxi",)


def test_drug_that_shares_only_its_stem_with_one_of_the_store_is_not_taken_for_it() -> None:
    index = DrugNames(["ponatinib", "tinidazole", "lisinopril"])
    for name in ("rovatinib", "tridazole", "fosinopril"):
        result = index.find(f"{name} dose")
        assert result.drugs == ()
        assert result.unknown == (name,)
    assert [drug.name for drug in index.find("lisnopril dose").drugs] == ["lisinopril"]


MISSING = [
    ("What is Vyvanse for?", ("Vyvanse",)),
    ("vyvanze dose", ("vyvanze",)),
    ("zorvaltine dosing?", ("zorvaltine",)),
    ("can I take lisinopril with Zorvaltine", ("Zorvaltine",)),
    ("is brontuximab given weekly", ("brontuximab",)),
    ("how does quaxopril work", ("quaxopril",)),
    ("Percocet side effects", ("Percocet",)),
    ("metoprolol succinate ER 50 mg", ("metoprolol succinate ER",)),
    ("ferrous sulfate with metformin", ("ferrous sulfate",)),
    ("PTU dose", ("PTU",)),
    ("can I take AZT", ("AZT",)),
]


@pytest.mark.parametrize(("question", "expected"), MISSING)
def test_name_that_the_store_does_not_have_is_said_not_to_be_there(question: str, expected: tuple[str, ...]) -> None:
    assert found(question).unknown == expected
    assert found(question).unclear == ()


NOTHING = [
    "What is the capital of Australia?",
    "what is the usual dosage for adults and children",
    "is constipation a common side effect",
    "aspirin-like pain relievers and alcohol-free mouthwash",
    "is a bottle of old cream fine with the others",
    "it is okay, tricky or forbidden with bland food",
    "my mom takes it with food in the morning",
    "how do I get red wine out of a carpet?",
    "Does it cause drowsiness, dizziness or a rash?",
    "I have diabetes, hypertension and hypothyroidism",
    "should the tablets be crushed, chewed or swallowed whole",
    "what should I watch for",
    "",
    "?!",
    "5 mg",
]


@pytest.mark.parametrize("question", NOTHING)
def test_ordinary_words_are_no_drugs(question: str) -> None:
    result = found(question)
    assert (result.drugs, result.unclear, result.unknown) == ((), (), ())


def test_product_with_an_ordinary_name_counts_only_where_a_name_is_expected() -> None:
    assert [drug.name for drug in found("what is Constipation used for").drugs] == ["constipation"]
    assert [drug.name for drug in found("directions for constipation").drugs] == ["constipation"]
    assert found("what helps constipation").drugs == ()
    assert [drug.name for drug in found("does warfarin cause constipation").drugs] == ["warfarin"]
    assert [drug.name for drug in found("magnesium dose").drugs] == ["magnesium"]
    assert [drug.name for drug in found("does warfarin lower magnesium").drugs] == ["warfarin"]


def test_kind_of_medicine_named_by_an_example_is_the_example_only_where_nothing_else_is_named() -> None:
    alone = found("phenytoin-type blood thinners")
    assert ([drug.name for drug in alone.drugs], alone.classes) == (["phenytoin"], ())
    beside = found("can I take warfarin with phenytoin-type anticonvulsants")
    assert [drug.name for drug in beside.drugs] == ["warfarin"]


def test_what_is_said_of_a_medicine_is_no_second_medicine() -> None:
    for said in ("fine", "incompatible", "forbidden", "harsh", "dicey", "feasible"):
        assert found(f"Lisinopril is {said} with metformin").unknown == ()


def test_classes_and_substances_are_told_apart_from_drugs() -> None:
    result = found("can I take warfarin with NSAIDs, beta blockers or blood thinners and alcohol")
    assert [drug.name for drug in result.drugs] == ["warfarin"]
    assert [group.name for group in result.classes] == ["NSAIDs", "beta blockers", "blood thinners"]
    assert "anticoagulant" in result.classes[2].terms
    assert [group.name for group in result.substances] == ["alcohol"]
    assert [group.name for group in found("atorvastatin and grapefriut juice").substances] == ["grapefruit"]
    assert [group.name for group in found("warfarin with anticoagulents").classes] == ["blood thinners"]
    assert found("does warfarin get into breast milk").substances == ()
    assert found("metformin with insulin").unclear == ()


BACK = [
    ("can I take it with ibuprofen", True),
    ("is this safe in pregnancy", True),
    ("and for children?", True),
    ("what about alcohol", True),
    ("does that medicine cause headaches", True),
    ("is it safe to take lisinopril in pregnancy", False),
    ("is it ok to drink with lisinopril", False),
    ("does lisinopril need food or can I take it alone", False),
    ("What is lisinopril used for?", False),
]


@pytest.mark.parametrize(("question", "expected"), BACK)
def test_pronoun_for_something_named_earlier_is_noticed(question: str, expected: bool) -> None:
    assert found(question).refers_back is expected


@given(st.text(max_size=200))
def test_any_text_gets_an_answer_whose_words_stand_in_it(text: str) -> None:
    result = found(text)
    for typed in (*(drug.typed for drug in result.drugs), *(entry.typed for entry in result.unclear), *result.unknown):
        assert typed in text
    assert result == found(text)


@given(st.sampled_from(sorted(DRUGS)), st.sampled_from(["what is {} for", "{} dose", "can I take {} with alcohol"]))
def test_every_name_of_the_store_is_found_as_it_is(name: str, question: str) -> None:
    result = found(question.format(name))
    assert [drug.name for drug in result.drugs] == [name] or {DRUGS[drug.name] for drug in result.drugs} <= set(
        DRUGS[name].split(" and ")
    )


def test_edits_count_letters_added_left_out_replaced_and_swapped() -> None:
    assert edits("lisinopril", "lisnopril", 2) == 1
    assert edits("lisinopril", "lisionpril", 2) == 1
    assert edits("meloxicam", "meloxaim", 2) == 2
    assert edits("warfarin", "aspirin", 2) == 3
    assert sound("fenitoin") == sound("phenytoin")
    assert sound("zoloft") != sound("zocor")


PARTS = {
    "balm": "balm",
    "camphor": "camphor",
    "ibuprofen": "ibuprofen",
    "menthol": "menthol",
    "muscle balm": "camphor and menthol and methyl salicylate",
}
MADE_OF = [
    ("Can Muscle Balm cream with camphor and menthol be used on a child?", ("muscle balm",)),
    ("Can I use Muscle Balm cream with camphor and menthol on a child?", ("muscle balm",)),
    ("Does Muscle Balm contain camphor?", ("muscle balm",)),
    ("Muscle Balm (camphor, menthol) directions", ("muscle balm",)),
    ("How much camphor is in Muscle Balm?", ("muscle balm",)),
    ("Is the camphor and menthol in Muscle Balm safe?", ("muscle balm",)),
    # Taken beside it, an ingredient is doubled.
    ("Can I use Muscle Balm with camphor?", ("muscle balm", "camphor")),
    ("Can I use Muscle Balm cream with camphor?", ("muscle balm", "camphor")),
    ("Can I use Muscle Balm and camphor and menthol?", ("muscle balm", "camphor", "menthol")),
    ("Can I use Muscle Balm cream with camphor and menthol together?", ("muscle balm", "camphor", "menthol")),
    ("Is Muscle Balm cream with camphor and ibuprofen safe?", ("muscle balm", "camphor", "ibuprofen")),
]


@pytest.mark.parametrize(("question", "expected"), MADE_OF)
def test_product_named_with_its_ingredients_is_one_medicine_unless_both_are_taken(
    question: str, expected: tuple[str, ...]
) -> None:
    drugs = DrugNames(PARTS, (), PARTS).find(question).drugs
    assert tuple(drug.name for drug in drugs) == expected


def test_complaint_beside_another_medicine_is_no_product() -> None:
    names = DrugNames(["pain relief", "constipation", "meloxicam", "sodium fluoride", "warfarin"])
    for question in (
        "does meloxicam give pain relief quickly",
        "how many people get constipation on meloxicam",
        "Pain Relief gelcaps (meloxicam): how many a day",
    ):
        assert [drug.name for drug in names.find(question).drugs] == ["meloxicam"], question
    both = names.find("can I take Pain Relief with warfarin").drugs
    assert [drug.name for drug in both] == ["pain relief", "warfarin"]
    assert [drug.name for drug in names.find("how many doses of Pain Relief").drugs] == ["pain relief"]


def test_name_of_ordinary_words_before_what_it_is_is_a_product() -> None:
    names = DrugNames(["sodium fluoride", "meloxicam"])
    assert [drug.name for drug in names.find("sodium fluoride rinse for a 4 year old").drugs] == ["sodium fluoride"]
