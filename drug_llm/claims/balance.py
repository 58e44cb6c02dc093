"""Small words that turn a statement round, counted in a sentence and in the statement that it is drawn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from drug_llm.claims.evidence import Clause, Statement
from drug_llm.claims.problem import Problem
from drug_llm.claims.window import is_informative
from drug_llm.claims.words import Token, types, word_list

DRAWN = 0.95
"""Share of a sentence's words in one statement from which on it counts as drawn from that statement alone."""
_OPPOSED = {
    # Of words of one kind, more of one and fewer of another is an exchange.
    "population": "population",
    "organ": "population",
    "route": "route",
    "direction": "polarity",
    "severity": "severity",
}
_TURNS = frozenset({"=before", "=after", "=during", "=until", "without", "with", "unless", "if", "above", "below"})


def balance_problems(sentence: Sequence[Clause], passages: Sequence[tuple[Statement, ...]]) -> Iterator[Problem]:
    """Yield what a sentence has too many of, compared with the one statement that it is drawn from, if there is one."""
    tokens = [token for clause in sentence for token in clause.tokens]
    wanted = [token for token in tokens if is_informative(token)]
    drawn = [
        (shared, statement)
        for passage in passages
        for statement in passage
        for shared in [sum(bool(token.keys & statement.keys) for token in wanted)]
        if wanted and shared >= DRAWN * len(wanted)
    ]
    most = max((shared for shared, _ in drawn), default=0)
    found = [list(_compared(tokens, _tokens(statement))) for shared, statement in drawn if shared == most]
    yield from min(found, key=len, default=[])


def _tokens(statement: Statement) -> list[Token]:
    return [token for clause in statement.all_clauses for token in clause.tokens]


def _compared(claimed: Sequence[Token], given: Sequence[Token]) -> Iterator[Problem]:
    more = _kinds(claimed)
    more.subtract(_kinds(given))
    if more["denial", ""] > 0:
        yield Problem("polarity", "a negation more", "")
    if more["must", ""] > 0 and not any(token.text in {"not", "avoid", "contraindicated", "never"} for token in given):
        yield Problem("polarity", "must", "should or may")
    if more["may", ""] > 0 and (more["should", ""] < 0 or more["must", ""] < 0):
        yield Problem("polarity", "may", "should or must")
    for kind, named in (*_OPPOSED.items(), ("turn", "condition")):
        gained = [name for (k, name), count in more.items() if k == kind and count > 0]
        lost = [name for (k, name), count in more.items() if k == kind and count < 0]
        if gained and lost:
            yield Problem(named, ", ".join(gained).replace("=", ""), ", ".join(lost).replace("=", ""))


def _kinds(tokens: Sequence[Token]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for at, token in enumerate(tokens):
        bound = any(other.text in word_list("bounds") for other in tokens[at + 1 : at + 4])
        if (token.text in word_list("denials") or token.text.startswith("contraindicat")) and not bound:
            counts["denial", ""] += 1
        for modal in ("must", "should", "may"):
            if token.text in word_list(modal):
                counts[modal, ""] += 1
        for key in token.keys:
            if types().get(key) in _OPPOSED:
                counts[types()[key], key] += 1
            if key in _TURNS:
                counts["turn", key] += 1
    return counts
