"""A conversation: what was asked in it last, which medicines are under discussion, and what was asked back."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from drug_llm.answering.answer import Answer, AnswerSentence
from drug_llm.answering.assistant import Assistant
from drug_llm.answering.drug_names import FoundNames
from drug_llm.answering.follow_up import WHICH_ONES, Context, Meant, listed
from drug_llm.answering.references import Kind, find_reference
from drug_llm.answering.several_asked import read_several
from drug_llm.answering.triage import triage
from drug_llm.answering.word_lists import word_set

HELLO = "Ask about a medicine by its name, such as: What are the side effects of lisinopril?"
WELCOME = "You are welcome. Ask on, or about another medicine."
GO_ON = "Ask the next question, or name a medicine."
NAME_IT = "Then ask again with the name of the medicine that you mean."
_POLITE = word_set(
    "thanks thank you thx ty so very much a lot for the your help this that appreciated cheers great ok okay bye"
)
_THANKS = word_set("thanks thank thx ty cheers appreciated")
_GREETINGS = word_set("hi hello hey there good morning afternoon evening howdy greetings")
_YES = word_set("yes yeah yep yup right correct exactly sure please that one it is indeed")
_NO = word_set("no nope nah neither none wrong it is really thanks thank you")
_SURELY_NO = word_set("no nope nah neither none wrong")
_FINE = word_set("ok okay k fine cool great good alright all got it i see nice perfect understood hm hmm oh ah wow")
_AROUND = word_set(
    "actually i im meant mean the its it is was that s m talking about one yes yeah no not sorry please oh ok okay a "
    "an my this for of name called drug medicine medication pill pills tablet tablets asking"
)
_LEADING = re.compile(r"^\W*(?:and|or|for|of|what about|how about|what if it is)\b")
_LED = word_set("and or what how about if it is for of the a an then my ok okay so but")


@dataclass(frozen=True)
class _Pending:
    """A question that was not answered for want of a name."""

    question: str
    typed: str
    """The words of it that the name stands for, if any do."""
    choices: tuple[str, ...]
    """Names that may be meant."""
    context: Context
    """What was under discussion when it was asked."""
    is_open: bool = False
    """Whether it was about a medicine that nobody has named yet, which "it" then means."""


class Conversation:
    """Questions that follow each other, answered by an assistant."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._context = Context()
        self._last: Meant | None = None
        self._pending: _Pending | None = None

    def reply(self, question: str) -> Answer:
        """Return the answer to the next question."""
        asked, context = question, self._context
        if triage(question) is None:
            if said := self._small_talk(question):
                return Answer(question, (AnswerSentence(said),))
            asked, context = self._asked(question)
        answer = self._assistant.answer(asked, drug=context)
        self._remember(asked, context, answer)
        return replace(answer, question=question)

    def _small_talk(self, question: str) -> str:
        """Return a reply to what asks nothing; empty where something is asked."""
        words = frozenset(_words(question))
        if not words:
            return GO_ON
        if words <= _POLITE and words & _THANKS:
            return WELCOME
        if words <= _GREETINGS:
            return HELLO
        if words <= _NO and words & _SURELY_NO:
            return NAME_IT if self._pending else GO_ON
        is_reply = self._pending is not None and words <= _YES
        return GO_ON if words <= _FINE | _YES and not is_reply else ""

    def _asked(self, question: str) -> tuple[str, Context]:
        """Return the question that some words stand for, and what is under discussion in it."""
        found = self._assistant.meant(question).found
        pending = self._pending
        if pending and (names := self._named_for(pending, question, found)):
            if pending.typed and pending.typed in pending.question:
                return pending.question.replace(pending.typed, listed(names)), pending.context
            return pending.question, Context(names, is_settled=True)
        if pending and frozenset(_words(question)) <= _YES:
            return pending.question, pending.context
        if pending and pending.is_open and self._assistant.meant(question, self._context).chosen:
            return pending.question, pending.context
        return self._again(question) or (question, self._context)

    def _named_for(self, pending: _Pending, question: str, found: FoundNames) -> tuple[str, ...]:
        """Return the names that some words give for what was asked back; none where they ask something."""
        typed = _typed(found)
        if typed and frozenset(_words(_without(question, typed))) <= _AROUND:
            return typed
        words = frozenset(_words(question))
        if len(pending.choices) == 1 and words <= _YES:
            return pending.choices
        reference = find_reference(question, None, are_many=len(pending.choices) > 1)
        if len(pending.choices) < 2 or reference.place is None:
            return ()
        start, end = reference.place
        if not frozenset(_words(question[:start] + " " + question[end:])) <= _AROUND:
            return ()
        if reference.kind is Kind.NTH and reference.number < len(pending.choices):
            return (pending.choices[reference.number],)
        return pending.choices if reference.kind in (Kind.ALL, Kind.SOME) else ()

    def _again(self, question: str) -> tuple[str, Context] | None:
        """Return the last question as asked of what is named now ("and metoprolol?"); None where more is asked."""
        last, meant = self._last, self._assistant.meant(question, self._context)
        if last is None or not last.names or not meant.typed or meant.ask:
            return None
        rest = frozenset(_words(_without(meant.question, meant.typed)))
        if not rest <= _LED or not (meant.chosen or _LEADING.match(question.lower())):
            return None
        if not last.typed:
            return last.question, Context(meant.typed, is_settled=True)
        if len(last.names) == 1:
            return last.question.replace(last.typed[0], listed(meant.typed)), Context()
        if set(meant.names) <= set(last.names):
            return _part_about(last, meant.names[0])
        # Of several that meet, it is not known in whose place the new one comes: it is asked about with all of them.
        at = max(last.typed, key=last.question.rfind)
        head, _, tail = last.question.rpartition(at)
        return f"{head}{listed((at, *meant.typed))}{tail}", Context()

    def _remember(self, asked: str, context: Context, answer: Answer) -> None:
        meant = self._assistant.meant(asked, context)
        self._pending = None
        if answer.reason in ("no_drug_found", "ambiguous_drug"):
            self._pending = _pending(asked, context, meant)
        if meant.ask or not meant.names:
            return
        self._last = meant
        before = self._context
        if len(meant.names) > 1:
            self._context = Context(meant.names)
        elif meant.names[0] in (before.names if len(before.names) > 1 else before.pool if meant.chosen else ()):
            is_other = meant.names != before.names
            self._context = replace(before, names=before.pool, earlier=(), focus=meant.names[0]) if is_other else before
        else:
            self._context = Context(meant.names, earlier=before.names if len(before.names) == 1 else ())


