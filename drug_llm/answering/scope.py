"""Under which labels of strength, people or use the sentences of a section on doses stand.

"Children: 5 mg/kg daily. No more than 100 mg." names the children once, and what follows holds for them too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from drug_llm.answering.label_kinds import (
    END,
    FORM,
    GROUP,
    OTHER,
    STAGE,
    STRENGTH,
    USE,
    counts_product,
    is_told_of_doses,
    kind_of,
    names_illness,
    names_people,
)
from drug_llm.answering.word_lists import word_set

Place = tuple[int, int]
"""Where something stands in a text: its first character and the one behind it."""
DOSE_SECTIONS = ("dosage_and_administration", "how_to_take")
LONGEST_LABEL, LONGEST_TITLE = 90, 120
LEVELS = 2
"""Most labels that a sentence carries, the outer ones first."""
_BETWEEN = 3
"""Characters between labels that follow each other."""
_NO_LABEL = re.compile(
    r"[\u2022=]|\b(?:is|are|was|were|be|been|may|should|can|could|must|will|would|has|have|had|takes?|gives?|given"
    r"|used|see|includes?|follow\w*|contains?|recommended(?! (?:dos|start|init))|notes?|important|caution|warnings?"
    r"|rows?|key|example|table|figure|^to|e\.g|i\.e|please|only|assess|prior|not)\b",
    re.IGNORECASE,
)
_WHO = re.compile(r"\b(?:who|that|which) (?:are|is|have|has|had|were|can|may)\b|\bnot (?=\w+ing\b)", re.IGNORECASE)
_COLON = re.compile(r"([A-Z0-9<>\u2264\u2265(][^:;?!]{1,88}?)(?::(?=\s|$)|\s[-\u2013\u2014](?=\s))\s*")
_STOP = re.compile(r"\w{3}\)?[.]\s")
_SMALL = r"(?:of|in|and|or|the|to|for|with|by|due|from|on|a|an|than|not|less|older|under|over)"
_CAPITAL = r"(?:[A-Z][\w'\u2019/\u00ae-]*|\d[\d.,]*(?:-\d+)? ?(?:mg|mcg|g|mL|%)(?:/\d[\d.,]* ?(?:mg|mcg|g|mL))*)"
_TITLE = re.compile(rf"{_CAPITAL},?(?: (?:{_CAPITAL}|{_SMALL}|\([^()]{{1,40}}\)),?)*")
_STARTER = re.compile(
    r"\s(?=(?:The|In|For|It|If|When|This|These|There|A|An|Do|Because|Although|As|After|At|Each|Most|No|Not|To|Once|With"
    r"|Since|While|Individualize) [a-zA-Z0-9]|(?:Take|Use|Start|Begin|Initiate|Administer|Give|Apply|Patients|Doses?"
    r"|Dosages?|Treatment|Therapy|Usual|Initial) [a-z0-9])"
)
_ALONE = re.compile(
    r"(?:Adults?(?: and (?:Children|Adolescents|Pediatric Patients))?|Children|Infants|Adolescents|Elderly|Neonates"
    r"|(?:Pa?ediatric|Geriatric) Patients|(?:Initial|Maintenance) (?:Treatment|Therapy|Dosage|Dose|Dosing)) (?=[A-Z])"
)
"""Headings that are known whatever stands behind them."""
_VERB = re.compile(r"\s+(?:is|are|was|may|should|can|must|will|has|have|and|or|in|for)\b")
_REMAINS = re.compile(r"\*+\s+[A-Z]")
"""What is left of a table between sentences: a heading may stand in it that nothing sets off."""
_TITLE_NUMBER = re.compile(r"^\s*\d+(?:\.\d+)*\.?\s+(?=[A-Z])")
_WORD = re.compile(r"[\w-]+")
_SAYING_NOTHING = word_set(
    "recommended dosage dosages dose doses dosing adjustment adjustments modification modifications therapy treatment"
    " patients in for of with the and a an to due"
)
_POINTER = re.compile(r"[(\[]\s*see\b[^)\]]*[)\]]", re.IGNORECASE)
_NUMBERED = re.compile(r"\d+(?:\.\d+)+\.?\s+[A-Z]")


@dataclass
class _Label:
    kind: str
    place: Place
    is_shown: bool = True
    has_own_line: bool = False
    told: int = 0
    """Sentences that stood below it so far."""


class Scope:
    """The labels that hold where a section is being read, sentence by sentence from its beginning."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lasting: list[_Label] = []
        self._held: list[_Label] = []
        self._seen: list[str] = []
        self._nested: set[tuple[str, str]] = set()
        self._stages_in: int | None = None
        self._longest: dict[str, int] = {}

    def begin_line(self, start: int, end: int, *, opens_text: bool) -> None:
        """Go on to a line: labels that stood inside the line before end, those with a line of their own stay.

        `opens_text` says that a sentence stands in the next line: what opens a list or table holds for that alone.
        """
        self._held = list(self._lasting)
        line = self._text[start:end]
        if _NUMBERED.match(line):
            self._held = []
        elif opens_text and is_heading(line):
            self._hold(_Label(kind_of(line), (start, end), has_own_line=True))
        else:
            return
        self._lasting = list(self._held)

    def above(self, start: int, end: int) -> tuple[Place, ...]:
        """Return the labels under which the next sentence stands; those that it begins with hold from here on."""
        own = list(_labels(self._text, start, end))
        for label in own:
            self._hold(label)
        self._held = [label for label in self._held if not self._is_over(label)]
        for label in self._held:
            label.told += 1
        sentence = self._text[start:end]
        if _REMAINS.search(sentence):
            self._held = []
        if not is_told_of_doses(sentence[own[-1].place[1] - start if own else 0 :]):
            return ()
        outer = [label.place for label in self._held if label.place[0] < start and self._is_needed(label, sentence)]
        return _joined(outer[:LEVELS])

    def _hold(self, label: _Label) -> None:
        """Take a label up: it ends the one of its kind and what stood below that."""
        if label.kind == END:
            self._held = []
            return
        if label.kind == STAGE:
            # Where the first of a row of stages stood, the others stand.
            self._stages_in = len(self._held) if self._stages_in is None else self._stages_in
            self._held = self._held[: self._stages_in]
            return
        if label.kind == GROUP and names_illness(self._text[slice(*label.place)]):
            self._held = []
        if label.kind == OTHER:
            label.kind, label.is_shown = USE, False
        kinds = [held.kind for held in self._held]
        if label.kind in kinds:
            before = self._held[kinds.index(label.kind)]
            self._longest[label.kind] = max(self._longest.get(label.kind, 0), before.told)
            self._held = self._held[: kinds.index(label.kind)]
        elif kinds and self._is_behind_row(kinds[0], label.kind):
            self._held = []
        self._nested |= {(held.kind, label.kind) for held in self._held}
        self._seen.append(label.kind)
        self._held.append(label)

    def _is_behind_row(self, outer: str, kind: str) -> bool:
        """Return whether a label follows a row of others, below none of which its kind has stood: it is none's own."""
        return self._seen.count(outer) > 1 and (outer, kind) not in self._nested

    def _is_over(self, label: _Label) -> bool:
        """Return whether a label inside a line has held for as many sentences as those of its kind before it did.

        "Adults: 20 mg. Children: 5 mg. Do not take more than 40 mg." ends with a word to all.
        """
        return not label.has_own_line and label.told >= self._longest.get(label.kind, label.told + 1)

    def _is_needed(self, label: _Label, sentence: str) -> bool:
        """Return whether a sentence needs a label to be understood: it does not say itself what the label says."""
        if not label.is_shown:
            return False
        said = self._text[slice(*label.place)]
        if label.kind == STRENGTH:
            return counts_product(sentence)
        if label.kind == GROUP and names_people(_POINTER.sub("", sentence)):
            return False
        words = set(re.findall(r"\w{3,}", said.lower())) - {"the", "and", "for"}
        return not words <= set(re.findall(r"\w+", sentence.lower()))


