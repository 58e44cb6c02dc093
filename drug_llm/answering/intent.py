"""What a question asks about a drug, and which sections of a label answer that."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SUBJECTS: dict[str, tuple[str, tuple[str, ...]]] = {
    # subject: (how it is asked, sections that answer it, the best first)
    "missed_dose": (
        r"miss(ed|ing)?\b.*\b(dose|pill|tablet)|forg(o|e)t|skipped|late with|double up",
        ("missed_dose", "information_for_patients", "dosage_and_administration"),
    ),
    "overdose": (r"overdos|too much|took too many|poisoning", ("overdosage",)),
    "boxed_warning": (r"box(ed)? warning|black box|most serious warning|big scary", ("boxed_warning",)),
    "breast_feeding": (r"breast|lactat|nursing|\bmilk\b", ("lactation", "nursing_mothers", "pregnancy_or_breast_feeding")),
    "pregnancy": (
        r"pregnan|expecting|unborn|f(o)?etal|f(o)?etus|trying for a baby|birth defect",
        ("pregnancy", "pregnancy_or_breast_feeding", "boxed_warning", "contraindications"),
    ),
    "storage": (r"\bstor(e|ed|age|ing)\b|fridge|refrigerat|temperature|where do i keep", ("storage_and_handling", "how_supplied")),
    "contraindications": (
        r"contraindicat|who (should|must|can|may) ?(not|n't|never)|shouldn'?t (take|use)|must (not|never)|not allowed"
        r"|(can'?t|rule (it )?out).*\b(take|me|use)\b|be avoided altogether|reasons i",
        ("contraindications", "do_not_use"),
    ),
    "interactions": (
        r"interact|\bwith\b.*\b(take|mix|combin)|(take|mix|combine|use|add|drink)\b.*\b(with|and|while|on)\b|together"
        r"|\bcombin|mixed|started on|avoid on",
        ("drug_interactions", "contraindications", "boxed_warning", "warnings_and_precautions"),
    ),
    "kidney_and_liver": (
        r"kidney|renal|liver|hepatic|creatinine|dialysis|egfr|cirrho",
        ("renal_and_hepatic_impairment", "use_in_specific_populations", "dosage_and_administration", "contraindications",
         "warnings_and_precautions"),
    ),  # fmt: skip
    "children": (
        r"child|kid\b|kids|pediatric|paediatric|infant|toddler|\bson\b|daughter|teen|adolescent|what age|year[- ]old",
        ("pediatric_use", "dosage_and_administration", "indications_and_usage"),
    ),
    "older_adults": (r"older (adult|people)|elderly|geriatric|senior|grand(mother|father)|over 65|\b[6-9]\d\b", ("geriatric_use", "dosage_and_administration")),
    "dosage": (
        r"\bdos(e|es|age|ing|ed)\b|how (much|many|often)|\bmg\b|regimen|strength|maximum|amount|starting",
        ("dosage_and_administration",),
    ),
    "how_to_take": (
        r"how (should|do|to|is|are)\b.*\b(take|taken|use|used|given|administer)|with food|empty stomach|administration|crush|chew|best way|when during",
        ("how_to_take", "dosage_and_administration", "information_for_patients"),
    ),
    "serious_side_effects": (
        r"serious|severe|danger|warning|precaution|risk|red flag|call my doctor|emergency|harm|hurt me|safety",
        ("warnings_and_precautions", "boxed_warning"),
    ),
    "common_side_effects": (
        r"side[- ]?effect|adverse|reaction|\bcause|feel (on|off)|expect to feel|bother|\bmakes? (me|you|people|one|someone|us)\b|worried about|\bget\b.*\bfrom\b",
        ("adverse_reactions", "warnings_and_precautions"),
    ),
    "uses": (
        r"used? for|what.*\bfor\b|indicat|treat|why.*(put|prescrib|take|taking)|\bwhat (is|are|does|do)\b|tell me about|\bhelp with",
        ("indications_and_usage", "purpose"),
    ),
}  # fmt: skip
_PATTERNS = {subject: re.compile(pattern) for subject, (pattern, _) in _SUBJECTS.items()}
# These come with other subjects ("dose in kidney disease") and then say for whom, not about what.
POPULATIONS = {
    "children": re.compile(r"child|pediatric|infant|newborn|neonat|adolescent|teen|(under|younger than) \d+ years|\d+ (to|-) \d+ years|(from|at least) \d+ (years|months)|\d+ years (of age )?and (older|up)"),
    "older_adults": re.compile(r"older|elderly|geriatric|age (6|7|8)\d|(6|7|8)\d years|above (6|7|8)\d|over (6|7|8)\d|age"),
    "kidney_and_liver": re.compile(r"kidney|renal|liver|hepatic|creatinine|dialysis|egfr|gfr|cirrho"),
    "pregnancy": re.compile(r"pregnan|unborn|fetal|fetus|birth"),
    "breast_feeding": re.compile(r"breast|milk|nursing|lactation|infant"),
}  # fmt: skip


@dataclass(frozen=True)
class Intent:
    """What is asked."""

    subject: str
    """Key such as `dosage`."""
    sections: tuple[str, ...]
    """Section names that may answer, the best first."""
    populations: tuple[str, ...] = ()
    """Groups of people that the answer must be about."""


def intents(question: str) -> list[Intent]:
    """Return what a question asks, one entry a part, at most two; empty when nothing is recognised."""
    text = question.lower().replace("\u2019", "'")
    matched = [subject for subject, pattern in _PATTERNS.items() if pattern.search(text)]
    populations = tuple(name for name in POPULATIONS if name in matched)
    if "dosage" in matched and populations:
        return [Intent("dosage", ("dosage_and_administration", *_sections(populations)), populations)]
    if "boxed_warning" in matched or "serious_side_effects" in matched:
        narrower = "boxed_warning" if "boxed_warning" in matched else "serious_side_effects"
        broader = ("serious_side_effects", "common_side_effects")[narrower == "serious_side_effects" :]
        matched = [subject for subject in matched if subject not in broader]
    specific = [subject for subject in matched if subject != "uses"] or matched
    if re.search(r"\bused for\b|what it treats", text) and "uses" in matched:
        specific = list(dict.fromkeys(["uses", *specific]))
    return [
        Intent(subject, _SUBJECTS[subject][1], (subject,) if subject in POPULATIONS else ()) for subject in specific[:2]
    ]


def _sections(subjects: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(section for subject in subjects for section in _SUBJECTS[subject][1]))
