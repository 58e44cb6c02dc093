"""A question as words with their places, and what the words around a word say about it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from drug_llm.answering.word_lists import word_set

# Letters and digits part, so that "24hr", "24 hr" and "24-hr" are the same.
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\d+")
# Words that may stand between "take" and the medicine.
_PASSED = word_set(
    "a an the my your his her our their its some any this that these those daily low high small large generic brand "
    "regular oral more extra new old same called named other much many prescription mg mcg of"
)
_TAKE = word_set(
    "take takes taking took taken use uses using used prescribe prescribed prescribing start starts started "
    "starting stop stopped stopping give gives giving given gave inject injected injecting swallow swallowed apply "
    "applying on add adding try trying get getting got buy miss missed forgot skip skipped crush chew split store "
    "dose dosage dosing overdose brand med medicine medication drug label directions ingredients combine mix"
)
_BEFORE = word_set("with and or than is does can could should will would are was about whats plus between versus vs")
_FOR = word_set("dose doses dosage dosing directions label instructions warnings effects uses name brand generic")
_AFTER_SURE = word_set(
    "mg mcg ml dose doses dosage dosing tablet tablets pill pills capsule capsules cream injection injections "
    "interactions interaction overdose label directions ingredients warnings ointment gel lotion spray drops "
    "inhaler patch syrup side safe use uses used pregnancy contraindications"
)
_PACKAGES = word_set(
    "bottle bottles box boxes tube tubes pack packs packet packets package packages jar jars can cans vial vials"
)
_OF_IT = word_set("effect effects risk risks use uses") | _PACKAGES
_AFTER = word_set("cause causes work works interact interacts treat treats help helps together during while")
_NEVER_A_NAME = re.compile(r"\s*-\s*(like|type|free)\b", re.IGNORECASE)
_VERB = "with|and|or|is|are|be|while|safe|cause|help|work|when|at|for|together|interact|if|have|do|affect"
_PRONOUN = re.compile(
    rf"\b(?:it|its|them|that one|this one)\b|\b(?:this|these|those) (?:{_VERB})\b|\b(?:this|these|those)[?.]?$"
)
_NOUN = r"(?:drug|medicine|medication|med|meds|pill|pills|tablet|tablets|capsule|one|stuff)"
_POINTING = re.compile(rf"\b(?:the same|this|that|these|those|my) {_NOUN}\b")
# "It" that stands for no medicine: "is it safe to".
_JUDGED = (
    r"(?:safe|ok|okay|bad|good|possible|dangerous|true|normal|harmful|better|best|necessary|fine|alright|all right"
    r"|common|likely|important|mean|matter|take|happen|risky|wise|recommended)"
)
_EXPLETIVE = re.compile(
    rf"\b(?:is|was|would|will|isn'?t|can|could|does|if) it (?:be )?(?:also )?(?:really )?{_JUDGED}\b"
    rf"|\bit(?:'?s| is| was) {_JUDGED}\b|\bhow long (?:does|will) it take\b"
)
_FOLLOWING = re.compile(r"^\s*(?:and|what about|how about|what if|or|also|then)\b")
_EATEN = re.compile(r"\b(?:drink|drank|drinks|drinking|eat|eating|ate|smoke|smoking|levels?|raise|lower|free)\b")
_INTERPLAY = re.compile(
    r"\b(?:together|interact\w*|same time|both|mix\w*|combine[sd]?|combining|between|each other|along|at once)\b"
)
_TAKEN = re.compile(
    r"\b(?:can|could|may|ok|okay|safe|fine|bad) (?:i|you|we|he|she|one|someone|people|patients|to)\b[^.?!]*"
    r"\b(?:take|use|give|have|add|be)\b"
    r"|\b(?:i|he|she|they|patient|who|we)\b(?: am|'m|m| is|'s| are| were| was| have been)? (?:also )?"
    r"(?:take|takes|taking|on|use|uses|using)\b"
)
# Words of a name that are not written with a capital.
_SMALL = word_set("with from plus")
_ABOUT_ONE = word_set("with while when if during before after in")


@dataclass(frozen=True)
class Word:
    """A word of a question."""

    text: str
    """In lower case, without accents and apostrophes."""
    start: int
    end: int
    is_capital: bool
    """Whether it begins with a capital letter."""


def words_of_name(name: str) -> tuple[str, ...]:
    """Return a name as the words by which it is compared."""
    return tuple(_plain(match.group()) for match in _WORD.finditer(name))


def _plain(word: str) -> str:
    parts = unicodedata.normalize("NFKD", word.lower())
    return "".join(char for char in parts if char.isalnum())


class Sentence:
    """The words of a question."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = tuple(
            Word(_plain(match.group()), match.start(), match.end(), match.group()[0].isupper())
            for match in _WORD.finditer(text)
        )
        self.texts = tuple(word.text for word in self.words)

    def typed(self, start: int, end: int) -> str:
        """Return the words from `start` up to `end` as they were typed."""
        return self.text[self.words[start].start : self.words[end - 1].end]

    def joined(self, start: int, end: int) -> str:
        """Return the words from `start` up to `end` in one."""
        return "".join(self.texts[start:end])

    def between(self, end: int, start: int) -> str:
        """Return what stands between the words before `end` and those from `start` on."""
        return self.text[self.words[end - 1].end : self.words[start].start].strip().lower()

    @cached_property
    def _has_plain_words(self) -> bool:
        # Where every word is capital, a capital says nothing.
        rest = [word for word in self.words[1:] if word.text.isalpha()]
        return any(not word.is_capital for word in rest)

    def is_written_as_name(self, start: int, end: int) -> bool:
        """Return whether capitals or quotation marks set the words apart as a name."""
        before = self.text[: self.words[start].start][-1:]
        after = self.text[self.words[end - 1].end :][:1]
        if before and after and before in "\"'\u201c\u2018" and after in "\"'\u201d\u2019":
            return True
        if not self._has_plain_words or (start == 0 and end == 1):
            return False
        long = [
            word
            for word in self.words[start:end]
            if (len(word.text) > 3 and word.text not in _SMALL) or end == start + 1
        ]
        return all(word.is_capital for word in long) and any(word.is_capital for word in self.words[start:end])

    def slot(self, start: int, end: int) -> int:
        """Return how surely a medicine's name is expected at some words: 2 ("take _", "_ mg"), 1 ("with _") or 0."""
        if start == 0 and end == len(self.words):
            return 2
        after = self.texts[end] if end < len(self.words) else ""
        at = start - 1
        while at > 0 and self.texts[at] in _PASSED:
            at -= 1
        before = self.texts[at] if at >= 0 else ""
        # "Side effects of _", but not "effects on"; "a bottle of _", but not "a bottle".
        of_it = at < start - 1 and before in _OF_IT and (before not in _PACKAGES or "of" in self.texts[at + 1 : start])
        for_it = before == "for" and at > 0 and self.texts[at - 1] in _FOR
        how_much = before == "how" and at < start - 1
        in_it = before == "in" and at > 0 and self.texts[at - 1] in ("is", "whats", "ingredients")
        is_taken = before in _TAKE and not (before == "on" and at < start - 1)
        if is_taken or after in _AFTER_SURE or of_it or for_it or how_much or in_it:
            return 2
        leads = start == 0 and after in ("and", "or", "with")
        owned = start > 0 and self.texts[start - 1] in ("my", "your")
        follows = self.text[self.words[end - 1].end :].lstrip()[:1]
        heads = start == 0 and follows in (",", ":", ";", "-")
        return int(before in _BEFORE or after in _AFTER or leads or owned or heads)

    def is_joined(self, start: int) -> bool:
        """Return whether "and" or "with" stands before some words."""
        return start > 0 and self.texts[start - 1] in ("and", "or", "with", "plus")

    def is_compared(self, end: int) -> bool:
        """Return whether the words before `end` only say what something is like: "aspirin-like", "alcohol-free"."""
        return bool(_NEVER_A_NAME.match(self.text, self.words[end - 1].end))

    def is_of_its_type(self, end: int) -> bool:
        """Return whether the words before `end` stand for their kind, and so for themselves: "_-type antibiotics"."""
        found = _NEVER_A_NAME.match(self.text, self.words[end - 1].end)
        return found is not None and found.group(1).lower() == "type"

    def refers_back(self, first: int | None) -> bool:
        """Return whether something named earlier is meant: a pronoun before the drug named first, if any is."""
        text = self.text.lower().replace("\u2019", "'")
        until = len(text) if first is None else self.words[first].start
        if first is None and _FOLLOWING.match(text):
            return True
        kept = _EXPLETIVE.sub(lambda match: " " * len(match.group()), text)[:until]
        return bool(_PRONOUN.search(kept) or _POINTING.search(kept))

    @cached_property
    def is_about_eating(self) -> bool:
        """Whether what is eaten or drunk, or what is measured in the blood, is asked about."""
        return bool(_EATEN.search(self.text.lower()))

    def are_two(self, first: int, end: int, count: int) -> bool:
        """Return whether medicines joined by "and" are some that meet, rather than one product that holds them all."""
        text = self.text.lower().replace("\u2019", "'")
        if _INTERPLAY.search(text):
            return True
        after = self.texts[end] if end < len(self.words) else ""
        # "Can I take A and B with food" asks about one product more likely than "can I take A and B".
        return count < 3 and after not in _ABOUT_ONE and bool(_TAKEN.search(text[: self.words[first].start]))
