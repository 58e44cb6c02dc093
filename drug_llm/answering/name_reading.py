"""How the words of a question are read: rightly spelled names, then slips and parts of names, then odd words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from drug_llm.answering.lexicon import Lexicon
from drug_llm.answering.name_matching import (
    Match,
    Reading,
    begun_names,
    exact_matches,
    extended,
    may_be_name,
    named_in_part,
    slip_reading,
    stem_of,
    with_slip_behind,
)
from drug_llm.answering.sentence import Sentence
from drug_llm.answering.word_lists import word_set

_SHORTEST_STEMMED = 7
_LONG_NAME = 4
"""Words that do not stand beside each other by chance."""
_SHORTEST_ODD, _LONGEST_ODD = 4, 24
"""Letters of a word that is told back as an unknown name; a longer one is a sentence without its spaces."""
# Words with these endings are complaints, procedures or qualities rather than medicines, unless they are capitalised.
_MEDICAL = re.compile(
    r"(?:itis|osis|emia|aemia|uria|pathy|algia|oma|ectomy|otomy|ostomy|ology|logist|plasty|scopy|megaly|trophy|rrhea|plegia|"
    r"penia|philia|phobia|tion|sion|ment|ness|ism|ity|lysis|gram|graphy|edema|phagia|esthesia|genic|emic|otic|itic|ous|ings?|"
    r"able|ably|ally|ship|ward|wise)$"
)
# What names of products end in, and what complaints do not.
_PRODUCT = word_set(
    "rinse sanitizer aid swab swabs wipes gel cream lotion bandages treatment formula rub ointment spray drops "
    "powder cleanser wash oil balm foam shampoo soap patch strips relief antiperspirant deodorant sunscreen "
    "lozenges tablets"
)
# What people suffer from and hope for: products are called so, and so is what another medicine does.
_COMPLAINT = word_set(
    "pain relief constipation diarrhea diarrhoea cough cold flu headache headaches migraine fever allergy allergies "
    "sleep nausea vomiting heartburn gas bloating itch itching rash acne eczema runny nose stuffy sore throat "
    "congestion sinus hoarse dizziness fatigue insomnia anxiety stress grief cramps swelling bruising inflammation "
    "hemorrhoids indigestion dry eyes eye mouth skin"
)
_FORM_OF = re.compile(r"(?:\s+\w+)?\s*\(")
"""What stands between the name on a package and its ingredient: "Pain Relief gelcaps (acetaminophen)"."""
_BODY_MILK = word_set("breast mothers human mom moms baby")


@dataclass(frozen=True)
class Understanding:
    """A question's words, read."""

    readings: tuple[Reading, ...]
    """What is or may be a drug or, misspelled, a class or a substance; in order, no two of the same words."""
    groups: tuple[Match, ...]
    """Classes and substances, spelled rightly."""
    weak: tuple[Match, ...]
    """Names made of ordinary words that do not stand where a name is expected."""
    odd: tuple[int, ...]
    """Places of further words that look like a medicine's name."""


def understand(sentence: Sentence, lexicon: Lexicon) -> Understanding:
    """Read a question's words."""
    matches = _meant(sentence, list(exact_matches(sentence, lexicon)))
    groups = [match for match in matches if match.entry.group and not _is_no_substance(sentence, match)]
    named = [match for match in matches if not match.entry.group and _is_written_so(sentence, lexicon, match)]
    exact = [_exact_reading(sentence, lexicon, match) for match in named if not match.entry.is_weak]
    exact = _apart([*exact, *_begun(sentence, lexicon, named)])
    readings = _apart([*_slips(sentence, lexicon, exact, groups), *exact])
    weak = [match for match in named if match.entry.is_weak and not _is_covered(match, readings)]
    accepted = _expected(sentence, weak, readings, groups)
    readings = _apart([*readings, *(Reading(match.start, match.end, (match,), True) for match in accepted)])
    groups = [match for match in groups if not _is_covered(match, [r for r in readings if r.end - r.start > 1])]
    odd = [at for at in range(len(sentence.words)) if _is_odd(sentence, lexicon, at, readings, groups)]
    return Understanding(
        tuple(sorted(readings, key=lambda reading: reading.start)),
        tuple(group for group in groups if not _is_kind(sentence, group, readings)),
        tuple(match for match in weak if match not in accepted),
        tuple(odd),
    )


