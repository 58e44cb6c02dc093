"""What the parts of a question share: "with A, with B, and while nursing" has what is asked before the first only.

So do "what is it for me", "what about my daughter" and "for how many days" behind another part. Each is put in full.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

WH = r"(?:what|how|why|which|when|where|who|whom|whose)"
AUXILIARY = r"(?:is|are|can(?!'t)|could|does|do|did|should|must|may|might|will|would)"
BY = r"(?:(?:after|at|below|above|by|for|from|in|into|mainly|of|on|over|since|to|under|until|up|with|within)\s+){0,3}"
ASKS = re.compile(
    rf"\b(?:what|how|why|which|who|whom|where)\b|\bwhen {AUXILIARY}\b"
    rf"|(?:^|[,:.-] )(?:and |also |but |or |so )*(?:{AUXILIARY}|any|has|have|give|list|name|tell)\b"
)
"""What asks, in lower case; the rest is told: "We're trying for a baby"."""
_WHILE = r"(?:while|whilst|when|if|during)"
_PLACED = rf"(?:{_WHILE}|with|for|in|on)"
"""What begins the words that say under which circumstances something is asked."""
_JOINT = re.compile(
    rf"(?:,?\s+(?:and|plus|as well as)(?:\s+also|\s+then)?\s+|,\s+)(?=(?P<by>{_PLACED})\s+(?!{WH}\b|which\b)\w)",
    re.IGNORECASE,
)
_SAME_THING = re.compile(
    r"\b(?:morning|evening|night|afternoon|day|week|month|breakfast|lunch|dinner|bed(?:time)?|water|beginning|end"
    r"|first|last|long|example|general|particular|case|addition|total|placebo|comparator|trials?|stud(?:y|ies))\b"
)
"""Where two times, food and water, or what is compared are named of one thing that is asked."""
_PERSON = re.compile(
    r"\b(?:me|him|her|us|them|my|our|his|adults?|child(?:ren)?|kids?|people|patients?|women|woman|men|man|someone|somebody"
    r"|anyone|those|elderly|infants?|newborns?|bab(?:y|ies)|teen\w*|seniors?|pregnan\w*|nursing|breast-?feeding"
    r"|kidney|renal|liver|hepatic|dialysis|\d+[ -](?:year|month|week|day)s?)\b"
)
_AGED = (
    r"(?:(?:my|his|her|our|the|an?)\s+)?(?:[a-z]+\s+)?(?:(?:of|aged?|who is)\s+\d+(?!\s*(?:m?c?g|ml|kg)\b)"
    r"(?:\s+(?:years?|months?|weeks?|days?))?(?:\s+old)?|\d+[ -](?:year|month|week|day)s?[ -]olds?)"
    r"(?:\s+(?:sons?|daughters?|child|kid|boy|girl|brother|sister|baby|infant|adult|man|woman|patient))?"
)
_GROUP = r"(?:an?\s+)?(?:adults?|elderly\s+\w+|older\s+\w+|child|children|infants?|teenagers?|adolescents?)"
_CIRCUMSTANCE = re.compile(rf"^(?:{_WHILE}|with)\b|{_PERSON.pattern}")
_TWO_PEOPLE = re.compile(
    rf"(?<!\w)(?P<one>{_AGED}|{_GROUP})\s+and\s+(?P<two>{_AGED}|{_GROUP})(?=[,?.\s]|$)", re.IGNORECASE
)
_BARE = re.compile(rf"(?P<by>{_PLACED})\s+(?!{WH}\b)\w", re.IGNORECASE)
_SAME_ASKED = re.compile(
    rf"(?:what|how|how much|how often)\s+(?:is|are)\s+(?:it|that|this|they)\s+"
    rf"(?:then\s+)?(?=(?P<by>{_PLACED})\s+(?P<for>\w+))",
    re.IGNORECASE,
)
_WHAT_ABOUT = re.compile(r"(?:and\s+)?(?:what|how)\s+about\s+", re.IGNORECASE)
_FRAGMENT = re.compile(
    rf"(?:(?:for|at|in|by|up to|over|within)\s+(?:how (?:many|much|long)|what|which)"
    rf"|how (?:many|much|often|long) (?=at most|at least|{_PLACED}\b|per\b))\b"
    rf"(?!.*\b(?:{AUXILIARY}|was|were|has|have|had|about|if|i|you|it)\b)(?:\s+\S+){{0,9}}$",
    re.IGNORECASE,
)
"""What asks without a verb."""
_VERB = re.compile(rf"\b{AUXILIARY}\b")
_FRONT = re.compile(rf"(?:(?:how|when|where|why)\s+)?(?={AUXILIARY}\b)", re.IGNORECASE)
_NOUN = re.compile(r"what(?:'s|\s+is|\s+are)\s+(?=(?:the|my|its|an?)\s)", re.IGNORECASE)
_AND = re.compile(r"\b(?:and|plus|as well as)\b", re.IGNORECASE)
_MOST_JOINTS = 12
_SHORTEST_STEM = 2
_LONGEST = 600
"""Characters of a piece; a longer one is told rather than asked, and time would grow faster than its length."""


@dataclass(frozen=True)
class Piece:
    """A thing asked."""

    text: str
    is_listed: bool = False
    """Whether it is one of several circumstances or people that the same is asked of."""


def in_full(topic: str, cut: Sequence[str], before: Sequence[Piece]) -> list[Piece]:
    """Return the pieces of a sentence, each in full and behind the topic, and lists within them as further pieces."""
    found: list[Piece] = []
    asked = before[-1].text if before else ""
    for piece in cut:
        if len(piece) > _LONGEST:
            found.append(Piece(topic + piece))
            continue
        is_fragment = _FRAGMENT.match(piece) is not None
        whole, is_listed = (piece, False) if is_fragment else _completed(piece, asked)
        first, *others = _members(whole)
        if is_fragment:
            first, _ = _completed(first, asked)
        elif ASKS.search(first.lower()):
            asked = first
        members = [first, *(_completed(member, asked)[0] for member in others)]
        for text in members:
            two = [Piece(topic + one, True) for one in _each_person(text)]
            found += two or [Piece(topic + text, is_listed or len(members) > 1)]
    return found


def _members(piece: str) -> Iterator[str]:
    """Yield a piece up to the second of its circumstances, then each of these by itself."""
    at = 0
    joints = list(islice(_JOINT.finditer(piece), _MOST_JOINTS))
    ends = [*(joint.start() for joint in joints[1:]), len(piece)]
    for number, (joint, end) in enumerate(zip(joints, ends, strict=False)):
        tail = piece[joint.end() : end]
        is_in_list = any(_AND.search(other.group()) for other in joints[number:])
        if is_in_list and _is_listed(piece[: joint.start()], tail, joint["by"].lower()):
            yield piece[at : joint.start()]
            at = joint.end()
    yield piece[at:]


def _is_listed(head: str, tail: str, by: str) -> bool:
    """Return whether a joint parts two circumstances in what asks, and not two times or figures."""
    plain, behind = head.lower(), tail.lower()
    if not ASKS.search(plain) or ASKS.search(behind) or _SAME_THING.search(behind):
        return False
    before = [word for word, _ in _placed(plain)]
    is_person = _PERSON.search(behind) is not None
    if by == "on" or not before:
        return is_person
    return by in before or re.fullmatch(_WHILE, by) is not None or (is_person and bool(_PERSON.search(plain)))


def _placed(text: str) -> list[tuple[str, int]]:
    """Return the words that begin circumstances, with their places; none that begins a text."""
    found = re.finditer(rf"(?<=\s)({_PLACED})\s+(?!{WH}\b)\w", text, re.IGNORECASE)
    return [(match[1], match.start()) for match in islice(found, _MOST_JOINTS)]


def _stem(asked: str, by: str) -> str:
    """Return what is asked without the circumstances that others take the place of."""
    found = _placed(asked)
    places = [place for word, place in found if word.lower() == by.lower()]
    if not places and found and _CIRCUMSTANCE.search(asked[found[-1][1] :].lower()):
        places = [found[-1][1]]
    stem = asked[: places[-1]] if places else asked
    return stem.strip(" ,?.;")


def _completed(piece: str, asked: str) -> tuple[str, bool]:
    """Return a piece with what it takes from the one before, and whether it takes its place there."""
    if not asked:
        return piece, False
    if found := _BARE.match(piece):
        stem = _stem(asked, found["by"])
        is_bare = not ASKS.search(piece.lower())
        return (f"{stem} {piece}", True) if is_bare and len(stem.split()) >= _SHORTEST_STEM else (piece, False)
    if found := _SAME_ASKED.match(piece):
        is_of_whom = found["by"].lower() != "for" or _PERSON.match(found["for"].lower()) or found["for"] in ("a", "an")
        if is_of_whom and re.match(rf"{BY}{WH}\b", asked.lower()):
            return f"{_stem(asked, found['by'])} {piece[found.end() :]}", True
    elif found := _WHAT_ABOUT.match(piece):
        rest = piece[found.end() :]
        by = _BARE.match(rest)
        if (by or _PERSON.search(rest.lower())) and not _VERB.search(rest.lower()):
            return f"{_stem(asked, by['by'] if by else 'for')} {'' if by else 'for '}{rest}", True
    elif _FRAGMENT.match(piece):
        return _fronted(piece, asked), False
    return piece, False


def _fronted(piece: str, asked: str) -> str:
    """Return "for how many days" with the clause that it belongs to: "... can I use it"."""
    stem = _stem(asked, "")
    if found := _FRONT.match(stem):
        return f"{piece.rstrip(' ?')} {stem[found.end() :][:1].lower()}{stem[found.end() + 1 :]}"
    if found := _NOUN.match(stem):
        return f"{stem[found.end() :]}: {piece}"
    return piece


def _each_person(piece: str) -> list[str]:
    """Return a piece as asked of each of two people or groups, at least one of a certain age; else nothing."""
    for found in islice(_TWO_PEOPLE.finditer(piece), _MOST_JOINTS):
        is_for = re.search(r"\b(?:for|in|on|to)\s+$", piece[: found.start()].lower())
        if is_for and re.search(r"\d", found.group()):
            return [piece[: found.start()] + found[who] + piece[found.end() :] for who in ("one", "two")]
    return []
