"""What a question asks about a drug, which sections of a label answer that, and about whom it asks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from drug_llm.answering.question_parts import MOST_PARTS, pieces

_SUBJECTS: dict[str, tuple[str, str]] = {
    # subject: (how it is asked, sections that answer it, the best first)
    "missed_dose": (r"\bmiss(ed|ing|es)?\b.*\b(dose|pill|tablet|injection|day)|forg[eo]t|skipped|late (with|taking)|double up|make up (a|the|for)",
                    "missed_dose information_for_patients medication_guide patient_information dosage_and_administration"),
    "overdose": (r"overdos|too much|took too many|poisoning|toxic dose|antidote", "overdosage keep_out_of_reach_of_children warnings_and_precautions"),
    "boxed_warning": (r"box(ed)? warning|black[- ]?box|most serious warning|big scary", "boxed_warning"),
    "breast_feeding": (r"breast[- ]?f|breast[- ]?milk|lactat|nursing|human milk|\bmilk\b.*\bbaby|into milk",
                       "lactation pregnancy_or_breast_feeding use_in_specific_populations ask_doctor medication_guide warnings_and_precautions"),
    "pregnancy": (r"pregnan|expecting|unborn|f(o)?etal|f(o)?etus|trying for a baby|conceiv|birth defect|teratogen|trimester",
                  "pregnancy pregnancy_or_breast_feeding reproductive_potential boxed_warning contraindications use_in_specific_populations warnings_and_precautions ask_doctor"),
    "fertility": (r"fertil|contracepti|birth control", "reproductive_potential carcinogenesis pregnancy drug_interactions warnings_and_precautions information_for_patients"),
    "labor": (r"\blabou?r\b|deliver(y|ies)\b", "labor_and_delivery pregnancy"),
    "storage": (r"\bstor(e|ed|age|ing)\b|fridge|refrigerat|freez(e|er)\b|frozen|room temperature|where do i keep|keep (it|them)\b|how long (is|does|can).*(good|last|kept)|discard|dispose|shelf[- ]?life",
                "storage_and_handling how_supplied other_safety_information package_label dosage_and_administration information_for_patients"),
    "contraindications": (r"contra ?indicat|who (should|must|can|may) ?(not|n't|never)|should(n'?t| not) (take|use|be (used|taken|given))|must (not|never)|not allowed|do not use"
                          r"|(can'?t|rule (it )?out).*\b(take|me|use)\b|be avoided|reasons i|not be (used|taken|given)|who (can'?t|cannot)"
                          r"|\b(can|may|could|should|safe|okay?|allowed)\b.{0,60}\b(take|taken|taking|use|used|using|have|given|get)\b.{0,60}"
                          r"\bif (i|you|he|she|they|someone|somebody|one|the patient|(my|his|her) \w+) (\w+ )?(have|has|had|suffers?|am|is)\b(?! (taking|on|using|pregnant|been|a dose))",
                          "contraindications do_not_use boxed_warning warnings_and_precautions ask_doctor"),
    "ask_doctor": (r"(ask|talk|check|tell|consult|see)\b.*\b(doctor|physician|pharmacist|health professional|provider)\b.*\b(before|if|first)|before (using|taking|use)",
                   "ask_doctor ask_doctor_or_pharmacist warnings_and_precautions stop_use dosage_and_administration information_for_patients"),
    "stop_use": (r"before (seeing|calling|i (see|call|go)|getting help)|(is|are)(n'?t| not) (helping|working|getting better)|(call|see) (a|the|my) doctor|get(s|ting)? worse|no better|when (should|must|do) (i|you|it|one|we|they|patients?).*\b(stop|quit|discontinu)|stop (using|use|taking)|when to stop|discontinu",
                 "stop_use warnings_and_precautions dosage_and_administration boxed_warning"),
    "when_using": (r"while (using|taking|on)|when (using|taking)|during (treatment|therapy|use)|driv(e|ing)|machinery|avoid(ed)?\b",
                   "when_using warnings_and_precautions information_for_patients medication_guide"),
    "interactions": (r"interact|\bwith\b.*\b(take|mix|combin)|(take|taking|mix|combine|use|using|add|drink)\b.*\b(with|and|while|on|together)\b|together"
                     r"|\bcombin|mixed|started on|co-?administ|concomitant|concurrent|other (drugs|medic)|inhibitor|inducer|alcohol|grapefruit|\bbeer|\bwine",
                     "drug_interactions ask_doctor_or_pharmacist contraindications boxed_warning warnings_and_precautions when_using do_not_use pharmacokinetics dosage_and_administration"),
    "kidney_and_liver": (r"kidney|renal|liver|hepatic|creatinine|\bcrcl|dialysis|e?gfr|cirrho",
                         "renal_and_hepatic_impairment use_in_specific_populations dosage_and_administration pharmacokinetics contraindications warnings_and_precautions ask_doctor"),
    "children": (r"child|kid\b|kids|p(a)?ediatric|infant|toddler|\bbab(y|ies)\b|newborn|neonat|\bson\b|daughter|teen|adolescent|what age|(year|yr|month|week|day)s?[- ]?old|\d ?(yo|y/o)\b|under \d+|grand(son|daughter|child|kid)",
                 "pediatric_use dosage_and_administration use_in_specific_populations indications_and_usage warnings_and_precautions do_not_use"),
    "older_adults": (r"older (adult|people|patient|person)|elderly|geriatric|senior|grand(mother|father|ma|pa)|(over|above|aged?) (6|7|8)\d|\b(6|7|8|9)\d[- ]?(year|yr|yo|y/o)|aged 65",
                     "geriatric_use dosage_and_administration use_in_specific_populations warnings_and_precautions"),
    "withdrawal": (r"withdraw|abrupt|taper|stop(ping)? suddenly|cold turkey|wean", "warnings_and_precautions drug_abuse_and_dependence boxed_warning dosage_and_administration"),
    "abuse": (r"\babus|addict|depend(ence|ent|ency)\b|habit|controlled substance|schedule (i|ii|iii|iv|v)\b|misuse", "drug_abuse_and_dependence boxed_warning warnings_and_precautions"),
    "dosage": (r"\bdos(e|es|age|ing|ed)\b|how (much|many|often|frequently)|\bmg\b|regimen|maximum|\bmax\b|amount|starting|titrat|how long (should|do|can|is)|\bdirections\b|times (a|per) day|infus|rate",
               "dosage_and_administration how_to_take"),
    "how_to_take": (r"how (should|do|to|is|are|can)\b.*\b(take|taken|use|used|given|administer|apply|applied|inject|prepare|mix|reconstitut|dilut)|with food|empty stomach|administration|crush|chew|swallow|best way|apply|shake|reconstitut|dilut|inject",
                    "dosage_and_administration how_to_take information_for_patients instructions_for_use medication_guide"),
    "carcinogenesis": (r"carcinogen|cancer|tumou?r|mutagen|\brats?\b|\bmice\b|animal|genotox", "carcinogenesis nonclinical_toxicology animal_toxicology warnings_and_precautions"),
    "clinical_studies": (r"clinical (stud|trial)|\bstud(y|ies)\b|\btrials?\b|efficacy|how (well|effective)|percent|what share|proportion|placebo|survival|response rate",
                         "clinical_studies adverse_reactions clinical_trials_experience geriatric_use pharmacokinetics"),
    "mechanism": (r"mechanism|how does .*\bwork|mode of action|what does it do in the body|pharmacolog|what (kind|type|class|sort) of (drug|med)|belongs? to|drug class",
                  "mechanism_of_action clinical_pharmacology pharmacodynamics description"),
    "pharmacokinetics": (r"half[- ]?li(fe|ves)|metaboli[sz]|absor(b|p)|bioavailab|excret|eliminat|protein[- ]?b(ind|ound)|\bbound\b|peak (plasma|level|conc|blood)|\bauc\b|cmax|tmax|steady[- ]?state|clear(ance|ed)|distribution|how long does .*\b(last|stay|work)|onset|cyp|plasma",
                         "pharmacokinetics clinical_pharmacology pharmacodynamics description"),
    "microbiology": (r"\bbacteria|organism|suscept|resistan(t|ce)|\bmic\b|spectrum|strain", "microbiology clinical_pharmacology indications_and_usage"),
    "inactive_ingredients": (r"inactive|other ingredients|lactose|gluten|preservativ|excipient|\bdyes?\b|colou?r(ant|ing)s?\b|contain|what('| i)?s in\b|allerg(y|ic) to",
                             "inactive_ingredient description active_ingredient contraindications warnings_and_precautions product_data"),
    "active_ingredient": (r"active ingredient|ingredient|how strong|what('| i)?s in (it|this)|made of|strength|how many mg (is|are) in|each (tablet|capsule|ml)|concentration|spf\b",
                          "active_ingredient description dosage_forms_and_strengths how_supplied"),
    "supplied": (r"supplied|come(s)? in|available|\bforms?\b|look like|colou?r|imprint|debossed|shape|ndc|package|bottle of|count\b|pack(s|et)",
                 "how_supplied dosage_forms_and_strengths description package_label"),
    "contact": (r"phone|number (to|should|do|can)|who (do|can|should) i (call|contact)|\bcontact\b|report (side|adverse|problem|suspected)|website|questions\b|manufactur|made by|maker|company",
                "questions adverse_reactions package_label unclassified"),
    "lab_tests": (r"lab(oratory)?\b.*test|blood test|monitor|urine test|false[- ]positive|check(ed|ing)? (before|during|for)|assess", "laboratory_tests laboratory_test_interactions warnings_and_precautions dosage_and_administration"),
    "patient_advice": (r"counsel|tell (the |my |a )?(patient|parent|caregiver)|advis(e|ed)|instruct|told|inform(ed|ation for)", "information_for_patients medication_guide patient_information warnings_and_precautions"),
    "serious_side_effects": (r"serious|severe|danger|warning|precaution|\brisks?\b|red flag|call my doctor|emergency|harm|hurt me|safety|fatal|death|caution|watch (out )?for",
                             "warnings_and_precautions boxed_warning adverse_reactions medication_guide stop_use when_using"),
    "common_side_effects": (r"side[- ]?effect|adverse|reaction|\bcause|feel (on|off)|expect to feel|bother|\bmakes? (me|you|people|one|someone|us|him|her)\b|worried about|\bget\b.*\bfrom\b|drows|sleepy|dizz|nausea|rash\b|weight|hair",
                            "adverse_reactions clinical_trials_experience postmarketing_experience when_using warnings_and_precautions medication_guide"),
    "uses": (r"used? (for|to)|what.*\bfor\b|indicat|treat|why.*(put|prescrib|take|taking)|\bwhat (is|are|does|do)\b|tell me about|\bhelps? (with|my)?|good for|relie(f|ve)|purpose|approved",
             "indications_and_usage purpose"),
}  # fmt: skip
_PATTERNS = {subject: re.compile(pattern) for subject, (pattern, _) in _SUBJECTS.items()}
_BROAD = ("uses", "when_using", "how_to_take", "clinical_studies", "lab_tests", "supplied", "inactive_ingredients")
"""Subjects whose words come with many questions; they count less beside another."""
_ABOUT_A_WORD = frozenset(["common_side_effects", "serious_side_effects", "interactions", "contraindications", "uses"])
"""Subjects of which a word is asked ("does it cause hair loss"): a label that lacks the word does not answer."""
_FADE = 0.72
"""What each further section of a subject weighs of the one before it."""

# About whom is asked. Values hold for the group they are given for, so a group is a constraint, not a word to find.
POPULATIONS = {
    "children": re.compile(r"child|kids?\b|p(a)?ediatric|infant|toddler|\bbab(y|ies)\b|newborn|neonat|adolescent|teen|\b(under|younger than|less than|below) (the age of )?\d+ (years|months)|\d+ (to|through|-|\u2013) (under |less than |<)?\d+ (years|months)|(\b|\D)\d+ (years|yr|months)[- ]?(old|of age)?.*\bolder|\b(([1-9]|1[0-7])[- ]?(year|yr|month|mo)|\d+[- ]?(week|day))s?[- ]?old|\b([1-9]|1[0-7]) ?(yo|y/o)\b|\bson\b|daughter|grand(son|daughter|child|kid)|\b(boy|girl|niece|nephew) of \d|\baged? ([1-9]|1[0-7])\b(?! ?(to|-|years? (to|and)))"),
    "older_adults": re.compile(r"older (adult|people|patient|person|individual)|elderly|geriatric|senior|age[ds]? (6|7|8)\d|\b(6|7|8)\d years|(over|above) (6|7|8)\d|\b(6|7|8|9)\d[- ]?(year|yr|yo|y/o)|grand(mother|father|ma|pa)"),
    "kidney": re.compile(r"kidney|renal|creatinine|\bcrcl|dialysis|e?gfr\b|esrd"),
    "liver": re.compile(r"liver|hepatic|cirrho|child[- ]pugh"),
    "pregnancy": re.compile(r"pregnan|unborn|f(o)?etal|f(o)?etus|trimester"),
    "breast_feeding": re.compile(r"breast[- ]?f|breast[- ]?milk|human milk|nursing|lactat"),
}  # fmt: skip
_OWN_SECTIONS = {
    "children": ("pediatric_use",),
    "older_adults": ("geriatric_use",),
    "kidney": ("renal_and_hepatic_impairment",),
    "liver": ("renal_and_hepatic_impairment",),
    "pregnancy": ("pregnancy", "pregnancy_or_breast_feeding", "reproductive_potential", "labor_and_delivery"),
    "breast_feeding": ("lactation", "pregnancy_or_breast_feeding"),
}
_COUNTED = re.compile(
    r"how (much|many|often|long|frequently|old|soon|far)|\bdos(e|es|age)\b|percent|what (age|temperature|share|proportion|rate|strength|time)|\bmax|minimum|half[- ]?life|\bmg\b|times a day|number"
)


@dataclass(frozen=True)
class Intent:
    """What a question, or one part of it, asks."""

    text: str
    """The words of the part."""
    subjects: tuple[str, ...]
    """Subjects recognised, such as `dosage`."""
    populations: frozenset[str]
    """Groups of people asked about."""
    wants_number: bool
    """Whether an amount, a time or a share is asked for."""

    @property
    def is_about_a_word(self) -> bool:
        """Whether only a text that holds the question's own words can answer it."""
        return bool(self.subjects) and _ABOUT_A_WORD.issuperset(self.subjects)

    def section_weights(self) -> dict[str, float]:
        """Return how much each section name speaks to the question, 0 to 1."""
        found: dict[str, float] = {}
        specific = [subject for subject in self.subjects if subject not in _BROAD]
        for subject in self.subjects:
            weight = 1.0 if subject in specific or not specific else 0.6
            for section in _SUBJECTS[subject][1].split():
                found[section] = max(found.get(section, 0.0), weight)
                weight *= _FADE
        return found


