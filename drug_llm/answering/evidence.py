"""The sentences of a label that answer a question, each with its place in the stored section."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from drug_llm.answering.answer import Citation
from drug_llm.answering.intent import POPULATIONS, Intent
from drug_llm.labels.label import Passage
from drug_llm.labels.sentences import split_sentences

MOST_SENTENCES = 4
MOST_CHARACTERS = 900
_WORD = re.compile(r"[a-z]+|\d+(?:\.\d+)?")
_SUFFIX = re.compile(r"(ations?|ations?|ings?|ments?|ies|ed|es|s|y|e)$")


@dataclass(frozen=True)
class Evidence:
    """A sentence of a section."""

    passage: Passage
    text: str
    start: int
    end: int

    def citation(self) -> Citation:
        """Return the citation that proves the sentence."""
        passage = self.passage
        return Citation(
            passage.set_id, passage.version, passage.section, self.text, self.start, self.end, passage.sha256
        )


@cache
def everyday_words() -> frozenset[str]:
    """Return words that carry no subject of their own in a question about a medicine."""
    text = resources.files("drug_llm.answering").joinpath("everyday_words.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def stem(word: str) -> str:
    """Return a word without its ending, so that "dizzy" and "dizziness" or "swell" and "swelling" meet."""
    word = re.sub(r"iness$", "y", word)
    return _SUFFIX.sub("", word) if len(word) > 4 else word


def words_of(text: str) -> list[str]:
    """Return the words and numbers of a text in lower case."""
    return _WORD.findall(text.lower())


def subject_words(question: str, names: Iterable[str]) -> set[str]:
    """Return the stems of a question's words that say what is meant: neither everyday words nor names of the drug."""
    known = {part for name in names for part in _WORD.findall(name.lower())}
    words = [word for word in _WORD.findall(question.lower()) if len(word) > 2 and not word.isdigit()]
    return {stem(word) for word in words if word not in everyday_words() and word not in known}


def find_evidence(passages: Sequence[Passage], intent: Intent, wanted: set[str]) -> list[Evidence]:
    """Return the sentences that answer one part of a question, in the order of the label; empty when none does.

    `wanted` are stems that an answer must touch. Without any the section speaks for itself from its beginning; with
    some, only sentences that hold the most of them count. Groups of people are constraints: a sentence about
    somebody else is no answer, however many words it shares.
    """
    for section in intent.sections:
        found = [e for passage in passages if passage.name == section for e in _sentences(passage)]
        found = [e for e in found if _fits(e, intent, section)]
        if wanted:
            scores = [len(wanted & {stem(word) for word in words_of(e.text)}) for e in found]
            best = max(scores, default=0)
            found = [e for e, score in zip(found, scores, strict=True) if score == best > 0]
        if found:
            return _shortened(found)
    return []


def _fits(evidence: Evidence, intent: Intent, section: str) -> bool:
    # A section about the group speaks of it throughout; any other must name the group in the sentence itself.
    own = {"pediatric_use", "geriatric_use", "pregnancy", "lactation", "nursing_mothers", "pregnancy_or_breast_feeding",
           "renal_and_hepatic_impairment"}  # fmt: skip
    if section in own:
        return True
    return all(POPULATIONS[name].search(evidence.text.lower()) for name in intent.populations)


def mentions(passages: Sequence[Passage], names: Iterable[str], sections: Sequence[str]) -> list[Evidence]:
    """Return the sentences in the named sections that name a drug by any of its names, the gravest section first."""
    pattern = re.compile(r"\b(" + "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) + r")s?\b")
    found = []
    for section in sections:
        for passage in passages:
            if passage.name == section:
                found += [e for e in _sentences(passage) if pattern.search(e.text.lower())]
    return _shortened(found)


def _sentences(passage: Passage) -> list[Evidence]:
    return [Evidence(passage, s.text, s.start, s.end) for s in split_sentences(passage.text) if len(s.text.split()) > 2]


def _shortened(found: Sequence[Evidence]) -> list[Evidence]:
    kept: list[Evidence] = []
    for evidence in found[:MOST_SENTENCES]:
        if kept and sum(len(e.text) for e in kept) + len(evidence.text) > MOST_CHARACTERS:
            break
        kept.append(evidence)
    return kept
