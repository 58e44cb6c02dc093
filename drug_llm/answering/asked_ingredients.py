"""Which ingredients of a label a question names, where the only label for one of them is that of a combination."""

from __future__ import annotations

from collections.abc import Sequence

from drug_llm.answering.drug_names import NamedDrug
from drug_llm.answering.drug_terms import ingredient
from drug_llm.labels.choice import drug_names, without_salt
from drug_llm.labels.label import Label


def is_named(label: Label, named: Sequence[NamedDrug]) -> bool:
    """Return whether some name that was found in a text is one of a label's, or is part of one."""
    known = [frozenset(name.split()) for name in drug_names(label)]
    return any(frozenset(without_salt(drug.name).split()) <= name for drug in named for name in known)


def asked_ingredients(label: Label, named: Sequence[NamedDrug]) -> frozenset[str]:
    """Return the ingredients of a label that a question names; all where it names the product, by brand or as a whole.

    Who asks about benzoyl peroxide does not ask about the sulfur that a product of both holds.
    """
    held = frozenset(ingredient(generic) for generic in label.generic_names)
    alone = frozenset(ingredient(drug.name) for drug in named) & held
    is_whole = any(ingredient(drug.name) not in held and is_named(label, [drug]) for drug in named)
    return held if is_whole or not alone else alone
