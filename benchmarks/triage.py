"""Figures of triage: recall on emergencies, false alarms on ordinary questions, scope, and time.

    python benchmarks/triage.py                # figures
    python benchmarks/triage.py --show         # also every question judged otherwise than written down
    python benchmarks/triage.py --more FILE    # false alarms among the `input` fields of an instruction file

The questions in benchmarks/questions/ were written by hand for this project. The rules were written against the part
`[develop]`; `[held out]` was written before them and first read by a machine when they were done.
Each later part was written before a machine first read it; then the rules were mended on what it showed, so that its
figures here are no estimate for new questions. The seventh look first showed 2 false alarms in 30 questions near an
emergency's words, and none of its 20 emergencies missed.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from drug_llm.answering.triage import Triage, triage

QUESTIONS = Path(__file__).parent / "questions"


@dataclass(frozen=True)
class Written:
    """A question with what is expected of triage."""

    part: str
    """`develop`, `held out` or a later part."""
    expected: str
    """Kind for an emergency, `out` or `in` for scope, empty for an ordinary question."""
    question: str

    @property
    def also_answer(self) -> bool:
        return self.expected.endswith("+")


def read(name: str) -> list[Written]:
    """Return the questions of a file in benchmarks/questions/, without its extension."""
    return list(_parsed((QUESTIONS / f"{name}.txt").read_text(encoding="utf-8"), with_kind=name != "triage_ordinary"))


def _parsed(text: str, *, with_kind: bool) -> Iterator[Written]:
    part = ""
    for line in text.splitlines():
        if line.startswith("["):
            part = line.strip("[]")
        elif line and not line.startswith("#"):
            expected, _, question = line.partition(": ") if with_kind else ("", "", line)
            yield Written(part, expected, question)


def as_written(written: Written, found: Triage | None) -> bool:
    """Return whether triage does what was written down: urgent, out of scope, or nothing to say first."""
    if written.expected in ("", "in"):
        return found is None
    if written.expected.startswith("out"):
        return found is not None and not found.is_urgent and found.also_answer == written.also_answer
    return found is not None and found.is_urgent


def report(title: str, questions: list[Written], *, show: bool) -> None:
    for part in dict.fromkeys(written.part for written in questions):
        chosen = [written for written in questions if written.part == part]
        wrong = [written for written in chosen if not as_written(written, triage(written.question))]
        right = len(chosen) - len(wrong)
        print(f"{title:42} {part:10} {right:4} of {len(chosen):4}  {100 * right / len(chosen):6.2f} %")
        for written in wrong if show else []:
            found = triage(written.question)
            print(f"    {written.expected or 'ordinary'} -> {found.kind if found else 'nothing'}: {written.question}")


def kinds(questions: list[Written], *, show: bool) -> None:
    found = [(written, triage(written.question)) for written in questions]
    same = [(written, one) for written, one in found if one and one.kind == written.expected.rstrip("+")]
    follow = [(written, one) for written, one in found if one and one.also_answer != written.also_answer]
    print(f"{'Emergencies: kind as written':42} {'all':10} {len(same):4} of {len(found):4}")
    print(f"{'Emergencies: label asked too, as written':42} {'all':10} {len(found) - len(follow):4} of {len(found):4}")
    for written, one in found if show else []:
        if one and (one.kind != written.expected.rstrip("+") or one.also_answer != written.also_answer):
            print(f"    {written.expected} -> {one.kind}{'+' * one.also_answer}: {written.question}")


def more(path: Path, *, show: bool) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    questions = sorted({json.loads(line)["input"] for line in lines if line})
    found = [(question, one) for question in questions if (one := triage(question))]
    urgent = sum(one.is_urgent for _, one in found)
    print(
        f"{path.name}: {len(questions)} questions, {urgent} taken for emergencies, {len(found) - urgent} out of scope"
    )
    for question, one in found if show else []:
        print(f"    {one.kind}: {question}")


def speed(questions: list[Written]) -> None:
    started = time.perf_counter()
    for written in questions:
        triage(written.question)
    print(f"{1e6 * (time.perf_counter() - started) / len(questions):.0f} microseconds a question")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--more", type=Path)
    parser.add_argument("--part", help="only questions of this part")
    options = parser.parse_args()
    if options.more:
        more(options.more, show=options.show)
        return
    urgent, ordinary, scope = (
        [written for written in read(name) if options.part in (None, written.part)]
        for name in ("triage_urgent", "triage_ordinary", "triage_scope")
    )
    report("Emergencies recognised (recall)", urgent, show=options.show)
    report("Ordinary questions left alone", ordinary, show=options.show)
    report("Out of scope said so", [w for w in scope if w.expected != "in"], show=options.show)
    report("Near it, but in scope", [w for w in scope if w.expected == "in"], show=options.show)
    kinds(urgent, show=options.show)
    speed(urgent + ordinary + scope)


if __name__ == "__main__":
    main()
