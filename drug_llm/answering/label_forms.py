"""Forms of medicines and ways they are given, as questions ask for them and as labels say them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_ORAL = "oral buccal sublingual"
_SKIN = "topical cutaneous percutaneous"
_ON_SKIN_OR_INSIDE = f"{_SKIN} vaginal rectal ophthalmic"
_INJECTED = "intra subcutaneous parenteral infiltration epidural"


@dataclass(frozen=True)
class Form:
    """A form of a medicine, or a way that it is given."""

    asked: re.Pattern[str]
    """How a question asks for it."""
    said: re.Pattern[str]
    """How a label says it of its product."""
    routes: tuple[str, ...]
    """Beginnings of the routes of administration by which it is given."""
    is_route: bool
    """Whether the route alone says that a label is about it."""


def _form(asked: str, said: str = "", *, routes: str = _ORAL, is_route: bool = False) -> Form:
    return Form(
        re.compile(rf"\b(?:{asked})\b"), re.compile(rf"\b(?:{said or asked})\b"), tuple(routes.split()), is_route
    )


_RELEASE_CODES = r"er|xr|xl|sr|cr|la|cd|(?:24|12)[- ]?(?:hour|hr)|long[- ]acting"
FORMS = {
    "extended-release": _form(
        rf"{_RELEASE_CODES}|(?:extended|time|slow|sustained|controlled|prolonged)[- ]releas\w*",
        rf"{_RELEASE_CODES}|(?:extended|sustained|controlled|prolonged)[- ]releas\w*",
    ),
    "immediate-release": _form(r"immediate[- ]release|ir|regular release|short[- ]acting", r"immediate[- ]release|ir"),
    "delayed-release": _form(r"delayed[- ]release|enteric[- ]coated|ec|dr"),
    "chewable": _form(r"chewables?|chew(?: tabs?)?"),
    "disintegrating": _form(
        r"odt|orally disintegrating|dissolv(?:es?|ing) (?:tablets?|on)|melts?|zydis",
        r"odt|orally disintegrating|melts?|zydis",
    ),
    "sublingual": _form(r"sublingual|under (?:the|my|your) tongue"),
    "tablet": _form(r"tablets?|caplets?|tabs?", r"tablets?|caplets?"),
    "capsule": _form(r"capsules?|caps|(?:gel|liqui-?) ?(?:caps?|gels?)|soft ?gels?"),
    "liquid": _form(
        r"liquid|syrup|suspension|oral solution|elixir|teaspoons?|(?:oral|infant) drops",
        r"liquid|syrup|(?:oral|for) suspension|oral solution|elixir|oral drops",
    ),
    "injection": _form(
        r"inject(?:ion|ions|ed|able|ing)|shots?|iv|im|intravenous|intramuscular|subcutaneous|infusion|vials?|pens?"
        r"|syringes?|drip",
        r"injection|injectable|for intravenous|intravenous infusion|vials?|prefilled|single-dose pen",
        routes=_INJECTED,
        is_route=True,
    ),
    "inhaler": _form(
        r"inhalers?|inhal(?:ed|ation|e|ing)|puffs?|diskus|hfa|nebuli[sz]er|breath(?:e|ed) in",
        r"inhal(?:er|ation)|diskus|hfa|nebuli[sz]\w+",
        routes="respiratory inhalation",
        is_route=True,
    ),
    "nasal spray": _form(r"nasal|nose|nostrils?", "nasal", routes="nasal", is_route=True),
    "eye drops": _form(
        r"eyes?|eye ?drops?|ophthalmic",
        r"eye drops?|ophthalmic",
        routes="ophthalmic intraocular conjunctival",
        is_route=True,
    ),
    "ear drops": _form(r"ears?|ear ?drops?|otic", r"ear drops?|otic", routes="auricular otic", is_route=True),
    "cream": _form("creams?|cr\u00e8me", routes=_ON_SKIN_OR_INSIDE),
    "ointment": _form(r"ointments?", routes=_ON_SKIN_OR_INSIDE),
    "gel": _form(r"gel", routes=f"{_ON_SKIN_OR_INSIDE} dental oral"),
    "lotion": _form(r"lotions?", routes=_ON_SKIN_OR_INSIDE),
    "foam": _form(r"foam|mousse", routes=_ON_SKIN_OR_INSIDE),
    "shampoo": _form(r"shampoo", routes=_SKIN),
    "patch": _form(r"patch(?:es)?|transdermal", routes=f"transdermal {_SKIN}"),
    "on the skin": _form(
        r"topical(?:ly)?|(?:on|to) (?:the |my |your |his |her )?(?:skin|face|rash|scalp|wounds?|cuts?)|rub|apply",
        r"topical|for external use",
        routes=_SKIN,
        is_route=True,
    ),
    "suppository": _form(r"suppositor(?:y|ies)|rectal(?:ly)?|enemas?", routes="rectal", is_route=True),
    "vaginal": _form(r"vaginal(?:ly)?|yeast infection", r"vaginal", routes="vaginal", is_route=True),
    "lozenge": _form(r"lozenges?|troches?"),
    "rinse": _form(r"mouth ?wash|rinse"),
    "by mouth": _form(
        r"by mouth|oral(?:ly)?|swallow(?:ed|ing)?|pills?",
        r"oral|by mouth|tablets?|capsules?",
        routes="oral",
        is_route=True,
    ),
}
"""Every form by its name."""


def forms_asked(question: str) -> list[str]:
    """Return the names of the forms that a question, in lower case, asks for."""
    return [name for name, form in FORMS.items() if form.asked.search(question)]


def has_form(name: str, routes: tuple[str, ...], description: str) -> bool:
    """Return whether a product with these routes and this description, in lower case, has a form."""
    form = FORMS[name]
    if routes:
        is_given_so = any(route.startswith(form.routes) for route in routes)
        if form.is_route or not is_given_so:
            return is_given_so
    return bool(form.said.search(description))


@dataclass(frozen=True)
class _Given:
    """A way that products are given, as one word beside a name tells it."""

    said: re.Pattern[str]
    routes: tuple[str, ...]


def _given(said: str, routes: str) -> _Given:
    return _Given(re.compile(rf"\b(?:{said})\b"), tuple(routes.split()))


_GIVEN = (
    _given(r"pills?|tablets?|tabs?|caplets?|capsules?|caps|gel ?caps?|softgels?|syrup|elixir|oral(?:ly)?", _ORAL),
    _given(
        r"injections?|injectable|injected|shots?|vials?|infusion|drip|iv|intravenous(?:ly)?|intramuscular(?:ly)?"
        r"|subcutaneous(?:ly)?",
        _INJECTED,
    ),
    _given(r"inhalers?|inhaled|inhalation", "respiratory inhalation"),
    _given(r"nasal|intranasal", "nasal intranasal"),
    _given(r"eye|ophthalmic", "ophthalmic intraocular conjunctival"),
    _given(r"ear|otic", "auricular otic"),
    _given(r"creams?|ointments?|gel|lotion|foam|topical(?:ly)?", f"{_ON_SKIN_OR_INSIDE} auricular otic nasal dental"),
    _given(r"patch(?:es)?|transdermal", f"transdermal {_SKIN}"),
    _given(r"suppositor(?:y|ies)|enema|rectal", "rectal vaginal urethral"),
    _given(r"vaginal|intravaginal", "vaginal"),
)
"""Ways of giving that make two products of one drug; within one of them forms may be called by each other's words."""


def tells_form(word: str) -> bool:
    """Return whether a word in lower case, beside the name of a drug, tells how its product is given."""
    return any(given.said.fullmatch(word) for given in _GIVEN)


def is_given_as(word: str, routes: tuple[str, ...], description: str, dosing: str, names: Iterable[str]) -> bool:
    """Return whether a product may be given as a word says.

    That is so by its routes, by its description, or where its directions put the word behind one of its names more than
    once: a label of tablets may tell how the injection is given. The texts and names are in lower case.
    """
    given = next(given for given in _GIVEN if given.said.fullmatch(word))
    if not routes or any(route.startswith(given.routes) for route in routes) or given.said.search(description):
        return True
    said = re.compile(rf"(?:{'|'.join(map(re.escape, names)) or '(?!)'})\W+(?:[\w.]+ )?{given.said.pattern}")
    return len(said.findall(dosing)) > 1
