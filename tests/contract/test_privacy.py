"""What stays of a visitor: nothing after an erasure, and never an address, a user agent or a query string.

A real server, its own log, its files byte for byte and its tables as text.
"""

import http.client
import ipaddress
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import MetaData, create_engine, select

from tests.factories import FIREFOX, ORIGIN, ROOT, decision_body
from tests.staff.people import AUDITOR, PASSWORD, add_person, issue_token

AGENT = f"{FIREFOX} Reading-Room-Kiosk/47.11"
ADDRESSES = ("203.0.113.77", "2001:db8:1234:5678:9abc:def0:1234:5678")
# What the server is connected from: another address than the one it names when it starts. Linux has all of 127/8.
PROXY = ("127.0.0.77", 0)
PATRON = "sought-by-patron-4711"
EVERYTHING = ("functional", "analytics", "marketing")


class Server:
    """gunicorn as operators run it, behind a proxy that names the client."""

    def __init__(self, folder, database_url):
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self.folder, self.host = folder, f"privacy.ala.localhost:{self.port}"
        self.log = folder / "server.log"
        environment = {
            "PATH": os.environ["PATH"],
            "PORT": str(self.port),
            "DATA_DIR": str(folder),
            "DATABASE_URL": database_url,
            "TRUSTED_PROXIES": "1",
        }
        with self.log.open("wb") as log:
            gunicorn = [sys.executable, "-m", "gunicorn"]
            self.process = subprocess.Popen(gunicorn, cwd=ROOT, env=environment, stdout=log, stderr=log)
        self._wait()

    def _wait(self):
        for _ in range(300):
            assert self.process.poll() is None, self.log.read_text()
            try:
                assert self.ask("GET", "/readyz").status == 200
                return
            except OSError:
                time.sleep(0.1)
        pytest.fail(self.log.read_text())

    def stop(self):
        """Ends the server as an operator does, and waits until it has written all it writes."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=PROXY)
        sent = {"Host": self.host, "User-Agent": AGENT, "X-Forwarded-For": ADDRESSES[0]}
        connection.request(method, path, body, sent | {name.replace("_", "-"): text for name, text in headers.items()})
        response = connection.getresponse()
        response.body = response.read()
        connection.close()
        return response

    def send(self, request):
        """Bytes as they are, and waits until the server has answered or hung up."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30, source_address=PROXY) as connection:
            connection.sendall(request.encode())
            connection.recv(20)


@pytest.fixture
def server(settings, site):
    server = Server(settings.data_dir, settings.database_url)
    yield server
    server.process.kill()
    server.process.wait()


class Visitor:
    """A browser that sends, with everything it does, what must not be kept."""

    def __init__(self, server, notice, address):
        self.server, self.notice, self.address = server, notice, address
        self.cookie, self.id, self.events = "", None, []

    def ask(self, method, path, body=None, **headers):
        return self.server.ask(method, path, body, Cookie=self.cookie, X_Forwarded_For=self.address, **headers)

    def decide(self, **changes):
        body = decision_body(self.notice, page=f"{ORIGIN}/{PATRON}?{PATRON}#{PATRON}", **changes)
        response = self.ask("POST", f"/v1/sites/ala/consents?{PATRON}", json.dumps(body), Origin=ORIGIN,
                            Content_Type="application/json", Referer=f"{ORIGIN}/{PATRON}")  # fmt: skip
        if response.status == 201:
            self.events.append(uuid.UUID(body["event_id"]))
            self._keep_cookie(response)
        return response.status, body

    def repeat(self, body):
        return self.ask("POST", "/v1/sites/ala/consents", json.dumps(body), Origin=ORIGIN,
                        Content_Type="application/json").status  # fmt: skip

    def submit(self, path, **form):
        own = f"http://{self.server.host}"
        response = self.ask("POST", path, urlencode(form), Origin=own,
                            Content_Type="application/x-www-form-urlencoded")  # fmt: skip
        return response.status, response.headers["Location"]

    def _keep_cookie(self, response):
        for value in response.headers.get_all("Set-Cookie") or ():
            found = re.match(r"__Host-visitor=([0-9a-f-]{36})\.[\w-]{43}", value)
            if found:
                self.cookie, self.id = found[0], uuid.UUID(found[1])

    def look_around(self):
        """Every address that sees an id or a query string; and requests that fail."""
        event = self.events[0]
        for path in (
            f"/ala/choices?lang=en&{PATRON}",
            "/ala/choices?history=show",
            "/ala/choices.json",
            "/ala/choices/erase",
            f"/v1/sites/ala/receipts/{event}",
            f"/ala/choices/receipts/{event}",
            "/ala/choices/receipts.zip",
            f"/v1/sites/{self.id}/config",
            f"/{self.id}/{event}?{PATRON}",
            f"/ala/policy?{PATRON}",
        ):
            self.ask("GET", path, Referer=f"{ORIGIN}/{PATRON}")
        self.ask("POST", "/v1/sites/ala/consents", json.dumps({"event_id": str(event)}), Origin=ORIGIN,
                 Content_Type="application/json")  # fmt: skip


