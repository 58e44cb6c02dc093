"""What a clause does with its statement: allows, orders, forbids, doubts or denies it."""

# Tables of patterns: a row broken in two is harder to read than a long one.
# ruff: noqa: E501
from __future__ import annotations

import re
from functools import lru_cache

from drug_llm.claims.words import word_list

# A denial inside a description of people ("patients not receiving dialysis") does not deny the clause.
_LOCAL = re.compile(
    r"\b(?:patients?|those|women|people|children|infants|adults|who (?:are|have|had|do|did|were)|but|if|when)(?: (?!should|must|may|might|shall|will)\w+){0,2} not (?:be(?:en)? )?"
    r"(?:adequately |previously |already |yet |currently )?(?:receiv\w+|tak\w+|on|treated|controlled|respon\w+|tolerat\w+|abl\w+|pregnan\w+|us\w+)"
    r"|\bnot only\b|\b(?:do |should |may )?not (?:be )?(?:take|taken|use|used|give|given|apply|applied) (?:\w+ ){0,2}more than\b|\bnot (?:more|greater|less|later|longer|fewer) than\b|\bno (?:more|greater|less|later|longer|fewer) than\b|\bnon\b|\b(?:should |must |may |do |can |to |and |but |, )(?:not|never) (?:to )?(?:be )?exceed\w*|\bnot to exceed\b|\bwhether or not\b|\b(?:as soon as|if|where|when|wherever|whenever) possible\b|\bas (?:soon|close|low|early) as possible\b"
    r"|(?:\bshould be )?\b(?:advis\w+|inform\w*|tell|told|counsel\w*|instruct\w*|warn\w*|caution\w*|remind\w*)(?: \w+){0,3} that\b"
    r"|^(?:if|when|who|because|although|since) [^,]*\b(?:has|have|had|is|are|was|were|do|does|did|been) not\b"
)
_DOUBT = re.compile(
    r"\bnot (?:\w+ ){0,3}(?:established|known|determined|evaluated|studied|adequate|sufficient|available|clear|investigated|assessed|tested|understood)\b"
    r"|\bunknown\b|\binsufficient\b|\blimited (?:data|experience|information)|\binconclusive\b|\bunclear\b|\buncertain\b|\bunstudied\b"
    r"|\bno (?:\w+ ){0,4}(?:data|information|studies|experience|evidence|trials)\b|\black of (?:\w+ ){0,2}(?:data|information|evidence)"
    r"|\b(?:can|could|should) not be (?:\w+ )?(?:excluded|ruled out|established|determined|estimated)|\binadequate\b|\bremains to be\b"
)
_NEEDLESS = re.compile(
    r"\bnot (?:\w+ ){0,3}(?:required|necessary|needed|need|require)\b|\bno (?:\w+ ){0,5}(?:adjustments?|changes?|modifications?)\b|\bneed not\b|\bwithout (?:\w+ ){0,3}adjustment|\bunnecessary\b|\bno need\b"
)
_FORBIDDEN = re.compile(
    r"\bcontraindicat\w+|\bmust (?:\w+ )?not\b|\bmust never\b|\bnever\b|\bcontraindications?\b|\bmust avoid\b|\bis forbidden\b|\bdo not use\b"
)
_DO_NOT = re.compile(
    r"\b(?:advis|caution|tell|told|instruct|warn|counsel|inform)\w*(?: \w+){0,5} not to\b|(?:,|\band|\bbut|^) ?(?:then )?not\b|\bnot intended\b"
    r"|\b(?:do|did) not\b|\bshould (?:\w+ )?not be\b|\bis not to be\b|\bare not to be\b|\bnot for\b|\bmay not be\b|\bcan not be used\b|\bnot indicated\b"
)
_DISCOURAGED = re.compile(
    r"\bshould (?:\w+ )?not\b|\bshould (?:\w+ ){0,2}never\b|(?<!to )\bavoid\w*|\b(?:advis\w+|counsel\w*|inform\w*|tell|told|instruct\w*|warn\w*|encourag\w+) (?:\w+ ){0,5}to avoid|\bnot (?:\w+ )?(?:recommended|advised|advisable|indicated|suitable|appropriate)\b|\bnot be\b|\brefrain\b|\bunsuitable\b|\bno \w+ should\b|\b(?:recommend|advis)\w* against\b"
)  # fmt: skip
_DENIED = re.compile(r"\b(?:not|no|nor|neither|none|fail(?:s|ed)? to|unlikely)\b")
_MUST = re.compile(
    r"\b(?:must|(?:is|are|be) (?:\w+ )?(?:required|mandatory|essential|necessary|imperative)|requires?|shall|ha(?:ve|s) to|needs? to|always)\b"
)
_SHOULD = re.compile(r"\b(?:should|recommend\w*|advis\w+|ought|preferred|suggested)\b|\b(?:is|are) to be\b")
_MAY_NEED = (
    r"\b(?:may|might|could|can) (?:also )?(?:be |need |require|have )(?:\w+ )?(?:required|necessary|needed|to)\b"
)
_CONSIDER = re.compile(rf"\bconsider(?:ed|ing)?\b|{_MAY_NEED}")
_MAY = re.compile(r"\b(?:may|can|could|might|possible|possibly|allowed|permitted|optional\w*)\b")
_HEDGED = re.compile(
    r"\b(?:potential\w*|risks?|likely|suspected|appears?|expected|suggest\w*|some|sometimes|reported?|reports|occur\w*|associated|observed|seen|possibility|probabl\w+|studied|tend)\b"
)
_ORDER = re.compile(
    rf"^(?:(?:for|in|if|when|and|or|then|,|to)\b[^,]*,? )?(?:{'|'.join(sorted(word_list('orders')))})\b(?<!\buse)(?! (?:of|in|with)\b)"
    r"|^(?:[^,]*, )?use (?!of\b|in\b|with\b)"
)
NEGATIVE = frozenset({"doubt", "needless", "forbidden", "do not", "discouraged", "denied"})
_SUPPORTED_BY = {
    # A claim of this class: classes of evidence that support it.
    "doubt": {"doubt"},
    "needless": {"needless"},
    "forbidden": {"forbidden", "do not"},
    "do not": {"forbidden", "do not", "discouraged"},
    "discouraged": {"forbidden", "do not", "discouraged"},
    "denied": {"denied", "doubt", "forbidden", "do not", "discouraged", "needless"},
    "must": {"must", "order"},
    "should": {"should", "must", "order", "plain", "hedged"},
    "order": {"should", "must", "order", "plain", "hedged"},
    "may": {"may", "hedged", "plain"},
    "hedged": {"hedged", "may", "plain", "should", "must", "order"},
    "plain": {"plain", "hedged", "must", "should", "order"},
}


@lru_cache(maxsize=16384)
def polarity(text: str) -> str:
    """Return the class of a clause in normal form: a negative one, or `must`, `should`, `order`, `may`, `plain`."""
    text = _LOCAL.sub(" ", text)
    for name, pattern in (
        ("doubt", _DOUBT), ("needless", _NEEDLESS), ("forbidden", _FORBIDDEN), ("do not", _DO_NOT),
        ("discouraged", _DISCOURAGED), ("denied", _DENIED), ("may", _CONSIDER), ("must", _MUST), ("should", _SHOULD), ("may", _MAY),
    ):  # fmt: skip
        if pattern.search(text):
            return name
    if _ORDER.search(text):
        return "order"
    return "hedged" if _HEDGED.search(text) else "plain"


def upholds(evidence: str, claim: str) -> bool:
    """Return whether evidence of one class supports a claim of another."""
    return evidence == claim or evidence in _SUPPORTED_BY[claim]
