"""The product data of an SPL document: names, ingredients, codes, routes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

_NDC_SYSTEM = "2.16.840.1.113883.6.69"
_RXNORM_SYSTEM = "2.16.840.1.113883.6.88"
_ACTIVE = "ACTI"


@dataclass(frozen=True)
class Products:
    """What an SPL document says about its products as data, not as text."""

    generic_names: tuple[str, ...]
    brand_names: tuple[str, ...]
    routes: tuple[str, ...]
    ndcs: tuple[str, ...]
    rxcuis: tuple[str, ...]
    applications: tuple[str, ...]
    lines: tuple[str, ...]
    """One readable line for each name, ingredient and package text, so that none is lost."""


def read_products(document: Element) -> Products:
    """Return the product data of a document; fields are empty where it has none."""
    products = [element for element in document.iter("manufacturedProduct") if element.find("name") is not None]
    products += document.iter("manufacturedMedicine")
    products += document.iter("partProduct")
    moieties = [name.lower() for product in products for name in _active_names(product)]
    generics = [name.lower() for product in products for name in _texts(product, ".//genericMedicine/name")]
    brands = [_full_name(product) for product in products]
    return Products(
        generic_names=_unique(moieties or generics),
        brand_names=_unique(name for name in brands if name),
        routes=_unique(code.get("displayName", "").lower() for code in document.iter("routeCode")),
        ndcs=_unique(_codes(document, _NDC_SYSTEM)),
        rxcuis=_unique(_codes(document, _RXNORM_SYSTEM)),
        applications=_unique(identifier.get("extension", "") for identifier in _approvals(document)),
        lines=_unique([*(line for product in products for line in _product_lines(product)), *_details(document)]),
    )


def labeler_names(document: Element) -> tuple[str, ...]:
    """Return the organizations of the document, the one that answers for the label first."""
    names: list[str] = []
    for author in document.iter("author"):
        names += [" ".join("".join(name.itertext()).split()) for name in author.iter("name")]
    return _unique(names)


def _active_names(product: Element) -> Iterator[str]:
    """Yield the active moieties, without the salt, or the substance where no moiety is named."""
    for ingredient in product.findall("ingredient"):
        if ingredient.get("classCode", "").startswith(_ACTIVE):
            moieties = _texts(ingredient, "ingredientSubstance/activeMoiety/activeMoiety/name")
            yield from moieties or _texts(ingredient, "ingredientSubstance/name")
    for ingredient in product.findall("activeIngredient"):
        yield from _texts(ingredient, "activeIngredientSubstance/name")


def _full_name(product: Element) -> str:
    return " ".join(_texts(product, "name") + _texts(product, "suffix"))


def _product_lines(product: Element) -> Iterator[str]:
    names = [_full_name(product), *_texts(product, ".//genericMedicine/name")]
    forms = [form.get("displayName", "").lower() for form in product.findall("formCode")]
    yield f"Product: {'; '.join(_unique(filter(None, names + forms)))}"
    for ingredient in product:
        if ingredient.tag in ("ingredient", "activeIngredient", "inactiveIngredient"):
            yield _ingredient_line(ingredient)


def _details(document: Element) -> Iterator[str]:
    """Yield the texts among the data, such as the imprint of a tablet or the words for its color."""
    for tag in ("desc", "originalText", "value"):
        for element in document.iter(tag):
            text = " ".join("".join(element.itertext()).split())
            if text:
                yield f"Product detail: {text}"


def _ingredient_line(ingredient: Element) -> str:
    active = ingredient.get("classCode", "").startswith(_ACTIVE) or ingredient.tag == "activeIngredient"
    names = _unique(" ".join("".join(name.itertext()).split()) for name in ingredient.iter("name"))
    strength = _strength(ingredient) if active else ""
    return f"{'Active' if active else 'Inactive'} ingredient: {'; '.join(names)}{strength}"


def _strength(ingredient: Element) -> str:
    above, below = ingredient.find("quantity/numerator"), ingredient.find("quantity/denominator")
    if above is None or not above.get("value"):
        return ""
    strength = f", {above.get('value')} {above.get('unit', '')}".rstrip()
    if below is not None and (below.get("unit", "1"), below.get("value", "1")) != ("1", "1"):
        strength += f" in {below.get('value')} {below.get('unit', '')}".rstrip()
    return strength


def _texts(element: Element, path: str) -> list[str]:
    # A name may hold its suffix as an element, without a space before it.
    texts = (" ".join(" ".join(found.itertext()).split()) for found in element.findall(path))
    return [text for text in texts if text]


def _codes(document: Element, system: str) -> Iterator[str]:
    for code in document.iter("code"):
        if code.get("codeSystem") == system and code.get("code"):
            yield code.get("code", "")


def _approvals(document: Element) -> Iterator[Element]:
    for approval in document.iter("approval"):
        yield from approval.findall("id")


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
