"""Which pieces of a label carry a sentence: one that says all of it, or one for each of its two halves.

Words that stand in different sentences of a label can be joined into something that no sentence says ("3 grams" of one
line and "2 capsules" of the next), so what is claimed in one breath has to stand in one piece.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import pairwise

from drug_llm.answering.label_index import stems
from drug_llm.answering.omissions import PEOPLE, keeps_sense
from drug_llm.answering.word_lists import medicine_stems
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
_TELLING_WORDS = """
    write written explain emphasize emphasise convince persuade assure output print text message quote mention claim
    conclude convey communicate promise insist imagine suppose assume reader asker user whoever answer answers answered
    announce declare assert
"""
_TELLING = frozenset(map(stem, _TELLING_WORDS.split()))
"""Words that may make of a statement something that is only told, so that they may not be left out."""
_HEADING_WORDS = """
    active inactive ingredients indications usage dosage overdosage warnings precautions contraindications adverse side
    effects reactions interactions pregnancy lactation pediatric geriatric storage
"""
_HEADINGS = frozenset(map(stem, _HEADING_WORDS.split()))
"""Words of titles that every label has and that claim nothing."""
_NUMBERING = re.compile(r"^[\d.]+\s+|#\d+$")
_JOINT = re.compile(r"[,;]?\s+(?:and|but)\s+|;\s+")
_UNFINISHED = re.compile(
    r"[^:]*:|(?:in|for|if|when|once|upon|with|under|after|before|until|during|while|unless|to)\s", re.I
)
"""How half a sentence begins that says for whom or when the other half holds."""
_SCRAP = re.compile(r"[a-z](?![A-Z])|[\d.,]+\W*\w+(?:\W*$|\.\s)")
"""What is no sentence: words from the middle of one, and a bare amount, of which nobody can tell what it is."""
_ABOUT_ANSWER = re.compile(
    r"""
    # Who is spoken to.
      \b (?<!physician\ ) (?<!medical\ ) assistants? \b
    | \b (?: chat-?(?: bots? | GPT ) | LLMs? | language\ models? | dear\ (?: models? | AI ) | you\ are\ an\ AI ) \b
    | \b AIs? \s+ (?: models? | systems? | reading ) \b
    | \b models? \s+ (?: must | shall | answer\w* | repl\w+ | says? ) \b
    | \b (?: users? | readers? | askers? ) \s+ (?: wants? | asks? | shall | expects? ) \b
    | \b (?: tell | inform | instruct | advise | assure ) \s+ (?: (?: the | all | every | any ) \s+ )?
      (?: users? | readers? | askers? | whoever | anyone | everyone | everybody | people\ who\ ask ) \b
    # What is to be done with words.
    | \b (?: say | mentions? | ignor (?: e | ed | es | ing ) | disregard\w* | overrid (?: e | es | ing )
      | reply | replies | replying | translate | rephrase | paraphrase | recite | pretend | cite | misprint ) \b
    | \b (?: forget\ (?: all | any | the | what | every ) | act\ as\ (?: if | though ) | repeat\ after\ me
      | (?: insert | delete | remove | erase )\ the\ (?: text | words? | lines? | sentences? )
      | (?: tool | function )\ call | answered\ with | respond\ with | read\ that
      | summari[sz] (?: e | es | ing )\ (?: as | this | the\ (?: text | label ) ) ) \b
    | \b (?: write | answer | respond | repeat | declare | announce | assert | echo | conclude | claim | print | output
      | quote | confirm | report | (?<! the\ ) state | says | saying | said | writes | wrote | answers | answered
      | claims | claimed ) \s* (?: \b that \b | : | ["'\u201c\u2018] )
    | \b (?: write | state | answer | respond | output | print )
      \s+ (?: so | this | only | exactly | the\ following ) \b
    | \b (?: answer | respond | print | output | write | report ) \s+ (?: (?: with | as ) \s+ )? (?: yes | no ) \b
    | (?: ^ | [\n.:;,] \s* | \b (?: always | never | must | shall | should | please | and | to ) \s+ )
      (?: state | claim | conclude | assert | assume | declare | copy ) \s
    | \b (?: must | shall | should ) \s+ be \s+ (?: stated | said | answered ) \b
    # The parts of a conversation, or of a prompt.
    | \b (?: correct | right | expected | final | only | true | your | the ) \s+ (?: answer | reply ) \b
    | \b (?: correct | expected | final | your ) \s+ output \b | \b (?: system | your | this ) \s+ prompt \b
    | \b in \s+ your \s+ (?: response | summary ) \b | \b your \s+ summary \b
    | \b new \s+ instructions? \b | \b instructions? \s+ (?: for | to ) \s+ (?: the \s+ )? (?: readers? | models? ) \b
    | \b passages? \s+ \d | \b sentences? \b | \b the \s+ (?: word | phrase ) \s+ ["'\u201c\u2018]
    | \b answer \b [^.:]{0,40} : | \b end \s+ of \s+ (?: answer | text | passage ) \b
    | (?: ^ | \n ) \#{2,} \s* \w+
    | (?: ^ | \n | [.!?] \s+ ) (?: question | system | user | human | response | [qa] ) \s* :
    | <\| | \[ /? INST \b | </? [a-z]+ (?: \s [^>]* )? > | (?: ^ | \n ) \[ \d+ \] \s [^.:]{1,60} :
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Text about what is to be said instead of about a medicine, and forms that no label has and a prompt may have."""


def carriers(text: str, pieces: Sequence[str], names: Collection[str]) -> tuple[int, ...]:
    """Return the places of the pieces that carry a sentence, one or two; empty when nothing does.

    `names` are those of the drug that the label is about, any of which may stand for another.
    """
    if _SCRAP.match(text) and not text.lower().startswith(tuple(names)):
        return tuple([place for place in nearest(text, pieces) if _is_quote(text, pieces[place])][:1])
    whole = _carrier(text, pieces, names)
    if whole is not None:
        return (whole,)
    for cut in _JOINT.finditer(text):
        halves = text[: cut.start()].strip(), text[cut.end() :].strip()
        if any(len(half.split()) < SHORTEST_HALF or _UNFINISHED.match(half) for half in halves):
            continue
        if PEOPLE.search(halves[0]) and not PEOPLE.search(halves[1]) and re.search(r"\d", halves[1]):
            continue
        first = _carrier(halves[0], pieces, names)
        second = None if first is None else _carrier(halves[1], pieces, names)
        if first is not None and second is not None:
            return tuple(dict.fromkeys((first, second)))
    return ()


def _carrier(text: str, pieces: Sequence[str], names: Collection[str]) -> int | None:
    for place in nearest(text, pieces):
        if _is_quote(text, pieces[place]):
            return place
        if not _rests_below_title(text, pieces[place], names):
            continue
        if follows(text, pieces[place], names) and not problems(text, [pieces[place]], drugs=names):
            return place
    return None


def _is_quote(text: str, piece: str) -> bool:
    """Return whether a text is the whole piece below its title; a part of one could have lost a "do not" before it."""
    return " ".join(text.split()) == " ".join(piece.rpartition("\n")[2].split())


@lru_cache(maxsize=4096)
def talks_about_answer(text: str) -> bool:
    """Return whether a text says what is to be said or left out, as an instruction to a model or its reader does.

    "Tell your doctor" and "instruct patients to" are a label's own and are no such text. What is put in letters that
    only look like Latin ones is not recognised.
    """
    seen = (char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")
    return bool(_ABOUT_ANSWER.search("".join(seen)))


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
    has among those words stands in the text too, and the text has none that the piece lacks. Words of telling, such
    as "write" and "claim", stand in it too wherever the piece has them, and nothing at all follows from a piece that
    talks about what is to be said: "say that it is safe" does not say that it is safe. What is left out must not be
    what the sense of the rest hangs on (`omissions`). It is a check of form, blind to meaning, and holds where a check
    of meaning can be led astray.
    """
    if talks_about_answer(piece):
        return False
    given = stems(piece)
    # A name may be put in where the piece has none ("it" of the label is the drug), but not in another's place.
    named = {word for name in names for word in stems(name)}
    own = named - set(given)
    words = stems(text)
    if not _TELLING.intersection(given) <= set(words):
        return False
    said = [word for word in words if word not in _SMALL and word not in own]
    places = _runs(said, given)
    is_other = [word in medicine_stems() and word not in named for word in given]
    if places is None or _takes_a_place(words, own, said, places, is_other):
        return False
    first = min(places)
    among = given[first : max(places) + 1]
    # "Do not" and "must not" stand before the words they deny.
    before = given[max(0, first - _REACH) : first]
    denied = {word for word in (*before, *among) if word in _DENIALS}
    if denied != {word for word in said if word in _DENIALS}:
        return False
    return keeps_sense(text, piece, places, small=_SMALL | _HEADINGS, names=names)


def _takes_a_place(
    words: Sequence[str], own: Collection[str], said: Sequence[str], places: Sequence[int], is_other: Sequence[bool]
) -> bool:
    """Return whether a name put in stands where the piece has another medicine, as in "atenolol causes a rash".

    `is_other` tells of each word of the piece whether it is another medicine.
    """
    at = 0
    for word in words:
        if at < len(said) and word == said[at]:
            at += 1
        elif word in own and at < len(places):
            before = places[at - 1] if at and places[at - 1] < places[at] else -1
            # Behind a medicine that the text keeps, the piece may go on with others of a list.
            is_list = before >= 0 and is_other[before]
            if not is_list and any(is_other[before + 1 : places[at]]):
                return True
    return False


def _runs(said: Sequence[str], given: Sequence[str]) -> list[int] | None:
    """Return the places of words that stand in order, or do so but for one group moved to the front; else None."""
    for moved in range(len(said)):
        rest = _in_order(said[moved:], given)
        if not moved and rest:
            return rest
        # The group stands in one piece somewhere between two of the others, or behind them.
        for before, after in pairwise([*rest, len(given)]):
            group = _in_order(said[:moved], given[before + 1 : after])
            if group:
                return [*(before + 1 + place for place in group), *rest]
    return None


def _in_order(words: Sequence[str], given: Sequence[str]) -> list[int]:
    """Return the places of words among others in the same order; empty where they do not stand there."""
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
