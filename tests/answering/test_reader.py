"""What the model reads, and how its sentences are held against what they rest on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from drug_llm.answering.evidence import PartEvidence, Scored
from drug_llm.answering.intent import intent
from drug_llm.answering.label_index import LabelIndex, index_passages
from drug_llm.answering.reader import READ_WORDS, checked, windows
from drug_llm.generation.wording import Wording
from drug_llm.labels.label import Passage

DOSES = "Adults: take 20 mg once daily. Children 6 to 11 years: take 5 mg once daily. Do not exceed 40 mg in 24 hours."


class Letters:
    """An encoder that counts letters; near enough to a real one where only shapes matter."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        counts = np.array([[text.lower().count(chr(97 + n)) + 0.01 for n in range(26)] for text in texts], np.float32)
        return (counts / np.linalg.norm(counts, axis=-1, keepdims=True)).reshape(len(texts), 26)


def indexed(*texts: str) -> LabelIndex:
    passages = [
        Passage("set", 1, f"s{n}", "dosage_and_administration", "Directions", text) for n, text in enumerate(texts)
    ]
    return index_passages(passages, Letters())


def evidence(index: LabelIndex, *rows: int) -> list[PartEvidence]:
    found = tuple(Scored(index.units[row], 5.0 - n, 1.0) for n, row in enumerate(rows))
    return [PartEvidence(intent("How much for adults?"), found)]


def said(text: str, index: LabelIndex) -> list[bool]:
    read = windows(evidence(index, 0, 1, 2), index)
    return [entry is not None for entry in checked(Wording(text), read, ["zelpril"])]


def test_short_section_is_read_as_a_whole() -> None:
    index = indexed(DOSES, "Store at room temperature.")
    read = windows(evidence(index, 1), index)
    assert [window.passage().text.split("\n") for window in read] == [DOSES.replace(". ", ".\n").split("\n")]


def test_model_never_reads_more_than_it_was_trained_on() -> None:
    index = indexed(*(" ".join(f"word{n}{m}" for m in range(60)) + "." for n in range(9)))
    read = windows(evidence(index, *range(9)), index)
    assert 60 <= sum(len(window.passage().text.split()) for window in read) <= READ_WORDS


@pytest.mark.parametrize(
    ("text", "supported"),
    [
        ("Adults should take 20 mg of zelpril once daily.", [True]),
        ("Adults should take 25 mg of zelpril once daily.", [False]),
        ("Children 6 to 11 years should take 20 mg once daily.", [False]),
        ("Children 6 to 11 years should take 5 mg once daily.", [True]),
        ("Do not exceed 40 mg in 24 hours. It cures cancer.", [True, False]),
        ("Adults should take 20 mg of warfarin once daily.", [False]),
    ],
)
def test_sentence_counts_only_where_its_citations_support_it(text: str, supported: list[bool]) -> None:
    assert said(text, indexed(DOSES)) == supported


def test_words_of_two_rows_are_not_joined_into_one_claim() -> None:
    rows = indexed(
        "- Adults: 3 grams (6 capsules) three times a day\n"
        "- Children 2 to 12 years: 1 gram (2 capsules) three times a day\n"
        "- Infants: do not use"
    )
    assert said("The dose is 3 grams (2 capsules) three times a day.", rows) == [False]
    assert said("Children 2 to 12 years take 1 gram (2 capsules) three times a day.", rows) == [True]


def test_two_halves_may_rest_on_two_units() -> None:
    index = indexed("Store at room temperature.", "Do not freeze the solution.")
    read = windows(evidence(index, 0, 1), index)
    (found,) = checked(Wording("Store at room temperature and do not freeze the solution."), read, ["zelpril"])
    assert found is not None
    assert len(found.units) == 2
