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
_BESIDE = r"(?:with|together|alongside|along|on top of|plus|and)"
# "Is it ok with _", "is it safe to take with _": the medicine is judged after all; not so in "is it ok to take _ with".
_JUDGED_BESIDE = re.compile(
    rf"(?: (?!to\b|if\b|that\b|when\b|for\b)\w+){{0,2}}(?: to (?:be )?(?:take|taken|use|used|combine|mix|give|have))?"
    rf" {_BESIDE}\b(?!.{{0,80}}\bto (?:take|drink|have|use|eat|give)\b)"
)
_TAKING = r"(?:on|taking|using|take|use|stopping|starting|having|took|given)"
# What stands before a pronoun that is taken beside the medicine named before it: "can I take _ with it".
_BESIDE_BEFORE = re.compile(r"\b(?:with|on top of|alongside|affects?|affecting|added to|addition to|add to)\s+$")
_LISTED_BEFORE = re.compile(r"\b(?:and|or|plus)\s+$")
_LISTED_AFTER = re.compile(r"\s*(?:$|[?.!,;]|together\b|at\b|in\b|during\b|while\b|for\b)")
_WHILE_BEFORE = re.compile(rf"\b(?:while|whilst|when|if|after|before|since)\b[^.?!;]{{0,25}}\b{_TAKING}\s+$")
_STOPPED_FIRST = re.compile(r"\b(?:after|before|since)(?: \w+){0,3} $")
_ANOTHER_TAKEN = re.compile(r"\b(?:take|start|use|have|taking|starting|using|restart|resume) $")
_CHANGED_BEFORE = re.compile(r"\b(?:rais|lower|increas|decreas|reduc|chang|block|weaken|strengthen|boost|make)\w*\s+$")
_CHANGED = re.compile(r"\s(?:levels?|effects?|concentrations?|stronger|weaker|less|more|work|not|stop)\b")
_FAR = 200
"""Characters over which words belong together."""
_WITH_FOOD = re.compile(r"\s+(?:with|without)\b")
_THIS_BESIDE = re.compile(rf"\b(?:it|them)(?: \w+)?(?: {_BESIDE}| while (?:on|taking))\s+$")
_CLAUSE = re.compile(
    r"[.?!;]|(?:,|\b(?:and|or|but|so|because)) (?:can|could|is|are|does|do|how|what|when|should|will|would|if|why|which"
    r"|where|i|it|he|she)\b"
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
        """Return whether something named earlier is meant, where `first` is the word that names the first drug."""
        if first is None and _FOLLOWING.match(self._lower):
            return True
        return self.pointer(None if first is None else self.words[first].start) is not None

    def pointer(self, named: int | None) -> tuple[int, int] | None:
        """Return the place of the first words that point to a medicine of an earlier question.

        `named` is the place of the first medicine in this one. What comes behind it points to it ("need food or can I
        take it alone"), unless it is taken beside it ("with it").
        """
        kept = _EXPLETIVE.sub(_masked, self._lower)
        found = [*_PRONOUN.finditer(kept), *_POINTING.finditer(kept)]
        for match in sorted(found, key=lambda one: one.start()):
            if named is None or match.start() < named or _is_beside(kept, named, match):
                return match.start(), match.start() + len(match.group().rstrip("?."))
        return None

    @cached_property
    def _lower(self) -> str:
        return self.text.lower().replace("\u2019", "'")

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


def _masked(match: re.Match[str]) -> str:
    is_judged = _JUDGED_BESIDE.match(match.string, match.end())
    return match.group() if is_judged else " " * len(match.group())


def _is_beside(text: str, named: int, pronoun: re.Match[str]) -> bool:
    """Return whether a pronoun behind a medicine means another one that is taken beside it."""
    if pronoun.start() - named > _FAR:
        return False
    before, after = text[named : pronoun.start()], text[pronoun.end() : pronoun.end() + _FAR]
    ahead = text[max(0, named - _FAR) : named]
    if not re.match(r"it|them", pronoun.group()) and _THIS_BESIDE.search(before):
        return True
    if _CLAUSE.search(before):
        return False
    if _BESIDE_BEFORE.search(before) or (_LISTED_BEFORE.search(before) and _LISTED_AFTER.match(after)):
        return True
    if _CHANGED_BEFORE.search(before) and _CHANGED.match(after):
        return True
    if _ANOTHER_TAKEN.search(before) and _STOPPED_FIRST.search(ahead):
        return True
    is_taken = _TAKEN.search(ahead) or re.search(_JUDGED, ahead + before)
    return bool(is_taken and _WHILE_BEFORE.search(before) and not _WITH_FOOD.match(after))
