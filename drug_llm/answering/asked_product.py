"""Whether the store has the product that a question asks for: its form, its release, its ester, its second ingredient.

What a label says of a vaginal gel is not so of tablets of the same drug, nor what it says of one release form of
another. Only words right beside the name are about the product: "haloperidol decanoate", "metronidazole pills".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from drug_llm.answering.drug_names import FoundNames, NamedDrug
from drug_llm.answering.drug_terms import ingredient, ingredients_of, is_medicine
from drug_llm.answering.label_choice import Candidate, PassageStore, choose_label
from drug_llm.answering.label_forms import is_given_as, tells_form
from drug_llm.answering.lexicon import RELEASE, SALTS
from drug_llm.answering.several_asked import read_several
from drug_llm.answering.word_lists import word_set
from drug_llm.labels.label import Label
from drug_llm.labels.rows import LabelSummary
from drug_llm.labels.store import LabelStore

FEW, MANY = 20, 400
"""Labels of a name among which the one that answers is chosen, and among which a product asked for is looked for."""
NO_PRODUCT = (
    "This store has no label for {product}, only for another product of {drug}, "
    "so nothing can be said about it from here."
)
_DEPOTS = word_set("decanoate enanthate cypionate undecanoate palmitate lauroxil")
"""Esters that make an injection which lasts for weeks."""
_TELLING = _DEPOTS | word_set("tartrate succinate dipropionate valerate furoate propionate butyrate")
"""Salts and esters of which two of one drug are two products, of another strength or release."""
_RELEASED = r"(?:extended|sustained|controlled|prolonged|slow|timed?)[- ]releas(?:ed?|ing)"
_RELEASE = re.compile(rf"\b(?:er|xr|xl|sr|cr|la|cd|xt|{_RELEASED})\b")
_HAS_RELEASE = re.compile(rf"\b(?:er|xr|xl|sr|cr|{_RELEASED})\b")
_REGULAR = re.compile(r"\b(?:ir|(?:immediate|regular)[- ]releas(?:ed?|ing))\b")
_DELAYED = re.compile(r"\b(?:dr|ec|delayed[- ]releas(?:ed?|ing)|enteric[- ]coated)\b")
_HAS_DELAYED = re.compile(r"\b(?:delayed[- ]release|enteric|dr|ec)\b")
_HAS_DISSOLVING = re.compile(r"disintegrat|\bodt\b|dissolv|\bmelt")
_DISSOLVING = re.compile(r"\b(?:odt|orally[- ]disintegrating)\b")
_CODES = (word_set("sr xl cr la cd xt"), word_set("hfa diskus ellipta respiclick respimat handihaler"))
"""What tells one release form, or one inhaler, of a drug from another; "ER" and "XR" are said of any."""
_CODE_OF_PRODUCT = re.compile(r"\((SR|XL|CR|LA|CD|XT)\)|(?:tablets?|capsules?),? (SR|XL|CR|LA|CD|XT)\b")
_OTHER_SENSE = {
    "dr": re.compile(r"\W*(?:said|says|told|gave|gives|puts?|prescribe[sd]?|wants|recommend\w*|visit|office)\b"),
    "er": re.compile(r"\W*(?:visit|room|doctor|if|or)\b"),
    "cr": re.compile(r"\W*(?:cl|clearance|level)\b|\s*[=<>]|\s*(?:(?:of|is|was|at) )?\d+(?:\.\d+)?(?:$|[?.,]| ?ml\b)"),
}
"""What follows these where they are a doctor, a department or creatinine."""
_NEXT = re.compile(r"[\s(/,-]*([^\W_]+(?:[.,]\d+)*)%?")
_PLACES = word_set(
    "eye ear nasal vaginal rectal topical oral injectable intravenous intramuscular subcutaneous intranasal ophthalmic "
    "otic transdermal inhaled iv"
)
"""Words that say how a product is given, before its name or behind it."""
_NOUNS = word_set(
    "pill pills tablet tablets tab tabs caplet caplets capsule capsules caps gelcap gelcaps softgel softgels syrup "
    "elixir injection injections shot shots vial vials infusion drip inhaler inhalers patch patches cream creams "
    "ointment ointments gel lotion foam drops spray suppository suppositories enema"
)
_PASSED = (
    SALTS
    | RELEASE
    | _PLACES
    | _NOUNS
    | _CODES[1]
    | word_set(
        "mg mcg g ml extended sustained controlled prolonged slow timed immediate regular delayed release released "
        "enteric coated orally disintegrating"
    )
)
"""What may stand behind a name and still be about its product, beside numbers."""
_SAYING = (_PASSED | _TELLING) - (SALTS - _TELLING) - word_set("mg mcg g ml otc")
"""Those of them that say which product it is."""
_BEFORE = re.compile(
    rf"\b({'|'.join(sorted(_PLACES))}|(?:{'|'.join(sorted(_NOUNS))})(?= of\b))(?: of)?\s+$", re.IGNORECASE
)
_SUSTAINED = re.compile(r"\bsustained[- ]release")
_JOINT = r"\s*(?:[\s/+&-]|with|and)\s*"
"""Between two ingredients of one product."""


class ProductStore(PassageStore, Protocol):
    """What is needed of a store."""

    def by_name(self, name: str, *, limit: int = FEW) -> list[LabelSummary]:
        """Return the labels that a name stands for, the better first."""


@dataclass(frozen=True)
class _Wanted:
    """The product that a question asks for."""

    typed: str
    """The name with what is said of the product, as typed."""
    checks: tuple[Callable[[Candidate], bool], ...]
    """Whether a label is about such a product, a check for each thing that is said of it."""

    def is_met(self, label: LabelSummary, store: PassageStore) -> bool:
        """Return whether a label is about such a product."""
        candidate = Candidate(label, store)
        return all(check(candidate) for check in self.checks)


def labels_of(question: str, named: NamedDrug, store: ProductStore) -> list[LabelSummary]:
    """Return the labels of a drug from which the one that answers is chosen: those of the product asked for, if any."""
    few = store.by_name(named.name, limit=FEW)
    every = _every_wanted(question, named)
    if not every:
        return few
    fitting = _fitting(every, few, store)
    if not fitting and len(few) == FEW:
        fitting = _fitting(every, store.by_name(named.name, limit=MANY), store)
    return fitting or few


def label_for(question: str, named: NamedDrug, store: LabelStore) -> Label | None:
    """Return the label of a drug that a question is answered from; None where the store has none."""
    candidates = labels_of(question, named, store)
    if not candidates:
        return None
    chosen = choose_label(question, candidates, store).label
    return store.get(chosen.set_id, chosen.version)


def _fitting(every: Sequence[_Wanted], labels: Sequence[LabelSummary], store: PassageStore) -> list[LabelSummary]:
    return [label for label in labels if any(wanted.is_met(label, store) for wanted in every)]


def not_held(question: str, found: FoundNames, store: ProductStore) -> str:
    """Return what is said where the store has the one drug that is asked about, yet not that product; else nothing."""
    if len(found.drugs) != 1:
        return ""
    named = found.drugs[0]
    every, second = _every_wanted(question, named), _second(question, named, found.unknown)
    if not (every or second):
        return ""
    asked = read_several(question, found)
    labels = store.by_name(named.name, limit=MANY)
    # A monograph is about all products of a drug.
    if not labels or asked.is_together or asked.of_each or any(label.source == "monograph" for label in labels):
        return ""
    if every and not any(wanted.is_met(label, store) for wanted in every for label in labels):
        return NO_PRODUCT.format(product=every[0].typed, drug=_plain(named))
    if second and not any(_holds(label, second) for label in labels):
        return NO_PRODUCT.format(product=f"{_plain(named)} with {second}", drug=_plain(named))
    return ""


def _plain(named: NamedDrug) -> str:
    """Return a name as typed, without what tells the product behind it."""
    words = [*re.finditer(r"[^\W_]+", named.typed)]
    while len(words) > 1 and words[-1].group().lower() in SALTS | RELEASE:
        words.pop()
    return named.typed[: words[-1].end()] if words else named.typed


def _every_wanted(question: str, named: NamedDrug) -> list[_Wanted]:
    """Return the products that a question asks for where it has a drug's name; the first is what it is mostly about.

    One may only be what another is compared with: "from X delayed-release to X ER".
    """
    name = re.escape(_plain(named))
    places = re.finditer(rf"(?<!\w){name}(?!\w)", question, re.IGNORECASE)
    every = [_wanted(question, place.start(), place.end()) for place in places]
    return [wanted for wanted in every if wanted.checks]


def _wanted(question: str, at: int, start: int) -> _Wanted:
    """Return the product that is asked for by a name that stands from `at` to `start`."""
    words = [*_words_behind(question, start)]
    told = question[start : words[-1].end(1)].lower() if words else ""
    checks: list[Callable[[Candidate], bool]] = []
    for pattern, check in _RELEASES:
        found = pattern.search(told)
        other = _OTHER_SENSE.get(found.group()) if found else None
        if found and not (other and other.match(question.lower(), start + found.end())):
            checks.append(check)
    said = [word.group(1).lower() for word in words]
    if checks or _CODES[1].intersection(said):
        codes = [word for word in said if word in _CODES[0] | _CODES[1]] + ["sr"] * bool(_SUSTAINED.search(told))
        checks += [partial(_has_code, code) for code in codes]
    checks += [partial(_has_ester, word) for word in said if word in _TELLING]
    before = _BEFORE.search(question[:at])
    forms = [word for word in (*said, before[1].lower() if before else "") if tells_form(word)]
    if forms:
        checks.append(partial(_is_given, forms))
    telling = [word.end(1) for word in words if word.group(1).lower() in _SAYING]
    first = before.start(1) if before and tells_form(before[1].lower()) else at
    return _Wanted(question[first : max(telling, default=start)], tuple(checks))


def _words_behind(question: str, at: int) -> Iterator[re.Match[str]]:
    """Yield the words behind a name that may still be about its product."""
    while found := _NEXT.match(question, at):
        word = found[1].lower()
        if word not in _PASSED and not word[0].isdigit():
            break
        yield found
        at = found.end()


def _second(question: str, named: NamedDrug, unknown: Sequence[str]) -> str:
    """Return the medicine without a label that a question joins to a name as the second ingredient of one product."""
    medicines = [name for name in unknown if is_medicine(name)]
    if len(medicines) != 1:
        return ""  # several are a course of treatment
    one, two = re.escape(named.typed), re.escape(medicines[0])
    found = re.search(rf"(?<!\w)(?:{one}{_JOINT}{two}|{two}{_JOINT}{one})(?!\w)", question, re.IGNORECASE)
    return medicines[0] if found else ""


def _holds(label: LabelSummary, name: str) -> bool:
    held = {ingredient(generic) for generic in label.generic_names}
    return bool(held & ingredients_of(name))


def _tells(pattern: re.Pattern[str], candidate: Candidate) -> bool:
    return bool(pattern.search(candidate.told_of_form.lower()))


def _is_regular(candidate: Candidate) -> bool:
    text = candidate.description
    return "immediate-release" in text or not _HAS_RELEASE.search(text)


_RELEASES: tuple[tuple[re.Pattern[str], Callable[[Candidate], bool]], ...] = (
    (_RELEASE, partial(_tells, _HAS_RELEASE)),
    (_REGULAR, _is_regular),
    (_DELAYED, partial(_tells, _HAS_DELAYED)),
    (_DISSOLVING, partial(_tells, _HAS_DISSOLVING)),
)


def _has_code(code: str, candidate: Candidate) -> bool:
    """Return whether a label is of the release form or inhaler of this code, or does not tell which one it is of."""
    codes = next(codes for codes in _CODES if code in codes)
    names = " ".join((candidate.label.title, *candidate.label.brand_names)).lower()
    own = {word for word in re.findall(r"\w+", names) if word in codes}
    own |= {next(filter(None, found)).lower() for found in _CODE_OF_PRODUCT.findall(candidate.told_of_form)} & codes
    return not own or code in own


def _has_ester(ester: str, candidate: Candidate) -> bool:
    """Return whether a label is of this salt or ester, or may be: a depot has to be named."""
    if ester in candidate.description or ester in candidate.ingredients:
        return True
    return ester not in _DEPOTS and _TELLING.isdisjoint(candidate.ingredients.split())


def _is_given(forms: Sequence[str], candidate: Candidate) -> bool:
    """Return whether a product is given in the way that one of some forms is, as far as its label tells."""
    names = {generic.split()[0].lower() for generic in candidate.label.generic_names if generic}
    label = candidate.label
    return any(is_given_as(form, label.routes, candidate.description, candidate.dosing, names) for form in forms)
