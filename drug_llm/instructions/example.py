"""One instruction example: what a line of a JSONL file holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class EvidencePassage:
    """A passage of a label that an example gives as evidence."""

    set_id: str
    """Set id of the label, or empty."""
    section: str
    """Name or title of the section."""
    text: str
    """The passage itself."""


@dataclass(frozen=True)
class Example:
    """A question or instruction with the answer that the model is to give."""

    input: str
    """What the user asks."""
    output: str
    """What the model is to answer."""
    passages: tuple[EvidencePassage, ...] = ()
    """Evidence placed before the question; empty for a closed-book example."""
    id: str = ""
    """Identifier within the file, where it has one."""
    kind: str = ""
    """What the example teaches, such as `dosage`."""
    drug: str = ""
    """Generic name of the drug, where the example is about one."""
    source: Mapping[str, Any] | str | None = None
    """Where the answer comes from: set id, version, section and the rule that made the example."""
    line: int = 0
    """Line in the file, counted from 1; 0 for an example that was not read from a file."""

    def to_json(self) -> dict[str, Any]:
        """Return the object that stands on its line of a JSONL file; empty fields are left out."""
        content: dict[str, Any] = {"input": self.input, "output": self.output}
        if self.passages:
            content["passages"] = [vars(passage) for passage in self.passages]
        for name in ("id", "kind", "drug", "source"):
            if getattr(self, name):
                content[name] = getattr(self, name)
        return content

    @property
    def place(self) -> str:
        """Name for messages: its id, or the start of its input."""
        return self.id or repr(self.input[:40])
