"""Section numbers: kept apart from titles and text, so that "(5.1)" is never read as a quantity."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from drug_llm.labels.label import Section

_NUMBER = r"\d{1,2}(?:\.\d{1,2}){0,2}"
_NUMBERS = rf"{_NUMBER}(?:\s*(?:,|;|&|-|\u2013|\band\b|\bor\b|\bto\b)\s*(?:and\s+)?{_NUMBER})*"
_HEADING = re.compile(
    rf"\s*({_NUMBER})\.?[\s\u00a0]+(?=[A-Z\u2019'\"(])(?!(?:MG|ML|MCG|G|X|TABLETS?|CAPSULES?|COUNT)\b)"
)
_SECTION_NUMBER = re.compile(rf"{_NUMBER}\Z")
_SEE = re.compile(r"[\[(]\s*(?:see|refer to|and)\s[^\[\]()]*(?:\([^()\[\]]*\)[^\[\]()]*)*[\])]", re.IGNORECASE)
_GROUP = re.compile(rf"[\[(]\s*(?:see\s+)?(?:sections?\s+)?({_NUMBERS})\s*[,;]?\s*[\])]", re.IGNORECASE)
_AFTER_WORD = re.compile(rf"(\bsections?|\u00a7)\s*({_NUMBERS})(?!\.?\d)", re.IGNORECASE)
# openFDA of 2015 moved some links behind their sentence: "[see Indications and Usage ( )]. 1.1".
_MOVED = re.compile(rf"(\(\s*\)[\s\].]*)({_NUMBER})(?=\s)")
_DOTTED = re.compile(r"(?<![\d.])\d{1,2}\.\d{1,2}(?:\.\d{1,2})?(?![\d.]*\d|\s*%)")
_COUNT_BEFORE = re.compile(
    r"(?:(?<![A-Za-z\d])\d[\d.,]*(?<![.,])|[%=\u00b1<>\u2264\u2265]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve))\s*\Z",
    re.I,
)
# Noncharacters, which no valid document contains: the SPL reader marks the text of links with them.
LINK_START, LINK_END = "\ufdd0", "\ufdd1"
_LINK = re.compile(rf"{LINK_START}([^{LINK_END}]*){LINK_END}")
_TIDY = (
    (re.compile(r"[\[(][\s,;.]*(?:(?:and|or|see)[\s,;]*)*[\])]", re.IGNORECASE), ""),
    (re.compile(r"(?<=\S) +(?=[.,;:)\]])"), ""),
    (re.compile(r",(?:\s*,)+"), ","),
    (re.compile(r"[,;]\s*(?=[)\]])"), ""),
    (re.compile(r"(?<=\S) {2,}"), " "),
    (re.compile(r"(?<=\S) +(?=\n|\Z)"), ""),
)


@dataclass(frozen=True)
class SectionNumbers:
    """The section numbers of one label, by which references are told from quantities."""

    titles: Mapping[str, str] = field(default_factory=dict)
    """Title of each numbered section, in lower case, by its number; empty for unnumbered labels."""

    def is_section(self, number: str) -> bool:
        """Return whether the label has this section, or the one around it."""
        return number in self.titles or ("." in number and number.split(".")[0] in self.titles)

    def is_listed(self, number: str) -> bool:
        """Return whether the label has exactly this section, or its part of the label has no numbered sections."""
        major = number.split(".")[0]
        return number in self.titles or (major in self.titles and major not in self._divided)

    @cached_property
    def _divided(self) -> frozenset[str]:
        return frozenset(number.split(".")[0] for number in self.titles if "." in number)


def split_number(title: str) -> tuple[str, str]:
    """Return the number and the rest of a title such as "5.1 Fetal toxicity"; no number gives ""."""
    match = _HEADING.match(title)
    if not match or not 1 <= int(match[1].split(".")[0]) <= 17:
        return "", title.strip()
    return match[1], title[match.end() :].strip()


def without_references(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Return the sections of one label with the references to each other taken out of their text."""
    numbers = SectionNumbers({section.number: section.title.lower() for section in _all(sections) if section.number})
    return tuple(_clean(section, numbers) for section in sections)


