"""How real sentences are worded otherwise, faithfully or not."""

# Tables of patterns: a row broken in two is harder to read than a long one.
# ruff: noqa: E501
from __future__ import annotations

import random
import re
from itertools import pairwise

from benchmarks.claim_cases import Rewrite, Source, substituted

_N = r"(?<![\d.,/-])(\d+(?:\.\d+)?)"
_MASS = r"(?= ?(?:mg|mcg|g|mL|units|micrograms|tablets?|capsules?)\b)"
EFFECTS = (
    r"(?:nausea|vomiting|diarrhea|headache|dizziness|rash|hypotension|bleeding|seizures?|constipation|somnolence|fatigue"
    r"|hypoglycemia|edema|fever|hepatotoxicity|infections?|hyperkalemia|bradycardia|pancreatitis|insomnia|anemia)"
)


def _keep_case(match: re.Match[str], word: str) -> str:
    return word.capitalize() if match[0][0].isupper() else word


def quote(text: str, source: Source, chance: random.Random) -> str | None:
    return source.sentence if not source.header else None


def header_joined(text: str, source: Source, chance: random.Random) -> str | None:
    return text if source.header else None


def moved_lead(text: str, source: Source, chance: random.Random) -> str | None:
    found = re.match(r"(In|For|During|After|Before|If|When) ([^,;:]{8,80}), ((?:[a-z]|[A-Z]\w+ )[^;:]+)\.$", text)
    if not found or found[3].count(",") > 1:
        return None
    return f"{found[3][0].upper()}{found[3][1:]} {found[1].lower()} {found[2]}."


def moved_end(text: str, source: Source, chance: random.Random) -> str | None:
    found = re.match(
        r"([A-Z][^,;:]{15,120}) (in (?:patients|adults|women|children|pediatric patients) [^,;:]{4,80})\.$", text
    )
    if not found or " in " in found[1] or " and " in found[1]:
        return None
    return f"{found[2][0].upper()}{found[2][1:]}, {found[1][0].lower() + found[1][1:]}."


def passive(text: str, source: Source, chance: random.Random) -> str | None:
    found = re.match(
        r"(Avoid|Discontinue|Monitor|Administer|Initiate|Withhold) ([^,;:.()]{4,60}?)((?: in| for| if| when| during| with)\b[^;:]*)?\.$",
        text,
    )
    if not found or re.search(r"\b(?:and|or)\b", found[2]):
        return None
    verb = {"Avoid": "avoided", "Discontinue": "discontinued", "Monitor": "monitored", "Administer": "administered",
            "Initiate": "initiated", "Withhold": "withheld"}[found[1]]  # fmt: skip
    return f"{found[2][0].upper()}{found[2][1:]} should be {verb}{found[3] or ''}."


def clause_of(text: str, source: Source, chance: random.Random) -> str | None:
    found = re.match(r"([A-Z][^;:]{30,}?)(?:; | \(see [^)]*\)|, because |, including |, such as )", text)
    if not found or re.search(r"\b(?:if|unless|except|when|not|both|either|respectively)\b", found[1]):
        return None
    left = text[found.end(1) :]
    if not re.search(r"\b(?:is|are|was|were|should|may|can|has|have|must)\b", found[1]) or source.header:
        return None
    if re.search(r"\b(?:if|unless|except|only|but|patients|when)\b", left):
        return None
    return found[1].rstrip(", ") + "."


def framed(text: str, source: Source, chance: random.Random) -> str | None:
    return (
        f"They say that {text[0].lower() + text[1:]}"
        if re.match(r"(?:The|In|It|No|There|If|Patients) ", text)
        else None
    )


def renamed(text: str, source: Source, chance: random.Random) -> str | None:
    for name in source.names:
        others = [other for other in source.names if other != name and name not in other and other not in name]
        if others and re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE):
            return re.sub(rf"\b{re.escape(name)}\b", chance.choice(others), text, flags=re.IGNORECASE)
    return None


