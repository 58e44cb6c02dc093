"""Whether a shortened sentence still says what the longer one said.

A sentence that leaves words of a label out can say the reverse of it ("Stop use if a rash occurs", "Use if a rash
occurs") with every word it has standing in the label in the same order. So nothing may be left out on which the sense
of the rest may hang: its subject, an opening condition, a number beside one that is kept, a word that turns or limits.
What a label is refused for here is quoted instead, so a needless refusal costs no more than plainer words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from drug_llm.answering.intent import populations
from drug_llm.answering.label_index import TOKEN, stems
from drug_llm.answering.word_lists import medicine_stems
from drug_llm.labels.ranking import stem

_LIMITING_WORDS = """
    stop stopped stopping discontinue discontinued discontinuing discontinuation withhold withheld withholding hold
    held interrupt interrupted omit skip skipped delay delayed taper tapered tapering remove removed replace
    replaced switch switched discard discarded refuse ask consult prevent prevents prevented prevention reduce
    reduces reduced reducing decrease decreases decreased lower lowers lowered fail fails failed failure out apart
    other rather instead unlike free absence less more fewer greater least most both only half third quarter fourth
    double doubled little few before after until once upon if when whenever while during unless provided depending
    except following maximum max minimum initial starting start loading maintenance lethal toxic fatal total
    cumulative divided single additional supplemental kilogram kg m2 suddenly abrupt abruptly withdrawal overdose
    overdosage missed untreated combined concomitant concomitantly caution cautiously inadequately possible
    supervision monitoring tolerated believed thought suggested suspected belief formerly withdrawn investigation
    adjunctive rats mice dogs rabbits monkeys animals vitro placebo whether second line eye eyes ear ears nose skin
    intramuscularly intravenously subcutaneously rectally vaginally topically externally external older younger age
    aged
"""
_LIMITING = frozenset(map(stem, _LIMITING_WORDS.split()))
"""Words that turn, limit or measure what stands around them."""
_ADJUNCTS = re.compile(
    r"in|for|if|when|once|upon|with|under|after|before|until|during|depending|while|because|although|to|following"
    r"|unless|among|on|provided|where|whenever|as|at|within|by"
)
"""Words that open what a sentence holds for ("with close monitoring, ...")."""
_REPORTING_WORDS = """
    inform instruct advise counsel tell reported that recommended usual typical steady known please important
    directions dosing note information
