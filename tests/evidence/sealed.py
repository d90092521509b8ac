"""Sealing without a sequencer, for tests that need leaves and no signatures."""

from sqlalchemy import text

from consent_server.evidence import leaves, sealing
from consent_server.evidence.models import LogHead, LogLeaf
from consent_server.extensions import db
from tests.factories import rows


def seal(app):
    """Seals what waits."""
    with app.app_context(), sealing.writing() as connection:
        sealing.seal_batch(connection, sealing.lock_head(connection))


def mark(app):
    """Seals what waits, and then a time mark, as if the last one were an hour old."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE log_head SET last_mark = NULL"))
    seal(app)


def size(app):
    return rows(app, LogHead)[0]["size"]


def leaves_of(app, kind):
    """All leaves of a type by their index, as rows."""
    return {leaf["index"]: leaf for leaf in rows(app, LogLeaf) if leaf["type"] == kind}


def members_of(app, kind):
    """The members of all leaves of a type that has its own."""
    return [leaves.members(leaf["body"]) for leaf in leaves_of(app, kind).values()]
