"""Connections and column types, the same on both engines."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text

from consent_server.database import Base, begin_writing
from consent_server.extensions import db
from consent_server.sites.models import Site


@pytest.fixture
def context(app):
    with app.app_context():
        yield app


on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


@on_sqlite
def test_sqlite_keeps_what_it_acknowledged_and_overwrites_what_is_erased(context):
    for connection in (db.engine.connect(), db.engine.connect()):
        with connection:
            pragmas = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "busy_timeout")
            }
        assert pragmas == {
            "journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1, "busy_timeout": 10_000,
        }  # fmt: skip


@on_postgresql
def test_postgresql_keeps_what_it_acknowledged(context):
    with db.engine.connect() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on"


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 22, 10, 0, 0, 123000, UTC),
        datetime(1999, 12, 31, 23, 59, 59, 999000, UTC),
        datetime(9998, 1, 1, tzinfo=UTC),
        datetime(2026, 11, 22, 10, 0, tzinfo=timezone(timedelta(hours=-6))),
    ],
)
def test_a_moment_comes_back_aware_and_equal(context, site, moment):
    row = db.session.get(Site, "ala")
    row.created_at = moment
    db.session.commit()
    db.session.expire_all()
    found = db.session.get(Site, "ala").created_at
    assert found == moment
    assert found.utcoffset() == timedelta(0)


def test_moments_are_compared_as_moments(context, site):
    row = db.session.get(Site, "ala")
    row.created_at = moment = datetime(2026, 11, 22, 10, 0, 0, 500000, UTC)
    db.session.commit()
    elsewhere = moment.astimezone(timezone(timedelta(hours=5)))
    for condition, count in (
        (Site.created_at == elsewhere, 1),
        (Site.created_at > moment - timedelta(milliseconds=1), 1),
        (Site.created_at < moment, 0),
    ):
        assert len(db.session.scalars(db.select(Site).where(condition)).all()) == count


@on_sqlite
def test_a_transaction_that_reads_then_writes_waits_for_its_turn(context, site):
    """A deferred one would fail at once when another has written in between."""
    begin_writing(db.session)
    with (
        closing(sqlite3.connect(db.engine.url.database, timeout=0)) as another,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        another.execute("BEGIN IMMEDIATE")
    db.session.rollback()


def test_parameters_never_reach_an_error_message(context, site):
    with pytest.raises(Exception) as raised:
        db.session.execute(text("SELECT :value FROM nosuch"), {"value": "2f6b0c1e-visitor"})
    assert "2f6b0c1e-visitor" not in str(raised.value)
    db.session.rollback()


def test_foreign_keys_hold(context, site):
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        db.session.execute(text("DELETE FROM site"))
        db.session.commit()
    db.session.rollback()


def test_every_constraint_has_a_name():
    for table in Base.metadata.tables.values():
        for constraint in table.constraints:
            assert constraint.name, (table.name, constraint)