"""
_REPORTING = frozenset(map(stem, _REPORTING_WORDS.split()))
"""Words that may be left out before what they introduce."""
PEOPLE = re.compile(r"adults?|child(?:ren)?|(?:wo)?m[ae]n|patients?|people|persons?|infants?|adolescents?|subjects?")
_ACTING = re.compile(
    r"\b(?:us(?:e|ed|ing)|tak(?:e|en|ing)|giv(?:e|en|ing)|administ\w+|receiv\w+|treat\w*|start\w*|safe|appl(?:y|ied))\b"
)
_STRONG_BREAK = re.compile(r";|[.!?](?:\s|$)")
_WEAK_BREAK = re.compile(r"[,:()\n]|\s[-\u2013\u2022]\s")
_SOURCE = re.compile(r"[(\[]\s*see\b[^)\]]*[)\]]", re.IGNORECASE)
"""A pointer to another section, of which nothing is missed."""
_FRACTION = re.compile(
    r"\d+/\d+|[\u00bc-\u00be\u2153-\u215e]|\b(?:half|third|quarter|fourth)s?\b|(?<![\w.)])[-\u2212]\s?\d"
)
_DIRECTED = re.compile(r"\b(by|to|from)\s+(?:an?\s+|the\s+|about\s+|approximately\s+)?([\w.,]+)")
_AGENT = re.compile(r"\b(\w+(?:ed|en|wn))\s+by\b(?!\s+(?:mouth|injection|infusion|inhalation))")
_DENIED = re.compile(
    r"\b(not|no|never|nor|none|neither|without|avoid\w*|contraindicated|cannot)\s+((?:[a-z]+\s+){0,4}[a-z]+)"
)
_ROUTES = re.compile(
    r"\b(?:(oral)(?:ly)?|(intraven)ous(?:ly)?|(intramuscul)ar(?:ly)?|(subcutane)ous(?:ly)?|(topical)(?:ly)?"
    r"|(rectal)(?:ly)?|(ophthalm)ic|(inhal)\w+|(nasal)(?:ly)?|(vaginal)(?:ly)?)\b"
)


@dataclass(frozen=True)
class _Body:
    """The tokens of a text and which of them are kept."""

    words: list[str]
    """Stems."""
    plain: list[str]
    gaps: list[str]
    """What stands between each token and the next."""
    kept: frozenset[int]
    content: frozenset[int]
    """Tokens that say something by themselves."""

    def edge(self, place: int, step: int, mark: re.Pattern[str]) -> int:
        """Return the outermost token that no such mark parts from the one at a place, before or behind it."""
        while 0 <= place + step <= len(self.gaps) and not mark.search(self.gaps[min(place, place + step)]):
            place += step
        return place


def keeps_sense(
    text: str, piece: str, places: Sequence[int], *, small: Collection[str], names: Collection[str]
) -> bool:
    """Return whether a text leaves nothing out of a piece on which the sense of the rest may hang.

    `places` are those, among the tokens of the piece, of the words that the text keeps; `small` are stems of words
    that claim nothing by themselves, `names` words for the drug, which may be put in.
    """
    title, _, body = piece.rpartition("\n")
    title, body, said = title.lower(), body.lower(), text.lower()
    below = len(TOKEN.findall(title))
    read = _read(body, frozenset(place - below for place in places if place >= below), small, names)
    return (
        all(_keeps_clause(read, clause, is_denied=bool(_DENIED.search(said))) for clause in _clauses(read))
        and _turns_alike(said, body)
        and _denies_alike(said, body, small)
        and not (_ACTING.search(said) and not _ACTING.search(body) and not any(char.isdigit() for char in body))
        and not _lends(title, said, body)
    )


def _read(body: str, kept: frozenset[int], small: Collection[str], names: Collection[str]) -> _Body:
    tokens = list(TOKEN.finditer(body))
    words = [stem(token.group()) for token in tokens]
    pointers = [match.span() for match in _SOURCE.finditer(body)]
    own = {word for name in names for word in stems(name)}
    content = frozenset(
        place
        for place, token in enumerate(tokens)
        if (words[place] in _LIMITING or words[place] not in small)
        and words[place] not in own
        and not any(start <= token.start() < end for start, end in pointers)
    )
    gaps = [body[one.end() : other.start()] for one, other in pairwise(tokens)]
    return _Body(words, [token.group() for token in tokens], gaps, kept, content)


def _clauses(read: _Body) -> Iterator[range]:
    """Yield the places of the tokens of each sentence, or part of one up to a semicolon, of which something is kept."""
    start = 0
    for end in range(1, len(read.words) + 1):
        if end == len(read.words) or _STRONG_BREAK.search(read.gaps[end - 1]):
            if any(start <= place < end for place in read.kept):
                yield range(start, end)
            start = end


def _keeps_clause(read: _Body, clause: range, *, is_denied: bool) -> bool:
    own = [place for place in clause if place in read.kept]
    first, last = own[0], own[-1]
    near = max(clause.start, read.edge(first, -1, _WEAK_BREAK))
    end = min(clause.stop - 1, read.edge(last, 1, _WEAK_BREAK))
    missing = [
        place
        for place in range(clause.start, end + 1)
        if place in read.content and place not in read.kept and not _is_further(read, place)
    ]
    behind = [place for place in missing if place > first]
    return (
        not any(read.words[place] in _LIMITING for place in missing)
        and not any(near <= place < first and read.words[place] not in _REPORTING for place in missing)
        and not any(read.words[place][0].isdigit() for place in behind)
        and not (is_denied and behind)
        and not any(read.words[place] in medicine_stems() for place in missing)
        and not any(_is_of_people(read, place) for place in behind)
        and not _joins(read, behind)
        and not (near > clause.start and _opens_with_condition(read, clause.start, near))
    )


def _is_further(read: _Body, place: int) -> bool:
    """Return whether a word is one more medicine of a list of which another is kept."""
    before = max((kept for kept in read.kept if kept < place), default=-1)
    between = [read.words[place] for place in range(before, place + 1) if place in read.content]
    return before >= 0 and medicine_stems().issuperset(between)


def _is_of_people(read: _Body, place: int) -> bool:
    """Return whether a word says of which people ("women of childbearing potential")."""
    if read.words[place] in _REPORTING:
        return False
    before = place - 1
    while before >= 0 and before not in read.content and not PEOPLE.fullmatch(read.plain[before]):
        before -= 1
    return before >= 0 and bool(PEOPLE.fullmatch(read.plain[before]))


def _joins(read: _Body, missing: Sequence[int]) -> bool:
    """Return whether what is left out begins with one thing and ends with another ("with A and B with C")."""
    return any(
        set(read.plain[one + 1 : other]) & {"and", "or"} and not any(one < kept < other for kept in read.kept)
        for one, other in pairwise(missing)
        if other < max(read.kept)
    )


def _opens_with_condition(read: _Body, start: int, end: int) -> bool:
    """Return whether what is left out up to a comma or colon says for what the rest of a sentence holds."""
    left_out = [place for place in range(start, end) if place in read.content and place not in read.kept]
    is_label = any(":" in gap for gap in read.gaps[start:end])
    opens = bool(_ADJUNCTS.fullmatch(read.plain[start]))
    return any(read.words[place] not in _REPORTING for place in left_out) and (is_label or opens)


def _turns_alike(said: str, body: str) -> bool:
    """Return whether fractions, signs, directions of change, agents, "and" and "or" are those of the body."""
    if sorted(_FRACTION.findall(said)) != sorted(_FRACTION.findall(body)):
        return False
    directed = {pair for pair in _DIRECTED.findall(said) if pair[0] == "from" or pair[1][0].isdigit()}
    if not directed <= set(_DIRECTED.findall(body)):
        return False
    agents = [{stem(word) for word in _AGENT.findall(one)} for one in (said, body)]
    if (agents[0] ^ agents[1]) & set(stems(said)):
        return False
    words = [set(re.findall(r"[a-z]+", one)) for one in (said, body)]
    is_listed = bool(re.search(r"[,;:\n]|\s[-\u2022]\s", body))
    return not ("or" in words[0] - words[1] or ("and" in words[0] - words[1] and ("or" in words[1] or not is_listed)))


def _denies_alike(said: str, body: str, small: Collection[str]) -> bool:
    """Return whether each denial of a text stands before the word it stands before in the body."""
    return set(_denied(said, small)) <= set(_denied(body, small)) and ("with or without" in body) == (
        "with or without" in said
    )


def _denied(text: str, small: Collection[str]) -> Iterator[tuple[str, str]]:
    for match in _DENIED.finditer(text):
        following = next((word for word in stems(match.group(2)) if word not in small), None)
        if following is not None:
            yield stem(match.group(1)), following


def _lends(title: str, said: str, body: str) -> bool:
    """Return whether a text takes a group of people or a route from the title where the body names another."""
    for found in (populations, _routes):
        lent = (found(title) & found(said)) - found(body)
        if lent and found(body):
            return True
    return False


def _routes(text: str) -> frozenset[str]:
    return frozenset(name for match in _ROUTES.findall(text) for name in match if name)
