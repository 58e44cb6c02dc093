"""Small words that turn a statement round, counted in a sentence and in the statement that it is drawn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from drug_llm.claims.conditions import condition_problems
from drug_llm.claims.evidence import Clause, Statement
from drug_llm.claims.exchange import exchanged_numbers
from drug_llm.claims.polarity import NEGATIVE
from drug_llm.claims.problem import Problem
from drug_llm.claims.window import is_informative, is_telling
from drug_llm.claims.words import Token, types, word_list

WHOLLY = 0.95
"""Share of a sentence's words in one statement from which on it counts as drawn from that statement alone."""
REPEATED = 0.6
"""Share of the words of a clause from which on it counts as repeated."""
MOSTLY = 0.8
"""The same for words that are exchanged for their opposites, which the statement then lacks."""
_OPPOSED = {
    # Of words of one kind, more of one and fewer of another is an exchange.
    "population": "population",
    "organ": "population",
    "route": "route",
    "direction": "polarity",
    "severity": "severity",
}
_OVERLAPPING = frozenset({"=pregnant", "=lactation", "=postmenopausal", "=preterm"})
"""Groups of people that others contain: "pregnant" for "woman" is no exchange."""
_TURNED = {
    "with": {"without"}, "without": {"with"}, "unless": {"if"}, "if": {"unless"}, "=before": {"=after"},
    "=after": {"=before", "=during"}, "=during": {"=after", "=before"}, "=until": {"=after"},
}  # fmt: skip
"""Words with those that say the contrary."""
_COMPARED = {"more": "up", "greater": "up", "longer": "up", "older": "up", "less": "down", "fewer": "down",
             "shorter": "down", "younger": "down", "above": "up", "over": "up", "below": "down", "under": "down",
             "least": "up", "minimum": "up", "most": "down", "maximum": "down", "up": "down"}  # fmt: skip
"""Words that make a number a bound from below or from above, before "than" or a number."""


def balance_problems(
    sentence: Sequence[Clause], passages: Sequence[tuple[Statement, ...]], asked: frozenset[str]
) -> Iterator[Problem]:
    """Yield what a sentence has too many of, compared with the one statement that it is drawn from, if there is one."""
    tokens = [token for clause in sentence for token in clause.tokens]
    wanted = [token for token in tokens if is_telling(token)]
    shared = [
        (sum(bool(token.keys & statement.keys) for token in wanted), statement)
        for passage in passages
        for statement in passage
    ]
    most = max((count for count, _ in shared), default=0)
    if not wanted or most < MOSTLY * len(wanted):
        return
    nearest = [statement for count, statement in shared if count == most]
    found = [list(_exchanged(tokens, _tokens(statement))) for statement in nearest]
    if most >= WHOLLY * len(wanted):
        for problems, statement in zip(found, nearest, strict=True):
            others = [other for passage in passages for other in passage if other not in nearest]
            problems += _added(_own(sentence, others), _tokens(statement))
            problems += _lost_denials(sentence, statement)
            problems += exchanged_numbers(sentence, statement)
            problems += _lost_conditions(sentence, statement, asked)
    yield from min(found, key=len)


def _own(sentence: Sequence[Clause], others: Sequence[Statement]) -> list[Token]:
    """Return the tokens of a sentence but for denying clauses that another statement denies as well."""
    denying = [clause for other in others for clause in other.clauses if clause.polarity in NEGATIVE]
    kept: list[Token] = []
    for clause in sentence:
        words = [token for token in clause.tokens if is_telling(token)]
        told = any(sum(bool(t.keys & other.keys) for t in words) >= REPEATED * len(words) for other in denying)
        if clause.polarity not in NEGATIVE or not told:
            kept += clause.tokens
    return kept


