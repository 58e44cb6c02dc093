"""Answers to questions that name several things: what the labels say of them together, and of each by itself.

Every label is asked about every other drug, class and substance. A label's silence is told as silence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from drug_llm.answering.answer import Answer, AnswerSentence, Citation
from drug_llm.answering.drug_names import FoundNames, NamedDrug
from drug_llm.answering.drug_terms import ingredient, normal, whole_term
from drug_llm.answering.evidence import citations
from drug_llm.answering.interactions import (
    Finding,
    PairInteraction,
    Side,
    all_pairs,
    is_member,
    names_group,
    side_of,
    silence_on,
)
from drug_llm.answering.several_asked import has_unread_partner, read_several
from drug_llm.answering.several_marks import Asked
from drug_llm.answering.several_told import Drug, Told
from drug_llm.answering.shelf import ShelvedLabel
from drug_llm.answering.word_lists import telling_terms

UNSAFE_SILENCE = "That does not mean that they are safe together; ask a pharmacist."
UNREAD_PARTNER = f"Nothing taken with {{name}} was recognised in the question. {UNSAFE_SILENCE}"
"""Said behind an abstention where the question joins the drug to something that no list knows."""
MOST_PAIRS = 45
"""Pairs of which the labels are quoted, those of ten things; the gravest come first, the rest is named."""
NO_LABEL = "This store has no label for {name}, so nothing can be said about it from here."
OF_PART = ", part {number} of the question"
"""Said behind the name of a drug that one part of a question is about."""
FURTHER = "Further pairs, which are not quoted here: {pairs}."
_SHOWN = ((1, 4), (3, 2), (MOST_PAIRS, 1))
"""Quotes of each pair, for so many pairs at most."""
_HOW_TAKEN = frozenset(["dosage_and_administration", "how_to_take"])
_WORDED = {"mentioned": "mentioned, but not called an interaction", "duplicate": "doubled"}

LabelOf = Callable[[NamedDrug], ShelvedLabel | None]
AnswerOne = Callable[[str, ShelvedLabel, str], Answer]
"""Answers a question from the label of one drug, which it calls by its last argument."""


def answer_several(question: str, found: FoundNames, label_of: LabelOf, answer_one: AnswerOne) -> Answer | None:
    """Return the answer to a question about several things; None where it is about one drug.

    `label_of` gives the label of a drug, `answer_one` answers a question from it.
    """
    asked = read_several(question, found)
    drugs = _labelled(asked, label_of)
    if not drugs:
        return None
    if not asked.is_joined:
        # A class that the drug belongs to is what it is, unless "and" or "with" stands between them.
        own = [group for group in asked.groups if any(is_member(drug.side, group) for drug in drugs)]
        asked = replace(asked, groups=tuple(group for group in asked.groups if group not in own))
    others = len(asked.groups) + len(asked.unlabelled)
    if len(drugs) + others < 2:
        is_unread = has_unread_partner(question, found)
        if len(found.drugs) == 1 and not is_unread:
            return None
        answer = answer_one(question, drugs[0].label, drugs[0].typed)
        return _with_note(answer, drugs[0]) if is_unread and answer.reason == "not_in_label" else answer
    if asked.is_together:
        aside = _labelled(replace(asked, drugs=asked.aside), label_of)
        return _together(question, asked, drugs, aside, answer_one)
    if asked.of_each:
        return _each(question, asked, drugs, answer_one)
    return None


def _with_note(answer: Answer, drug: Drug) -> Answer:
    """Return an abstention with what it does not mean for something that was not read in the question."""
    note = UNREAD_PARTNER.format(name=drug.side.name)
    return replace(answer, sentences=(*answer.sentences, AnswerSentence(note)))


def is_about_several(question: str, found: FoundNames) -> bool:
    """Return whether a name that may mean several drugs is one of several things that a question is about."""
    typed = [entry.typed for entry in found.unclear]
    asked = read_several(question, replace(found, unknown=tuple(dict.fromkeys((*found.unknown, *typed)))))
    return any(name in asked.unlabelled for name in typed)


def _labelled(asked: Asked, label_of: LabelOf) -> list[Drug]:
    """Return the drugs with their labels, each once, and the ingredients of one product as that product."""
    drugs = [_drug(named, label) for named in asked.drugs if (label := label_of(named)) is not None]
    for one, two in asked.side_by_side:
        drugs = _as_product(drugs, one, two, label_of)
    return [
        drug for at, drug in enumerate(drugs) if not any(_is_again(drug, at, o, b, asked) for b, o in enumerate(drugs))
    ]


def _drug(named: NamedDrug, label: ShelvedLabel) -> Drug:
    return Drug(named.typed, label, replace(side_of(label), name=_called(named, label)), named.kind == "brand")


def _as_product(drugs: list[Drug], one: str, two: str, label_of: LabelOf) -> list[Drug]:
    parts = [drug for drug in drugs if drug.typed in (one, two)]
    if len(parts) != 2:
        return drugs
    name = " and ".join(sorted(ingredient for drug in parts for ingredient in drug.side.ingredients))
    held = parts[0].side.ingredients | parts[1].side.ingredients
    label = label_of(NamedDrug(name, f"{one} {two}"))
    if label is None or side_of(label).ingredients != held:
        return drugs
    product = _drug(NamedDrug(name, one), label)
    return [product if drug is parts[0] else drug for drug in drugs if drug is not parts[1]]


def _is_again(drug: Drug, at: int, other: Drug, place: int, asked: Asked) -> bool:
    """Return whether another name of the question means this drug too, and says better which product is meant."""
    mine, theirs = drug.side.ingredients, other.side.ingredients
    if at == place or not (mine <= theirs or theirs <= mine) or frozenset((drug.typed, other.typed)) in asked.apart:
        return False
    return _exactness(drug, at) < _exactness(other, place)


def _exactness(drug: Drug, at: int) -> tuple[bool, int, int, int]:
    return drug.is_brand, len(drug.side.ingredients), len(drug.typed), -at


def _called(named: NamedDrug, label: ShelvedLabel) -> str:
    """Return what a drug is called in an answer: as its label does, behind the brand that was asked about."""
    typed = named.typed.removesuffix("'s").removesuffix("\u2019s")
    is_brand = named.kind == "brand" and typed.lower() != label.name.lower()
    return f"{typed} ({label.name})" if is_brand else label.name


def _together(
    question: str, asked: Asked, drugs: Sequence[Drug], aside: Sequence[Drug], answer_one: AnswerOne
) -> Answer:
    told = Told(names={drug.side.set_id: drug.label.name for drug in drugs})
    pairs = _pairs(asked, drugs)
    spoken = [pair for pair in pairs if pair.severity]
    if len(pairs) == 1 and asked.groups and not pairs[0].findings:
        # It may stand elsewhere than among interactions, such as "may be taken with milk".
        answer = answer_one(question, drugs[0].label, drugs[0].typed)
        if answer.reason is None and any(_names(said.text, asked) for said in answer.sentences):
            return answer
    for pair in spoken[:MOST_PAIRS]:
        _tell(told, pair, quotes_each(len(spoken)))
    if rest := spoken[MOST_PAIRS:]:
        named = "; ".join(f"{pair.one.name} and {pair.two.name}: {worded_severity(pair.severity)}" for pair in rest)
        told.say(FURTHER.format(pairs=named))
    if len(pairs) == 1 and spoken and (asked.is_specific or asked.groups):
        for drug in drugs:
            _add_asked(told, answer_one(question, drug.label, drug.typed), pairs[0], drug, asked)
    has_found = any(pair.findings for pair in pairs)
    if has_found:
        told.sure.append(1.0)
    if silent := [pair for pair in pairs if not pair.findings]:
        told.say(_silence(silent, asked, drugs))
    is_answered = _tell_more(told, asked, [*drugs, *aside], answer_one)
    return told.answer(question, None if has_found or is_answered else "not_in_label", [*drugs, *aside])


def _pairs(asked: Asked, drugs: Sequence[Drug]) -> list[PairInteraction]:
    """Return every pair in which a label may speak, the gravest first."""
    sides = [drug.side for drug in drugs]
    sides += [unlabelled_side(name) for name in asked.unlabelled]
    names = {drug.typed: drug.side.name for drug in drugs}
    apart = [frozenset(names.get(typed, typed) for typed in pair) for pair in asked.alternatives]
    return [
        pair
        for pair in all_pairs(sides, asked.groups)
        if (pair.one.set_id or pair.two.set_id) and frozenset((pair.one.name, pair.two.name)) not in apart
    ]


def unlabelled_side(name: str) -> Side:
    """Return a medicine that the store has no label for as one of two, which says nothing itself."""
    whole = whole_term(name)
    return Side(name, "", 0, (name.lower(),), whole.keys if whole else frozenset([ingredient(name)]), ())


def quotes_each(pairs: int) -> int:
    """Return how many quotes of each pair are shown."""
    return next((shown for most, shown in _SHOWN if pairs <= most), 1)


def _tell(told: Told, pair: PairInteraction, most: int) -> None:
    """Say how grave a pair is and by whose label, what the two share, and quote the labels."""
    shown = shown_findings(pair, most)
    groups = list(dict.fromkeys((finding.said_by, finding.severity) for finding in shown))
    lead = f"{capitalised(pair.one.name)} and {pair.two.name}: {worded_severity(pair.severity)}"
    told.say(f"{lead}, says the label of {told.names[groups[0][0]]}." if len(groups) == 1 else f"{lead}.")
    for shared in pair.shared:
        told.say(shared.text)
    for said_by, severity in groups:
        if len(groups) > 1:
            told.say(f"Label of {told.names[said_by]}, {worded_severity(severity)}:")
        for finding in shown:
            is_repeated = finding is not shown[0] and told.has(_proofs(finding))
            if (finding.said_by, finding.severity) == (said_by, severity) and not is_repeated:
                told.say(finding.statement.text, _proofs(finding))


def shown_findings(pair: PairInteraction, most: int) -> list[Finding]:
    """Return the gravest findings; with two or more, one of each label that speaks."""
    findings = list(pair.findings[:most])
    missing = {finding.said_by for finding in pair.findings} - {finding.said_by for finding in findings}
    if most > 1 and missing:
        findings[-1] = next(finding for finding in pair.findings if finding.said_by in missing)
    return findings


def _proofs(finding: Finding) -> list[Citation]:
    return [proof for unit in finding.statement.units for proof in citations(unit)]


def worded_severity(severity: str) -> str:
    """Return how grave a pair is, as an answer words it."""
    return _WORDED.get(severity, severity)


def capitalised(name: str) -> str:
    """Return a name as it begins a sentence."""
    return name[:1].upper() + name[1:]


def _silence(pairs: Sequence[PairInteraction], asked: Asked, drugs: Sequence[Drug]) -> str:
    """Return that no label says anything of some pairs, and what that does not mean."""
    sides = {drug.side.set_id: drug.side for drug in drugs}
    groups = {group.name: group for group in asked.groups}
    parts = []
    both = [f"{pair.one.name} with {pair.two.name}" for pair in pairs if _are_two_labels(pair)]
    if both:
        parts.append(f"The labels in this store do not mention each other: {'; '.join(both)}.")
    for pair in pairs:
        if pair.one.set_id == pair.two.set_id:
            parts.append("Their label in this store does not speak of taking both.")
        elif not _are_two_labels(pair):
            own, other = (pair.one, pair.two) if pair.one.set_id else (pair.two, pair.one)
            told = silence_on(sides[own.set_id], other.name, groups.get(other.name))
            parts.append(f"The label of {own.name} in this store {told}.")
    parts += [f"There is no label for {name} here." for name in asked.unlabelled]
    return " ".join([*parts, UNSAFE_SILENCE])


def _names(text: str, asked: Asked) -> bool:
    return any(names_group(text, replace(group, terms=telling_terms(group.terms))) for group in asked.groups)


def _are_two_labels(pair: PairInteraction) -> bool:
    return bool(pair.one.set_id and pair.two.set_id) and pair.one.set_id != pair.two.set_id


def _add_asked(told: Told, answer: Answer, pair: PairInteraction, drug: Drug, asked: Asked) -> None:
    """Add what answers the very question ("how long after", "what limit") where it speaks of the other of the pair."""
    terms = {finding.term for finding in pair.findings if finding.said_by == drug.side.set_id}
    for sentence in answer.sentences if answer.reason is None else ():
        proofs = [answer.citations[number] for number in sentence.citations]
        is_asked = asked.is_specific or (asked.groups and any(proof.section in _HOW_TAKEN for proof in proofs))
        is_about = any(term in normal(sentence.text) for term in terms) or _names(sentence.text, asked)
        if is_asked and is_about and proofs and not told.has(proofs):
            told.say(sentence.text, proofs)
            told.models.append(answer.model)


def _tell_more(told: Told, asked: Asked, drugs: Sequence[Drug], answer_one: AnswerOne) -> bool:
    """Add what the question asks of each drug or of one besides; return whether any of it is answered."""
    answers: list[Answer] = []
    if asked.of_each:
        each = [(asked.of_each[drug.typed], drug) for drug in drugs if drug.typed in asked.of_each]
        answers += [_tell_one(told, text, drug, answer_one) for text, drug in each]
    for further in asked.rest:
        drug = next((one for one in drugs if one.typed.lower() in further.text.lower()), drugs[0])
        if not further.missing:
            number = further.number if len(asked.rest) > 1 else 0
            answers.append(_tell_one(told, further.text, drug, answer_one, number))
    for name in dict.fromkeys(name for further in asked.rest for name in further.missing):
        told.say(NO_LABEL.format(name=name))
    return any(answer.reason is None for answer in answers)


def _each(question: str, asked: Asked, drugs: Sequence[Drug], answer_one: AnswerOne) -> Answer:
    """Answer for each drug separately, its name before its part."""
    told = Told()
    held = [drug.side.ingredients for drug in drugs]
    same = frozenset[str]().union(*(one & two for at, one in enumerate(held) for two in held[:at]))
    if same:
        told.say(f"More than one of them contains {' and '.join(sorted(same))}.")
    answers = [_tell_one(told, asked.of_each[drug.typed], drug, answer_one) for drug in drugs]
    for name in asked.unlabelled:
        told.say(NO_LABEL.format(name=name))
    reasons = [answer.reason for answer in answers]
    return told.answer(question, None if None in reasons else reasons[0], drugs)


def _tell_one(told: Told, text: str, drug: Drug, answer_one: AnswerOne, number: int = 0) -> Answer:
    answer = answer_one(text, drug.label, drug.typed)
    part = OF_PART.format(number=number) if number else ""
    told.say(f"{capitalised(drug.side.name)}{part}:")
    told.add(answer)
    return answer
