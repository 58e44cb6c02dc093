"""Conditions of the evidence that a claim may not drop: for whom, if, unless, only."""

# Tables of patterns: a row broken in two is harder to read than a long one.
# ruff: noqa: E501
from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from drug_llm.claims.evidence import Clause, Statement, joined
from drug_llm.claims.problem import Problem
from drug_llm.claims.told import Told
from drug_llm.claims.words import THIS_DRUG, Token, types, word_list

_CUE = re.compile(
    r"(?<!highest )(?<!higher )(?<!than )(?<!especially )(?<!particularly )(?<!including )(?<!mostly )(?<!lowest )(?<!lower )"
    r"\b(?:in|for|among) (?:(?!the\b)\w+ ){0,3}?(?:patients?|adults?|children|infants?|neonates|newborns|adolescents?|women|men"
    r"|people|persons|those|individuals|males|females|pediatric|geriatric|elderly)\b"
    r"|(?<!even )\b(?:if|when|unless|except|only|in case of|in the presence of|in the absence of|provided that|as long as)\b"
    r"|\bduring (?:\w+ ){0,2}(?:pregnancy|lactation|labor|breast|nursing)\b"
)
_HARMLESS = re.compile(
    r"^(?:if|when) (?:possible|needed|necessary|appropriate|required|prescribed|desired|tolerated|feasible|applicable|indicated|clinically (?:appropriate|indicated|needed|necessary|feasible))\b"
)
_STRICT = frozenset({"unless", "except", "only"})
_PLAIN = frozenset(
    [
        "=administer",
        "=patient",
        "=drug",
        "=treat",
        "=therapy",
        "=occur",
        "=recommend",
        "=require",
        "=indicated",
        "=oral",
    ]
)
_POINTING = frozenset({"these", "such", "this", "those", "any"})
_CLAUSAL = frozenset({"if", "when", "unless", "except", "provided", "as"})
_END = frozenset(",;:.()")
_LEADING = frozenset(["if", "when", "unless", "except", "until", "only", "in", "for", "who", "during", "as"])
_NARROWING = frozenset(
    ["with", "who", "receiving", "taking", "on", "aged", "whose", "without", "undergoing", "requiring"]
)
"""Words after which a group of people is described further."""
_UNFINISHED = frozenset({"if", "when", "you", "your", "have", "had", "are", "is", "the", "child", "has"})
JOINED = 4
"""Words between two conditions up to which an "and" or "or" among them joins the two."""


def condition_problems(given: Clause, statement: Statement, told: Told) -> Iterator[Problem]:
    """Yield a problem for each condition on a clause of the evidence of which too little is left in what is said."""
    if not _completed(statement, told):
        yield from _problems(statement.headers, given, told, None)
    yield from _problems(statement.clauses, given, told, _places(given, statement))


def _completed(statement: Statement, told: Told) -> bool:
    """Return whether the header is the beginning of a condition, "do not use if you:", and the entry told is its end."""
    opening = joined(statement.headers)[-2:]
    if not opening or opening[0].text not in _UNFINISHED:
        return False
    own = joined(statement.clauses)
    return any(told.tells(statement.clauses, at) for at, token in enumerate(own) if token.is_telling)


def _problems(
    parts: tuple[Clause, ...], given: Clause, told: Told, concerned: Sequence[range] | None
) -> Iterator[Problem]:
    tokens = joined(parts)
    chained = [
        [(start, end) for start, end in chain if concerned is None or any(start in place for place in concerned)]
        for chain in _chains(parts)
    ]
    for chain in filter(None, chained):
        dropped = [_dropped(parts, start, end, told) for start, end in chain]
        for (start, end), problem in zip(chain, dropped, strict=True):
            # Of alternatives ("in patients with A and in patients with B") one may be told alone.
            strict = tokens[start].text in _STRICT
            if problem and (strict or (all(dropped) and not _listed(given, parts, (start, end), told))):
                yield problem


def _listed(given: Clause, parts: tuple[Clause, ...], place: tuple[int, int], told: Told) -> bool:
    # "Contraindicated in A, in B and in C" forbids in each case; what follows is one that is told.
    tokens, (start, end) = joined(parts), place
    if start == 0 or tokens[start].text in _CLAUSAL or given.polarity not in {"forbidden", "discouraged", "do not"}:
        return False
    following = range(end, min(end + 60, len(tokens)))
    return any(told.tells(parts, at) for at in following if tokens[at].is_informative and not tokens[at].keys & _PLAIN)


def _dropped(parts: tuple[Clause, ...], start: int, end: int, told: Told) -> Problem | None:
    tokens = joined(parts)
    phrase = tokens[start:end]
    clausal = phrase[0].text in _CLAUSAL
    words = [at for at in range(start, end) if tokens[at].is_informative and (clausal or not tokens[at].keys & _PLAIN)]
    typed = [at for at in words if any(types().get(key) in {"population", "organ"} for key in tokens[at].keys)]
    if not words:
        return _pointed(parts, start, end, told)
    narrowed = any(token.text in _NARROWING for token in phrase)
    if not clausal and not narrowed and any(token.text in {"all", "any", "every", "most"} for token in phrase[:4]):
        return None
    if len(phrase) < 2:
        return None
    kept = [at for at in words if told.tells(parts, at)]
    problem = Problem("population" if typed else "condition", "", " ".join(token.text for token in phrase))
    if clausal:
        return None if len(kept) >= _wanted(phrase, len(words), told) else problem
    return None if _is_kept(tokens, (start, end), kept, typed, told.said) else problem