def leading(text: str, kind: str = "") -> list[str]:
    """Return the labels that a text begins with, those of one kind where that is given."""
    return [text[slice(*label.place)] for label in _labels(text, 0, len(text)) if kind in ("", label.kind)]


def title_of_doses(title: str) -> str:
    """Return the title of a section on doses where it says whose or what they are for, without its number."""
    plain = _TITLE_NUMBER.sub("", title).strip(" :.")
    is_telling = kind_of(plain) in (STRENGTH, GROUP, USE) and len(plain) <= LONGEST_TITLE
    return plain if is_telling else ""


def is_said(title: str, text: str) -> bool:
    """Return whether a text says itself what the title of its section says."""
    told = set(_WORD.findall(title.lower())) - _SAYING_NOTHING
    return title.lower() in text.lower() or told <= set(_WORD.findall(text.lower()))


def _joined(places: list[Place]) -> tuple[Place, ...]:
    """Return places, those that follow each other as one: "500 mg - Adults:"."""
    found: list[Place] = []
    for start, end in places:
        if found and start - found[-1][1] <= _BETWEEN:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return tuple(found)


def _labels(text: str, start: int, end: int) -> Iterator[_Label]:
    """Yield the labels that a sentence begins with: "500 mg - Adults:", or a heading without any mark behind it."""
    at = start
    while (found := _COLON.match(text, at, end)) and not _is_prose(found[1]):
        kind = kind_of(found[1])
        if kind == OTHER and found[1][0].isdigit():
            return
        yield _Label(kind, (at, found.end(1) + (text[found.end(1)] == ":")))
        at = found.end()
    while alone := _ALONE.match(text, at, end):
        yield _Label(kind_of(alone[0]), (at, alone.end() - 1))
        at = alone.end()
    if place := _heading(text, at, end):
        kind = kind_of(text[slice(*place)])
        yield _Label(OTHER if kind == FORM else kind, place)


