"""How answers are scored in `benchmarks/answering.py`: pure functions of an answer line and a question line."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ARTICLES = ("a", "an", "the")
_QUESTIONS = Path(__file__).parent / "questions"
FITTING_QUESTIONS = [*sorted(_QUESTIONS.glob("labels_fit_*.jsonl")), _QUESTIONS / "labels_dev.jsonl"]
"""Questions about real labels that the judge, the ranking and the confidence are fitted on."""
TEST_QUESTIONS = sorted(_QUESTIONS.glob("labels_test*.jsonl"))
"""Questions about other labels, kept aside."""


def token_f1(answer: str, reference: str) -> float:
    """Return the F1 of the words two texts share, as SQuAD counts it (Rajpurkar et al. 2016)."""
    mine, theirs = Counter(_words(answer)), Counter(_words(reference))
    shared = sum((mine & theirs).values())
    if not shared:
        return 0.0
    precision, recall = shared / sum(mine.values()), shared / sum(theirs.values())
    return 2 * precision * recall / (precision + recall)


def _words(text: str) -> list[str]:
    plain = "".join(char if char not in string.punctuation else " " for char in text.lower())
    return [word for word in plain.split() if word not in ARTICLES]


def set_f1(found: set[str], gold: set[str]) -> float:
    """Return the F1 of two sets; 1 when both are empty."""
    if not found and not gold:
        return 1.0
    shared = len(found & gold)
    return 2 * shared / (len(found) + len(gold)) if shared else 0.0


def verdict(question: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """Return `correct`, `incomplete`, `wrong` or `abstained` for one answer to one question with key facts.

    Of a question that has no answer, an abstention is correct. Of an emergency, what must be led with has to stand in
    the answer. `incomplete` states some of the facts and nothing forbidden.
    """
    text = str(answer["answer"])
    if any(re.search(pattern, text, re.IGNORECASE) for pattern in question["forbidden"]) and not answer["abstained"]:
        return "wrong"
    if question["reason"] == "urgent":
        return "correct" if answer["urgent"] and stated(question["facts"], text) == len(question["facts"]) else "wrong"
    if question["reason"]:
        return "correct" if answer["abstained"] else "wrong"
    if answer["abstained"]:
        return "abstained"
    told = stated(question["facts"], text)
    if told == len(question["facts"]):
        return "correct"
    return "incomplete" if told else "wrong"


def stated(facts: Sequence[Sequence[str]], text: str) -> int:
    """Return how many facts stand in a text, each by any of its expressions."""
    flat = " ".join(text.split())
    return sum(any(re.search(pattern, flat, re.IGNORECASE) for pattern in fact) for fact in facts)


def right_section(question: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Return whether the answer cites one of the gold sections of one of the gold labels."""
    return any(
        citation["set_id"] in question["set_ids"] and citation["section"] in question["sections"]
        for citation in answer["citations"]
    )
