"""Emergencies and questions that no label can settle, recognised before anything else is done."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SOMEONE = r"(i|i'm|im|i've|ive|we|he|she|they|my \w+|someone|somebody|a friend|patient)"
_CHILD = r"(child|kid|toddler|baby|infant|newborn|son|daughter|grandson|granddaughter|nephew|niece|boy|girl|\d+[- ]?(year|yr|month|mo)s?[- ]old|\d+ ?yo)"
_TOOK = r"(took|taken|takes|taking|swallowed|ate|eaten|drank|drunk|chewed|had|gave|given|injected|got into|got hold of)"
_TOO_MUCH = (
    r"(too (many|much)|(a|the) (whole|entire|full) (bottle|pack|packet|box|strip)|handful|all (of )?(my|her|his|the) (pills|tablets|meds)"
    r"|(double|twice|triple|three times|ten times) (the|my|her|his) (dose|amount)|\d{2,} (pills|tablets|capsules|of (my|her|his|the|them)))"
)
_URGENT = {
    "suicide": (
        r"\b(kill|hurt|harm)(ing)? (myself|himself|herself|themselves)\b",
        r"\bend (my|his|her|it) (own )?(life|all)\b|\bwant(s)? to die\b|\b(don'?t|do not) want to (live|be alive)\b",
        rf"\b{_SOMEONE}\b[^.?!]*\b(feel|feeling|am|is|being|become|became|having|have|has|gotten|getting)\b[^.?!]*\bsuicid(al|e)\b",
    ),
    "poisoning": (
        rf"\b{_SOMEONE}\b[^.?!]*\b{_TOOK}\b[^.?!]*\b{_TOO_MUCH}",
        rf"\b{_SOMEONE}\b[^.?!]*\b(overdosed|overdosing|poisoned)\b|\b(i|he|she|they|we)( just)? od'?d\b",
        rf"\b{_CHILD}\b[^.?!]*\b(swallowed|ate|eaten|drank|chewed|got into|got hold of|took|has taken|put)\b[^.?!]*",
        r"\baccident(al|ally) (took|taken|swallowed|drank|ate|injected|gave|overdos)",
        r"\b(took|swallowed|drank|ate) [^.?!]*\bby (accident|mistake)\b",
        r"\b(won'?t wake|can'?t (be )?w(a|o)ke|not waking|unresponsive|passed out|unconscious|not breathing|stopped breathing)\b",
    ),
    "chest_pain": (
        rf"\b{_SOMEONE}\b[^.?!]*\b(have|has|having|got|getting|feel|feeling|with|started)\b[^.?!]*\b(chest (pain|pressure|tightness)|crushing)",
        r"\bmy chest (hurts|is tight|feels tight|aches)\b",
    ),
    "allergic_reaction": (
        r"\b(throat|tongue|lips?|face|airway)( is| are|'s)? (closing|swelling|swollen|swelled)",
        rf"\b{_SOMEONE}\b[^.?!]*\b(can'?t|cannot|can not|trouble|hard to|struggling to|difficulty)\b ?(breathe|breathing|swallow)",
        rf"\b{_SOMEONE}\b[^.?!]*\b(having|have|has|going into|in)\b[^.?!]*\b(anaphyla\w+|severe allergic reaction)",
    ),
    "labor": (r"\b(in|into|during) (active )?labou?r\b[^.?!]*|\bcontractions\b|\bwater (just )?broke\b",),
}
_LABEL_QUESTION = re.compile(
    r"^(what|which|how|does|do|is|are|can|could|should|tell me|list|describe|explain|name|summarize|signs|symptoms)\b"
    r"(?![^.?!]*\b(i|i'm|i've|my|he|she|we|they|just)\b)"
)
_ADVICE = {
    "suicide": "If you or someone else may be in danger: call or text 988 (Suicide and Crisis Lifeline, United States) or 911 now. "
    "Do not stay alone, and put medicines and weapons out of reach.",
    "poisoning": "This may be an overdose or poisoning. Call Poison Help at 1-800-222-1222 (United States) now. Call 911 at once "
    "if the person has collapsed, has a seizure, has trouble breathing or cannot be woken. Do not wait for symptoms and do not "
    "make the person vomit.",
    "chest_pain": "Chest pain can be a heart attack. Call 911 (or your local emergency number) now, and do not drive yourself.",
    "allergic_reaction": "This may be a severe allergic reaction. Call 911 (or your local emergency number) now, and use an "
    "epinephrine auto-injector if one has been prescribed.",
    "labor": "Labor and a medicine in it are for the delivery team to judge. Call the maternity unit now, or 911 in an emergency, "
    "and say which medicine was taken and when.",
}  # fmt: skip
_DECISION = re.compile(
    r"\b(should i|can i|may i|ok to|okay to|safe to|do i have to) (just )?(stop|quit|skip|halve|double|increase|raise|lower|change|start|switch)\b"
    r"|\b(which|what)('s| is| one is|one's)? (better|best|stronger|safer)\b|\bbetter than\b|\bbest (drug|medicine|medication|pill)\b"
    r"|\b(diagnose|what do i have|what's wrong with me)\b"
)
OUT_OF_SCOPE = (
    "That is a decision for you and your doctor or pharmacist; a drug label does not make it. What the label says about a "
    "medicine's uses, doses, side effects, interactions and warnings can be asked."
)


@dataclass(frozen=True)
class Triage:
    """What has to be said before, or instead of, an answer."""

    kind: str
    """`suicide`, `poisoning`, `chest_pain`, `allergic_reaction`, `labor` or `out_of_scope`."""
    advice: str

    @property
    def is_urgent(self) -> bool:
        """Whether somebody may be in danger now."""
        return self.kind != "out_of_scope"


def triage(question: str) -> Triage | None:
    """Return what must be said first, or None for an ordinary question.

    An event ("my son swallowed my pills") is urgent; a question about what a label says on it ("what are the signs of
    an overdose of metformin?") is not.
    """
    text = " ".join(question.lower().replace("\u2019", "'").split())
    if not _LABEL_QUESTION.match(text):
        for kind, patterns in _URGENT.items():
            if any(re.search(pattern, text) for pattern in patterns):
                return Triage(kind, _ADVICE[kind])
    if _DECISION.search(text):
        return Triage("out_of_scope", OUT_OF_SCOPE)
    return None
