"""Accounts from before invitations and second factors keep their roles and tokens, and sign in again."""

import uuid

import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from consent_server import clock
from consent_server.database import Id, Json, Sha256, UtcTime
from consent_server.extensions import db
from consent_server.staff import passwords, tokens
from consent_server.staff.keys import hash_of
from consent_server.staff.models import StaffSession
from tests.factories import ROOT, make_settings, migrate_and_publish_ala, rows, running
from tests.staff.people import AUDITOR, PASSWORD, sign_in

MIGRATIONS = str(ROOT / "migrations")
STAFF = uuid.uuid4()


def insert(name, **values):
    """A row as it was before: each value with its column's type."""
    columns = [sa.column(column, kind) for column, (kind, _) in values.items()]
    row = {column: value for column, (_, value) in values.items()}
    db.session.execute(sa.table(name, *columns).insert().values(**row))


def test_accounts_from_before_go_on(engine, tmp_path):
    with engine.empty() as url:
        migrate_and_publish_ala(url)
        with running(make_settings(tmp_path, url)) as app:
            with app.app_context():
                downgrade(directory=MIGRATIONS, revision="0003")
                text, moment, owner = sa.String(), (UtcTime(), clock.now()), (Id, STAFF)
                hashed = (text, passwords.hash_password(PASSWORD))
                insert(
                    "staff", id=owner, email=(text, AUDITOR), password_hash=hashed,
                    failures=(sa.Integer(), 0), created_at=moment,
                )  # fmt: skip
                insert("staff_role", staff_id=owner, site=(text, "ala"), role=(text, "auditor"))
                key = (Sha256, hash_of("cst_known"))
                insert("staff_session", token_hash=key, staff_id=owner, started_at=moment, used_at=moment)
                later = (UtcTime(), clock.from_millis(clock.to_millis(clock.now()) + 1_000_000))
                insert(
                    "api_token", token_hash=key, staff_id=owner, site=(text, "ala"),
                    scopes=(Json, ["audit:read"]), created_at=moment, expires_at=later,
                )  # fmt: skip
                db.session.commit()
                upgrade(directory=MIGRATIONS)
                assert tokens.find("cst_known").scopes == {"audit:read"}
            assert rows(app, StaffSession) == []
            assert sign_in(app.test_client()).status_code == 303
