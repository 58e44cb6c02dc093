"""How people ask: question wordings by subject, in patients' and clinicians' voices.

`{drug}` is a name of the drug, `{other}` another substance, `{group}` a group of people. Within a subject no two
wordings share their frame, so that a model cannot learn the frame instead of the subject.
"""

from __future__ import annotations

QUESTIONS: dict[str, tuple[str, ...]] = {
    "uses": (
        "What is {drug} used for?",
        "why would my doctor put me on {drug}",
        "Which conditions is {drug} indicated for?",
        "what does {drug} treat",
        "My mother was just prescribed {drug}. What is it supposed to help with?",
        "Approved indications for {drug}?",
        "is {drug} for blood pressure or for something else",
        "I found {drug} in the cabinet. What kind of problem do people take it for?",
        "List the labelled uses of {drug}.",
        "What am I taking {drug} for, in plain words?",
    ),
    "how_to_take": (
        "How should I take {drug}?",
        "do i take {drug} with food or on an empty stomach",
        "What are the administration instructions for {drug}?",
        "best way to use {drug}?",
        "I start {drug} tomorrow. Anything I should know about how to take it?",
        "Counselling points on the administration of {drug}, please.",
        "when during the day should {drug} be taken",
        "Can you explain how {drug} is given?",
    ),
    "dosage": (
        "What is the usual dose of {drug} for {group}?",
        "how much {drug} for {group}",
        "Dosing of {drug} in {group}?",
        "{drug} dose, {group}?",
        "What strength and how often is {drug} taken by {group}?",
        "Please give me the labelled {drug} regimen for {group}.",
        "whats the normal amount of {drug} for {group}",
        "I need the recommended dosage of {drug} for {group}.",
    ),
    "boxed_warning": (
        "Does {drug} have a boxed warning?",
        "what is the black box warning on {drug}",
        "Summarize the boxed warning of {drug}.",
        "What is the most serious warning on the {drug} label?",
        "Is there an FDA boxed warning for {drug}, and what does it say?",
        "I heard {drug} has some big scary warning. What is it about?",
    ),
    "contraindications": (
        "Who should not take {drug}?",
        "What are the contraindications to {drug}?",
        "when is {drug} not allowed",
        "In which patients must {drug} be avoided altogether?",
        "Is there anyone who must never use {drug}?",
        "reasons i cant take {drug}",
        "{drug}: contraindicated in whom?",
        "Before I fill this script for {drug}, what would rule it out for me?",
    ),
    "common_side_effects": (
        "What are the common side effects of {drug}?",
        "{drug} side effects",
        "Which adverse reactions are most often seen with {drug}?",
        "what can i expect to feel on {drug}",
        "What usually bothers people who take {drug}?",
        "Name the frequent adverse effects of {drug}.",
        "does {drug} have a lot of side effects? which ones",
        "I feel off since I began {drug}. What are its usual side effects?",
    ),
    "serious_side_effects": (
        "What serious side effects can {drug} cause?",
        "Which warnings and precautions apply to {drug}?",
        "dangerous reactions to {drug}?",
        "When should I call my doctor while I am on {drug}?",
        "what are the red flags with {drug}",
        "Tell me about the severe risks of {drug}.",
        "Which safety problems of {drug} need monitoring?",
        "could {drug} really hurt me",
    ),
    "interactions": (
        "Can I take {drug} with {other}?",
        "Is there an interaction between {drug} and {other}?",
        "{drug} and {other} together, ok?",
        "What happens when {other} is combined with {drug}?",
        "My patient on {drug} is being started on {other}. What does the label say?",
        "is it safe to use {other} while on {drug}",
        "i take {other} every day, can i add {drug}",
        "Interaction check: {drug} plus {other}.",
    ),
    "pregnancy": (
        "Can {drug} be used during pregnancy?",
        "is {drug} safe if im pregnant",
        "What does the label say about {drug} in pregnant patients?",
        "I just found out I am expecting and I take {drug}. What now?",
        "{drug} and pregnancy?",
        "What is known about fetal risk with {drug}?",
        "trying for a baby, should i know anything about {drug}",
    ),
    "breast_feeding": (
        "Can I breast-feed while taking {drug}?",
        "does {drug} get into breast milk",
        "Lactation advice for {drug}?",
        "nursing mom here, is {drug} ok",
        "What does the labelling of {drug} state on breast-feeding?",
        "Is {drug} compatible with nursing an infant?",
    ),
    "children": (
        "Can children take {drug}?",
        "is {drug} ok for my kid",
        "Pediatric use of {drug}?",
        "From what age may {drug} be used?",
        "Has {drug} been studied in children?",
        "my son is 8, is {drug} something he could get",
    ),
    "older_adults": (
        "Is {drug} suitable for older adults?",
        "Geriatric considerations with {drug}?",
        "my grandfather is 82, anything special about {drug} for him",
        "Do elderly patients need a different approach to {drug}?",
        "is {drug} risky for seniors",
        "What should be watched in people over 65 who take {drug}?",
    ),
    "kidney_and_liver": (
        "Does {drug} need a change in kidney or liver disease?",
        "{drug} in renal impairment?",
        "How is {drug} adjusted for hepatic impairment?",
        "i have bad kidneys, can i take {drug}",
        "What should be known about {drug} in patients with reduced kidney or liver function?",
        "Is {drug} a problem with liver trouble or weak kidneys?",
    ),
    "missed_dose": (
        "What should I do if I miss a dose of {drug}?",
        "forgot my {drug} this morning, what now",
        "Missed dose instructions for {drug}?",
        "i skipped {drug} yesterday should i double up",
        "What if I am late with my {drug}?",
    ),
    "overdose": (
        "What happens in an overdose of {drug}?",
        "signs of too much {drug}",
        "How is an overdose of {drug} recognized, and what is done?",
        "What does the label say about overdosage with {drug}?",
        "Which symptoms does taking too much {drug} cause?",
    ),
    "storage": (
        "How should {drug} be stored?",
        "where do i keep my {drug}",
        "Storage conditions for {drug}?",
        "Does {drug} have to go in the fridge?",
        "At what temperature is {drug} kept?",
    ),
    "what_is": (
        "What is {drug}?",
        "what kind of drug is {drug}",
        "Tell me briefly about {drug}.",
        "{drug} drug class?",
        "Which brand names does {drug} have?",
        "Do I need a prescription for {drug}?",
    ),
    "one_side_effect": (
        "Can {drug} cause {other}?",
        "{drug} and {other}: what should I know?",
        "is {other} something that happens with {drug}",
        "What does the label of {drug} say about {other}?",
        "im worried about {other} from {drug}",
        "Tell me about the risk of {other} with {drug}.",
    ),
}

