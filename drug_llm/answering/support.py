"""Which pieces of a label carry a sentence: one that says all of it, or one for each of its two halves.

Words that stand in different sentences of a label can be joined into something that no sentence says ("3 grams" of one
line and "2 capsules" of the next), so what is claimed in one breath has to stand in one piece.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from drug_llm.answering.label_index import stems
from drug_llm.claims import problems
from drug_llm.labels.ranking import stem

NEAREST = 5
"""Pieces that are tried for a sentence."""
SHORTEST_HALF = 3
"""Words from which a part of a sentence may rest on a piece of its own."""
_REACH = 3
"""Words before a run in which a denial still belongs to it."""
_SMALL_WORDS = """
    a an the is are was were be been being has have had do does did it its this that these those they them their he she
    his her you your i of to in on at by for with from as and or should can may will would which who must patient
    patients people person take taken taking give given giving administer administered receive receiving dose dosage use
    used using treatment therapy say
"""
_SMALL = frozenset(map(stem, _SMALL_WORDS.split()))
"""Words that may be put in or left out; what they claim is `problems`' affair."""
_DENIAL_WORDS = """
    not no never nor none neither without avoid avoided avoiding contraindicated cannot unless except only unlikely lack
    insufficient unknown
"""
_DENIALS = frozenset(map(stem, _DENIAL_WORDS.split()))
_HEADING_WORDS = """
    active inactive ingredients indications usage dosage overdosage warnings precautions contraindications adverse side
    effects reactions interactions pregnancy lactation pediatric geriatric storage
"""
_HEADINGS = frozenset(map(stem, _HEADING_WORDS.split()))
"""Words of titles that every label has and that claim nothing."""
_NUMBERING = re.compile(r"^[\d.]+\s+|#\d+$")
_JOINT = re.compile(r"[,;]?\s+(?:and|but|because|since|so|while|whereas|as)\s+|[;,]\s+")


def carriers(text: str, pieces: Sequence[str], names: Collection[str]) -> tuple[int, ...]:
    """Return the places of the pieces that carry a sentence, one or two; empty when nothing does.

    `names` are those of the drug that the label is about, any of which may stand for another.
    """
    whole = _carrier(text, pieces, names)
    if whole is not None:
        return (whole,)
    for cut in _JOINT.finditer(text):
        halves = text[: cut.start()].strip(), text[cut.end() :].strip()
        if min(len(half.split()) for half in halves) < SHORTEST_HALF:
            continue
        first = _carrier(halves[0], pieces, names)
        second = None if first is None else _carrier(halves[1], pieces, names)
        if first is not None and second is not None:
            return tuple(dict.fromkeys((first, second)))
    return ()


def _carrier(text: str, pieces: Sequence[str], names: Collection[str]) -> int | None:
    for place in nearest(text, pieces):
        # The whole piece, below its title. Part of one could have lost a "do not" before it.
        if " ".join(text.split()) == " ".join(pieces[place].rpartition("\n")[2].split()):
            return place
        if not _rests_below_title(text, pieces[place], names):
            continue
        if follows(text, pieces[place], names) and not problems(text, [pieces[place]], drugs=names):
            return place
    return None


def _rests_below_title(text: str, piece: str, names: Collection[str]) -> bool:
    """Return whether most of what a sentence says, and its numbers, stand below the title.

    Only what stands there is quoted, and a title that comes with a passage may say anything.
    """
    own = {word for name in names for word in stems(name)}
    said = {word for word in stems(text) if word not in _SMALL and word not in own}
    titles_own = said - set(stems(piece.rpartition("\n")[2])) - _HEADINGS
    return not titles_own or (2 * len(titles_own) < len(said) and not any(word[0].isdigit() for word in titles_own))


def follows(text: str, piece: str, names: Collection[str]) -> bool:
    """Return whether a text says what a piece says in the piece's own order, with words left out but no denial.

    The words of the text stand in the piece in the same order, one group of them perhaps moved to the front ("in
    children, ..."); names of the drug and small words count for nothing. Every denial or restriction that the piece
    has among those words stands in the text too, and the text has none that the piece lacks. It is a check of form,
    blind to meaning, and holds where a check of meaning can be led astray.
    """
    given = stems(piece)
    # A name may be put in where the piece has none ("it" of the label is the drug), but not in another's place.
    own = {word for name in names for word in stems(name)} - set(given)
    said = [word for word in stems(text) if word not in _SMALL and word not in own]
    ends = _runs(said, given)
    if ends is None:
        return False
    among = given[ends[0] : ends[1] + 1]
    # "Do not" and "must not" stand before the words they deny.
    before = given[max(0, ends[0] - _REACH) : ends[0]]
    denied = {word for word in (*before, *among) if word in _DENIALS}
    return denied == {word for word in said if word in _DENIALS}


def _runs(said: Sequence[str], given: Sequence[str]) -> tuple[int, int] | None:
    """Return the first and last place of words that stand in order in at most two runs; None where they do not."""
    for moved in range(len(said) + 1):
        places = _in_order([*said[moved:], *said[:moved]], given)
        if places:
            return min(places), max(places)
    return None


def _in_order(words: Sequence[str], given: Sequence[str]) -> list[int]:
    places: list[int] = []
    at = 0
    for word in words:
        while at < len(given) and given[at] != word:
            at += 1
        if at == len(given):
            return []
        places.append(at)
        at += 1
    return places


def nearest(text: str, pieces: Sequence[str]) -> list[int]:
    """Return the places of the pieces that share the most words with a text, the shorter first of equals."""
    own = set(stems(text))
    shared = [(-len(own & set(stems(piece))), len(piece), place) for place, piece in enumerate(pieces)]
    return [place for _, _, place in sorted(shared)[:NEAREST]]


def titled(title: str, text: str) -> str:
    """Return a piece below the title of its section, which says what a list of ingredients or of warnings is."""
    plain = _NUMBERING.sub("", title.replace("_", " ")).strip(" :")
    return f"{plain}:\n{text}" if plain else text
