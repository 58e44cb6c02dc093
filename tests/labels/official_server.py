"""A local server that behaves like openFDA and DailyMed, with their faults on demand."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import threading
import zipfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

SET_ID = "27ccb2f4-abf8-4825-9b05-0bb367b4ac07"
SPL = f'<?xml version="1.0"?><document><setId root="{SET_ID.upper()}"/><title>Tëst</title></document>\n'


def label(number: int, name: str = "lisinopril") -> dict:
    return {"id": f"id-{number}", "set_id": f"set-{number}", "openfda": {"generic_name": [name]}, "version": "1"}


def zip_bytes(name: str, size: int = 60_000) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, (name * (size // len(name) + 1))[:size])
    return stream.getvalue()


class Official:
    """What the server has, what it does wrong next, and what it saw."""

    def __init__(self) -> None:
        self.labels = [label(number) for number in range(7)]
        self.files: dict[str, bytes] = {}
        self.etags: dict[str, str] = {}
        """ETag by file where it is not the MD5."""
        self.ignores_if_range = False
        self.export_date = "2026-01-05"
        self.last_updated = "2026-01-06"
        self.faults: deque = deque()
        """(status, headers) to answer, or a number of bytes of body after which to cut the connection."""
        self.before: list = []
        """Functions called with the request's number before it is answered."""
        self.seen: list[tuple[str, dict[str, str], dict[str, str]]] = []
        """Path, query and headers of each request."""
        self.url = ""

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.seen]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    official: Official

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        official, split = self.official, urlsplit(self.path)
        path, query = unquote(split.path), {key: values[0] for key, values in parse_qs(split.query).items()}
        official.seen.append((path, query, dict(self.headers.items())))
        for change in official.before:
            change(len(official.seen))
        fault = official.faults.popleft() if official.faults else None
        if isinstance(fault, tuple):
            self.send(fault[0], b"busy", fault[1])
            return
        self.cut = fault
        if path == "/drug/label.json":
            self.send_labels(query)
        elif path == "/download.json":
            self.send_manifest()
        elif path.startswith("/files/") and path.removeprefix("/files/") in official.files:
            self.send_file(path.removeprefix("/files/"))
        elif path == f"/dailymed/spls/{SET_ID}.xml":
            self.send(200, SPL.encode(), {"Content-Type": "application/xml"})
        else:
            self.send_problem(404, "NOT_FOUND", "No matches found!")

    def send_labels(self, query: dict[str, str]) -> None:
        if query.get("api_key") == "wrong":
            return self.send_problem(403, "API_KEY_INVALID", "An invalid api_key was supplied.")
        if "[" in query.get("search", ""):
            return self.send_problem(400, "BAD_REQUEST", "Could not parse the search.")
        if int(query.get("limit", 1)) > 1000 or "skip" in query:
            return self.send_problem(400, "BAD_REQUEST", "Wrong limit, or skip with search_after.")
        search = query["search"].lower()
        found = [entry for entry in self.official.labels if entry["openfda"]["generic_name"][0] in search]
        if not found:
            return self.send_problem(404, "NOT_FOUND", "No matches found!")
        start, size = int(query.get("search_after", "0=0").split("=")[1]), int(query["limit"])
        headers = {"Content-Type": "application/json"}
        if start + size < len(found):
            # The real service repeats the query, adds skip=0, and always names its public address.
            after = urlencode({**query, "skip": 0, "search_after": f"0={start + size}"})
            headers["Link"] = f'<https://api.fda.gov/drug/label.json?{after}>; rel="next"'
        results = {"skip": 0, "limit": size, "total": len(found)}
        meta = {"last_updated": self.official.last_updated, "results": results}
        body = json.dumps({"meta": meta, "results": found[start : start + size]}).encode()
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        return self.send(200, body, headers)

    def send_manifest(self) -> None:
        parts = [
            {"file": f"{self.official.url}/files/{name}", "size_mb": f"{len(content) / 1e6:.2f}", "records": 1}
            for name, content in self.official.files.items()
        ]
        export = {"export_date": self.official.export_date, "total_records": len(parts), "partitions": parts}
        self.send(200, json.dumps({"results": {"drug": {"label": export}}}).encode(), {})

    def send_file(self, name: str) -> None:
        content = self.official.files[name]
        etag = self.official.etags.get(name, f'"{hashlib.md5(content).hexdigest()}"')
        headers, wanted = {"ETag": etag, "Accept-Ranges": "bytes"}, self.headers.get("Range", "")
        if self.headers.get("If-None-Match") == etag:
            return self.send(304, b"", headers)
        stale = self.headers.get("If-Range", etag) != etag and not self.official.ignores_if_range
        if not wanted or stale:
            return self.send(200, content, headers)
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        if start >= len(content):
            return self.send(416, b"", {"Content-Range": f"bytes */{len(content)}"})
        headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return self.send(206, content[start:], headers)

    def send_problem(self, status: int, code: str, message: str) -> None:
        self.send(status, json.dumps({"error": {"code": code, "message": message}}).encode(), {})

    def send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(key, value)
        self.end_headers()
        cut = getattr(self, "cut", None)
        self.wfile.write(body if cut is None else body[:cut])
        self.close_connection = self.close_connection or cut is not None


@contextmanager
def running(official: Official) -> Iterator[str]:
    """Serve on a free local port and yield the address."""
    handler = type("OfficialHandler", (Handler,), {"official": official})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    official.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield official.url
    finally:
        server.shutdown()
        server.server_close()
