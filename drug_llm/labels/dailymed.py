"""DailyMed: the SPL document of a set id.

Source: https://dailymed.nlm.nih.gov/dailymed/webservices-help/v2/spls_setid_api.cfm
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from drug_llm.errors import LabelError
from drug_llm.labels.web import RefusedError, Web, shown
from drug_llm.storage import write_text

DAILYMED_URL = "https://dailymed.nlm.nih.gov/dailymed/services/v2"
URL_VARIABLE = "DRUG_LLM_DAILYMED_URL"
_SET_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NOT_FOUND = 404


class DailyMed:
    """Asks DailyMed for SPL documents."""

    def __init__(self, web: Web, *, base_url: str | None = None) -> None:
        """Take the address from DRUG_LLM_DAILYMED_URL where it is not given."""
        self.web = web
        self.base_url = (base_url or os.environ.get(URL_VARIABLE) or DAILYMED_URL).rstrip("/")

    def fetch(self, set_id: str, folder: Path) -> Path | None:
        """Save the newest SPL of a set id as `<set id>.xml` and return the file; None when there is none.

        Raises LabelError when the set id or the answer is not of the known shape.
        """
        set_id = checked_set_id(set_id)
        url = f"{self.base_url}/spls/{set_id}.xml"
        try:
            answer = self.web.get(url)
        except RefusedError as error:
            if error.status == _NOT_FOUND:
                return None
            raise
        path = folder / f"{set_id}.xml"
        write_text(path, _checked_document(answer.body, set_id, url))
        return path


def checked_set_id(text: str) -> str:
    """Return a set id in lower case; raises LabelError when it is not shaped like one."""
    if not _SET_ID.fullmatch(text.strip()):
        raise LabelError(
            f"Set id {text!r} is not of the known shape; expected 8-4-4-4-12 hexadecimal digits, such as "
            "27ccb2f4-abf8-4825-9b05-0bb367b4ac07. Correct --set-id."
        )
    return text.strip().lower()


def _checked_document(body: bytes, set_id: str, url: str) -> str:
    """Return the text of an SPL document that states the set id it was asked for."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LabelError(f"{shown(url)}: the answer is not UTF-8 ({error.reason}). Try again later.") from error
    found = re.search(r'<setId\b[^>]*\broot="([^"]*)"', text)
    if not found or found[1].lower() != set_id or not text.rstrip().endswith("</document>"):
        raise LabelError(
            f"{shown(url)}: the answer is {text[:60]!r}…, set id {found[1] if found else 'none'}; expected the whole "
            f"SPL document of {set_id}. Try again later, or check {URL_VARIABLE}."
        )
    return text
