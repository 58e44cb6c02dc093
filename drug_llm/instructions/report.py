"""A page that shows what is in instruction files: counts, lengths, repetitions, leaks, coverage."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from drug_llm.instructions.example import Example
from drug_llm.instructions.selection import without_near_duplicates, wording_of
from drug_llm.instructions.support import unsupported_sentences

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b2733; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; } td, th { padding: .2rem .9rem .2rem 0; text-align: left; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.bad { color: #b3261e; font-weight: 600; } .good { color: #1b6e3c; font-weight: 600; }
svg text { font: 12px system-ui, sans-serif; fill: #1b2733; } rect { fill: #3b6ea5; }
"""
_BAR, _LABEL, _ROW = 420, 190, 19
_BINS = 12


@dataclass(frozen=True)
class Findings:
    """What a report says about a training file and its eval files."""

    counts: Mapping[str, int]
    """Examples in each file."""
    shared_drugs: tuple[str, ...]
    """Drugs that are both trained on and in the eval file: a leak."""
    shared_questions: int
    """Questions of the eval file that are asked word for word in training: a leak."""
    near_duplicates: int
    """Training examples that are nearly the same as an earlier one."""
    unsupported: tuple[str, ...]
    """Ids of reading examples whose answer no passage supports."""
    largest_drug_share: float
    """Share of the training examples that the most frequent drug has."""
    largest_wording_share: float
    """Share of the training examples that the most frequent wording has."""

    @property
    def sound(self) -> bool:
        """Whether nothing leaks and everything is supported."""
        return not (self.shared_drugs or self.shared_questions or self.near_duplicates or self.unsupported)


def examine(train: Sequence[Example], evaluation: Sequence[Example]) -> Findings:
    """Return what is to be said about the files."""
    drugs = Counter(example.drug for example in train if example.drug)
    wordings = Counter(wording for example in train if (wording := wording_of(example)))
    asked = {example.input.lower() for example in train if example.drug}
    total = max(1, len(train))
    return Findings(
        counts={"train": len(train), "eval": len(evaluation)},
        shared_drugs=tuple(sorted(set(drugs) & {example.drug for example in evaluation})),
        shared_questions=sum(example.input.lower() in asked for example in evaluation if example.drug),
        near_duplicates=len(train) - len(without_near_duplicates(train)),
        unsupported=tuple(e.id for e in (*train, *evaluation) if unsupported_sentences(e)),
        largest_drug_share=max(drugs.values(), default=0) / total,
        largest_wording_share=max(wordings.values(), default=0) / total,
    )


def render(
    train: Sequence[Example], evaluation: Sequence[Example], count_tokens: Callable[[Example], int], tokenizer: str
) -> str:
    """Return the report as one HTML page without scripts or outside files; lengths are tokens of `tokenizer`."""
    findings = examine(train, evaluation)
    lengths = [count_tokens(example) for example in train]
    parts = [
        "<h1>Instruction data</h1>",
        _facts(findings, train),
        _plot("Examples by kind (train)", Counter(example.kind or "none" for example in train).most_common()),
        _plot("Examples by section (train)", Counter(_section(example) for example in train).most_common()),
        _plot(f"Length of prompt and answer (train), tokens of {tokenizer}", _histogram(lengths)),
        _plot("Examples by drug, the 25 most frequent", Counter(e.drug for e in train if e.drug).most_common(25)),
        _plot("Wordings, the 15 most frequent", Counter(filter(None, map(wording_of, train))).most_common(15)),
    ]
    head = f'<meta charset="utf-8"><title>Instruction data</title>\n<style>{_STYLE}</style>'
    return "\n".join(['<!doctype html>\n<html lang="en">', head, *parts, "</html>\n"])


def _facts(findings: Findings, train: Sequence[Example]) -> str:
    drugs = len({example.drug for example in train if example.drug})
    rows = [
        ("examples to train on", f"{findings.counts['train']}", None),
        ("examples to evaluate on", f"{findings.counts['eval']}", None),
        ("drugs trained on", f"{drugs}", None),
        ("drugs in both files", ", ".join(findings.shared_drugs) or "none", not findings.shared_drugs),
        ("eval questions asked in training", str(findings.shared_questions), not findings.shared_questions),
        ("near-duplicates left", str(findings.near_duplicates), not findings.near_duplicates),
        ("answers that no passage supports", str(len(findings.unsupported)), not findings.unsupported),
        ("largest share of one drug", f"{findings.largest_drug_share:.1%}", None),
        ("largest share of one wording", f"{findings.largest_wording_share:.1%}", None),
    ]
    classes = {True: "n good", False: "n bad", None: "n"}
    cells = [f'<tr><td>{what}<td class="{classes[good]}">{html.escape(value)}' for what, value, good in rows]
    return f"<table>{''.join(cells)}</table>"


def _section(example: Example) -> str:
    return str(example.source.get("section") or "none") if isinstance(example.source, dict) else "none"


def _histogram(lengths: Sequence[int]) -> list[tuple[str, int]]:
    width = max(1, -(-max(lengths, default=1) // _BINS))
    bins = Counter(length // width for length in lengths)
    return [(f"{n * width} to {(n + 1) * width - 1}", bins[n]) for n in range(max(bins, default=0) + 1)]


def _plot(title: str, counts: Sequence[tuple[str, int]]) -> str:
    most = max((count for _, count in counts), default=1) or 1
    rows = [
        f'<text x="{_LABEL - 8}" y="{n * _ROW + 14}" text-anchor="end">{html.escape(_cut(name))}</text>'
        f'<rect x="{_LABEL}" y="{n * _ROW + 3}" width="{_BAR * count / most:.1f}" height="{_ROW - 5}"/>'
        f'<text x="{_LABEL + _BAR * count / most + 6:.1f}" y="{n * _ROW + 14}">{count}</text>'
        for n, (name, count) in enumerate(counts)
    ]
    size = f'width="{_LABEL + _BAR + 60}" height="{len(counts) * _ROW + 6}"'
    return (
        f'<h2>{html.escape(title)}</h2>\n<svg {size} role="img" aria-label="{html.escape(title)}">{"".join(rows)}</svg>'
    )


def _cut(name: str) -> str:
    return name if len(name) <= 30 else name[:29] + "…"