def _is_kept(
    tokens: Sequence[Token], place: tuple[int, int], kept: Sequence[int], typed: Sequence[int], said: Collection[str]
) -> bool:
    """Return whether enough of "in adults with A who take B" is told: of the people, of A and of B."""
    cut = [at for at in range(place[0] + 1, place[1]) if tokens[at].text in _NARROWING]
    for start, end in pairwise([place[0], *cut, place[1]]):
        part = [at for at in range(start, end) if tokens[at].is_informative and not tokens[at].keys & _PLAIN]
        # Those who take the drug are those that its label is about.
        own = len(part) < 2 and any(token.text == THIS_DRUG for token in tokens[start:end])
        if part and not own and not any(at in kept for at in part):
            beside = any(not start <= at < end for at in kept)
            # Adults are those that a label speaks of; women "with A and with B" may be named once.
            named = all(
                at in typed and ("=adult" in tokens[at].keys or not tokens[at].keys.isdisjoint(said)) for at in part
            )
            if not (named and beside):
                return False
    return True


def _pointed(parts: tuple[Clause, ...], start: int, end: int, told: Told) -> Problem | None:
    """Return a problem where "if these occur" or "in patients receiving such drugs" is left out altogether.

    It may be told in other words.
    """
    phrase = joined(parts)[start:end]
    clausal = phrase[0].text in _CLAUSAL
    if not clausal and not any(token.text in _POINTING for token in phrase):
        return None
    if phrase[1:2] and phrase[1].text in {"using", "taking"}:
        return None
    if told.hints(parts, start, end) if clausal else told.names_people:
        return None
    return Problem("condition", "", " ".join(token.text for token in phrase))


def _wanted(phrase: Sequence[Token], words: int, told: Told) -> float:
    """Return how many words of a clause that is a condition must be told."""
    numbers = [token.text for token in phrase if token.kind == "number"]
    if numbers and not any(number in told.said for number in numbers):
        return 0.67 * words
    return max(1, 0.34 * words)


@lru_cache(maxsize=8192)
def main_words(clause: Clause) -> tuple[Token, ...]:
    """Return the words of a clause that are in none of its conditions: what it claims, else what it is told with."""
    inside = {at for chain in _chains((clause,)) for start, end in chain for at in range(start, end)}
    outside = [token for at, token in enumerate(clause.tokens) if at not in inside and token.kind == "word"]
    for kept in ([t for t in outside if t.is_informative], [t for t in outside if t.is_telling]):
        if kept:
            return tuple(kept)
    return ()


def _places(given: Clause, statement: Statement) -> list[range]:
    """Return where the conditions of a clause may stand: in itself, before and after it."""
    places, start = [], 0
    at = next((n for n, clause in enumerate(statement.clauses) if clause is given), 0)
    leads = [clause.tokens[0].text in _LEADING for clause in statement.clauses]
    for n, clause in enumerate(statement.clauses):
        beside = n in {at - 2, at - 1} and leads[n]
        after = n > at and all(leads[at + 1 : n + 1])
        if n == at or beside or after or (n < at and clause.is_label):
            places.append(range(start, start + len(clause.tokens)))
        start += len(clause.tokens)
    return places


@lru_cache(maxsize=4096)
def _chains(parts: tuple[Clause, ...]) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return where conditions start and end among tokens; those that "and" or "or" joins stand together."""
    tokens = joined(parts)
    chains: list[list[tuple[int, int]]] = []
    for start, end in _phrases(tokens):
        before = chains[-1][-1][1] if chains else -9
        between = {token.text for token in tokens[max(0, before - 1) : start]}
        if start - before <= JOINED and between & {"and", "or"}:
            chains[-1].append((start, end))
        else:
            chains.append([(start, end)])
    return tuple(map(tuple, chains))


def _phrases(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Return where conditions start and end among tokens."""
    text, starts = "", {}
    for at, token in enumerate(tokens):
        starts[len(text)] = at
        text += token.text + " "
    found: list[tuple[int, int]] = []
    for match in _CUE.finditer(text):
        start = starts[match.start()]
        if _HARMLESS.match(text[match.start() :]):
            continue
        if found and start < found[-1][1] and tokens[start].text not in _STRICT:
            if tokens[start - 1].text not in {"and", "or"}:
                continue
            # "In patients with A and in patients with B" are two.
            found[-1] = (found[-1][0], start)
        found.append((start, _end(tokens, start)))
    return found


def _end(tokens: Sequence[Token], start: int) -> int:
    """Return where a condition ends: at a mark, at the next one, or where people are done with and a verb follows."""
    clausal, whose = tokens[start].text in _CLAUSAL, False
    for at in range(start + 1, min(start + 18, len(tokens))):
        text = tokens[at].text
        whose = whose or text in {"who", "whose", "whom", "that", "which"}
        if text in _END | (_CLAUSAL - {"as"}) or (not clausal and not whose and text in word_list("finite")):
            return at
    return min(start + 18, len(tokens))
