"""Words in one spelling: short forms in full, numbers as digits, and what an emergency is told with, mended."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

from drug_llm.answering.triage_patterns import CUES
from drug_llm.claims.normal_form import NUMBER_WORDS

# What an emergency is told with; a word one letter from one of these is taken for it.
_TELLING = (
    "accident accidental accidentally airway allergic amoxicillin anaphylactic anaphylaxis attempted blister bleeding "
    "breathe breathing bottle capsules choking collapsed conscious contractions convulsing convulsions daughter drooping "
    "fainted happened handful husband ingested injected medication medicine mistake mistakenly mother numbness overdose "
    "overdosed overdosing passed patient pharmacy pills poison poisoned poisoning pregnant prescribed pressure reaction "
    "responding seizure seizures slurred splashed stroke suicidal suicide swallowed swallowing swelled swelling swollen "
    "symptoms tablet tablets throat tightness toddler tongue tylenol unconscious unresponsive vomiting vomited wheezing"
)
_WORDS = {word for word in _TELLING.split() if len(word) >= 6}
# One letter from a word above, and words themselves.
_NOT_MISSPELLED = frozenset(
    [
        "accidents",
        "accidentals",
        "attempt",
        "attempts",
        "battle",
        "bottles",
        "bottled",
        "bottling",
        "breath",
        "breathed",
        "breathes",
        "breeding",
        "bleedings",
        "capsule",
        "collapse",
        "collapses",
        "fainter",
        "faints",
        "handfuls",
        "infected",
        "rejected",
        "inject",
        "injects",
        "ingest",
        "ingests",
        "laughter",
        "medications",
        "medicines",
        "medical",
        "medicinal",
        "meditation",
        "mediation",
        "mistaken",
        "mistakes",
        "mothers",
        "another",
        "brother",
        "smother",
        "other",
        "tablet",
        "patients",
        "patience",
        "patent",
        "poisons",
        "pressures",
        "prescribe",
        "prescribes",
        "traction",
        "reactions",
        "fraction",
        "overdoses",
        "respond",
        "responds",
        "responded",
        "bleed",
        "bleeds",
        "toddlers",
        "throats",
        "through",
        "tongues",
        "vomit",
        "vomits",
        "swallow",
        "swallows",
        "sweating",
        "dwelling",
        "smelling",
        "spelling",
        "swells",
        "swell",
        "welling",
        "stroked",
        "strokes",
        "strike",
        "stoke",
        "thought",
        "symptom",
        "swallower",
        "suicides",
        "blisters",
        "blistered",
        "wheeze",
        "allergies",
        "allergen",
        "passes",
        "present",
        "husbands",
        "daughters",
        "poisonous",
        "pharmacies",
        "lightness",
        "conscience",
        "tightens",
    ]
)
# Endings of the cues' stems, written out.
_OF_STEMS = (
    "bleeding choking closing collapsing confused coughing drowning elephant fainting hallucinating hemorrhage jerking "
    "licking peeling seizing shaking sleeping slurring something spraying spreading sprinkled squirted squeezed "
    "stockpiled stockpiles sweating tightening trembling twitching yesterday"
)


def _swaps() -> dict[str, str]:
    """Return each word of the cues under what it becomes when two neighbouring letters are swapped."""
    told = re.sub(r"\\[a-zA-Z]", " ", " ".join(CUES.values()))
    words = {*re.findall(r"[a-z]{6,}(?![a-z]*[*+?])", told), *_OF_STEMS.split()}
    slips = {
        word[:at] + word[at + 1] + word[at] + word[at + 2 :]: word
        for word in sorted(words)
        for at in range(1, len(word) - 1)
    }
    return {slip: word for slip, word in slips.items() if slip not in words}


_SWAPPED = _swaps()
_SPELLINGS = {
    "cant": "can not", "cannot": "can not", "wont": "will not", "dont": "do not", "doesnt": "does not", "didnt": "did not",
    "isnt": "is not", "aint": "is not", "wasnt": "was not", "shouldnt": "should not", "couldnt": "could not", "arent": "are not",
    "hasnt": "has not", "havent": "have not", "im": "i am", "ive": "i have", "hes": "he is", "shes": "she is", "theyre": "they are",
    "theyve": "they have", "weve": "we have", "whats": "what is", "thats": "that is", "wanna": "want to", "gonna": "going to", "gotta": "have to", "u": "you",
    "ur": "your", "r": "are", "pls": "please", "plz": "please", "mum": "mom", "mums": "mom's", "mommy": "mom", "mama": "mom", "daddy": "dad",
    "mam": "mom", "bf": "boyfriend", "gf": "girlfriend", "hubby": "husband", "pt": "patient", "lil": "little", "bday": "birthday", "kiddo": "kid",
    "swallowd": "swallowed", "swalowed": "swallowed", "swollowed": "swallowed", "breath": "breathe", "od'd": "overdosed", "oded": "overdosed", "ods": "overdosed",
    "od'ed": "overdosed", "od": "overdose", "overdosd": "overdosed", "overdozed": "overdosed", "sucide": "suicide", "suicidial": "suicidal",
    "labour": "labor", "labouring": "laboring", "accidently": "accidentally", "accidentaly": "accidentally", "acidentally": "accidentally",
    "unconcious": "unconscious", "siezure": "seizure", "ceasure": "seizure", "tounge": "tongue", "anaphalaxis": "anaphylaxis", "anaphylatic": "anaphylactic",
    "alergic": "allergic", "perscribed": "prescribed", "tabs": "tablets", "tab": "tablet", "caps": "capsules", "pils": "pills", "pilz": "pills",
    "meds": "meds", "rx": "prescription", "approx": "about", "approximately": "about", "diarrhoea": "diarrhea", "haemorrhage": "hemorrhage",
    "convulsing": "seizing", "fitting": "seizing", "grey": "gray", "gotten": "got", "thru": "through", "coz": "because", "cuz": "because", "tho": "though",
    "alot": "a lot", "outta": "out of", "kinda": "kind of", "&": "and", "w/": "with", "c/o": "complains of", "s/p": "after", "hrs": "hours", "mins": "minutes",
    "insted": "instead", "instaed": "instead", "shud": "should", "abt": "about", "rn": "right now", "penicilin": "penicillin",
    "rec'd": "received", "recd": "received", "rcvd": "received", "med": "medicine", "w": "with", "nitro": "nitroglycerin", "sb": "somebody", "smth": "something", "smb": "somebody",
}  # fmt: skip
# "No one" and "one of them" are no numbers.
_NUMBERS = {word: number for word, number in NUMBER_WORDS.items() if word not in ("zero", "one")}
_NUMBERS |= {"hundred": "100", "dozen": "12"}


@lru_cache(maxsize=20_000)
def spelled_out(word: str) -> str:
    """Return the word in its usual spelling: short forms in full, numbers as digits, slips of the keys mended."""
    if word in _SPELLINGS:
        return _SPELLINGS[word]
    if word in _NUMBERS:
        return _NUMBERS[word]
    if len(word) < 6 or word in _WORDS or word in _NOT_MISSPELLED:
        return word
    if word in _SWAPPED:
        return _SWAPPED[word]
    allowed = 2 if len(word) >= 11 else 1
    near = ((OSA.distance(word, known, score_cutoff=allowed), known) for known in _WORDS)
    distance, known = min(near)
    return known if distance <= allowed else word
