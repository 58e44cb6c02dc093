"""What a text has to hold to answer a question: a number of the kind asked for, the other medicines, the person.

A text that is close in meaning but lacks them is a near miss: "it is highly bound" does not say what share is bound,
a warning about aspirin does not say what doxycycline does, and a child's dose is not an adult's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

from drug_llm.answering.drug_terms import (
    NAME,
    TermFinder,
    drug_class_table,
    drug_classes_of,
    ingredient,
    normal,
    tokens,
)
from drug_llm.answering.for_whom import NOBODY, Person, person
from drug_llm.answering.strengths import Strength, asked_strengths, is_of_other_strength
from drug_llm.answering.word_lists import substances, word_set
from drug_llm.answering.wording import everyday_words

_OF_CLASS = "class "
"""What stands before the name of a class where ingredients and classes are held together."""
_NUMBER_WORD = (
    r"one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty"
    r"|once|twice|half|third|quarter|no|none|single|doubl\w*"
)
_NUMBER = re.compile(rf"\d|\b(?:{_NUMBER_WORD})\b", re.IGNORECASE)
_TIME = r"(?:sec(?:ond)?|min(?:ute)?|hours?|hrs?|days?|weeks?|months?|years?|yrs?)s?\b|h\b"
_COUNTED = r"\w*(?<!\bper)(?<!\ba)(?<!\beach)(?<!\bevery)(?<!\bmg)(?<!\bg)(?<!\bml)"
_SPAN = re.compile(
    rf"(?:\d|\b(?:{_NUMBER_WORD}|an?|few|several)\b)[\s).-]*(?:(?:to|or|and|through|-|\u2013)[\s(]*\d*[\s).-]*)?"
    rf"(?:{_COUNTED}[\s-]+)?(?:{_TIME})",
    re.IGNORECASE,
)
_UNCOUNTED_SPAN = re.compile(
    r"until|immediate|at once|overnight|throughout|lifelong|indefinit|permanent|chronic|long[- ]term|prolonged|rapid"
    r"|as long as|short(?:est|er)?\b|dail|weekl|monthl|bedtime|every|soon|not been (?:studied|established)",
    re.IGNORECASE,
)
_COUNT_ASKED = re.compile(
    r"\bper ?cent|(?<!un)(?<!bound )\b(?:share|fraction|proportion) of|\bhow many\b|\bhow much of\b|\bnumeric"
    r"|\bhalf-?li|\bby how much\b|\bby what (?:amount|factor|percent)|\bwhat (?:number|spf)\b"
    r"|\bin (?:l/kg|hours|minutes|grams|mg|mcg/ml|ng/ml)\b|^(?:grams|milligrams|mg|mcg|ml|hours|days|weeks) of\b"
)
_COUNTED_SPAN_ASKED = re.compile(rf"\bhow many (?:\w+ ){{0,2}}?(?:{_TIME})")
_SPAN_ASKED = re.compile(
    rf"{_COUNTED_SPAN_ASKED.pattern}|\bfor how long\b|\bhalf-?li|\btime to (?:peak|maximum)|\btmax\b"
    r"|\bhow long (?:after|before|until|does|is|can|should|do|may|must|will)\b"
)
_MISSED_ASKED = re.compile(
    r"\bmiss(?:ed|ing)? (?:a|an|my|the|one|two|this|last|yesterday|today)\b|\bforg[eo]t\b|\bskipped\b"
    r"|\bmissed (?:dos(?:e|es)|pills?|tablets?|capsules?|injections?|shots?|applications?)\b"
)
_MISSED = re.compile(r"\bmiss|forg[eo]t|\bskip|next dose|as soon as (?:you|they|he|she) ", re.IGNORECASE)

_DOSE = r"(?:dos(?:e|es|age|ages|ing)|amount|regimen)"
_COUNTED_DOSES = (
    r"(?:number|daily|per day|a day|mg|tabs?|tablets?|caplets?|capsules?|pills?|bottles?|doses|sprays|puffs|drops)"
)
_CEILING_ASKED = re.compile(
    rf"\b(?:max(?:imum|imal)?|highest|top|ceiling)\b(?: [\w/.-]+){{0,3}}? {_DOSE}\b"
    rf"|\b(?:{_DOSE}|daily) (?:ceiling|limit|max|maximum)\b|\bmax(?:imum)? (?:\w+ )?{_COUNTED_DOSES}\b"
    r"|\bthe most (?:\w+ ){0,4}(?:in (?:24|a|one)\b|(?:per|a|one) day|(?:can|may|should) (?:i|we|you|one|be|he|she)\b)"
)
_CEILING = re.compile(
    r"\bmax|exceed|\bup to\b|\bupper\b|\babove\b|\bat most\b|\bhigher\b|\bhighest\b|\bgreater\b|\blimit"
    r"|\bmore than\b|≤|<|\b(?:no|not) (?:\w+ ){0,3}more\b|\bas (?:much|high) as\b",
    re.IGNORECASE,
)
_START_ASKED = re.compile(r"\b(?:start(?:ing)?|initial|beginning)\b(?: [\w/-]+){0,2}? dos(?:e|es|age|ing)\b")
_START = re.compile(r"\binitia|\bstart|\bbeg[aiu]n|\bfirst\b|\bday 1\b", re.IGNORECASE)
_LASTING_ASKED = re.compile(r"\bmaintenance (?:dos(?:e|es|age|ing)|regimen)\b")
_LASTING = re.compile(r"\bmaint", re.IGNORECASE)
_BESIDE = re.compile(
    r"\b(?:(?:can|may|could|should|shall) (?:i|we|you|one|he|she|they|people|patients|my \w+) (?:still |also )?"
    r"|(?:ok|okay|fine|safe|alright|all right|bad|good) (?:for \w+ )?to )"
    r"(?:use|apply|wear|drink|eat|have|take|chew|smoke) (?P<thing>[\w' -]{2,50}?)"
    r"(?: (?:for|on|over|in|at|that) [\w' -]{1,40}?)? "
    r"(?:(?:together |along )?with|alongside|while (?:(?:i'?m|i am|\w+ is) )?(?:on|using|taking)) (?P<behind>[^?.;,]+)"
)
_WORDS = re.compile(r"[a-z0-9]+")
_IT = frozenset(["it", "this"])
_SMALL_WORDS = word_set(
    "a an the my some any his her this that these those of for on in at to or and few couple glass cup bit lot it them"
    " one as well plenty same time day together along"
)
_ANIMALS = re.compile(
    r"\b(?:rats?|mice|mouse|rabbits?|dogs?|monkeys?|hamsters?|guinea pigs?|beagles?|rodents?|animals)\b"
    r"|\btimes the [^.;]{0,50}\bhuman\b|\bMRHD\b",
    re.IGNORECASE,
)
_ANIMALS_ASKED = re.compile(
    rf"{_ANIMALS.pattern.lower()}|\banimal|\bpet\b|\bpets\b|pregnan|expecting|unborn|f(?:o)?et(?:al|us)|trimester|conceiv"
    r"|birth defect|teratogen|fertil|labou?r\b|deliver|breast|nursing|lactat|milk|cancer|carcino|tumou?r|mutagen"
    r"|genotox|chromosom|\bgenes?\b|\bdna\b|toxic|lethal|overdos|mechanism|\bwork|study|studies|receptor|metabol"
    r"|absor|distribut|excret|bound|half-?li|\bbab(?:y|ies)\b|reproduc|steril|sperm|placent|in the womb|preclinical"
)
_STAGES = ((_CEILING_ASKED, _CEILING), (_START_ASKED, _START), (_LASTING_ASKED, _LASTING))
"""How the highest, the first and the lasting dose are asked for, and what a text says of each."""


@dataclass(frozen=True)
class Demands:
    """What a part of a question asks for that only a text with the same can answer."""

    number: bool = False
    """Whether a number is asked for."""
    span: bool = False
    """Whether a time that passes is asked for."""
    counted_span: bool = False
    """Whether it is asked for in hours, days and the like."""
    missed: bool = False
    """Whether it is about a dose that was missed."""
    others: frozenset[str] = frozenset()
    """Ingredients, and classes behind `_OF_CLASS`, that are named beside the drug itself."""
    person: Person = NOBODY
    """Whom it is about."""
    thing: str = ""
    """What is used beside the drug and is no medicine ("dye"), in the singular; empty where it has a known class."""
    animals: bool = True
    """Whether what was found in animals may answer it."""
    stages: tuple[re.Pattern[str], ...] = ()
    """What texts say of the doses asked for: the highest, the first or the lasting one; one of them is enough."""
    strengths: frozenset[Strength] = frozenset()
    """Strengths of the product that it is about."""

    def is_misplaced(self, text: str) -> bool:
        """Return whether a text is about others than the person or strength asked about, or about animals unasked."""
        return (
            self.person.is_left_out(text)
            or is_of_other_strength(text, self.strengths)
            or (not self.animals and bool(_ANIMALS.search(text)))
        )

    def has_stage(self, text: str) -> bool:
        """Return whether a text speaks of the highest, the first or the lasting dose where one is asked for."""
        return not self.stages or any(stage.search(text) for stage in self.stages)

    def is_unmet(self, text: str) -> bool:
        """Return whether a number, a time or a missed dose is asked about and a text has none, or is about others."""
        if (
            (self.number and not _NUMBER.search(text))
            or (self.missed and not _MISSED.search(text))
            or not self.has_stage(text)
            or (self.thing and not re.search(rf"\b{self.thing}", text.lower()))
            or self.is_misplaced(text)
        ):
            return True
        if not self.span or _SPAN.search(text):
            return False
        return self.counted_span or not _UNCOUNTED_SPAN.search(text)

    def unnamed(self, texts: Sequence[str]) -> float:
        """Return the share of the other medicines that none of the texts names, itself or by a class."""
        if not self.others:
            return 0.0
        told = frozenset[str]().union(*map(_named, texts))
        return sum(not _is_told(other, told) for other in self.others) / len(self.others)


NO_DEMANDS = Demands()


def demands(text: str, names: Collection[str]) -> Demands:
    """Return what a part of a question demands; `names` are those of the drug that it is about."""
    plain, others = text.lower(), _others(text, names)
    return Demands(
        bool(_COUNT_ASKED.search(plain)),
        bool(_SPAN_ASKED.search(plain)),
        bool(_COUNTED_SPAN_ASKED.search(plain)),
        bool(_MISSED_ASKED.search(plain)),
        others,
        person(text),
        "" if others else _thing(plain, names),
        bool(_ANIMALS_ASKED.search(plain)),
        tuple(said for asked, said in _STAGES if asked.search(plain)),
        asked_strengths(text, names),
    )


def _thing(text: str, names: Collection[str]) -> str:
    """Return the noun of what a question uses beside the drug itself ("use hair dye with it").

    The noun itself is demanded, not other words for it: a dye is no color. What belongs to a known substance or class
    is left to other words, and so is what is everyday.
    """
    found = _BESIDE.search(text)
    own = {word for name in names for word in name.lower().split()}
    if not found or not (own | _IT) & set(_WORDS.findall(found["behind"])) or own & set(_WORDS.findall(found["thing"])):
        return ""
    words = [word for word in _WORDS.findall(found["thing"]) if word not in _SMALL_WORDS]
    if not words or words[-1] in everyday_words() or _is_substance(found["thing"]):
        return ""
    noun: str = words[-1]
    return noun.removesuffix("s")


def _is_substance(text: str) -> bool:
    plain = f" {text} "
    return any(f" {form} " in plain for group in substances() for said in group.said for form in (said, f"{said}s"))


def _others(text: str, names: Collection[str]) -> frozenset[str]:
    found = _named(text)
    if not found:
        return found
    words = {word for name in names for word in name.lower().split()}
    own = frozenset(map(ingredient, words)).union(*map(_named, names))
    of_own = {_OF_CLASS + name for name in drug_classes_of(own)}
    return frozenset(key for key in found - own - of_own if words.isdisjoint(key.split()))


@cache
def _finder() -> TermFinder:
    return TermFinder()


def _named(text: str) -> frozenset[str]:
    """Return the ingredients and the classes, behind `_OF_CLASS`, that a text names."""
    hits = _finder().find(tokens(normal(text)))
    return frozenset(key if hit.kind == NAME else _OF_CLASS + key for hit in hits for key in hit.keys)


def _is_told(asked: str, told: Collection[str]) -> bool:
    """Return whether what is told names what is asked, a class that it belongs to, or a member of it."""
    of_told = frozenset(told).union(*map(_members, told))
    return asked in told or not of_told.isdisjoint(_members(asked) or {asked})


def _members(key: str) -> frozenset[str]:
    """Return the ingredients of a class; of an ingredient none."""
    found = drug_class_table().get(key.removeprefix(_OF_CLASS)) if key.startswith(_OF_CLASS) else None
    return found.members if found else frozenset()
