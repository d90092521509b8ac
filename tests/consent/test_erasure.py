"""Erasing a visitor: everything goes but a hash of each event's id, so that nothing of it comes back."""

import errno
import hashlib
import os
import threading
import uuid
from datetime import datetime

import pytest

from consent_server.consent import erasure, erasure_journal
from consent_server.consent.cookies import read_visitor
from consent_server.consent.models import ConsentCurrent, ConsentEvent, ErasedEvent, Visitor
from consent_server.errors import NotFound
from consent_server.evidence.models import LogQueue
from tests.consent.test_refused import assert_problem, assert_readable
from tests.consent.test_visitor import visitor_cookie
from tests.factories import everything, post, rows

EVERYTHING = ("functional", "analytics", "marketing")


@pytest.fixture
def erase(app):
    """Erases whoever proves to be the visitor by a cookie's value; returns the number of events."""

    def run(value):
        with app.app_context():
            return erasure.erase(read_visitor([value]))

    return run


@pytest.fixture
def decided(client, decision):
    """Two decisions of one visitor: their bodies, and the visitor's cookie."""
    bodies = [decision(allow=EVERYTHING), decision(action="withdraw")]
    cookie = visitor_cookie(post(client, bodies[0]))
    post(client, bodies[1])
    return bodies, f"{cookie['id']}.{cookie['secret']}"


def hashes_of(bodies):
    return {hashlib.sha256(uuid.UUID(body["event_id"]).bytes).digest() for body in bodies}


def consent_leaves(app):
    return [leaf for leaf in rows(app, LogQueue) if leaf["type"] == "consent/1"]


def test_everything_goes_but_a_hash_of_each_events_id(app, decided, erase):
    bodies, cookie = decided
    leaves = [bytes(leaf["hash"]) for leaf in consent_leaves(app)]
    assert erase(cookie) == 2
    assert rows(app, ConsentEvent) == rows(app, Visitor) == rows(app, ConsentCurrent) == []
    assert {bytes(row["hash"]) for row in rows(app, ErasedEvent)} == hashes_of(bodies)
    # The commitments stay, tied to nobody: without the row and its nonce they say nothing.
    assert [bytes(leaf["hash"]) for leaf in consent_leaves(app)] == leaves
    assert [leaf["event_id"] for leaf in consent_leaves(app)] == [None, None]


def test_a_journal_outside_the_database_remembers_it(app, settings, decided, erase, clock):
    bodies, cookie = decided
    erase(cookie)
    journal = settings.data_dir / "erasures.journal"
    # Finer times, or the order of the decisions, would tell for ever which of them were one visitor's.
    hour = f"{clock.now():%Y-%m-%dT%H}:00:00.000Z"
    assert journal.read_text().splitlines() == [
        f"{hour} {digest.hex()} visitor" for digest in sorted(hashes_of(bodies))
    ]
    assert {row["erased_at"] for row in rows(app, ErasedEvent)} == {datetime.fromisoformat(hour)}
    assert journal.stat().st_mode & 0o077 == 0


def test_a_late_retry_of_an_erased_event_is_gone(app, client, bare_client, decided, erase):
    bodies, cookie = decided
    erase(cookie)
    before = everything(app)
    for body in bodies:
        for sender in (client, bare_client):
            response = post(sender, body)
            assert_problem(response, 410, "erased")
            assert_readable(response)
    assert_problem(post(client, bodies[0] | {"page": None}), 410, "erased")
    assert everything(app) == before


def test_the_erased_cookie_opens_nothing_and_the_next_decision_is_a_strangers(app, client, decided, erase, decision):
    _, cookie = decided
    erase(cookie)
    with pytest.raises(NotFound):
        erase(cookie)
    fresh = visitor_cookie(post(client, decision()))
    assert fresh["id"] != cookie[:36]
    assert [str(row["id"]) for row in rows(app, Visitor)] == [fresh["id"]]


def test_other_visitors_stay_as_they_were(app, decided, erase, decision):
    other = visitor_cookie(post(app.test_client(), decision(allow=("analytics",))))
    kept = [row for row in rows(app, ConsentEvent) if str(row["visitor_id"]) == other["id"]]
    erase(decided[1])
    assert rows(app, ConsentEvent) == kept
    assert [str(row["id"]) for row in rows(app, Visitor)] == [other["id"]]
    assert len([leaf for leaf in consent_leaves(app) if leaf["event_id"]]) == 1


@pytest.mark.parametrize("wrong", ["the secret", "the id"])
def test_a_cookie_that_proves_nothing_erases_nothing(app, settings, decided, erase, wrong):
    identifier, secret = decided[1].split(".")
    before = everything(app)
    with pytest.raises(NotFound):
        erase(f"{identifier}.{'A' * 43}" if wrong == "the secret" else f"{uuid.uuid4()}.{secret}")
    assert everything(app) == before
    assert not (settings.data_dir / "erasures.journal").exists()


def test_the_journal_is_written_whole_or_nothing_is_erased(app, settings, decided, erase, monkeypatch):
    bodies, cookie = decided
    before, write, room = everything(app), os.write, [30]

    def fill(descriptor, data):
        # As a disk does that is about to be full.
        if not room:
            raise OSError(errno.ENOSPC, "full")
        return write(descriptor, data[: room.pop()])

    monkeypatch.setattr(erasure_journal.os, "write", fill)
    with pytest.raises(OSError):
        erase(cookie)
    assert everything(app) == before
    room[:] = [1_000, 7, 50]
    assert erase(cookie) == 2
    with app.app_context():
        assert {line.hash for line in erasure_journal.lines()} == hashes_of(bodies)


def test_the_hashes_are_kept_as_long_as_a_retry_may_come(app, client, decided, erase, decision, clock):
    bodies, cookie = decided
    clock.set(clock.now().replace(minute=59, second=59))
    erase(cookie)
    for days, forgotten in ((7.999, False), (0.2, True)):
        clock.advance(days=days)
        another = visitor_cookie(post(app.test_client(), decision()))
        erase(f"{another['id']}.{another['secret']}")
        kept = {bytes(row["hash"]) for row in rows(app, ErasedEvent)}
        assert (not kept & hashes_of(bodies)) == forgotten
    # By now the event's own time is too long ago for it to be recorded.
    assert_problem(post(client, bodies[0]), 422, "clock")


def test_a_decision_that_arrives_during_an_erasure_is_not_half_erased(app, decided, erase, decision, monkeypatch):
    """It is erased with the rest, or it belongs to a new visitor; no id of it stays behind in the queue."""
    late = decision()
    client = app.test_client(use_cookies=False)
    sending = threading.Thread(target=lambda: post(client, late, Cookie=f"__Host-visitor={decided[1]}"))
    forget = erasure.evidence.forget

    def forget_meanwhile(event_ids, ground):
        # If it has to wait for the erasure to end, it does so beside it.
        sending.start()
        sending.join(0.5)
        forget(event_ids, ground)

    monkeypatch.setattr(erasure.evidence, "forget", forget_meanwhile)
    erase(decided[1])
    sending.join()
    present = {row["event_id"] for row in rows(app, ConsentEvent)}
    assert {leaf["event_id"] for leaf in consent_leaves(app)} - {None} == present
    assert decided[1][:36] not in {str(row["visitor_id"]) for row in rows(app, ConsentEvent)}
    erased = {bytes(row["hash"]) for row in rows(app, ErasedEvent)}
    assert present or hashes_of([late]) <= erased
