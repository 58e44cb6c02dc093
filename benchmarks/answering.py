"""Answers measured: on questions with gold passages, and on questions about real labels.

python benchmarks/answering.py labels --store STORE [--questions FILE ...] [--sides quote,grounded,worded]
python benchmarks/answering.py passages --questions FILE [--sides sentences,untuned,tuned,quote,grounded,worded,knowing]

`labels` scores correct, incomplete, wrong and abstained by key facts; `passages` scores token-F1 against the reference
answers and the F1 of the cited passages against the gold ones. Every side answers the same questions in one run;
`knowing` chooses its quotes by the reference answer, so it shows how far quotes can get.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY))

from benchmarks.answering_score import TEST_QUESTIONS, right_section, set_f1, stated, token_f1, verdict  # noqa: E402
from benchmarks.answering_sides import SIDES, Setup  # noqa: E402

Line = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("labels", "passages"))
    parser.add_argument("--questions", type=Path, nargs="+", default=TEST_QUESTIONS, metavar="FILE")
    parser.add_argument("--store", type=Path)
    parser.add_argument("--model", type=Path, help="final checkpoint (default: the reference adapter)")
    parser.add_argument("--sides", default="quote,grounded")
    parser.add_argument("--out", type=Path, help="folder for the answers of each side")
    arguments = parser.parse_args()
    setup = Setup(arguments.store, arguments.model)
    texts = [file.read_text(encoding="utf-8") for file in arguments.questions]
    questions = [json.loads(line) for text in texts for line in text.splitlines()]
    report = labels if arguments.what == "labels" else passages
    for name in arguments.sides.split(","):
        started = time.perf_counter()
        answers = answer_all(questions, SIDES[name](setup), arguments.what)
        if arguments.out:
            arguments.out.mkdir(parents=True, exist_ok=True)
            lines = "".join(json.dumps(answer, ensure_ascii=False) + "\n" for answer in answers)
            (arguments.out / f"{arguments.what}-{name}.jsonl").write_text(lines, encoding="utf-8")
        print(f"\n## {name}: {len(questions)} questions in {time.perf_counter() - started:.0f} s")
        report(questions, answers)


def answer_all(questions: list[Line], side: Callable[[Line], Line], what: str) -> list[Line]:
    answers = []
    for number, question in enumerate(questions):
        asked = question if what == "labels" else with_passages(question)
        answer = side(asked)
        answers.append(answer)
        if sys.stderr.isatty():
            print(f"\r{number + 1}/{len(questions)}", end="", file=sys.stderr)
    return answers


def with_passages(question: Line) -> Line:
    """Return an FDARxBench line as a question with passages."""
    passages = [
        {"set_id": f"{question['set_id']}:{n}", "section": entry["section_title"] or "", "text": entry["text"]}
        for n, entry in enumerate(question["context"])
    ]
    return {
        "id": question["qid"],
        "question": question["question"],
        "passages": passages,
        "drug": question["drug_name"],
        "expected": question["answer"],
    }


def labels(questions: list[Line], answers: list[Line]) -> None:
    pairs = list(zip(questions, answers, strict=True))
    verdicts = [verdict(question, answer) for question, answer in pairs]
    groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for question, found in zip(questions, verdicts, strict=True):
        groups["answerable" if not question["reason"] else "not to be answered"][found] += 1
        groups[f"  {question['kind']}"][found] += 1
    for name in sorted(groups, key=lambda n: (n.startswith(" "), n)):
        counts = groups[name]
        total = sum(counts.values())
        shares = ", ".join(
            f"{key} {counts[key] / total:.0%}" for key in ("correct", "incomplete", "wrong", "abstained")
        )
        print(f"{name:20} {total:4}: {shares}")
    told = [(q, a) for q, a in pairs if not q["reason"] and not a["abstained"]]
    print(f"gold section cited in {sum(right_section(q, a) for q, a in told)} of {len(told)} answers given")
    near = [(q, a) for q, a in pairs if a["reason"] == "not_in_label" and a["citations"]]
    whole = sum(not q["reason"] and stated(q["facts"], a["answer"]) == len(q["facts"]) for q, a in near)
    unasked = sum(bool(q["reason"]) for q, _ in near)
    print(
        f"no answer but the nearest text shown: {len(near)}, {whole} with all key facts, {unasked} not to be answered"
    )
    reasons = [a["reason"] == q["reason"] for q, a in pairs if q["reason"]]
    print(f"the right reason in {sum(reasons)} of {len(reasons)}")
    timing(answers)


def timing(answers: list[Line]) -> None:
    took = sorted(answer["elapsed_ms"] for answer in answers)
    print(f"time: median {statistics.median(took):.0f} ms, p95 {took[int(0.95 * (len(took) - 1))]} ms")
    lengths = [len(answer["answer"].split()) for answer in answers if not answer["abstained"]]
    print(f"words an answer: {statistics.mean(lengths or [0]):.0f}")


def passages(questions: list[Line], answers: list[Line]) -> None:
    for task in ("factual", "multihop", "refusal"):
        mine = [(q, a) for q, a in zip(questions, answers, strict=True) if q["task"] == task]
        if not mine:
            continue
        if task == "refusal":
            print(f"{task:10} {len(mine):3}: abstained {sum(a['abstained'] for _, a in mine)}")
            continue
        f1 = statistics.mean(token_f1(a["answer"], q["answer"]) for q, a in mine)
        cited = statistics.mean(set_f1({c["set_id"] for c in a["citations"]}, gold(q)) for q, a in mine)
        silent = sum(a["abstained"] for _, a in mine)
        print(f"{task:10} {len(mine):3}: token-F1 {f1:.3f}, citation F1 {cited:.3f}, abstained {silent}")
    timing(answers)


def gold(question: Line) -> set[str]:
    """Return the passages that hold the answer: those marked so, or all where none is marked."""
    marked = [n for n, entry in enumerate(question["context"]) if entry.get("has_answer")]
    return {f"{question['set_id']}:{n}" for n in (marked or range(len(question["context"])))}


if __name__ == "__main__":
    main()
