"""The smallest pieces of a label that say something by themselves, each with its place in the stored section."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from drug_llm.answering.label_kinds import is_told_of_doses, kind_of
from drug_llm.answering.scope import DOSE_SECTIONS, Scope, is_heading, is_said, leading, title_of_doses
from drug_llm.labels.label import Passage
from drug_llm.labels.sentences import split_sentences

LONGEST_UNIT = 420
"""Characters above which a sentence is taken apart at its semicolons and bullets."""
LONGEST_LIST = 700
"""Characters up to which a list is one more unit as a whole."""
LONGEST_HEADER = 220
_GROUP_LABEL = re.compile(
    r"(?<!\w)((?:Adults?|Children|Infants?|Adolescents?|Elderly|Neonates?|(?:Pa?ediatric|Geriatric)(?: Patients)?)"
    r"(?: [^:;.]{0,40})?:) "
)
_LEADING = ("do_not_use", "ask_doctor", "ask_doctor_or_pharmacist", "stop_use", "when_using")
"""Sections of over-the-counter labels that hold a list of what their title begins to say."""
_ENTRY = re.compile(r"(\s*)[-•*]\s+")
_ROW = re.compile(r"[^=]{1,80}: [^=;]{1,80} = |[^=;]{1,80} = [^;]{1,80};")
_BREAK = re.compile(r";\s+|\s+•\s*|\s+●\s*")


@dataclass(frozen=True)
class Span:
    """Characters of a section's text, from `start` up to but not including `end`."""

    start: int
    end: int


@dataclass(frozen=True)
class Unit:
    """A sentence, a list entry or table row with the line that introduces it, or a short list."""

    passage: Passage
    spans: tuple[Span, ...]
    """Its pieces in the section's text; an entry has its header first, a dose the labels under which it stands."""
    place: int
    """Number of the line within the section, by which neighbours are known."""
    kind: str = "sentence"
    """`sentence`, `entry`, `row` or `list`."""

    @property
    def quotes(self) -> tuple[str, ...]:
        """The pieces as the section has them."""
        return tuple(self.passage.text[span.start : span.end] for span in self.spans)

    @property
    def text(self) -> str:
        """What it says, on one line."""
        return " ".join(" ".join(quote.split()) for quote in self.quotes)

    def holds(self, other: Unit) -> bool:
        """Return whether what another unit says, its header aside, stands in a piece of this one."""
        if self.passage != other.passage:
            return False
        last = other.spans[-1]
        return any(span.start <= last.start and last.end <= span.end for span in self.spans)

    @property
    def shown(self) -> str:
        """What it says below the title of its section where that begins its sentences ("Do not use: if ...")."""
        return f"{lead}: {self.text}" if (lead := lead_of(self.passage, self.text)) else self.text

    @property
    def scoped(self) -> str:
        """What it says below the title of its section where that says whose or what its doses are for."""
        title = title_of_doses(self.passage.title) if self.passage.name in DOSE_SECTIONS else ""
        return f"{title}: {self.text}" if title else self.text


def outside_lists(found: Sequence[Unit]) -> list[Unit]:
    """Return units without those that stand in a list that is among them as a whole."""
    lists = [unit for unit in found if unit.kind == "list"]
    return [unit for unit in found if unit in lists or not any(one.holds(unit) for one in lists)]


def lead_of(passage: Passage, text: str) -> str:
    """Return the title of a section whose texts are read on from it, where a text of it does not begin so.

    So is a dose from a title that says whose or what it is for ("Pediatric Dosage").
    """
    if passage.name in DOSE_SECTIONS:
        title = title_of_doses(passage.title) if is_told_of_doses(text) else ""
        return "" if is_said(title, text) else title
    title = passage.title.strip(" :.") if passage.name in _LEADING else ""
    return "" if title.lower() in text.lower() else title


def units(passage: Passage) -> list[Unit]:
    """Return the units of a section in its order; a short list comes as a whole behind its entries."""
    found: list[Unit] = []
    headers: list[tuple[int, Span]] = []
    whole: list[Span] = []
    before = ""
    opening: tuple[Span, ...] = ()
    scope = Scope(passage.text) if passage.name in DOSE_SECTIONS else None
    lines = list(_lines(passage.text))
    for place, (line, kind, indent) in enumerate(lines):
        if kind == "sentence":
            found += _list(passage, whole, place)
            if first := _opening(passage.text, whole):
                found = _without_introduction(found, place)
            goes_on = (
                scope is not None and before == kind and _goes_on(passage.text, opening, lines[place - 1][0], line)
            )
            opening = first or (opening if goes_on else ())
            whole = _header(passage.text, line)
            headers = [(-1, span) for span in whole]
            if scope:
                opens_text = place + 1 < len(lines) and lines[place + 1][1] == kind
                scope.begin_line(line.start, line.end, opens_text=opens_text)
            found += [Unit(passage, spans, place) for spans in _scoped(passage.text, line, opening, scope)]
        else:
            if before == "row" and kind == "entry":
                # What introduces a table does not introduce the list behind it.
                whole, headers = [], []
            found = _without_introduction(found, place)
            headers = [entry for entry in headers if entry[0] < indent]
            found.append(Unit(passage, (*(span for _, span in headers), line), place, kind))
            whole.append(line)
            if kind == "entry" and line.end - line.start <= LONGEST_HEADER:
                headers.append((indent, line))
        before = kind
    return [*found, *_list(passage, whole, len(found))]