def _is_prose(label: str) -> bool:
    return (
        len(label) > LONGEST_LABEL
        or bool(_NO_LABEL.search(_WHO.sub("", label)))
        or bool(_STOP.search(label))
        or bool(_STARTER.search(label))
    )


def _heading(text: str, start: int, end: int) -> Place | None:
    """Return the heading that runs into a sentence without a mark ("Sore Throat The usual dose is ...")."""
    title = _TITLE.match(text, start, end)
    if not title or title.end() == end:
        return None
    starter = _STARTER.search(text, start, end)
    if starter and starter.start() <= title.end():
        return (start, starter.start()) if _is_title(text[start : starter.start()]) else None
    words, last = title[0].split(), text.rfind(" ", start, title.end())
    capitals = [word for word in words if word[0].isupper()]
    if len(capitals) < 3 or words[-1] != capitals[-1] or _VERB.match(text, title.end()) or text[title.end()] != " ":
        return None
    heading = text[start:last]
    return (start, last) if _is_title(heading) and heading.split()[-1][0].isupper() else None


def _is_title(text: str) -> bool:
    is_whole = not text[:1].isdigit() and not re.search(rf"^(?:In|If|For|The) |(?: {_SMALL}|,)$", text)
    return 4 <= len(text) <= LONGEST_LABEL and is_whole and not _NO_LABEL.search(text)


def is_heading(line: str) -> bool:
    """Return whether a line is a heading: short, without a stop, its words capitalised or a colon at its end."""
    if len(line) > LONGEST_LABEL or line.endswith((".", ";", ",")) or "=" in line:
        return False
    plain = line.rstrip(" :")
    if ":" in plain or _is_prose(plain) or not plain[:1].isupper():
        return False
    title = _TITLE.match(plain)
    return line.endswith(":") or bool(title and title.end() == len(plain) and _is_title(plain))
