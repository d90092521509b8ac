"""Drafts of before there were reviews, and sites without one, on their way to the present schema."""

import json

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from consent_server.clock import from_millis
from consent_server.extensions import db
from consent_server.registry import drafts
from tests.factories import ROOT, make_settings, running

MIGRATIONS = str(ROOT / "migrations")
PUBLISHED, EDITED = {"site": {"name": "As it is"}}, {"site": {"name": "As it may be"}}


@pytest.fixture
def old_app(engine, tmp_path):
    """An app over the first schema, with two published sites; one of them has a draft."""
    with engine.empty() as url, running(make_settings(tmp_path, url)) as app, app.app_context():
        upgrade(directory=MIGRATIONS, revision="0001")
        moment = "0" if engine.name == "sqlite" else "to_timestamp(0)"
        with db.engine.begin() as connection:
            for key in ("ala", "zoo"):
                connection.execute(
                    text(f"""INSERT INTO site VALUES ('{key}', 'Name', '[]', '[]', '["en"]', 'en', '{{}}', 'record',
                             'record', 'origin', 180, 730, 1, {moment})""")
                )
                for number in (1, 2):
                    content = json.dumps(PUBLISHED if number == 2 else {})
                    values = {"sha256": bytes([number]) * 32, "content": content, "site": key, "number": number}
                    connection.execute(
                        text(f"""INSERT INTO policy_version (site, number, sha256, document, content, epoch, material,
                                 reason, published_at, published_by) VALUES (:site, :number, :sha256, :sha256, :content,
                                 1, true, 'R', {moment}, 'operator')"""),
                        values,
                    )
            connection.execute(
                text(f"INSERT INTO draft VALUES ('ala', :content, 3, {moment}, 'editor@example.org')"),
                {"content": json.dumps(EDITED)},
            )
        yield app
        db.session.remove()


def test_each_site_has_its_draft(old_app):
    upgrade(directory=MIGRATIONS)
    edited, untouched = drafts.current("ala"), drafts.current("zoo")
    assert (edited.content, edited.published, edited.base) == (EDITED, PUBLISHED, 2)
    assert (edited.editors, edited.state, edited.changed_at) == (["editor@example.org"], "draft", from_millis(0))
    assert (untouched.changed, untouched.base, untouched.editors) == (False, 2, [])


def test_and_back(old_app):
    upgrade(directory=MIGRATIONS)
    downgrade(directory=MIGRATIONS, revision="0001")
    with db.engine.connect() as connection:
        rows = connection.execute(text("SELECT site, changed_by FROM draft ORDER BY site")).all()
    assert [tuple(row) for row in rows] == [("ala", "editor@example.org"), ("zoo", "operator")]
    upgrade(directory=MIGRATIONS)
    assert drafts.current("ala").content == EDITED
