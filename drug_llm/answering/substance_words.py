"""Where a text speaks of something that is eaten, drunk or taken: not of the body's own, nor of a longer term.

"Calcium" is taken in "products with calcium", and it is not in "calcium channel blocker" or "can lower calcium".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from drug_llm.answering.drug_terms import CLASS, NAME, TermFinder, TermHit, Token, normal, tokens
from drug_llm.answering.word_lists import drug_classes

_MEASURED = re.compile(r"\b(?:low|high|blood|serum|plasma|urine|urinary)\s+(?:blood\s+|serum\s+)?$")
_MEASURED_BEHIND = re.compile(
    r"^s?\s*(?:levels?\b|concentrations?\b|deficien|in (?:the|your) (?:blood|body)"
    r"|(?:(?:is|are|be|can|may|should|must) )+(?:\w+ )?(?:monitored|checked|measured|corrected|watched)\b)"
)
_IN_BODY = re.compile(
    r"\b(?:low\w*|high\w*|rais\w*|increas\w*|decreas\w*|reduc\w*|los[est]\w*|lack\w*|short|retain\w*|retention"
    r"|hold\w* back|spar\w*|deplet\w*|drain\w*|correct\w*|check\w*|monitor\w*|measur\w*"
    r"|changes? of|ha(?:ve|s|d) (?:\w+ )?too (?:much|little))\s+"
    r"(?:(?:the|your|amounts?|of|levels?|blood|serum|plasma|body|too|much|little|water|fluids?|sodium|potassium|calcium"
    r"|magnesium|zinc|iron|salt|and|or|bone|urinary)\b,?\s+)*(?:calcium|iron|potassium|magnesium|zinc|salt|sodium|vitamin)"
    r"(?: \w{1,3})?$"
)
"""What makes "calcium" that of the body, not one that is taken: it stands behind "lowers" or before "levels"."""
_RAISING = re.compile(
    r"\bthat (?:(?:can|may|could|might|also) )*(?:rais|increas|elevat|contain|provid)\w* (?:(?:the|serum|blood) )*\w+$"
)
"""Medicines "that raise potassium" are taken, and what is asked about is one of them."""
_AS_TAKEN = re.compile(
    r"^s?[\s-]+(?:supplement|intake|products?\b|salts?\b|preparation|tablet|contain|absorption|rich|food)"
)
_OTHER_THING = re.compile(
    r"\b(calcium)[\s-]+(?:ion|channel|entry|influx|antagonist|block|deposit|oxalate|balance|metabolism|stone|score)"
    r"|\b(potassium)[\s-]+(?:spar|deplet|los|wast|lower|retain|retention|channel|excret|balance|metabolism|secret)"
    r"|\b(sodium)[\s-]+(?:bicarbonate|chloride|hydroxide|nitroprusside|retention|excretion)"
    r"|\b(minerals?)[\s-]+(?:water|oil|densit|content|bone|metabolism)|\bbone[\s-]+(minerals?)\b"
    r"|\b(vitamins?)[\s-]+(?:[a-e]|k|b[\s-]?\d+)\b|\b(?:grapefruit|cranberry|pomegranate|tomato)[\s-]+(juices?)\b"
    r"|\b(iron)[\s-]+(?:oxide|store|overload|binding)|\b(salts?) (?:of|forms?|substitutes?)\b"
    r"|\b(?:bile|iron|lithium|potassium|gold|bismuth|calcium|magnesium|aluminum|zinc|sodium|epsom|smelling)[\s-]+(salts?)\b"
    r"|\b(fasting)[\s-]+(?:blood|plasma|serum|glucose|sugar|lipid|insulin|triglycerid|level)"
    r"|\b(?:preparing|preparing and eating|making|little|cooking|decreased|reduced) (foods?)\b|\b(food)[\s-]+allerg"
    r"|\b(?:your|her|human|breast|mothers?|mother's|maternal|rat|excreted in|secreted in|present in|into) (milk)\b"
    r"|(?<!that )(?<!which )(?<!not )\bcontains? (?:[\d.]+ ?% ?)?(?:\w+ )?(alcohol|ethanol)\b"
    r"|\boccurs? with (smok)|\b(smok)\w* history|\bhistory of (smok)"
    r"|\b(alcohol)[\s-]+(?:prep|sponge|rub|based|related|induced|associated|content)"
)
"""Longer terms in which a word is not what is taken: the word itself is the group that matched."""
_ANY_MEDICINE = re.compile(
    r"\b(?:tell|talk|inform|report|list|discuss)\b.*(?:\b(?:all|any)\b (?:of )?"
    r"(?:(?:the|your|other|new|prescription|child's) )*(?:medic|drugs|supplements)"
    r"|\bprescription (?:and|or) (?:non-?prescription|over[\s-]the[\s-]counter))"
)
_NEAR = 200
"""Characters before a term in which such a request still holds."""
_FURTHER = re.compile(
    r"\b(?:other|another|more than one|two|additional|any|a second|all)\s+(?:[\w-]+\s+){0,2}$"
    r"|\b(?:contain\w*|source\w* of|rich in|high in)\s+(?:[\w-]+\s+){0,2}$"
)


def term_pattern(term: str) -> re.Pattern[str]:
    """Return what finds a term of a class or substance in a text that `drug_terms.normal` has passed."""
    words = r"[\s-]+".join(re.escape(word) for word in re.split(r"[\s-]+", term.removesuffix("-")))
    return re.compile(rf"\b{words}" + ("" if term.endswith("-") else r"(?:s|es|ic)?\b"))


def terms_of_others(texts: Sequence[str], names: Iterable[str], terms: Sequence[str]) -> tuple[Sequence[str], bool]:
    """Return the terms that a label does not use for its own product; all, and True, where it has no other.

    "Vaccine" is no partner in the label of a vaccine, unless it means a further one; "flu vaccine" is. A label uses a
    term so where it says that its product, by one of its names, "is a vaccine", or speaks of "vaccination with" it.
    """
    called = "|".join(re.escape(normal(name)) for name in names if name) or "(?!)"
    own = {term for term in terms if any(_calls_so(called, term).search(normal(text)) for text in texts)}
    general = {term for one in drug_classes() if one.terms[0] in own for term in one.terms}
    rest = [term for term in terms if term not in own | general]
    return rest or terms, bool(own) and not rest


@lru_cache(maxsize=256)
def _calls_so(called: str, term: str) -> re.Pattern[str]:
    meant = rf"{term_pattern(term).pattern}\w*"
    return re.compile(rf"\b(?:{called}) is an? (?:[\w-]+ )*?{meant}|{meant}(?<=ion) (?:with|using) (?:{called})\b")


def is_taken_in(text: str, terms: Iterable[str]) -> bool:
    """Return whether a text speaks of taking what any of the terms stands for."""
    plain = normal(text)
    words = tokens(plain)
    found = taken(plain, words, TermFinder().find(words), tuple(map(term_pattern, terms)))
    return next(found, None) is not None


def is_said_in_passing(before: str) -> bool:
    """Return whether what stands before a term asks to tell of all that is taken, which warns of nothing itself."""
    return _ANY_MEDICINE.search(before[-_NEAR:]) is not None


def taken(
    text: str,
    words: Sequence[Token],
    hits: Sequence[TermHit],
    patterns: Sequence[re.Pattern[str]],
    own_words: frozenset[str] = frozenset(),
) -> Iterator[re.Match[str]]:
    """Yield where patterns stand for what is taken in a text that `drug_terms.normal` has passed.

    `words` and `hits` are its words and medicines; `own_words` those of the label's own ingredients.
    """
    others = [found.span(found.lastindex or 0) for found in _OTHER_THING.finditer(text)] if patterns else []
    for pattern in patterns:
        for match in pattern.finditer(text):
            first, last = match.span()
            is_part = any(start <= first and last <= end for start, end in others)
            if is_part or _is_inside_other(text, words, hits, first) or _is_in_body(text, first, last):
                continue
            if match.group() not in own_words or _is_further(text, first, last):
                yield match


def _is_in_body(text: str, first: int, last: int) -> bool:
    if _RAISING.search(text[:last]) or _AS_TAKEN.match(text[last:]):
        return False
    is_measured = _MEASURED.search(text[:first]) or _MEASURED_BEHIND.search(text[last:])
    return bool(is_measured or _IN_BODY.search(text[:last]))


def _is_further(text: str, first: int, last: int) -> bool:
    """Return whether a word that is that of the label's own drug means what is taken besides."""
    return bool(_FURTHER.search(text[:first]) or _RAISING.search(text[:last]) or _AS_TAKEN.match(text[last:]))


def _is_inside_other(text: str, words: Sequence[Token], hits: Sequence[TermHit], at: int) -> bool:
    """Return whether a place lies in a longer term that means something else, as "alcohol" does in "benzyl alcohol"."""
    for hit in hits:
        end = hit.end + (hit.kind == NAME)  # the salt behind a name is part of it
        if hit.kind != CLASS and words[hit.start].start < at < words[min(end, len(words)) - 1].end:
            return words[hit.end - 1].end > at or text[words[hit.end - 1].end : at].isspace()
        if hit.kind not in (NAME, CLASS) and words[hit.start].start == at:
            return True
    return False
