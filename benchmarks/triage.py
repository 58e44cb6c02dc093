"""Figures of triage: recall on emergencies, false alarms on ordinary questions, scope, and time.

    python benchmarks/triage.py                # figures
    python benchmarks/triage.py --show         # also every question judged otherwise than written down
    python benchmarks/triage.py --more FILE    # false alarms among the `input` fields of an instruction file
    python benchmarks/triage.py --robust       # the same questions with harmless words before and after them

The questions in benchmarks/questions/ were written by hand for this project. The rules were written against the part
`[develop]`; `[held out]` was written before them and first read by a machine when they were done.
Each later part was written before a machine first read it; then the rules were mended on what it showed, so that its
figures here are no estimate for new questions. The seventh look first showed 2 false alarms in 30 questions near an
emergency's words, and none of its 20 emergencies missed. The ninth look is a reviewer's: 117 of its first 154
emergencies were recognised, 36 of 60 out of scope. The tenth was written before the rules for the ninth, 10 emergencies
and 20 look-alikes a rule: 78 of 170 were recognised. `[kept aside]` was written before both and no rule after it was
written for it, though the first measure showed what was missed: 72 of 80 emergencies were recognised before, 74 after,
with the same 5 alarms in its 122 ordinary questions.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from drug_llm.answering.triage import Triage, triage

QUESTIONS = Path(__file__).parent / "questions"

# What people say before and after what matters; none of it makes an emergency or ends one.
AROUND: tuple[tuple[str, str], ...] = (
    ("hi quick question ", ""),
    ("I have a question, ", ""),
    ("so basically ", ""),
    ("can you help me ", ""),
    ("can someone please help, ", ""),
    ("is it normal that ", ""),
    ("why is it that ", ""),
    ("started a new med 3 weeks ago and now ", ""),
    ("", ", is that a side effect?"),
    ("", " is this normal"),
    ("", " and is it dangerous"),
    ("", " and this is not normal"),
    ("", ", this is not like before"),
    ("", ", what does the label say?"),
    ("", " what does the label say"),
    ("", ", history of chronic pain"),
    ("", " with a history of migraine"),
    ("", " and it never happened to people in my family"),
)


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
    return list(
        _parsed((QUESTIONS / f"{name}.txt").read_text(encoding="utf-8"), with_kind=not name.endswith("_ordinary"))
    )


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


def swapped(question: str) -> str:
    """Return a question with the fourth and fifth letter of its longest word swapped."""
    words = question.split()
    longest = max(range(len(words)), key=lambda place: len(words[place]))
    word = words[longest]
    if len(word) > 5:
        words[longest] = word[:3] + word[4] + word[3] + word[5:]
    return " ".join(words)


def around(question: str, before: str, after: str) -> str:
    """Return a question with words before it, or after it without its own full stop."""
    if before:
        return before + question[:1].lower() + question[1:]
    return question.rstrip("?.! ") + after


def alarms(questions: list[str]) -> int:
    return sum(1 for question in questions if (one := triage(question)) and one.is_urgent)


def robust(every: int = 1) -> Iterator[tuple[str, float, float]]:
    """Yield each change with the share of emergencies still recognised and of quiet questions that then alarm.

    Of urgent lines that are recognised as they stand, and ordinary lines that are left alone; `every` fifth, say.
    """
    urgent = [w.question for w in read("triage_urgent")[::every] if alarms([w.question])]
    quiet = [w.question for w in read("triage_ordinary")[::every] if not alarms([w.question])]
    changes: list[tuple[str, Callable[[str], str]]] = [
        ("lower case", str.lower),
        ("capitals", str.upper),
        ("two letters of the longest word swapped", swapped),
        *((f"{before}... {after}".strip(), partial(around, before=before, after=after)) for before, after in AROUND),
    ]
    for name, change in changes:
        kept, alarmed = (alarms([change(question) for question in one]) for one in (urgent, quiet))
        yield name, kept / len(urgent), alarmed / len(quiet)


def speed(questions: list[Written]) -> None:
    started = time.perf_counter()
    for written in questions:
        triage(written.question)
    print(f"{1e6 * (time.perf_counter() - started) / len(questions):.0f} microseconds a question")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--more", type=Path)
    parser.add_argument("--robust", action="store_true", help="the same with harmless words around each question")
    parser.add_argument("--part", help="only questions of this part")
    options = parser.parse_args()
    if options.more:
        more(options.more, show=options.show)
        return
    if options.robust:
        print(f"{'With harmless words around':52} emergencies kept   false alarms")
        for name, kept, alarmed in robust():
            print(f"{name:52} {100 * kept:14.1f} %   {100 * alarmed:10.1f} %")
        return
    urgent, ordinary, scope = (
        [written for written in read(name) if options.part in (None, written.part)]
        for name in ("triage_urgent", "triage_ordinary", "triage_scope")
    )
    report("Emergencies recognised (recall)", urgent, show=options.show)
    report("Ordinary questions left alone", ordinary, show=options.show)
    report("Out of scope said so", [w for w in scope if w.expected != "in"], show=options.show)
    report("Near it, but in scope", [w for w in scope if w.expected == "in"], show=options.show)
    report("Kept aside: emergencies", read("triage_kept_urgent"), show=options.show)
    report("Kept aside: ordinary questions", read("triage_kept_ordinary"), show=options.show)
    kinds(urgent, show=options.show)
    speed(urgent + ordinary + scope)


if __name__ == "__main__":
    main()
