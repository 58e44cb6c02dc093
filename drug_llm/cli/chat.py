"""`drug-llm chat`: a conversation that remembers the drug under discussion."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from drug_llm.cli.ask import CLOSED_BOOK, add_answering_options, load_assistant, load_closed_book, show

if TYPE_CHECKING:
    from drug_llm.generation.transformers_generator import TunedModel

CHAT_HELP = "Ask about a medication. /new forgets the conversation, /quit (or Ctrl-D) leaves."
EXIT_COMMANDS = ("/quit", "/exit", "/bye", "/q")
EXIT_WORDS = ("exit", "quit", "bye", "goodbye", "good bye", "bye bye", "q", ":q")
ROOM_FOR_ANSWER = 160


def register(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("chat", help="hold a conversation; it remembers the drug under discussion")
    add_answering_options(parser)
    parser.set_defaults(run=chat)


def chat(arguments: argparse.Namespace) -> int:
    """Answer questions until the user leaves."""
    reply, forget = _remembering(arguments) if arguments.mode == "closed-book" else _answering(arguments)
    print(CHAT_HELP)
    while not _leaves(question := _read_question()):
        if _command(question) == "/new":
            forget()
            print("Forgotten.")
        elif question.startswith("/"):
            print(CHAT_HELP)
        elif question:
            print("drug-llm> ", end="", flush=True)
            reply(question)
    return 0


def _command(question: str) -> str:
    return question.split()[0].casefold() if question.startswith("/") else ""


def _leaves(question: str) -> bool:
    words = question.casefold().strip(" .!,")
    return _command(question) in EXIT_COMMANDS or words in EXIT_WORDS


def _answering(arguments: argparse.Namespace) -> tuple[Callable[[str], None], Callable[[], None]]:
    from drug_llm.answering.conversation import Conversation

    assistant = load_assistant(arguments)
    conversation = Conversation(assistant)

    def reply(question: str) -> None:
        answer = conversation.reply(question)
        print(show(answer, assistant.products(answer)))

    return reply, conversation.forget


def _remembering(arguments: argparse.Namespace) -> tuple[Callable[[str], None], Callable[[], None]]:
    model = load_closed_book(arguments)
    print(f"{model.name}, {CLOSED_BOOK}")
    turns: list[tuple[str, str]] = []

    def reply(question: str) -> None:
        turns.append((question, _answer_in_turn(model, question, turns)))

    return reply, turns.clear


def _answer_in_turn(model: TunedModel, question: str, turns: list[tuple[str, str]]) -> str:
    layout = model.checkpoint.prompt_format
    while True:
        prompt = layout.prompt(question, turns=turns)
        if not turns or model.count_tokens(prompt) + ROOM_FOR_ANSWER <= model.max_tokens:
            break
        turns.pop(0)

    def write(text: str) -> None:
        print(text, end="", flush=True)

    answer = model.generate(prompt, on_text=write)
    print()
    return answer


def _read_question() -> str:
    try:
        return input("\nyou> " if sys.stdin.isatty() else "").strip()
    except EOFError:
        return "/quit"
