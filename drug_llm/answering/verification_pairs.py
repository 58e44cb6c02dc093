"""Whether an answer about several things is what their labels say: pairs, how grave each is, whose words those are.

What labels say of each other is found without a model (`interactions`), so it is found anew and compared.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from drug_llm.answering.asked_ingredients import is_named
from drug_llm.answering.drug_names import NamedGroup
from drug_llm.answering.follow_up import Meant
from drug_llm.answering.interactions import Finding, PairInteraction, Side, all_pairs, has_word_of
from drug_llm.answering.several_asked import read_several
from drug_llm.answering.several_drugs import (
    MOST_PAIRS,
    capitalised,
    quotes_each,
    shown_findings,
    unlabelled_side,
    worded_severity,
)
from drug_llm.answering.verification_block import NOT_IN_LABEL, block, first_repeated
from drug_llm.answering.verification_sources import Said, Sources
from drug_llm.answering.verification_texts import OwnText, own_text, silence_told
from drug_llm.answering.word_lists import substances
from drug_llm.labels.choice import label_name
from drug_llm.labels.label import Label

_ORDER = ("doubled", "pair", "further", "silence", "drug", "no label")
"""How the kinds of the program's own sentences follow each other."""
_OTHERS = frozenset(["silence", "no label"])
"""Kinds that tell of something beside the drugs."""


@dataclass
class _Pair:
    """What an answer says of a pair."""

    lead: Said
    own: OwnText
    pair: PairInteraction
    rest: list[tuple[Said, OwnText | None]] = field(default_factory=list)


@dataclass
class _Part:
    """What an answer says of one drug by itself."""

    side: Side
    body: list[Said] = field(default_factory=list)


