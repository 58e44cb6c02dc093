"""Which examples are kept and in which file: split by ingredient, near-duplicates out, nothing dominates."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from drug_llm.instructions.asking import digest, shuffled
from drug_llm.instructions.example import Example
from drug_llm.instructions.facts import Source

EVAL_SHARE = 0.12
"""Share of the drugs that are kept out of training."""
LINES_PER_DRUG = 64
"""Most training examples about one drug."""
LINES_PER_WORDING = 220
"""Most training examples that use one wording."""
_PERMUTATIONS = 64
# From a Jaccard similarity of 0.9 of the word trigrams two examples count as the same. These are the bands and rows
# that MinHashLSH chooses for it; each choice takes it 8 ms, and there is an index a drug and kind.
_BANDS = (3, 21)


def held_out_drugs(sources: Sequence[Source]) -> set[str]:
    """Return the names of the drugs kept for evaluation.

    Drugs that share an ingredient stay together, so that nothing asked about was trained on under another name.
    """
    groups = sorted(ingredient_groups(sources), key=lambda group: digest("split", *group))
    wanted = max(1, round(EVAL_SHARE * sum(map(len, groups))))
    held_out: set[str] = set()
    for group in groups:
        if len(held_out) + len(group) <= wanted and len(groups) > 1:
            held_out.update(group)
    return held_out


def ingredient_groups(sources: Iterable[Source]) -> list[list[str]]:
    """Return the names of the drugs in groups; two drugs with a common ingredient are in one group."""
    groups: list[tuple[set[str], set[str]]] = []
    for source in sources:
        ingredients, names = set(source.ingredients), {source.name}
        apart = []
        for known, members in groups:
            if known & ingredients:
                ingredients |= known
                names |= members
            else:
                apart.append((known, members))
        groups = [*apart, (ingredients, names)]
    return [sorted(names) for _, names in groups]


def without_near_duplicates(examples: Sequence[Example]) -> list[Example]:
    """Return the examples less those nearly the same as an earlier one.

    MinHash signatures (Broder 1997) with locality-sensitive hashing find the pairs; only examples of one drug
    and kind are compared, since the same question about two drugs is no repetition.
    """
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for index, example in enumerate(examples):
        groups[example.drug, example.kind].append(index)
    kept = {index for indices in groups.values() for index in _distinct(examples, indices)}
    return [examples[index] for index in sorted(kept)]


def _distinct(examples: Sequence[Example], indices: Sequence[int]) -> list[int]:
    from datasketch import MinHash, MinHashLSH

    seen = MinHashLSH(num_perm=_PERMUTATIONS, params=_BANDS)
    kept = []
    for index in indices:
        signature = MinHash(num_perm=_PERMUTATIONS, seed=1)
        signature.update_batch([shingle.encode() for shingle in _shingles(examples[index])])
        if not seen.query(signature):
            seen.insert(str(index), signature)
            kept.append(index)
    return kept


def _shingles(example: Example) -> list[str]:
    evidence = " ".join(passage.text for passage in example.passages)
    words = re.findall(r"\w+", f"{example.input} {example.output} {evidence}".lower())
    return [" ".join(words[at : at + 3]) for at in range(max(1, len(words) - 2))]


def capped(examples: Sequence[Example]) -> list[Example]:
    """Return the examples with at most LINES_PER_DRUG about a drug and LINES_PER_WORDING in a wording.

    What goes is drawn evenly over the kinds, not taken from the end.
    """
    by_id = {example.id: example for example in examples}
    drugs: Counter[str] = Counter()
    wordings: Counter[str] = Counter()
    kept = set()
    for id_ in shuffled(sorted(by_id), "cap"):
        example = by_id[id_]
        wording = wording_of(example)
        full = drugs[example.drug] >= LINES_PER_DRUG and example.drug
        if full or (wording and wordings[wording] >= LINES_PER_WORDING):
            continue
        drugs[example.drug] += 1
        wordings[wording] += 1
        kept.add(id_)
    return [example for example in examples if example.id in kept]


def balanced(examples: Sequence[Example], count: int) -> list[Example]:
    """Return at most `count` examples, every kind as often as the others as far as there are enough."""
    kinds: defaultdict[str, list[Example]] = defaultdict(list)
    by_id = {example.id: example for example in examples}
    for id_ in shuffled(sorted(by_id), "balance"):
        kinds[by_id[id_].kind].append(by_id[id_])
    kept: set[str] = set()
    while len(kept) < count and any(kinds.values()):
        for kind in sorted(kinds):
            if kinds[kind] and len(kept) < count:
                kept.add(kinds[kind].pop().id)
    return [example for example in examples if example.id in kept]


def wording_of(example: Example) -> str:
    """Return the wording that an example was made from, or nothing."""
    return str(example.source.get("wording", "")) if isinstance(example.source, dict) else ""
