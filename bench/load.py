"""The load: requests on kept-alive connections from one thread, as cheap as Python allows, in its own process."""

import gc
import re
import selectors
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from bench.decisions import Terms, requests

MOST_PER_SECOND = 5000
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
VISITOR = re.compile(rb"\r\nset-cookie: *(__Host-visitor=[^;]+)", re.IGNORECASE)
SILENCE_SECONDS = 30


class WrongAnswer(Exception):
    """Something other than what counts as success came back."""


@dataclass
class Connection:
    """A connection with one request under way."""

    socket: socket.socket
    sent_at: float = 0.0
    received: bytes = b""

    def send(self, request: bytes) -> None:
        self.received = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Reads what is there; whether the answer is whole."""
        data = self.socket.recv(262_144)
        if not data:
            raise WrongAnswer(f"The connection was closed after {self.received[:200]!r}.")
        self.received = self.received + data if self.received else data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return False
        length = LENGTH.search(head)
        return length is None or len(body) >= int(length[1])


@dataclass
class Run:
    """Answers: the seconds each took, and all together; the cookies that came with them."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)

    def note(self, connection: Connection, status_line: bytes, now: float) -> None:
        """One whole answer; raises WrongAnswer where it is not what was expected."""
        self.latencies.append(now - connection.sent_at)
        if not connection.received.startswith(status_line):
            raise WrongAnswer(repr(connection.received[:1000]))
        if cookie := VISITOR.search(connection.received):
            self.cookies.append(cookie[1].decode())


def drive(port: int, connections: int, seconds: float, made: Iterator[bytes], expected: int) -> Run:
    """Keeps `connections` requests under way until the time or the requests are over.

    Raises WrongAnswer at the first answer whose status is not `expected`.
    """
    run = Run()
    status_line = b"HTTP/1.1 %d " % expected
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        started = time.perf_counter()
        for _ in range(connections):
            opened = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(opened)
            selector.register(opened, selectors.EVENT_READ, connection)
            connection.send(next(made))
        while connections:
            for connection in _ready(selector):
                if not connection.receive():
                    continue
                now = time.perf_counter()
                run.note(connection, status_line, now)
                request = next(made, None) if now - started < seconds else None
                if request is None:
                    connections -= 1
                else:
                    connection.send(request)
        run.seconds = time.perf_counter() - started
    return run


def _ready(selector: selectors.BaseSelector) -> list[Connection]:
    ready = [key.data for key, _ in selector.select(SILENCE_SECONDS)]
    if not ready:
        raise WrongAnswer(f"No answer for {SILENCE_SECONDS} seconds.")
    return ready


def decide(port: int, connections: int, seconds: float, terms: Terms, seed: int, cookies: tuple[str, ...]) -> Run:
    """A run of decisions; to be called in a process of its own."""
    made = list(requests(terms, int(MOST_PER_SECOND * seconds), seed=seed, cookies=cookies))
    gc.freeze()
    return drive(port, connections, seconds, iter(made), 201)


def invent_cookies(count: int) -> list[str]:
    """Cookies of the right shape, for a server that gives none."""
    return [f"__Host-visitor={uuid.uuid4()}.{'x' * 43}" for _ in range(count)]


def fetch(port: int, connections: int, seconds: float, path: str, headers: dict[str, str], expected: int) -> Run:
    """A run of one GET, over and over."""
    lines = [f"GET {path} HTTP/1.1", "Host: privacy.ala.org", *(f"{name}: {value}" for name, value in headers.items())]
    request = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return drive(port, connections, seconds, iter(lambda: request, None), expected)