class SeveralCheck:
    """Checks the sentences of one answer about several things."""

    def __init__(self, sources: Sources, answer: Mapping[str, Any], meant: Meant, body: Sequence[Said]) -> None:
        self._sources = sources
        self._found = meant.found
        self._body = [(one, None if one.cited else own_text(one.text)) for one in body]
        self._is_or = re.search(r"\bor\b", meant.question.lower()) is not None
        self._labels = {label.set_id: label for label in self._labelled(answer)}
        self._own = "\n".join(one.text for one in body if not one.cited)
        self._sides = [side for label in self._labels.values() for side in self._called(label)]
        self._groups: dict[str, NamedGroup] = {}
        self._pairs: dict[str, PairInteraction] = {}
        """By "A with B"."""
        self._told: list[_Pair] = []
        self._parts: list[_Part] = []
        self._numbers: list[int] = []
        """Which part of the question each drug by itself is told for; 0 where that is not said."""
        self._asked = read_several(meant.question, meant.found)
        self._further: list[str] = []
        self._silent: list[str] = []
        self._place = 0
        """Place in _ORDER of the latest sentence of the program's own."""

    @property
    def has_parts(self) -> bool:
        """Whether it says something of one drug by itself."""
        return bool(self._parts)

    @property
    def reason(self) -> str | None:
        """The reason that goes with the sentences; known when `failures` has run."""
        is_found = any(told.pair.findings for told in self._told)
        is_answered = any(block(part.body, may_repeat=True)[1] is None for part in self._parts)
        return None if is_found or is_answered else NOT_IN_LABEL

    def failures(self) -> Iterator[str]:
        """Yield what the labels do not say so, or what is left out of it."""
        self._pairs = {_key(pair): pair for pair in self._all_pairs()}
        yield from self._divided()
        shown: list[Said] = []
        for told in self._told:
            yield from self._pair_failures(told, shown)
            shown += [told.lead, *(one for one, _ in told.rest)]
        cited = {one.entry["set_id"] for said in shown for one in said.cited}
        for part in self._parts:
            yield from _part_failures(part, cited)
            cited |= {one.entry["set_id"] for said in part.body for one in said.cited}
        yield from self._left_out()

    def _labelled(self, answer: Mapping[str, Any]) -> Iterator[Label]:
        versions = {entry["set_id"]: entry["version"] for entry in answer["citations"]}
        for drug in answer["drugs"]:
            if label := self._sources.label(drug["set_id"], versions.get(drug["set_id"])):
                yield label

    def _called(self, label: Label) -> Iterator[Side]:
        """Yield a label as a side under each name that the answer gives it: its own, and brands as typed."""
        name = label_name(label)
        asked = {drug.typed.lower(): drug.typed for drug in self._found.drugs}
        brands: dict[str, str] = {}
        for match in re.finditer(re.escape(f" ({name})"), self._own):
            before = re.split(r"\n|; |[:)]\s", self._own[: match.start()])[-1]
            starts = [0, *(cut.end() for cut in re.finditer(r"\b(?:and|with|of|for|mention) ", before))]
            for typed in (before[start:] for start in starts):
                drugs = self._sources.names.find(typed).drugs
                is_brand = len(drugs) == 1 and drugs[0].kind == "brand" and drugs[0].typed == typed
                if is_brand and is_named(label, drugs):
                    # A lead begins with a capital, however the name was typed.
                    brands[typed.lower()] = asked.get(typed.lower(), typed)
                    break
        for typed in brands.values():
            yield self._sources.side(label, f"{typed} ({name})", self._found.drugs)
        if not brands or re.search(rf"(?<!\(){re.escape(name)}", self._own, re.IGNORECASE):
            yield self._sources.side(label, name, self._found.drugs)

    def _all_pairs(self) -> list[PairInteraction]:
        """Return what the labels say of each pair of the drugs, and of each with what else the answer speaks of."""
        groups = {group.name: group for group in (*self._found.classes, *self._found.substances)}
        for one in substances():
            if one.name == "alcohol":  # drinking is asked about without naming it
                groups.setdefault(one.name, NamedGroup(one.name, one.name, one.terms))
        own = self._own.lower()
        spoken = [group for group in groups.values() if group.name.lower() in own]
        self._groups = {group.name: group for group in spoken}
        named = {side.name.lower() for side in self._sides} | {group.name.lower() for group in spoken}
        unknown = {name.lower(): name for name in self._found.unknown if name.lower() in own}
        others = [unlabelled_side(name) for key, name in unknown.items() if key not in named]
        found = all_pairs([*self._sides, *others], spoken) if self._sides else []
        return [pair for pair in found if pair.one.set_id or pair.two.set_id]

    def _divided(self) -> Iterator[str]:
        """Take the sentences apart by pairs and drugs; yield what belongs to none."""
        at: _Pair | _Part | None = None
        for said, own in self._body:
            kind = own.kind if own else "quote"
            problem = ""
            if not self._is_in_order(kind):
                problem = "does not stand where the program puts it"
            elif kind == "pair" and own:
                pair = next((one for one in self._pairs.values() if _lead(one) == own.values["names"]), None)
                at = _Pair(said, own, pair) if pair else None
                problem = "" if pair else "no label of the answer is about these two"
                self._told += [at] if isinstance(at, _Pair) else []
            elif kind == "drug" and own:
                side = next((one for one in self._sides if capitalised(one.name) == own.values["name"]), None)
                at = _Part(side) if side else None
                problem = "" if side else "names no drug of the answer"
                self._parts += [at] if isinstance(at, _Part) else []
                self._numbers.append(int(own.values.get("number", 0)))
            elif kind in ("further", "silence", "doubled", "no label") and own:
                at = None
                problem = self._note_failure(own)
            elif isinstance(at, _Pair) and kind in ("quote", "label", "shared"):
                at.rest.append((said, own))
            elif isinstance(at, _Part):
                at.body.append(said)
            else:
                problem = "does not stand where the program puts it"
            if problem:
                yield f"sentence {said.number}: {problem}"

    def _is_in_order(self, kind: str) -> bool:
        place = _ORDER.index(kind) if kind in _ORDER else self._place
        is_in_order = place >= self._place
        self._place = max(place, self._place)
        return is_in_order

    def _note_failure(self, own: OwnText) -> str:
        if own.kind == "doubled":
            held = [side.ingredients for side in self._sides]
            common = frozenset[str]().union(*(one & two for place, one in enumerate(held) for two in held[:place]))
            return (
                "" if own.values["names"] == " and ".join(sorted(common)) else "the labels do not have that in common"
            )
        if own.kind == "further":
            named = {
                f"{pair.one.name} and {pair.two.name}: {worded_severity(pair.severity)}": key
                for key, pair in self._pairs.items()
            }
            self._further = [named.get(text, "") for text in own.values["pairs"].split("; ")]
            return (
                ""
                if all(self._further) and len(self._told) == MOST_PAIRS
                else "the labels do not say so of these pairs"
            )
        if own.kind == "no label":
            return "" if own.values["names"] in self._found.unknown else "the question names no such unknown medicine"
        silence = silence_told(own.values["told"])
        if silence is None:
            return "is no text of the program's own"
        wrong = [name for name in silence.missing if name not in self._found.unknown]
        if wrong:
            return f"{wrong[0]} is no unknown medicine of the question"
        one_label = [key for key, pair in self._pairs.items() if pair.one.set_id == pair.two.set_id]
        same = [key for key in one_label if not self._pairs[key].findings]
        if silence.same > len(same):
            return "the drugs have no label in common that says nothing of both"
        for key in silence.pairs:
            if key not in self._pairs or self._pairs[key].findings:
                return f"a label does speak of {key}" if key in self._pairs else f"no label of the answer is of {key}"
            if (key in silence.worded) != self._has_word(self._pairs[key]):
                return f"whether the label has the word is not so for {key}"
        self._silent += [*silence.pairs, *(same if silence.same else ())]
        return ""

    def _has_word(self, pair: PairInteraction) -> bool:
        """Return whether the label of a silent pair has the other's word, which the note then does not deny."""
        group = self._groups.get(pair.two.name)
        own = next((side for side in self._sides if side.set_id == pair.one.set_id), None)
        return group is not None and own is not None and not pair.two.set_id and has_word_of(own, group)

    def _pair_failures(self, told: _Pair, before: Sequence[Said]) -> Iterator[str]:
        number, pair = told.lead.number, told.pair
        if told.own.values["severity"] != worded_severity(pair.severity):
            yield f"sentence {number}: by the labels this is {worded_severity(pair.severity) or 'mentioned by neither'}"
        shared = [one.text for one, own in told.rest if own is not None and own.kind == "shared"]
        if shared != [one.text for one in pair.shared]:
            yield f"sentence {number}: what follows is not what the two have in common"
        shown = shown_findings(pair, quotes_each(len(self._told)))
        by_text = {finding.statement.text: finding for finding in pair.findings}
        head: tuple[str, str] | None = None
        heads = [own for _, own in told.rest if own is not None and own.kind == "label"]
        by = told.own.values.get("by")
        voices = {(self._label_name(finding.said_by), worded_severity(finding.severity)) for finding in shown}
        if (len(voices) == 1) != (by is not None) or (by and by not in {name for name, _ in voices}):
            yield f"sentence {number}: does not say whose label that is"
        if {(own.values["label"], own.values["severity"]) for own in heads} != (voices if len(voices) > 1 else set()):
            yield f"sentence {number}: the labels named below it are not those that say it"
        is_over = False
        if repeated := first_repeated([one for one, _ in told.rest]):
            yield f"sentence {repeated.number}: is said twice"
        for said, own in told.rest:
            if own is not None:
                head = (own.values["label"], own.values["severity"]) if own.kind == "label" else head
                continue
            finding = _finding(said, by_text)
            if finding is None:
                is_over = True
                if len(self._told) > 1 or any(one.entry["set_id"] not in self._labels for one in said.cited):
                    yield f"sentence {said.number}: is no word of a label on these two"
            elif is_over or (heads and head != (self._label_name(finding.said_by), worded_severity(finding.severity))):
                yield f"sentence {said.number}: does not stand under its own label"
        texts = {one.text for one, _ in told.rest} | {one.text for one in before}
        covered = [(*_place(one.entry), *one.span) for said in before for one in said.cited]
        for finding in shown:
            if finding.statement.text not in texts and not _is_covered(finding, covered + _spans(told, finding)):
                yield f"sentence {number}: a quote of the label of {self._label_name(finding.said_by)} is left out"

    def _label_name(self, set_id: str) -> str:
        return label_name(self._labels[set_id]) if set_id in self._labels else set_id

    def _left_out(self) -> Iterator[str]:
        """Yield the parts, drugs and pairs that the answer should speak of and does not."""
        rest, numbers = self._asked.rest, self._numbers
        due = [further.number if len(rest) > 1 else 0 for further in rest if not further.missing]
        # Without the conversation before it, a question may not name both.
        is_other = numbers[len(numbers) - len(due) :] != due or any(numbers[: -len(due) or None])
        if self._asked.is_together and is_other:
            yield "the parts of the question that are about one drug are not those that are told"
        if (
            len(self._sides) == 1
            and not self._told
            and all(own is None or own.kind not in _OTHERS for _, own in self._body)
        ):
            yield "is about one drug, yet takes it as one of several"
        told = {*(_key(one.pair) for one in self._told), *filter(None, self._further)}
        spoken = told | set(self._silent)
        named = {name for key in spoken for name in (self._pairs[key].one.name, self._pairs[key].two.name)}
        parts = {part.side.name for part in self._parts}
        for set_id in self._labels:
            if not any(side.set_id == set_id and side.name in named | parts for side in self._sides):
                yield f"says nothing of {self._label_name(set_id)}"
        for key, pair in self._pairs.items():
            # Of "A or B with C" only two pairs are meant.
            is_due = {pair.one.name, pair.two.name} <= named and not self._is_or
            if is_due and key not in spoken:
                yield f"says nothing of {key}"
            elif is_due and pair.severity and pair.findings and key not in told:
                yield f"calls the labels silent of {key}"