def parts(question: str, names: Sequence[str] = (), *, most: int = MOST_PARTS) -> list[Intent]:
    """Return what a question asks, an entry for each part that stands by itself ("..., and how ...?").

    What is said once for all parts ("Atenolol overdose: ...") is put before each. `names` are those of the drug, whose
    words ask nothing ("Next Choice One Dose").
    """
    whole = intent(question, names)
    found = [(piece, intent(piece.text, names)) for piece in pieces(question, most)]
    if len(found) < 2:
        return [whole]
    # A group named once holds for the whole question, but "in A and in B" asks of each.
    return [
        part if piece.is_listed else replace(part, populations=part.populations or whole.populations)
        for piece, part in found
    ]


def intent(text: str, names: Sequence[str] = ()) -> Intent:
    """Return what a text asks, the words of the drug's names left out."""
    plain = " ".join(text.lower().replace("\u2019", "'").split())
    for name in sorted(names, key=len, reverse=True):
        if " " in name.strip():
            plain = plain.replace(name.strip().lower(), "it")
    return Intent(
        text.strip(" ?.,;"),
        tuple(subject for subject, pattern in _PATTERNS.items() if pattern.search(plain)),
        populations(plain),
        bool(_COUNTED.search(plain)),
    )


def populations(text: str) -> frozenset[str]:
    """Return the groups of people that a text in lower case speaks of."""
    return frozenset(name for name, pattern in POPULATIONS.items() if pattern.search(text))


def is_about(population: str, section: str) -> bool:
    """Return whether a section speaks of a group throughout."""
    return section in _OWN_SECTIONS[population]
