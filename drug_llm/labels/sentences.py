"""Sentences of label text, with their place in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A point after one of these does not end a sentence. Single capitals are initials ("E. coli").
_ABBREVIATIONS = r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\bDr)(?<!\bNo)(?<!\bapprox)(?<!\bSt)(?<!\b[A-Z])(?<!\bet al)"
_END = re.compile(_ABBREVIATIONS + r"[.!?][)\]\"']?(?=\s+[\"'(\[]?[A-Z0-9])|\n+")


@dataclass(frozen=True)
class Sentence:
    """A sentence of a section; `section_text[start:end] == text`."""

    text: str
    start: int
    end: int


def split_sentences(text: str) -> list[Sentence]:
    """Return the sentences of a text in order; a line break ends one too, as list entries have no full stop."""
    sentences = []
    start = 0
    for match in [*_END.finditer(text), None]:
        end = match.end() if match else len(text)
        piece = text[start:end]
        if stripped := piece.strip():
            at = start + len(piece) - len(piece.lstrip())
            sentences.append(Sentence(stripped, at, at + len(stripped)))
        start = end
    return sentences