def drop_references(text: str, numbers: SectionNumbers, *, own: str = "") -> tuple[str, tuple[str, ...]]:
    """Return the text without references to sections, and the numbers that were taken out.

    `own` is the number of the section that the text belongs to. A number stays when the label
    has no such section, or when it stands as a count or percentage, as in "three (3)" or "12 (5.1)".
    """
    found: list[str] = []
    if LINK_START in text:
        text = _LINK.sub(lambda match: _link_text(match[1], found), text)
    if numbers.titles and ("(" in text or "[" in text or "ection" in text or "\u00a7" in text):
        text = _SEE.sub(lambda match: _without_dotted(match[0], numbers, found), text)
        text = _MOVED.sub(lambda match: _after_word(match, numbers, found), text)
        if "ection" in text or "ECTION" in text or "\u00a7" in text:
            text = _AFTER_WORD.sub(lambda match: _after_word(match, numbers, found), text)
        text = _GROUP.sub(_group_remover(numbers, found, own), text)
    if found:
        for pattern, replacement in _TIDY:
            text = pattern.sub(replacement, text)
    return text, tuple(dict.fromkeys(found))


def _clean(section: Section, numbers: SectionNumbers) -> Section:
    text, found = drop_references(section.text, numbers, own=section.number)
    children = tuple(_clean(child, numbers) for child in section.subsections)
    return replace(section, text=text, references=found, subsections=children)


def _all(sections: tuple[Section, ...]) -> Iterator[Section]:
    for section in sections:
        yield section
        yield from _all(section.subsections)


def _link_text(text: str, found: list[str]) -> str:
    bare = text.strip(" ()[],;.")
    if _SECTION_NUMBER.match(bare):
        found.append(bare)
        return re.sub(r"[\d.]+", "", text)
    return text


def _without_dotted(text: str, numbers: SectionNumbers, found: list[str]) -> str:
    """Take "5.1" out of "[see Warnings and Precautions (5.1)]", and a bare "(14)" in it."""

    def drop(match: re.Match[str]) -> str:
        if not numbers.is_section(match[0]):
            return match[0]
        found.append(match[0])
        return ""

    def drop_group(match: re.Match[str]) -> str:
        listed = re.findall(_NUMBER, match[1])
        if match.start() == 0 or not all(map(numbers.is_section, listed)):
            return match[0]
        found.extend(listed)
        return ""

    return _GROUP.sub(drop_group, _DOTTED.sub(drop, text))


def _after_word(match: re.Match[str], numbers: SectionNumbers, found: list[str]) -> str:
    listed = re.findall(_NUMBER, match[2])
    if not all(map(numbers.is_section, listed)):
        return match[0]
    found.extend(listed)
    return match[1]


def _group_remover(numbers: SectionNumbers, found: list[str], own: str) -> Callable[[re.Match[str]], str]:
    def remove(match: re.Match[str]) -> str:
        listed = re.findall(_NUMBER, match[1])
        before = match.string[max(0, match.start() - 80) : match.start()]
        if not all(map(numbers.is_listed, listed)) or _COUNT_BEFORE.search(before) or _is_table_row(match):
            return match[0]
        after = match.string[match.end() : match.end() + 2]
        dotted = any("." in number for number in listed)
        if not dotted and not all(_points_here(number, before, after, numbers, own) for number in listed):
            return match[0]
        found.extend(listed)
        return ""

    return remove


def _is_table_row(match: re.Match[str]) -> bool:
    """A number in brackets in a row of a table is a value: "Mean (SD) = 7.9 (1.4)"."""
    start = match.string.rfind("\n", 0, match.start()) + 1
    end = match.string.find("\n", match.end())
    return " = " in match.string[start : end if end >= 0 else None]


def _points_here(number: str, before: str, after: str, numbers: SectionNumbers, own: str) -> bool:
    """Whether a bare "(4)" is a reference: it follows that section's title, or ends a line of that section."""
    title = numbers.titles.get(number, "")
    if title and before.rstrip(" (").lower().endswith(title):
        return True
    return own.split(".")[0] == number and (not after.strip() or after.strip()[0] in ".;,\u2022-\n")
