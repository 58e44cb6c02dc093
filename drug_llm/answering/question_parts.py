"""The words of each thing that a question asks, so that each can be understood without the others."""

from __future__ import annotations

import re
from itertools import islice

from drug_llm.answering.shared_words import ASKS, AUXILIARY, BY, WH, Piece, in_full

_NEXT_PART = re.compile(
    rf"(?:[,;]?\s+)(?:and|also|plus|&|then)\s+(?=(?:{BY}{WH}|{AUXILIARY}|if)\b(?!'t))"
    rf"|,\s+(?:and|also|plus|&|then)\s+(?=\S)",
    re.IGNORECASE,
)
_ANOTHER_FACT = re.compile(
    r"\s+and\s+(?=(?:the|of) (?:\w+ )?(?:most|largest|smallest|highest|lowest|maximum|maximal|minimum|shortest|longest"
    r"|number|multiple|usual|word|code|length|size|mean|colou?r|percent\w*|share|time)\b)"
    rf"|,\s+(?=(?:{BY}how (?:many|much|often|long|soon)|at what|any|what|which|can i|may i|is (?:it|there|that))\b)",
    re.IGNORECASE,
)
"""Where another thing begins to be asked, if what stands before it asks too."""
_TOPIC = re.compile(rf"^.*?(?::| -)\s+(?=\S)|^.*?[,.]\s+(?={BY}(?:{WH}|{AUXILIARY})\b)", re.IGNORECASE)
_OPENS = re.compile(rf"(?:{BY}{WH}|{AUXILIARY}|if)\b")
_WHO = r"(?:it|its|the|this|that|these|there|an?|my|our|i|we|you|he|she|they|one|patients?|people)"
_SURELY_ASKS = re.compile(rf"{BY}{WH}\b|{AUXILIARY} {_WHO}\b")
"""Unlike what goes on telling ("... and is bouncing off the walls")."""
_CLAUSE = re.compile(
    rf"(?:{BY}{WH} )?{AUXILIARY} (?:it|this|they|one|i|he|she) "
    r"(?!(?:safe|okay|ok|normal|fine|alright|bad|good|dangerous|serious|common|true|possible|right|wrong|matter|happen"
    r"|mean|help|do|so|that|this|it|take|use|have|worse|better|a|an|the|with|in|on)\b)[a-z]"
)
"""What asks something of its own, however short ("is it addictive"), unlike "is it safe" behind what may not be."""
_CONDITION = re.compile(r"if\b")
_SENTENCE_END = re.compile(r"(?<=[?;])\s+")
_SHORTEST_PART = 3
MOST_PARTS = 3
_MOST_JOINTS = 12
"""Looked at in a sentence, so that time grows no faster than its length."""
_SHORTEST_HEAD = 4
_SHORTEST_TAIL = 4
"""A shorter one ("and how often?") lives on what stands before it, and its answer mostly stands there too."""


def pieces(question: str, most: int = MOST_PARTS) -> list[Piece]:
    """Return the words of each thing asked, with what they share; what is beyond `most` is put into the last."""
    found: list[Piece] = []
    for sentence in _asking(question):
        topic, cut = _cut(sentence)
        found += in_full(topic, cut, found)
    if len(found) <= most:
        return found
    rest = found[most - 1 :]
    return [*found[: most - 1], Piece(" ".join(piece.text for piece in rest), all(piece.is_listed for piece in rest))]


def _asking(question: str) -> list[str]:
    """Return the sentences that ask, what is told joined to one of them."""
    joined: list[str] = []
    has_asked = True
    for sentence in _SENTENCE_END.split(" ".join(question.split())):
        asks = sentence.endswith("?") or ASKS.search(sentence.lower()) is not None
        if joined and not (asks and has_asked and len(sentence.split()) >= _SHORTEST_PART):
            joined[-1] += " " + sentence
        else:
            joined.append(sentence)
        has_asked = asks
    return joined


def _cut(sentence: str) -> tuple[str, list[str]]:
    found = _TOPIC.match(sentence)
    topic = found.group() if found and not ASKS.search(found.group().lower()) else ""
    cut = [sentence[len(topic) :]]
    for pattern in (_NEXT_PART, _ANOTHER_FACT):
        cut = [piece for one in cut for piece in _divided(one, pattern, bool(topic))]
    return topic, cut


def _divided(text: str, pattern: re.Pattern[str], has_topic: bool) -> list[str]:
    at = 0
    found = []
    for joint in islice(pattern.finditer(text), _MOST_JOINTS):
        head = text[at : joint.start()]
        if _is_asked(head, text[joint.end() :], has_topic, joint.group()):
            found.append(head)
            at = joint.end()
    return [*found, text[at:]]


def _is_asked(head: str, tail: str, has_topic: bool, joint: str) -> bool:
    """Return whether a joint parts two things asked, each of which can be understood with the topic."""
    opens = _OPENS.match(tail.lower()) is not None
    least = (2, _SHORTEST_TAIL) if has_topic else (_SHORTEST_HEAD, _SHORTEST_TAIL + 1)
    if _CLAUSE.match(tail.lower()) and ASKS.search(head.lower()):
        least = (least[0], _SHORTEST_PART)
    if len(head.split()) < least[0] or len(tail.split()) < least[1] or ("," in head and not opens):
        return False
    if _CONDITION.match(head.lower()) and not ASKS.search(head.lower()):
        return False
    return (
        (opens and "," in joint)
        or has_topic
        or _SURELY_ASKS.match(tail.lower()) is not None
        or ASKS.search(head.lower()) is not None
    )
