"""A question made ready for triage: one spelling of each word, ages and numbers alike, suppositions taken out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from drug_llm.answering.triage_spelling import spelled_out

_CONTRACTIONS = (
    (r"\bcan't\b", "can not"), (r"\bwon't\b", "will not"), (r"n't\b", " not"), (r"\b(i)'m\b", r"\1 am"), (r"\b(i|you|we|they)'ve\b", r"\1 have"),
    (r"\b(you|we|they)'re\b", r"\1 are"), (r"\b(he|she|it|that|what|who|there|how|where)'s\b", r"\1 is"), (r"\b(i|you|he|she|we|they|it)'ll\b", r"\1 will"),
    (r"\b(i|you|he|she|we|they)'d\b", r"\1 would"),
)  # fmt: skip
_AGES = (
    (r"\b(my|our) (?:dd|dgd)\b|^(?:so |my |our )?dd\b", "my daughter"),
    (r"\b(my|our) (?:ds|dgs)\b|^(?:so |my |our )?ds\b", "my son"),
    (r"\b(my|our) lo\b|^(?:so |my |our )?lo\b", "my little one"),
    (r"\b(my|our) (?:dh|so)\b(?= )|^dh\b", "my husband"),
    (r"\bone[ -](?=(?:year|month|week|day)[ -]?old)", "1 "),
    (r"\b(\d{1,3})[ -]*(?:years?|yrs?|y)\.?[ -]*(?:/ ?|-)?(?:olds?|o)\b|\b(\d{1,3})[ -]?(?:yo|y/o|y\.o\.)", r"\1\2 yo"),
    (r"\b(\d{1,2})[ -]*(?:months?|mos?|m|weeks?|wks?|days?)\.?[ -]*(?:/ ?|-)?(?:olds?|o)\b|\b(\d{1,2})[ -]?(?:mo|m/o)\b", r"\1\2 mo"),
    (r"\baged? (\d{1,2}) (?:months?|mo|weeks?)\b", r"\1 mo"),
    (r"\baged? (\d{1,3})\b", r"\1 yo"),
    (r"^(\d{1,3}) ?[mf]\b(?! ?\d)|\b(\d{1,3})[mf]\b(?! (?:\d|ago))", r"\1\2 yo"),
)  # fmt: skip
_WORD = re.compile(r"[a-z][a-z'/]*[a-z]|[a-z&]")
# A question hung on to a report ("my tongue swells, is that listed?") is read by itself.
_TAIL = re.compile(
    r"(?:, ?| - | -- )(?=(?:and |so |but )?(?:is|are|does|do|did|can|could|should|what|how|will|would|which|why|when) (?!not\b))"
    r"|(?<=\w) (?=(?:and |so |but )?(?:(?:is|are|was|were) (?:this|that|it|these|those) (?:\w+ ){0,2}?(?:normal|ok|okay|bad|dangerous|serious|expected|listed|common|a side effect|a reaction|an emergency|an allerg\w+)\b"
    r"|what (?:does|do) the (?:label|leaflet|box|insert)\b|(?:this|that|it) is not (?:normal|like)\b))"
    r"|(?: and| but|,) (?:now|today) (?=(?:is|are|does|do|did|can|could|should|what|how|will|would|which|why|when) (?!not\b))"
    r"|(?<=\w) (?=(?:and |but )(?:this|that|it) (?:has |had )?never happened\b)"
    r"|(?:,? |, ?)(?=(?:with |w |and )?(?:an? )?(?:past |medical |past medical )?(?:history of|hx|pmh)\b)(?<!\bhave )(?<!\bhas )(?<!\bhad )(?<!\bwith )(?<!\ba )(?<!\bmy )(?<!\bno )(?<!\bfamily )(?<!\bmedical )(?<!\bpast )"
)
# Openers that ask for help, not for a fact.
_ALARM = re.compile(
    r"^(?:(?:(?:hi|hello|hey)?,? ?(?:a |just a )?quick question|i have a (?:quick |small )?question|so basically|(?:can|could|will|would) (?:you|someone|somebody|anyone|anybody) (?:please )?help(?: (?:me|us))?(?: out)?|is (?:it|this) (?:normal|bad|dangerous|ok|okay) if (?=(?:my|our|his|her|he|she|i|we|the (?:baby|kids?))\b)|(?:is (?:it|this) normal|why is it) that (?!(?:people|patients|some|you|your|users|other|the label|[\w-]+ (?:makes?|causes?|gives?|can|may|might|does|will)(?! not)) )|what (?:do|should|can) (?:i|we) do(?: if (?=(?:my \w+|he|she|i|we|the baby) (?:just |accidentally |already )?(?:ate|swallowed|drank|took|got|injected|overdosed)\b))?|how (?:worried|scared) should (?:i|we) be|is (?:it|this) an emergency if|is it a (?:\w+ )?side effect (?:that|if) (?=(?:my|i|he|she)\b)|why is (?=my)|is it (?:my heart|dangerous|bad|ok|okay|a problem) (?:that|if)|do (?:i|we) need (?:to (?:go to )?)?(?:the )?(?:er|hospital|ambulance)(?: if)?|am i (?:going to die|dying|in trouble|ok|okay)|should i (?:call 911|go to the (?:er|hospital))(?: if)?)[ ,]*)+"
)
# "My 3 y.o. ate one" is one sentence.
_AGE_DOT = re.compile(r"\b([ym])\. ?o\.?(?=[\s,]|$)|(?<=\d)( ?(?:yrs?|mos?|wks?))\.(?=[ -]?old\b)", re.IGNORECASE)
_CLAUSE_END = re.compile(r"(?:[.?!;\n]|\u2026)+(?:\s+|$)")

_GENERIC = (
    r"(?:someone|somebody|anyone|anybody|you|people|patients?|children|kids?|babies|adults?|pets?|users?|caregivers?|families|teenagers|"
    r"an? (?:\w+ ){0,2}(?:person|people|patient|child|kid|baby|toddler|infant|teenager|adult|user|pet|dog|cat|man|woman|individual|yo|mo))"
)
_PERSON = r"(?:i|he|she|we|they|it|my \w+|our \w+|his \w+|her \w+|the \w+)"
_PRESENT = (
    r"(?:get|gets|getting|develops?|feels?|takes?|uses?|swallows?|miss|misses|forgets?|notices?|sees?|starts?|stops?|swells?|hurts?|acts?|become|becomes|eats?|"
    r"drinks?|injects?|overdoses?|experiences?|exercise|exercises|walk|walks|lie|lies|vomits?|needs?|wants?|cuts?|breastfeeds?|chews?|gives?|"
    r"mix|mixes|combines?|have to|has to|(?:have|has|had)(?! (?:taken|swallowed|eaten|drunk|had|overdosed|been|already|just|got|given)))"
)
# What is only supposed is no event: "if someone takes too much", "when I get chest pain", "can it make me suicidal".
_SUPPOSED = re.compile(
    rf"\b(?:if|when|whenever|in case|who|that|after|before|once|where|because|in|for|of|by) {_GENERIC}(?= (?:\w+ ){{0,3}}?(?:\w+ed|\w+s|took|taken|ate|eaten|drank|drunk|take|swallow|has|have|had|is|are|get|eat|drink|inject|overdose|use|can|may)\b)[^,.;?!]{{0,120}}"
    rf"|\b(?:to|in|for|by) {_GENERIC} with [^,.;?!]{{0,120}}"
    rf"|\b(?:if|when|whenever|in case|once|unless|until|before) {_PERSON}(?: accidentally| ever| also| do not| can not)? {_PRESENT}\b[^,.;?!]{{0,120}}"
    r"|\b(?:if|when|in case|after|once) (?:[^ ,.;?!]+ ){1,6}?(?:is|are|gets?|being) (?:accidentally |ever )?(?:swallowed|ingested|injected|inhaled|taken|applied|given|exposed|chewed|crushed|splashed|sprayed|missed)\b[^,.;?!]{0,80}"
    rf"|\b(?:(?:can|could|will|would|does|should|might|must) (?:{_PERSON}|{_GENERIC})|do (?:i|we|they|my \w+|{_GENERIC}))\b|\b(?:tell|give|show) me\b"
    r"|\b(?:history of|hx(?: of)?|pmh(?: of)?) (?:(?!(?:is|are|am|was|were|has|have|just|now|took|can|could|should|will|right|today|suddenly|i|he|she|presents?|presenting|but|and now)\b)[^ ,.;?!]+ ?){1,8}"
    r"|^an? (?:\w+ ){0,3}?(?:patients?|person|child|adult|man|woman|infant|yo)(?: [\w-]+){0,4}? (?:develops|has|presents|experiences|complains|reports|takes|is on|is taking|is receiving|weighs|needs|with)\b[^.;?!]{0,200}"
    r"|\b(?:worried|concerned|nervous|scared|afraid|anxious|fear|worry) (?:about|of) (?!my\b|him|her\b|he\b|she\b|i\b|what)[^,.;?!]{0,80}"
)  # fmt: skip
# What a product kills by design, or stains, is nobody in danger: "kills 99% of germs", "everything looks blue".
_PEST = (
    r"(?:germs?|bacteri\w+|\w*virus\w*|\w*fung(?:us|i|al)\b|yeasts?|candida|mou?lds?|mildew|spores?|microbes?|\w*organisms?|pathogens?|\w*bugs|lice|louse|nits?|mites?|scabies|"
    r"fleas?|ticks?|mosquitos?|mosquitoes|insects?|\w*worms?|parasites?|larvae?|warts?|weeds?|mrsa|staph\w*|strep\w*|e\.? ?coli|salmonella|listeria|\w+ella|\w+cocc(?:us|i)|\w+monas|c\.? ?diff\w*)"
)
# These are had by people too, who must not be lost sight of.
_HAD = r"(?:covid\S*|sars\S*|flu|influenza|hiv|hpv|herpes|infections?|cancer|tumou?rs?|cells?|sperm|acne|plaque)(?! (?:patients?|person|people|m[ae]n|wom[ae]n|mom|dad|victims?|survivors?))"
_HARMED = r"(?:me|myself|himself|herself|themselves|yourself|someone|somebody|people|with|by|using|from|if|and|or|to|in|on|not)"
_KILLS_PEST = re.compile(rf"\bkill(?:s|ed|ing)?(?= (?:(?!{_HARMED}\b)[\w'%.-]+ ){{0,4}}?(?:{_PEST}|{_HAD})\b)")
_PEST_KILLED = re.compile(rf"(\b{_PEST}(?: [\w'%.-]+){{0,10}}? )kill(?:s|ed|ing)?(?= ?(?:$|[,;:]))")
_KILLS_THEM = re.compile(rf"(\b{_PEST},?(?: [\w'%.,-]+){{0,12}}? )kill(?:s|ed|ing)?(?= (?:it|them)\b)")
_COLOUR = r"(?:blue|bluish|purple|purplish|gray|white)"
_SEEN = r"(?:everything|(?:white |all )?things|objects|vision|sight|eyesight|screens?|lights?|walls?|(?:whole |entire )?world|urine|pee|piss|stools?|poop|sweat|contacts|contact lenses)"
_LOOKS = (
    r"(?:is|are|was|were|has|have|had|been|looks?|looked|looking|turn(?:s|ed|ing)?|went|gets?|got|became|becomes?|seems?|seemed|appears?|appeared|all|a|an|the|in|with|kind|sort|of|little|bit|slightly|very|so|"
    r"quite|really|more|like|to|too|still|now|suddenly|bright|dark|light|pale|tinted|tinged)"
)
_TINGES = (
    re.compile(rf"(\b{_SEEN} (?:{_LOOKS} ){{0,6}}?){_COLOUR}\b"),
    re.compile(rf"(\b(?:see|sees|seeing|saw|seen) (?:(?:everything|things|colou?rs|all|only|in|a|an|the|more|some|kind|of|slightly) ){{0,4}}?){_COLOUR}\b"),
    re.compile(rf"(\b(?:why|is|are|were|was) (?:\w+ ){{0,3}}?(?:pills?|tablets?|capsules?) ){_COLOUR}\b"),
    re.compile(rf"(){_COLOUR}(?= (?:{_SEEN}|pills?|tablets?|capsules?|(?:tint|tinge|hue|haze|halos?|glow|cast|film) (?:to|in|on|of|over|around) (?:my |his |her |the )?{_SEEN})\b)"),
)  # fmt: skip

# Other words of an emergency that tell of none: what dialysis does, what people in a study died of, weight, dry skin.
_WHO_HELPS = (
    r"(?:i|we|he|she|they|you|u|me|us|anyone|anybody|any ?1|someone|somebody|people|please|doctors?|ambulance|911)"
)
_HARMLESS = (
    (re.compile(r"^(?:so )?why (can|will|does|is) not (i|he|she|it|my \w+) "), r"\2 \1 not "),
    (re.compile(rf"\b((?:does|do|did|would|will|may|might|can|could) (?:(?!{_WHO_HELPS}\b)[\w-]+ ){{1,5}}?(?:still |ever |also )?)help\b(?! (?:me|him|her|us|them|my|please|now|fast|asap|quick)\b)"), r"\1work"),
    (re.compile(r"\b(did (?!i\b|we\b)(?:[\w-]+ ){1,9}?)die(?= (?:from|of)\b)"), r"\1perish"),
    (re.compile(r"\b(?:put on|gained|lost|shed) (?:\w+ )?\d+ (?=(?:pounds|lbs?|kg|kilos?|stone)\b)"), "changed "),
    (re.compile(r"\b((?:face|skin|cheeks|forehead)(?: \w+){0,3}? )tight(?= and (?:dry|parched|flaky)\b)"), r"\1taut"),
    (re.compile(r"\b((?:face|skin|cheeks|forehead)(?: \w+){0,3}? (?:dry|parched|flaky) and )tight\b"), r"\1taut"),
    (re.compile(r"\bnever swell(?:ed|s)?$"), "stayed well"),
    (re.compile(r"\b(seals? (?:\w+ ){1,4}?when (?:i|we) (?:first |just )?)opened\b"), r"\1unpacked"),
)  # fmt: skip


@dataclass(frozen=True)
class Clause:
    """A sentence of a question, in the words that the patterns are written for."""

    text: str
    """Normalised words, suppositions included."""
    told: str
    """The same without what is only supposed."""


def clauses(question: str) -> list[Clause]:
    """Return the sentences of a question and their parts, normalised; linear in its length."""
    sentences = [
        _without_alarm(_without_harmless(normalised(part)))
        for part in _CLAUSE_END.split(_AGE_DOT.sub(_undotted, question.strip()))
    ]
    parts = [part for text in sentences for part in _TAIL.split(text)]
    return [Clause(text, _SUPPOSED.sub("~", text)) for text in parts if text]


def _undotted(age: re.Match[str]) -> str:
    return f"{age[1]}o" if age[1] else age[2]


def _without_alarm(text: str) -> str:
    # Asked by itself, "what do we do" says that what is told is happening now.
    return _ALARM.sub("", text) or (text if text.startswith("what") else "")


def _without_harmless(text: str) -> str:
    """Return the text with other words for what tells of no emergency: pests killed, colours seen, pounds gained."""
    for killed in (_PEST_KILLED, _KILLS_THEM):
        text = killed.sub(r"\1clear", text)
    text = _KILLS_PEST.sub("clear", text)
    for tinge in _TINGES:
        text = tinge.sub(r"\1tinted", text)
    for pattern, put in _HARMLESS:
        text = pattern.sub(put, text)
    return text


def normalised(text: str) -> str:
    """Return text in lower case with contractions spelled out, numbers as digits and the usual misspellings mended."""
    text = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'").replace("\u2018", "'")
    text = re.sub(r"\b([ip])\.([mov])\.?(?= |$)", r"\1\2", text)  # "i.v." holds no person
    text = " ".join(re.sub(r"(?<=\d),(?=\d{3}\b)", "", text).split())
    for pattern, spelled in _CONTRACTIONS:
        text = re.sub(pattern, spelled, text)
    text = _WORD.sub(lambda found: spelled_out(found.group()), text)
    for pattern, age in _AGES:
        text = re.sub(pattern, age, text)
    return text
