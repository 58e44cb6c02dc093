"""A sentence may be shortened, but not by what the sense of the rest hangs on."""

from __future__ import annotations

import json

import pytest

from benchmarks.wordings import PAIRS, comes_through
from drug_llm.answering.support import carriers, titled

NAMES = ("zelpril",)


@pytest.mark.parametrize(
    ("piece", "text"),
    [
        ("Stop use and ask a doctor if hives appear.", "Use if hives appear."),
        ("Ask a doctor before use if you have:\n- asthma\n- gout", "Use if you have asthma."),
        ("Alcohol taken with zelpril may cause coma.", "Zelpril may cause coma."),
        ("Overdosage of zelpril may cause seizures.", "Zelpril may cause seizures."),
        ("With weekly blood counts, zelpril may be given to adults.", "Zelpril may be given to adults."),
        ("Gout: 10 mg daily. Maximum 40 mg.", "Take 10 mg daily."),
        ("Patients on dialysis should receive 5 mg daily.", "Patients should receive 5 mg daily."),
        ("Women of childbearing potential must use contraception.", "Women must use contraception."),
        ("The starting dose is 10 mg daily, which may rise to 80 mg.", "The starting dose is 80 mg."),
        ("Clearance 15-29: 2.5 mg; clearance 30-50: 5 mg.", "With a clearance of 15-29 the dose is 5 mg."),
        ("Zelpril is inhibited by rifampin.", "Zelpril inhibits rifampin."),
        ("Reduce the dose by 25 mg.", "Reduce the dose to 25 mg."),
        ("Change from warfarin to zelpril after a week.", "Change to warfarin from zelpril after a week."),
        ("Take one tablet in the morning or evening.", "Take one tablet in the morning and evening."),
        ("Take zelpril with or without food.", "Take zelpril without food."),
        ("Drugs other than ibuprofen should be used.", "Ibuprofen should be used."),
        ("The maximum dose of simvastatin is 20 mg with zelpril.", "The maximum dose is 20 mg with zelpril."),
        ("Treat slow pulse with atropine and shock with dopamine.", "Treat slow pulse with dopamine."),
        ("Give 1/2 tablet daily.", "Give 2 tablets daily."),
        ("Store at -20 degrees.", "Store at 20 degrees."),
        ("Never share needles, and always take a new needle.", "Never take a new needle."),
        ("Severe liver disease.", "Zelpril is used in severe liver disease."),
        ("Do not give zelpril in large amounts.", "Do not give zelpril."),
    ],
)
def test_what_turns_or_limits_is_not_left_out(piece: str, text: str) -> None:
    assert carriers(text, [titled("Warnings", piece)], NAMES) == ()


@pytest.mark.parametrize(
    ("piece", "text"),
    [
        (
            "In adults the usual dose of zelpril is 10 mg once daily.",
            "In adults the dose of zelpril is 10 mg once daily.",
        ),
        (
            "The starting dose of zelpril in adults is 10 mg daily.",
            "In adults, the starting dose of zelpril is 10 mg daily.",
        ),
        ("It may cause dizziness, rash and blurred vision.", "Zelpril may cause dizziness and blurred vision."),
        ("Call a poison center at once [see Overdosage (10)].", "Call a poison center at once."),
        ("Inform patients that zelpril may cause drowsiness.", "Zelpril may cause drowsiness."),
        ("Do not take more than 8 tablets in 24 hours.", "Do not take more than 8 tablets in 24 hours."),
    ],
)
def test_what_says_the_same_comes_through(piece: str, text: str) -> None:
    assert carriers(text, [titled("Warnings", piece)], NAMES) == (0,)


def test_title_lends_no_group_where_the_text_is_about_another() -> None:
    piece = titled("Renal impairment", "No change is needed in hepatic impairment.")
    assert carriers("In renal impairment, no change is needed.", [piece], NAMES) == ()


@pytest.mark.parametrize(
    "text",
    ["In liver disease, the dose is 20 mg.", "Zelpril may cause sleepiness because kidney function declines with age."],
)
def test_two_pieces_are_joined_only_where_each_half_is_complete(text: str) -> None:
    pieces = [
        "Exposure is twice as high in liver disease.",
        "The dose is 20 mg.",
        "Zelpril may cause sleepiness.",
        "Kidney function declines with age.",
    ]
    assert carriers(text, pieces, NAMES) == ()


def test_hardly_any_of_the_written_pairs_comes_through() -> None:
    pairs = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    through = [pair for pair in pairs if not pair["supported"] and comes_through(pair)]
    count = sum(not pair["supported"] for pair in pairs)
    assert count > 400
    assert len(through) <= 0.03 * count
