"""Questions that one section of a label answers by itself: "who should not take it", "what strengths does it come in".

Such a question has no word of its own by which a sentence could be found, yet its section is known by name. It is
answered from that section only, and where the section is read from its beginning, in the label's order.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from drug_llm.answering.units import Unit, outside_lists
from drug_llm.answering.word_lists import word_set

_ANYTHING = re.compile("")
_LIFE = re.compile(
    r"(?=.*\d)(?:half[- ]?(?:life|lives)|t ?1/2)\b[^.;]{0,60}?\b(?:is|was|of|are|were|averag\w+|rang\w+|approximat\w+|about)\b"
    r"|half-life:? \d",
    re.IGNORECASE | re.DOTALL,
)
_CHANGED_LIFE = re.compile(
    r"increas|decreas|prolong|reduc|shorten|children|infant|neonat|pa?ediatric|elderly|geriatric|renal|hepatic|cirrho|impair|that study"
    r"|for example|based on|year[- ]olds?",
    re.IGNORECASE,
)
_SIGNS = re.compile(
    r"symptom|\bsigns?\b|manifest|characteri[sz]ed|result(?:s|ed)? in|produc|\bcaus(?:e|es|ed)\b|includ|may (?:occur|lead|be)|reported"
    r"|adverse (?:reaction|effect|event)|toxicity|associated with",
    re.IGNORECASE,
)
_TREATMENT = re.compile(
    r"dialy|perfusion|supportive|lavage|charcoal|antidot|naloxone|emesis|\btreat|manage|poison (?:control )?center|not associated with",
    re.IGNORECASE,
)
_STRENGTH = re.compile(r"\d ?(?:mg|mcg|\u00b5g|g|%|units?|mEq|IU|mL)\b(?!.*\bstore at\b)", re.IGNORECASE | re.DOTALL)
_TAKING = re.compile(
    r"\b(?:tak(?:e|en)|appl(?:y|ied)|us(?:e|ed)|dos(?:e|es|age|ing)|administ\w+|instil\w*|swallow\w*|inject\w*|infus\w*|insert|place|rub|spray"
    r"|chew|dissolve|rinse|wet|give|given|daily|mg|mL|teaspoon\w*|tablets?|capsules?|drops?)\b",
    re.IGNORECASE,
)
_DO_NOT = re.compile(r"\bdo not (?:use|take)\b|contraindicated", re.IGNORECASE)
_DO_NOT_ALLERGY = re.compile(
    r"\bdo not (?:use|take)\b.*\ballerg|allerg.*\bdo not (?:use|take)\b", re.IGNORECASE | re.DOTALL
)
_STORING = re.compile(
    r"\bstor(?:e|ed|age)\b|refrigerat|\bkeep\b|\bfreez|\u00b0|room temperature|protect", re.IGNORECASE
)
_ACTIVE = re.compile(r"^active ingredient", re.IGNORECASE)
_COMMON = re.compile(
    r"\bmost (?:common|frequent|often)|\bcommon(?:ly)? (?:observed|reported|adverse|side|reactions? (?:are|include))"
    r"|\bfrequent(?:ly)? (?:adverse|side|reported|occurring)",
    re.IGNORECASE,
)
_DOSING = re.compile(
    r"\d.*\b(?:mg|mcg|g|mL|mEq|units?|tablets?|capsules?|caplets?|drops?|sprays?|puffs?|pellets?|applicators?|times|daily|hours)\b|\bapply\b"
    r"|as needed",
    re.IGNORECASE | re.DOTALL,
)
_INACTIVE = re.compile(r"\b(?:inactive|other) ingredients?\b|\bexcipients?\b", re.IGNORECASE)
_DRUG = re.compile(
    r"\b(?:it|its|this|that|these|the|an?|my|your|please|labels?|medic(?:ine|ation)s?|meds|drugs?|product|tablets?|capsules?|caplets?|gelcaps?"
    r"|softgels?|pills?|pellets?|lozenges?|cream|gel|foam|ointment|lotion|wash|shampoo|soap|rinse|wipes?|pads?|powder|granules|elixir|(?:nasal )?spray"
    r"|drops|patch(?:es)?|inhaler|(?:pre-?filled )?(?:syringes?|pens?|vials?)|injection|syrup|suspension|(?:extended|delayed|immediate)[- ]release"
    r"|oral|topical|ophthalmic|vaginal|rectal|nasal|otic|eye|ear|i|you|we|me|someone|somebody|people|anyone|anybody|patients?|persons?|exactly|actually|hi|hello|hey|tell|list"
    r"|hcl|er|xr|sr|xl)\b"
)
"""Words for the medicine and for whoever takes it, which ask nothing."""
_ASKING = word_set(
    "active and are boxed children contain dose dosage effects for form forms geriatric half how in ingredient ingredients"
    " it life older on side signs store strength strengths take the to treat use used uses warning with work"
)
"""Words of names that ask something all the same."""
_NOT = re.compile(r"\b(can|should|must|do|may)(?:n't|'t|not)\b")
_IN = r"(?: (?:of|in|for|on|to|with|does|do|is|are|has|have|contain|contains|there|listed|about|behind|available|come|comes|used|use|using|taking|as|sold|supplied|made))*"
_WHAT = (
    r"(?:(?:what|which|whats|are|is|all|any|does|do|has|have|there|give|name|show|about|full|complete|main|known) )*"
)
_TAKE = r"(?:take|taking|use|using|get|have|receive|start|apply|be (?:taken|used|given|prescribed|treated)|been given)"


@dataclass(frozen=True)
class Place:
    """Where in a label the answer stands."""

    section: str
    """Name of the section."""
    begins: re.Pattern[str] = _ANYTHING
    """What the first unit that is read has to hold."""
    holds: re.Pattern[str] = _ANYTHING
    """What each unit has to hold."""


@dataclass(frozen=True)
class AskedSection:
    """What a question asks to be read out."""

    places: tuple[Place, ...]
    """Places that answer it; the first that a label has counts."""
    in_order: bool = True
    """Whether the section is read in the label's order, else its units are ranked."""
    also: Place | None = None
    """What is read behind it."""
    aside: re.Pattern[str] | None = None
    """What units hold that answer only where there are no others."""
    is_alone: bool = False
    """Whether nothing else in a label answers it, so that a label without the section is silent."""

    def chosen(self, units: Sequence[Unit]) -> list[int]:
        """Return the rows of the units that answer, in the label's order; a list as one unit stands for its entries."""
        found = next((rows for place in self.places if (rows := self._read(place, units))), [])
        more = self._read(self.also, units) if found and self.also else []
        plain = [row for row in found if not (self.aside and self.aside.search(units[row].text))]
        return [*dict.fromkeys([*(plain or found), *more])]

    def _read(self, place: Place, units: Sequence[Unit]) -> list[int]:
        rows = [row for row, unit in enumerate(units) if unit.passage.name == place.section]
        if self.in_order:
            # The highlights say the same in short.
            rows = [row for row in rows if not units[row].passage.section.startswith("highlights")] or rows
        return _held(place, units, _whole_lists(rows, units) if self.in_order else rows)


