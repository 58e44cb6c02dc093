"""Where a label speaks of another drug, and by what: its name, that of its class, or an ingredient that both have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from drug_llm.answering.drug_terms import CLASS, NAME, TermFinder, TermHit, Token, drug_class_table, normal, tokens
from drug_llm.answering.interaction_wording import SEVERITIES, SPEAKING, UnitWording
from drug_llm.answering.substance_words import is_said_in_passing, taken
from drug_llm.answering.units import Unit
from drug_llm.answering.word_lists import word_set

Place = tuple[int, int]
"""Where something stands in a text: its first character and the one behind it."""
BASES = ("name", "same ingredient", "class", "same class")
"""By what a label speaks of the other drug, or what the two share; the surest first."""

_COMPARED = re.compile(
    r"\b(?:unlike|without|from an?|caused by|due to|grows with|as with|similar to|like (?:all|most|many|other)"
    r"|compared (?:with|to)|versus|vs\.?|than|instead of|rather than|switch\w* (?:to|from)|derivatives? of|related to"
    r"|resembl\w+|alternatives? to|comparable to|class of)"
    r"[\s,(]+(?:(?:an?|the|other|another|any|most|some|all|many|certain|similar|of|class|these|those|with|for)[\s,]+)*$"
)
_LEADING_LIKE = re.compile(r"^\W*(?:like|as do|as have|as is true of)\s+(?:\w+\s+){0,2}$")
_EXCEPT = re.compile(
    r"\b(?:other than|except(?:ing|ion of)?|excluding|exception of|not including|but not|apart from)"
    r"[\s,(]+(?:(?:for|with|the|when|used|as|low|dose)[\s,-]+)*(?:\w+,? (?:and|or) )?$"
)
_ANOTHER = re.compile(r"\b(?:other|another|more than one|two|additional|a second)\s+(?:[\w-]+\s+){0,2}$")
_FURTHER = re.compile(r"\bother\s+(?:[\w-]+\s+){0,2}$")
_WITH_ANOTHER = re.compile(
    r"(?<!treated )\b(?:with|taking|takes?|receiving|use of|using|to|plus|and)\s+(?:any\s+)?"
    r"(?:other|another)\s+(?:[\w-]+\s+){0,2}$"
)
_HOLDING = re.compile(
    r"\b(?:other|another|any|additional|more than one|all)\b[^.;]{0,40}"
    r"\b(?:product|medicine|medication|drug|preparation|source)s?\b[^.;]{0,40}"
    r"\b(?:contain\w*|with|of|including|that ha(?:s|ve))\s+(?:\w+\s+){0,4}$"
)
_OTHER = re.compile(r"\b(?:other|another)\s+$")
_LIVE_ALONE = re.compile(r"^(?!.*\b(?:inactivated|killed|non-?live)\b).*\blive\b", re.DOTALL)
_BESIDE = re.compile(r"\b(?:with|and|alongside)\s+(?:[\w-]+\s+){0,3}$")
_OF_PRODUCT = re.compile(r"\w*\s+(?:with|of|using)\b")
_RESTRICTED = re.compile(
    r"^\s*(?:\([^)]*\)\s*)?,?\s*(?:that|which) (?:are|is|have|has)\b|^\s*(?:called|known as)\b"
    r"|^\s*(?:extensively )?metaboli[sz]ed by"
)
_LISTED = re.compile(r"^\s*\(([^)]*)\)")
_EXAMPLES = re.compile(r"\be\.?\s?g\b|such as|for example|includ|\bother|\betc\b|\blike\b|i\.e")
_APPOSITION = re.compile(r"[,(]\s*(?:an?|the)\s+(?:[\w-]+\s+){0,3}$")
_APPOSITION_END = re.compile(r"\s*[,).;]")
_DESCRIBED = re.compile(
    r"\b(?:is|are|was|as|being)\s+(?:an?\s+)?(?:[\w-]+\s+){0,2}(?:weak|strong|potent|moderate|an?)\s+$"
)
"""What stands before a class that says what the drug just named is: "warfarin (a CYP2C9 substrate)"."""
_NO_MEDICINE = word_set(
    "induced naive tolerant like receptor receptors antagonist antagonists allergy hypersensitivity abuse addiction "
    "dependence overdose deficiency withdrawal effect effects activity action actions properties sensitive free"
)
"""Words behind a class that make it something else than a medicine that is taken."""
_BACK = re.compile(r"\b(?:together|both|two|combin\w+|them|they|it|this|these|such|so)\b")
_ON_CONDITION = re.compile(
    r"\b(?:in|by|for|to) (?:people|patients|those|adults|children|women|men|anyone|persons|acute|severe|active)\b"
    r"|\b(?:if|who|whose|unless)\b"
)
"""What forbids something to some people, and not what another part of the sentence names."""
_BEHIND = 40
"""Characters behind a name in which "included" still belongs to it."""


@dataclass(frozen=True)
class Sought:
    """What of a drug is looked for in the label of another."""

    names: frozenset[str]
    """Ingredients, by the names of `drug_terms.ingredient`, that only this drug has."""
    shared: frozenset[str] = frozenset()
    """Ingredients that both drugs have."""
    classes: frozenset[str] = frozenset()
    """Classes that only this drug belongs to."""
    shared_classes: frozenset[str] = frozenset()
    patterns: tuple[re.Pattern[str], ...] = ()
    """Further words, of a substance or of a class that no list knows."""
    own: frozenset[str] = frozenset()
    """Ingredients of the label's own drug."""
    meant: frozenset[str] = frozenset()
    """Classes that are looked for themselves, where it is no single drug; their own words are then the name."""
    own_words: frozenset[str] = frozenset()
    """Words of the own ingredients: a substance of that name has to be a further one."""
    not_live: bool = False
    """Whether it is a vaccine that what is said of live ones alone does not hold for."""
    is_own: bool = False
    """Whether the label's product is what the patterns stand for, so that they have to mean another one."""


