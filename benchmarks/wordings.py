"""How many unsupported wordings of an evidence come through the check of worded answers, and how many faithful ones.

    python benchmarks/wordings.py [--show]

The pairs of `benchmarks/questions/wordings.jsonl` were written one by one, evidence in the register of labels. Those
with `"kept_aside": false` were written against the rules of `answering/omissions.py` and these rules mended by them;
the others were written by someone who had not seen the rules. A faithful wording that is refused is quoted instead.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY))

from drug_llm.answering.reader import sentences_of  # noqa: E402
from drug_llm.answering.support import carriers, titled  # noqa: E402
from drug_llm.answering.units import units  # noqa: E402
from drug_llm.labels.label import Passage  # noqa: E402

PAIRS = REPOSITORY / "benchmarks/questions/wordings.jsonl"
NAMES = ("zelpril", "zelprinol")


def pieces(evidence: list[dict[str, str]]) -> list[str]:
    """Return what the model's words may rest on, as in a worded answer."""
    passages = [
        Passage("pair", 1, f"pair#{place}", "unclassified", one["title"], one["text"])
        for place, one in enumerate(evidence)
    ]
    return [titled(passage.title, unit.text) for passage in passages for unit in units(passage)]


def comes_through(pair: dict[str, Any]) -> bool:
    found = pieces(pair["evidence"])
    return all(carriers(sentence, found, NAMES) for sentence in sentences_of(pair["claim"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print each pair that is judged wrongly")
    arguments = parser.parse_args()
    pairs = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    told = [(pair, comes_through(pair)) for pair in pairs]
    for kept_aside in (False, True):
        for supported in (False, True):
            through = [
                came for pair, came in told if (pair["kept_aside"], pair["supported"]) == (kept_aside, supported)
            ]
            print(
                f"{'kept aside' if kept_aside else 'built on':10s} "
                f"{'faithful' if supported else 'unsupported':11s} {sum(through):3d} of {len(through):3d} come through"
            )
    if arguments.show:
        for pair, came in told:
            if came != pair["supported"]:
                evidence = " / ".join(f"[{one['title']}] {one['text']}" for one in pair["evidence"])
                print(f"\n{pair['kind']}: {evidence}\n  => {pair['claim']}")


if __name__ == "__main__":
    main()
