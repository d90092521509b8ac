"""What is published and what is written down cannot be changed by anyone, by any route."""

import re
import uuid
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, text
from sqlalchemy.exc import DBAPIError

from consent_server.evidence.erasure_models import ErasedLeaf, ErasureDay
from consent_server.evidence.models import LogCheckpoint, LogLeaf, LogTile
from consent_server.evidence.outside_models import Cosignature
from consent_server.extensions import db
from consent_server.policy.models import Notice, PolicyVersion
from consent_server.staff.models import StaffEvent
from tests.factories import post, rows, seal
from tests.staff.people import add_person, issue_token

# Each with a column and another value for it.
EVIDENCE = {
    PolicyVersion: ("reason", "x"),
    Notice: ("locale", "x"),
    StaffEvent: ("actor", "x"),
    LogLeaf: ("hash", bytes(32)),
    LogTile: ("hashes", bytes(32)),
    LogCheckpoint: ("root", bytes(32)),
    ErasedLeaf: ("ground", "request"),
    ErasureDay: ("hash", bytes(32)),
    Cosignature: ("line", "x"),
}
# What is not there from the first publication on.
LATER = {
    ErasedLeaf: {"index": 0, "day": date(2026, 11, 22), "ground": "visitor"},
    ErasureDay: {"day": date(2026, 11, 22), "nonce": bytes(range(32)), "hash": bytes(range(32))},
    Cosignature: {"size": 1, "name": "witness.example", "line": "— witness.example AAAA\n"},
}


@pytest.fixture(params=list(EVIDENCE), ids=lambda model: model.__tablename__)
def evidence(request, app, site):
    """A table of evidence, whose rows are afterwards what they were."""
    if request.param in LATER:
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(insert(request.param).values(LATER[request.param]))
    before = rows(app, request.param)
    assert before
    with app.app_context():
        yield request.param
        db.session.rollback()
    assert rows(app, request.param) == before


def statements(engine, model):
    table, keys = model.__tablename__, [f'"{column.name}"' for column in inspect(model).primary_key]
    key = keys[0]
    columns = ", ".join(f'"{column.name}"' for column in model.__table__.columns)
    yield f"DELETE FROM {table}"
    yield f"DELETE FROM {table} WHERE {key} IS NOT NULL"
    for column in model.__table__.columns:
        yield f'UPDATE {table} SET "{column.name}" = "{column.name}"'
    if engine.name == "sqlite":
        for how in ("INSERT OR REPLACE", "REPLACE"):
            yield f"{how} INTO {table} ({columns}) SELECT {columns} FROM {table}"
        again = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} WHERE true"
        yield f"{again} ON CONFLICT DO UPDATE SET {key} = {key}"
    else:
        yield f"TRUNCATE {table} CASCADE"
        yield (
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} "
            f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {key} = excluded.{key}"
        )


def test_through_sql(engine, evidence):
    for statement in statements(engine, evidence):
        with pytest.raises(DBAPIError), db.engine.begin() as connection:
            connection.execute(text(statement))


def test_through_objects(evidence):
    row = db.session.scalars(db.select(evidence)).first()
    column, other = EVIDENCE[evidence]
    setattr(row, column, other)
    with pytest.raises(DBAPIError):
        db.session.commit()
    db.session.rollback()
    db.session.delete(db.session.scalars(db.select(evidence)).first())
    with pytest.raises(DBAPIError):
        db.session.commit()
    db.session.rollback()
    with pytest.raises(DBAPIError):
        db.session.execute(db.update(evidence).values({column: other}))


def test_through_the_api(app, client, site):
    """No address of a version, a notice or an act takes anything but reading, whoever asks."""
    add_person(app, roles=["editor", "approver", "auditor", "admin", "dpo"])
    scopes = ["registry:write", "registry:publish", "audit:read", "rights:write"]
    headers = {"Authorization": f"Bearer {issue_token(app, scopes=scopes)}"}
    before = {model: rows(app, model) for model in (PolicyVersion, Notice)}
    notice = site.notices["en"]
    for address in (
        "/v1/sites/ala/policies/1",
        f"/v1/sites/ala/notices/{notice}",
        "/v1/sites/ala/config",
        "/ala/policy/1",
        "/ala/policy",
        "/v1/audit/events",
    ):
        for method in ("PUT", "PATCH", "DELETE", "POST"):
            answer = client.open(address, method=method, headers=headers, json={"reason": "x"})
            assert answer.status_code == 405, (method, address)
    assert {model: rows(app, model) for model in (PolicyVersion, Notice)} == before


def test_no_view_writes_evidence_but_by_adding():
    """Nothing in the house updates or deletes these tables."""
    for path in (Path(__file__).parents[2] / "consent_server").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"\b(update|delete)\((PolicyVersion|Notice|StaffEvent)\b", source), path


class TestLog:
    """What each table of the log may undergo, and nothing beside it."""

    @pytest.fixture
    def decided(self, app, client, site, decision):
        assert post(client, decision()).status_code == 201
        seal(app)
        with app.app_context():
            yield app
            db.session.rollback()

    def attempt(self, model, where, **values):
        with db.engine.begin() as connection:
            return connection.execute(db.update(model).where(where).values(values)).rowcount

    def test_a_leaf_forgets_its_event_and_does_nothing_else(self, decided):
        mine = LogLeaf.event_id.is_not(None)
        other = uuid.uuid4()
        for values in (
            {"event_id": other}, {"event_id": None, "hash": bytes(32)}, {"event_id": None, "body": b"x"},
            {"event_id": None, "type": "staff/1"}, {"event_id": None, "index": 99},
        ):  # fmt: skip
            with pytest.raises(DBAPIError):
                self.attempt(LogLeaf, mine, **values)
        assert self.attempt(LogLeaf, mine, event_id=None) == 1
        with pytest.raises(DBAPIError):
            self.attempt(LogLeaf, LogLeaf.type == "consent/1", event_id=other)

    def test_a_tile_grows(self, decided):
        tile = db.session.scalar(db.select(LogTile.hashes))
        for hashes in (tile[:-32], bytes(len(tile)), bytes(32) + tile, tile):
            with pytest.raises(DBAPIError):
                self.attempt(LogTile, LogTile.level == 0, hashes=hashes)
        assert self.attempt(LogTile, LogTile.level == 0, hashes=tile + bytes(32)) == 1

    def test_a_checkpoint_is_signed_once(self, decided):
        signed = LogCheckpoint.signatures.is_not(None)
        for lines in (None, "— x AAAA\n"):
            with pytest.raises(DBAPIError):
                self.attempt(LogCheckpoint, signed, signatures=lines)
        unsigned = LogCheckpoint.size == 1
        with pytest.raises(DBAPIError):
            self.attempt(LogCheckpoint, unsigned, signatures="— x AAAA\n", root=bytes(32))
        assert self.attempt(LogCheckpoint, unsigned, signatures="— x AAAA\n") == 1