@dataclass(frozen=True)
class Mention:
    """A unit of a label that speaks of another drug beside its own."""

    read: ReadUnit
    severity: str
    """One of `interaction_wording.SEVERITIES`."""
    basis: str
    """One of BASES."""
    term: str
    """How the label calls the other drug, in lower case."""


@dataclass(frozen=True)
class ReadUnit:
    """A unit with the medicines that it names."""

    wording: UnitWording
    words: tuple[Token, ...]
    hits: tuple[TermHit, ...]

    @property
    def unit(self) -> Unit:
        """The unit itself."""
        return self.wording.unit

    @property
    def text(self) -> str:
        """Its text in the form in which terms are found."""
        return self.wording.text


def read_units(
    units: Iterable[Unit], finder: TermFinder, sections: frozenset[str] = frozenset(SPEAKING)
) -> list[ReadUnit]:
    """Return the units of the sections that may speak of combinations, each with the medicines that it names."""
    found = []
    for unit in units:
        if unit.kind != "list" and unit.passage.name in sections:
            text = normal(unit.text)
            words = tokens(text)
            found.append(ReadUnit(UnitWording(unit, text), words, tuple(finder.find(words))))
    return found


def mentions_of(read: Sequence[ReadUnit], sought: Sought) -> list[Mention]:
    """Return the units that speak of a drug beside the label's own one, the gravest first, else as they stand."""
    found = [mention for unit in read if (mention := _mention(unit, sought)) is not None]
    return sorted(found, key=_order)


def _order(mention: Mention) -> tuple[int, bool, bool, int, int]:
    wording = mention.read.wording
    grave, basis = SEVERITIES.index(mention.severity), BASES.index(mention.basis)
    return grave, not wording.is_telling, not wording.is_forbidding, basis, wording.section_rank


def _mention(read: ReadUnit, sought: Sought) -> Mention | None:
    found = _named(read, sought) if read.wording.is_about_a_combination else None
    if found is None:
        return None
    basis, place, is_restricted = found
    start, end = place
    severity = "mentioned" if is_restricted else read.wording.severity
    if severity == "contraindicated" and (
        (basis == "class" and _names_others(read, sought)) or not _is_forbidden(read, start, sought)
    ):
        severity = "warning"
    if sought.patterns and severity != "contraindicated" and is_said_in_passing(read.text[:start]):
        severity = "mentioned"
    return Mention(read, severity, basis, read.text[start:end])


def _names_others(read: ReadUnit, sought: Sought) -> bool:
    """Return whether a unit that forbids by class goes on to name other members than the drug, not as examples."""
    if sought.meant:
        return False
    table = drug_class_table()
    said = [(hit, key) for hit in read.hits if hit.kind == CLASS for key in hit.keys & sought.classes]
    for group, key in said:
        for hit in read.hits:
            if hit.kind == NAME and hit.start >= group.end and hit.keys & table[key].members - sought.names:
                start, end = read.words[group.end - 1].end, read.words[hit.end - 1].end
                if not _EXAMPLES.search(read.text[start : end + _BEHIND]):
                    return True
    return False


def _is_forbidden(read: ReadUnit, at: int, sought: Sought) -> bool:
    """Return whether what a unit forbids, by its words or by its section alone, is the drug that stands at a place."""
    clauses = read.wording.forbidding
    return not clauses or read.wording.forbids_at(at) or any(_refers_back(read, clause, sought) for clause in clauses)


def _refers_back(read: ReadUnit, clause: Place, sought: Sought) -> bool:
    """Return whether a part that forbids names nothing else, and means what the parts before it name."""
    start, end = clause
    text = read.text[start:end]
    within = [hit for hit in read.hits if start <= read.words[hit.start].start < end]
    is_of_others = "alcohol" in text or any(not hit.keys & (sought.names | sought.own) for hit in within)
    return bool(_BACK.search(text)) and not _ON_CONDITION.search(text) and not is_of_others


