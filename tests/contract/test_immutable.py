"""What is published and what is written down cannot be changed by anyone, by any route."""

import re
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from consent_server.extensions import db
from consent_server.policy.models import Notice, PolicyVersion
from consent_server.staff.models import StaffEvent
from tests.factories import rows
from tests.staff.people import add_person, issue_token

EVIDENCE = (PolicyVersion, Notice, StaffEvent)


@pytest.fixture(params=EVIDENCE, ids=lambda model: model.__tablename__)
def evidence(request, app, site):
    """A table of evidence, whose rows are afterwards what they were."""
    before = rows(app, request.param)
    assert before
    with app.app_context():
        yield request.param
        db.session.rollback()
    assert rows(app, request.param) == before


def statements(engine, model):
    table, key = model.__tablename__, inspect(model).primary_key[0].name
    columns = ", ".join(column.name for column in model.__table__.columns)
    yield f"DELETE FROM {table}"
    yield f"DELETE FROM {table} WHERE {key} IS NOT NULL"
    for column in model.__table__.columns:
        yield f"UPDATE {table} SET {column.name} = {column.name}"
    if engine.name == "sqlite":
        for how in ("INSERT OR REPLACE", "REPLACE"):
            yield f"{how} INTO {table} ({columns}) SELECT {columns} FROM {table}"
        again = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} WHERE true"
        yield f"{again} ON CONFLICT DO UPDATE SET {key} = {key}"
    else:
        yield f"TRUNCATE {table} CASCADE"
        yield (
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} "
            f"ON CONFLICT ({key}) DO UPDATE SET {key} = excluded.{key}"
        )


def test_through_sql(engine, evidence):
    for statement in statements(engine, evidence):
        with pytest.raises(DBAPIError), db.engine.begin() as connection:
            connection.execute(text(statement))


def test_through_objects(evidence):
    row = db.session.scalars(db.select(evidence)).first()
    changed = {PolicyVersion: "reason", Notice: "locale", StaffEvent: "actor"}[evidence]
    setattr(row, changed, "x")
    with pytest.raises(DBAPIError):
        db.session.commit()
    db.session.rollback()
    db.session.delete(db.session.scalars(db.select(evidence)).first())
    with pytest.raises(DBAPIError):
        db.session.commit()
    db.session.rollback()
    with pytest.raises(DBAPIError):
        db.session.execute(db.update(evidence).values({changed: "x"}))


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
