"""Every name that a question may hold: those of the store, those known from lists, classes and substances."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, takewhile

from drug_llm.answering import word_lists
from drug_llm.answering.sentence import words_of_name
from drug_llm.answering.spelling import NearWords
from drug_llm.answering.word_lists import Group, Ingredients, is_ordinary, word_set

SALTS = word_set(
    "hydrochloride hcl hydrobromide hbr dihydrochloride sodium potassium calcium magnesium besylate bisulfate "
    "sulfate maleate tartrate succinate fumarate mesylate phosphate acetate citrate bitartrate nitrate hyclate "
    "monohydrate trihydrate dihydrate hemihydrate anhydrous medoxomil disoproxil alafenamide propionate "
    "dipropionate furoate valerate bromide gluconate lactate pamoate tosylate malate xinafoate axetil mofetil "
    "proxetil etexilate cilexetil decanoate cypionate enanthate benzoate carbonate chloride dimesylate edisylate "
    "camsylate napsylate saccharate aspartate estolate ethylsuccinate stearate palmitate tromethamine meglumine "
    "polistirex sesquihydrate hemifumarate"
)
"""Second words of ingredients, which are often left out."""
RELEASE = word_set("xl xr sr er la cd cr ir dr ec odt xt hfa diskus ellipta respiclick otc")
"""What follows a name to tell how the product works."""
# Without their second word these are something else.
_ELEMENTS = word_set("sodium potassium calcium magnesium zinc iron ferrous ferric aluminum lithium ammonium")
_SHORTEST_PART = 4
"""Letters of a word by which a name of several words may be known."""
_SHORTEST_GROUP = 7
"""Letters from which a class or a substance is recognised misspelled."""
_SHORTEST_ABBREVIATED = 5
"""Letters of a class from which its plural needs no entry of its own: "PPI" has one for "PPIs"."""
_MOST_PRODUCTS = 100
"""Products of one brand that are looked at."""
_LONGEST_ABBREVIATION = 5
_LONGEST_JOINED = 24
"""Letters of a name that may be typed, misspelled, without its spaces."""


@dataclass(frozen=True)
class Entry:
    """Something that a question may name."""

    text: str
    """Its letters and digits, by which it is compared."""
    words: tuple[str, ...]
    written: str
    """The name as its list has it, in lower case."""
    kind: str
    """`name`, `brand`, `abbreviation`, `class` or `substance`."""
    names: tuple[str, ...] = ()
    """Keys in the store; none when the store does not have it."""
    meanings: tuple[str, ...] = ()
    """The medicines that it may stand for, where they are several."""
    drug: str = ""
    """Its ingredients, by which two names of one medicine are known to be the same."""
    is_weak: bool = False
    """Whether it is made of ordinary words ("Pain Relief") and counts only where a name is expected."""
    group: Group | None = None

    @property
    def in_store(self) -> bool:
        """Whether there is a label to look in."""
        return bool(self.names) or self.group is not None


def without_salts(name: str) -> str:
    """Return an ingredient without the second words that are often left out: "metoprolol" for its succinate."""
    words = name.split()
    while len(words) > 1 and words[-1] in SALTS and words[-2] not in _ELEMENTS:
        words.pop()
    return " ".join(words)


class Lexicon:
    """The entries, to be found exactly, nearly, or by a part."""

    def __init__(self, names: Iterable[str], common_words: Iterable[str], drugs: Mapping[str, str]) -> None:
        self._common = frozenset(common_words)
        self._drugs = drugs
        self._names = sorted({" ".join(name.lower().split()) for name in names} - {""})
        self._store_words = frozenset(word for name in self._names for word in words_of_name(name))
        self._plain: dict[str, str] = {}
        self._combinations: dict[frozenset[str], str] = {}
        self.entries: dict[str, Entry] = {}
        self.groups: dict[str, tuple[Entry, ...]] = {}
        self._by_form: dict[str, list[Entry]] = defaultdict(list)
        self._add_store_names()
        self._add_known_names()
        self._add_groups()
        self._sorted = sorted({*self.entries, *self.groups})
        self._index_forms()
        self._near = NearWords(self._by_form)

    def is_ordinary(self, word: str) -> bool:
        """Return whether a word has an ordinary meaning."""
        # "Anticavity" is one, unless a product is called so.
        return word in self._common or is_ordinary(word, may_begin=word not in self._store_words)

    def starts(self, text: str) -> bool:
        """Return whether some entry begins with these letters."""
        at = bisect_left(self._sorted, text)
        return at < len(self._sorted) and self._sorted[at].startswith(text)

    def near(self, word: str) -> Iterator[tuple[str, int, list[Entry]]]:
        """Yield the words of entries near to a word, with their costs and those entries."""
        for form, cost in self._near.near(word).items():
            yield form, cost, self._by_form[form]

    def beginning_with(self, text: str) -> list[Entry]:
        """Return the names in the store that begin with these letters, up to the end of a word, and go on."""
        found: list[Entry] = []
        for at in range(bisect_left(self._sorted, text), len(self._sorted)):
            if not self._sorted[at].startswith(text) or len(found) == _MOST_PRODUCTS:
                break
            entry = self.entries.get(self._sorted[at])
            if entry is not None and entry.names and text in accumulate(entry.words[:-1]):
                found.append(entry)
        return found

    def with_word(self, word: str) -> list[Entry]:
        """Return the names in the store, of several words, that hold this word."""
        entries = self._by_form.get(word, ())
        return [entry for entry in entries if len(entry.words) > 1 and entry.written in entry.names]

    def combination(self, drugs: Sequence[str]) -> str | None:
        """Return the name in the store of the product that holds all these and nothing else."""
        return self._combinations.get(frozenset(drugs)) if len(set(drugs)) > 1 else None

    def _add_store_names(self) -> None:
        every = set(self._names)
        single = []
        for name in self._names:
            parts = name.split(" and ")
            if len(parts) > 1 and every.issuperset(parts):
                held = frozenset(without_salts(part) for part in parts)
                self._combinations[held] = min(
                    name, self._combinations.get(held, name), key=lambda one: (len(one), one)
                )
            else:
                single.append(name)
        for name in sorted(single, key=lambda one: (len(one), one)):
            self._plain.setdefault(without_salts(name), name)
            self._add(name, self._kind(name), (name,), self._drug(name))

    def _kind(self, name: str) -> str:
        if name in word_lists.brands() or name.split()[0] in word_lists.brands():
            return "brand"
        held = self._drugs.get(name)
        return "name" if held is None or without_salts(name) in map(without_salts, held.split(" and ")) else "brand"

    def _drug(self, name: str) -> str:
        held = self._drugs.get(name)
        if held is not None:
            return _joined(tuple(held.split(" and ")))
        known = word_lists.brands().get(name) or word_lists.brands().get(name.split()[0])
        return _joined(known) if known else without_salts(name)

    def _add_known_names(self) -> None:
        for brand, ingredients in word_lists.brands().items():
            self._add_known(brand, "brand", ingredients)
        for name in sorted(word_lists.ingredients()):
            self._add_known(name, "name", (name,))
        for name, meanings in word_lists.other_names().items():
            kind = "abbreviation" if len(name) <= _LONGEST_ABBREVIATION or "-" in name else "name"
            # Of wordings of one meaning those count that the store has, and the first where it has none.
            meant = [held for same in meanings for held in ([*filter(self._key, same)] or same[:1])]
            if len(meant) == 1:
                self._add_known(name, kind, meant[0])
            else:
                told = tuple(" and ".join(held) for held in meant)
                self._add(name, kind, tuple(filter(None, map(self._key, meant))), " or ".join(told), meanings=told)
        for name in sorted(word_lists.look_alikes()):
            self._add_known(name, "brand", ())

    def _add_known(self, name: str, kind: str, held: Ingredients) -> None:
        drug = _joined(held) if held else name
        key = self._product_key(name, drug) if kind == "brand" else None
        key = key or self._key(held)
        self._add(name, kind, (key,) if key else (), drug)

    def _product_key(self, brand: str, drug: str) -> str | None:
        """Return a brand with which products of the store begin ("flovent diskus"), if all of them are this drug."""
        at = bisect_left(self._names, f"{brand} ")
        products = list(takewhile(lambda name: name.startswith(f"{brand} "), self._names[at : at + _MOST_PRODUCTS]))
        return brand if products and all(self._drug(name) == drug for name in products) else None

    def _key(self, held: Ingredients) -> str | None:
        """Return the name in the store for a medicine of these ingredients."""
        if not held:
            return None
        if len(held) == 1:
            return self._plain.get(held[0]) or self._plain.get(without_salts(held[0]))
        return self.combination(tuple(map(without_salts, held)))

    def _add(self, name: str, kind: str, keys: tuple[str, ...], drug: str, meanings: tuple[str, ...] = ()) -> None:
        words = words_of_name(name)
        text = "".join(words)
        held = self.entries.get(text)
        # A listed ingredient without a label gives way to another meaning that has one: "senna" for sennosides.
        if len(text) > 1 and not text.isdigit() and (held is None or (keys and not held.names)):
            kind = held.kind if held else kind
            is_weak = all(len(word) < 3 or word.isdigit() or self.is_ordinary(word) for word in words)
            is_weak = is_weak and kind != "abbreviation"
            self.entries[text] = Entry(text, words, name, kind, keys, meanings, drug, is_weak)

    def _add_groups(self) -> None:
        listed = [("class", group) for group in word_lists.drug_classes()]
        listed += [("substance", group) for group in word_lists.substances()]
        for kind, group in listed:
            for said in group.said:
                words = words_of_name(said)
                text = "".join(words)
                entry = Entry(text, words, said, kind, drug=f"{kind} {group.name}", group=group)
                # Too short to be known with an s too many, as longer names are.
                is_abbreviation = kind == "class" and len(words) == 1 and len(text) < _SHORTEST_ABBREVIATED
                for form in (text, f"{text}s") if is_abbreviation else (text,):
                    self.groups[form] = (*self.groups.get(form, ()), entry)

    def _index_forms(self) -> None:
        for text, entry in self.entries.items():
            if entry.kind == "abbreviation":
                continue
            if len(entry.words) < 4 and len(text) <= _LONGEST_JOINED:
                self._by_form[text].append(entry)
            if entry.names and len(entry.words) > 1:
                for word in dict.fromkeys(entry.words):
                    if len(word) >= _SHORTEST_PART and word != text:
                        self._by_form[word].append(entry)
        for text, entries in self.groups.items():
            if len(text) >= _SHORTEST_GROUP and text not in self.entries:
                for form in {text, *(word for word in entries[0].words if len(word) >= _SHORTEST_GROUP - 1)}:
                    self._by_form[form].append(entries[0])


def _joined(held: Ingredients) -> str:
    return " and ".join(sorted(without_salts(one) for one in held))
