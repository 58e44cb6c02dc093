"""Which entries of a lexicon the words of a question may stand for, spelled rightly, wrongly or in part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from drug_llm.answering import word_lists
from drug_llm.answering.lexicon import RELEASE, SALTS, Entry, Lexicon
from drug_llm.answering.sentence import Sentence, words_of_name
from drug_llm.answering.spelling import FARTHEST, ONE_EDIT, edits
from drug_llm.answering.word_lists import word_set

_JOINING = word_set("and with for of in the a to or")
MOST_ASKED = 6
"""Names that a question is asked back with."""
_SHORTEST_PLURAL = 5
"""Letters from which a name may be typed with an s too many or too few."""
_SHORTEST_SLIP = 3
"""Letters that a misspelled word has at least."""
_SURE_OF_ONE, _SURE_OF_TWO = 5, 8
"""Letters of a name from which one and two wrong letters leave no doubt that it is a name."""
_SHORTEST_PART_LETTERS = 4
"""Letters that the beginning of a name has at least."""
_SURE_BEGINNING = 4
"""Letters that a misspelled word shares with the beginning of a name that is often mistaken, to be asked about."""
_LONGEST_SUFFIX = 4
"""Letters of what follows a brand name to tell products apart, such as "pm" and "hct"."""
_SURE_BEFORE_STEM = 3
"""Letters before a stem that both have, from which one wrong letter leaves no doubt."""
_SHORTEST_SPLIT = 8
"""Letters from which ordinary words may be a name with a space in it ("after a" is none)."""

# Stems of the names that the WHO and the USAN Council give, as far as no other words end so.
_STEM = re.compile(
    r"(?:pril|prilat|sartan|statin|mab|tinib|ciclib|parib|rafenib|zomib|lisib|degib|cillin|mycin|micin|floxacin|cycline|conazole|"
    r"nidazole|prazole|bendazole|azole|olol|alol|oxetine|traline|opram|faxine|triptyline|pramine|azepam|azolam|peridone|"
    r"piprazole|triptan|gepant|setron|tidine|gliptin|gliflozin|glutide|glitazone|glinide|formin|dronate|profen|coxib|oxicam|"
    r"fenac|barbital|curium|curonium|xaban|gatran|grel|parin|teplase|ciclovir|cyclovir|tegravir|navir|asvir|buvir|previr|citabine|"
    r"vudine|fibrate|solone|terol|tropium|phylline|lukast|zosin|dipine|thiazide|semide|lactone|limus|grastim|poetin|relin|"
    r"relix|platin|rubicin|taxel|tecan|trexate|trexed|codone|orphone|fentanil|fungin|vaptan|ciguat|denafil|steride|"
    r"gestrel|fenacin|begron|giline|tilide|lidomide|orexant|setrag|racetam|gabalin|oxacin|cef\w+|sulfa\w+)$"
)


@dataclass(frozen=True)
class Match:
    """Words of a question and an entry that they may stand for."""

    start: int
    end: int
    entry: Entry
    cost: int = 0
    """0 for the right spelling."""
    is_part: bool = False
    """Whether only some words of the name are there."""
    likeness: int = 0
    """Words of a name that the question has, where only some are there."""
    is_sure: bool = True
    """Whether those words can hardly be of another name."""


@dataclass(frozen=True)
class Reading:
    """What some words may mean."""

    start: int
    end: int
    matches: tuple[Match, ...]
    """The likeliest first; several when none may be preferred."""
    is_sure: bool
    """Whether the words are surely one of these names."""


def exact_matches(sentence: Sentence, lexicon: Lexicon) -> Iterator[Match]:
    """Yield the longest rightly spelled entry at each place, one inside another's words left out."""
    at = 0
    while at < len(sentence.words):
        found = _longest(sentence, lexicon, at)
        yield from found
        at = max([at + 1, *(match.end for match in found)])