FAITHFUL: dict[str, Rewrite] = {
    "faithful: quote": quote,
    "faithful: header joined": header_joined,
    "faithful: lead moved to the end": moved_lead,
    "faithful: end moved to the front": moved_end,
    "faithful: order to passive": passive,
    "faithful: main clause": clause_of,
    "faithful: framed": framed,
    "faithful: other name of the drug": renamed,
    "faithful: lay word": substituted([
        (r"\bhypertension\b", "high blood pressure"), (r"\bhepatic impairment\b", "liver impairment"),
        (r"\brenal impairment\b", "kidney impairment"), (r"\brenal function\b", "kidney function"),
        (r"\bpruritus\b", "itching"), (r"\bdyspnea\b", "shortness of breath"), (r"\bsomnolence\b", "drowsiness"),
        (r"\bpediatric patients\b", "children"), (r"\bgeriatric patients\b", "older adults"),
        (r"\borally\b", "by mouth"), (r"\bsubcutaneously\b", "under the skin"), (r"\bdiscontinue\b", "stop"),
        (r"\bpatients\b", "people"), (r"\badverse reactions\b", "side effects"), (r"\bphysician\b", "doctor"),
        (r"\bprior to\b", "before"), (r"\bconcomitant use\b", "use together"), (r"\bmyocardial infarction\b", "heart attack"),
        (r"\burticaria\b", "hives"), (r"\bhypoglycemia\b", "low blood sugar"), (r"\binitiate\b", "start"),
        (r"\bhuman milk\b", "breast milk"), (r"\badminister\b", "give"), (r"\bhemorrhage\b", "bleeding"),
        (r"\bfetus\b", "unborn baby"), (r"\bhyperkalemia\b", "high potassium"), (r"\bsyncope\b", "fainting"),
    ]),
    "faithful: number word": substituted([
        (r"(?<![\d.,/-])\b2(?= (?:tablets?|capsules?|times|hours|days|weeks|months|years|doses)\b)", "two"),
        (r"(?<![\d.,/-])\b3(?= (?:tablets?|capsules?|times|hours|days|weeks|months|years|doses)\b)", "three"),
        (r"(?<![\d.,/-])\b4(?= (?:tablets?|capsules?|times|hours|days|weeks|months|years|doses)\b)", "four"),
        (r"(?<![\d.,/-])\b6(?= (?:tablets?|capsules?|times|hours|days|weeks|months|years|doses)\b)", "six"),
        (r"(?<![\d.,/-])\b12(?= (?:hours|days|weeks|months|years)\b)", "twelve"),
        (r"\btwo(?= (?:tablets?|times|hours|days|weeks|months|years)\b)", "2"),
        (r"\bthree(?= (?:tablets?|times|hours|days|weeks|months|years)\b)", "3"),
    ]),
    "faithful: unit or frequency spelled otherwise": substituted([
        (r"(?<=\d) ?mg\b(?!/)", " milligrams"), (r"(?<=\d) ?mcg\b(?!/)", " micrograms"), (r"(?<=\d) ?mL\b(?!/)", " milliliters"),
        (r"(?<=\d)%", " percent"), (r"\btwice daily\b", "two times a day"), (r"\bonce daily\b", "once a day"),
        (r"\bonce a day\b", "once daily"), (r"\bthree times a day\b", "3 times daily"), (r"\bonce weekly\b", "once a week"),
        (r"(?<=\d) to (?=\d+ mg)", "-"), (r"\bgreater than\b", "more than"), (r"\u2265 ?(?=\d)", "at least "),
    ]),
}  # fmt: skip


def number_changed(text: str, source: Source, chance: random.Random) -> str | None:
    return _number(text, source, chance, (0.5, 1.5, 2, 3))


def digits_shifted(text: str, source: Source, chance: random.Random) -> str | None:
    return _number(text, source, chance, (0.1, 10))


def _number(text: str, source: Source, chance: random.Random, factors: tuple[float, ...]) -> str | None:
    places = list(re.finditer(_N + _MASS, text))
    if not places or "equal" in text:
        return None
    place = chance.choice(places)
    changed = f"{float(place[1]) * chance.choice(factors):g}"
    if re.search(rf"(?<![\d.]){re.escape(changed)}(?![\d.])", source.passage.replace(",", "")) or "e" in changed:
        return None
    return text[: place.start(1)] + changed + text[place.end(1) :]