def _pending(asked: str, context: Context, meant: Meant) -> _Pending:
    entries = (*meant.unclear, *meant.found.unclear)
    if meant.ask:
        is_open = not meant.choices and meant.ask != WHICH_ONES
        return _Pending(asked, meant.typed[0] if meant.typed else "", meant.choices, context, is_open)
    if entries:
        typed = entries[0].typed if entries[0].typed in asked else ""
        return _Pending(asked, typed, entries[0].names, context)
    typed = next((name for name in meant.found.unknown if name in asked), "")
    return _Pending(asked, typed, (), context)


def _part_about(last: Meant, name: str) -> tuple[str, Context] | None:
    """Return what a question asks of one of its drugs by itself; None where it asks nothing of each."""
    asked = read_several(last.question, last.found)
    part = next((asked.of_each.get(drug.typed) for drug in asked.drugs if drug.name == name), None)
    return (part, Context()) if part else None


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower().replace("\u2019", "'"))


def _typed(found: FoundNames) -> tuple[str, ...]:
    named = (*(one.typed for one in found.drugs), *(one.typed for one in found.unclear), *found.unknown)
    return tuple(dict.fromkeys(named))


def _without(question: str, names: tuple[str, ...]) -> str:
    for name in sorted(names, key=len, reverse=True):
        question = question.replace(name, " ")
    return question
