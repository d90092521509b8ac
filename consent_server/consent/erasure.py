"""Erasing a visitor: rows, consent ID and secret go; SHA-256 of each event's id stays for a few days, so that a late
retry cannot bring it back, and in a journal outside the database, so that a restored backup can forget again."""

import os
from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import delete, select

from consent_server import clock
from consent_server.consent import service
from consent_server.consent.cookies import VisitorCookie
from consent_server.consent.event import erased_hash
from consent_server.consent.models import ConsentCurrent, ConsentEvent, ErasedEvent, Visitor
from consent_server.database import begin_writing
from consent_server.errors import NotFound
from consent_server.evidence import service as evidence
from consent_server.extensions import db

LATE_RETRIES = timedelta(days=8)
JOURNAL = "erasures.journal"


def erase(visitor: VisitorCookie) -> int:
    """Erases everything about whoever proves to be the visitor, on every site of this server, and commits; returns
    the number of events. Raises NotFound where the cookie proves nothing."""
    begin_writing(db.session)
    # A decision that arrives now waits for these rows, and then finds no visitor.
    for held in (Visitor.id == visitor.id, ConsentCurrent.visitor_id == visitor.id):
        db.session.execute(select(1).where(held).with_for_update())
    if not service.proves(visitor):
        raise NotFound("We have no record of a choice from this browser.")
    now = clock.now()
    mine = ConsentEvent.visitor_id == visitor.id
    event_ids = list(db.session.scalars(select(ConsentEvent.event_id).where(mine)))
    hashes = [erased_hash(event_id) for event_id in event_ids]
    evidence.forget(event_ids)
    db.session.execute(delete(ConsentEvent).where(mine))
    db.session.execute(delete(ConsentCurrent).where(ConsentCurrent.visitor_id == visitor.id))
    db.session.execute(delete(Visitor).where(Visitor.id == visitor.id))
    db.session.execute(delete(ErasedEvent).where(ErasedEvent.erased_at < now - LATE_RETRIES))
    db.session.add_all(ErasedEvent(hash=digest, erased_at=now) for digest in hashes)
    db.session.flush()
    # Journal first: if the commit fails, the journal names an event that was to be erased anyway.
    _write_journal(current_app.config["SETTINGS"].data_dir / JOURNAL, hashes, clock.to_rfc3339(now))
    db.session.commit()
    _empty_write_ahead_log()
    return len(hashes)


def _write_journal(path: Path, hashes: list[bytes], at: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, "".join(f"{at} {digest.hex()}\n" for digest in hashes).encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _empty_write_ahead_log() -> None:
    """SQLite keeps what was deleted in its write-ahead log until that is truncated; `secure_delete` covers the rest."""
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