def age_changed(text: str, source: Source, chance: random.Random) -> str | None:
    places = list(re.finditer(_N + r"(?= (?:years|months) (?:of age|old|and older|or older|to less)|%| percent)", text))
    if not places:
        return None
    place = chance.choice(places)
    changed = f"{float(place[1]) + chance.choice((2, 3, 5)):g}"
    if re.search(rf"\b{re.escape(changed)}\b", source.passage):
        return None
    return text[: place.start(1)] + changed + text[place.end(1) :]


def other_drug(text: str, source: Source, chance: random.Random) -> str | None:
    drugs = ("warfarin", "metformin", "lisinopril", "sertraline", "digoxin", "prednisone", "ibuprofen", "simvastatin")
    for name in source.names:
        if re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE):
            other = chance.choice([d for d in drugs if d not in source.passage.lower() and d not in name])
            return re.sub(rf"\b{re.escape(name)}\b", other, text, flags=re.IGNORECASE)
    return None


def condition_dropped(text: str, source: Source, chance: random.Random) -> str | None:
    for pattern in (
        r"^((?:In|For) (?:\w+ ){0,2}(?:patients|adults|children|women|infants) (?:with|who|receiving|taking|on) [^,;:]{5,}, )(?=\w)",
        r"(?<=\w)( (?:if|unless|except) [^,;:.()]{8,})(?=\.$)",
        r"(?<=\w)( in (?:patients|adults|children|women) (?:with|who|receiving|taking|aged) [^,;:.()]{5,})(?=\.$)",
        r"^((?:If|When|Unless) [^,;:]{8,}, )(?=\w)",
    ):
        found = re.search(pattern, text)
        if not found or not _is_restriction(found[1], source):
            continue
        left = (text[: found.start(1)] + text[found.end(1) :]).strip()
        shared = set(re.findall(r"[a-z]{5,}", found[1].lower())) & set(re.findall(r"[a-z]{5,}", left.lower()))
        whole = re.search(r"(?:[a-z]{4,}|\d\w*|[)\]])\.$", left) and not re.search(_OPEN_END, left)
        if re.match(r"(?:Special [A-Z]|The |In a )", left) and not re.search(_VERB, left):
            continue  # "The use of the drug." is no sentence.
        if len(left) > 25 and whole and not shared - {"patients", "treatment", "should"}:
            return left[0].upper() + left[1:]
    return None


_VERB = (
    r"\b(?:is|are|was|were|has|have|had|be|should|may|might|can|could|must|will|would|do|does|did|\w{3,}(?:ed|es))\b"
)
_OPEN_END = r"\b(?:and|or|when|using|observed|particularly|especially|than|receiving|taking|event|those|even|sooner|including)\.$|^(?:[Oo]r|[Aa]nd|[Bb]ut) "


def _is_restriction(phrase: str, source: Source) -> bool:
    """Return whether a phrase says for whom or when; "in patients taking" the drug itself does not."""
    own = "|".join(re.escape(name) for name in source.names)
    plain = rf"(?:receiving|taking|using|with|on|who receive|who (?:have )?(?:received|taken)|treated with) (?:{own}|these|this)\b|possible|necessary|needed|any indication"
    words = [
        word for word in re.findall(r"[a-z]{4,}", phrase.lower()) if word not in {"patients", "with", "when", "taking"}
    ]
    only = re.search(r"\bonly$", source.sentence.split(phrase)[0].strip())
    return len(words) >= 2 and not only and not re.search(plain, phrase, re.IGNORECASE)


def severity_added(text: str, source: Source, chance: random.Random) -> str | None:
    places = list(re.finditer(rf"(?<!severe )(?<!serious )(?<!fatal )\b{EFFECTS}\b", text))
    word = chance.choice(("severe", "fatal", "life-threatening", "mild", "rare", "common"))
    if not places or word in source.passage.lower():
        return None
    place = chance.choice(places)
    return f"{text[: place.start()]}{word} {text[place.start() :]}"


def invented_same_label(text: str, source: Source, chance: random.Random) -> str | None:
    return _appended(text, source.elsewhere, source, chance)


def invented_other_label(text: str, source: Source, chance: random.Random) -> str | None:
    return _appended(text, source.foreign, source, chance)


def _appended(text: str, entry: str, source: Source, chance: random.Random) -> str | None:
    words = re.findall(r"[a-z]{5,}", entry.lower())
    if not words or all(word[:5] in source.passage.lower() for word in words) or not text.endswith("."):
        return None
    join = chance.choice((", and may cause {}", ", including {}", "; it also concerns {}", " and {}"))
    return text[:-1] + join.format(entry[0].lower() + entry[1:]) + "."


