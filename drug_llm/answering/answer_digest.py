"""One number over a whole answer line, by which a slip or a damaged file is noticed.

Anybody can compute it anew, so it is no proof of who wrote the line: it guards against accidents, not against a forger.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from drug_llm.labels.label import text_digest

FIELD = "digest"
"""Where it stands in an answer line."""
LEFT_OUT = frozenset([FIELD, "elapsed_ms"])
"""Fields it does not cover: the time taken is no part of an answer, so the same answer always has the same digest."""


def answer_digest(line: Mapping[str, Any]) -> str:
    """Return the SHA-256 of an answer line as JSON: keys sorted, no spaces, ASCII only, 1.0 written as 1."""
    kept = {name: _plain(value) for name, value in line.items() if name not in LEFT_OUT}
    return text_digest(json.dumps(kept, sort_keys=True, separators=(",", ":")))


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value
