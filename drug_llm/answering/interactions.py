"""What the labels of two drugs say of each other, in both directions, and what the two have in common.

A label's silence is a fact about the label: nothing here calls two drugs safe together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from drug_llm.answering.drug_names import NamedGroup
from drug_llm.answering.drug_terms import (
    TermFinder,
    classes_meant,
    drug_class_table,
    drug_classes_of,
    ingredient,
    is_telling_name,
    normal,
)
from drug_llm.answering.evidence import cite, overlap
from drug_llm.answering.interaction_wording import SEVERITIES, SPEAKING
from drug_llm.answering.label_index import stems
from drug_llm.answering.mentions import Mention, ReadUnit, Sought, mentions_of, read_units
from drug_llm.answering.reader import Statement
from drug_llm.answering.shelf import ShelvedLabel
from drug_llm.answering.substance_words import is_taken_in, term_pattern, terms_of_others
from drug_llm.answering.units import Unit, units
from drug_llm.labels.choice import drug_names, label_name
from drug_llm.labels.label import Label

MOST_STATEMENTS = 4
MOST_CHARACTERS = 900
"""Of all statements about a pair; the first of each label stands whatever its length."""
SILENCE = "The labels do not mention each other. That does not mean that they are safe together; ask a pharmacist."
TRIALS = frozenset(["clinical_studies", "clinical_trials_experience"])
_SAME = 0.6
"""Share of words that two sentences of one label have in common when the second says nothing new."""


@dataclass(frozen=True)
class Side:
    """A label as one of two: what its drug is called and holds, and what the label says."""

    name: str
    set_id: str
    version: int
    names: tuple[str, ...]
    """Generic and brand names in lower case."""
    ingredients: frozenset[str]
    """By the names of `drug_terms.ingredient`."""
    units: tuple[Unit, ...]
    asked: frozenset[str] = frozenset()
    """Those of the ingredients that are asked about; empty for all."""


@dataclass(frozen=True)
class Party:
    """One of the two that a pair is about."""

    name: str
    set_id: str = ""
    """Empty for a class or a substance, which has no label."""
    version: int = 0


@dataclass(frozen=True)
class Finding:
    """What one label says of the other drug."""

    statement: Statement
    """Verbatim; its units give the citations."""
    severity: str
    """One of `interaction_wording.SEVERITIES`."""
    basis: str
    """One of `mentions.BASES`."""
    term: str
    """How the label calls the other drug."""
    said_by: str
    """Set id of the label."""


@dataclass(frozen=True)
class Shared:
    """What two drugs have in common, by the ingredients of their labels and this package's list of classes."""

    text: str
    """A sentence, a fact about ingredients; no label is quoted."""
    basis: str
    """`same ingredient` or `same class`."""


@dataclass(frozen=True)
class PairInteraction:
    """What labels say of two drugs, or of a drug and a class or substance, taken together."""

    one: Party
    two: Party
    findings: tuple[Finding, ...] = ()
    """The gravest first; empty where neither label mentions the other."""
    shared: tuple[Shared, ...] = ()

    @property
    def severity(self) -> str:
        """The gravest severity of all; empty where nothing was found."""
        graves = [finding.severity for finding in self.findings] + (["duplicate"] if self.shared else [])
        return min(graves, key=SEVERITIES.index, default="")

    @property
    def direction(self) -> str:
        """Whose label speaks of the other: `both`, `first`, `second`, or empty."""
        said = {finding.said_by for finding in self.findings}
        first, second = self.one.set_id in said, self.two.set_id in said
        return "both" if first and second else "first" if first else "second" if second else ""

    @property
    def basis(self) -> str:
        """By what the gravest finding names the other drug, else what the two share; empty where nothing was found."""
        return self.findings[0].basis if self.findings else self.shared[0].basis if self.shared else ""

    @property
    def statements(self) -> list[Statement]:
        """The quotes to show, the gravest first."""
        return [finding.statement for finding in self.findings]

    def to_json(self) -> dict[str, Any]:
        """Return the pair as an object.

        `drugs`: two of {name, set_id, version}, where a class or substance has an empty set id; `severity`, `basis`,
        `direction`: as here, null where nothing was found; `shared`: [{text, basis}]; `findings`: [{text, severity,
        basis, term, said_by, citations: [{set_id, version, section, quote, start, end, sha256}]}]; `note`: null, or
        that silence does not mean safe.
        """
        return {
            "drugs": [{"name": p.name, "set_id": p.set_id, "version": p.version} for p in (self.one, self.two)],
            "severity": self.severity or None,
            "basis": self.basis or None,
            "direction": self.direction or None,
            "shared": [{"text": one.text, "basis": one.basis} for one in self.shared],
            "findings": [_finding_json(finding) for finding in self.findings],
            "note": None if self.findings else SILENCE,
        }


