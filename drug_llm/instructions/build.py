"""Instruction data from monographs: questions in many wordings, answers in the monograph's own sentences."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from drug_llm.instructions.example import Example
from drug_llm.instructions.wordings import QUESTIONS
from drug_llm.labels.monographs import Monograph, join_words, section_sentences

WORDINGS_PER_ANSWER = 4
"""Wordings of one question in the training file; more would teach the answer by heart before its meaning."""
EVAL_SHARE = 0.12
"""Share of the drugs that are kept out of training."""
EVAL_WORDINGS = 1
"""Wordings of one question in the eval file."""
ANSWER_CHARACTERS = 900
"""Longest answer; further sentences of a section are left to questions about them."""


@dataclass(frozen=True)
class Dataset:
    """The examples of the two files."""

    train: tuple[Example, ...]
    evaluation: tuple[Example, ...]


@dataclass(frozen=True)
class _Answer:
    """What a monograph has to say on one subject."""

    subject: str
    """Key of QUESTIONS."""
    text: str
    group: str = ""
    """Group of people that a dose is for."""
    other: str = ""
    """Substance that an interaction is with."""


def build_dataset(monographs: Sequence[Monograph]) -> Dataset:
    """Return training and eval examples; no ingredient is in both, and the same monographs give the same examples."""
    held_out = held_out_drugs(monographs)
    train: list[Example] = []
    evaluation: list[Example] = []
    for monograph in monographs:
        if monograph.name in held_out:
            evaluation.extend(_examples(monograph, EVAL_WORDINGS))
        else:
            train.extend(_examples(monograph, WORDINGS_PER_ANSWER))
    return Dataset(tuple(train), tuple(evaluation))


def held_out_drugs(monographs: Sequence[Monograph]) -> set[str]:
    """Return the names of the drugs kept for evaluation.

    Drugs that share an ingredient stay together, so that nothing asked about was trained on under another name.
    """
    groups = sorted(_ingredient_groups(monographs), key=lambda group: _digest("split", *group))
    wanted = max(1, round(EVAL_SHARE * len(monographs)))
    held_out: set[str] = set()
    for group in groups:
        if len(held_out) + len(group) <= wanted and len(groups) > 1:
            held_out.update(group)
    return held_out


def _ingredient_groups(monographs: Sequence[Monograph]) -> list[list[str]]:
    groups: list[tuple[set[str], list[str]]] = []
    for monograph in monographs:
        ingredients, names = set(monograph.ingredients), [monograph.name]
        apart = []
        for known, members in groups:
            if known & ingredients:
                ingredients |= known
                names = members + names
            else:
                apart.append((known, members))
        groups = [*apart, (ingredients, names)]
    return [sorted(names) for _, names in groups]


def _examples(monograph: Monograph, wordings: int) -> Iterator[Example]:
    for number, answer in enumerate(_answers(monograph)):
        templates = QUESTIONS[answer.subject]
        # A fixed permutation for each answer: all wordings are used equally often over the drugs.
        order = sorted(templates, key=lambda text: _digest(monograph.name, answer.subject, str(number), text))
        for rank, template in enumerate(order[:wordings]):
            name = _name_to_ask_by(monograph, answer.subject, number, rank)
            question = _as_asked(template, name, answer)
            yield Example(
                input=question,
                output=answer.text,
                id=f"{monograph.name.replace(' ', '-')}/{answer.subject}/{number}/{rank}",
                kind=answer.subject,
                drug=monograph.name,
                source={"set_id": monograph.set_id, "version": 1, "section": answer.subject, "rule": "closed-book"},
            )


def _as_asked(template: str, name: str, answer: _Answer) -> str:
    """Return the question; a wording written in lower case is typed that way, brand names and all."""
    question = template.format(drug=name, group=answer.group, other=answer.other)
    return (
        question.lower() if template == template.lower() and not template.endswith((".", "?")) else _capital(question)
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _name_to_ask_by(monograph: Monograph, subject: str, number: int, rank: int) -> str:
    """Return the generic name, or a brand name for about one question in four."""
    if not monograph.brands:
        return monograph.name
    draw = int(_digest(monograph.name, subject, str(number), "brand", str(rank))[:8], 16)
    return monograph.brands[draw // 4 % len(monograph.brands)] if draw % 4 == 0 else monograph.name


def _answers(monograph: Monograph) -> Iterator[_Answer]:
    yield _Answer("what_is", _introduction(monograph))
    for entry in monograph.dosage:
        yield _Answer("dosage", f"For {entry.population}: {entry.text}", group=entry.population)
    for interaction in monograph.interactions:
        for substance in interaction.substances[:2]:
            yield _Answer("interactions", interaction.text, other=substance)
    if not monograph.boxed_warning:
        yield _Answer("boxed_warning", f"The label of {monograph.name} carries no boxed warning.")
    if not monograph.contraindications:
        yield _Answer("contraindications", f"The label of {monograph.name} lists no contraindications.")
    for field in fields(Monograph):
        if field.name in QUESTIONS and field.name not in ("dosage", "interactions") and getattr(monograph, field.name):
            yield _Answer(field.name, _shortened(_section_answer(monograph, field.name)))


def _section_answer(monograph: Monograph, field: str) -> list[str]:
    if field == "contraindications":
        phrases = tuple(monograph.contraindications)
        listed = "; ".join(phrases[:-1]) + f"; or {phrases[-1]}" if len(phrases) > 1 else phrases[0]
        return [f"Do not use {monograph.name} if you {listed}."]
    return list(section_sentences(monograph, field))


def _introduction(monograph: Monograph) -> str:
    brands = f"sold as {join_words(monograph.brands)}" if monograph.brands else "sold under its generic name"
    forms = join_words(monograph.forms)
    needs = {
        "prescription": "It needs a prescription.",
        "over the counter": "It is sold without a prescription.",
        "prescription and over the counter": "Some of its products need a prescription and some do not.",
    }[monograph.availability]
    name = _capital(monograph.name)
    introduction = f"{name} is a medicine of the class {monograph.drug_class}, {brands}. It comes as {forms}."
    return f"{introduction} {needs} {monograph.uses[0]}"


def _shortened(sentences: Sequence[str]) -> str:
    kept: list[str] = []
    for sentence in sentences:
        if kept and len(" ".join([*kept, sentence])) > ANSWER_CHARACTERS:
            break
        kept.append(sentence)
    return " ".join(kept)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
