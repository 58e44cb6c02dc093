"""What the wording of a label says about taking medicines together: whether it is about that, and how grave it is.

Whether a sentence is about a combination is decided by its section and words: the section on interactions is about
combinations throughout, a warning is where it speaks of taking or giving, anything else only where it says "together".
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import pairwise

from drug_llm.answering.units import Unit
from drug_llm.answering.word_lists import word_set

SEVERITIES = ("contraindicated", "boxed warning", "warning", "interaction", "duplicate", "mentioned")
"""From the gravest on. "duplicate" stands for one ingredient, or two of one class, that both drugs hold, where no label
says more; "mentioned" for what a label says of the two without calling it an interaction."""
_INTERACTION = word_set("drug_interactions do_not_use ask_doctor ask_doctor_or_pharmacist when_using contraindications")
_HEADED = _INTERACTION | {"boxed_warning"}
"""Sections in which a name alone, as a heading or in a list, says that there is something about it."""
_WARNING = word_set(
    "boxed_warning warnings_and_precautions user_safety_warnings stop_use highlights medication_guide "
    "patient_information information_for_patients other_safety_information renal_and_hepatic_impairment"
)
_ELSEWHERE = word_set(
    "indications_and_usage dosage_and_administration how_to_take adverse_reactions postmarketing_experience "
    "clinical_pharmacology mechanism_of_action pharmacodynamics pharmacokinetics unclassified geriatric_use "
    "recent_major_changes"
)
SPEAKING = _INTERACTION | _WARNING | _ELSEWHERE
"""Sections that may speak of a combination; trials, excipients and packages do not."""
_REPORTING = _ELSEWHERE - {"dosage_and_administration", "how_to_take", "unclassified", "recent_major_changes"}
"""Sections that report; a grave word there says how grave the reported is, not the combination."""
_BY_SECTION = {
    "contraindications": "contraindicated",
    "do_not_use": "contraindicated",
    "boxed_warning": "boxed warning",
    "warnings_and_precautions": "warning",
    "user_safety_warnings": "warning",
    "ask_doctor": "warning",
    "ask_doctor_or_pharmacist": "warning",
    "when_using": "warning",
    "stop_use": "warning",
    "drug_interactions": "interaction",
    "highlights": "interaction",
}
_TOGETHER = re.compile(
    r"concomitant|concurrent|co-?\s?administ|coadminist|simultaneous|\bcombin(?:ed|ation|ing|e)\b|\binteract"
    r"|(?<!occur )\btogether\b|co-?prescri|\badd(?:ed|ing|ition)\b"
    r"|(?:taken|used|given|use) with(?! (?:\w+ )?(?:caution|care|food)\b)|if you take\b|are taking\b"
)
_TAKING = re.compile(
    r"\b(?:with|tak(?:e|es|ing|en)|us(?:e|es|ing|ed)|receiv\w+|therapy|treat\w*|given|administ\w+|drugs?|medic\w+"
    r"|also|avoid\w*|within \d+|product)\b"
)
_FORBIDDEN = re.compile(
    r"(?<!not )\bcontraindicated\b|\bmust (?:not|never) be (?:tak|us|giv|co|combin|administ|start|prescrib)"
    r"|\bmust not (?:tak|us|combin|giv)|\b(?:do not|never) (?:tak|us|giv|administ|combin|co-?administ|prescrib)\w*\b"
    r"(?! (?:(?:it|them) )?(?:more|if|for|any (?:longer|more)|longer|a double|extra)\b)"
)
_FORBIDDEN_IF = re.compile(
    r"\bdo not (?:take|use)\b.{0,60}\bif (?:you|the child|your child)\b.{0,25}\b(?:tak|us)(?:e|ing)\b"
)
_CLAUSE = re.compile(r"; |, (?=(?:and|but|so|or|because|which)\b)|: |(?<=[a-z)]{3})\. | \u2022 ")
_FINITE = re.compile(
    r"\b(?:is|are|was|were|be|has|have|had|do|does|did|must|should|can|cannot|may|might|could|will|would|avoid|use"
    r"|tak(?:e|es|en)|(?:rais|increas|lower|decreas|reduc|caus|add|mak|need|slow|block|strengthen|weaken)(?:e?[sd])?)\b"
)
"""What a part of a sentence has that says something by itself; "or naproxen" only goes on with a list."""
_MISSED = re.compile(
    r"\bmiss(?:ed|es|ing)?\b[^.;]{0,40}\bdoses?\b|\bdoses?\b[^.;]{0,40}\b(?:missed|forgotten|skipped)\b|\bforg[eo]t"
)
_GRAVE = re.compile(
    r"\bavoid|not recommended|\bshould (?:generally )?not\b|\b(?:is|are) not (?:combined|taken|used|given|started)\b"
    r"|\bfatal|life-threatening|\bdeaths?\b|\bserious|\bsevere|\bdangerous"
)
_NO_EFFECT = re.compile(
    r"\bno (?:\w+ ){0,3}(?:effects?|interactions?|changes?|influence|differences?)\b"
    r"|\b(?:did|does|do|has|have|had|was|were|is|are) not (?:\w+ ){0,3}"
    r"(?:affect|alter|chang|influenc|interact|modif|interfer)\w*"
    r"|\bnot (?:\w+ )?(?:affected|altered|changed)\b|\bwithout (?:\w+ ){0,2}(?:effect|interaction)|\bunaffected\b"
    r"|\bno (?:dose|dosage) (?:change|adjust)|\bwithout (?:an? |any )?(?:dose|dosage|change)"
)
_BUT = re.compile(r"\b(?:however|but|although|except|caution|avoid|monitor\w*|contraindicated)\b")
_ALLERGY = re.compile(
    r"\ballerg|hypersensitiv|\burticaria|\bhives\b|anaphyla|sensitiv(?:e|ity) to|\bsensitivity\b|cross-?\s?reactiv"
    r"|bronchospas|\breacts? to"
)
_MOOD = re.compile(r"\bsuicid")
_ABRUPT = re.compile(r"\babrupt|\bsudden(?:ly)? (?:stop|discontinu)")
"""Stopping the other medicine, not taking both, is what such a sentence warns of."""
_CHILDBEARING = re.compile(r"pregnan|trimester|\bfet(?:al|us)|breast|lactation|nursing|newborn|neonat|congenital")
_HABIT = re.compile(
    r"\babus\w+|addict|\bdependen(?:t|ce|cy) on\b|\bhistory of (?:\w+ ){0,3}(?:alcohol|drug|substance)"
    r"|alcoholi(?:sm|cs)\b"
)
_SAYS = re.compile(
    r"increas|decreas|rais|lower|reduc|risk|avoid|contraindicat|must|should|not recommended|can\b|may\b|might|caus"
    r"|monitor|adjust|potentiat|enhanc|inhibit|prolong|diminish|strengthen|weaken|result|limit|do not|ask|caution"
    r"|affect|alter|interfer|elevat|toxic|block|slow|watch|within \d+|led to|additive|fatal|impair|induce|attenuat"
    r"|consider|is not|are not|report|possib|cannot|occur|reaction|close|effect|produc|higher|greater|likely|chance"
)
_POINTER = re.compile(r"\(?\[?\bsee\b[^.)\]]*[.)\]]*")
_SHORTEST_TELLING = 5
_SENTENCE = 7
"""Words from which a sentence on interactions says something, whatever its words."""
_HEADING = 0.6
"""Share of longer words with a capital from which a text without a full stop is a heading."""
_SECTION_ORDER = (*_BY_SECTION, "dosage_and_administration", "information_for_patients")


class UnitWording:
    """A unit as it is judged; its medicines are looked at elsewhere."""

    def __init__(self, unit: Unit, text: str) -> None:
        """`text` is that of the unit as `drug_terms.normal` returns it."""
        self.unit = unit
        self.text = text
        self.section = unit.passage.name
        # Pointers to other sections name "contraindications" and say nothing.
        self.own = _POINTER.sub(lambda found: " " * len(found.group()), text)

    @cached_property
    def is_about_together(self) -> bool:
        """Whether it says that medicines are taken together."""
        return bool(_TOGETHER.search(self.text))

    @cached_property
    def is_about_taking(self) -> bool:
        """Whether it speaks of medicines that are taken or given."""
        return bool(_TAKING.search(self.text))

    @cached_property
    def is_telling(self) -> bool:
        """Whether it says what happens or what to do, rather than being a heading or a pointer."""
        words = len(self.own.split())
        shown = self.unit.text
        is_sentence = words >= _SENTENCE and shown.endswith(".") and self.own == self.text
        if is_sentence and (self.section == "drug_interactions" or self.is_about_together):
            return True
        if words < _SHORTEST_TELLING or not _SAYS.search(self.own):
            return False
        long = [word for word in shown.split() if len(word.strip("()")) > 3]
        capital = sum(word.strip("(")[:1].isupper() for word in long)
        return shown[-1:] in ".;" or capital < _HEADING * len(long)

    @cached_property
    def is_forbidding(self) -> bool:
        """Whether it says in words that something is not taken."""
        return bool(_FORBIDDEN.search(self.own) or _FORBIDDEN_IF.search(self.own))

    @cached_property
    def is_about_a_combination(self) -> bool:
        """Whether a medicine that it names is one taken beside the label's own."""
        if (not self.is_telling and self.section not in _HEADED) or _MISSED.search(self.own):
            return False
        if _MOOD.search(self.own) and self.section != "drug_interactions":
            return False
        if self.is_about_together:
            return True
        if self.section == "drug_interactions":
            return True
        if (_ALLERGY.search(self.own) and "drinks" not in self.own) or _HABIT.search(self.own):
            return False
        if self.section in _INTERACTION:
            return True
        return self.section in _WARNING and self.is_about_taking and not _CHILDBEARING.search(self.text)

    @cached_property
    def severity(self) -> str:
        """One of SEVERITIES, by its section and words."""
        by_section = _BY_SECTION.get(self.section, "mentioned")
        if by_section in ("contraindicated", "boxed warning"):
            return "warning" if _ABRUPT.search(self.own) else by_section
        if _NO_EFFECT.search(self.own) and not _BUT.search(self.own):
            return "mentioned"
        if self.is_forbidding:
            return "contraindicated"
        if self.section in _REPORTING:
            return by_section
        return "warning" if _GRAVE.search(self.own) else by_section

    @cached_property
    def forbidding(self) -> tuple[tuple[int, int], ...]:
        """Where the parts of the text stand that say in words that something is not taken."""
        said = [found.span() for pattern in (_FORBIDDEN, _FORBIDDEN_IF) for found in pattern.finditer(self.own)]
        return tuple(
            (start, end) for start, end in self._clauses if any(first < end and start < last for first, last in said)
        )

    def forbids_at(self, at: int) -> bool:
        """Return whether the part that stands at a place says so; a pointer to another section does not."""
        return any(start <= at < end for start, end in self.forbidding) and not self.own[at].isspace()

    @cached_property
    def _clauses(self) -> list[tuple[int, int]]:
        """The parts of the text that say something each: a list that goes on belongs to the part before it."""
        cuts = [0]
        ends = [*(found.end() for found in _CLAUSE.finditer(self.own)), len(self.own)]
        for here, following in pairwise(ends):
            before = self.own[cuts[-1] : here]
            is_list = before.rstrip().endswith((":", "\u2022")) and _FORBIDDEN.search(before)
            if _FINITE.search(before) and _FINITE.search(self.own[here:following]) and not is_list:
                cuts.append(here)
        return list(pairwise([*cuts, len(self.own)]))

    @property
    def section_rank(self) -> int:
        """Place of its section among those that speak of combinations, the gravest first."""
        return _SECTION_ORDER.index(self.section) if self.section in _SECTION_ORDER else len(_SECTION_ORDER)
