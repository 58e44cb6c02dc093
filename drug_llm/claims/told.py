"""What a sentence, and the question that it answers, say of a statement."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from drug_llm.claims.alignment import aligned_places
from drug_llm.claims.evidence import Clause, joined

_HINTS = frozenset(["if", "when", "unless", "after", "because", "once", "upon", "whenever", "until", "while"])
"""Words with which a condition may be told that the evidence tells with another one."""
_FOR_WHOM = frozenset(["in", "for", "among", "these", "such", "those", "the", "many", "some", "all"])
_PEOPLE = frozenset(["=patient", "=child", "=adult", "=elderly", "=woman", "these", "such", "those", "anyone"])


class Told:
    """The words of a sentence, to be looked for at their places in a statement."""

    def __init__(self, sentence: Sequence[Clause], asked: frozenset[str]) -> None:
        self.tokens = tuple(token for clause in sentence for token in clause.tokens)
        self.asked = asked
        """Keys of the question: what it names need not be said again."""
        self._aligned: dict[tuple[Clause, ...], dict[int, int]] = {}

    @cached_property
    def said(self) -> frozenset[str]:
        """Keys of the sentence and of the question."""
        return self.asked.union(*(token.keys for token in self.tokens))

    def tells(self, statement: tuple[Clause, ...], at: int) -> bool:
        """Return whether the sentence has the word at a place of a statement, and has it for this place."""
        tokens = joined(statement)
        keys = tokens[at].keys
        if keys.isdisjoint(self.said):
            return False
        if not keys.isdisjoint(self.asked):
            return True
        own = sum(not keys.isdisjoint(token.keys) for token in self.tokens)
        if own >= sum(not keys.isdisjoint(token.keys) for token in tokens):
            return True
        return at in self._places(statement)

    @cached_property
    def names_people(self) -> bool:
        """Whether the sentence says for whom, in whatever words."""
        pairs = zip(self.tokens, self.tokens[1:], strict=False)
        return any(a.text in _FOR_WHOM and not b.keys.isdisjoint(_PEOPLE) for a, b in pairs)

    def hints(self, statement: tuple[Clause, ...], start: int, end: int) -> bool:
        """Return whether the sentence has a condition in the place of that between two places of a statement."""
        places = self._places(statement)
        elsewhere = {claimed for at, claimed in places.items() if not start <= at < end}
        return any(at not in elsewhere for at, token in enumerate(self.tokens) if token.text in _HINTS)

    def _places(self, statement: tuple[Clause, ...]) -> dict[int, int]:
        if statement not in self._aligned:
            self._aligned[statement] = aligned_places(self.tokens, joined(statement))
        return self._aligned[statement]
