"""Those outside who keep checkpoints: servers for tests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Listener(BaseHTTPRequestHandler):
    """Keeps what is posted to it in `server.posted`, and gives the answers of `server.answers` in turn: status and
    body; the last one again and again."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((self.path, self.headers["Content-Type"], body.decode()))
        answers = self.server.answers
        status, answer = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        if status in (302, 307):
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_args: object) -> None:
        pass


class Dripping(Listener):
    """Never silent for long, and never done, with what `server.drips` says, until `server.over` is set."""

    def do_POST(self) -> None:
        for _ in range(200):
            self.wfile.write({"status": b"H", "body": b"HTTP/1.1 200 OK\r\n\r\n"}[self.server.drips])
            self.wfile.flush()
            if self.server.over.wait(0.05):
                return


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], **attributes: object) -> Iterator[ThreadingHTTPServer]:
    """A server; its `url` ends without a slash."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        vars(server).update(attributes, url=f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