def _held(place: Place, units: Sequence[Unit], rows: Sequence[int]) -> list[int]:
    begin = next((at for at, row in enumerate(rows) if place.begins.search(units[row].text)), len(rows))
    return [row for row in rows[begin:] if place.holds.search(units[row].text)]


def _whole_lists(rows: Sequence[int], units: Sequence[Unit]) -> list[int]:
    """Return rows in the order of the text, without the entries of a list that is there as a whole."""
    outside = set(outside_lists([units[row] for row in rows]))
    kept = [row for row in rows if units[row] in outside]
    first: dict[str, int] = {}
    for row in rows:
        first.setdefault(units[row].passage.section, row)
    return sorted(kept, key=lambda row: (first[units[row].passage.section], units[row].spans[-1].start))


def _places(*sections: str) -> tuple[Place, ...]:
    return tuple(Place(section) for section in sections)


_OLD = r"(?:(?:older|elderly|seniors|geriatrics?)(?: adults?)?|(?:over|above|older than) (?:60|65|70)|65 (?:and|or) (?:older|over))"
_MAY = r"(?:is|are|can|may|should|do|does|what about)(?: (?:be|ok|okay|safe|alright|suitable|recommended|used|use|take|taken|given|to|for|in|by))*"
_HAVE = r"(?: (?:take|use|be given|get|have))?"
_ASKED: tuple[tuple[str, AskedSection], ...] = (
    (
        rf"(?:(?:is|are) there (?:any )?)?(?:who|what|which|when|whom|in whom|in which|whos)(?: all)? (?:should|must|can|may|ought to|are) (?:not|never) (?:to )?{_TAKE}"
        rf"|(?:what|which|are|is|there|any|give|name|main) ?(?:are|is|there|any)? ?reasons? (?:not|never) to {_TAKE}"
        rf"|{_WHAT}(?:absolute )?contra ?-?indications?{_IN}"
        r"|(?:when|who|whom|in whom|in who|in which|for whom|for which|for who)(?: (?:is|are))? contra ?-?indicated(?: (?:in|for))*"
        r"|contra ?-?indicated (?:in|for) (?:who|whom|which)",
        AskedSection(
            (Place("contraindications"), Place("do_not_use"), Place("warnings_and_precautions", holds=_DO_NOT)),
            also=Place("warnings_and_precautions", holds=_DO_NOT_ALLERGY),
        ),
    ),
    (
        r"(?:what|which|whats)(?: (?:conditions?|diseases?|problems?|things))?(?: (?:is|are|was|s|does|do|can))?(?: be)? (?:used|use|taken|prescribed|good|indicated|given|approved|for)"
        r"(?: (?:for|to treat|to help))*|(?:what|which)(?: (?:conditions?|diseases?))? (?:does|do|can) (?:treat|help(?: with)?)"
        rf"|{_WHAT}(?:approved )?(?:uses?|indications?)(?: and usage)?{_IN}|why (?:is|are|would|do|does)(?: be)? (?:take|taken|prescribed|used|given)",
        AskedSection(_places("indications_and_usage", "purpose")),
    ),
    (
        rf"{_WHAT}(?:in ?active|other|non ?-?medicinal|inert) ingredients?{_IN}|{_WHAT}excipients?{_IN}",
        AskedSection((Place("inactive_ingredient"), Place("description", begins=_INACTIVE), Place("product_data", holds=_INACTIVE))),
    ),
    (
        rf"{_WHAT}active ingredients?{_IN}|what(?:s| is)? in|what (?:does|do) contain",
        AskedSection(
            (Place("active_ingredient"), Place("product_data", holds=_ACTIVE)), also=Place("product_data", holds=_ACTIVE)
        ),
    ),
    (
        rf"{_WHAT}(?:in (?:what|which) )?(?:available |different )?(?:dosage |dose )?(?:strengths?|forms?)(?: (?:and|or) (?:dosage )?(?:strengths?|forms?))?{_IN}"
        r"|how (?:is|are) (?:supplied|packaged|sold)|how (?:does|do) come(?: in)?|what (?:does|do) come in",
        AskedSection((Place("dosage_forms_and_strengths"), Place("how_supplied", holds=_STRENGTH))),
    ),
    (
        rf"how (?:does|do|did) (?:work|act)(?: in body)?|{_WHAT}(?:mechanisms?|modes?) of action{_IN}|{_WHAT}mechanism{_IN}|moa",
        AskedSection(_places("mechanism_of_action")),
    ),
    (rf"{_WHAT}(?:box(?:ed)?|black ?-?box(?:ed)?) warnings?{_IN}(?: say)?|what (?:does|do) (?:black )?box (?:at top )?(?:of )?(?:warn|say)(?: (?:of|about))?", AskedSection(_places("boxed_warning"), is_alone=True)),
    (
        r"how (?:should|do|does|can|must|to|is|are|may|would) (?:be )?(?:properly |correctly )?(?:take|taken|use|used|apply|applied|given|administered)(?: correctly| properly| to)?"
        rf"|{_WHAT}directions(?: for use)?{_IN}|{_WHAT}(?:dosage|dosing) (?:and|&) administration{_IN}",
        AskedSection((Place("how_to_take"), Place("dosage_and_administration", begins=_TAKING))),
    ),
    (
        rf"{_MAY} {_OLD}{_HAVE}|{_OLD} use|(?:use|dosing|dose|safety) (?:in|for|by) {_OLD}",
        AskedSection(_places("geriatric_use")),
    ),
    (
        rf"{_MAY} (?:children|kids|child|a?pa?ediatric){_HAVE}",
        AskedSection(_places("pediatric_use")),
    ),
    (
        r"(?:how|where)(?: and where)? (?:should|do|does|must|is|are|can|to)(?: be)? (?:store|stored|keep|kept)(?: at home)?|(?:how to )?store"
        rf"|{_WHAT}(?:storage|storing)(?: (?:conditions?|instructions?|requirements?|temperatures?))?{_IN}",
        AskedSection(
            (
                Place("storage_and_handling", holds=_STORING),
                Place("how_supplied", holds=_STORING),
                Place("other_safety_information", holds=_STORING),
            )
        ),
    ),
    (
        r"when (?:should|do|must|to|can) stop(?: (?:taking|using|use))?(?:,? and (?:ask|call|see|talk to) doctor)?|stop use(?: and ask doctor(?: if)?)?",
        AskedSection(_places("stop_use")),
    ),
    (
        r"(?:what|which|are there|any|does|do)?(?: (?:other|all|any|are|does|do|can|may|could))* ?interact(?:s|ions?)?(?: (?:with|does|have|are|there|of|for|any|other|listed))*"
        r"|(?:does|do) have(?: any)? interactions(?: with(?: other)?)?",
        AskedSection(_places("drug_interactions", "ask_doctor_or_pharmacist")),
    ),
    (
        rf"{_WHAT}(?:(?:usual|recommended|normal|standard|typical|correct|right|adult) )*(?:dos(?:e|es|age|ages|ing)){_IN}(?: adults?)?(?: (?:per|each) day| daily)?"
        r"|how (?:much|often)(?: (?:and|or) how (?:much|often))? (?:should|do|does|can|must|to|is|may|would) (?:be )?(?:take|taken|use|used|apply|applied|given)(?: (?:per|each) day| daily)?",
        AskedSection((Place("dosage_and_administration", begins=_DOSING),)),
    ),
    (
        rf"{_WHAT}(?:most )?(?:common|frequent|usual|likely)(?: or serious)? (?:side ?-?effects?|adverse (?:reactions?|effects?|events?)){_IN}",
        AskedSection(
            tuple(Place(section, holds=_COMMON) for section in ("adverse_reactions", "clinical_trials_experience")), in_order=False
        ),
    ),
    (
        r"(?:what|which)(?: (?:other|all|are|things))* (?:must|should|can|may) (?:not|never) (?:be )?(?:take|taken|combine|combined|mix|mixed|use|used|given) (?:together )?with",
        AskedSection(
            _places("contraindications", "do_not_use", "drug_interactions", "ask_doctor_or_pharmacist"),
            also=Place("drug_interactions"),
        ),
    ),
    (
        rf"{_WHAT}(?:signs?|symptoms?|effects?)(?: (?:and|or) (?:signs?|symptoms?))? of overdos\w+{_IN}|what happens (?:in|with|if there is) overdos\w+{_IN}",
        AskedSection((Place("overdosage", holds=_SIGNS),), in_order=False, aside=_TREATMENT),
    ),
    (
        rf"{_WHAT}(?:elimination |terminal |plasma |serum |mean |average )*(?:half[- ]?(?:life|lives)|t ?1 ?2){_IN}(?: adults?)?",
        AskedSection(
            tuple(Place(section, holds=_LIFE) for section in ("pharmacokinetics", "clinical_pharmacology", "pharmacodynamics", "description")),
            in_order=False,
            aside=_CHANGED_LIFE,
        ),
    ),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern), asked) for pattern, asked in _ASKED)


def asked_section(text: str, names: Collection[str]) -> AskedSection | None:
    """Return which section a question, or a part of one, asks for; None where it asks for anything in particular.

    `names` are those of the drug, in lower case, left out of the question.
    """
    plain = " ".join(text.lower().replace("\u2019", "'").split())
    for name in sorted(names, key=len, reverse=True):
        if name.strip():
            plain = re.sub(rf"(?<!\w){re.escape(name.strip().lower())}(?:'s)?(?!\w)", " ", plain)
    own = {word for name in names for word in name.lower().split()} - _ASKING
    plain = " ".join(word for word in plain.split() if word.strip("?.,:;!").removesuffix("'s") not in own)
    plain = _NOT.sub(r"\1 not", plain)
    plain = " ".join(_DRUG.sub(" ", re.sub(r"[^a-z0-9' -]", " ", plain).replace("'s ", " ")).split())
    return next((asked for pattern, asked in _COMPILED if pattern.fullmatch(plain)), None)
