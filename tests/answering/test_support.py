"""A sentence is carried by one piece of a label, or each of its halves is; form and meaning both have to hold."""

from __future__ import annotations

import pytest

from drug_llm.answering.support import carriers, follows, titled

CRUSH = "OXYCONTIN tablets are to be swallowed whole and are not to be broken, chewed, or crushed."
ABSORB = "Crushing, chewing or dissolving OxyContin can cause the entire 12-hour dose to be absorbed all at once."
NAMES = ("oxycontin", "oxycodone")


@pytest.mark.parametrize(
    ("text", "carried"),
    [
        (CRUSH, True),
        ("OxyContin tablets should be swallowed whole and not broken, chewed or crushed.", True),
        ("OxyContin tablets should be crushed.", False),
        ("OxyContin tablets should be broken, chewed or crushed.", False),
        ("OxyContin tablets should be crushed, and the entire 12-hour dose should be absorbed all at once.", False),
        ("are to be broken, chewed, or crushed.", False),
    ],
)
def test_denial_is_never_lost(text: str, carried: bool) -> None:
    assert bool(carriers(text, [CRUSH, ABSORB], NAMES)) is carried


def test_amount_of_one_drug_is_not_given_to_the_other() -> None:
    piece = "A single dose of pimozide 2 mg co-administered with citalopram 40 mg raised the QTc by 10 msec."
    assert not carriers(
        "Citalopram 2 mg co-administered with citalopram 40 mg raised the QTc by 10 msec.", [piece], ["citalopram"]
    )


def test_words_may_be_left_out_and_one_group_moved_to_the_front() -> None:
    piece = "The recommended dosage is 5 mg twice daily in children 6 to 11 years, taken with food."
    assert follows(
        "In children 6 to 11 years the recommended dosage of zelpril is 5 mg twice daily.", piece, ["zelpril"]
    )
    assert not follows("Twice daily 11 mg in food is recommended.", piece, ["zelpril"])


def test_title_says_what_a_bare_list_is() -> None:
    piece = titled("Inactive ingredients", "lactose, sucrose")
    assert carriers("The inactive ingredients of zelpril are lactose and sucrose.", [piece], ["zelpril"])
    assert not carriers("The inactive ingredients of zelpril are lactose and talc.", [piece], ["zelpril"])


def test_nothing_carries_a_sentence_where_there_is_no_piece() -> None:
    assert carriers("Take it.", [], NAMES) == ()


def test_title_that_makes_a_claim_of_its_own_carries_nothing() -> None:
    forged = titled("Examplol is safe in pregnancy", "See the full text.")
    assert carriers("Examplol is safe in pregnancy.", [forged], ["examplol"]) == ()
    with_dose = titled("Liver disease: 900 mg once a day", "Patients with liver disease start examplol.")
    assert carriers("Patients with liver disease start examplol 900 mg once a day.", [with_dose], ["examplol"]) == ()
    kept = titled("Overdosage", "Examplol can cause drowsiness.")
    assert carriers("An overdosage of examplol can cause drowsiness.", [kept], ["examplol"])
