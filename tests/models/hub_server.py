"""A local server that speaks as much of the Hub's protocol as downloading a model takes."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlparse

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """What the server has and what it saw."""

    def __init__(self, models: dict[str, Path]) -> None:
        self.models = models
        self.requests: list[tuple[str, str, str]] = []
        """Method, path and Range header of every request."""
        self.cut_after: dict[str, int] = {}
        """Bytes after which the next download of a file breaks off, once, by file name."""
        self.silent = False
        """Accept connections but never answer."""
        self.quit = threading.Event()


@contextmanager
def running(hub: Hub) -> Iterator[str]:
    """Serve on a free local port and yield the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self.answer(body=False)

        def do_GET(self) -> None:
            self.answer(body=True)

        def answer(self, *, body: bool) -> None:
            path = unquote(urlparse(self.path).path)
            hub.requests.append((self.command, path, self.headers.get("Range", "")))
            if hub.silent:
                hub.quit.wait(30)
                return
            name = next((name for name in hub.models if name in path), None)
            if name is None:
                self.send(404, b'{"error":"Repository not found"}', {"X-Error-Code": "RepoNotFound"}, body)
            elif path.startswith("/api/models/"):
                self.send_listing(name, path, body)
            else:
                self.send_file(name, path.rsplit("/", 1)[1], body)

        def send_listing(self, name: str, path: str, body: bool) -> None:
            files = sorted(file for file in hub.models[name].iterdir())
            if "/tree/" in path:
                listing: object = [
                    {"type": "file", "path": f.name, "size": f.stat().st_size, "oid": git_id(f)} for f in files
                ]
            else:
                listing = {
                    "id": name,
                    "modelId": name,
                    "sha": COMMIT,
                    "private": False,
                    "gated": False,
                    "disabled": False,
                    "tags": [],
                    "downloads": 0,
                    "likes": 0,
                    "siblings": [{"rfilename": f.name} for f in files],
                }
            self.send(200, json.dumps(listing).encode(), {"Content-Type": "application/json"}, body)

        def send_file(self, name: str, file: str, body: bool) -> None:
            path = hub.models[name] / file
            if not path.is_file():
                self.send(404, b"", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT}, body)
                return
            content, status = path.read_bytes(), 200
            headers = {"ETag": f'"{git_id(path)}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
            wanted = self.headers.get("Range", "")
            if wanted.startswith("bytes=") and body:
                start, _, end = wanted.removeprefix("bytes=").partition("-")
                status, total = 206, len(content)
                content = content[int(start) : int(end) + 1 if end else None]
                headers["Content-Range"] = f"bytes {start}-{int(start) + len(content) - 1}/{total}"
            if body and file in hub.cut_after:
                self.send_start(status, len(content), headers)
                self.wfile.write(content[: hub.cut_after.pop(file)])
                self.close_connection = True
                return
            self.send(status, content, headers, body)

        def send_start(self, status: int, length: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for key, value in (headers | {"Content-Length": str(length)}).items():
                self.send_header(key, value)
            self.end_headers()

        def send(self, status: int, content: bytes, headers: dict[str, str], body: bool) -> None:
            self.send_start(status, len(content), headers)
            if body:
                self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        hub.quit.set()
        server.shutdown()
        server.server_close()


def git_id(path: Path) -> str:
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
