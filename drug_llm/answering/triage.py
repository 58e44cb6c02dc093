"""Emergencies and questions that no label can settle, recognised before anything else is done.

No model and no drug list is asked: the words of `triage_patterns` and `triage_scope` decide, the same way each time.
What is done about an emergency follows the public first-aid advice of Poison Help (poisonhelp.hrsa.gov), the American
Heart Association and the 988 Lifeline; doses are never given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from drug_llm.answering.contacts import contacts_in
from drug_llm.answering.triage_patterns import CUES
from drug_llm.answering.triage_rules import ACROSS, RULES
from drug_llm.answering.triage_scope import out_of_scope
from drug_llm.answering.triage_words import Clause, clauses

_ADVICE = {
    "suicide": "Call {crisis} now; if someone is in danger this minute or has taken something, call {emergency}. Do not stay "
    "alone and do not leave the person alone, and put medicines and weapons out of reach. You do not have to get through "
    "this by yourself.",
    "labor": "Labor and a medicine in it are for the delivery team to judge. Call the maternity unit or midwife now, or "
    "{emergency} if the birth is near or anyone is unwell. Say which medicine was taken, how much and when.",
    "animal": "Call a veterinarian or an emergency animal clinic now, and have the package at hand. Do not make the animal "
    "vomit unless they say so. The labels here are for people.",
    "allergic_reaction": "This may be a severe allergic reaction. Call {emergency} now. Use an epinephrine auto-injector if "
    "one is at hand and prescribed, and lie down with the legs raised unless breathing is hard. Take no more of the medicine "
    "meanwhile.",
    "emergency": "This may be a life-threatening emergency. Call {emergency} now and follow what they say. Someone who does "
    "not breathe normally needs CPR; someone who breathes but cannot be woken is laid on the side. Where an opioid may be "
    "involved and naloxone is at hand, give it. Keep the package of any medicine for the crew.",
    "chest_pain": "Chest pain can be a heart attack. Call {emergency} now and do not drive yourself. Rest, and tell the crew "
    "every medicine taken, those for erections included.",
    "exposure": "Rinse now: eyes open under gently running lukewarm water, skin with plenty of water after taking wet clothing "
    "off, for 15 to 20 minutes. Then call {poison}; call {emergency} if sight, breathing or consciousness is affected. After a "
    "needle stick, wash the spot with soap and water and get medical care today.",
    "poisoning": "This may be an overdose or poisoning. Call {poison} now, also if nothing is felt yet. Call {emergency} at "
    "once if the person has collapsed, has a seizure, has trouble breathing or cannot be woken. Do not make the person vomit, "
    "and keep the package at hand.",
}  # fmt: skip
_ABOUT_LABEL = re.compile(
    r"\b(signs?|symptoms?|effects?) of\b|\boverdos(?:e|age) (?:section|symptoms?|treated|managed)|\b(?:symptoms?|signs?) are\b"
    r"|\bwhat (?:happens|are the (?:signs|symptoms|effects))\b|\b(?:treatment|antidote) (?:for|of|to)\b|\blabels?\b|\bsection\b"
    r"|\bproven safe\b|\bin the reported case\b|\b(?:can|does|will|would|is) (?:\w+ )?dialysis\b|\bboxed warning\b|\blisted\b|\bside effects?\b|\b(?:does|can|could|did) (?:\w+ ){1,3}cause\b"
)
# How a sentence is put shows in all of it; what happened shows in what is not supposed.
_OF_THE_WHOLE = frozenset(
    [
        "plain_question",
        "label_talk",
        "history",
        "much_asked",
        "may_be",
        "alarming",
        "how_to_die",
        "die_asked",
        "asks_help",
        "may_die",
        "age_who_ate",
        "own_stroke",
        "make_vomit",
    ]
)
_DEADLY = re.compile(
    r"\b(?:what happens|all|take|taking|took|how (?:many|much)|lethal|fatal|deadly|kills?|enough|dose|overdos\w*|painless\w*)\b"
)


@dataclass(frozen=True)
class Triage:
    """What has to be said before, or instead of, an answer."""

    kind: str
    """`suicide`, `labor`, `animal`, `allergic_reaction`, `emergency`, `chest_pain`, `exposure`, `poisoning` or
    `out_of_scope`."""
    advice: str
    also_answer: bool = False
    """Whether the question asks something besides that a label says, to be answered after the advice."""

    @property
    def is_urgent(self) -> bool:
        """Whether somebody may be in danger now."""
        return self.kind != "out_of_scope"


def triage(question: str, *, country: str = "US") -> Triage | None:
    """Return what must be said first, or None for an ordinary question.

    An event ("my son swallowed my pills") is urgent; a question about what a label says on it ("what are the signs of
    an overdose of metformin?") is not. `country` (ISO 3166 code) chooses the telephone numbers in the advice; one that
    the table lacks gets "your local emergency number". Takes time linear in the length of the question.
    """
    told = clauses(question)
    if kind := _urgent(told):
        advice = _ADVICE[kind].format(**vars(contacts_in(country)))
        return Triage(kind, advice, _asks_label(kind, told))
    if found := out_of_scope(told):
        return Triage("out_of_scope", *found)
    return None


def _urgent(told: Sequence[Clause]) -> str | None:
    seen = [_Cues(clause) for clause in told]
    for kind, rule in RULES:
        if any(cues.hold(rule) for cues in seen):
            return kind
    for kind, asked, event in ACROSS:
        if any(cues.hold(asked) for cues in seen) and any(cues.hold(event) for cues in seen):
            return kind
    return None


def _asks_label(kind: str, told: Sequence[Clause]) -> bool:
    text = " . ".join(clause.text for clause in told)
    if kind == "suicide" and _DEADLY.search(text):
        # What would be deadly is never told to someone who may want to die.
        return False
    return kind != "animal" and _ABOUT_LABEL.search(text) is not None


class _Cues:
    """The cues of one sentence, each looked for once."""

    def __init__(self, clause: Clause) -> None:
        self._clause = clause
        self._found: dict[str, bool] = {}

    def hold(self, rule: str) -> bool:
        """Return whether every cue of a rule is there, and none that it excludes."""
        return all(self._has(name[1:]) is False if name[0] == "-" else self._has(name) for name in rule.split())

    def _has(self, name: str) -> bool:
        if name not in self._found:
            text = self._clause.text if name in _OF_THE_WHOLE else self._clause.told
            self._found[name] = _compiled(name).search(text) is not None
        return self._found[name]


@cache
def _compiled(name: str) -> re.Pattern[str]:
    return re.compile(CUES[name])