def numbers_swapped(text: str, source: Source, chance: random.Random) -> str | None:
    """Swap two quantities of one unit, such as the doses of adults and children."""
    for unit in ("mg/kg", "mg", "mcg", "%", "mL", "years", "hours", "weeks", "days"):
        places = list(re.finditer(_N + rf"(?= ?{re.escape(unit)}(?![\w/]))", text))
        apart = [(a, b) for a, b in pairwise(places) if a[1] != b[1] and _differ(text[a.end() : b.start()])]
        if apart and "respectively" not in text:
            a, b = chance.choice(apart)
            return text[: a.start()] + b[1] + text[a.end() : b.start()] + a[1] + text[b.end() :]
    return None


def _differ(between: str) -> bool:
    return (
        bool(re.search(r"\b(?:and|or|but|while|for|in|then|versus|compared|;)\b|;", between))
        and len(between.split()) >= 5
    )


def rows_crossed(text: str, source: Source, chance: random.Random) -> str | None:
    """Give a list entry or row the numbers of its neighbour."""
    own = re.match(r"([A-Za-z][^:=\d]{6,60}): (.*\d.*)$", source.sentence)
    if not own:
        return None
    for sibling in source.siblings:
        other = re.match(r"([A-Za-z][^:=\d]{6,60}): (.*\d.*)$", sibling)
        if other and set(re.findall(r"\d+", other[2])) - set(re.findall(r"\d+", own[2])) and sibling in source.passage:
            return f"{own[1]}: {other[2]}"
    return None


