"""More training for a judge: an adapter goes on learning from questions with pieces that do and do not answer.

    python benchmarks/judge_training.py rows --store STORE --reference FILE --odds FILE --out FOLDER
    torchrun --nproc-per-node CORES benchmarks/judge_training.py train --adapter FOLDER --rows FILE --out FOLDER

`rows` writes training files: questions on other medicines (`reference_text.py`), and fitting questions with the pieces
that the judge finds hardest, by its odds for labels that it had not seen. `train.jsonl` has all, `fold0.jsonl` to
`fold2.jsonl` leave out a third of the fitting labels as `judging.py` does. `train` has an adapter learn from each row
once; `judging.py odds` then has those of the folds judge what they have not seen.

The pieces of a question share its beginning, which goes through the model once, as in `generation/llama.py`. The loss
is the cross-entropy of Yes against No. On a processor a process a core is fastest.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import math
import random
import shutil
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from safetensors.torch import save_file
from torch.nn.functional import binary_cross_entropy_with_logits
from transformers import AttentionInterface

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY))

from benchmarks.answering_score import TEST_QUESTIONS  # noqa: E402
from benchmarks.answering_sides import Setup  # noqa: E402
from benchmarks.judging import FOLDS, KeptOdds, evidence_of, folds, holds, questions  # noqa: E402
from benchmarks.reference_text import AskedOfPieces, asked_of_pieces  # noqa: E402
from drug_llm.answering.evidence import find_evidence  # noqa: E402
from drug_llm.answering.judging import NO, YES, judged  # noqa: E402
from drug_llm.answering.label_index import LabelIndex, title_of  # noqa: E402
from drug_llm.answering.shelf import Shelf  # noqa: E402
from drug_llm.answering.units import Unit, units  # noqa: E402
from drug_llm.generation.llama import ROUNDED  # noqa: E402
from drug_llm.models.adapted_linear import compute_adapters_in_base_format  # noqa: E402
from drug_llm.models.embedded import cache_folder  # noqa: E402
from drug_llm.models.final import MANIFEST, open_final  # noqa: E402
from drug_llm.models.loading import load_base_model  # noqa: E402
from drug_llm.models.precision import choose_precision  # noqa: E402
from drug_llm.models.tokenizer import load_text_encoder  # noqa: E402
from drug_llm.storage import file_sha256, new_folder, write_json  # noqa: E402
from drug_llm.training.processes import Processes, join_processes  # noqa: E402

Row = dict[str, Any]
"""A question and its `pieces`: title, text, and 1 where it answers or 0."""
ANSWERING, OTHERS = 2, 4
"""Most pieces of a question that answer, and that do not; one more of these where nothing answers."""
REPEATED = 400
"""Fitting questions among the others, so that what is known stays known."""


def reference_rows(reference: Path, setup: Setup) -> Iterator[Row]:
    """Yield the questions on other medicines with the best ranked of their pieces.

    Labels of a class share sentences: those that stand in a label kept aside are left out.
    """
    aside = kept_aside(setup)
    for _, asked in groupby(asked_of_pieces(reference), lambda entry: entry.pieces):
        entries = list(asked)
        index = index_of(entries[0].pieces, setup.encoder)
        names = [entries[0].pieces[0].passage.set_id]
        for entry in entries:
            row = ranked_row(entry, index, names, setup.encoder, aside)
            if row["pieces"]:
                yield row


def kept_aside(setup: Setup) -> set[str]:
    """Return the letters of each piece of the labels that the benchmark questions kept aside are about."""
    ids = {set_id for entry in questions(TEST_QUESTIONS) for set_id in entry["set_ids"]}
    return {
        letters(unit.text)
        for set_id in ids
        for passage in setup.store.get(set_id).passages()
        for unit in units(passage)
    }


def letters(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


def index_of(pieces: Sequence[Unit], encoder: Any) -> LabelIndex:
    passages = tuple(dict.fromkeys(unit.passage for unit in pieces))
    vectors = encoder.encode([f"{title_of(unit.passage)}. {unit.text}" for unit in pieces])
    return LabelIndex(passages, tuple(pieces), vectors, encoder.encode([title_of(passage) for passage in passages]))


def ranked_row(
    entry: AskedOfPieces, index: LabelIndex, names: Sequence[str], encoder: Any, aside: Collection[str] = ()
) -> Row:
    places = {unit: place for place, unit in enumerate(entry.pieces)}
    ranks: dict[int, int] = {}
    for part in find_evidence(entry.question, index, names, encoder):
        for rank, scored in enumerate(part.found):
            place = places[scored.unit]
            ranks[place] = min(rank, ranks.get(place, rank))
    hidden = {place for unit, place in places.items() if letters(unit.text) in aside}
    answering = sorted(entry.answers - hidden, key=lambda place: ranks.get(place, len(places)))
    others = sorted(ranks.keys() - entry.answers - entry.doubtful - hidden, key=ranks.__getitem__)
    return row_of(entry.question, [entry.pieces[n] for n in answering], [entry.pieces[n] for n in others])


def fitting_rows(setup: Setup, kept: KeptOdds) -> Iterator[tuple[int, Row]]:
    """Yield the fitting questions with the pieces that the judge finds hardest, and the fold of their label."""
    shelf, fold = Shelf(setup.encoder, cache_folder() / "vectors"), folds(setup)
    for entry in questions():
        odds: dict[Unit, float] = {}
        for part in evidence_of(entry, shelf, setup, kept):
            for scored in part.found:
                if scored.odds is not None:
                    odds[scored.unit] = max(scored.odds, odds.get(scored.unit, scored.odds))
        ordered = sorted(odds, key=odds.__getitem__)
        answering = [unit for unit in ordered if holds(unit, entry)]
        others = [unit for unit in reversed(ordered) if holds(unit, entry) is False and unit.kind != "list"]
        if answering or others:
            yield fold[entry["set_ids"][0]], row_of(entry["question"], answering, others)


def row_of(question: str, answering: Sequence[Unit], others: Sequence[Unit]) -> Row:
    most = OTHERS + (not answering)
    chosen = [*((unit, 1) for unit in answering[:ANSWERING]), *((unit, 0) for unit in others[:most])]
    return {"question": question, "pieces": [(title_of(unit.passage), unit.text, told) for unit, told in chosen]}


def write_rows(setup: Setup, reference: Path, kept: KeptOdds, folder: Path, most: int | None) -> None:
    """Write the training files of all labels and of each fold, with at most so many questions on other medicines."""
    others = list(reference_rows(reference, setup))
    others = random.Random(1).sample(others, min(most or len(others), len(others)))
    fitting = list(fitting_rows(setup, kept))
    for left_out in (None, *range(FOLDS)):
        own = [row for fold, row in fitting if fold != left_out]
        chosen = random.Random(1)
        rows = [*others, *chosen.sample(own, min(REPEATED, len(own)))]
        chosen.shuffle(rows)
        file = folder / ("train.jsonl" if left_out is None else f"fold{left_out}.jsonl")
        file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        pieces = sum(len(row["pieces"]) for row in rows)
        print(f"{file}: {len(rows)} questions, {pieces} pieces")


_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4
ATTENTION = "shared_beginning"
"""Name under which the attention is registered with transformers."""


def keep_memory() -> None:
    """Let a process keep the memory that a row needed for the next one: asking for it anew took half of the time."""
    change = getattr(ctypes.CDLL(None), "mallopt", None)
    if change is not None:
        for setting, value in ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, 2**31 - 1), (_M_TOP_PAD, 2**28)):
            change(setting, value)


def attend(
    _: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor,
    scaling: float,
    **__: Any,
) -> tuple[torch.Tensor, None]:
    """Return the attention under a mask that is added, by plain products: flash's backward takes six times as long."""
    heads, places, width = query.shape[1:]
    key_heads = key.shape[1]
    stacked = query[0].to(value.dtype).reshape(key_heads, -1, width)
    added = mask[0].repeat(1, heads // key_heads, 1).expand(key_heads, -1, -1)
    scores = torch.baddbmm(added, stacked, key[0].to(value.dtype).transpose(1, 2), alpha=scaling)
    mixed = (scores.softmax(dim=-1) @ value[0]).view(heads, places, width)
    return mixed.transpose(0, 1)[None].contiguous(), None


class Learner:
    """An adapter whose upper layers learn, and how it judges the pieces of a row."""

    def __init__(self, start: Path, from_layer: int) -> None:
        self.checkpoint = open_final(start)
        base, precision = self.checkpoint.base_model(), choose_precision()
        AttentionInterface.register(ATTENTION, attend)
        self.model = PeftModel.from_pretrained(load_base_model(base, precision), str(start), is_trainable=True)
        compute_adapters_in_base_format(self.model)
        inner: Any = self.model.base_model.model
        inner.config._attn_implementation = ATTENTION
        self._core, head = inner.model, inner.lm_head.weight
        self._encoder = load_text_encoder(self.checkpoint.text_folder(base))
        self._texts = self.checkpoint.prompt_format
        yes, no = (self._encoder.encode(self._texts.answer.format(output=word))[0] for word in (YES, NO))
        self._direction = (head[yes] - head[no]).detach().float()
        self._mask_type, self._device = head.dtype, head.device
        for name, weight in self.model.named_parameters():
            if weight.requires_grad:
                weight.requires_grad_(int(name.split(".layers.")[1].split(".")[0]) >= from_layer)
        self.parameters = [weight for weight in self.model.parameters() if weight.requires_grad]

    def odds(self, row: Row) -> torch.Tensor:
        """Return the log-odds of Yes over No for each piece of a row."""
        inputs = [judged(row["question"], title, text) for title, text, _ in row["pieces"]]
        prompts = [self._encoder.encode_prompt(self._texts.prompt(text)) for text in inputs]
        first, last = min(prompts), max(prompts)
        shared = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first) - 1)
        ids, places, owners, ends = list(first[:shared]), list(range(shared)), [-1] * shared, []
        used = shared + sum(len(prompt) - shared for prompt in prompts)
        # What fills the row up belongs to no prompt.
        for owner, own in enumerate([*(prompt[shared:] for prompt in prompts), [0] * (-used % ROUNDED)]):
            ids += own
            places += range(shared, shared + len(own))
            owners += [owner] * len(own)
            ends.append(len(ids) - 1)
        owner_of, order = (torch.tensor(values, device=self._device) for values in (owners, range(len(ids))))
        seen = ((owner_of[:, None] == owner_of) | (owner_of < 0)) & (order <= order[:, None])
        mask = torch.zeros(seen.shape, dtype=self._mask_type, device=self._device).masked_fill_(~seen, -math.inf)
        states = self._core(
            input_ids=torch.tensor([ids], device=self._device),
            position_ids=torch.tensor([places], device=self._device),
            attention_mask=mask[None, None],
            use_cache=False,
        ).last_hidden_state[0]
        odds: torch.Tensor = states[ends[: len(prompts)]].float() @ self._direction
        return odds

    def save(self, folder: Path, told: dict[str, Any]) -> None:
        """Write the adapter beside what it was made from."""
        weights = {
            name.replace(".default", ""): weight.detach().float().cpu().contiguous()
            for name, weight in self.model.state_dict().items()
            if "lora_" in name
        }
        with new_folder(folder) as partial:
            shutil.copytree(self.checkpoint.folder, partial, dirs_exist_ok=True)
            save_file(weights, partial / "adapter_model.safetensors", metadata={"format": "pt"})
            write_json(partial / MANIFEST, {**self.checkpoint.manifest, "went_on": told})


