"""What a sentence has too much or too little of, compared with the one statement that it is drawn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from drug_llm.claims.conditions import condition_problems, main_words
from drug_llm.claims.evidence import Clause, Statement, joined
from drug_llm.claims.exchange import exchanged_numbers
from drug_llm.claims.polarity import NEGATIVE, upholds
from drug_llm.claims.problem import Problem
from drug_llm.claims.quantities import UPWARD
from drug_llm.claims.told import Told
from drug_llm.claims.turning import OPPOSED, TURNED, turning_words
from drug_llm.claims.words import Token, word_list

WHOLLY = 0.95
"""Share of a sentence's words in one statement from which on it counts as drawn from that statement alone."""
REPEATED = 0.6
"""Share of the words of a clause from which on it counts as repeated."""
ALMOST = 0.9
"""The same from which on it says all of the clause."""
MOSTLY = 0.8
"""The same for words that are exchanged for their opposites, which the statement then lacks."""


def balance_problems(
    sentence: tuple[Clause, ...], passages: Sequence[tuple[Statement, ...]], told: Told
) -> Iterator[Problem]:
    """Yield what a sentence has too many of, compared with the one statement that it is drawn from, if there is one."""
    wanted = [token for token in told.tokens if token.is_telling]
    every = [statement for passage in passages for statement in passage]
    shared = [sum(not token.keys.isdisjoint(statement.keys) for token in wanted) for statement in every]
    most = max(shared, default=0)
    if not wanted or most < MOSTLY * len(wanted):
        return
    equals = [statement for count, statement in zip(shared, every, strict=True) if count == most]
    nearest = _nearest(sentence, wanted, equals)
    found = [list(_exchanged(sentence, statement.all_clauses)) for statement in nearest]
    if most >= WHOLLY * len(wanted):
        others = [other for other in every if other not in nearest]
        own = _own(sentence, others)
        for problems, statement in zip(found, nearest, strict=True):
            problems += _added(own, statement.all_clauses)
            problems += _lost_denials(sentence, statement)
            problems += _turned_bounds(sentence, statement.all_clauses)
            problems += exchanged_numbers(sentence, statement)
            problems += _lost_conditions(statement, told)
    yield from min(found, key=len)


def _nearest(sentence: Sequence[Clause], wanted: Sequence[Token], equals: Sequence[Statement]) -> list[Statement]:
    """Return those of equal statements that say it most alike: with its force, themselves, and in its words."""
    if len(equals) < 2:
        return list(equals)
    words = {token.text for clause in sentence for token in clause.tokens}
    alike = [
        (
            _upholding(sentence, statement),
            _shared(wanted, statement.all_clauses),
            len(words & {token.text for token in joined(statement.clauses)}),
        )
        for statement in equals
    ]
    return [statement for how, statement in zip(alike, equals, strict=True) if how == max(alike)]


def _upholding(sentence: Sequence[Clause], statement: Statement) -> bool:
    """Return whether each clause of a sentence has one in a statement that shares words with it and its force."""
    return all(
        any(
            not clause.keys.isdisjoint(given.keys)
            and any(upholds(how, clause.polarity) for how in statement.polarities(given))
            for given in statement.clauses
        )
        for clause in sentence
    )


def _shared(wanted: Sequence[Token], parts: Sequence[Clause]) -> int:
    return sum(any(not token.keys.isdisjoint(part.keys) for part in parts) for token in wanted)


def _own(sentence: Sequence[Clause], others: Sequence[Statement]) -> tuple[Clause, ...]:
    """Return the clauses of a sentence but for denying ones that another statement denies as well."""
    denying = [clause for other in others for clause in other.clauses if clause.polarity in NEGATIVE]
    kept: list[Clause] = []
    for clause in sentence:
        words = [token for token in clause.tokens if token.is_telling]
        told = any(_shared(words, (other,)) >= REPEATED * len(words) for other in denying)
        if clause.polarity not in NEGATIVE or not told:
            kept.append(clause)
    return tuple(kept)


def _lost_denials(sentence: tuple[Clause, ...], statement: Statement) -> Iterator[Problem]:
    """Yield a problem where the sentence, or a clause of it, says all the words of one of the evidence but a denial."""
    if _denials(sentence) >= _denials(statement.all_clauses):
        return
    pairs: list[tuple[tuple[Clause, ...], tuple[Clause, ...]]]
    pairs = [((clause,), (given,)) for clause in sentence for given in statement.all_clauses]
    for said, given in [*pairs, (sentence, statement.clauses)]:
        if _denials(given) > _denials(said):
            told = [token for token in joined(given) if token.is_telling or token.kind == "number"]
            told = [token for token in told if token.text not in word_list("denials")]
            if told and _shared(told, said) >= (WHOLLY if len(said) > 1 else ALMOST) * len(told):
                yield Problem("polarity", " ".join(c.text for c in said), " ".join(c.text for c in given))


def _denials(parts: tuple[Clause, ...]) -> int:
    return turning_words(parts)["denial", ""]


def _lost_conditions(statement: Statement, told: Told) -> Iterator[Problem]:
    """Yield a problem for each condition on a clause that the sentence repeats, where the sentence drops it."""
    for given in statement.clauses:
        words = main_words(given)
        if words and sum(not token.keys.isdisjoint(told.said) for token in words) >= REPEATED * len(words):
            yield from condition_problems(given, statement, told)


def _added(claimed: tuple[Clause, ...], given: tuple[Clause, ...]) -> Iterator[Problem]:
    more = _surplus(claimed, given)
    if more["denial", ""] > 0:
        yield Problem("polarity", "a negation more", "")
    if more["must", ""] > 0:
        yield Problem("polarity", "must", "should or may")
    if more["may", ""] > 0 and (more["should", ""] < 0 or more["must", ""] < 0):
        yield Problem("polarity", "may", "should or must")


def _surplus(claimed: tuple[Clause, ...], given: tuple[Clause, ...]) -> Counter[tuple[str, str]]:
    more = Counter(turning_words(claimed))
    more.subtract(turning_words(given))
    return more


def _exchanged(claimed: tuple[Clause, ...], given: tuple[Clause, ...]) -> Iterator[Problem]:
    """Yield a problem where a sentence has more of one word and less of its opposite."""
    more = _surplus(claimed, given)
    for kind, named in (*OPPOSED.items(), ("bound", "number"), ("frequency", "frequency"), ("unit", "unit")):
        gained = [name for (k, name), count in more.items() if k == kind and count > 0]
        lost = [name for (k, name), count in more.items() if k == kind and count < 0]
        if gained and lost:
            yield Problem(named, ", ".join(gained).replace("=", ""), ", ".join(lost).replace("=", ""))
    for word, contrary in TURNED.items():
        lost = [other for other in sorted(contrary) if more["turn", other] < 0]
        if more["turn", word] > 0 and lost:
            yield Problem("condition", word.lstrip("="), ", ".join(lost).replace("=", ""))


def _turned_bounds(claimed: Sequence[Clause], given: Sequence[Clause]) -> Iterator[Problem]:
    """Yield a problem where a number is a bound from below in the sentence and one from above in the statement."""
    more = Counter(_bounds(claimed))
    more.subtract(Counter(_bounds(given)))
    for (value, unit, up), count in more.items():
        if count > 0 and more[value, unit, not up] < 0:
            yield Problem("number", f"{value} {unit} as a bound", "the contrary bound")


def _bounds(parts: Sequence[Clause]) -> Iterator[tuple[str, str, bool]]:
    for count in (count for part in parts for count in part.counts if count.bound):
        yield count.value, count.unit, count.bound in UPWARD