WITHOUT_GROUP: tuple[str, ...] = (
    "What is the recommended dose of {drug}?",
    "how much {drug} do people take",
    "{drug} dosing?",
    "How is {drug} dosed according to its label?",
    "Please quote the usual dosage of {drug}.",
    "whats a normal dose of {drug}",
)
"""Questions about a dose that name nobody."""
WITHOUT_OTHER: tuple[str, ...] = (
    "What does {drug} interact with?",
    "{drug} interactions",
    "Which medicines should not be mixed with {drug}?",
    "are there drugs i have to avoid on {drug}",
    "Summarize the labelled drug interactions of {drug}.",
)
"""Questions about interactions that name no other substance."""

SHORT_NAMES: dict[str, str] = {
    "uses": "what it is used for",
    "how_to_take": "how it is taken",
    "boxed_warning": "its boxed warning",
    "contraindications": "who must not use it",
    "common_side_effects": "its common side effects",
    "serious_side_effects": "its serious side effects",
    "pregnancy": "its use in pregnancy",
    "breast_feeding": "its use while breast-feeding",
    "children": "its use in children",
    "older_adults": "its use in older adults",
    "kidney_and_liver": "its use in kidney or liver disease",
    "missed_dose": "what to do about a missed dose",
    "overdose": "an overdose of it",
    "storage": "how it is stored",
}
"""Subjects as they stand in the middle of a sentence."""

TWO_PARTS: tuple[str, ...] = (
    "I have two questions about {drug}: {one}, and {two}?",
    "For {drug}, tell me {one} and {two}.",
    "{drug}: {one}? and {two}?",
    "Could you explain {one} and also {two}? I mean {drug}.",
    "need to know 2 things abt {drug}, {one} and {two}",
    "What does the label of {drug} say on {one}, and what on {two}?",
)
"""Questions about two subjects at once."""

TWO_DRUGS: tuple[str, ...] = (
    "Can I take {drug} and {other} together?",
    "{drug} with {other}, any problem?",
    "My patient takes {drug}; may I add {other}?",
    "is it ok to mix {drug} and {other}",
    "What do the labels of {drug} and {other} say about each other?",
)
"""Questions about two drugs that both have a label."""

UNKNOWN_DRUGS: tuple[str, ...] = (
    "Zorvaltine", "Pelimudrine", "Cardovexil", "Metrafolin", "Brontivex", "Quellamide", "Ostrapine", "Lunivorast",
    "Fexomarine", "Tridolapam", "Neurocalmine", "Ampirovex", "Solvuterol", "Hepanorin", "Gliparoxin", "Dermasulone",
    "Vastirolol", "Primocetine", "Calidoxan", "Rispanerol", "Jentavir", "Oculomire", "Sertavane", "Bupralazine",
)  # fmt: skip
"""Names that no medicine bears, to learn that a name is not enough to answer."""

OUTSIDE: tuple[str, ...] = (
    "What is the capital of Australia?",
    "write me a poem about autumn",
    "Who won the world cup in 1998?",
    "How do I change a flat tire?",
    "whats the best phone to buy",
    "Translate 'good morning' into Italian.",
    "Can you do my algebra homework?",
    "How long do I boil an egg?",
    "Tell me a joke about lawyers.",
    "Which stocks should I buy this month?",
    "how tall is mount everest",
    "Recommend a film for tonight.",
    "What time is it in Tokyo?",
    "help me write a cover letter",
    "Why is the sky blue?",
    "How do I get red wine out of a carpet?",
    "Is my landlord allowed to raise the rent?",
    "give me a recipe for lasagna",
    "What does HTTP stand for?",
    "how do i train my puppy",
    "Who painted the Mona Lisa?",
    "Plan a weekend in Lisbon for me.",
    "Should I refinance my mortgage?",
    "What is the square root of 1764?",
)
"""Questions that no drug label answers."""
