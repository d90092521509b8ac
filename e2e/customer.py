"""Web sites that embed the banner, and the trackers on them: one small server under many names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

WWW = "www.ala.localhost"
CONNECT = "connect.ala.localhost"
FOREIGN = "localhost"
TRACKERS = "trackers.localhost"

PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>A library</title>{head}</head>
<body>{body}</body></html>"""
WORDS = "<main><h1>A library</h1><p>Books for everyone.</p></main>"


@dataclass
class Answer:
    """What an address answers. While `held`, it does not."""

    body: str
    headers: Mapping[str, str]
    held: Event = field(default_factory=Event)


class CustomerSite:
    """Serves what a test has put there, whatever the host name, and keeps what was asked for."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.requests: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def origins(self) -> list[str]:
        return [f"http://{host}:{self.port}" for host in (WWW, CONNECT, FOREIGN)]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        customer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host = self.headers.get("Host", "").split(":")[0]
                customer.requests.append(host + self.path)
                answer = customer.answers.get(self.path.partition("?")[0])
                if answer is None:
                    self.send_error(404)
                    return
                if not answer.held.wait(30):
                    return
                body = answer.body.encode()
                self.send_response(200)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except ConnectionError:
                    # The page that asked is gone.
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

        return Handler

    def address(self, path: str = "/", host: str = WWW) -> str:
        return f"http://{host}:{self.port}{path}"

    def put(self, path: str, body: str, content_type: str = "text/html", **headers: str) -> Answer:
        """Answers `path` on every host from now on. Header names with `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {"Content-Type": f"{content_type}; charset=utf-8", "Cache-Control": "no-store", **named}
        answer = self.answers[path] = Answer(body, kept)
        answer.held.set()
        return answer

    def page(self, *, path: str = "/", lang: str = "en", head: str = "", body: str = WORDS, **headers: str) -> None:
        self.put(path, PAGE.format(lang=lang, head=head, body=body), **headers)

    def tracker(self, name: str, script: str = "") -> str:
        """Puts a script on the trackers' host that notes its name in the page; its address."""
        self.put(f"/{name}.js", noting(name) + script, "text/javascript")
        return self.address(f"/{name}.js", TRACKERS)

    @property
    def tracked(self) -> list[str]:
        """What the trackers' host was asked for."""
        return [address.removeprefix(TRACKERS) for address in self.requests if address.startswith(TRACKERS)]

    def reset(self) -> None:
        """Lets go whoever still waits, and forgets everything."""
        for answer in self.answers.values():
            answer.held.set()
        self.answers.clear()
        self.requests.clear()

    def close(self) -> None:
        self.reset()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def noting(name: str) -> str:
    """Code that adds a name to the `data-ran` of the page."""
    return f"document.documentElement.dataset.ran = `${{document.documentElement.dataset.ran || ''}} {name}`.trim();"


def gated(address: str, category: str, provider: str = "", attributes: str = "") -> str:
    """A script tag that waits for its category."""
    of = f' data-provider="{provider}"' if provider else ""
    return f'<script type="text/plain" data-category="{category}"{of} data-src="{address}"{attributes}></script>'


def gated_inline(code: str, category: str, provider: str = "", attributes: str = "") -> str:
    of = f' data-provider="{provider}"' if provider else ""
    return f'<script type="text/plain" data-category="{category}"{of}{attributes}>{code}</script>'
