"""Whether what a question names comes beside the medicine under discussion, or is another topic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from drug_llm.answering.intent import Intent, intent
from drug_llm.answering.several_words import AMOUNT, NO_WEAK, NOT_OWN, PEOPLE

_BETWEEN = r"(?:(?:a|an|the|my|some|any|this|these|his|her|daily|new|low|dose|small|regular|\d+|mg|mcg|of)\W+)*"
_WITH_FIRST = re.compile(
    r"\W*(?:(?:and|or|but|so|ok|okay|then|now|also|together|along|combined|mixed|taken|what about|how about|what if|if"
    rf"|i|we|take|taking|is it|safe|fine)\W+)*(?:with|on top of|alongside|plus|besides|added to)\W+{_BETWEEN}"
)
_WITH_BEFORE = re.compile(rf"\b(?:with|alongside|on top of)\W+{_BETWEEN}$")
_ALSO = re.compile(r"\b(?:also|too|as well|in addition|additionally|on top|add|adds|added|adding|besides|plus)\b")
_MEETING = re.compile(
    r"\b(?:together|along|alongside|at once|combin\w+|mix\w*|same time|simultaneously|interacts?|interacting)\b"
)
_PERSON = r"(?:i|we|you|he|she|they|one|someone|people|patients?|my \w+|to)"
_TAKEN = re.compile(
    rf"\b(?:can|could|may|might|is it|would it be|ok|okay|safe|fine|alright|all right|bad|if|when)\W+(?:for \w+ )?"
    rf"(?:if )?{_PERSON}\W+(?:take|takes|have|use|get|be given|start|try)\W+{_BETWEEN}$"
    r"|\b(?:gave|given|prescribed|prescribes|put|started|starting|switched)\W+(?:(?:me|him|her|us|them|my \w+)\W+)?"
    rf"(?:on\W+)?{_BETWEEN}$"
    rf"|\b{_PERSON}(?:'m|'s| am| is| was| now| just)?\W+(?:now |just )?(?:take|takes|taking|took|on|use|uses|using|got)"
    rf"\W+{_BETWEEN}$"
)
_NOTHING_MORE = re.compile(
    r"\W*(?:(?:now|today|tonight|please|for (?:my |a |the )?\w+(?: \w+)?|then|safely|ok|okay|what happens)\W*)*"
)
_INSTEAD = re.compile(r"\b(?:instead|rather)\b")
_JOINED = re.compile(
    rf"\b(?:with|and|or|plus|taking|take|takes|on|using|use|add|from|than|by|to|drink|eat)\W+{_BETWEEN}$"
)


@dataclass(frozen=True)
class Named:
    """What a question names itself."""

    question: str
    medicines: tuple[str, ...] = ()
    """As typed; those that the store has no label for too."""
    groups: tuple[str, ...] = ()
    """Classes of medicines, foods and drinks, as typed."""

    @property
    def first(self) -> int | None:
        """Where the first medicine stands."""
        return min((start for start, _ in self._places(self.medicines)), default=None)

    @property
    def end(self) -> int | None:
        """Where the last of all ends."""
        return max((end for _, end in self._places((*self.medicines, *self.groups))), default=None)

    def _places(self, names: tuple[str, ...]) -> Iterator[tuple[int, int]]:
        for name in names:
            for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", self.question):
                yield match.span()

    @cached_property
    def _text(self) -> str:
        return self.question.lower().replace("\u2019", "'")

    def are_added(self) -> bool:
        """Return whether the medicines come beside that under discussion: "and with _", "can I also take _"."""
        start, end = self.first, self.end
        if start is None or end is None or _INSTEAD.search(self._text):
            return False
        before, behind = self._text[:start], self._text[end:]
        is_only = len(self.medicines) == 1 and not self.groups
        if is_only and _WITH_FIRST.fullmatch(before):
            return True
        if self._own_subjects:
            return False
        around = before + " " + behind
        if _ALSO.search(around) or (is_only and _MEETING.search(around)):
            return True
        if not is_only or self._asked.populations:
            return False
        is_taken = _TAKEN.search(before) and not NO_WEAK.search(self._text) and _NOTHING_MORE.fullmatch(behind)
        return bool(is_taken or _WITH_BEFORE.search(before))

    def is_about(self, group: str) -> bool:
        """Return whether something is asked of a class or a food itself, not of what it does beside a medicine."""
        place = next(self._places((group,)), None)
        if place is None or not (self._own_subjects or self._asked.populations):
            return False
        return not _JOINED.search(self._text[: place[0]])

    @cached_property
    def _own_subjects(self) -> frozenset[str]:
        return frozenset(self._asked.subjects) - NOT_OWN - PEOPLE - {"serious_side_effects"}

    @cached_property
    def _asked(self) -> Intent:
        text = self._text
        for name in sorted((*self.medicines, *self.groups), key=len, reverse=True):
            text = text.replace(name.lower(), "this")
        return intent(AMOUNT.sub(" ", text))