def _named(read: ReadUnit, sought: Sought) -> tuple[str, Place, bool] | None:
    """Return by what a unit names the drug, where, and whether only some of a class are meant.

    None where it does not name it, or only to set it apart.
    """
    found: dict[str, tuple[Place, bool]] = {}
    for hit in read.hits:
        basis = _basis(hit, sought)
        if not basis:
            continue
        first, last = read.words[hit.start].start, read.words[hit.end - 1].end
        before = read.text[max(0, first - 120) : first]
        if _EXCEPT.search(before):
            if basis == "name":
                return None  # "NSAIDs other than aspirin" is about every NSAID but aspirin
        elif not _is_set_apart(read, hit, before) and _is_another(basis, before, read, hit):
            is_restricted = hit.kind == CLASS and _is_restricted(read.text[last:])
            _add(found, basis, (first, last), is_restricted, read)
    for match in _pattern_matches(read, sought):
        _add(found, "name", match.span(), False, read)
    sure = sorted(found, key=lambda basis: (found[basis][1], BASES.index(basis)))
    return (sure[0], *found[sure[0]]) if sure else None


def _add(found: dict[str, tuple[Place, bool]], basis: str, place: Place, is_restricted: bool, read: ReadUnit) -> None:
    """Keep the place where a whole class is meant, else that which is forbidden, else the first."""
    if basis in found:
        before, was_restricted = found[basis]
        rank = (is_restricted, not read.wording.forbids_at(place[0]))
        if rank >= (was_restricted, not read.wording.forbids_at(before[0])):
            return
    found[basis] = (place, is_restricted)


def _pattern_matches(read: ReadUnit, sought: Sought) -> Iterator[re.Match[str]]:
    for match in taken(read.text, read.words, read.hits, sought.patterns, sought.own_words):
        if sought.not_live and _LIVE_ALONE.search(read.text):
            continue
        if sought.is_own and not _is_one_more(read, *match.span()):
            continue
        if not _COMPARED.search(read.text[: match.start()]):
            yield match


def _is_one_more(read: ReadUnit, start: int, end: int) -> bool:
    """Return whether a word for what the label's product is too means another: "other vaccines", "the two vaccines"."""
    before = read.text[:start]
    if _FURTHER.search(before) or _OTHER.search(before):
        return True
    is_beside = bool(_BESIDE.search(before) or _ANOTHER.search(before)) and not _OF_PRODUCT.match(read.text[end:])
    return is_beside and read.wording.is_about_together


def _is_restricted(after: str) -> bool:
    """Return whether what follows a class narrows it to some of its members."""
    if _RESTRICTED.search(after):
        return True
    listed = _LISTED.search(after)
    return listed is not None and " " in listed[1] and not _EXAMPLES.search(listed[1])


def _basis(hit: TermHit, sought: Sought) -> str:
    if hit.kind == NAME:
        by_name = "class" if sought.meant else "name"
        return by_name if hit.keys & sought.names else "same ingredient" if hit.keys & sought.shared else ""
    if hit.kind == CLASS and hit.keys & sought.classes:
        return "name" if hit.keys & sought.meant else "class"
    return "same class" if hit.kind == CLASS and hit.keys & sought.shared_classes else ""


def _is_set_apart(read: ReadUnit, hit: TermHit, before: str) -> bool:
    if _COMPARED.search(before) or _LEADING_LIKE.search(before):
        return True
    if hit.kind != CLASS:
        return False
    after = read.words[hit.end].text if hit.end < len(read.words) else ""
    behind = read.text[read.words[hit.end - 1].end :]
    is_apposition = bool(_APPOSITION.search(before)) and bool(_APPOSITION_END.match(behind))
    return after in _NO_MEDICINE or is_apposition or bool(_DESCRIBED.search(before))


def _is_another(basis: str, before: str, read: ReadUnit, hit: TermHit) -> bool:
    """Return whether a term that fits the label's own drug too means a further one."""
    if basis == "same ingredient":
        return bool(_HOLDING.search(before) or _OTHER.search(before))
    if basis == "same class":
        if read.wording.section == "drug_interactions" and _FURTHER.search(before):
            return True
        if read.wording.is_about_together:
            return bool(_ANOTHER.search(before))
        if _HOLDING.search(before) and read.wording.is_about_taking:
            return True
        beside = [other for other in read.hits if other.end in (hit.start - 2, hit.start - 3) and other.kind == NAME]
        # "Citalopram and other SSRIs" speaks of the class, "alcohol and other sedatives" of a combination.
        return bool(_WITH_ANOTHER.search(before)) and not beside
    return True
