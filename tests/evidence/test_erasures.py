"""What an erasure leaves in the log: a leaf that says nothing, and one leaf a day that accounts for it."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from consent_server.consent import erasure
from consent_server.consent.cookies import read_visitor
from consent_server.consent.models import ConsentEvent
from consent_server.evidence import erasures, sealing, service
from consent_server.evidence.commitment import commit
from consent_server.evidence.erasure_models import ErasedLeaf, ErasureDay
from consent_server.evidence.models import LogQueue
from consent_server.extensions import db
from tests.consent.test_visitor import visitor_cookie
from tests.evidence.sealed import leaves_of, seal, size
from tests.factories import everything, post, rows


@pytest.fixture
def erase(app):
    """Erases whoever proves to be the visitor by a cookie's value."""

    def run(value):
        with app.app_context():
            return erasure.erase(read_visitor([value]))

    return run


@pytest.fixture
def visit(app, decision):
    """A new visitor who decides so many times; the cookie, and the rows of the events."""

    def run(decisions=1):
        browser = app.test_client()
        found = visitor_cookie(post(browser, decision()))
        for _ in range(decisions - 1):
            post(browser, decision())
        mine = [row for row in rows(app, ConsentEvent) if str(row["visitor_id"]) == found["id"]]
        return f"{found['id']}.{found['secret']}", mine

    return run


def close_days(app):
    with app.app_context(), sealing.writing() as connection:
        return erasures.close_days(connection)


def erased_leaves(app):
    return {row["index"]: (row["day"], row["ground"]) for row in rows(app, ErasedLeaf)}


def days(app):
    with app.app_context():
        return list(service.erasure_days())


def test_a_sealed_leaf_stays_and_says_nothing(app, visit, erase, clock):
    cookie, _ = visit(2)
    other, _ = visit()
    seal(app)
    before = leaves_of(app, "consent/1")
    erase(cookie)
    first, second, third = before
    after = leaves_of(app, "consent/1")
    assert after == before | {first: after[first], second: after[second]}
    assert after[first] == before[first] | {"event_id": None}
    assert after[second] == before[second] | {"event_id": None}
    today = clock.now().date()
    assert erased_leaves(app) == {first: (today, "visitor"), second: (today, "visitor")}
    erase(other)
    assert third in erased_leaves(app)


def test_what_is_erased_before_it_is_sealed_is_noted_when_it_is_sealed(app, visit, erase, clock):
    cookie, _ = visit()
    erase(cookie)
    [waiting] = [row for row in rows(app, LogQueue) if row["type"] == "consent/1"]
    assert (waiting["event_id"], waiting["ground"]) == (None, "visitor")
    assert erased_leaves(app) == {}
    clock.advance(days=1)
    seal(app)
    [(index, leaf)] = leaves_of(app, "consent/1").items()
    assert leaf["event_id"] is None
    assert erased_leaves(app) == {index: (clock.now().date(), "visitor")}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_no_number_of_a_row_keeps_the_order_of_erasures(app, visit, erase):
    """Otherwise what was erased together would stand together for ever."""
    cookies = [visit()[0] for _ in range(3)]
    seal(app)
    for cookie in reversed(cookies):
        erase(cookie)
    with app.app_context(), db.engine.connect() as connection:
        found = connection.execute(text('SELECT rowid, "index" FROM erased_leaf')).all()
    assert len(found) == 3
    assert [number for number, _ in found] == [index for _, index in found]


@pytest.mark.parametrize("sealed", [True, False])
def test_nothing_in_the_database_leads_from_the_visitor_to_a_leaf(app, visit, erase, sealed, clock):
    cookie, events = visit(2)
    if sealed:
        seal(app)
    erase(cookie)
    seal(app)
    clock.advance(days=1)
    close_days(app)
    seal(app)
    identifier, secret = cookie.split(".")
    traces = [identifier, identifier.replace("-", ""), secret]
    for event in events:
        traces += [str(event["event_id"]), event["event_id"].hex, event["nonce"].hex(), event["digest"].hex()]
    for table, found in everything_readable(app).items():
        for row in found:
            assert not [trace for trace in traces if trace in row], (table, row)


