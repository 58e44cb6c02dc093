"""What labels say of two drugs is found from both sides, and what they do not say is never invented."""

from __future__ import annotations

from pathlib import Path

import pytest

from drug_llm.answering.drug_names import NamedGroup
from drug_llm.answering.drug_terms import drug_class_table, ingredient
from drug_llm.answering.interaction_wording import SEVERITIES
from drug_llm.answering.interactions import (
    MOST_CHARACTERS,
    MOST_STATEMENTS,
    SILENCE,
    PairInteraction,
    Side,
    all_pairs,
    group_interaction,
    pair_interaction,
    side_of_label,
)
from drug_llm.answering.word_lists import drug_classes, substances
from drug_llm.labels.ingest import ingest
from drug_llm.labels.label import Label, Section
from drug_llm.labels.store import LabelStore
from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def official(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> LabelStore:
    path = tmp_path_factory.mktemp("store") / "labels.sqlite"
    ingest(path, [shared / "labels"], on_error=lambda error: None)
    return LabelStore(path)


def side(store: LabelStore, name: str) -> Side:
    return side_of_label(store.get(store.by_name(name, limit=1)[0].set_id))


def pair(store: LabelStore, one: str, two: str) -> PairInteraction:
    return pair_interaction(side(store, one), side(store, two))


def group(name: str) -> NamedGroup:
    found = next(entry for entry in (*drug_classes(), *substances()) if entry.name == name)
    return NamedGroup(name, name, found.terms)


def label(name: str, section: str, text: str) -> Side:
    """Return a label of one section; its text is made up for what a test needs to tell apart."""
    return side_of_label(Label(f"made:{name}", 1, "", (name,), (Section(section, "", text),)))


PAIRS = [
    ("warfarin", "ibuprofen", "interaction", "both"),
    ("lisinopril", "spironolactone", "warning", "both"),
    ("sildenafil", "nitroglycerin", "contraindicated", "both"),
    ("oxycodone", "alprazolam", "boxed warning", "both"),
    ("simvastatin", "diltiazem", "interaction", "both"),
    ("citalopram", "escitalopram", "contraindicated", "both"),
    ("ibuprofen", "naproxen", "warning", "both"),
    ("acetaminophen", "hydrocodone and acetaminophen", "contraindicated", "both"),
    ("losartan", "potassium chloride", "interaction", "second"),
    ("warfarin", "montelukast", "mentioned", "second"),
    ("lisinopril", "montelukast", "", ""),
]


@pytest.mark.parametrize(("one", "two", "severity", "direction"), PAIRS)
def test_pair_has_the_severity_of_its_gravest_statement(
    store: LabelStore, one: str, two: str, severity: str, direction: str
) -> None:
    found = pair(store, one, two)
    assert (found.severity, found.direction) == (severity, direction)
    turned = pair(store, two, one)
    assert turned.severity == severity
    assert {f.statement.text for f in turned.findings} == {f.statement.text for f in found.findings}


def test_silence_is_never_called_safe(store: LabelStore) -> None:
    found = pair(store, "lisinopril", "montelukast")
    assert found.statements == []
    assert found.to_json()["note"] == SILENCE
    assert "does not mean that they are safe" in SILENCE
    assert found.to_json()["severity"] is None


def test_shared_ingredients_and_classes_are_facts_about_ingredients(store: LabelStore) -> None:
    assert [s.text for s in pair(store, "tylenol", "hydrocodone and acetaminophen").shared] == [
        "Both contain acetaminophen."
    ]
    assert [s.text for s in pair(store, "ibuprofen", "naproxen").shared] == ["Ibuprofen and naproxen are both NSAIDs."]
    assert pair(store, "warfarin", "ibuprofen").shared == ()


GROUPS = [
    ("metronidazole", "alcohol", "contraindicated", "alcohol"),
    ("sertraline", "MAO inhibitors", "contraindicated", "mao inhibitor"),
    ("simvastatin", "grapefruit", "warning", "grapefruit"),
    ("ibuprofen", "blood thinners", "interaction", "blood thinners"),
    ("ibuprofen", "alcohol", "interaction", "alcoholic"),
    ("levothyroxine", "iron", "interaction", "iron"),
    ("lisinopril", "licorice", "", ""),
]


@pytest.mark.parametrize(("drug", "name", "severity", "term"), GROUPS)
def test_class_or_substance_is_looked_for_in_the_one_label(
    store: LabelStore, drug: str, name: str, severity: str, term: str
) -> None:
    found = group_interaction(side(store, drug), group(name))
    assert found.severity == severity
    assert [finding.term for finding in found.findings][:1] == ([term] if term else [])
    assert found.direction in ("first", "")


NO_MENTION = [
    # Own drug, other drug, section, text.
    ("ibuprofen", "naproxen", "adverse_reactions", "Unlike naproxen and other NSAIDs it is short-acting."),
    ("ketorolac", "ibuprofen", "drug_interactions", "As with other NSAIDs, liver tests may be raised."),
    ("ibuprofen", "aspirin", "contraindications", "Do not give to patients with asthma or hives after taking aspirin."),
    ("celecoxib", "aspirin", "drug_interactions", "NSAIDs other than aspirin may increase the risk of bleeding."),
    ("warfarin", "estradiol", "drug_interactions", "Ethinyl estradiol may reduce its effect."),
    ("digoxin", "potassium chloride", "drug_interactions", "Losartan potassium may raise the level of digoxin."),
    ("digoxin", "hydrochlorothiazide", "drug_interactions", "Potassium-sparing diuretics may raise its level."),
    ("buspirone", "fluoxetine", "drug_interactions", "Tricyclic antidepressants may increase its effect."),
    ("fluoxetine", "hydrocodone", "clinical_studies", "It was given together with opioids in one trial."),
    ("paroxetine", "quinidine", "drug_interactions", "Paroxetine is a strong CYP2D6 inhibitor and may raise levels."),
    ("lisinopril", "enalapril", "warnings_and_precautions", "Lisinopril and other ACE inhibitors can cause cough."),
    ("estradiol", "progesterone", "boxed_warning", "Taking it without a progestin may cause cancer."),
    ("loperamide", "amoxicillin", "contraindications", "Do not use in colitis caused by antibiotics."),
    ("aripiprazole", "sertraline", "boxed_warning", "Antidepressants taken by young people raise suicidal thoughts."),
    ("apixaban", "aspirin", "inactive_ingredient", "Taken together with aspirin."),
]


@pytest.mark.parametrize(("own", "other", "section", "text"), NO_MENTION, ids=lambda value: str(value)[:40])
def test_mention_that_is_about_no_combination_is_left_out(own: str, other: str, section: str, text: str) -> None:
    assert pair_interaction(label(own, section, text), label(other, "description", "Nothing.")).findings == ()


MENTION = [
    ("naproxen", "ibuprofen", "drug_interactions", "Other NSAIDs may increase the risk of bleeding.", "interaction"),
    ("lisinopril", "ibuprofen", "warnings_and_precautions", "Using NSAIDs may cause kidney failure.", "warning"),
    (
        "simvastatin",
        "clarithromycin",
        "drug_interactions",
        "Strong CYP 3A4 inhibitors may raise it.",
        "interaction",
    ),
    ("simvastatin", "clarithromycin", "boxed_warning", "Do not use with CYP3A4 inhibitors.", "boxed warning"),
    ("simvastatin", "gemfibrozil", "drug_interactions", "Gemfibrozil must not be taken with it.", "contraindicated"),
    ("digoxin", "amlodipine", "drug_interactions", "Quinidine, calcium channel blockers raise it.", "interaction"),
    ("digoxin", "warfarin", "drug_interactions", "Warfarin had no effect on its level.", "mentioned"),
    ("digoxin", "divalproex", "drug_interactions", "Valproic acid may raise its level.", "interaction"),
    ("digoxin", "warfarin", "pharmacokinetics", "Given together with Coumadin, it increased levels.", "mentioned"),
    ("digoxin", "warfarin", "drug_interactions", "Warfarin.", "interaction"),
]


@pytest.mark.parametrize(("own", "other", "section", "text", "severity"), MENTION, ids=lambda value: str(value)[:40])
def test_severity_follows_from_section_and_wording(
    own: str, other: str, section: str, text: str, severity: str
) -> None:
    found = pair_interaction(label(own, section, text), label(other, "description", "Nothing."))
    assert [finding.severity for finding in found.findings] == [severity]
    assert found.findings[0].statement.text == text


def test_ingredient_that_is_an_ordinary_word_is_looked_for_too() -> None:
    own = label("oxycodone", "drug_interactions", "Alcohol adds to its effects.")
    assert pair_interaction(own, label("alcohol", "purpose", "Antiseptic.")).severity == "interaction"


def test_heading_comes_with_the_sentence_behind_it() -> None:
    text = "Warfarin.\nThe dose may need to be reduced by a third."
    found = pair_interaction(label("amiodarone", "drug_interactions", text), label("warfarin", "purpose", "Nothing."))
    assert found.statements[0].text == "Warfarin. The dose may need to be reduced by a third."
    assert len(found.statements[0].units) == 2


def test_class_forbidden_in_part_does_not_forbid_the_rest() -> None:
    text = "Concomitant use of statins is contraindicated for lovastatin and simvastatin."
    own = label("clarithromycin", "drug_interactions", text)
    assert pair_interaction(own, label("simvastatin", "purpose", "Nothing.")).severity == "contraindicated"
    assert pair_interaction(own, label("atorvastatin", "purpose", "Nothing.")).severity == "warning"


def test_what_is_forbidden_is_told_from_what_stands_beside_it() -> None:
    text = "Taking it with an ACE inhibitor raises potassium, and people with diabetes must not take it with aliskiren."
    own = label("losartan", "drug_interactions", text)
    assert pair_interaction(own, label("aliskiren", "purpose", "Nothing.")).severity == "contraindicated"
    assert pair_interaction(own, label("benazepril", "purpose", "Nothing.")).severity == "warning"


def test_repetition_between_sections_is_said_once() -> None:
    text = "Taking it with warfarin increases the risk of bleeding."
    sections = (Section("highlights", "", text), Section("drug_interactions", "", f"{text} Test often."))
    own = side_of_label(Label("made:a", 1, "", ("ibuprofen",), sections))
    assert len(pair_interaction(own, label("warfarin", "purpose", "Nothing.")).findings) == 1


def test_all_pairs_come_gravest_first_within_their_limits_and_the_same_each_time(store: LabelStore) -> None:
    names = "lisinopril montelukast warfarin ibuprofen sildenafil nitroglycerin oxycodone alprazolam"
    sides = [side(store, name) for name in names.split()]
    pairs = all_pairs(sides, [group("alcohol")])
    assert len(pairs) == 28 + 8
    ranks = [SEVERITIES.index(found.severity) if found.severity else len(SEVERITIES) for found in pairs]
    assert ranks == sorted(ranks)
    assert all_pairs(sides, [group("alcohol")]) == pairs
    for found in pairs:
        lengths = [len(statement.text) for statement in found.statements]
        assert len(lengths) <= MOST_STATEMENTS
        assert len(lengths) <= 2 or sum(lengths) <= MOST_CHARACTERS


def test_every_citation_is_a_verbatim_span_of_its_section(store: LabelStore) -> None:
    for one, two, *_ in PAIRS:
        for finding in pair(store, one, two).to_json()["findings"]:
            assert finding["citations"]
            for cited in finding["citations"]:
                text = store.section_text(cited["set_id"], cited["section"], version=cited["version"])
                assert text[cited["start"] : cited["end"]] == cited["quote"]
                assert cited["set_id"] == finding["said_by"]


def test_interactions_that_monographs_list_by_name_are_found(store: LabelStore) -> None:
    """Every drug that a monograph's interactions name in their text is found in that monograph's label."""
    from drug_llm.labels.monographs import load_monographs

    monographs = load_monographs(REPOSITORY / "data/monographs")
    sides = {entry.name: side_of_label(store.get(entry.set_id)) for entry in monographs}
    found = {frozenset((p.one.set_id, p.two.set_id)): p for p in all_pairs(list(sides.values()))}
    missed, looked = [], 0
    for entry in monographs:
        for listed in entry.interactions:
            for name in {*listed.substances} & set(sides) - {entry.name}:
                if name in listed.text.lower():
                    looked += 1
                    pair = found[frozenset((entry.set_id, sides[name].set_id))]
                    if not any(finding.said_by == entry.set_id for finding in pair.findings):
                        missed.append((entry.name, name))
    assert looked > 300
    assert missed == []


def test_class_list_is_sound() -> None:
    table = drug_class_table()
    members = set().union(*(one.members for one in table.values()))
    assert len(members) >= 300
    assert all(ingredient(member) == member for member in members)
    assert all(one.terms and one.members for one in table.values())


OFFICIAL = [
    ("clarithromycin", "lipitor", "warning", "both"),
    ("oxycontin", "lorazepam", "warning", "both"),
    ("plavix", "omeprazole", "warning", "both"),
    ("meloxicam", "lisinopril", "warning", "both"),
    ("tylenol", "hydrocodone bitartrate and acetaminophen", "contraindicated", "both"),
    ("haloperidol", "isoniazid", "", ""),
]


@pytest.mark.parametrize(("one", "two", "severity", "direction"), OFFICIAL)
def test_official_labels_speak_of_each_other(
    official: LabelStore, one: str, two: str, severity: str, direction: str
) -> None:
    found = pair(official, one, two)
    assert (found.severity, found.direction) == (severity, direction)
    for finding in found.to_json()["findings"]:
        for cited in finding["citations"]:
            text = official.section_text(cited["set_id"], cited["section"], version=cited["version"])
            assert text[cited["start"] : cited["end"]] == cited["quote"]


OFFICIAL_GROUPS = [
    ("viagra", "nitrates", "contraindicated"),
    ("citalopram", "MAO inhibitors", "contraindicated"),
    ("metronidazole", "alcohol", "warning"),
    ("ciprofloxacin", "milk", "warning"),
]


@pytest.mark.parametrize(("drug", "name", "severity"), OFFICIAL_GROUPS)
def test_official_label_speaks_of_a_class_or_substance(
    official: LabelStore, drug: str, name: str, severity: str
) -> None:
    assert group_interaction(side(official, drug), group(name)).severity == severity


OWN_VACCINE = (
    "ZOSTAVEX is a vaccine for grown people. Fainting can occur with the administration of vaccines. A rash was seen "
    "after vaccination with ZOSTAVEX. {more}"
)


def vaccine(more: str) -> Side:
    sections = (
        Section("warnings_and_precautions", "", OWN_VACCINE.format(more="")),
        Section("clinical_studies", "", more),
    )
    return side_of_label(Label("made:z", 1, "", ("zoster antigen",), sections, brand_names=("ZOSTAVEX",)))


@pytest.mark.parametrize(
    ("asked", "more", "is_found"),
    [
        ("vaccines", "", False),
        ("flu vaccine", "", False),
        ("flu vaccine", "Responses were alike when influenza vaccine was given concomitantly with it.", True),
        ("RSV vaccine", "Responses were alike when influenza vaccine was given concomitantly with it.", False),
        ("vaccines", "Responses were alike when the two vaccines were given concomitantly.", True),
    ],
)
def test_word_for_the_labels_own_product_is_no_partner(asked: str, more: str, is_found: bool) -> None:
    assert bool(group_interaction(vaccine(more), group(asked)).findings) is is_found


def test_what_forbids_live_vaccines_does_not_forbid_a_flu_shot() -> None:
    said = label("zorvaltine", "contraindications", "Do not give live vaccines to patients taking zorvaltine.")
    assert group_interaction(said, group("vaccines")).severity == "contraindicated"
    assert group_interaction(said, group("flu vaccine")).severity == ""
    other = label("zorvaltine", "drug_interactions", "Vaccines may work less well in patients taking zorvaltine.")
    assert group_interaction(other, group("flu vaccine")).severity == "interaction"