def _meant(sentence: Sentence, matches: Sequence[Match]) -> list[Match]:
    """Return the matches without those that only say what something is like, unless one of them is all there is."""
    kept = [match for match in matches if not sentence.is_compared(match.end)]
    if any(not (match.entry.group or match.entry.is_weak) for match in kept):
        return kept
    examples = [m for m in matches if m.entry.names and not m.entry.is_weak and sentence.is_of_its_type(m.end)]
    return sorted([*examples, *kept], key=lambda match: match.start)


def _is_kind(sentence: Sentence, group: Match, readings: Sequence[Reading]) -> bool:
    """Return whether a class only says what the name before it is: "amoxicillin-type antibiotics", "_ vaccine"."""
    if group.entry.group is not None and group.entry.group.name == "vaccines":
        return any(one.end == group.start and not sentence.between(one.end, group.start) for one in readings)
    return any(one.end == group.start - 1 and sentence.is_of_its_type(one.end) for one in readings)


def _is_no_substance(sentence: Sentence, match: Match) -> bool:
    before = sentence.texts[match.start - 1] if match.start else ""
    after = sentence.texts[match.end : match.end + 2]
    typed = sentence.texts[match.start]
    return (typed == "milk" and before in _BODY_MILK) or (typed == "food" and after == ("and", "drug"))


def _is_written_so(sentence: Sentence, lexicon: Lexicon, match: Match) -> bool:
    """Return whether an abbreviation that is a word too ("mom") stands in capitals."""
    text = match.entry.text
    if match.entry.kind != "abbreviation" or not (len(text) < 3 or lexicon.is_ordinary(text)):
        return True
    return sentence.typed(match.start, match.end).isupper() and not sentence.text.isupper()


def _exact_reading(sentence: Sentence, lexicon: Lexicon, match: Match) -> Reading:
    entry = match.entry
    if entry.kind in ("brand", "name") and entry.written not in entry.names and not entry.meanings:
        # The store may have it as part of a product's longer name, and more of that may stand in the question.
        for at in range(match.start, match.end):
            part = None if lexicon.is_ordinary(sentence.texts[at]) else named_in_part(sentence, lexicon, at)
            if part is not None and _is_fuller(part, match):
                return part
    both = with_slip_behind(sentence, lexicon, match) if entry.kind == "brand" else None
    return both or Reading(match.start, extended(sentence, match.end), (match,), True)


def _is_fuller(part: Reading, match: Match) -> bool:
    """Return whether products that a name is part of are meant rather than what the name itself stands for."""
    if match.entry.names or match.entry.kind == "brand":
        return not match.entry.names or part.end - part.start > match.end - match.start
    # An ingredient that the store has with a second word only; "ferrous sulfate" is not another "ferrous".
    return len(match.entry.words) == 1 and all(
        one.entry.words[0] == match.entry.text and len(one.entry.words) == 2 for one in part.matches
    )


def _slips(
    sentence: Sentence, lexicon: Lexicon, exact: Sequence[Reading], groups: Sequence[Match]
) -> Iterator[Reading]:
    for at, word in enumerate(sentence.words):
        if not may_be_name(sentence, lexicon, at) or _is_covered_at(at, exact, groups):
            continue
        reading = slip_reading(sentence, lexicon, at)
        if reading is None or sentence.is_compared(reading.end):
            continue
        expected = sentence.slot(reading.start, reading.end) or not exact
        best = reading.matches[0]
        if best.entry.is_weak and not best.entry.group:
            expected = (
                bool(sentence.slot(reading.start, reading.end)) or word.is_capital or reading.end - reading.start > 2
            )
        if expected or (reading.is_sure and not best.entry.is_weak):
            yield reading


def _begun(sentence: Sentence, lexicon: Lexicon, named: Sequence[Match]) -> Iterator[Reading]:
    """Yield products of which the first words stand in the question: "Oasis Tears" for "oasis tears multidose"."""
    for at in range(len(sentence.words) - 1):
        reading = None if _is_covered_at(at, (), named) else begun_names(sentence, lexicon, at)
        if reading is None:
            continue
        is_known = any(not lexicon.is_ordinary(word) for word in sentence.texts[at : reading.end])
        is_expected = sentence.slot(at, reading.end) > 0 or sentence.is_written_as_name(at, reading.end)
        if is_known or is_expected or reading.end - at > 2:
            yield reading


