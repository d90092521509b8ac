"""SQLite's write-ahead log, which keeps what was deleted until it is truncated; `secure_delete` covers the rest."""

import logging
from threading import Event

from flask import current_app
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from consent_server.driver import driver
from consent_server.extensions import db

# Whoever writes meanwhile waits that long at the most.
PATIENCE_SECONDS = 0.05
AGAIN_SECONDS = 1.0
# Commands are processes of their own, and leave what they could not empty to the server.
ANYWAY_EVERY = 3600

log = logging.getLogger(__name__)


def empty() -> bool:
    """Empties it; whether it is empty now. It cannot be while somebody reads from it: then it stays due."""
    if not driver().on_sqlite:
        return True
    due = _due()
    known = due.is_set()
    # Before, since somebody else may find that it is due meanwhile.
    due.clear()
    if _truncate():
        return True
    due.set()
    if not known:
        log.warning("write-ahead log: in use; what was deleted is in it until it is not")
    return False


def run(stop: Event) -> None:
    """Tries again about once a second where it is due, until `stop` is set."""
    # What an earlier process left is due at once.
    _due().set()
    passed = 0
    while not stop.wait(AGAIN_SECONDS):
        passed += 1
        if _due().is_set() or passed >= ANYWAY_EVERY:
            passed = 0
            empty()


def _truncate() -> bool:
    # A connection of its own: those of the pool wait for far longer.
    options = {"timeout": PATIENCE_SECONDS}
    engine = create_engine(db.engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=options)
    try:
        with driver().turn, engine.connect() as connection:
            busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    except DBAPIError:
        return False
    return not busy


def _due() -> Event:
    """Whether something that was deleted may still be in it. Of the process, and so is forgotten with it."""
    due: Event = current_app.extensions.setdefault("write-ahead-log-due", Event())
    return due
