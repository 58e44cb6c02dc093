"""Instruction data from labels and monographs, and from the users' own files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from drug_llm.errors import DatasetError
from drug_llm.instructions import reading
from drug_llm.instructions.asking import draw, questions, shuffled
from drug_llm.instructions.example import Example
from drug_llm.instructions.facts import Fact, Source
from drug_llm.instructions.jsonl import load_examples
from drug_llm.instructions.selection import balanced, capped, held_out_drugs, without_near_duplicates
from drug_llm.instructions.support import unsupported_sentences
from drug_llm.instructions.wordings import SHORT_NAMES
from drug_llm.storage import storage_errors

CLOSED_BOOK_WORDINGS = 2
"""Wordings of one closed-book question; more would teach the answer by heart before its meaning."""
READING_SHARE = 0.5
"""Share of the facts that are read from passages."""
ABSENT_SHARE = 0.12
"""Share of the facts that are asked about with the evidence taken away, and again of another drug."""
TWO_PART_QUESTIONS = 4
"""Two-section questions about a drug."""
TWO_DRUG_QUESTIONS = 4
"""Other drugs that a drug is asked about together with."""
EXAMPLE_CHARACTERS = 1500
"""Longest example, passages, question and answer together: under 512 tokens in GPT-2's and Llama's vocabularies."""
WRITTEN_CHARACTERS = 2000
"""Longest example written by hand; passages in the dense register of labels take fewer tokens a character."""
BUILT_FOR_READING = 200
"""Examples made by rule among those that the reader learns from: a few, since templates teach a template."""
READING_KINDS = ("absent", "other-population", "reading", "two-parts")
WRITTEN_EVAL_SHARE = 0.08
"""Share of the drugs of the written examples that are kept for evaluation."""
EVAL_EXAMPLES = 200
"""Examples in each eval file: enough for a steady perplexity, few enough for a laptop to score often."""


@dataclass(frozen=True)
class Dataset:
    """The examples of the three files."""

    train: tuple[Example, ...]
    evaluation: tuple[Example, ...]
    """About drugs that are not in `train`."""
    seen: tuple[Example, ...]
    """About drugs that are in `train`, asked in wordings that are not used there for the same fact."""
    reading: tuple[Example, ...] = ()
    """What a reader learns from: examples written by hand, and some made by rule; all of them are in `train` too."""
    reading_evaluation: tuple[Example, ...] = ()
    """Examples written by hand about drugs that are not in `reading`."""
    left_out: tuple[Example, ...] = ()
    """Written examples whose answer the verifier does not find in their passages, or that would not fit."""


def build_dataset(sources: Sequence[Source], added: Sequence[Example] = (), written: Sequence[Example] = ()) -> Dataset:
    """Return training and eval examples; the same sources give the same examples.

    No ingredient is in both `train` and `evaluation`. Examples that users add follow their `drug` to its side of the
    split, and train where they name none. `written` are reading examples written by hand.
    """
    held_out = held_out_drugs(sources)
    usable = [e for e in written if _characters(e) <= WRITTEN_CHARACTERS and not unsupported_sentences(e)]
    read, read_aside = _split_written(usable, held_out)
    sides = [[s for s in sources if (s.name in held_out) == kept_out] for kept_out in (False, True)]
    train, evaluation = ([*_about(side), *_general(side)] for side in sides)
    for example in added:
        (evaluation if example.drug.lower() in held_out else train).append(example)
    train = capped(without_near_duplicates(_usable(train)))
    evaluation = balanced(without_near_duplicates(_usable(evaluation)), EVAL_EXAMPLES)
    seen = balanced([e for source in sides[0] for e in _reworded(source)], EVAL_EXAMPLES)
    made = balanced([e for e in train if e.kind in READING_KINDS], BUILT_FOR_READING)
    left_out = [example for example in written if example not in usable]
    return Dataset((*train, *read), tuple(evaluation), tuple(seen), (*read, *made), tuple(read_aside), tuple(left_out))


def _split_written(written: Sequence[Example], held_out: set[str]) -> tuple[list[Example], list[Example]]:
    """Return the written examples to learn from and those kept aside, no drug on both sides."""
    aside = {e.drug for e in written if e.drug in held_out or draw("written", e.drug) < WRITTEN_EVAL_SHARE}
    return [e for e in written if e.drug not in aside], [e for e in written if e.drug in aside]


def read_added(path: Path) -> list[Example]:
    """Return the examples of a user's JSONL or CSV file; CSV has a header with `input` and `output`.

    Raises DatasetError for the first line that cannot be used.
    """
    if path.suffix.lower() != ".csv":
        return load_examples(path)
    with storage_errors(path):
        text = path.read_bytes()
    try:
        rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{path}: cannot be read as CSV in UTF-8 ({error}). Correct the file.") from error
    return [_from_row(path, number, row) for number, row in enumerate(rows, start=2)]


def _from_row(path: Path, number: int, row: dict[str | None, str | None]) -> Example:
    for name in ("input", "output"):
        if not (row.get(name) or "").strip():
            raise DatasetError(
                f"{path}: row {number} has no `{name}`; expected columns `input` and `output`, both filled in. "
                "Correct or remove the row."
            )
    texts = {name: str(row.get(name) or "") for name in ("id", "kind", "drug")}
    return Example(str(row["input"]), str(row["output"]), source=path.name, line=number, **texts)  # type: ignore[arg-type]


def _about(sources: Sequence[Source]) -> Iterator[Example]:
    library = reading.Library(tuple(sources))
    for source in sources:
        for fact in source.facts:
            yield from closed_book(source, fact, CLOSED_BOOK_WORDINGS)
            if draw("read", source.tag, fact.subject, fact.group, fact.other) < READING_SHARE:
                yield from reading.reading_examples(source, fact, library, wordings=1)
            if draw("absent", source.tag, fact.subject, fact.group, fact.other) < ABSENT_SHARE:
                yield from reading.without_evidence(source, fact, library)
            if draw("other", source.tag, fact.subject, fact.group, fact.other) < ABSENT_SHARE:
                yield from reading.other_drug(source, fact, library)
            if fact.group:
                yield from reading.other_population(source, fact)
        yield from _pairs(source, library)


def _pairs(source: Source, library: reading.Library) -> Iterator[Example]:
    simple = [fact for fact in source.facts if fact.subject in SHORT_NAMES]
    ones = shuffled(simple, source.tag, "one")
    twos = shuffled(simple, source.tag, "two")
    distinct = [(one, two) for one, two in zip(ones, twos, strict=True) if one.section != two.section]
    for one, two in distinct[:TWO_PART_QUESTIONS]:
        yield from reading.two_parts(source, one, two, library)
    mentioned = [other for other in library.sources if reading.mentions(source, other)]
    others = [*shuffled_sources(mentioned, source.name)[:3], *library.others(source, 2, "two-drugs")]
    for other in list(dict.fromkeys(others))[:TWO_DRUG_QUESTIONS]:
        yield from reading.two_drugs(source, other)


def shuffled_sources(sources: Sequence[Source], *key: object) -> list[Source]:
    """Return sources in an order that depends on their set ids and the key alone."""
    by_id = {source.label.set_id: source for source in sources}
    return [by_id[set_id] for set_id in shuffled(sorted(by_id), *key)]


def _general(sources: Sequence[Source]) -> Iterator[Example]:
    yield from reading.unknown_drugs(sources)
    yield from reading.outside_medicine(sources)


def closed_book(source: Source, fact: Fact, wordings: int, *, skip: int = 0) -> Iterator[Example]:
    """Yield questions answered from memory, in `wordings` wordings after the first `skip`."""
    for number, question in enumerate(questions(source, fact, skip + wordings)[skip:], start=skip):
        key = (fact.subject, fact.group, fact.other, number)
        yield reading.example_of(question, fact.text, (), source, fact, "closed-book", key)


def _reworded(source: Source) -> Iterator[Example]:
    for fact in source.facts:
        yield from closed_book(source, fact, 1, skip=CLOSED_BOOK_WORDINGS)


def _usable(examples: Sequence[Example]) -> list[Example]:
    return [e for e in examples if _characters(e) <= EXAMPLE_CHARACTERS and not unsupported_sentences(e)]


def _characters(example: Example) -> int:
    return len(example.input) + len(example.output) + sum(len(p.section) + len(p.text) for p in example.passages)
