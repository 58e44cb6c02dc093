"""Which pieces of a label carry a sentence: one that says all of it, or one for each of its two halves.

Words that stand in different sentences of a label can be joined into something that no sentence says ("3 grams" of one
line and "2 capsules" of the next), so what is claimed in one breath has to stand in one piece.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from drug_llm.answering.label_index import stems
from drug_llm.claims import problems

NEAREST = 5
"""Pieces that are tried for a sentence."""
SHORTEST_HALF = 3
"""Words from which a part of a sentence may rest on a piece of its own."""
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
        if not problems(text, [pieces[place]], drugs=names):
            return place
    return None


def nearest(text: str, pieces: Sequence[str]) -> list[int]:
    """Return the places of the pieces that share the most words with a text, the shorter first of equals."""
    own = set(stems(text))
    shared = [(-len(own & set(stems(piece))), len(piece), place) for place, piece in enumerate(pieces)]
    return [place for _, _, place in sorted(shared)[:NEAREST]]


def titled(title: str, text: str) -> str:
    """Return a piece below the title of its section, which says what a list of ingredients or of warnings is."""
    plain = _NUMBERING.sub("", title.replace("_", " ")).strip(" :")
    return f"{plain}:\n{text}" if plain else text