def audit(server, app, visitor):
    """An auditor looks at a visitor, on pages and by the API; these reads are themselves recorded."""
    add_person(app)
    bearer = f"Bearer {issue_token(app)}"
    event = visitor.events[0]
    found = server.ask("GET", f"/v1/audit/events?visitor={visitor.id}&event={event}", Authorization=bearer)
    assert len(json.loads(found.body)["events"]) == 1
    form = urlencode({"email": AUDITOR, "password": PASSWORD})
    signed_in = server.ask("POST", "/staff/sign-in", form, Content_Type="application/x-www-form-urlencoded")
    session = signed_in.headers["Set-Cookie"].partition(";")[0]
    for path, status in ((f"events?visitor={visitor.id}", 200), (f"events?visitor={visitor.id}&limit=x", 422),
                         (f"events/{event}", 200), (f"events/{event}/shown", 200)):  # fmt: skip
        assert server.ask("GET", f"/audit/{path}", Cookie=session).status == status


def misspell(server):
    """Requests that gunicorn itself refuses, and says so in its log."""
    for line, headers in (
        (f"GET /ala/choices?{PATRON} HTTP/9.9", f"User-Agent: {AGENT}"),
        (f"GET /{'x' * 5000}?{PATRON} HTTP/1.1", f"User-Agent: {AGENT}"),
        ("GET /ala/choices HTTP/1.1", f"User-Agent : {AGENT}\r\nX-Forwarded-For: {ADDRESSES[0]}"),
        ("POST /v1/sites/ala/consents HTTP/1.1", f"Content-Length: {ADDRESSES[0]}\r\nUser-Agent: {AGENT}"),
    ):
        server.send(f"{line}\r\n{headers}\r\n\r\n")


def spellings(identifier):
    """A UUID as text, as hex and as the 16 bytes themselves."""
    return [str(identifier).encode(), identifier.hex.encode(), identifier.bytes, str(identifier).upper().encode()]


def tables(url):
    """Every value of every table, with the tables that no model names."""
    engine = create_engine(url)
    metadata = MetaData()
    try:
        with engine.connect() as connection:
            metadata.reflect(connection)
            for table in metadata.sorted_tables:
                for row in connection.execute(select(table)):
                    for value in row:
                        yield table.name, value
    finally:
        engine.dispose()


def as_bytes(value):
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    return (json.dumps(value, default=str) if isinstance(value, dict | list) else str(value)).encode()


def written(server, database_url):
    """Everything the run wrote, by place: files of the data folder, the server's log among them, and the database's:
    SQLite's byte for byte, and the columns of either as text."""
    files = {path for path in server.folder.rglob("*") if path.is_file()}
    if database_url.startswith("sqlite"):
        file = Path(database_url.removeprefix("sqlite:///"))
        files |= set(file.parent.glob(f"{file.name}*"))
    found = {path.name: path.read_bytes() for path in files}
    for name, value in tables(database_url):
        found[name] = found.get(name, b"") + as_bytes(value) + b"\n"
    return found


def places(everything, needle):
    """Where a sequence of bytes is found."""
    return sorted(place for place, content in everything.items() if needle in content)


@pytest.mark.filterwarnings("ignore:Did not recognize type:sqlalchemy.exc.SAWarning")
def test_nothing_stays_of_whoever_was_erased_and_nothing_of_addresses_agents_and_queries(server, settings, app, site):
    erased = Visitor(server, site.notices["en"], ADDRESSES[0])
    other = Visitor(server, site.notices["en"], ADDRESSES[1])
    _, first = erased.decide(allow=EVERYTHING)
    for visitor in (other, erased):
        assert visitor.decide(allow=("analytics",))[0] == 201
        assert visitor.decide(action="withdraw")[0] == 201
        visitor.look_around()
    assert len(erased.events) == 3
    audit(server, app, erased)
    misspell(server)

    assert erased.submit("/ala/choices/erase") == (303, "/ala/choices?done=erased")
    assert_gone(erased, written(server, settings.database_url))
    assert erased.repeat(first) == 410
    erased.look_around()
    server.stop()

    everything = written(server, settings.database_url)
    assert b"/v1/sites/<site>/consents" in everything["server.log"], "the log is not where we look"
    found = [place for spelling in spellings(other.id) for place in places(everything, spelling)]
    assert "consent_event" in found, "the search finds nobody at all"
    assert_gone(erased, everything)
    for text in (*ADDRESSES, PROXY[0], AGENT, AGENT[:40], "Reading-Room-Kiosk", PATRON):
        assert places(everything, text.encode()) == [], text
    assert places(everything, ipaddress.ip_address(ADDRESSES[1]).packed) == []


def assert_gone(visitor, everything):
    for identifier in (visitor.id, *visitor.events):
        for spelling in spellings(identifier):
            assert places(everything, spelling) == [], identifier
    assert places(everything, visitor.cookie.partition(".")[2].encode()) == []