def everything_readable(app):
    """Every row of every table that there is, models or not, with bytes as hexadecimal."""

    def readable(value):
        return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)

    with app.app_context(), db.engine.connect() as connection:
        return {
            table: [" ".join(map(readable, row)) for row in connection.execute(text(f"SELECT * FROM {table}"))]
            for table in everything(app)
        }


def test_one_leaf_a_day_accounts_for_the_days_erasures(app, visit, erase, clock):
    clock.set(datetime(2026, 11, 22, 12, tzinfo=UTC))
    cookies = [visit(2)[0] for _ in range(3)]
    seal(app)
    indexes = list(leaves_of(app, "consent/1"))
    erase(cookies[2])
    erase(cookies[0])
    clock.advance(days=2)
    erase(cookies[1])

    assert close_days(app) == 1
    assert close_days(app) == 0
    seal(app)
    [leaf] = leaves_of(app, "erasure/1").values()
    first, second = days(app)
    assert first.record == {
        "counts": {"request": "0", "retention": "0", "visitor": "4"},
        "day": "2026-11-22",
        "indexes": [str(index) for index in sorted(indexes[:2] + indexes[4:])],
    }
    assert leaf["hash"] == first.hash == commit("erasure", first.nonce, first.record)
    # The day is not over: its erasures are told, and committed to later.
    assert second.record["indexes"] == [str(index) for index in indexes[2:4]]
    assert (second.record["day"], second.nonce, second.hash) == ("2026-11-24", None, None)
    clock.advance(days=1)
    assert close_days(app) == 1


def test_nothing_waits_for_a_day_without_erasures(app, visit, clock):
    visit()
    seal(app)
    clock.advance(days=3)
    assert close_days(app) == 0
    assert rows(app, ErasureDay) == []


def test_an_erasure_that_comes_too_late_for_its_day_is_in_the_next_days_leaf(app, visit, erase, clock):
    """The clock of another server is behind, and the day's leaf is made."""
    cookies = [visit()[0], visit()[0]]
    seal(app)
    today = clock.now().date()
    erase(cookies[0])
    clock.advance(days=1)
    assert close_days(app) == 1
    clock.advance(days=-1)
    erase(cookies[1])
    assert sorted(day for day, _ in erased_leaves(app).values()) == [today, today + timedelta(days=1)]


def test_two_who_close_a_day_at_once_make_one_leaf(app, visit, erase, clock):
    cookie, _ = visit()
    seal(app)
    erase(cookie)
    clock.advance(days=1)
    threads = [threading.Thread(target=close_days, args=(app,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows(app, ErasureDay)) == 1
    assert len([row for row in rows(app, LogQueue) if row["type"] == "erasure/1"]) == 1


def beside(act):
    """Runs an act beside what happens next; it may have to wait for that to end."""
    thread = threading.Thread(target=act)
    thread.start()
    thread.join(0.5)
    return thread


def test_an_erasure_while_its_leaf_is_being_sealed(app, visit, erase, monkeypatch):
    cookie, _ = visit(2)
    threads = []
    extend = sealing.extend

    def extend_beside(*arguments):
        threads.append(beside(lambda: erase(cookie)))
        extend(*arguments)

    monkeypatch.setattr(sealing, "extend", extend_beside)
    seal(app)
    threads[0].join()
    assert_untied(app)


def test_sealing_while_an_erasure_is_under_way(app, visit, erase, monkeypatch):
    cookie, _ = visit(2)
    threads = []
    cut_ties = erasures.cut_ties

    def cut_beside(*arguments):
        cut_ties(*arguments)
        threads.append(beside(lambda: seal(app)))

    monkeypatch.setattr(erasures, "cut_ties", cut_beside)
    erase(cookie)
    threads[0].join()
    assert_untied(app)


def assert_untied(app):
    """Each of two leaves is in the tree, with no event, and accounted for."""
    leaves = leaves_of(app, "consent/1")
    assert {leaf["event_id"] for leaf in leaves.values()} == {None}
    assert set(erased_leaves(app)) == set(leaves)
    assert len(leaves) == 2
    assert rows(app, LogQueue) == []
    assert size(app) > max(leaves)


def test_what_is_not_on_record_is_not_noted(app, visit):
    visit()
    seal(app)
    with app.app_context():
        service.forget([uuid.uuid4()], "request")
        db.session.commit()
    assert erased_leaves(app) == {}
