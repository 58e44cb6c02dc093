"""Which labels say the same, and which one of them is used: the rule in one place.

Two current labels are the same when their clinical sections have the same words in the same order
and they have the same active ingredients; packaging, supply and product data may differ, since
every repackager changes those. Of such labels, and of the labels of one drug, the best one is
the first of: official before monograph; fewer ingredients; original packager before unknown before
repackager; NDA or BLA before ANDA before OTC monograph before none; newest effective date;
smallest set id.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from drug_llm.labels.label import Label, Section

PACKAGING = frozenset(("package_label", "product_data", "how_supplied"))
"""Sections that repackagers change, and which therefore do not count."""
_APPLICATIONS = (("NDA", "BLA"), ("ANDA",), ("PART", "M0", "OTC"))
_SALTS_LISTED = (
    "hydrochloride hcl dihydrochloride hydrobromide hbr sodium disodium potassium calcium magnesium meglumine "
    "tromethamine olamine erbumine arginine lysine besylate mesylate dimesylate tosylate ditosylate camsylate "
    "edisylate esylate napsylate isethionate sulfate bisulfate nitrate phosphate diphosphate carbonate chloride "
    "bromide iodide acetate diacetate propionate dipropionate butyrate valerate pivalate caproate enanthate "
    "cypionate decanoate undecanoate palmitate stearate lauroxil furoate benzoate xinafoate trifenatate pamoate "
    "hippurate acetonide hexacetonide maleate fumarate hemifumarate succinate ethylsuccinate tartrate bitartrate "
    "malate oxalate citrate lactate lactobionate gluconate saccharate aspartate estolate polistirex polacrilex "
    "hyclate medoxomil disoproxil dipivoxil pivoxil soproxil alafenamide axetil proxetil cilexetil etexilate "
    "mofetil marboxil propanediol"
)
_SALTS = frozenset(_SALTS_LISTED.split())
"""Second words of ingredients that USP names give and people leave out: salts and esters."""
_WATER_LISTED = (
    "monohydrate dihydrate trihydrate hemihydrate sesquihydrate pentahydrate hemipentahydrate heptahydrate anhydrous"
)
_WATER = frozenset(_WATER_LISTED.split())
_WHOLE_LISTED = (
    "sodium potassium calcium magnesium zinc iron ferrous ferric aluminum lithium ammonium silver barium strontium "
    "bismuth copper cupric manganese selenium selenious stannous chromic chromium cobalt gold gallium radium thallous "
    "rubidium arsenic antimony hydrogen lanthanum benzalkonium benzethonium cetylpyridinium benzyl retinyl tocopheryl "
    "ascorbyl isopropyl ethyl methyl glyceryl"
)
_WHOLE = frozenset(_WHOLE_LISTED.split())
"""First words of ingredients that are themselves salts or esters; nothing is left of them without the second word."""


def content_hash(label: Label) -> bytes:
    """Return the digest that labels with the same clinical text share."""
    digest = sha256("|".join(sorted(label.generic_names)).encode())
    parts = list(_clinical(label.sections))
    for name, text in parts:
        digest.update(f"\0{name}\0{len(text)}\0{text}".encode())
    if not parts:
        # Without clinical text nothing says that two labels are the same.
        digest.update(label.set_id.encode())
    return digest.digest()


def _clinical(sections: tuple[Section, ...]) -> Iterable[tuple[str, str]]:
    for section in sections:
        if section.name not in PACKAGING:
            if section.text:
                yield section.name, section.text
            yield from _clinical(section.subsections)


def preference(label: Label) -> str:
    """Return a text that sorts the better label first, by the rule of this module."""
    ingredients = min(len(label.generic_names) or 99, 99)
    original = {True: 0, None: 1, False: 2}[label.is_original]
    date = label.effective_date.replace("-", "")
    age = 99_999_999 - int(date) if date.isascii() and date.isdigit() and len(date) <= 8 else 99_999_999
    official = int(label.source == "monograph")
    return f"{official}{ingredients:02}{original}{_application_rank(label)}{age:08}{label.set_id}"


def _application_rank(label: Label) -> int:
    numbers = [number.upper() for number in label.application_numbers]
    for rank, prefixes in enumerate(_APPLICATIONS):
        if any(number.startswith(prefixes) for number in numbers):
            return rank
    return len(_APPLICATIONS)


def drug_names(label: Label) -> set[str]:
    """Return the names by which the drug is found: ingredients with and without salt, all of them, brands."""
    generics = [name.lower() for name in label.generic_names]
    plain = [without_salt(name) for name in generics]
    names = {*generics, *plain, *(brand.lower() for brand in label.brand_names)}
    names |= {" and ".join(generics), " and ".join(plain)}
    return {" ".join(name.split())[:200] for name in names if name.strip()}


def label_name(label: Label) -> str:
    """Return what the drug of a label is called in an answer."""
    return " and ".join(without_salt(generic) for generic in label.generic_names[:3]) or label.title or label.set_id


def without_salt(name: str) -> str:
    """Return "metformin" for "metformin hydrochloride"; what is only a salt, as potassium chloride, stays whole."""
    words = name.split()
    while len(words) > 1 and words[-1].lower() in _WATER:
        words.pop()
    while len(words) > 1 and words[-1].lower() in _SALTS and words[0].lower() not in _WHOLE:
        words.pop()
    return " ".join(words)
