"""After a restored backup: what was erased is erased again, by the journal outside the database."""

import uuid
from datetime import UTC, datetime, timedelta

import click
import pytest
from click.testing import CliRunner

from consent_server import clock
from consent_server.consent import erasure, erasure_journal, replay
from consent_server.consent.commands import replay_erasures
from consent_server.consent.cookies import read_visitor
from consent_server.consent.models import ConsentCurrent, ConsentEvent, ErasedEvent, Visitor
from consent_server.evidence import guards
from consent_server.evidence.erasure_models import ErasedLeaf
from consent_server.evidence.models import LogLeaf
from consent_server.extensions import db
from tests.consent.test_refused import assert_problem
from tests.consent.test_visitor import visitor_cookie
from tests.evidence.sealed import leaves_of, seal
from tests.factories import everything, post, rows

RESTORED = (ConsentEvent, ConsentCurrent, Visitor, LogLeaf)


@pytest.fixture
def restored(app, client, decision):
    """Two visitors, one of whom was erased before the backup of the time when both were there was restored: the
    erased one's body and id, and the other's id."""
    body = decision()
    erased = visitor_cookie(post(client, body))
    kept = visitor_cookie(post(app.test_client(), decision()))
    seal(app)
    backup = {model: rows(app, model) for model in RESTORED}
    with app.app_context():
        erasure.erase(read_visitor([f"{erased['id']}.{erased['secret']}"]))
        for model in RESTORED[:3]:
            db.session.execute(db.delete(model))
            db.session.execute(db.insert(model), backup[model])
        db.session.execute(db.delete(ErasedEvent))
        db.session.commit()
    put_back_leaves(app, backup[LogLeaf])
    return body, erased["id"], kept["id"]


def put_back_leaves(app, backup):
    """As the backup has them: past the guards, as restoring is."""
    with app.app_context(), db.engine.begin() as connection:
        guards.take_down(connection)
        connection.execute(db.delete(ErasedLeaf))
        for leaf in backup:
            change = db.update(LogLeaf).where(LogLeaf.index == leaf["index"])
            connection.execute(change.values(event_id=leaf["event_id"]))
        guards.put_up(connection)


def run(app):
    seen = []
    with app.app_context():
        return replay.replay(seen.append), sum(seen)


def test_what_was_erased_is_erased_again(app, client, restored):
    body, _, kept = restored
    assert run(app) == (1, 2)
    assert [str(row["visitor_id"]) for row in rows(app, ConsentEvent)] == [kept]
    assert [str(row["visitor_id"]) for row in rows(app, ConsentCurrent)] == [kept]
    assert [str(row["id"]) for row in rows(app, Visitor)] == [kept]
    untied, tied = leaves_of(app, "consent/1").values()
    assert untied["event_id"] is None
    assert tied["event_id"] is not None
    assert [(row["index"], row["ground"]) for row in rows(app, ErasedLeaf)] == [(untied["index"], "visitor")]
    assert_problem(post(client, body), 410, "erased")


def test_a_second_time_changes_nothing(app, restored):
    run(app)
    before = everything(app)
    assert run(app) == (0, 1)
    assert everything(app) == before


def test_late_retries_of_what_the_backup_never_had_are_gone_too(app, client, decision, site):
    body = decision()
    with app.app_context():
        digest = erasure.erased_hash(uuid.UUID(body["event_id"]))
        erasure_journal.append([digest], clock.now() - timedelta(days=1), "visitor")
        erasure_journal.append([bytes(32)], datetime(2026, 1, 1, tzinfo=UTC), "request")
    assert run(app) == (0, 0)
    assert_problem(post(client, body), 410, "erased")
    assert len(rows(app, ErasedEvent)) == 1


def test_half_a_line_spoils_no_other(app, settings, site):
    journal = settings.data_dir / "erasures.journal"
    first = f"2026-11-22T00:00:00.000Z {'ab' * 32}"
    journal.write_text(f"{first}\n2026-11-22T00:00:01.000Z {'cd' * 9}")
    with app.app_context():
        erasure_journal.append([b"\xef" * 32], datetime(2026, 11, 22, tzinfo=UTC), "request")
        lines = list(erasure_journal.lines())
    assert [(line.hash, line.ground) for line in lines] == [(b"\xab" * 32, "visitor"), (b"\xef" * 32, "request")]


def test_a_line_with_a_finer_time_is_as_old_as_its_hour(app, settings, site, clock):
    clock.set(datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    at = clock.now() - erasure.LATE_RETRIES + timedelta(minutes=1)
    (settings.data_dir / "erasures.journal").write_text(f"{at.isoformat()} {'ab' * 32}\n")
    assert run(app) == (0, 0)
    with app.app_context():
        assert not replay.is_due()


def test_without_a_journal_there_is_nothing_to_do(app, client, decision):
    post(client, decision())
    before = everything(app)
    assert run(app) == (0, 0)
    assert everything(app) == before


def test_the_command_says_how_many(app, restored):
    with app.app_context():
        result = CliRunner().invoke(click.command(replay_erasures))
    assert result.output.endswith("Decisions erased again: 1.\n")
