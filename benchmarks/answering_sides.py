"""The sides that `benchmarks/answering.py` compares: each answers a question line with an answer line."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.answering_score import token_f1
from drug_llm.answering.assistant import Assistant, open_store
from drug_llm.answering.judging import TunedJudge
from drug_llm.answering.units import Unit, units
from drug_llm.generation.tuned_llama import load_tuned_llama
from drug_llm.generation.wording import Wording
from drug_llm.instructions.example import EvidencePassage
from drug_llm.labels.label import Passage
from drug_llm.models.embedded import cache_folder
from drug_llm.models.reference import FOLDER as REFERENCE
from drug_llm.models.sentence_encoder import load_sentence_encoder

Line = dict[str, Any]
REPOSITORY = Path(__file__).parents[1]


class Setup:
    """What the sides share, made when it is first needed."""

    def __init__(self, store: Path | None, model: Path | None) -> None:
        self._store, self._model = store, model

    @cached_property
    def encoder(self) -> Any:
        return load_sentence_encoder()

    @cached_property
    def store(self) -> Any:
        return open_store(self._store, REPOSITORY / "data/monographs")

    @cached_property
    def model(self) -> Any:
        return load_tuned_llama(self._model or REFERENCE)

    @cached_property
    def untuned(self) -> Any:
        from drug_llm.models.base import resolve_base_model
        from drug_llm.models.loading import load_base_model
        from drug_llm.models.precision import choose_precision
        from drug_llm.models.tokenizer import load_text_encoder

        base = resolve_base_model("embedded")
        return load_base_model(base, choose_precision()).eval(), load_text_encoder(base.folder)

    def assistant(self, judge: Any = None, reader: Any = None) -> Assistant:
        vectors = cache_folder() / "vectors"
        return Assistant(self.store, encoder=self.encoder, vectors=vectors, judge=judge, reader=reader)


def grounded(setup: Setup) -> Callable[[Line], Line]:
    """Evidence judged by the tuned model, quoted."""
    return _asked(setup.assistant(TunedJudge(lambda: setup.model)))


def worded(setup: Setup) -> Callable[[Line], Line]:
    """Evidence judged by the tuned model and worded by it where the label supports its words."""
    return _asked(setup.assistant(TunedJudge(lambda: setup.model), setup.model))


def quote(setup: Setup) -> Callable[[Line], Line]:
    """Evidence ranked without a tuned model, quoted."""
    return _asked(setup.assistant())


def _asked(assistant: Assistant) -> Callable[[Line], Line]:
    def answer(question: Line) -> Line:
        found = assistant.answer(
            question["question"],
            drug=question.get("drug", ""),
            passages=question.get("passages"),
            id=question["id"],
        )
        return found.to_json()

    return answer


def tuned(setup: Setup) -> Callable[[Line], Line]:
    """The tuned model alone: it reads all passages and nothing checks it."""

    def answer(question: Line) -> Line:
        started = time.perf_counter()
        wording: Wording = setup.model.read(question["question"], _given(question))
        return _bare(question, wording.text, started, wording.text.startswith("The passages do not say"))

    return answer


def untuned(setup: Setup) -> Callable[[Line], Line]:
    """The base model in its own chat format with all passages, as one would use it today."""
    from drug_llm.generation.lookup import decode
    from drug_llm.generation.transformers_generator import CachedText

    def answer(question: Line) -> Line:
        started = time.perf_counter()
        model, encoder = setup.untuned
        evidence = "\n".join(f"{p.section}: {p.text}" for p in _given(question))[:6000]
        asked = f"Answer from the passages only, briefly.\n\n{evidence}\n\nQuestion: {question['question']}"
        prompt = f"<|im_start|>user\n{asked}<|im_end|>\n<|im_start|>assistant\n"
        ids = encoder.tokenizer.encode(prompt, add_special_tokens=False).ids
        found = decode(CachedText(model), ids, ends=encoder.ends)
        return _bare(question, encoder.decode(found), started, False)

    return answer


def sentences(setup: Setup) -> Callable[[Line], Line]:
    """The three sentences most similar to the question by MiniLM, verbatim."""

    def answer(question: Line) -> Line:
        started = time.perf_counter()
        found = _pieces(question)
        if not found:
            return _bare(question, "", started, True)
        vectors = setup.encoder.encode([question["question"], *(unit.text for unit in found)])
        best = np.argsort(-(vectors[1:] @ vectors[0]), kind="stable")[:3]
        return _quoting(question, [found[n] for n in best], started)

    return answer


def knowing(setup: Setup) -> Callable[[Line], Line]:
    """The pieces that share most words with the reference answer, one after the other while that helps.

    No system can know them, and none that only quotes gets much further.
    """

    def answer(question: Line) -> Line:
        started = time.perf_counter()
        left, chosen, reached = _pieces(question), list[Unit](), 0.0
        while left:
            scores = [token_f1(" ".join(u.text for u in (*chosen, unit)), question["expected"]) for unit in left]
            if max(scores) <= reached:
                break
            reached = max(scores)
            chosen.append(left.pop(scores.index(reached)))
        return _quoting(question, chosen, started)

    return answer


def _quoting(question: Line, chosen: Sequence[Unit], started: float) -> Line:
    line = _bare(question, " ".join(unit.text for unit in chosen), started, not chosen)
    line["citations"] = [{"set_id": unit.passage.set_id, "section": unit.passage.section} for unit in chosen]
    return line


def _pieces(question: Line) -> list[Unit]:
    passages = [Passage(p.set_id, 1, f"p{n}", "", p.section, p.text) for n, p in enumerate(_given(question))]
    return [unit for passage in passages for unit in units(passage) if unit.kind != "list"]


def _given(question: Line) -> list[EvidencePassage]:
    return [EvidencePassage(p["set_id"], p["section"], p["text"]) for p in question.get("passages") or []]


def _bare(question: Line, text: str, started: float, abstained: bool) -> Line:
    elapsed = round(1000 * (time.perf_counter() - started))
    shown = {"id": question["id"], "answer": text, "abstained": abstained, "reason": None, "urgent": False}
    return {**shown, "question": question["question"], "citations": [], "elapsed_ms": elapsed}


SIDES: dict[str, Callable[[Setup], Callable[[Line], Line]]] = {
    "grounded": grounded,
    "worded": worded,
    "quote": quote,
    "tuned": tuned,
    "untuned": untuned,
    "sentences": sentences,
    "knowing": knowing,
}
