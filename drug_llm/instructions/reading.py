"""Reading examples: the evidence among distractors, and what follows from it, or from its absence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from drug_llm.instructions.asking import Question, ask, draw, questions, shuffled
from drug_llm.instructions.example import EvidencePassage, Example
from drug_llm.instructions.facts import Fact, Source
from drug_llm.instructions.wordings import OUTSIDE, SHORT_NAMES, TWO_DRUGS, TWO_PARTS, UNKNOWN_DRUGS
from drug_llm.labels.sentences import split_sentences

PASSAGES_CHARACTERS = 1000
"""Most text that the passages of an example hold together, about 270 tokens."""
PASSAGE_CHARACTERS = 520
"""Longest passage; the sentences around the evidence are kept as far as they fit."""
NOT_SAID = "The passages do not say this."
NOT_ABOUT = "The passages are not about {drug}."
NO_LABEL = "There is no label for {drug} here, so nothing can be said about it."
NOT_MEDICINES = "This is not a question about a medicine, so no drug label answers it."
NOT_MENTIONED = (
    "The passages on {drug} and {other} do not mention each other. That does not mean that they are safe together."
)


@dataclass(frozen=True)
class Library:
    """The sources that distractors are taken from."""

    sources: tuple[Source, ...]

    def others(self, source: Source, count: int, *key: object) -> list[Source]:
        """Return sources that share no ingredient with one, and whose names do not contain it."""
        apart = [
            other
            for other in self.sources
            if not set(other.ingredients) & set(source.ingredients) and other.label.set_id != source.label.set_id
        ]
        by_name = {other.label.set_id: other for other in apart}
        return [by_name[set_id] for set_id in shuffled(sorted(by_name), source.name, *key)[:count]]


def passage(source: Source, section: str, evidence: Sequence[str] = ()) -> EvidencePassage | None:
    """Return a passage of a section that holds the evidence, or its beginning, whole sentences only."""
    sentences = [sentence.text for sentence in split_sentences(source.section_text(section))]
    wanted = [n for n, text in enumerate(sentences) if any(text in e or e in text for e in evidence)] or [0]
    if not sentences or (evidence and len(wanted) < 1):
        return None
    first, last = wanted[0], wanted[-1]
    while first > 0 and _length(sentences[first - 1 : last + 1]) <= PASSAGE_CHARACTERS:
        first -= 1
    while last + 1 < len(sentences) and _length(sentences[first : last + 2]) <= PASSAGE_CHARACTERS:
        last += 1
    text = "\n".join(sentences[first : last + 1])
    return (
        EvidencePassage(source.label.set_id, section.replace("_", " "), text)
        if len(text) <= 2 * PASSAGE_CHARACTERS
        else None
    )


def _length(sentences: Sequence[str]) -> int:
    return sum(len(sentence) + 1 for sentence in sentences)


def reading_examples(source: Source, fact: Fact, library: Library, wordings: int) -> Iterator[Example]:
    """Yield examples in which the passages answer: the evidence beside the source's other sections and other drugs."""
    evidence = passage(source, fact.section, fact.evidence)
    if evidence is None:
        return
    for number, question in enumerate(questions(source, fact, wordings, "reading")):
        key = (fact.subject, fact.group, fact.other, number)
        beside = _fitting(_distractors(source, fact.section, library, *key), len(evidence.text))
        # What the passages do not hold is not answered from them: the answer is the evidence's own sentences.
        answer = " ".join(fact.evidence)
        yield example_of(question, answer, [evidence, *beside], source, fact, "reading", key)


def without_evidence(source: Source, fact: Fact, library: Library) -> Iterator[Example]:
    """Yield an example whose passages are about the drug but silent on the question."""
    key = (fact.subject, fact.group, fact.other)
    beside = _fitting(_distractors(source, fact.section, library, *key, same=3), 0)
    own = [text for text in beside if text.set_id == source.label.set_id]
    for question in questions(source, fact, 1, "absent"):
        if own and not _tells(own, fact):
            yield example_of(question, NOT_SAID, beside, source, fact, "absent", key)


def other_drug(source: Source, fact: Fact, library: Library) -> Iterator[Example]:
    """Yield an example whose passages answer the question for another drug."""
    key = (fact.subject, fact.group, fact.other)
    for other in library.others(source, 1, *key):
        text = passage(other, fact.section)
        for question in questions(source, fact, 1, "other-drug"):
            if text is not None and source.name not in text.text.lower():
                answer = NOT_ABOUT.format(drug=source.name)
                yield example_of(question, answer, [text], source, fact, "other-drug", key)


def other_population(source: Source, fact: Fact) -> Iterator[Example]:
    """Yield an example that asks a dose for one group while the passage has only another group's."""
    groups = [
        other for other in source.facts if other.subject == "dosage" and other.group and other.group != fact.group
    ]
    for other in shuffled(groups, source.name, fact.group)[:1]:
        only = EvidencePassage(source.label.set_id, "dosage and administration", other.evidence[0])
        for question in questions(source, fact, 1, "other-population"):
            yield example_of(question, NOT_SAID, [only], source, fact, "other-population", (fact.group,))


