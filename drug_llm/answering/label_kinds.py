"""What the labels of doses are about: a strength, people, a use, a stage of treatment, or handling."""

from __future__ import annotations

import re

STRENGTH, GROUP, FORM, USE, STAGE, OTHER, END = "strength", "group", "form", "use", "stage", "other", "end"
"""Kinds of labels: a stage of treatment is told by its own sentence alone, one of handling (END) ends all others, and
another one ends a use."""

_AMOUNT = re.compile(r"\d ?(?:mg|mcg|\u00b5g|\u03bcg|g|gm|units?|iu|meq|MBq)(?![a-z])", re.IGNORECASE)
_STRENGTH = re.compile(rf"{_AMOUNT.pattern}|\d ?%", re.IGNORECASE)
_OF_A_DOSE = re.compile(r"\bdos(?:e|es|age)\b|\bdaily\b|\bday\b|\bevery\b|\btimes\b|/kg|/day|\blevel")
_PRODUCT = (
    r"(?:tab(?:let)?|caplet|cap(?:sule)?|pill|spray|puff|drop|patch|teaspoon(?:ful)?|vial|suppositor|ampul|lozenge)"
)
_COUNT = re.compile(
    rf"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|half|a))(?: or (?:one|two|three|four|\d))?"
    rf"(?:-| )(?:\w+ ){{0,2}}?{_PRODUCT}|\d ?ml\b",
    re.IGNORECASE,
)
_DOSE = re.compile(rf"{_AMOUNT.pattern}|{_COUNT.pattern}|\d ?(?:times|x) (?:a|per|daily)", re.IGNORECASE)
_NO_DOSE = re.compile(r"\bprim(?:e|ing)\b|\breprim|\bstor(?:e|age)|\bdilut|\breconstitut|\bshak", re.IGNORECASE)
_STAGE_WORDS = re.compile(
    r"\b(?:usual|recommended|adult|initial|initiation|initiating|starting|start|maintenance|titration|loading|maxim\w+"
    r"|dos(?:e|es|age|ages|ing)|therapy|treatment|range|schedule|regimen|guidelines?|daily|triple|dual|combination"
    r"|monotherapy|adjustment|adjustments|modification|modifications|of|the|for|and|in|to|a|or|prophylaxis)\b|\W+"
)
"""Words that say nothing of a use in a label of a stage."""
_PEOPLE = re.compile(
    r"\b(?:adults?|child|pa?ediatric|infant|neonat|newborn|adolescen|elderly|geriatric|years|months of age|renal"
    r"|hepatic|dialysis|pregnan|creatinine)",
    re.IGNORECASE,
)
_PERIOD = re.compile(
    r"(?:day|week|month|step|cycle|option|regimen|schedule)s?\b|(?:first|second|third|then|am|pm|noon)\b"
)
_KINDS = (
    (
        END,
        r"dilut|compatib|stabil|storage|store\b|prepar|reconstitut|instruct|information|handling|refrigerat|frozen"
        r"|admixture|\bgeneral\b|monitor|discontinu|administration|infusion rate|interaction|concomitant|missed"
        r"|convert|conversion|switch|withdraw|directions?\b|dispos|room temperature|how to|individuali|complian|adverse"
        r"|cessation|supplement|manag|dosimetr|attention|\bvials?\b|bottle|overdos|response|failure to|laborator",
    ),
    (
        GROUP,
        r"adult|child|pa?ediatric|infant|neonat|newborn|adolescen|elderly|geriatric|\bwomen\b|\bmen\b|\byears?\b"
        r"|\bmonths? of age|\bages?\b|\bkg\b|\bpatients?\b|\bpopulation|renal|hepatic|kidney|liver|dialysis|impairment"
        r"|pregnan|teen|creatinine",
    ),
    (
        STAGE,
        rf"^(?:{_PERIOD.pattern})|\binitia|\bstarting|\bmaintenance|\btitrat|\bloading|\bmaxim|\bdos(?:e|es|age|ing)\b|\bprophylaxis"
        r"|\btreatment$|\btherapy$|\brange\b",
    ),
    (
        FORM,
        r"^(?:oral(?:ly)?|intravenous(?:ly)?|intramuscular(?:ly)?|parenteral|subcutaneous(?:ly)?|topical|rectal"
        r"|i\.?v|i\.?m)\b|tablets?|capsules?|suspension|solution|syrup|injection|\bcream\b|\bgel\b|inhal",
    ),
)
_ILLNESS = re.compile(
    r"(?:itis|[aeu]mias?|os[ei]s|omas?|uria|algia|pathy|rrh?o?ea|psia|phrenia|mania|trophy|plasia|cele|plegia|esis|asthma"
    r"|ache|pain|tensi(?:on|ve)|epsy|penia|cytosis|fever|sis|ism|angina|infarction|stroke|herpes|zoster|shingles|influenza|cold"
    r"|malaria|hiv|aids|adhd|attack|anxiety|insomnia|cough|nausea|vomiting|ulcers?|gerd|reflux|acne|eczema|lupus|gout"
    r"|epilepticus|vitiligo|obesity|hernia)\b|diseas|syndrome|disorder|infect|failure|cancer|tumou?r|seizure|epilep"
    r"|migraine|allerg|diabet|depress|bipolar|edema|deficien|spasm|fractur|surg|transplant|thromb|embol|fibrillat"
    r"|arrhythm|an(?:a)?esthesia|bacter|fung|viral|tuberc|worm|parasit|addict|alcohol|smok|prevent|prophyla"
    r"|relief|treatment of|eradication|gonorr|syphilis|chlamyd|shigell|wounds?\b|burns?\b|inflam|urinary|respiratory"
    r"|menopaus|contracept|leuk|lymph|myeloma|dysfunction|hypo|hyper|intoleran|angio|insufficien|shock|bleed|palsy"
)
"""What names an illness or what is to be reached."""


def kind_of(label: str) -> str:
    """Return of which kind a label is; one that is of no other and names no illness is OTHER."""
    plain = label.lower().strip(" :-")
    kind = next((kind for kind, pattern in _KINDS if re.search(pattern, plain)), OTHER)
    if kind != END and _STRENGTH.search(plain) and not _OF_A_DOSE.search(plain):
        return STRENGTH
    if kind == STAGE and not _PERIOD.match(plain) and _STAGE_WORDS.sub("", plain):
        kind = OTHER
    return USE if kind == OTHER and names_illness(plain) else kind


def names_illness(text: str) -> bool:
    """Return whether a text names an illness or what is to be reached."""
    return bool(_ILLNESS.search(text.lower()))


def names_people(text: str) -> bool:
    """Return whether a text says itself for whom it is."""
    return bool(_PEOPLE.search(text))


def counts_product(text: str) -> bool:
    """Return whether a text counts tablets and the like, so that it depends on their strength."""
    return bool(_COUNT.search(text))


def is_told_of_doses(text: str) -> bool:
    """Return whether a text tells how much is taken."""
    return bool(_DOSE.search(text)) and not _NO_DOSE.search(text)