def _longest(sentence: Sentence, lexicon: Lexicon, at: int) -> list[Match]:
    best: list[Match] = []
    text = ""
    for end in range(at + 1, len(sentence.words) + 1):
        text += sentence.texts[end - 1]
        if not lexicon.starts(text):
            best = _plural(sentence, lexicon, at, end, text) or best
            break
        here = _entries(sentence, lexicon, at, end, text)
        best = here or _plural(sentence, lexicon, at, end, text) or best
    return best


def _plural(sentence: Sentence, lexicon: Lexicon, at: int, end: int, text: str) -> list[Match]:
    if len(text) < _SHORTEST_PLURAL:
        return []
    return _entries(sentence, lexicon, at, end, text[:-1] if text[-1] == "s" else f"{text}s")


def _entries(sentence: Sentence, lexicon: Lexicon, at: int, end: int, text: str) -> list[Match]:
    typed = sentence.texts[at:end]
    entries = [*lexicon.groups.get(text, ())]
    if text in lexicon.entries:
        entries.insert(0, lexicon.entries[text])
    return [Match(at, end, entry) for entry in entries if _may_be_split(typed, entry, lexicon)]


def _may_be_split(typed: Sequence[str], entry: Entry, lexicon: Lexicon) -> bool:
    if len(typed) <= len(entry.words) or len(entry.text) >= _SHORTEST_SPLIT:
        return True
    return not all(len(word) < 3 or lexicon.is_ordinary(word) for word in typed)


def extended(sentence: Sentence, end: int) -> int:
    """Return where a name ends that salts and release words follow."""
    while end < len(sentence.words) and sentence.texts[end] in SALTS | RELEASE:
        if any(mark in sentence.between(end, end) for mark in ",;.?!"):
            break
        end += 1
    return end


def slip_reading(sentence: Sentence, lexicon: Lexicon, at: int) -> Reading | None:
    """Return what a word that is neither a name nor ordinary may stand for, alone or with its neighbours."""
    wholes, parts = _near_matches(sentence, lexicon, at)
    spelled = [match for match in parts if not match.cost]
    if spelled and all(match.cost and match.end - match.start == 1 for match in wholes):
        return part_reading(spelled)
    if not wholes:
        wholes = [*_joined_matches(sentence, lexicon, at)]
    if wholes:
        return _of_wholes(sentence, lexicon, wholes)
    return part_reading(parts)


def _near_matches(sentence: Sentence, lexicon: Lexicon, at: int) -> tuple[list[Match], list[Match]]:
    wholes: list[Match] = []
    parts: list[Match] = []
    for form, cost, entries in lexicon.near(sentence.texts[at]):
        for entry in entries:
            if entry.text == form:
                wholes.append(Match(at, at + 1, entry, cost))
            elif (whole := _window(sentence, lexicon, at, entry, form)) is not None:
                wholes.append(whole)
            elif entry.names and cost <= _allowed(len(form)) and not lexicon.is_ordinary(form) and form not in SALTS:
                parts.append(_part(sentence, at, entry, form, cost))
    return wholes, parts