def _finding_json(finding: Finding) -> dict[str, Any]:
    cited = [cite(unit, span) for unit in finding.statement.units for span in unit.spans]
    fields = ("set_id", "version", "section", "quote", "start", "end", "sha256")
    return {
        "text": finding.statement.text,
        "severity": finding.severity,
        "basis": finding.basis,
        "term": finding.term,
        "said_by": finding.said_by,
        "citations": [{name: getattr(one, name) for name in fields} for one in cited],
    }


def side_of_label(label: Label) -> Side:
    """Return a label as one of two, without an index of it."""
    found = tuple(unit for passage in label.passages() if passage.text.strip() for unit in units(passage))
    return _side(label_name(label), label, tuple(sorted(drug_names(label))), found)


def side_of(shelved: ShelvedLabel) -> Side:
    """Return a label of the shelf as one of two."""
    return replace(_side(shelved.name, shelved.label, shelved.names, shelved.index.units), asked=shelved.asked)


def _side(name: str, label: Label, names: tuple[str, ...], found: tuple[Unit, ...]) -> Side:
    held = frozenset(ingredient(generic) for generic in label.generic_names)
    return Side(name, label.set_id, label.version, names, held, found)


def pair_interaction(one: Side, two: Side) -> PairInteraction:
    """Return what two labels say of each other."""
    return all_pairs([one, two])[0]


def all_pairs(sides: Sequence[Side], groups: Sequence[NamedGroup] = ()) -> list[PairInteraction]:
    """Return what the labels of a list say of each other and of some groups, one entry a pair, the gravest first.

    A group is a class of medicines or something that is eaten or drunk. Pairs in which nothing was found come last;
    pairs of one severity keep the order of the list.
    """
    finder = TermFinder(_own_names(sides))
    read = [read_units(side.units, finder) for side in sides]
    pairs = [_pair(sides[a], read[a], sides[b], read[b]) for a, b in combinations(range(len(sides)), 2)]
    pairs += [_with_group(side, own, group) for side, own in zip(sides, read, strict=True) for group in groups]
    return sorted(pairs, key=lambda pair: SEVERITIES.index(pair.severity) if pair.severity else len(SEVERITIES))


def group_interaction(side: Side, group: NamedGroup) -> PairInteraction:
    """Return what a label says of a class of medicines or of something that is eaten or drunk."""
    return all_pairs([side], [group])[0]


def _own_names(sides: Iterable[Side]) -> dict[str, frozenset[str]]:
    """Return the names that no list may know, with the ingredients that they stand for."""
    names = {name: side.ingredients for side in sides for name in side.names if is_telling_name(name)}
    # An ingredient is looked for whatever word it is: what is not looked for would be told as silence.
    return names | {held: frozenset([held]) for side in sides for held in side.ingredients}


def _pair(one: Side, read_one: list[ReadUnit], two: Side, read_two: list[ReadUnit]) -> PairInteraction:
    told_by_one = _findings(one, read_one, mentions_of(read_one, _sought(one, two)))
    is_same_label = one.set_id == two.set_id
    told_by_two = [] if is_same_label else _findings(two, read_two, mentions_of(read_two, _sought(two, one)))
    return PairInteraction(
        Party(one.name, one.set_id, one.version),
        Party(two.name, two.set_id, two.version),
        tuple(_chosen([told_by_one, told_by_two])),
        tuple(_shared(one, two)),
    )


def _with_group(side: Side, read: list[ReadUnit], group: NamedGroup) -> PairInteraction:
    sought = _sought_group(side, group)
    if len(sought.patterns) < len(group.terms) or sought.is_own:
        # What is given beside another of its kind is told by trials.
        read = read_units(side.units, TermFinder(_own_names([side])), SPEAKING | TRIALS)
    findings = _chosen([_findings(side, read, mentions_of(read, sought))])
    return PairInteraction(Party(side.name, side.set_id, side.version), Party(group.name), tuple(findings))


def _sought(speaker: Side, other: Side) -> Sought:
    asked = other.asked or other.ingredients
    own = asked - speaker.ingredients
    mine, theirs = drug_classes_of(speaker.ingredients), drug_classes_of(own)
    return Sought(
        names=own,
        shared=asked & speaker.ingredients,
        own=speaker.ingredients,
        classes=frozenset(theirs) - frozenset(mine),
        # What holds the label's own ingredient is one more of its class too.
        shared_classes=frozenset(drug_classes_of(asked)) & frozenset(mine),
    )