def _is_covered_at(at: int, readings: Iterable[Reading], groups: Iterable[Match] = ()) -> bool:
    return any(one.start <= at < one.end for one in readings) or any(one.start <= at < one.end for one in groups)


def _is_covered(match: Match, readings: Iterable[Reading]) -> bool:
    return any(reading.start < match.end and match.start < reading.end for reading in readings)


def _apart(readings: Iterable[Reading]) -> list[Reading]:
    """Return the readings of which no two share a word, those of more words and of fewer slips first."""
    kept: list[Reading] = []
    for reading in sorted(readings, key=_rank):
        if all(reading.end <= other.start or other.end <= reading.start for other in kept):
            kept.append(reading)
    return kept


def _rank(reading: Reading) -> tuple[bool, int, int, int]:
    best = reading.matches[0]
    return best.is_part, reading.start - reading.end, best.cost, reading.start


def _expected(
    sentence: Sentence, weak: Sequence[Match], readings: Sequence[Reading], groups: Sequence[Match]
) -> list[Match]:
    """Return the names made of ordinary words that stand where a name is expected, or are written as one."""
    weak = [match for match in weak if not _is_descriptive(sentence, match, readings)]
    weak = [match for match in weak if not (readings and _is_complaint(sentence, match))]
    eaten = {(group.start, group.end) for group in groups}
    accepted = [m for m in weak if (m.start, m.end) not in eaten and _is_expected(sentence, m, bool(readings))]
    if accepted or readings or sentence.is_about_eating:
        return accepted
    # Alone, what may also be a substance ("magnesium dose") is the medicine that is asked about.
    return [
        match
        for match in weak
        if (match.start, match.end) in eaten
        and sentence.slot(match.start, match.end)
        and not sentence.is_joined(match.start)
    ]


def _is_descriptive(sentence: Sentence, match: Match, readings: Sequence[Reading]) -> bool:
    """Return whether ordinary words only say what is beside them: "pain relief acetaminophen", "low-sodium"."""
    if sentence.text[: sentence.words[match.start].start].endswith("-"):
        return True
    return any(
        (reading.end == match.start or reading.start == match.end)
        and not sentence.between(min(reading.end, match.end), max(reading.start, match.start))
        for reading in readings
    )


def _is_complaint(sentence: Sentence, match: Match) -> bool:
    """Return whether words beside another medicine are a complaint, or what the medicine does: "give pain relief"."""
    if not _COMPLAINT.issuperset(match.entry.words) or sentence.is_joined(match.start):
        return False
    if sentence.texts[match.end : match.end + 1] in (("and",), ("or",), ("with",), ("plus",)):
        return False
    behind = sentence.text[sentence.words[match.end - 1].end :]
    return not sentence.is_written_as_name(match.start, match.end) or bool(_FORM_OF.match(behind))


def _is_expected(sentence: Sentence, match: Match, has_others: bool) -> bool:
    slot = sentence.slot(match.start, match.end)
    if sentence.is_written_as_name(match.start, match.end) or slot > 1:
        return True
    named = (*match.entry.words, *sentence.texts[match.end : match.end + 1])  # "sodium fluoride rinse"
    if not has_others and match.end - match.start > 1 and not _PRODUCT.isdisjoint(named):
        return True
    words = match.end - match.start
    is_hyphened = "-" in match.entry.written and sentence.typed(match.start, match.end).lower() == match.entry.written
    if words >= _LONG_NAME or is_hyphened:
        return True
    return slot > 0 and (words > 2 or (words > 1 and not has_others))


def _is_odd(
    sentence: Sentence, lexicon: Lexicon, at: int, readings: Sequence[Reading], groups: Sequence[Match]
) -> bool:
    word = sentence.words[at]
    if _is_covered_at(at, readings, groups) or not may_be_name(sentence, lexicon, at) or sentence.is_compared(at + 1):
        return False
    if len(word.text) > _LONGEST_ODD:
        return False
    if len(word.text) >= _SHORTEST_STEMMED and stem_of(word.text):
        return True
    if len(word.text) < _SHORTEST_ODD or (_MEDICAL.search(word.text) and not word.is_capital):
        return False
    return sentence.slot(at, at + 1) > 0