def _window(sentence: Sentence, lexicon: Lexicon, at: int, entry: Entry, form: str) -> Match | None:
    """Return the match of a whole name of several words around the word that is near to one of its words."""
    best: Match | None = None
    first = at - entry.words.index(form)
    last = first + len(entry.words)
    for start, end in ((first, last), (first, last + 1), (first, last - 1), (first + 1, last)):
        if 0 <= start <= at < end <= len(sentence.words) and end > start + 1:
            typed = sentence.texts[start:end]
            cost = ONE_EDIT * edits("".join(typed), entry.text, FARTHEST // ONE_EDIT)
            if cost > FARTHEST or (best is not None and cost >= best.cost):
                continue
            if not _has_other_word(lexicon, typed, entry.words):
                best = Match(start, end, entry, cost)
    return best


def _has_other_word(lexicon: Lexicon, typed: Sequence[str], words: Sequence[str]) -> bool:
    """Return whether an ordinary word is no slip for one of the name: "micardi what" is not "micardis hct"."""
    meant = words if len(typed) == len(words) else [""] * len(typed)
    return any(
        word not in words and lexicon.is_ordinary(word) and edits(word, wanted, 1) > 1
        for word, wanted in zip(typed, meant, strict=True)
    )


def _joined_matches(sentence: Sentence, lexicon: Lexicon, at: int) -> Iterator[Match]:
    """Yield the entries near to a word and a neighbour in one: a space too many."""
    for start in (at - 1, at):
        if start < 0 or start + 2 > len(sentence.words):
            continue
        if any(word in lexicon.entries for word in sentence.texts[start : start + 2]):
            continue
        has_ordinary = any(lexicon.is_ordinary(word) for word in sentence.texts[start : start + 2])
        text = sentence.joined(start, start + 2)
        if len(text) < _SURE_OF_ONE + has_ordinary:
            continue
        for form, cost, entries in lexicon.near(text):
            if cost <= (ONE_EDIT if has_ordinary else FARTHEST):
                yield from (Match(start, start + 2, entry, cost) for entry in entries if entry.text == form)


def _part(sentence: Sentence, at: int, entry: Entry, form: str, cost: int) -> Match:
    start, end = at, at + 1
    while start > 0 and sentence.texts[start - 1] in entry.words:
        start -= 1
    while end < len(sentence.words) and sentence.texts[end] in entry.words:
        end += 1
    while end > at + 1 and sentence.texts[end - 1] in _JOINING:
        end -= 1
    likeness = sum(word in sentence.texts for word in dict.fromkeys(entry.words) if word not in _JOINING)
    # Another word than the first may well be a slip for some other name.
    is_sure = not cost or form == entry.words[0]
    return Match(start, end, entry, cost, is_part=True, likeness=likeness, is_sure=is_sure)


def begun_names(sentence: Sentence, lexicon: Lexicon, at: int) -> Reading | None:
    """Return the names in the store of which two words or more, from the first on, stand here."""
    best: Reading | None = None
    for end in range(at + 2, len(sentence.words) + 1):
        text = sentence.joined(at, end)
        if not lexicon.starts(text):
            break
        entries = lexicon.beginning_with(text)
        if entries and len(text) >= _SHORTEST_PART_LETTERS:
            matches = [Match(at, end, entry, 0, is_part=True, likeness=end - at) for entry in entries]
            reading = part_reading(matches)
            best = Reading(at, end, reading.matches, True) if reading else best
    return best


def named_in_part(sentence: Sentence, lexicon: Lexicon, at: int) -> Reading | None:
    """Return the names in the store that hold a rightly spelled word, such as a brand with more words to it."""
    word = sentence.texts[at]
    return part_reading([_part(sentence, at, entry, word, 0) for entry in lexicon.with_word(word)])


def part_reading(parts: Sequence[Match]) -> Reading | None:
    """Return the names of which most words are there; several when their drugs differ."""
    if not parts:
        return None
    least = min(match.cost for match in parts)
    near = [match for match in parts if match.cost <= least + 1]
    most = max(match.likeness for match in near)
    # Of names with as many words in the question the shortest leaves out the fewest.
    best = sorted(
        (match for match in near if match.likeness == most),
        key=lambda match: (match.cost, len(match.entry.words), match.entry.text),
    )
    return Reading(best[0].start, best[0].end, _one_of_each(best), best[0].is_sure)


def stem_of(word: str) -> str:
    """Return the ending by which a word is known to be a medicine's name, such as "tinib"; else nothing."""
    stem = _STEM.search(word)
    return stem.group() if stem else ""


def _allowed(letters: int) -> int:
    if letters >= _SURE_OF_TWO:
        return FARTHEST
    return ONE_EDIT if letters >= _SURE_OF_ONE else 0


def _is_sure(sentence: Sentence, match: Match) -> bool:
    """Return whether a misspelled name can hardly be another one."""
    typed, name = sentence.joined(match.start, match.end), match.entry.text
    stem = min(stem_of(typed), stem_of(name), key=len)
    if not stem or match.cost < ONE_EDIT or not name.endswith(stem):
        return match.cost <= _allowed(len(name))
    # "Rovatinib" is not "ponatinib": what both end in is said of many drugs, and only what stands before it tells.
    letters = len(name) - len(stem)
    return letters >= (_SURE_BEFORE_STEM if match.cost <= ONE_EDIT else _SURE_OF_TWO)


def _of_wholes(sentence: Sentence, lexicon: Lexicon, wholes: Sequence[Match]) -> Reading:
    longest = max(match.end - match.start for match in wholes)
    ordered = sorted(
        (match for match in wholes if match.end - match.start == longest),
        key=lambda match: (match.cost, not match.entry.in_store, len(match.entry.text), match.entry.text),
    )
    best = ordered[0]
    reach = best.cost + ONE_EDIT
    rivals = [match for match in ordered if match.cost <= (reach if match.entry.in_store else best.cost)]
    if best.cost:
        rivals += _look_alikes(sentence, lexicon, best)
    return Reading(best.start, best.end, _one_of_each(rivals), _is_sure(sentence, best))


def _one_of_each(matches: Sequence[Match]) -> tuple[Match, ...]:
    """Return the first match of every drug, as many as are asked about."""
    first: dict[str, Match] = {}
    for match in matches:
        first.setdefault(match.entry.drug, match)
    return tuple(first.values())[:MOST_ASKED]


def _look_alikes(sentence: Sentence, lexicon: Lexicon, best: Match) -> Iterator[Match]:
    """Yield the names that safety lists warn to be mistaken for this one, where the word may be one of them too."""
    typed = sentence.joined(best.start, best.end)
    reach = max(FARTHEST, best.cost + ONE_EDIT) // ONE_EDIT
    for name in sorted(word_lists.look_alikes().get(" ".join(best.entry.words), ())):
        entry = lexicon.entries.get("".join(words_of_name(name)))
        if entry is not None:
            cost = ONE_EDIT * edits(typed, entry.text, reach)
            is_near = cost <= (ONE_EDIT * reach if entry.in_store else best.cost)
            if is_near or _begins_more_like(typed, entry.text, best.entry.text):
                yield Match(best.start, best.end, entry, cost)


def _begins_more_like(typed: str, name: str, other: str) -> bool:
    """Return whether a word begins as one name does and not as the other: "trazadol" is near to tramadol by chance."""
    pairs = (zip(typed, one, strict=False) for one in (name, other))
    shared, less = (sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pair)) for pair in pairs)
    return shared > less and shared >= _SURE_BEGINNING