CORRUPTED: dict[str, Rewrite] = {
    "dose": number_changed,
    "digits shifted": digits_shifted,
    "age or percentage": age_changed,
    "unit": substituted([
        (r"(?<=\d) ?mg\b(?!/dL)", " mcg"), (r"(?<=\d) ?mcg\b", " mg"), (r"(?<=\d )hours\b", "days"), (r"(?<=\d )days\b", "weeks"),
        (r"(?<=\d )weeks\b", "months"), (r"(?<=\d )months\b", "years"), (r"(?<=\d )minutes\b", "hours"), (r"(?<=\d )g\b", "mg"),
        (r"(?<=\d )years\b", "months"), (r"mg/kg\b", "mg"), (r"(?<=\d )mL\b(?!/)", "mg"), (r"(?<=\d)%", " mg"),
    ]),
    "frequency": substituted([
        (r"\bonce daily\b", "twice daily"), (r"\btwice daily\b", "three times daily"), (r"\bonce a day\b", "every 8 hours"),
        (r"\bthree times (?:daily|a day)\b", "once daily"), (r"\bfour times (?:daily|a day)\b", "twice daily"),
        (r"\bevery 12 hours\b", "every 4 hours"), (r"\bevery 6 hours\b", "once daily"), (r"\bevery 8 hours\b", "every 12 hours"),
        (r"\bonce weekly\b", "once daily"), (r"\bevery other week\b", "every week"), (r"\btwice a day\b", "once a day"),
        (r"\bevery 4 hours\b", "every hour"), (r"\bevery 24 hours\b", "every 12 hours"), (r"\bonce a week\b", "three times a week"),
        (r"(?<=mg )daily\b", "twice daily"), (r"\bevery day\b", "every other day"), (r"(?<=mg/)day\b", "week"),
        (r"\bevery three weeks\b|\bevery 3 weeks\b", "every 2 weeks"), (r"\bper day\b", "per week"), (r"\bweekly\b", "monthly"),
    ]),
    "route": substituted([
        (r"\borally\b", "intravenously"), (r"\boral(?= (?:dose|tablet|capsule|administration|use|route))", "intravenous"),
        (r"\bintravenous(?:ly)?\b", "subcutaneous"), (r"\bsubcutaneous(?:ly)?\b", "intramuscular"),
        (r"\bintramuscular(?:ly)?\b", "intravenous"), (r"\btopical(?:ly)?\b", "oral"), (r"\bby mouth\b", "rectally"),
        (r"\bintranasal(?:ly)?\b", "oral"), (r"\bsublingual(?:ly)?\b", "rectal"), (r"\binhalation\b", "injection"),
    ]),
    "population": substituted([
        (r"\badults?\b", "children"), (r"\bpediatric\b", "adult"), (r"\bgeriatric\b", "pediatric"), (r"\bchildren\b", "adults"),
        (r"\binfants?\b", "adolescents"), (r"\bpregnant women\b", "elderly women"), (r"\belderly\b", "pediatric"),
        (r"\bneonates\b", "adults"), (r"\bfemales?\b", "males"), (r"\badolescents?\b", "infants"), (r"\bwomen\b", "men"),
    ]),
    "negation added": substituted([
        (r"\bshould be\b", "should not be"), (r"\bis recommended\b", "is not recommended"), (r"\bmay be\b", "may not be"),
        (r"\bcan cause\b", "does not cause"), (r"\bmay cause\b", "does not cause"), (r"\bis indicated\b", "is not indicated"),
        (r"\bhas been reported\b", "has not been reported"), (r"\bhave been reported\b", "have not been reported"),
        (r"^Monitor\b", "Do not monitor"), (r"^Discontinue\b", "Do not discontinue"), (r"^Administer\b", "Do not administer"),
        (r"\bmay increase\b", "does not increase"), (r"\bis required\b", "is not required"), (r"\bis necessary\b", "is not necessary"),
        (r"\bmust be\b", "must not be"), (r"\bare recommended\b", "are not recommended"), (r"^Take\b", "Do not take"),
    ]),
    "negation removed": substituted([
        (r"\bshould not be\b", "should be"), (r"\bnot recommended\b", "recommended"), (r"\bcontraindicated\b", "indicated"),
        (r"\bdo not\b", "do"), (r"\b(?:has|have) not been\b", "has been"), (r"\bis not\b", "is"), (r"\bmust not\b", "must"),
        (r"^Avoid (?:use of |the use of )?", "Use "), (r"\bnot be\b", "be"), (r"\bdid not\b", "did"), (r"\bno clinically\b", "a clinically"),
        (r"\bshould be avoided\b", "should be used"), (r"\bNo dosage adjustment\b", "A dosage adjustment"), (r"\bnever\b", "always"),
    ]),
    "modality": substituted([
        (r"\bmay be\b", "must be"), (r"\bshould be considered\b", "is required"), (r"\bmay need\b", "must have"),
        (r"\bcan be\b", "must be"), (r"\bshould(?= be\b)", "may"), (r"\bshould not\b", "need not"), (r"\bConsider\b", "Always require"),
        (r"\bmust be\b", "may be"), (r"\bis not recommended\b", "is contraindicated"), (r"\bmay (?=cause|increase|result)", "will always "),
    ]),
    "direction or bound": substituted([
        (r"\bincrease(d|s)?\b", r"decrease\1"), (r"\bdecrease(d|s)?\b", r"increase\1"), (r"\breduce(d|s)?\b", r"raise\1"),
        (r"\bhigher\b", "lower"), (r"\bat least\b", "at most"), (r"\bgreater than\b", "less than"), (r"\bless than\b", "more than"),
        (r"\bbefore\b", "after"), (r"\bprior to\b", "after"), (r"\bor older\b|\band older\b", "or younger"), (r"\bup to(?= \d)", "at least"),
        (r"\bwithout\b", "with"), (r"\bmore than\b", "less than"), (r"\bnot exceed\b", "exceed"), (r"(?<!see )\babove\b", "below"),
    ]),
    "drug": other_drug,
    "condition dropped": condition_dropped,
    "condition changed": substituted([
        (r"\brenal\b", "hepatic"), (r"\bhepatic\b", "renal"), (r"\bmild\b", "severe"), (r"\bsevere\b(?= (?:renal|hepatic))", "mild"),
        (r"\bmoderate\b", "mild"), (r"\bunless\b", "if"), (r"\bfirst trimester\b", "third trimester"), (r"\bkidney\b", "liver"),
        (r"\bliver\b", "kidney"), (r"\bstrong(?= CYP)", "weak"), (r"\bduring\b", "after"), (r"\bwith food\b", "without food"),
    ]),
    "severity added": severity_added,
    "invented, same label": invented_same_label,
    "invented, other label": invented_other_label,
    "numbers swapped": numbers_swapped,
    "rows crossed": rows_crossed,
}  # fmt: skip
