"""The words by which a question about taking things together is known, around names that are marked."""

from __future__ import annotations

import re

from drug_llm.answering.word_lists import word_set

P = r"[DGU]\d"
_WORDS = r"(?:[^\s.?!]+ ){0,%d}?"
NO_DRINKS = re.compile(r"\b(?:water|fluids?|liquids?)\b|^\W*what\b")
PILL = re.compile(r"\bon the pill\b|birth control|contracepti")
HOW_TAKEN = frozenset(["food", "sunlight"])
"""What is asked about how a medicine is used, and not as something that meets it."""
DRINKING = re.compile(
    r"\bdrink(?:ing)?(?= (?:on|while|when|with|after|before|if|at all|and|socially|during)\b|[\s?.!]*$)"
    r"|\b(?:a few|some|a couple of|have|having|any|a|one|two) drinks?\b(?! of\b)|\bget(?:ting)? drunk\b"
)
_MEETING = "with|plus|\\+|while|whilst|when|if|after|before|during|without"
_CHANGING = "affect|rais|lower|increas|decreas|reduc|block|weaken|strengthen|chang|potentiat|interfer|cancel|mess"
STRONG = re.compile(
    r"\b(?:together|interact\w*|mix\w*|combin(?:e|ed|ing|ation)|concomitant\w*|concurrent\w*|co-?\s?(?:admin|prescri)\w*"
    r"|each other|same time|at once|alongside|along with|on top of|switch\w*|how long (?:after|before)|apart)\b"
    r"|\b(?:how long|hours?|gap|wait|space|time)\b[^.?!]*\bbetween\b|\badd(?:ed|ing)?\b[^.?!]*\bto\b"
    rf"|{P}[,:]?(?: (?!and\b|or\b)[^\s.?!]+){{0,5}}? (?:{_MEETING}) {_WORDS % 6}{P}"
    rf"|\b(?:while|after|before|during)\b {_WORDS % 4}{P}.*{P}"
    rf"|{P} {_WORDS % 4}(?:{_CHANGING})\w* {_WORDS % 6}{P}"
)
"""Words that say that two things meet."""
WEAK = re.compile(
    r"\b(?:take|takes|taking|took|taken|use|using|have|having|give|given|giving|on|drink|drinking|eat|eating|add|added"
    rf"|start|started|starting|prescribed|put|avoid)\b {_WORDS % 6}{P}"
    r"|\b(?:safe|ok|okay|alright|fine|allowed|bad|danger\w*|risk\w*|problem|worr\w+|concern\w*|harm\w*|hurt|kill)\b"
)
"""Words that fit two things that meet, and other questions too."""
NO_WEAK = re.compile(r"^\W*(?:how|when|why|who|which)\b")
MEETING = re.compile(r"\b(?:together|apart|between|each other|same time|at once|interact\w*|combin\w*|mix\w*)\b")
REPEATED = word_set(
    "is are be was will would can could may might should do does did it it's that this they them these both all any i"
    " we you he she my me the a an of for to in on if or and so then too also still ok okay safe fine alright bad good"
    " dangerous harmful risky wise allowed possible problem problems issue issues risk risks danger harm happen happens"
    " what why how take taking taken use using used with now first need have has know about worry worried concerned"
    " either one there"
)
"""Words of a part that asks no more than whether the things named before may be taken."""
NOT_OWN = frozenset(["interactions", "contraindications", "ask_doctor", "when_using", "stop_use"])
NOT_OWN_WEAK = NOT_OWN | {"serious_side_effects", "uses"}
"""Subjects that a question about a combination has as well."""
USES_OF = re.compile(r"^\W*(?:the )?(?:uses?|purposes?|indications?|info\w*|facts|details) (?:of|for|about|on)\b")
AMOUNT = re.compile(r"\d+(?:[.,]\d+)?\s*(?:mg|mcg|ml|g|units?|iu)\b")
ALLERGY = r"(?:allerg\w*|hypersensitiv\w*|anaphyla\w*|react\w*) to {words}{mark}\b|{mark}[ -]allerg\w+"
ASIDE = (
    r"\b{mark} (?:withdrawal|dependen\w+|abuse|addiction|use disorder|poisoning|cravings?|intoleran\w+|deficien\w+"
    r"|headaches?|levels?|content|swabs?|pads?|wipes?|free|sugar|protein)\b|\b{mark}-free\b"
    r"|\b(?:contain\w*|includ\w*|ingredients?|made (?:of|with|from)|free of)\b[^.?!]*{mark}"
    r"|\b(?:is|are) there (?:any |an? )?(?:\w+ )?{mark}(?!.*interact)"
    r"|\b{mark}(?: \w+){{0,2}} in (?:\w+ ){{0,2}}[DU]\d"
    r"|\b(?:is|are|was) [DU]\d (?:considered |really |also |actually )?(?:an?|one of(?: the)?|in the|part of(?: the)?"
    r"|like|similar to|an? (?:kind|type|form|sort) of(?: an?)?) (?:(?!with|for|problem|risk|danger)\S+ )?{mark}"
    r"|[DU]\d,? (?:is|are) (?:just |only |really )?(?:an? (?:\w+ )?)?{mark}|\bit an? (?:\w+ )?{mark}"
    r"|\bfor (?:my |the |an? |his |her )?{mark}|\b(?:quit|give up|help (?:\w+ )?stop|cure|treat)\w* {mark}"
)
"""Where a class or a substance is not what is taken beside the drug."""
OWN_MILK = r"\b(?:breast|my|human|mother'?s|her) ?{mark}|\b(?:baby|nursing|breast-?feeding)\b.*{mark}"
OVERDOSED = r"{mark} overdos|overdos\w* (?:of|on|with) {mark}"
ANY_MEDICINE = re.compile(r"^\W*(?:which|what) (?:other )?(?:medicines?|drugs?|medications?|meds)\b")
BODY = frozenset(["testosterone", "estrogen", "oestrogen", "progesterone", "cortisol", "dopamine", "serotonin"])
"""Medicines that are more often asked about as what the body makes."""
MEASURED = frozenset(["potassium", "calcium", "iron", "magnesium", "zinc", "salt", "multivitamins", "vitamin K"])
IN_BLOOD = (
    r"\b(?:rais|lower|increas|decreas|deplet|caus|affect|reduc)\w* (?:my |your |the |low |high |blood |serum )*{mark}"
    r"|\b(?:low|high) {mark}|{mark} levels?\b"
)
LISTED = re.compile(
    r"^(?:'s)?\s*,?\s*(?:and|or|&|\+|plus|versus|vs\.?|as well as)?\s*(?:also|then)?"
    r"\s*(?:of|for|to|on|from|about|in)?\s*(?:the|my|her|his)?\s*$"
)
"""What stands between names of one list."""
ALIAS = re.compile(
    r"^\s*(?:\(|,?\s*(?:aka|a\.k\.a\.?|i\.?e\.?|which is|also (?:called|known as)))\s*(?:(?:the|generic|brand)\s*)?$"
)
BOUNDARY = re.compile(r"[.?!;,]|\b(?:and|or|but|while)\b")
JOINED_TO = r"(?:with|and|plus|or|&|\+|added to|if i take|on|taking)"
PRONOUN = re.compile(r"(?<!is )(?<!was )\b(?:it|them)\b")
EATING = re.compile(r"\b(?:food|meals?|eat|stomach)\b")
PEOPLE = frozenset(["pregnancy", "breast_feeding", "children", "older_adults", "kidney_and_liver"])
FORM = re.compile(r"\s*(?:tablets?|pills?|capsules?|caplets?)\b", re.IGNORECASE)
TWO = re.compile(r"^(?:'s)?(?:\s+\w+){0,2}\s*(?:[,&+]|\b(?:with|and|plus|or|on top of|alongside)\b)(?:\s+\w+){0,2}\s*$")
"""What stands between two names that mean two products, even where these hold the same."""
_NO_PARTNER = (
    "how|what|when|why|where|which|who|is|are|was|can|could|do|does|did|should|will|would|may|might|if|then|it|its|they"
    "|i|you|we|he|she|water|drive|driving|work|working|sleep|exercise|have|get|still|not|no|stop|start|for|in|the|my|any|some|this"
    r"|(?:\w+ )?(?:glass|sip|cup|mouthful)(?:e?s)? of water"
)
_TO = r"with|and|plus|\+|&|alongside|along with|together with|combined with|on top of"
UNREAD = re.compile(
    rf"{P}(?:'s)?,? (?:{_TO}|mixed with|while on|while taking) (?:(?:my|the|a|an|some|any|this|these) )?"
    rf"(?!(?:{_NO_PARTNER})\b)[a-z][\w-]{{2,}}"
    rf"|^(?!.*\bwater\b).*\w (?<!wrong )(?<!treated )(?:{_TO}|while on|while taking) (?:my |the )?{P}"
)
"""Where something stands beside the only name that was read, which may be taken with it."""