def two_parts(source: Source, one: Fact, two: Fact, library: Library) -> Iterator[Example]:
    """Yield an example that asks for two sections at once and gets both."""
    key = (one.subject, two.subject)
    both = [passage(source, fact.section, fact.evidence) for fact in (one, two)]
    if None in both or one.section == two.section:
        return
    given = [text for text in both if text is not None]
    given += _fitting(_distractors(source, one.section, library, *key, same=0), sum(len(p.text) for p in given))
    wording = shuffled(TWO_PARTS, source.name, *key)[0]
    parts = {"one": SHORT_NAMES[one.subject], "two": SHORT_NAMES[two.subject]}
    question = ask(source, wording, key, **parts)
    answer = " ".join((*one.evidence[:2], *two.evidence[:2]))
    if sum(len(text.text) for text in given) <= PASSAGES_CHARACTERS:
        yield example_of(question, answer, given, source, one, "two-parts", key)


def two_drugs(source: Source, other: Source) -> Iterator[Example]:
    """Yield an example about two drugs, answered from both labels' interactions or by saying that they are silent."""
    key = (other.name,)
    sides = [(one, mentions(one, two)) for one, two in ((source, other), (other, source))]
    given = [passage(one, "drug_interactions", [f.evidence[0] for f in found[:1]]) for one, found in sides]
    passages = [text for text in given if text is not None]
    if len(passages) < 2 or sum(len(text.text) for text in passages) > PASSAGES_CHARACTERS:
        return
    found = [fact.evidence[0] for _, facts in sides for fact in facts[:1]]
    answer = " ".join(found) or NOT_MENTIONED.format(drug=source.name, other=other.name)
    if not found and any(_names(two, text.text) for text, two in zip(passages, (other, source), strict=True)):
        return
    question = ask(source, shuffled(TWO_DRUGS, source.name, *key)[0], key, other=other.name)
    fact = Fact("interactions", "drug_interactions", tuple(found))
    yield example_of(question, answer, passages, source, fact, "two-drugs" if found else "two-drugs-silent", key)


def unknown_drugs(sources: Sequence[Source]) -> Iterator[Example]:
    """Yield questions about names that no medicine bears, with a passage of another drug or none."""
    for number, name in enumerate(UNKNOWN_DRUGS):
        for source in sources[number % 7 :: 7][:6]:
            fact = source.facts[int(draw(name, source.name) * len(source.facts))]
            made_up = replace(source, name=name.lower(), label=replace(source.label, brand_names=()))
            text = passage(source, fact.section) if draw("with", name, source.name) < 0.5 else None
            answer = (NOT_ABOUT if text else NO_LABEL).format(drug=name)
            for question in questions(made_up, fact, 1, "unknown", source.name):
                example = example_of(question, answer, [text] if text else [], source, fact, "unknown-drug", (name,))
                yield replace(example, drug="")


def outside_medicine(sources: Sequence[Source]) -> Iterator[Example]:
    """Yield questions that no drug label answers, with a passage or none."""
    for number, text in enumerate(OUTSIDE):
        for variant, source in enumerate(sources[number % 5 :: 5][:2]):
            fact, question = source.facts[0], Question(text, text)
            given = passage(source, fact.section) if variant else None
            passages = [given] if given else []
            example = example_of(question, NOT_MEDICINES, passages, source, fact, "outside", (number, variant))
            yield replace(example, drug="")


def _distractors(
    source: Source, section: str, library: Library, *key: object, same: int = 2
) -> Iterator[EvidencePassage]:
    own = [other.name for other in source.label.sections if other.name != section]
    for name in shuffled(own, source.name, *key)[:same]:
        if text := passage(source, name):
            yield text
    for other in library.others(source, 1, *key):
        if text := passage(other, section):
            yield text


def _fitting(candidates: Iterator[EvidencePassage], used: int) -> list[EvidencePassage]:
    kept = []
    for candidate in candidates:
        if used + len(candidate.text) <= PASSAGES_CHARACTERS:
            kept.append(candidate)
            used += len(candidate.text)
    return kept


def _tells(passages: Sequence[EvidencePassage], fact: Fact) -> bool:
    """Return whether passages say what a fact says, under another heading: a word of the fact's own is enough."""
    text = " ".join(entry.text.lower() for entry in passages)
    return any(sentence.lower() in text for sentence in fact.evidence) or (
        fact.other.lower() in text if fact.other else False
    )


def mentions(source: Source, other: Source) -> list[Fact]:
    """Return what a source's interactions say about another drug."""
    return [
        fact for fact in source.facts if fact.subject == "interactions" and _names(other, fact.other + " " + fact.text)
    ]


def _names(source: Source, text: str) -> bool:
    words = text.lower()
    return any(ingredient in words for ingredient in source.ingredients)


def example_of(
    question: Question,
    answer: str,
    passages: Sequence[EvidencePassage],
    source: Source,
    fact: Fact,
    rule: str,
    key: Sequence[object] = (),
) -> Example:
    """Return an example that says where it comes from; the passages are put into an order drawn from the key."""
    order = shuffled(range(len(passages)), source.name, *key, question.text)
    origin = {
        "set_id": source.label.set_id,
        "version": source.label.version,
        "section": fact.section,
        "rule": rule,
        "wording": question.wording,
    }
    return Example(
        input=question.text,
        output=answer,
        passages=tuple(passages[n] for n in order),
        id="/".join([_slug(source.tag), rule, *(_slug(part) for part in key if part != "")]),
        kind=fact.subject if rule == "closed-book" else rule,
        drug=source.name,
        source=origin,
    )


def _slug(part: object) -> str:
    return str(part).replace(" ", "-").replace("/", "-")
