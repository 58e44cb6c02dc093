"""What a label states, cut into answers: the raw material of instruction data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from drug_llm.labels.choice import without_salt
from drug_llm.labels.label import Label, Section
from drug_llm.labels.monographs import SECTION_NAMES, Monograph, join_words, monograph_label, section_sentences
from drug_llm.labels.sentences import split_sentences

SUBJECT_OF_SECTION: Mapping[str, str] = {
    "indications_and_usage": "uses",
    "dosage_and_administration": "dosage",
    "boxed_warning": "boxed_warning",
    "contraindications": "contraindications",
    "warnings_and_precautions": "serious_side_effects",
    "warnings": "serious_side_effects",
    "adverse_reactions": "common_side_effects",
    "drug_interactions": "interactions",
    "pregnancy": "pregnancy",
    "lactation": "breast_feeding",
    "nursing_mothers": "breast_feeding",
    "pediatric_use": "children",
    "geriatric_use": "older_adults",
    "overdosage": "overdose",
    "storage_and_handling": "storage",
    "how_supplied": "storage",
}
"""Section names of official labels and the subject that people ask about under another word."""
ANSWER_CHARACTERS = 600
"""Longest evidence taken from one section; an answer that goes on for longer is not read."""
_FEW = 3


@dataclass(frozen=True)
class Fact:
    """One thing that a label says, with the sentences that say it."""

    subject: str
    """Key of `wordings.QUESTIONS`."""
    section: str
    """Name of the section that says it."""
    evidence: tuple[str, ...]
    """Verbatim sentences of that section."""
    answer: str = ""
    """The evidence as one answer; unless given the sentences joined."""
    group: str = ""
    """Group of people that a dose is for."""
    other: str = ""
    """Substance that an interaction is with."""

    @property
    def text(self) -> str:
        """What is to be answered."""
        return self.answer or " ".join(self.evidence)


@dataclass(frozen=True)
class Source:
    """A label with the facts taken from it."""

    label: Label
    name: str
    """Name of the drug: its ingredients joined by " and "."""
    facts: tuple[Fact, ...]

    @property
    def brands(self) -> tuple[str, ...]:
        """Trade names."""
        return self.label.brand_names

    @property
    def ingredients(self) -> tuple[str, ...]:
        """Active ingredients in lower case, without their salts: "bupropion hydrochloride" is bupropion."""
        return tuple(without_salt(name) for name in self.label.generic_names)

    @property
    def tag(self) -> str:
        """Name in the ids of examples: that of the drug, with the start of the set id for one of several labels."""
        return self.name if self.label.source == "monograph" else f"{self.name}@{self.label.set_id[:8]}"

    def section_text(self, name: str) -> str:
        """Return the text of a section, or nothing when the label has none of that name."""
        return next((section.text for section in self.label.sections if section.name == name), "")


def monograph_source(monograph: Monograph) -> Source:
    """Return a monograph with a fact for each of its entries."""
    return Source(monograph_label(monograph), monograph.name, tuple(_monograph_facts(monograph)))


def label_source(label: Label) -> Source | None:
    """Return an official label with a fact for each section that people ask about, or None when it has none.

    The first sentences of a section stand for it: labels put what matters most first.
    """
    facts = [fact for section in label.sections for fact in _section_facts(section)]
    source = Source(label, " and ".join(map(without_salt, label.generic_names)), tuple(facts))
    return source if facts and source.name else None


def _section_facts(section: Section) -> Iterator[Fact]:
    subject = SUBJECT_OF_SECTION.get(section.name)
    if subject is None:
        return
    kept: list[str] = []
    for sentence in split_sentences(section.text):
        if len(kept) == _FEW or len(" ".join([*kept, sentence.text])) > ANSWER_CHARACTERS:
            break
        if _is_statement(sentence.text):
            kept.append(sentence.text)
    if kept:
        yield Fact(subject, section.name, tuple(kept))


def _is_statement(text: str) -> bool:
    """Return whether a sentence can answer: whole, with a point, in running text, not a heading, entry or address."""
    letters = [character for character in text if character.isalpha()]
    lower = sum(character.islower() for character in letters)
    whole = text[0].isalnum() and text[-1] in ".)" and len(text.split()) >= 5
    return whole and lower > 0.7 * len(letters) and "http" not in text and "www." not in text


def _monograph_facts(monograph: Monograph) -> Iterator[Fact]:
    yield _introduction(monograph)
    if not monograph.boxed_warning:
        yield Fact("boxed_warning", "", (), answer=f"The label of {monograph.name} carries no boxed warning.")
    dosage = SECTION_NAMES["dosage"]
    for entry, sentence in zip(monograph.dosage, section_sentences(monograph, "dosage"), strict=True):
        yield Fact("dosage", dosage, (sentence,), group=entry.population)
    # A substance that stands in two entries is asked about once: the first entry is the more specific one.
    texts: dict[str, str] = {}
    for interaction in monograph.interactions:
        for substance in interaction.substances[:2]:
            texts.setdefault(substance, interaction.text)
    for substance, text in texts.items():
        yield Fact("interactions", SECTION_NAMES["interactions"], (text,), other=substance)
    for field in fields(Monograph):
        if (
            field.name in SECTION_NAMES
            and field.name not in ("dosage", "interactions")
            and getattr(monograph, field.name)
        ):
            yield from _field_facts(monograph, field.name)


def _field_facts(monograph: Monograph, field: str) -> Iterator[Fact]:
    sentences = section_sentences(monograph, field)
    section = SECTION_NAMES[field]
    answer = ""
    if field == "contraindications":
        phrases = monograph.contraindications
        listed = "; ".join(phrases[:-1]) + f"; or {phrases[-1]}" if len(phrases) > 1 else phrases[0]
        answer = f"Do not use {monograph.name} if you {listed}."
    whole = tuple(_shortened(sentences))
    yield Fact(field, section, whole, answer=answer if len(whole) == len(sentences) else "")
    if field == "serious_side_effects":
        for entry in monograph.serious_side_effects:
            yield Fact("one_side_effect", section, (entry.text,), other=entry.effect)


def _shortened(sentences: tuple[str, ...]) -> Iterator[str]:
    used = 0
    for number, sentence in enumerate(sentences):
        used += len(sentence) + 1
        if number and used > ANSWER_CHARACTERS:
            return
        yield sentence


def _introduction(monograph: Monograph) -> Fact:
    brands = f"sold as {join_words(monograph.brands)}" if monograph.brands else "sold under its generic name"
    needs = {
        "prescription": "It needs a prescription.",
        "over the counter": "It is sold without a prescription.",
        "prescription and over the counter": "Some of its products need a prescription and some do not.",
    }[monograph.availability]
    name = monograph.name[:1].upper() + monograph.name[1:]
    answer = (
        f"{name} is a medicine of the class {monograph.drug_class}, {brands}. "
        f"It comes as {join_words(monograph.forms)}. {needs} {monograph.uses[0]}"
    )
    return Fact("what_is", SECTION_NAMES["uses"], (monograph.uses[0],), answer=answer)
