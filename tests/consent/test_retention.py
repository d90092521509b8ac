"""Deleting what was kept for long enough: what is due, what goes with it, and what the log says of it."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import inspect

from consent_server.consent import erasure, partitions, retention
from consent_server.consent.cookies import read_visitor
from consent_server.consent.models import ConsentCurrent, ConsentEvent, RetentionRun, Visitor
from consent_server.errors import NotFound
from consent_server.evidence.models import LogLeaf
from consent_server.extensions import db
from consent_server.staff.models import StaffEvent
from tests.consent.test_visitor import visitor_cookie
from tests.evidence.sealed import leaves_of, mark, members_of, seal
from tests.factories import everything, post, rows
from tests.staff.people import publish_zoo

KEPT = timedelta(days=730)


@pytest.fixture
def started(clock):
    """The first of a month, well before the present one."""
    clock.set(datetime(2024, 1, 1, 12, tzinfo=UTC))
    return clock.now()


@pytest.fixture
def decide(app, decision, started):
    """A decision by a new visitor, at the present; the visitor's id."""

    def run(count=1):
        return [uuid.UUID(visitor_cookie(post(app.test_client(), decision()))["id"]) for _ in range(count)]

    return run


def run(app, site="ala"):
    seen = []
    with app.app_context():
        begun = retention.run(retention.rule_of(site), seen.append)
        return begun.events, sum(seen)


def events_of(app):
    return [row["visitor_id"] for row in rows(app, ConsentEvent)]


def test_what_is_proven_to_be_old_enough_goes(app, decide, clock, started):
    old = decide(3)
    mark(app)
    clock.advance(days=10)
    young = decide(2)
    mark(app)
    clock.set(started + KEPT - timedelta(seconds=1))
    assert run(app) == (0, 0)
    clock.set(started + KEPT + timedelta(seconds=1))
    assert run(app) == (3, 3)
    assert set(events_of(app)) == set(young)
    assert {row["id"] for row in rows(app, Visitor)} == set(young)
    assert {row["visitor_id"] for row in rows(app, ConsentCurrent)} == set(young)
    assert not {row["visitor_id"] for row in rows(app, ConsentEvent)} & set(old)


def test_the_log_names_what_went(app, decide, clock, started):
    decide(2)
    mark(app)
    decide(1)
    mark(app)
    decide(1)
    mark(app)
    indexes = list(leaves_of(app, "consent/1"))
    clock.set(started + KEPT + timedelta(seconds=1))
    run(app)
    [leaf] = members_of(app, "purge/1")
    assert leaf["runs"] == [[str(indexes[0]), str(indexes[1])], [str(indexes[2])] * 2, [str(indexes[3])] * 2]
    assert leaf["rule"] == "ala: decisions are kept for 730 days."
    assert datetime.fromisoformat(leaf["at"]) == clock.now()
    assert {row["event_id"] for row in leaves_of(app, "consent/1").values()} == {None}


def test_what_no_mark_proves_to_be_old_stays(app, decide, clock, started):
    waiting = decide(1)
    clock.set(started + KEPT + timedelta(days=1))
    assert run(app) == (0, 1)
    mark(app)
    assert run(app) == (0, 1)
    assert events_of(app) == waiting
    clock.advance(days=730)
    assert run(app) == (1, 1)


def test_each_run_is_on_record(app, decide, clock, started):
    decide(2)
    mark(app)
    clock.advance(days=1)
    decide(1)
    kept_from = clock.now()
    clock.set(started + KEPT + timedelta(hours=1))
    run(app)
    clock.advance(hours=1)
    run(app)
    first, second = rows(app, RetentionRun)
    assert (first["site"], first["events"], second["events"]) == ("ala", 2, 0)
    assert first["began_at"] == first["ended_at"] == clock.now() - timedelta(hours=1)
    assert first["cutoff"] == started + timedelta(hours=1)
    assert first["oldest_left"] == second["oldest_left"] == kept_from
    acts = [row for row in rows(app, StaffEvent) if row["verb"] == "retention-run"]
    assert [(act["actor"], act["site"], act["detail"]["decisions"]) for act in acts] == [
        ("operator", "ala", "2"),
        ("operator", "ala", "0"),
    ]


def test_a_run_that_was_interrupted_is_taken_up(app, decide, clock, started, monkeypatch):
    monkeypatch.setattr(retention, "PIECE", 2)
    decide(5)
    mark(app)
    clock.set(started + KEPT + timedelta(seconds=1))

    def interrupt(_count):
        raise KeyboardInterrupt

    with app.app_context(), pytest.raises(KeyboardInterrupt):
        retention.run(retention.rule_of("ala"), interrupt)
    with app.app_context():
        db.session.rollback()
    assert len(events_of(app)) == 3
    [interrupted] = rows(app, RetentionRun)
    assert (interrupted["events"], interrupted["ended_at"]) == (2, None)
    assert run(app) == (3, 3)
    named = [run for leaf in members_of(app, "purge/1") for run in leaf["runs"]]
    assert sum(int(last) - int(first) + 1 for first, last in named) == 5


