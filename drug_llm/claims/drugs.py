"""Whether a word is the name of a drug."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from drug_llm.claims.words import framing_words, is_known_stem, light_words, stem

_ENDING = re.compile(
    r"(?:cillin|mycin|cycline|floxacin|azole|vir|statin|sartan|pril|olol|dipine|zosin|tidine|prazole|gliptin|gliflozin|glutide"
    r"|formin|mab|nib|ciclib|parib|setron|triptan|azepam|azolam|barbital|caine|oxetine|pramine|triptyline|phylline|terol"
    r"|sone|solone|onide|profen|coxib|parin|xaban|grel|lukast|thiazide|semide|tadine|rizine|fibrate|dronate|mustine|platin)$"
)


@cache
def _common() -> frozenset[str]:
    text = resources.files("drug_llm.labels").joinpath("common_generics.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return frozenset(word for line in lines for word in line.split() if word != "and")


def is_drug_name(word: str) -> bool:
    """Return whether a word in lower case is a common generic name or has the ending of one."""
    return word in _common() or bool(_ENDING.search(word))


def is_common_word(word: str) -> bool:
    """Return whether a word in lower case is one of the language, as far as the lists of this layer know it."""
    return word in framing_words() | light_words() or is_known_stem(stem(word))
