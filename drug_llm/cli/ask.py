"""`drug-llm ask` and `drug-llm chat`: answers from the tuned model's memory, marked as such."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from drug_llm.cli.options import add_model_option
from drug_llm.errors import ConfigError

if TYPE_CHECKING:
    from drug_llm.generation.transformers_generator import TunedModel

CLOSED_BOOK = "closed-book: from the model's memory, checked against no drug label. Do not act on it."
CHAT_HELP = "Ask about a medication. /new forgets the conversation, /quit (or Ctrl-D) leaves."
ROOM_FOR_ANSWER = 160


def register(commands: Any) -> None:
    """Add both commands."""
    parser = commands.add_parser("ask", help="answer one question with the tuned model (closed-book)")
    parser.add_argument("question", nargs="+", help="the question")
    add_model_option(parser)
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    parser.set_defaults(run=ask)
    parser = commands.add_parser("chat", help="hold a conversation with the tuned model (closed-book)")
    add_model_option(parser)
    parser.set_defaults(run=chat)


def ask(arguments: argparse.Namespace) -> int:
    """Answer one question."""
    question = " ".join(arguments.question).strip()
    if not question:
        raise ConfigError('The question is empty; expected text, such as drug-llm ask "What is lisinopril for?".')
    model = _load(arguments)
    answer = model.answer(question)
    if arguments.json:
        content = {"question": question, "answer": answer, "mode": "closed-book", "citations": [], "model": model.name}
        print(json.dumps(content, indent=2, ensure_ascii=False))
    else:
        print(f"{answer}\n\n[{CLOSED_BOOK}]")
    return 0


def chat(arguments: argparse.Namespace) -> int:
    """Answer questions until the user leaves; earlier turns stay in the prompt as far as they fit."""
    model = _load(arguments)
    print(f"{model.name}, {CLOSED_BOOK}\n{CHAT_HELP}")
    turns: list[tuple[str, str]] = []
    while (question := _read_question()) != "/quit":
        if question == "/new":
            turns.clear()
            print("Forgotten.")
        elif question.startswith("/"):
            print(CHAT_HELP)
        elif question:
            turns.append((question, _answer_in_turn(model, question, turns)))
    return 0


def _load(arguments: argparse.Namespace) -> TunedModel:
    from drug_llm.generation.transformers_generator import load_tuned_model

    return load_tuned_model(arguments.model)


def _read_question() -> str:
    try:
        return input("\nyou> " if sys.stdin.isatty() else "").strip()
    except EOFError:
        return "/quit"


def _answer_in_turn(model: TunedModel, question: str, turns: list[tuple[str, str]]) -> str:
    layout = model.checkpoint.prompt_format
    while (
        model.count_tokens(prompt := layout.prompt(question, turns=turns)) + ROOM_FOR_ANSWER > model.max_tokens
        and turns
    ):
        turns.pop(0)

    def show(text: str) -> None:
        print(text, end="", flush=True)

    print("drug-llm> ", end="", flush=True)
    answer = model.generate(prompt, on_text=show)
    print()
    return answer
