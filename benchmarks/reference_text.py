"""Questions on real label text of other medicines than those of the benchmark labels, for the judge to learn from.

    python benchmarks/reference_text.py briefs --reference FILE --fdarxbench FILE --out FOLDER --round N
    python benchmarks/reference_text.py collect --reference FILE --fdarxbench FILE --out FOLDER --round N

The reference is a JSONL with `generic_name`, `generic_norm`, `brand_name` and `sections` (name: text) on each line,
pooled from labels of several years: good to learn from, not to be cited. Left out are the medicines of the benchmark
questions and of FDARxBench's development set. `briefs` writes numbered pieces of each medicine for whoever writes
questions, each round other pieces; `collect` adds the answers to QUESTIONS, FOLDER/NNN.tsv beside each brief: a
question, a tab, and the numbers of the pieces that answer it, or `-`; behind a slash those that are doubtful. QUESTIONS
names pieces by number, so it holds no label text: a line a brief, with the sections shown, their digest, and the
questions.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY))

from drug_llm.answering.units import Unit, units  # noqa: E402
from drug_llm.labels.label import Passage  # noqa: E402

FOLDER = REPOSITORY / "benchmarks/questions"
QUESTIONS = FOLDER / "reference_text.jsonl"
FEWEST = 25
"""Pieces below which a medicine is left out: too few to mistake for each other."""
PIECES, IN_A_ROW = 60, 16
"""Pieces of a brief, and how many of one section stand in it."""
_ITEM = re.compile(r"(?:\s*<item>)+\s*")
_LIST = re.compile(r"\s*</?list>\s*")
_SPACES = re.compile(r"[ \t]+")
_NAME_WORD = re.compile(r"[a-z]{5,}")
_SALTS = frozenset(
    (
        "acetate",
        "besylate",
        "citrate",
        "fumarate",
        "hydrochloride",
        "maleate",
        "phosphate",
        "sodium",
        "sulfate",
        "tartrate",
    )
)
_ANSWERS = re.compile(r"(-|\d+(?:,\d+)*)(?:/(\d+(?:,\d+)*))?")


@dataclass(frozen=True)
class AskedOfPieces:
    """A question and the pieces of a label that whoever wrote it read."""

    question: str
    pieces: tuple[Unit, ...]
    answers: frozenset[int]
    """Places of the pieces that answer it or a part of it."""
    doubtful: frozenset[int]
    """Places of the pieces of which that cannot be said."""


def asked_of_pieces(reference: Path, questions: Path = QUESTIONS) -> Iterator[AskedOfPieces]:
    """Yield the written questions. Raises ValueError where the reference is not the text they were written on."""
    rows = {row["generic_norm"]: row for row in _lines(reference)}
    for line in _lines(questions):
        shown = shown_pieces(pieces_of(rows[line["medicine"]]), line["shown"])
        if digest(shown) != line["sha256"]:
            raise ValueError(f"{questions}: {line['medicine']} has another text in {reference}.")
        for question, answers, doubtful in line["questions"]:
            yield AskedOfPieces(question, tuple(shown), frozenset(answers), frozenset(doubtful))


def pieces_of(row: dict[str, Any]) -> list[Unit]:
    """Return the pieces of a medicine's sections, lists taken apart."""
    found: list[Unit] = []
    for section, text in row["sections"].items():
        plain = _SPACES.sub(" ", _ITEM.sub("\n- ", _LIST.sub("\n", text))).strip()
        title = section.replace("_", " ").upper()
        passage = Passage(row["generic_norm"], 1, section, section, title, plain)
        found += [unit for unit in units(passage) if unit.kind != "list"]
    return found


def digest(pieces: Sequence[Unit]) -> str:
    """Return a digest of the texts of pieces."""
    return hashlib.sha256("\n".join(unit.text for unit in pieces).encode()).hexdigest()


def medicines(reference: Path, left_out: set[str]) -> Iterator[tuple[dict[str, Any], list[Unit]]]:
    """Yield the medicines with enough text, and their pieces."""
    for row in _lines(reference):
        own = _names(f"{row['generic_name']} {row['generic_norm']} {row['brand_name'] or ''}")
        if not own & left_out and len(pieces := pieces_of(row)) >= FEWEST:
            yield row, pieces


