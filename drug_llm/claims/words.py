"""Words of label text in the form in which they are compared: tokens with their stems and groups of synonyms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib import resources

from drug_llm.claims.normal_form import normal_form

_TOKEN = re.compile(
    r"freq_[a-z0-9._|-]+|\d+(?:\.\d+)?(?![a-z0-9])|\d*[a-z]+(?:[0-9a-z]|(?<=[0-9])/(?=\d))*|[;:,()=/%<>\n.?!]"
)
THIS_DRUG = "thisdrug"
"""Word that stands for every name of the drug that the evidence is about."""
_FREQUENCY = "freq_"
_ENDINGS = (
    ("ications", "ic"), ("ication", "ic"), ("ations", "ate"), ("ation", "ate"), ("ments", ""), ("ment", ""),
    ("nesses", ""), ("ness", ""), ("ities", ""), ("ity", ""), ("ances", "ant"), ("ance", "ant"), ("ences", "ent"),
    ("ence", "ent"), ("encies", "ent"), ("ency", "ent"), ("ancy", "ant"), ("ically", "ic"), ("ingly", ""),
    ("edly", ""), ("ily", "y"), ("ly", ""), ("ies", "y"), ("ied", "y"), ("ing", ""), ("ers", "er"), ("ed", ""),
    ("ion", ""), ("ions", ""), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("es", ""), ("s", ""),
)  # fmt: skip
_EXCEPTION = re.compile(r"(ss|us|is|as|os|eed)$")


@dataclass(frozen=True)
class Token:
    """A word, number, frequency or mark of a text in normal form."""

    text: str
    """The token itself, in lower case."""
    kind: str
    """`word`, `number`, `frequency` or `mark`."""
    keys: frozenset[str] = field(default_factory=frozenset)
    """Its stem, and the groups of synonyms that it stands for or begins, as `=name`."""
    phrases: tuple[tuple[str, int], ...] = ()
    """Groups whose phrase begins here and takes several tokens, with their number."""

    @cached_property
    def is_telling(self) -> bool:
        """Whether it helps to find the statement that is meant: a frequency, or any word but framing."""
        if self.kind == "frequency":
            return True
        return self.kind == "word" and (self.text not in framing_words() or any(key in types() for key in self.keys))

    @cached_property
    def is_informative(self) -> bool:
        """Whether it claims something of its own."""
        return self.is_telling and self.text not in light_words() and self.text != THIS_DRUG


@cache
def stem(word: str) -> str:
    """Return a word without its ending: "tablets" and "tablet", "dizziness" and "dizzy" meet."""
    if len(word) <= 3 or not word.isalpha() or word == "severity":
        # What ranges "in severity" is not severe.
        return word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not _EXCEPTION.search(word):
            word = word[: len(word) - len(ending)] + instead
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] != "s":
        word = word[:-1]
    return word[:-1] if word[-1] in "eyi" and len(word) > 3 else word


def _lines(name: str) -> Iterator[str]:
    text = resources.files("drug_llm.claims").joinpath(name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


@cache
def framing_words() -> frozenset[str]:
    """Return words that claim nothing by themselves."""
    return frozenset(word for line in _lines("framing_words.txt") for word in line.split())


@cache
def light_words() -> frozenset[str]:
    """Return words that any statement about a medicine may be told with."""
    return frozenset(word for line in _lines("light_words.txt") for word in line.split())


@cache
def word_list(name: str) -> frozenset[str]:
    """Return the words of a list of `clause_words.txt`."""
    lists = dict(line.split(":", 1) for line in _lines("clause_words.txt"))
    return frozenset(lists[name].split())


@cache
def types() -> dict[str, str]:
    """Return the type of a group (`=child`: `population`)."""
    found = {}
    for line in _lines("types.txt"):
        kind, names = line.split(":")
        for name in names.split(","):
            found["=" + name.strip()] = kind
    return found


@cache
def _phrases() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """Return the synonyms by the stem of their first word, the longest first."""
    table: dict[str, set[tuple[tuple[str, ...], str]]] = {}
    entries = [(variant, line.split(" = ")[0]) for line in _lines("synonyms.txt") for variant in line.split(" = ")]
    grouped = {name for _, name in entries}
    entries += [(key[1:], key[1:]) for key in types() if key[1:] not in grouped]
    for variant, name in entries:
        stems = tuple(stem(word) for word in variant.replace("-", " ").split())
        table.setdefault(stems[0], set()).add((stems, "=" + name))
    return {first: sorted(found, key=lambda entry: -len(entry[0])) for first, found in table.items()}


def is_known_stem(word: str) -> bool:
    """Return whether a synonym begins with a stem."""
    return word in _phrases()


@lru_cache(maxsize=8192)
def tokenize(text: str, names: frozenset[str] = frozenset()) -> tuple[Token, ...]:
    """Return the tokens of a text; `names` are names of one drug in lower case, which all become the same word."""
    normal = normal_form(text)
    for name in sorted(names, key=len, reverse=True):
        normal = re.sub(rf"\b{re.escape(normal_form(name))}\b", THIS_DRUG, normal)
    parts = _TOKEN.findall(normal)
    stems = [stem(part) for part in parts]
    return tuple(_token(parts, stems, at) for at in range(len(parts)))


def _token(parts: list[str], stems: list[str], at: int) -> Token:
    part = parts[at]
    if part.startswith(_FREQUENCY):
        return Token(part, "frequency", frozenset([part]))
    if part[0].isdigit() and part.replace(".", "").isdigit():
        return Token(part, "number", frozenset([part]))
    if not part[0].isalnum():
        return Token(part, "mark")
    groups = [(name, len(p)) for p, name in _phrases().get(stems[at], ()) if tuple(stems[at : at + len(p)]) == p]
    keys = frozenset([stems[at], *(name for name, _ in groups)])
    return Token(part, "word", keys, tuple(group for group in groups if group[1] > 1))
