"""The check itself: every clause of a sentence against the part of the evidence that it is drawn from."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from drug_llm.claims.balance import balance_problems
from drug_llm.claims.bindings import modifier_problems, quantity_problems
from drug_llm.claims.conditions import condition_problems
from drug_llm.claims.drugs import is_drug_name
from drug_llm.claims.evidence import Clause, Statement, clauses, statements
from drug_llm.claims.polarity import upholds
from drug_llm.claims.problem import Problem
from drug_llm.claims.silence import is_silent, unframed
from drug_llm.claims.told import Told
from drug_llm.claims.window import Window, free_words, missing, windows
from drug_llm.claims.words import Token, types
from drug_llm.labels.sentences import split_sentences

_ALLOWING = frozenset({"may", "should", "must", "order"})
_FORBIDDING = frozenset({"forbidden", "do not", "discouraged"})
_WITHIN_OTHERS = frozenset({"=pregnant", "=lactation", "=woman", "=postmenopausal"})
"""Groups of people that may be one and the same."""
_BULLET = re.compile(r"^\s*[-*\u2022]\s+")
_KINDS = {"organ": "population", "relation": "condition", "direction": "polarity"}


def is_supported(sentence: str, evidence: Sequence[str], *, question: str = "", drugs: Collection[str] = ()) -> bool:
    """Return whether the evidence supports everything that a sentence says; see `problems`."""
    return not problems(sentence, evidence, question=question, drugs=drugs)


def problems(
    sentence: str, evidence: Sequence[str], *, question: str = "", drugs: Collection[str] = ()
) -> list[Problem]:
    """Return what a sentence says and its evidence does not; empty when all of it is supported.

    `evidence` are spans of label text: sentences, list entries or rows with the line that introduces them, or whole
    passages. `drugs` are names of the drug that the evidence is about, which may stand for each other; any other drug
    must stand in the evidence. Words of the `question` may frame a claim and never support one.
    """
    claim = unframed(sentence.strip())
    if is_silent(claim) or is_quote(claim, evidence):
        return []
    names = frozenset(name.lower() for name in drugs if name)
    passages = [statements(span, names) for span in evidence]
    parts = clauses(claim, names)
    asked = frozenset().union(*(clause.keys for clause in clauses(question, names)))
    free = free_words(passages)
    told = Told(parts, asked)
    found = [problem for part in parts for problem in _clause_problems(part, parts, (passages, free), told)]
    found += balance_problems(parts, passages, told)
    return list(dict.fromkeys(found))


def is_quote(sentence: str, evidence: Sequence[str]) -> bool:
    """Return whether a sentence is one of the evidence, word for word."""
    wanted = _folded(sentence)
    return any(wanted in _quotable(span) for span in evidence)


@lru_cache(maxsize=1024)
def _quotable(span: str) -> frozenset[str]:
    """Return the sentences of a span, and its list entries with the line that introduces them."""
    found, header = {_folded(span)}, ""
    for line in filter(str.strip, span.split("\n")):
        text = _folded(line)
        if _BULLET.match(line) or header.endswith(":"):
            found |= {f"{header} {text}"} if header else {text}
            header = header if _BULLET.match(line) else text
        else:
            header = text
        if not _BULLET.match(line) and not line.rstrip().endswith(":"):
            found |= {text, *(_folded(sentence.text) for sentence in split_sentences(line))}
    return frozenset(found)


def _folded(text: str) -> str:
    return " ".join(_BULLET.sub("", text).split()).lower()


def _clause_problems(
    clause: Clause,
    sentence: Sequence[Clause],
    evidence: tuple[Sequence[tuple[Statement, ...]], frozenset[str]],
    told: Told,
) -> list[Problem]:
    if not clause.counts and not any(token.is_informative for token in clause.tokens):
        return []
    if _is_forbidden_use(clause, evidence[0]):
        return [Problem("polarity", clause.text, "forbidden")]
    best: list[Problem] | None = None
    for window in windows(clause, *evidence):
        found = list(_window_problems(clause, sentence, window, told))
        if not found:
            return []
        if best is None or len(found) < len(best):
            best = found
    if best is None:
        return [_lacking(token) for token in missing(clause, ())] or [Problem("term", clause.text, "")]
    return best


def _is_forbidden_use(clause: Clause, passages: Sequence[tuple[Statement, ...]]) -> bool:
    """Return whether a clause allows or orders a use that the evidence speaks of only to forbid it."""
    wanted = [token for token in clause.tokens if token.is_informative]
    if clause.polarity not in _ALLOWING or not any("=administer" in token.keys for token in clause.tokens):
        return False
    held = [
        (len(_held(wanted, (given,))), how, "=administer" in given.keys)
        for passage in passages
        for statement in passage
        for given in statement.clauses
        for how in statement.polarities(given)
    ]
    most = max((count for count, _, _ in held), default=0)
    nearest = [(how, uses) for count, how, uses in held if count == most > 0]
    forbids = any(how in _FORBIDDING for how, _ in nearest)
    return forbids and not any(uses and how in _ALLOWING for how, uses in nearest)


def _window_problems(clause: Clause, sentence: Sequence[Clause], window: Window, told: Told) -> Iterator[Problem]:
    keys = frozenset().union(*(statement.keys for statement in window.statements))
    if clause.polarity == "may" and keys & {"=occur", "=associated", "=risk"}:
        # What may occur with a drug is what it may cause.
        keys |= {"=cause"}
    lacking = missing(clause, keys | window.free)
    yield from (_lacking(token) for token in lacking)
    yield from quantity_problems(clause, window, sentence)
    yield from modifier_problems(clause, window)
    aligned = _aligned(clause, window)
    if aligned:
        yield from _polarity_problems(clause, sentence, aligned)
        if len(window.statements) == 1:
            yield from min((list(_exchanged(clause, s, given)) for s, given in aligned), key=len)
        yield from min((list(condition_problems(given, s, told)) for s, given in aligned), key=len)


def _polarity_problems(
    clause: Clause, sentence: Sequence[Clause], aligned: Sequence[tuple[Statement, Clause]]
) -> Iterator[Problem]:
    own = list(_polarities(clause, sentence))
    told = [how for statement, given in aligned for how in sorted(statement.polarities(given))]
    if not any(upholds(how, claimed) for how in told for claimed in own):
        yield Problem("polarity", clause.polarity, told[0])


def _exchanged(clause: Clause, statement: Statement, given: Clause) -> Iterator[Problem]:
    """Yield a problem where a clause tells of one direction or group and the evidence of another one."""
    above = (*statement.headers, *statement.title)
    for kind in ("direction", "population", "organ"):
        claimed = clause.anchors.get(kind, frozenset()) - _WITHIN_OTHERS
        told = given.anchors.get(kind, frozenset()) - _WITHIN_OTHERS
        beside = told.union(*(part.anchors.get(kind, frozenset()) for part in above))
        if claimed and told and not claimed & beside:
            yield Problem(_KINDS.get(kind, kind), ", ".join(sorted(claimed)), ", ".join(sorted(told)))


def _polarities(clause: Clause, sentence: Sequence[Clause]) -> Iterator[str]:
    """Yield the classes that a clause of a claim may be read as; a mere phrase goes on with the statement before it."""
    yield clause.polarity
    at = next((n for n, other in enumerate(sentence) if other is clause), 0)
    before = [other.polarity for other in sentence[:at] if not other.is_phrase]
    after = [other.polarity for other in sentence[at + 1 :] if not other.is_phrase]
    if clause.is_phrase and (before or after):
        yield (before or after)[-1 if before else 0]


def _aligned(clause: Clause, window: Window) -> list[tuple[Statement, Clause]]:
    """Return the clauses of the evidence that share most with one of a claim.

    "A may raise B and should be avoided" says of A in its second clause too, so a clause that adds something to the
    one before it counts with that.
    """
    wanted = [token for token in clause.tokens if token.is_telling]
    values = {count.value for count in clause.counts}
    scored = []
    for statement in window.statements:
        above = _held(wanted, (*statement.headers, *statement.title))
        before = _held(wanted, statement.before)
        for given in statement.clauses:
            own = _held(wanted, (given,))
            joined = own | (before if own - before and given.continues else set()) | above
            score = len(joined) + 2 * len(values & {count.value for count in given.counts})
            scored.append((score if own or above else 0, statement, given))
            before = joined
    best = max((score for score, _, _ in scored), default=0)
    whole = len(wanted) + 2 * len(values)
    return [(s, given) for score, s, given in scored if score and score >= (best if best == whole else 0.85 * best)]


def _held(wanted: Sequence[Token], parts: Sequence[Clause]) -> set[int]:
    return {at for at, token in enumerate(wanted) for part in parts if token.keys & part.keys}


def _lacking(token: Token) -> Problem:
    if token.kind == "frequency":
        return Problem("frequency", token.text, "")
    kinds = [types()[key] for key in sorted(token.keys) if key in types()]
    if kinds:
        return Problem(_KINDS.get(kinds[0], kinds[0]), token.text, "")
    return Problem("drug" if is_drug_name(token.text) else "term", token.text, "")
