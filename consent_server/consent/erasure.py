"""Erasing a visitor: rows, consent ID and secret go; SHA-256 of each event's id stays for a few days, so that a late
retry cannot bring it back, and in a journal outside the database, so that a restored backup can forget again."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select

from consent_server import clock
from consent_server.consent import erasure_journal, service, write_ahead
from consent_server.consent.cookies import VisitorCookie
from consent_server.consent.event import erased_hash
from consent_server.consent.models import ConsentCurrent, ConsentEvent, ErasedEvent, Visitor
from consent_server.consent.removal import remove
from consent_server.database import begin_writing
from consent_server.errors import NotFound
from consent_server.evidence import service as evidence
from consent_server.extensions import db
from consent_server.staff.record import record

# Times of erasures are cut to the hour: eight days at the least.
LATE_RETRIES = timedelta(days=8, hours=1)
# Parameters of one statement.
PIECE = 5_000


def erase(visitor: VisitorCookie) -> int:
    """Erases everything about whoever proves to be the visitor, on every site of this server, and commits; returns
    the number of events. Raises NotFound where the cookie proves nothing."""
    begin_writing(db.session)
    hold([visitor.id])
    if not service.proves(visitor):
        raise NotFound("We have no record of a choice from this browser.")
    hashes = _erase(_events(ConsentEvent.visitor_id == visitor.id), [visitor.id], "visitor")
    _commit(hashes, "visitor")
    return len(hashes)


def erase_on_request(site: str, visitor_id: uuid.UUID, *, reason: str, by: str) -> int:
    """Erases everything a visitor has on one site, because they asked for it by other ways than the page, and commits;
    returns the number of events. `reason` is kept for good. Raises NotFound where there is nothing."""
    begin_writing(db.session)
    hold([visitor_id])
    events = _events((ConsentEvent.visitor_id == visitor_id) & (ConsentEvent.site == site))
    if not events:
        raise NotFound("There is no decision of this consent ID on this site.")
    hashes = _erase(events, [visitor_id], "request")
    record(by, "erasure-requested", site, {"decisions": str(len(hashes)), "reason": reason})
    _commit(hashes, "request")
    return len(hashes)


def erase_again(event_ids: list[uuid.UUID], visitor_ids: list[uuid.UUID], ground: str) -> None:
    """Erases what a restored backup brought back, and commits. The journal has it already."""
    begin_writing(db.session)
    hold(visitor_ids)
    _erase(event_ids, visitor_ids, ground)
    db.session.commit()
    write_ahead.empty()


def hold(visitor_ids: list[uuid.UUID]) -> None:
    """A decision of these visitors that arrives now waits for the transaction to end, and then finds what it left."""
    for visitor in (Visitor.id, ConsentCurrent.visitor_id):
        # In one order, so that two who hold several wait for each other one way.
        db.session.execute(select(1).where(visitor.in_(visitor_ids)).order_by(visitor).with_for_update())


def _events(which: ColumnElement[bool]) -> list[uuid.UUID]:
    return list(db.session.scalars(select(ConsentEvent.event_id).where(which)))


def _erase(event_ids: list[uuid.UUID], visitor_ids: list[uuid.UUID], ground: str) -> list[bytes]:
    for start in range(0, len(event_ids), PIECE):
        piece = event_ids[start : start + PIECE]
        evidence.forget(piece, ground)
        remove(piece, visitor_ids)
    return [erased_hash(event_id) for event_id in event_ids]


def _commit(hashes: list[bytes], ground: str) -> None:
    hour = erasure_journal.hour_of(clock.now())
    remember({digest: hour for digest in hashes})
    # Journal first: if the commit fails, the journal names an event that was to be erased anyway.
    erasure_journal.append(hashes, hour, ground)
    db.session.commit()
    write_ahead.empty()


def remember(erased: dict[bytes, datetime]) -> None:
    """Keeps hashes with the hour of their erasure for as long as a late retry may come, and no longer."""
    oldest = clock.now() - LATE_RETRIES
    db.session.execute(delete(ErasedEvent).where(ErasedEvent.erased_at < oldest))
    for digest, erased_at in sorted(erased.items()):
        if erased_at >= oldest:
            db.session.merge(ErasedEvent(hash=digest, erased_at=erased_at))
    db.session.flush()
