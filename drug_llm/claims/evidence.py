"""Evidence and claims cut into clauses: what each one names, counts and says about its statement."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise

from drug_llm.claims.cuts import cuts
from drug_llm.claims.polarity import NEGATIVE, polarity
from drug_llm.claims.quantities import Quantity, quantities
from drug_llm.claims.words import Token, tokenize, types, word_list
from drug_llm.labels.sentences import split_sentences

_ENTRY = re.compile(r"^\s*(?:[-*\u2022]|\d+[.)])\s+")
_OF_ORGAN = frozenset({"=impairment", "=disease", "failur", "function", "=dialysis", "=cirrhosis"})


@dataclass(frozen=True, eq=False)
class Clause:
    """A stretch of text that makes one statement."""

    tokens: tuple[Token, ...]
    """Its tokens."""
    counts: tuple[Quantity, ...]
    """Its quantities; their places count from the start of the sentence."""
    is_label: bool
    """Whether it stands before a colon, and so says what the next ones are about."""

    @cached_property
    def continues(self) -> bool:
        """Whether it goes on with the subject of the clause before it, as "and should be avoided"."""
        opening = [token.text for token in self.tokens[:2] if token.text != ","]
        if self.points_back:
            return True
        return bool(opening) and opening[0] in {"and", "or", "but"} | word_list("finite")

    @cached_property
    def points_back(self) -> bool:
        """Whether its subject is that of what stands before it, as in "such use should be avoided"."""
        return bool({token.text for token in self.tokens[:2]} & word_list("pointing"))

    @cached_property
    def is_phrase(self) -> bool:
        """Whether it has no verb of its own, as a list entry, and so says what its header says."""
        return not any(token.text in word_list("finite") for token in self.tokens) and self.polarity in {
            "plain",
            "hedged",
        }

    @cached_property
    def text(self) -> str:
        """The tokens in normal form."""
        return " ".join(token.text for token in self.tokens)

    @cached_property
    def polarity(self) -> str:
        """The class of the statement."""
        return polarity(self.text)

    @cached_property
    def keys(self) -> frozenset[str]:
        """Stems, groups of synonyms and frequencies that occur."""
        return frozenset(key for token in self.tokens for key in token.keys)

    @cached_property
    def anchors(self) -> dict[str, frozenset[str]]:
        """The groups that have a type, by type."""
        found: dict[str, set[str]] = {}
        for at, token in enumerate(self.tokens):
            for key in token.keys:
                if types().get(key, "organ") != "organ":
                    found.setdefault(types()[key], set()).add(key)
                elif key in types() and any(t.keys & _OF_ORGAN for t in self.tokens[at : at + 4]):
                    found.setdefault("organ", set()).add(key)
        frequencies = {token.text for token in self.tokens if token.kind == "frequency"}
        if frequencies:
            found["frequency"] = frequencies
        return {kind: frozenset(names) for kind, names in found.items()}


@dataclass(frozen=True, eq=False)
class Statement:
    """A sentence, list entry or table row of evidence, with what introduces it."""

    text: str
    """The sentence itself, as written."""
    clauses: tuple[Clause, ...]
    """Its own clauses."""
    headers: tuple[Clause, ...] = ()
    """Clauses of the line that introduces it."""
    title: tuple[Clause, ...] = ()
    """Clauses of the title of the span."""
    before: tuple[Clause, ...] = ()
    """Clauses of the sentence before, where this one points back to it ("such use", "they")."""

    @cached_property
    def all_clauses(self) -> tuple[Clause, ...]:
        """Title, headers and own clauses."""
        return (*self.title, *self.headers, *self.clauses)

    def polarities(self, clause: Clause) -> set[str]:
        """Return the classes that one of its clauses may be read as; a phrase takes that of what introduces it."""
        at = next((n for n, part in enumerate(self.clauses) if part is clause), 0)
        if clause.is_phrase and clause.is_label and at + 1 < len(self.clauses):
            # "Children under 6 years: do not use."
            return {clause.polarity, self.clauses[at + 1].polarity}
        if at and clause.tokens[0].text in {"when", "if", "where", "who", "which"}:
            # "Contraindicated in A, when B, and in C" goes on with its first statement.
            return {clause.polarity, *(part.polarity for part in self.clauses[:at][-1:])}
        if not clause.is_phrase and not self._completes(clause):
            return {clause.polarity}
        own = _strongest(part for part in self.clauses if not part.is_phrase and part.is_label)
        above = own or _strongest(self.headers)
        if above:
            return {above}
        titled = _strongest(self.title)
        return {titled} if titled in NEGATIVE else {clause.polarity, titled or clause.polarity}

    @cached_property
    def keys(self) -> frozenset[str]:
        """What its clauses and headers name."""
        return frozenset().union(*(clause.keys for clause in (*self.before, *self.all_clauses)))

    @cached_property
    def values(self) -> frozenset[tuple[str, str]]:
        """Its numbers with their units."""
        return frozenset((count.value, count.unit) for clause in self.all_clauses for count in clause.counts)

    def _completes(self, clause: Clause) -> bool:
        """Whether a clause ends the sentence of its header: "Do not use if you" and "have kidney disease"."""
        introduced = bool(self.headers) and self.headers[-1].is_label and clause is self.clauses[0]
        return introduced and clause.tokens[0].text in word_list("phrase_openings")


@lru_cache(maxsize=8192)
def joined(parts: tuple[Clause, ...]) -> tuple[Token, ...]:
    """Return the tokens of clauses that follow each other."""
    return tuple(token for part in parts for token in part.tokens)


def _strongest(parts: Iterable[Clause]) -> str:
    # The last one stands next to the list.
    classes = [part.polarity for part in parts][::-1]
    return next((name for name in classes if name in NEGATIVE), next((n for n in classes if n != "plain"), ""))


@lru_cache(maxsize=8192)
def clauses(text: str, names: frozenset[str]) -> tuple[Clause, ...]:
    """Return the clauses of a sentence."""
    tokens = tokenize(text, names)
    counts = quantities(tokens)
    found: list[Clause] = []
    left_out = 0
    for start, end in pairwise(cuts(tokens, counts)):
        part = tokens[start:end]
        if any(token.kind != "mark" for token in part):
            # Places are those among the tokens of all clauses, so that leaders of dots do not move them.
            inside = tuple(replace(count, at=count.at - left_out) for count in counts if start <= count.at < end)
            found.append(Clause(part, inside, part[-1].text == ":"))
        else:
            left_out += end - start
    return tuple(found)


@lru_cache(maxsize=2048)
def statements(text: str, names: frozenset[str]) -> tuple[Statement, ...]:
    """Return the statements of a span of evidence, list entries and rows with the line that introduces them.

    A first line that ends in a colon without a list under it is the title of the whole span.
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    title: tuple[Clause, ...] = ()
    if len(lines) > 1 and lines[0].endswith(":") and not _ENTRY.match(lines[1]) and " = " not in lines[1]:
        title, lines = clauses(lines[0], names), lines[1:]
    found: list[Statement] = []
    header: tuple[Clause, ...] = ()
    for place, line in enumerate(lines):
        if _ENTRY.match(line) or " = " in line:
            parts = [sentence.text for sentence in split_sentences(_ENTRY.sub("", line))]
            found += [Statement(part, clauses(part, names), header, title) for part in parts]
            continue
        parts = [sentence.text for sentence in split_sentences(line)]
        above = header if place and lines[place - 1].endswith(":") and not line.endswith(":") else ()
        for part in parts:
            cut = clauses(part, names)
            before = found[-1].clauses if found and cut and cut[0].points_back else ()
            found.append(Statement(part, cut, above, title, before))
        header = clauses(parts[-1], names) if parts else ()
    return tuple(statement for statement in found if statement.clauses)
