"""The openFDA drug label API: searches, and pages of any depth.

Source: https://open.fda.gov/apis/paging/ and https://open.fda.gov/apis/drug/label/. A request
gives at most 1,000 labels; `skip` ends at 25,000 and breaks `search_after`, so it is never sent
and the `Link` header is followed instead.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from drug_llm.errors import ConfigError, LabelError
from drug_llm.labels.web import RefusedError, Web, shown

OPENFDA_URL = "https://api.fda.gov"
URL_VARIABLE = "DRUG_LLM_OPENFDA_URL"
KEY_VARIABLE = "OPENFDA_API_KEY"
LARGEST_PAGE = 1000
NEWEST_FIRST = "effective_time:desc"
_NAME_FIELDS = ("openfda.generic_name", "openfda.brand_name", "openfda.substance_name")
_NOT_FOUND = 404


class TotalsChangedError(Exception):
    """The number of labels or their date changed between two pages, so the pages do not fit together."""


@dataclass(frozen=True)
class Page:
    """One page of results."""

    labels: list[dict[str, Any]]
    """Labels as the API gives them."""
    total: int
    """Labels that match the search, on all pages."""
    last_updated: str
    """Date of the data, as the API gives it."""
    next_url: str
    """Address of the next page, empty on the last."""


class OpenFDA:
    """Asks the label endpoint of openFDA."""

    def __init__(
        self, web: Web, *, base_url: str | None = None, api_key: str | None = None, page_labels: int = 200
    ) -> None:
        """Take address and key from DRUG_LLM_OPENFDA_URL and OPENFDA_API_KEY where they are not given.

        A page of 1,000 labels takes some 400 MB of memory, so pages are smaller by default.
        """
        if not 1 <= page_labels <= LARGEST_PAGE:
            raise ConfigError(f"page_labels is {page_labels}; expected 1 to {LARGEST_PAGE}, the API's limit. Lower it.")
        self.web = web
        self.base_url = (base_url or os.environ.get(URL_VARIABLE) or OPENFDA_URL).rstrip("/")
        self._api_key = os.environ.get(KEY_VARIABLE, "") if api_key is None else api_key
        self._page_labels = page_labels

    def pages(self, search: str, *, limit: int | None = None) -> Iterator[Page]:
        """Yield the pages of a search, the newest labels first; nothing when no label matches.

        Raises TotalsChangedError when the data changes between two pages or a page is missing,
        LabelError when the search is refused or the answer is not of the known shape.
        """
        size = min(self._page_labels, limit or self._page_labels)
        query = {"search": search, "sort": NEWEST_FIRST, "limit": str(size)}
        url = self._url({key: value for key, value in query.items() if value})
        seen: set[str] = set()
        first: Page | None = None
        taken = 0
        while url:
            page = self._page(url)
            if page is None:
                return
            first = first or page
            _check_same_data(first, page)
            taken += len(page.labels)
            seen |= {str(label.get("id") or (label.get("set_id"), label.get("version"))) for label in page.labels}
            yield page
            url = page.next_url if page.labels and (limit is None or taken < limit) else ""
        if first and (limit is None or taken < limit) and len(seen) != first.total:
            raise TotalsChangedError(f"{len(seen)} different labels came instead of {first.total}")

    def _page(self, url: str) -> Page | None:
        try:
            answer = self.web.get(url)
        except RefusedError as error:
            # openFDA says 404 NOT_FOUND when a search matches nothing.
            if error.status == _NOT_FOUND:
                return None
            raise
        try:
            content = json.loads(answer.body)
            meta, labels = content["meta"], content["results"]
            total = int(meta["results"]["total"])
            return Page(list(labels), total, str(meta.get("last_updated", "")), self._next_url(answer.headers))
        except (ValueError, KeyError, TypeError) as error:
            raise LabelError(
                f"{shown(url)}: the answer is {answer.body[:80]!r}…; expected JSON with `meta` and `results`. "
                "Try again later, or check DRUG_LLM_OPENFDA_URL."
            ) from error

    def _next_url(self, headers: Message) -> str:
        """Return the address in the Link header, at our base address; empty without a search_after."""
        found = re.search(r'<([^>]*)>\s*;[^,<]*rel="?next"?', " ".join(headers.get_all("Link", [])))
        query = dict(parse_qsl(urlsplit(found[1]).query)) if found else {}
        if "search_after" not in query:
            return ""
        return self._url({key: value for key, value in query.items() if key not in ("skip", "api_key")})

    def _url(self, query: dict[str, str]) -> str:
        key = {"api_key": self._api_key} if self._api_key else {}
        return f"{self.base_url}/drug/label.json?{urlencode(key | query)}"


def _check_same_data(first: Page, page: Page) -> None:
    if page.total != first.total:
        raise TotalsChangedError(f"the total went from {first.total} to {page.total}")
    if page.last_updated != first.last_updated:
        raise TotalsChangedError(f"the data of {first.last_updated} became those of {page.last_updated}")


def drug_search(name: str) -> str:
    """Return the search expression for a generic or brand name; " and " joins the parts of a combination.

    Raises LabelError when the name holds no letter.
    """
    # Quotes and backslashes would end the quoted name, and the rest would be read as an expression.
    parts = [re.sub(r'["\\\s]+', " ", part).strip() for part in re.split(r"\s+and\s+", name.strip())]
    if not all(re.search(r"[^\W\d_]", part) for part in parts):
        raise LabelError(f"Drug name {name!r} holds no letters; expected a generic or brand name. Correct --drug.")
    groups = [" OR ".join(f'{field}:"{part}"' for field in _NAME_FIELDS) for part in parts]
    return " AND ".join(f"({group})" for group in groups)
