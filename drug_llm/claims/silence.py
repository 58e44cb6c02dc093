"""Sentences that only say that nothing is said, and what they add."""

# Tables of patterns: a row broken in two is harder to read than a long one.
# ruff: noqa: E501
from __future__ import annotations

import re

_SILENT = re.compile(
    r"^(?:The|These) (?:passages?|labels?|sections?)(?: (?:of|on|for|given|shown|here)[^,.;:]*?)? (?:do|does) not "
    r"(?:say|mention|state|tell|give|describe|cover|answer|address|name|list|specify|explain|report|compare)\b[^;:]*$"
    r"|^The passages are not about [^;:]+$"
)
_CONTINUED = re.compile(r"[;:]|, (?:but|and they|though|however|so|because)\b")
_FRAME = re.compile(
    r"^(?:However, |But |But they |Instead, )?(?:They|The passages|The label(?: of [^,;.]+?)?|It)(?: only| do| does)? (?:say|says|state|states|note|notes) (?:only )?that ",
    re.IGNORECASE,
)


def is_silent(sentence: str) -> bool:
    """Return whether a sentence only says that the evidence does not say something."""
    return bool(_SILENT.match(sentence)) and not _CONTINUED.search(sentence)


def unframed(sentence: str) -> str:
    """Return the claim after "They say that"; any other sentence as it is."""
    return _FRAME.sub("", sentence)