def _lost_denials(sentence: Sequence[Clause], statement: Statement) -> Iterator[Problem]:
    """Yield a problem where a clause says the same words as one of the evidence, but for a denial."""
    for clause in sentence:
        words = {key for token in clause.tokens if is_telling(token) for key in token.keys}
        for given in statement.clauses:
            told = [token for token in given.tokens if is_telling(token)]
            same = sum(bool(token.keys & words) for token in told)
            if told and same >= 0.9 * len(told):
                less = _kinds(given.tokens)["denial", ""] - _kinds(clause.tokens)["denial", ""]
                everywhere = sum(_kinds(part.tokens)["denial", ""] for part in sentence)
                if less > 0 and everywhere < _kinds(_tokens(statement))["denial", ""]:
                    yield Problem("polarity", clause.text, given.text)


def _lost_conditions(sentence: Sequence[Clause], statement: Statement, asked: frozenset[str]) -> Iterator[Problem]:
    """Yield a problem for each condition on a clause that the sentence repeats, where the sentence drops it."""
    said = asked.union(*(clause.keys for clause in sentence))
    for given in statement.clauses:
        words = [token for token in given.tokens if is_informative(token)]
        if words and sum(bool(token.keys & said) for token in words) >= REPEATED * len(words):
            yield from condition_problems(given, statement, said)


def _tokens(statement: Statement) -> list[Token]:
    return [token for clause in statement.all_clauses for token in clause.tokens]


def _added(claimed: Sequence[Token], given: Sequence[Token]) -> Iterator[Problem]:
    more = _kinds(claimed)
    more.subtract(_kinds(given))
    if more["denial", ""] > 0:
        yield Problem("polarity", "a negation more", "")
    if more["must", ""] > 0:
        yield Problem("polarity", "must", "should or may")
    if more["may", ""] > 0 and (more["should", ""] < 0 or more["must", ""] < 0):
        yield Problem("polarity", "may", "should or must")


def _exchanged(claimed: Sequence[Token], given: Sequence[Token]) -> Iterator[Problem]:
    """Yield a problem where a sentence has more of one word and less of its opposite."""
    more = _kinds(claimed)
    more.subtract(_kinds(given))
    for kind, named in (*_OPPOSED.items(), ("bound", "number"), ("frequency", "frequency")):
        gained = [name for (k, name), count in more.items() if k == kind and count > 0]
        lost = [name for (k, name), count in more.items() if k == kind and count < 0]
        if gained and lost:
            yield Problem(named, ", ".join(gained).replace("=", ""), ", ".join(lost).replace("=", ""))
    for word, contrary in _TURNED.items():
        lost = [other for other in sorted(contrary) if more["turn", other] < 0]
        if more["turn", word] > 0 and lost:
            yield Problem("condition", word.lstrip("="), ", ".join(lost).replace("=", ""))


def _kinds(tokens: Sequence[Token]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for at, token in enumerate(tokens):
        if token.kind == "frequency":
            counts["frequency", token.text.replace("freq_1_day", "freq_d_day")] += 1
        if token.text.startswith("exceed"):
            capped = any(other.text in {"not", "never"} for other in tokens[max(0, at - 3) : at])
            counts["bound", "down" if capped else "up"] += 1
        bound = any(other.text in word_list("bounds") for other in tokens[at + 1 : at + 4])
        if (token.text in word_list("denials") or token.text.startswith("contraindicat")) and not bound:
            counts["denial", ""] += 1
        for modal in ("must", "should", "may"):
            following = {other.text for other in tokens[at + 1 : at + 3]}
            if token.text in word_list(modal) and not (modal == "must" and following & {"not", "never"}):
                counts[modal, ""] += 1
        at_bound = token.text in {"least", "most"} and at > 0 and tokens[at - 1].text == "at"
        if token.text in _COMPARED and (at_bound or _before_number(tokens, at)):
            counts["bound", _COMPARED[token.text]] += 1
        for key in token.keys:
            if types().get(key) in _OPPOSED and key not in _OVERLAPPING:
                counts[types()[key], key] += 1
            if key in _TURNED:
                counts["turn", key] += 1
    return counts


def _before_number(tokens: Sequence[Token], at: int) -> bool:
    following = tokens[at + 1 : at + 3]
    return any(token.kind == "number" or token.text in {"than", "several"} for token in following)
