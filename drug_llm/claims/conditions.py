"""Conditions of the evidence that a claim may not drop: for whom, if, unless, only."""

# Tables of patterns: a row broken in two is harder to read than a long one.
# ruff: noqa: E501
from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from drug_llm.claims.evidence import Clause, Statement
from drug_llm.claims.problem import Problem
from drug_llm.claims.window import is_informative
from drug_llm.claims.words import Token, types

_CUE = re.compile(
    r"(?<!highest )(?<!higher )(?<!than )(?<!especially )(?<!particularly )(?<!including )(?<!mostly )(?<!lowest )(?<!lower )"
    r"\b(?:in|for|among) (?:(?!the\b)\w+ ){0,3}?(?:patients?|adults?|children|infants?|neonates|newborns|adolescents?|women|men"
    r"|people|persons|those|individuals|males|females|pediatric|geriatric|elderly)\b"
    r"|(?<!even )\b(?:if|when|unless|except|only|in case of|in the presence of|in the absence of)\b"
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
_UNFINISHED = frozenset({"if", "when", "you", "your", "have", "had", "are", "is", "the", "child", "has"})
_POINTING = frozenset({"these", "such", "this", "those"})
_CLAUSAL = frozenset({"if", "when", "unless", "except"})
_END = frozenset(",;:.()")
_LEADING = frozenset(["if", "when", "unless", "except", "until", "only", "in", "for", "who", "during"])


def condition_problems(given: Clause, statement: Statement, said: Collection[str]) -> Iterator[Problem]:
    """Yield a problem for each condition on a clause of the evidence of which too little is left in what is said.

    `said` are the keys of the whole sentence, and of the question that it answers.
    """
    for tokens, concerned in (
        (_joined(statement.headers), None),
        (_joined(statement.clauses), _places(given, statement)),
    ):
        phrases = [p for p in _phrases(tokens) if concerned is None or any(p[0] in place for place in concerned)]
        dropped = {start: _dropped(tokens[start:end], said) for start, end in phrases}
        for start, end in phrases:
            problem = dropped[start]
            # Of alternatives ("in patients with A and in patients with B") one may be told alone.
            others = [d for s, d in dropped.items() if s != start and _alternative(tokens, start, end)]
            strict = tokens[start].text in _STRICT
            if problem and (strict or (all(others) and not _listed(given, tokens, (start, end), said))):
                yield problem


def _introducing(statement: Statement) -> Sequence[Clause]:
    # "Contraindicated in women at high risk, and in:" forbids in each case.
    headers = statement.headers
    if not headers or not headers[-1].is_label or (headers[-1].tokens[-2:-1] and headers[-1].tokens[-2].text == "in"):
        return ()
    return headers


def _joined(clauses: Sequence[Clause]) -> list[Token]:
    return [token for clause in clauses for token in clause.tokens]


def _listed(given: Clause, tokens: Sequence[Token], place: tuple[int, int], said: Collection[str]) -> bool:
    # "Contraindicated in A, in B and in C" forbids in each case; what follows is one that is told.
    start, end = place
    if start == 0 or tokens[start].text in _CLAUSAL or given.polarity not in {"forbidden", "discouraged", "do not"}:
        return False
    following = [token for token in tokens[end : end + 60] if is_informative(token) and not token.keys & _PLAIN]
    return any(key in said for token in following for key in token.keys)


def _alternative(tokens: Sequence[Token], start: int, end: int) -> bool:
    around = {token.text for token in (*tokens[max(0, start - 2) : start], *tokens[end : end + 2])}
    return bool(around & {"and", "or"})


def _dropped(phrase: Sequence[Token], said: Collection[str]) -> Problem | None:
    clausal = phrase[0].text in _CLAUSAL
    words = [token for token in phrase if is_informative(token) and (clausal or not token.keys & _PLAIN)]
    typed = [t for t in words if any(types().get(k) in {"population", "organ"} for k in t.keys)]
    if any(token.text in {"all", "any", "every", "most"} for token in phrase[:4]):
        return None
    if any(token.text in _POINTING for token in phrase) or (clausal and not words):
        # "If these occur" may be told in other words, but not left out; "do not use if you have:" goes on below it.
        if not words and (phrase[-1].text in _UNFINISHED or (phrase[1:2] and phrase[1].text in {"using", "taking"})):
            return None
        told = not clausal or bool({"if", "when", "unless", "after", "becaus"} & set(said))
        return None if told else Problem("condition", "", " ".join(token.text for token in phrase))
    if not words or len(phrase) < 2:
        return None
    kept = sum(any(key in said for key in token.keys) for token in words)
    organs = all("organ" in {types().get(key) for key in token.keys} for token in typed)
    if any(key in said for token in typed for key in token.keys) and (not organs or 2 * kept >= len(words)):
        return None
    if all("=adult" in token.keys for token in typed) and 2 * kept >= len(words) - len(typed) > 0:
        return None
    if not typed and kept >= _wanted(phrase, words, said, clausal=clausal):
        return None
    return Problem("population" if typed else "condition", "", " ".join(token.text for token in phrase))


def _wanted(phrase: Sequence[Token], words: Sequence[Token], said: Collection[str], *, clausal: bool) -> float:
    """Return how many words of a condition must be told."""
    numbers = [token.text for token in phrase if token.kind == "number"]
    if clausal and numbers and not any(number in said for number in numbers):
        return 0.67 * len(words)
    return max(1, 0.34 * len(words)) if clausal else 1


def _places(given: Clause, statement: Statement) -> list[range]:
    """Return where the conditions of a clause may stand: in itself, before and after it."""
    places, start = [], 0
    at = next((n for n, clause in enumerate(statement.clauses) if clause is given), 0)
    for n, clause in enumerate(statement.clauses):
        first = clause.tokens[0].text
        if n == at or (n in {at - 2, at - 1, at + 1} and first in _LEADING) or (n < at and clause.is_label):
            places.append(range(start, start + len(clause.tokens)))
        start += len(clause.tokens)
    return places


def _phrases(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Return where conditions start and end among tokens."""
    text, starts = "", {}
    for at, token in enumerate(tokens):
        starts[len(text)] = at
        text += token.text + " "
    found: list[tuple[int, int]] = []
    for match in _CUE.finditer(text):
        start = starts[match.start()]
        if _HARMLESS.match(text[match.start() :]) or (
            found and start < found[-1][1] and tokens[start].text not in _STRICT
        ):
            continue
        ends = (at for at in range(start + 1, len(tokens)) if tokens[at].text in _END | _CLAUSAL)
        found.append((start, min(next(ends, len(tokens)), start + 18)))
    return found
