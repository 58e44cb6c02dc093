"""Questions cut short ("lisinopril uses", "what is it for", a bare name), put as the whole ones they stand for."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PEOPLE = r"(?:people|someone|somebody|anyone|patients?|you|one|i|we|they|he|she|my \w+)"
_USES = re.compile(
    rf"""
      (?:what(?:'?s|\ is|\ are)?\ )? (?:the\ )? (?:uses?|indications?|purpose)\ (?:of|for)\ it
    | (?:what'?s|what\ is|what\ are)\ it\ (?:prescribed\ |taken\ |given\ |good\ |meant\ |there\ )?for
    | (?:what\ )?it\ for (?:\ what)?
    | it(?:\ (?:uses?|indications?|purpose))?
    | why\ (?:do|does|would|might|should|is|are)\ {_PEOPLE}\ (?:be\ )?(?:take|taking|on|given|prescribed|put\ on)\ it
    | why\ (?:is|was)\ it\ (?:prescribed|taken|given)
    """,
    re.VERBOSE,
)
"""The forms that ask what a medicine is for, its name being "it"."""
_INTERACTIONS = re.compile(
    r"""
      (?:which|what)\ (?:other\ )?(?:drugs?|medicines?|medications?|meds|things?|substances?)\s
      (?:(?:do|does|can|may|will)\ )?(?:interacts?|clash(?:es)?|do(?:es)?\ not\ (?:mix|go))\ with\ it
    | (?:what\ are\ )?(?:the\ )?(?:drug\ )?interactions?\ (?:of|with|for)\ it
    | it\ (?:drug\ )?interactions?
    """,
    re.VERBOSE,
)
"""The forms that ask with what it interacts."""
_WHOLE = ((_USES, "What is {} used for?"), (_INTERACTIONS, "What does {} interact with?"))


def in_full(question: str, names: Sequence[str]) -> str:
    """Return a question as it stands, or the whole one that it is short for; `names` are those of the drug."""
    plain = " ".join(question.lower().replace("\u2019", "'").split()).strip(" ?.!")
    for name in sorted(names, key=len, reverse=True):
        found = re.search(rf"(?<!\w){re.escape(name.lower())}(?!\w)", plain)
        if not found:
            continue
        for form, whole in _WHOLE:
            if form.fullmatch(f"{plain[: found.start()]}it{plain[found.end() :]}"):
                return whole.format(found.group())
    return question
