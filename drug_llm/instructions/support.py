"""Whether an answer is supported by its passages: a check on the data, with no model in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from drug_llm.instructions.example import EvidencePassage, Example
from drug_llm.labels.sentences import split_sentences

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[a-z][a-z'-]+|\d+(?:[.,]\d+)*")
_STOP_WORDS = """
    a about after all also an and any are as at be because been before both but by can do does for from had has have if
    in into is it its may more most must no not of on only or other so some such than that the their them then there
    these they this those to too was were what when which while who will with you your
"""
_STOP = frozenset(_STOP_WORDS.split())


def unsupported_sentences(example: Example) -> list[str]:
    """Return the sentences of a reading example's output that no passage supports.

    A sentence is supported when it stands in a passage, or when one passage holds its numbers and all of its words
    that carry meaning. Statements that the passages are silent make no claim about a drug and need no support.
    """
    if not example.passages:
        return []
    sentences = [sentence.text for sentence in split_sentences(example.output)]
    return [text for text in sentences if not is_silence(text) and not _supported(text, example.passages)]


def is_silence(text: str) -> bool:
    """Return whether a sentence only says that nothing is said."""
    return bool(_SILENCE.match(text))


_SILENCE = re.compile(
    r"(The passages (do not say this|are not about [^.]+|on [^.]+ do not mention each other)"
    r"|That does not mean that they are safe together|There is no label for [^.]+"
    r"|This is not a question about a medicine[^.]*)\.$"
)


def _supported(sentence: str, passages: Sequence[EvidencePassage]) -> bool:
    return any(_stands_in(sentence, passage.text) for passage in passages)


def _stands_in(sentence: str, text: str) -> bool:
    flat, wanted = " ".join(text.split()).lower(), " ".join(sentence.split()).lower()
    if wanted in flat:
        return True
    numbers = set(NUMBER.findall(wanted))
    words = set(_WORD.findall(wanted)) - _STOP
    return numbers <= set(NUMBER.findall(flat)) and words <= set(_WORD.findall(flat))
