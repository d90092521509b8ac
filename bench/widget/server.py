"""The page's, the peers' and the trackers' hosts: one small server on loopback, told apart by name."""

import gzip
import mimetypes
from collections.abc import Mapping
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from bench.widget.builds import NPM, OWN
from bench.widget.contestants import ASSETS, TRACKERS, WWW

# As a content delivery network would: a returning visitor has them.
KEPT = {"Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*"}
FRESH = {"Cache-Control": "no-store"}


@cache
def compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 9)


class PageServer:
    """Serves the pages put on it, the peers' files compressed, and trackers; keeps which trackers were asked for."""

    def __init__(self, built: Path) -> None:
        self.pages: dict[str, str] = {}
        self.tracked: list[str] = []
        self.folders = {"npm": NPM, "own": OWN, "built": built}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, self))
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self.origin = f"http://{WWW}:{self.port}"
        self.trackers = f"http://{TRACKERS}:{self.port}/trackers"
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def addresses(self) -> dict[str, str]:
        """Where the folders of files are."""
        return {name: f"http://{ASSETS}:{self.port}/{name}" for name in self.folders}

    def file(self, path: str) -> Path | None:
        name, _, rest = path.lstrip("/").partition("/")
        folder = self.folders.get(name)
        found = (folder / rest).resolve() if folder else None
        return found if folder and found and found.is_file() and found.is_relative_to(folder.resolve()) else None

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave together: otherwise the second waits for the first to be acknowledged.
    wbufsize = -1
    disable_nagle_algorithm = True

    def __init__(self, served: PageServer, *connection: Any) -> None:
        self.served = served
        super().__init__(*connection)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/trackers/"):
            self.served.tracked.append(path.removeprefix("/trackers/"))
            self.answer(b"", "text/javascript", FRESH)
        elif path in self.served.pages:
            self.answer(self.served.pages[path].encode(), "text/html; charset=utf-8", FRESH)
        elif file := self.served.file(path):
            kind = mimetypes.guess_type(file)[0] or "application/octet-stream"
            self.answer(compressed(file), kind, {**KEPT, "Content-Encoding": "gzip"})
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        """Takes the floor's beacon."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(b"", "text/plain", FRESH)

    def answer(self, body: bytes, kind: str, headers: Mapping[str, str]) -> None:
        self.send_response(200)
        for name, value in {**headers, "Content-Type": kind, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""
