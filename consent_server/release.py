"""The release step: what a new version of the code, or a passing month, needs done in the database. Run it at will."""

from flask import Flask

from consent_server.consent.partitions import ensure_partitions
from consent_server.database import begin_writing
from consent_server.embed import service as embed
from consent_server.extensions import db


def release(app: Flask) -> int:
    """Keeps this release's script, writes its notices, makes the months' partitions; returns the number of notices.

    Leaves no connection open: the caller may be about to fork.
    """
    with app.app_context():
        try:
            begin_writing(db.session)
            ensure_partitions(db.session.connection())
            written = embed.release()
            db.session.commit()
        finally:
            db.session.remove()
            db.engine.dispose()
    return written