def train(arguments: argparse.Namespace, processes: Processes) -> None:
    """Let an adapter learn from every row once; the rate rises for a sixteenth of the updates and falls to zero."""
    learner = Learner(arguments.adapter, arguments.from_layer)
    rows: list[Row] = [json.loads(line) for line in arguments.rows.read_text(encoding="utf-8").splitlines()]
    updates = math.ceil(len(rows) / arguments.batch)
    optimizer = torch.optim.AdamW(learner.parameters, lr=arguments.rate, weight_decay=0.0)
    started, losses = time.monotonic(), [0.0, 0.0]
    for update in range(updates):
        for group in optimizer.param_groups:
            rising = min(1.0, (update + 1) / max(1.0, updates / 16))
            group["lr"] = arguments.rate * rising * 0.5 * (1 + math.cos(math.pi * update / updates))
        batch = rows[update * arguments.batch : (update + 1) * arguments.batch]
        count = sum(len(row["pieces"]) for row in batch)
        # Long and short rows in turn: each process gets as much.
        for row in processes.share(sorted(batch, key=lambda row: len(str(row)))):
            told = torch.tensor([float(answers) for *_, answers in row["pieces"]])
            loss = binary_cross_entropy_with_logits(learner.odds(row).cpu(), told, reduction="sum")
            (loss / count).backward()
            losses[0] += loss.item()
        losses[1] += count / processes.count
        processes.add_gradients(learner.parameters)
        torch.nn.utils.clip_grad_norm_(learner.parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if update % 10 == 9 or update == updates - 1:
            loss, pieces = processes.total(*losses)
            losses = [0.0, 0.0]
            if processes.first:
                passed = time.monotonic() - started
                print(f"{update + 1}/{updates} updates, loss {loss / pieces:.4f}, {passed:.0f} s", flush=True)
    if processes.first:
        told_of = {name: getattr(arguments, name) for name in ("rate", "batch", "from_layer")}
        told_of |= {"rows": len(rows), "rows_sha256": file_sha256(arguments.rows), "loss": "Yes against No"}
        learner.save(arguments.out, told_of)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("rows", "train"))
    parser.add_argument("--store", type=Path)
    parser.add_argument("--reference", type=Path, help="JSONL of label text by medicine")
    parser.add_argument("--odds", type=Path, help="file of `judging.py odds`")
    parser.add_argument("--most", type=int, help="questions on other medicines (default: all)")
    parser.add_argument("--adapter", type=Path, help="folder of the adapter that goes on learning")
    parser.add_argument("--rows", type=Path, help="training file")
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--batch", type=int, default=16, help="questions an update learns from")
    parser.add_argument("--from-layer", type=int, default=12, help="layers below it stay as they are")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    if arguments.what == "rows":
        arguments.out.mkdir(parents=True, exist_ok=True)
        setup = Setup(arguments.store, None)
        write_rows(setup, arguments.reference, KeptOdds(arguments.odds), arguments.out, arguments.most)
        return
    keep_memory()
    with join_processes(None) as processes:
        train(arguments, processes)


if __name__ == "__main__":
    main()
