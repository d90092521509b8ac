"""SQLite's write-ahead log: what was erased leaves it, whoever reads meanwhile, and nobody waits for that."""

import threading
import time
import uuid

import pytest
from sqlalchemy import text

from consent_server import sequencing
from consent_server.consent import erasure, write_ahead
from consent_server.consent.cookies import read_visitor
from consent_server.extensions import db
from tests.consent.test_visitor import visitor_cookie
from tests.factories import post

ENGINES = ("sqlite",)
PAGE = "https://www.ala.org/conferencesevents/2026"


@pytest.fixture
def visitor(app, decision):
    """A visitor's cookie, after one decision."""
    cookie = visitor_cookie(post(app.test_client(), decision(page=PAGE)))
    return f"{cookie['id']}.{cookie['secret']}"


@pytest.fixture
def reader(app, visitor):
    """Reads a snapshot of when the visitor was there, until it is called."""
    with app.app_context(), db.engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM consent_event")).scalar()
        yield connection.close


def erase(app, cookie):
    began = time.monotonic()
    with app.app_context():
        erasure.erase(read_visitor([cookie]))
    return time.monotonic() - began


def held(app, cookie):
    """Whether any file of the database has the visitor's id."""
    with app.app_context():
        files = [f"{db.engine.url.database}{ending}" for ending in ("", "-wal")]
    mine = uuid.UUID(cookie[:36])
    found = b""
    for file in files:
        with open(file, "rb") as content:
            found += content.read()
    return mine.bytes in found or mine.hex.encode() in found


def test_what_was_erased_is_in_no_file(app, visitor):
    assert held(app, visitor)
    erase(app, visitor)
    assert not held(app, visitor)


def test_a_reader_holds_up_nobody(app, visitor, reader, decision):
    took = []

    def write():
        began = time.monotonic()
        assert post(app.test_client(), decision()).status_code == 201
        took.append(time.monotonic() - began)

    writing = threading.Thread(target=write)
    erasing = erase(app, visitor)
    writing.start()
    with app.app_context():
        assert not write_ahead.empty()
    writing.join()
    assert erasing < 2
    assert took[0] < 2
    assert held(app, visitor)
    reader()
    with app.app_context():
        assert write_ahead.empty()
    assert not held(app, visitor)


def test_the_server_tries_again(app, visitor, reader, monkeypatch):
    monkeypatch.setattr(write_ahead, "AGAIN_SECONDS", 0.05)
    erase(app, visitor)
    stop = threading.Event()
    sequencing.start(app, stop)
    begun = [thread for thread in threading.enumerate() if thread.name in ("sequencer", "write-ahead")]
    try:
        time.sleep(0.2)
        assert held(app, visitor)
        reader()
        for _ in range(100):
            if not held(app, visitor):
                break
            time.sleep(0.05)
        assert not held(app, visitor)
    finally:
        stop.set()
        for thread in begun:
            thread.join(10)
    assert not any(thread.is_alive() for thread in begun)
