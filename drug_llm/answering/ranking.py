"""Which units of a label answer a question: lexical, semantic and structural marks, weighed by a fitted line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from drug_llm.answering.intent import Intent, is_about
from drug_llm.answering.label_index import LabelIndex, question_stems
from drug_llm.answering.wording import alternatives, everyday_stems

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEATURES = (
    "bm25", "covered", "bm25_widened", "covered_widened", "title_covered", "section_covered", "cosine", "cosine_title",
    "cosine_section", "section_fits", "first_in_section", "population_fits", "population_missing", "population_other",
    "number_wanted", "number_missing", "short", "long", "entry", "list", "boilerplate", "unclassified", "pointer",
    "echo", "section_fits_alone", "first_alone",
)  # fmt: skip
"""Names of the marks, in the order of the columns."""
WEIGHTS_FILE = "ranking_weights.json"
_BOILERPLATE = frozenset(["package_label", "product_data", "references", "recent_major_changes"])
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class Query:
    """One part of a question, ready to be compared."""

    intent: Intent
    words: tuple[tuple[str, ...], ...]
    """Stems of the words that carry meaning, the drug's names left out, each alone."""
    widened: tuple[tuple[str, ...], ...]
    """The same with the stems of other words for the same thing ("kidney": "renal")."""
    specific: tuple[tuple[str, ...], ...]
    """Of `widened`, those of words that are not everyday ones: without them in a unit it speaks of something else."""
    vector: NDArray[np.float32]
    """Unit vector of the part."""


def query_text(part: Intent, names: Sequence[str]) -> str:
    """Return a part without the words of the drug's names: they stand all over its label and tell nothing apart."""
    own = {word for name in names for word in _WORD.findall(name.lower())}
    kept = [word for word in part.text.split() if not set(_WORD.findall(word.lower())) <= own]
    return " ".join(kept) or part.text


def make_query(part: Intent, names: Sequence[str], vector: NDArray[np.float32], index: LabelIndex) -> Query:
    """Return the query of a part; `vector` is that of `query_text`."""
    text = query_text(part, names)
    words = [index.spelled(word) for word in question_stems(text)]
    widened = tuple(alternatives(word) for word in words)
    specific = tuple(meanings for word, meanings in zip(words, widened, strict=True) if word not in everyday_stems())
    return Query(part, tuple((word,) for word in words), widened, specific, vector)


def features(query: Query, index: LabelIndex) -> NDArray[np.float64]:
    """Return the marks of every unit, shape (units, len(FEATURES))."""
    columns = [
        *_lexical(query, index),
        index.vectors @ query.vector,
        (index.title_vectors @ query.vector)[index.passage_of],
        _best_of_section(index, index.vectors @ query.vector),
        *_structural(query, index),
    ]
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)


def _lexical(query: Query, index: LabelIndex) -> list[NDArray[np.float64]]:
    flat = {stem for words in query.widened for stem in words}
    share = max(1, len(query.widened))
    by_title = {key: len(flat & found) / share for key, found in index.passage_stems.items()}
    by_section = {
        key: sum(any(w in found for w in words) for words in query.widened) / share
        for key, found in index.section_stems.items()
    }
    keys = [unit.passage.section for unit in index.units]
    bm25 = [_scaled(index.bm25(words)) for words in (query.words, query.widened)]
    covered = [index.covered(words) for words in (query.words, query.widened)]
    titles, sections = (np.array([by[key] for key in keys]) for by in (by_title, by_section))
    return [bm25[0], covered[0], bm25[1], covered[1], titles, sections]


def _scaled(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    highest = float(scores.max()) if len(scores) else 0.0
    return scores / highest if highest else scores


def _best_of_section(index: LabelIndex, cosine: NDArray[np.float32]) -> NDArray[np.float32]:
    best = np.full(len(index.passages), -1.0, dtype=np.float32)
    np.maximum.at(best, index.passage_of, cosine)
    return best[index.passage_of]


def _structural(query: Query, index: LabelIndex) -> list[list[float]]:
    weights = query.intent.section_weights()
    asked, wants_number = query.intent.populations, query.intent.wants_number
    own = {stem for words in query.words for stem in words}
    rows = []
    for unit, count, mark in zip(index.units, index.counts, index.marks, strict=True):
        name = unit.passage.name
        groups = mark.populations
        fits = all(group in groups or is_about(group, name) for group in asked)
        length = len(unit.text)
        rows.append(
            (
                weights.get(name, 0.0),
                float(mark.opens_section),
                float(bool(asked) and fits),
                float(bool(asked) and not fits),
                float(bool(groups - asked) and not groups & asked),
                float(wants_number and mark.has_number),
                float(wants_number and not mark.has_number),
                float(length < 25),
                min(1.0, length / 420),
                float(unit.kind in ("entry", "row")),
                float(unit.kind == "list"),
                float(name in _BOILERPLATE),
                float(name == "unclassified"),
                float(mark.is_pointer),
                # A unit that only repeats the question says nothing new.
                float(len(count) > 0 and len(set(count) - own) < 3),
                # Where the question has no words of its own, the section that answers it speaks for itself.
                0.0 if own else weights.get(name, 0.0),
                float(not own and mark.opens_section) * weights.get(name, 0.0),
            )
        )
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in FEATURES[9:]]


@cache
def weights() -> Mapping[str, float]:
    """Return the fitted weight of each mark (`benchmarks/fit_ranking.py`)."""
    found: dict[str, float] = _fitted()["weights"]
    return found


def judge_weight() -> float:
    """Return what the log-odds of a tuned judge add to a score (`benchmarks/judging.py report`)."""
    return float(_fitted()["judge"])


@cache
def _fitted() -> Mapping[str, Any]:
    text = resources.files("drug_llm.answering").joinpath(WEIGHTS_FILE).read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


def score(marks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how well units with these marks answer, higher is better; comparable between questions."""
    line = np.array([weights()[name] for name in FEATURES])
    found: NDArray[np.float64] = marks @ line
    return found
