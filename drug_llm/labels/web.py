"""Requests to public services: a pace they allow, Retry-After, exponential back-off, errors a user can act on.

Built on the standard library, so that proxies and certificates are those of the system.
"""

from __future__ import annotations

import gzip
import http.client
import json
import logging
import random
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from drug_llm import __version__
from drug_llm.errors import ConfigError, LabelError

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which the same request may succeed."""
UNREACHABLE_ATTEMPTS = 3
"""Attempts when no connection comes about: without a network more of them only keep the user waiting."""
_REMEDIES = {
    400: "Correct the search expression",
    401: "Correct or unset OPENFDA_API_KEY",
    403: "Correct or unset OPENFDA_API_KEY",
    404: "Check the name or set id",
}
_jitter = random.SystemRandom()


@dataclass(frozen=True)
class Pace:
    """How often and how patiently a service is asked."""

    requests_a_minute: int = 240
    """Most requests within any 60 seconds; openFDA allows 240, with and without a key."""
    attempts: int = 8
    """Attempts at one request before giving up; an attempt that brought bytes starts the count anew."""
    first_wait: float = 1.0
    """Seconds before the second attempt; each further wait is twice as long."""
    longest_wait: float = 60.0
    """Cap of the back-off, in seconds."""
    longest_retry_after: float = 900.0
    """Longest Retry-After, in seconds, that is waited for; a service that asks for more ends the command."""
    timeout: float = 60.0
    """Seconds without a byte after which a connection counts as cut."""

    def __post_init__(self) -> None:
        if min(self.requests_a_minute, self.attempts) < 1 or self.timeout <= 0:
            raise ConfigError(f"{self}: expected positive numbers for requests, attempts and timeout. Correct them.")


class TransientError(Exception):
    """A request failed in a way that may pass."""

    def __init__(
        self, reason: str, *, retry_after: float = 0.0, progressed: bool = False, unreachable: bool = False
    ) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.progressed = progressed
        self.unreachable = unreachable


class RefusedError(LabelError):
    """A service answered that the request itself is wrong; asking again would not help."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Answer:
    """A complete response."""

    headers: Message
    body: bytes


class Web:
    """Sends GET requests at the pace of a service and repeats those that may yet succeed."""

    def __init__(
        self,
        pace: Pace | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.pace = pace or Pace()
        self._sleep = sleep
        self._now = now
        self._sent: deque[float] = deque(maxlen=self.pace.requests_a_minute)

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Return the complete response to a GET request.

        Raises RefusedError when the service refuses it, LabelError when it stays out of reach.
        """

        def once() -> Answer:
            with self.open(url, {"Accept-Encoding": "gzip", **(headers or {})}) as response:
                body = b"".join(iter(lambda: read_block(response), b""))
                # read(n) ends silently where a body with a Content-Length was cut.
                if response.length:
                    raise TransientError(f"the connection broke off {response.length} bytes before the end")
                return Answer(response.headers, _decoded(body, response.headers))

        return self.patiently(once, url)

    def open(self, url: str, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        """Send one GET request and return the open response, its body unread.

        Raises TransientError or RefusedError when the status is not 200 or 206.
        """
        if urlsplit(url).scheme not in ("http", "https"):
            raise ConfigError(f"{shown(url)}: expected an address that begins with https://. Correct the base address.")
        self._wait_for_turn()
        request = urllib.request.Request(url, headers={"User-Agent": f"drug-llm/{__version__}", **headers})  # noqa: S310
        try:
            response: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=self.pace.timeout)  # noqa: S310
        except urllib.error.HTTPError as error:
            with error:
                raise _status_error(url, error) from error
        except urllib.error.URLError as error:
            raise TransientError(f"no connection ({error.reason})", unreachable=True) from error
        except (OSError, http.client.HTTPException) as error:
            raise TransientError(f"the connection broke off ({error or type(error).__name__})") from error
        return response

    def patiently(self, work: Callable[[], Result], url: str) -> Result:
        """Return what `work()` returns, trying again after a TransientError as long as the pace allows.

        Raises LabelError when every attempt failed or the service asks for too long a wait.
        """
        attempt = 1
        while True:
            try:
                return work()
            except TransientError as error:
                attempt = 1 if error.progressed else attempt
                self._wait_after(error, attempt, url)
                attempt += 1

    def _wait_after(self, error: TransientError, attempt: int, url: str) -> None:
        host = urlsplit(url).netloc
        attempts = min(self.pace.attempts, UNREACHABLE_ATTEMPTS) if error.unreachable else self.pace.attempts
        if error.retry_after > self.pace.longest_retry_after:
            raise LabelError(
                f"{host} asks to wait {error.retry_after:.0f} s ({error}); expected at most "
                f"{self.pace.longest_retry_after:.0f} s. Try again later; an OPENFDA_API_KEY raises the limit."
            ) from error
        if attempt >= attempts:
            raise LabelError(
                f"{shown(url)}: {error}, after {attempt} attempts; expected an answer. Check the network, then run the "
                "same command again: it goes on where it stopped."
            ) from error
        backoff = min(self.pace.longest_wait, self.pace.first_wait * 2 ** (attempt - 1))
        # Half of it at random, so that several clients do not come back at the same moment.
        wait = max(error.retry_after, backoff * _jitter.uniform(0.5, 1.0))
        logger.warning("%s: %s; attempt %d of %d in %.1f s", host, error, attempt + 1, attempts, wait)
        self._sleep(wait)

    def _wait_for_turn(self) -> None:
        if len(self._sent) == self._sent.maxlen and (wait := self._sent[0] + 60.0 - self._now()) > 0:
            self._sleep(wait)
        self._sent.append(self._now())


def read_block(response: http.client.HTTPResponse, size: int = 1 << 18) -> bytes:
    """Return the next bytes of a body, empty at its end; raises TransientError when the connection breaks off."""
    try:
        return response.read(size)
    except (OSError, http.client.HTTPException) as error:
        raise TransientError(f"the connection broke off ({type(error).__name__})") from error


def shown(url: str) -> str:
    """Return an address as messages may show it, without the API key."""
    parts = urlsplit(url)
    query = urlencode([(key, value) for key, value in parse_qsl(parts.query) if key != "api_key"])
    return urlunsplit(parts._replace(query=query))


def _status_error(url: str, error: urllib.error.HTTPError) -> TransientError | RefusedError:
    if error.code in TRANSIENT:
        return TransientError(f"answered {error.code}", retry_after=_retry_after(error.headers))
    remedy = _REMEDIES.get(error.code, "Try again later")
    return RefusedError(f"{shown(url)}: answered {error.code} ({_reason(error)}); expected 200. {remedy}.", error.code)


def _reason(error: urllib.error.HTTPError) -> str:
    """Return what the body of an error says: openFDA sends {"error": {"code": ..., "message": ...}}."""
    try:
        told = json.loads(error.read(4096))["error"]
        return f"{told['code']}: {told['message']}"
    except (ValueError, KeyError, TypeError, OSError, http.client.HTTPException):
        return str(error.reason)


def _retry_after(headers: Message) -> float:
    """Return the seconds of a Retry-After header, given as a number or as a date; 0 without one."""
    value = str(headers.get("Retry-After", "")).strip()
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(timezone.utc)).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def _decoded(body: bytes, headers: Message) -> bytes:
    if headers.get("Content-Encoding", "").lower() != "gzip":
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError) as error:
        raise TransientError(f"the compressed body is damaged ({error})") from error
