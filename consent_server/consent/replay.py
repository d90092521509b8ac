"""Erasing again what a restored backup brought back, by the journal."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import func, select

from consent_server import clock
from consent_server.consent import erasure, erasure_journal
from consent_server.consent.event import erased_hash
from consent_server.consent.models import ConsentEvent, ErasedEvent
from consent_server.database import begin_writing
from consent_server.extensions import db

PIECE = 5_000


def is_due() -> bool:
    """Whether the database has forgotten an erasure that a late retry may still meet, as a restored backup has."""
    oldest = clock.now() - erasure.LATE_RETRIES
    late = [line.hash for line in erasure_journal.lines() if line.at >= oldest]
    known: set[bytes] = set()
    for first in range(0, len(late), PIECE):
        some = late[first : first + PIECE]
        known.update(db.session.scalars(select(ErasedEvent.hash).where(ErasedEvent.hash.in_(some))))
    return not known.issuperset(late)


def count_events() -> int:
    """How many decisions a replay looks at."""
    return db.session.scalar(select(func.count()).select_from(ConsentEvent)) or 0


def replay(seen: Callable[[int], None]) -> int:
    """Erases every decision on record whose id is in the journal, commits piece by piece, and returns how many.
    `seen` is told how many were looked at. Can be run at will: a second time, there is nothing left to erase."""
    grounds = _remembered()
    erased = 0
    for piece in _pieces() if grounds else ():
        found = defaultdict(list)
        for event in piece:
            ground = grounds.get(erased_hash(event.event_id))
            if ground:
                found[ground].append(event)
        db.session.rollback()
        for ground, events in found.items():
            visitor_ids = {event.visitor_id for event in events if event.visitor_id}
            erasure.erase_again([event.event_id for event in events], list(visitor_ids), ground)
            erased += len(events)
        seen(len(piece))
    return erased


def _remembered() -> dict[bytes, str]:
    """The journal's hashes with their grounds. Those that a late retry may still bring get 410 again."""
    lines = list(erasure_journal.lines())
    begin_writing(db.session)
    erasure.remember({line.hash: line.at for line in lines})
    db.session.commit()
    return {line.hash: line.ground for line in lines}


def _pieces() -> Iterator[list[Any]]:
    """Ids of all events with their visitors', a piece at a time, in the order of the ids."""
    after = uuid.UUID(int=0)
    query = select(ConsentEvent.event_id, ConsentEvent.visitor_id).order_by(ConsentEvent.event_id).limit(PIECE)
    while piece := list(db.session.execute(query.where(ConsentEvent.event_id > after))):
        yield piece
        after = piece[-1].event_id
