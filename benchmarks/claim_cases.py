"""Cases for the verifier, made from real labels: faithful wordings of a sentence, and corrupted ones."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from drug_llm.labels.label import Label
from drug_llm.labels.sentences import split_sentences

PASSAGE_WORDS = 150
SECTIONS = (
    "boxed_warning", "indications_and_usage", "dosage_and_administration", "contraindications", "drug_interactions",
    "warnings_and_precautions", "adverse_reactions", "use_in_specific_populations", "pregnancy", "lactation",
    "pediatric_use", "geriatric_use", "overdosage", "storage_and_handling", "information_for_patients", "warnings",
    "precautions", "do_not_use", "directions", "renal_and_hepatic_impairment", "nursing_mothers", "how_to_take",
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A sentence of a real label with its surroundings."""

    sentence: str
    """The sentence, list entry or table row, without its bullet."""
    header: str
    """Line that introduces it, or empty."""
    passage: str
    """Up to PASSAGE_WORDS words around it."""
    names: tuple[str, ...]
    """Names of the drug."""
    siblings: tuple[str, ...]
    """Other entries or rows under the same header."""
    elsewhere: str
    """A short list entry or sentence of the same label that is not in the passage."""
    foreign: str
    """One of another label."""

    @property
    def span(self) -> str:
        """The sentence with its header, as evidence."""
        return f"{self.header}\n- {self.sentence}" if self.header else self.sentence


@dataclass(frozen=True)
class Case:
    """A sentence to check."""

    kind: str
    sentence: str
    evidence: tuple[str, ...]
    names: tuple[str, ...]


def sources(labels: Sequence[Label], chance: random.Random) -> list[Source]:
    """Return sentences of 5 to 50 words from the labels, in random order."""
    entries = {label.set_id: _short_entries(label) for label in labels}
    found = []
    for label in labels:
        names = tuple(dict.fromkeys([" and ".join(label.generic_names), *(n.lower() for n in label.brand_names)]))
        foreign = [
            e for other in labels if other.generic_names != label.generic_names for e in entries[other.set_id][:6]
        ]
        for passage in label.passages():
            if passage.name in SECTIONS and foreign and entries[label.set_id]:
                found += list(_sources(passage.text, names, entries[label.set_id], foreign, chance))
    chance.shuffle(found)
    return found


def _short_entries(label: Label) -> list[str]:
    """Return list entries and terms between commas of a label, to be added where they do not belong."""
    found = []
    for passage in label.passages():
        for line in passage.text.split("\n"):
            pieces = [line[2:]] if line.startswith("- ") else re.split(r"[,;:.] ", line)
            found += [piece.rstrip(".;") for piece in pieces if 2 <= len(piece.split()) <= 6]
    plain = re.compile(r"[a-z][a-z -]+$")
    opening = re.compile(
        r"(?:and|or|but|if|when|the|in|of|to|with|for|as|is|are|was|were|it|this|see|which|who|has|have"
        r"|may|can|should|including|such) "
    )
    return [entry for entry in dict.fromkeys(found) if plain.match(entry) and not opening.match(entry)]


def _sources(
    text: str, names: tuple[str, ...], own: Sequence[str], foreign: Sequence[str], chance: random.Random
) -> Iterator[Source]:
    lines = [line for line in text.split("\n") if line.strip()]
    header = ""
    pieces: list[tuple[str, str]] = []
    for line in lines:
        if line.startswith("- "):
            pieces.append((line[2:].strip(), header))
        else:
            header = line if line.endswith(":") and len(line.split()) < 30 else ""
            pieces += [] if header else [(s.text, "") for s in split_sentences(line)]
    for sentence, introduced in pieces:
        words = len(sentence.split())
        if not (2 if introduced else 5) <= words <= 50 or sentence.isupper() or not re.search(r"[a-z]{3}", sentence):
            continue
        if not introduced and not sentence.endswith("."):
            continue
        if (introduced and ". " in sentence) or re.search(r"\b[Ss]ee ?[A-Z]", sentence):
            continue
        passage = _around(lines, sentence)
        if introduced not in passage:
            passage = f"{introduced}\n- {sentence}"
        outside = [entry for entry in own if entry.lower() not in passage.lower()]
        if passage and outside:
            siblings = tuple(s for s, h in pieces if h and h == introduced and s != sentence)
            yield Source(sentence, introduced, passage, names, siblings, chance.choice(outside), chance.choice(foreign))


def _around(lines: Sequence[str], sentence: str) -> str:
    at = next((n for n, line in enumerate(lines) if sentence in line), -1)
    if at < 0:
        return ""
    start = end = at
    while start > 0 and (lines[start].startswith("- ") or at - start < 2):
        start -= 1
    kept = lines[start : at + 1]
    while end + 1 < len(lines) and sum(len(line.split()) for line in kept) < PASSAGE_WORDS - 30:
        end += 1
        kept.append(lines[end])
    if sum(len(line.split()) for line in kept) > PASSAGE_WORDS * 1.5:
        return lines[at] if len(lines[at].split()) <= PASSAGE_WORDS * 1.5 else sentence
    return "\n".join(kept)


Rewrite = Callable[[str, Source, random.Random], "str | None"]


def substituted(pairs: Sequence[tuple[str, str]]) -> Rewrite:
    """Return a rewrite that replaces one of the patterns that occur, chosen at random."""
    compiled = [(re.compile(pattern, re.IGNORECASE), instead) for pattern, instead in pairs]

    def rewrite(text: str, source: Source, chance: random.Random) -> str | None:
        matching = [(pattern, instead) for pattern, instead in compiled if pattern.search(text)]
        if not matching:
            return None
        pattern, instead = chance.choice(matching)
        places = list(pattern.finditer(text))
        place = chance.choice(places)
        return text[: place.start()] + place.expand(instead) + text[place.end() :]

    return rewrite


def cases(
    found: Sequence[Source], rewrites: dict[str, Rewrite], per_kind: int, chance: random.Random
) -> Iterator[Case]:
    """Yield at most `per_kind` cases of each kind, in turn with the span and with the whole passage as evidence."""
    for kind, rewrite in rewrites.items():
        made = 0
        for source in chance.sample(found, len(found)):
            written = rewrite(joined(source), source, chance)
            evidence = source.passage if made % 2 else source.span
            if written is None or (not kind.startswith("faithful") and _same(written, joined(source))):
                continue
            if _stands_in(kind, written, evidence):
                continue
            made += 1
            yield Case(kind, written, (evidence,), source.names)
            if made == per_kind:
                break


def joined(source: Source) -> str:
    """Return the sentence with its header, as one sentence."""
    if not source.header:
        return source.sentence
    return f"{source.header.rstrip(':').strip()} {source.sentence.rstrip('.;,')}."


def _same(a: str, b: str) -> bool:
    return re.sub(r"\W+", " ", a.lower()).strip() == re.sub(r"\W+", " ", b.lower()).strip()


def _stands_in(kind: str, written: str, evidence: str) -> bool:
    # A corrupted sentence that the label happens to hold as well is no error.
    flat = re.sub(r"\W+", " ", evidence.lower())
    if kind.startswith("faithful") or kind == "condition dropped":
        return False
    return re.sub(r"\W+", " ", written.lower()).strip() in flat