def with_slip_behind(sentence: Sentence, lexicon: Lexicon, match: Match) -> Reading | None:
    """Return what a rightly spelled name and the odd word behind it may be together: "tylenol pn" for "tylenol pm"."""
    end = match.end + 1
    if end > len(sentence.words) or sentence.between(match.end, match.end) not in ("", "-"):
        return None
    word = sentence.texts[match.end]
    if not word.isalpha() or len(word) > _LONGEST_SUFFIX or word in RELEASE or lexicon.is_ordinary(word):
        return None
    longer = [
        Match(match.start, end, entry, cost)
        for form, cost, entries in lexicon.near(sentence.joined(match.start, end))
        for entry in entries
        if cost <= ONE_EDIT and entry.text == form and len(entry.words) > 1 and entry.drug != match.entry.drug
    ]
    ordered = sorted(longer, key=lambda one: (one.cost, one.entry.text))
    return Reading(match.start, match.end, (match, *ordered[: MOST_ASKED - 1]), True) if ordered else None


def may_be_name(sentence: Sentence, lexicon: Lexicon, at: int) -> bool:
    """Return whether a word may be a name, or was meant to be one: long enough, letters only, and no ordinary word."""
    word = sentence.texts[at]
    return len(word) >= _SHORTEST_SLIP and word.isalpha() and word not in SALTS and not lexicon.is_ordinary(word)