def _key(pair: PairInteraction) -> str:
    return f"{pair.one.name} with {pair.two.name}"


def _lead(pair: PairInteraction) -> str:
    return f"{capitalised(pair.one.name)} and {pair.two.name}"


def _place(entry: Mapping[str, Any]) -> tuple[str, str]:
    return entry["set_id"], entry["section"]


def _finding(said: Said, by_text: Mapping[str, Finding]) -> Finding | None:
    finding = by_text.get(said.text)
    return finding if finding and all(one.entry["set_id"] == finding.said_by for one in said.cited) else None


def _spans(told: _Pair, finding: Finding) -> list[tuple[str, str, int, int]]:
    """Return the places that are quoted of a pair, by other sentences than a finding."""
    return [
        (*_place(one.entry), *one.span)
        for said, _ in told.rest
        if said.text != finding.statement.text
        for one in said.cited
    ]


def _is_covered(finding: Finding, covered: Sequence[tuple[str, str, int, int]]) -> bool:
    return all(
        any(
            (unit.passage.set_id, unit.passage.section) == (set_id, section) and start <= span.start and span.end <= end
            for set_id, section, start, end in covered
        )
        for unit in finding.statement.units
        for span in unit.spans
    )


def _part_failures(part: _Part, shown: Collection[str]) -> Iterator[str]:
    problem, _ = block(part.body, may_repeat=True)
    if problem:
        yield problem
    if not part.body and part.side.set_id not in shown:
        yield f"says nothing below the name of {part.side.name}"
    for said in part.body:
        if any(one.entry["set_id"] != part.side.set_id for one in said.cited):
            yield f"sentence {said.number}: is not from the label of {part.side.name}"