def tested_names(fdarxbench: Path) -> set[str]:
    """Return the words of the names of every medicine that a benchmark question or FDARxBench is about."""
    names = [name for file in sorted(FOLDER.glob("labels_*.jsonl")) for line in _lines(file) for name in line["drugs"]]
    names += [line["drug_name"] for line in _lines(fdarxbench)]
    return {word for name in names for word in _names(name)}


def brief(pieces: Sequence[Unit], seed: int) -> list[tuple[str, int, int]]:
    """Return which pieces to show, those of a section side by side: section, first, count."""
    by_section: dict[str, int] = {}
    for unit in pieces:
        by_section[unit.passage.section] = by_section.get(unit.passage.section, 0) + 1
    share = max(IN_A_ROW, PIECES // len(by_section))
    shown: list[tuple[str, int, int]] = []
    left = PIECES
    for n, section in enumerate(sorted(by_section, key=by_section.__getitem__)):
        count = min(share, by_section[section], left)
        start = (seed * 7919 + n * 104729) % max(1, by_section[section] - share + 1)
        if count:
            shown.append((section, start, count))
        left -= count
    return shown


def shown_pieces(pieces: Sequence[Unit], shown: Sequence[tuple[str, int, int]]) -> list[Unit]:
    by_section = {key: list(own) for key, own in groupby(pieces, lambda unit: unit.passage.section)}
    return [unit for section, first, count in shown for unit in by_section[section][first : first + count]]


def write_brief(row: dict[str, Any], shown: Sequence[Unit], file: Path) -> None:
    lines = [f"# {row['generic_name']}" + (f" ({row['brand_name']})" if row["brand_name"] else "")]
    numbered = enumerate(shown)
    for section, own in groupby(numbered, lambda entry: entry[1].passage.section):
        lines += [f"## {section}", *(f"{number}. {unit.text}" for number, unit in own)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_answers(file: Path, count: int) -> list[list[Any]]:
    """Return the questions of a file with the places of their pieces. Raises ValueError for a line that is not one."""
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        question, _, told = line.partition("\t")
        match = _ANSWERS.fullmatch(told.strip())
        places = [[int(n) for n in (part or "").split(",") if n.isdigit()] for part in match.groups()] if match else []
        if not question.strip() or not match or max([0, *places[0], *places[1]]) >= count:
            raise ValueError(f"{file}, line {number}: expected a question, a tab and pieces below {count}: {line!r}")
        found.append([question.strip(), *places])
    return found


def _names(text: str) -> set[str]:
    return set(_NAME_WORD.findall(text.lower())) - _SALTS


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("briefs", "collect"))
    parser.add_argument("--reference", type=Path, required=True)
    parser.add_argument("--fdarxbench", type=Path, required=True, help="its development set")
    parser.add_argument("--out", type=Path, required=True, help="folder of the briefs")
    parser.add_argument("--round", type=int, default=0, help="a number for other pieces than those of other rounds")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    kept = {(line["medicine"], str(line["shown"])): line for line in (_lines(QUESTIONS) if QUESTIONS.is_file() else ())}
    for n, (row, pieces) in enumerate(medicines(arguments.reference, tested_names(arguments.fdarxbench))):
        shown = brief(pieces, n + 1000 * arguments.round)
        units_shown = shown_pieces(pieces, shown)
        answers = arguments.out / f"{n:03d}.tsv"
        if arguments.what == "briefs":
            write_brief(row, units_shown, answers.with_suffix(".txt"))
        elif answers.is_file():
            line = {"medicine": row["generic_norm"], "shown": shown, "sha256": digest(units_shown)}
            line["questions"] = read_answers(answers, len(units_shown))
            kept[line["medicine"], str([list(part) for part in shown])] = line
    if arguments.what == "collect":
        lines = [json.dumps(line, ensure_ascii=False) + "\n" for line in kept.values()]
        QUESTIONS.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