def test_each_site_by_its_own_rule(app, client, decide, decision, clock, started):
    with app.app_context():
        publish_zoo(app)
    seal(app)
    decide(1)
    browser = app.test_client()
    notice = browser.get("/v1/sites/zoo/config").json["notices"]["en"]
    body = decision(notice=notice, choices={"analytics": False, "marketing": False}, page=None)
    assert post(browser, body, site="zoo", Origin="https://www.zoo.example").status_code == 201
    mark(app)
    with app.app_context():
        db.session.execute(db.text("UPDATE site SET proof_retention_days = 400 WHERE key = 'zoo'"))
        db.session.commit()
    clock.advance(days=401)
    assert (run(app), run(app, "zoo")) == ((0, 0), (1, 1))
    assert [row["site"] for row in rows(app, ConsentEvent)] == ["ala"]


def test_a_choice_still_in_force_outlives_its_proof(app, decide, clock, started):
    with app.app_context():
        db.session.execute(db.text("UPDATE site SET proof_retention_days = 100, revision = revision + 1"))
        db.session.commit()
    visitor_ids = decide(1)
    mark(app)
    clock.advance(days=101)
    assert run(app) == (1, 1)
    assert [row["visitor_id"] for row in rows(app, ConsentCurrent)] == visitor_ids
    assert [row["id"] for row in rows(app, Visitor)] == visitor_ids
    clock.advance(days=80)
    assert run(app) == (0, 0)
    assert rows(app, ConsentCurrent) == rows(app, Visitor) == []


def test_a_visitor_who_came_back_stays(app, client, decision, clock, started):
    cookie = visitor_cookie(post(client, decision()))
    mark(app)
    clock.advance(days=179)
    assert visitor_cookie(post(client, decision(allow=("analytics",))))["id"] == cookie["id"]
    clock.set(started + KEPT + timedelta(seconds=1))
    assert run(app) == (1, 1)
    [current] = rows(app, ConsentCurrent)
    [event] = rows(app, ConsentEvent)
    assert current["event_id"] == event["event_id"]
    assert [str(row["id"]) for row in rows(app, Visitor)] == [cookie["id"]]


def test_a_dry_run_writes_nothing(app, decide, clock, started):
    decide(3)
    mark(app)
    clock.set(started + KEPT + timedelta(seconds=1))
    before = everything(app)
    result = app.test_cli_runner().invoke(args=["retention", "run", "--dry-run"])
    assert result.output.splitlines() == [
        "ala: 3 decisions are old enough to be looked at.",
        "ala: 3 decisions from before 2024-01-01 are due.",
    ]
    assert everything(app) == before
    result = app.test_cli_runner().invoke(args=["retention", "run"])
    assert "ala: 3 decisions from before 2024-01-01 were deleted." in result.output
    assert app.test_cli_runner().invoke(args=["retention", "run"]).exit_code == 0
    assert events_of(app) == []


def test_an_erasure_beside_a_run(app, client, decision, clock, started, monkeypatch):
    """Each holds the visitors first, and then the leaves: neither waits for the other in a ring."""
    cookie = client_cookie(post(client, decision()))
    mark(app)
    clock.set(started + KEPT + timedelta(seconds=1))
    leaves_below, faults = retention.evidence.leaves_below, []

    def erase():
        try:
            with app.app_context():
                erasure.erase(read_visitor([cookie]))
        except Exception as error:
            faults.append(error)

    erasing = threading.Thread(target=erase)

    def meanwhile(*arguments):
        found = leaves_below(*arguments)
        erasing.start()
        erasing.join(0.5)
        return found

    monkeypatch.setattr(retention.evidence, "leaves_below", meanwhile)
    assert run(app) == (1, 1)
    erasing.join(20)
    assert not erasing.is_alive()
    # Nothing is left to be erased.
    assert [type(fault) for fault in faults] == [NotFound]
    assert rows(app, ConsentEvent) == rows(app, Visitor) == []


def client_cookie(response):
    cookie = visitor_cookie(response)
    return f"{cookie['id']}.{cookie['secret']}"


def test_what_is_already_untied_is_not_named_again(app, decide, clock, started):
    decide(1)
    mark(app)
    with app.app_context():
        assert retention.count_due(retention.rule_of("ala"), lambda _: None) == 0
    clock.set(started + KEPT + timedelta(seconds=1))
    run(app)
    run(app)
    assert len(members_of(app, "purge/1")) == 1
    assert {row["event_id"] for row in rows(app, LogLeaf)} == {None}


def test_an_emptied_month_is_dropped(empty_month, decide, clock, started, engine):
    app, names = empty_month
    decide(2)
    mark(app)
    clock.set(started + timedelta(days=31) + KEPT)
    with app.app_context():
        rules = [retention.rule_of("ala")]
        # The month before was made too, and nothing ever came into it.
        retention.drop_empty_partitions(rules)
        before = names()
        retention.run(rules[0], lambda _: None)
        dropped = retention.drop_empty_partitions(rules)
    expected = ["consent_event_2024_01"] if engine.name == "postgresql" else []
    assert dropped == expected
    assert set(before) - set(names()) == set(expected)


@pytest.fixture
def empty_month(app, site, started):
    """The app with partitions of the months around its beginning, and the names of all partitions."""
    with app.app_context(), db.engine.begin() as connection:
        partitions.ensure_partitions(connection)

    def names():
        with app.app_context():
            return [name for name in inspect(db.engine).get_table_names() if name.startswith("consent_event_")]

    yield app, names
    with app.app_context(), db.engine.begin() as connection:
        for name in names():
            if name.startswith("consent_event_202") and name < "consent_event_2025_02":
                connection.execute(db.text(f"DROP TABLE {name}"))