def _without_introduction(found: list[Unit], place: int) -> list[Unit]:
    """Return units without the sentence of the line before that says nothing alone ("... as follows:")."""
    return [
        unit for unit in found if not (unit.place == place - 1 and unit.kind == "sentence" and unit.text.endswith(":"))
    ]


def _opening(text: str, whole: Sequence[Span]) -> tuple[Span, ...]:
    """Return the line before a sentence where it ends in a colon and so says what the sentence is about."""
    if len(whole) != 1 or not text[whole[0].start : whole[0].end].endswith(":"):
        return ()
    return (whole[0],)


def _goes_on(text: str, opening: Sequence[Span], before: Span, line: Span) -> bool:
    """Return whether what opened the line before opens this one too: both have labels of a kind ("Days 1 to 3:")."""
    is_prose = any(not is_heading(text[span.start : span.end]) for span in opening)
    kinds = [[kind_of(label) for label in leading(text[one.start : one.end])[:1]] for one in (before, line)]
    return is_prose and bool(kinds[0]) and kinds[0] == kinds[1]


def _lines(text: str) -> Iterator[tuple[Span, str, int]]:
    start = 0
    for line in text.split("\n"):
        if line.strip():
            lead = len(line) - len(line.lstrip())
            span = Span(start + lead, start + len(line.rstrip()))
            entry = _ENTRY.match(line)
            kind = "entry" if entry else "row" if _ROW.match(line) else "sentence"
            yield span, kind, len(entry[1]) if entry else 0
        start += len(line) + 1


def _header(text: str, line: Span) -> list[Span]:
    """Return what may introduce the list below a line: the line, or of a long one its last sentence if that does."""
    if line.end - line.start <= LONGEST_HEADER:
        return [line]
    last = split_sentences(text[line.start : line.end])[-1]
    span = Span(line.start + last.start, line.start + last.end)
    return [span] if span.end - span.start <= LONGEST_HEADER and text[span.start : span.end].endswith(":") else []


def _scoped(text: str, line: Span, opening: tuple[Span, ...], scope: Scope | None) -> Iterator[tuple[Span, ...]]:
    """Yield the sentences of a line, each behind what opens the line, or behind the labels under which it stands."""
    for sentence in split_sentences(text[line.start : line.end]):
        start, end = line.start + sentence.start, line.start + sentence.end
        labels = [Span(*place) for place in scope.above(start, end)] if scope else []
        outer = [label for label in labels if all(label.end <= span.start for span in opening)]
        above = (*outer, *opening) if opening else tuple(labels)
        if end - start <= LONGEST_UNIT:
            yield (*above, Span(start, end))
        else:
            yield from ((*above, *spans) for spans in _pieces(text, start, end))


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[Span, ...]]:
    """Yield the parts of a long sentence, each behind what introduces it.

    That is the label of its group of people ("adults: 5 mg; or 15 mg a week; children: ..."), or what stands before
    the only colon ("do not use in: ...").
    """
    breaks = [
        found.span() for found in _BREAK.finditer(text, start, end) if not _is_bracketed(text[start : found.start()])
    ]
    labels = [Span(*found.span(1)) for found in _GROUP_LABEL.finditer(text, start, end)]
    inside = [(label.start - 1, label.start) for label in labels if label.start > start]
    cuts = sorted({*breaks, *(cut for cut in inside if all(cut[1] != after for _, after in breaks))})
    first = Span(start, cuts[0][0] if cuts else end)
    opens = bool(cuts) and text[first.start : first.end].endswith(":") and first.end - start <= LONGEST_HEADER
    colon = text.find(": ", start, min(first.end, start + LONGEST_HEADER)) + 1
    is_only = colon and text.find(": ", colon, end) < 0
    header = (first,) if opens else (Span(start, colon),) if is_only else ()
    for begin, stop in zip([start, *(after for _, after in cuts)], [*(before for before, _ in cuts), end], strict=True):
        own = [] if any(label.start == begin for label in labels) else [one for one in labels if one.start < begin]
        if text[begin:stop].strip() and not (opens and begin == start):
            yield (*(header if begin > start else ()), *own[-1:], Span(begin, stop))


def _is_bracketed(text: str) -> bool:
    return text.count("(") > text.count(")")


def _list(passage: Passage, whole: Sequence[Span], place: int) -> list[Unit]:
    """Return a list as one unit where it is short: from its header to its last entry."""
    if len(whole) < 3 or whole[-1].end - whole[0].start > LONGEST_LIST:
        return []
    return [Unit(passage, (Span(whole[0].start, whole[-1].end),), place, "list")]
