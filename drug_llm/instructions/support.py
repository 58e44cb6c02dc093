"""Whether an answer is supported by its passages: the check of sentences, applied to examples."""

from __future__ import annotations

import re

from drug_llm.claims import is_supported
from drug_llm.claims.drugs import is_common_word, is_drug_name
from drug_llm.instructions.example import EvidencePassage, Example
from drug_llm.labels.sentences import split_sentences

_NUMBERING = re.compile(r"^[\d.]+\s+")
_CAPITALISED = re.compile(r"\b[A-Z][A-Za-z-]{3,}")


def unsupported_sentences(example: Example) -> list[str]:
    """Return the sentences of a reading example's output that its passages do not support.

    Statements that the passages are silent make no claim about a drug and need no support.
    """
    if not example.passages:
        return []
    evidence = [_titled(passage) for passage in example.passages]
    names = drug_names(example)
    sentences = [sentence.text for sentence in split_sentences(example.output)]
    return [
        text
        for text in sentences
        if not is_silence(text) and not is_supported(text, evidence, question=example.input, drugs=names)
    ]


def drug_names(example: Example) -> tuple[str, ...]:
    """Return the names of an example's drug: its generic name, and a brand name in question and answer.

    The example does not say which word is the brand; it is the capitalised word of the answer that the question
    holds too and that is no word of the language and no other drug.
    """
    asked = example.input.lower()
    for word in _CAPITALISED.findall(example.output):
        if word.lower() in asked and not is_drug_name(word.lower()) and not is_common_word(word.lower()):
            return (example.drug, word)
    return (example.drug,) if example.drug else ()


def is_silence(text: str) -> bool:
    """Return whether a sentence only says that nothing is said."""
    return bool(_SILENCE.match(text))


def _titled(passage: EvidencePassage) -> str:
    title = _NUMBERING.sub("", passage.section).rstrip(":")
    return f"{title}:\n{passage.text}" if title else passage.text


_SILENCE = re.compile(
    r"(The passages (do not say this|are not about [^.]+|on [^.]+ do not mention each other)"
    r"|That does not mean that they are safe together|There is no label for [^.]+"
    r"|This is not a question about a medicine[^.]*)\.$"
)