def _sought_group(side: Side, group: NamedGroup) -> Sought:
    meant = classes_meant(group.name)
    if not meant:
        terms, is_own = terms_of_others([unit.text for unit in side.units], side.names, group.terms)
        patterns = tuple(map(term_pattern, terms))
        own_words = frozenset(word for held in side.ingredients for word in held.split())
        if any(pattern.fullmatch(word) for pattern in patterns for word in own_words):
            own_words |= {group.name}
        found = Sought(frozenset(), own=side.ingredients, patterns=patterns, own_words=own_words, is_own=is_own)
        return replace(found, not_live=group.name.endswith(" vaccine"))
    members = frozenset().union(*(one.members for one in meant))
    fitting = {name for name, one in drug_class_table().items() if one.members <= members or members <= one.members}
    mine = frozenset(drug_classes_of(side.ingredients))
    return Sought(
        names=members - side.ingredients,
        shared=members & side.ingredients,
        own=side.ingredients,
        classes=frozenset(fitting) - mine,
        shared_classes=frozenset(fitting) & mine,
        meant=frozenset(one.name for one in meant),
    )


def is_member(side: Side, group: NamedGroup) -> bool:
    """Return whether a drug belongs to a class of medicines."""
    return any(side.ingredients & one.members for one in classes_meant(group.name))


def names_group(text: str, group: NamedGroup) -> bool:
    """Return whether a text speaks of taking something of a class of medicines or a substance."""
    if classes_meant(group.name):
        return any(term_pattern(term).search(normal(text)) for term in group.terms)
    return is_taken_in(text, group.terms)


def has_word_of(side: Side, group: NamedGroup) -> bool:
    """Return whether a label has a word of a class or substance anywhere, whatever it says with it."""
    patterns = tuple(map(term_pattern, group.terms))
    return any(pattern.search(normal(unit.text)) for unit in side.units for pattern in patterns)


def silence_on(side: Side, other: str, group: NamedGroup | None) -> str:
    """Return what a label does not say of something else; that its word stands nowhere only where that is so."""
    is_said = group is not None and has_word_of(side, group)
    return f"says nothing of taking {other} with it" if is_said else f"does not mention {other}"


def _shared(one: Side, two: Side) -> Iterator[Shared]:
    held, others = one.asked or one.ingredients, two.asked or two.ingredients
    same = sorted(held & others)
    if same:
        yield Shared(f"Both contain {' and '.join(same)}.", "same ingredient")
    for group in drug_classes_of(held).values():
        mine, theirs = sorted(group.members & held - others), sorted(group.members & others - held)
        if group.is_therapeutic and mine and theirs:
            yield Shared(f"{mine[0].capitalize()} and {theirs[0]} are both {group.name}.", "same class")


def _findings(side: Side, read: Sequence[ReadUnit], found: Sequence[Mention]) -> list[Finding]:
    places = {id(one): place for place, one in enumerate(read)}
    told = [mention for mention in found if mention.read.wording.is_telling] or found
    return [
        Finding(_statement(mention.read, read, places), mention.severity, mention.basis, mention.term, side.set_id)
        for mention in told
    ]


def _statement(said: ReadUnit, read: Sequence[ReadUnit], places: dict[int, int]) -> Statement:
    """Return a unit as a statement, with the sentence behind it where it says nothing by itself, as a heading."""
    alone = Statement(said.unit.text, (said.unit,))
    place = places[id(said)] + 1
    if said.wording.is_telling or place == len(read):
        return alone
    following = read[place]
    is_plain = said.unit.kind == following.unit.kind == "sentence"
    is_near = following.unit.passage.section == said.unit.passage.section
    if not (is_plain and is_near and following.wording.is_telling):
        return alone
    return Statement(f"{said.unit.text} {following.unit.text}", (said.unit, following.unit))


def _chosen(sides: Sequence[Sequence[Finding]]) -> list[Finding]:
    """Return the findings to show: the best of each label, then the gravest, without repetition, within the limits."""
    kept: list[Finding] = []
    firsts = [found[0] for found in sides if found]
    rest = [finding for found in sides for finding in found[1:] if not _is_idle(finding, found[0])]
    for finding in [*sorted(firsts, key=_gravity), *sorted(rest, key=_gravity)]:
        length = sum(len(one.statement.text) for one in kept) + len(finding.statement.text)
        is_too_long = length > MOST_CHARACTERS and all(finding is not first for first in firsts)
        if len(kept) < MOST_STATEMENTS and not is_too_long and not any(_repeats(finding, one) for one in kept):
            kept.append(finding)
    return sorted(kept, key=_gravity)


def _gravity(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity)


def _is_idle(finding: Finding, best: Finding) -> bool:
    """Return whether a finding adds nothing beside the best one of its label: only a mention, where that says more."""
    return finding.severity == "mentioned" and best.severity != "mentioned"


def _repeats(finding: Finding, other: Finding) -> bool:
    if finding.said_by != other.said_by:
        return False
    if any(overlap(mine, theirs) for mine in finding.statement.units for theirs in other.statement.units):
        return True
    mine, theirs = set(stems(finding.statement.text)), set(stems(other.statement.text))
    return len(mine & theirs) >= _SAME * min(len(mine), len(theirs))
