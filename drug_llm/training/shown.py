"""Answers of the model in training to a few questions of the eval file, to be read in TensorBoard."""

from __future__ import annotations

import torch

from drug_llm.encoding import IGNORED, EncodedExample
from drug_llm.models.loading import computing
from drug_llm.training.loss import make_row
from drug_llm.training.session import Session

ANSWER_TOKENS = 40
"""Longest answer shown, in tokens."""


def show_answers(session: Session) -> None:
    """Write the likeliest answers to the first questions of the eval file into TensorBoard."""
    count = min(session.run.config.shown_questions, len(session.evaluation))
    if session.board is None or session.encoder is None or not count:
        return
    prompts = [_prompt(example) for example in session.evaluation.examples(list(range(count)))]
    for number, answer in enumerate(_answers(session, prompts)):
        question, told = (session.encoder.decode(ids).strip() for ids in (prompts[number], answer))
        session.board.text(f"answers/{number + 1}", f"{question}\n\n**{told}**", session.step)


def _prompt(example: EncodedExample) -> list[int]:
    """Return the ids before the answer; with `train_on_prompt` the whole example is one answer, so half of it."""
    ids = list(example.input_ids)
    answer = next(at for at, target in enumerate(example.target_ids) if target != IGNORED)
    return ids[: answer or len(ids) // 2]


@torch.no_grad()
def _answers(session: Session, prompts: list[list[int]]) -> list[list[int]]:
    """Return the continuations, one token a pass for all prompts together, each seeing only itself."""
    assert session.encoder is not None
    was_training = session.model.training
    session.model.eval()
    answers: list[list[int]] = [[] for _ in prompts]
    waiting = list(range(len(prompts)))
    last_tokens = session.encoder.ends
    for _ in range(ANSWER_TOKENS):
        texts = [prompts[n] + answers[n] for n in waiting]
        row = make_row([EncodedExample(ids, [IGNORED] * len(ids)) for ids in texts], session.device)
        ends = torch.tensor(row.segment_lengths, device=session.device).cumsum(0) - 1
        with computing(session.model):
            logits = session.model(
                input_ids=row.input_ids,
                position_ids=row.position_ids,
                segment_lengths=row.segment_lengths,
                logits_to_keep=ends,
                use_cache=False,
            ).logits[0]
        for n, token in zip(list(waiting), logits.argmax(dim=-1).tolist(), strict=True):
            if token in last_tokens:
                waiting.remove(n)
            else:
                answers[n].append(token)
        if not waiting:
            break
    session.model.train(was_training)
    return answers
