"""Leaves whose events were erased: cutting every tie between the two, and one `erasure/1` leaf a UTC day that accounts
for them.

A leaf's index alone stays, under its day and its ground. A list for each erasure would tell for ever which decisions
were one visitor's.
"""

import secrets
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, text, update

from consent_server import clock
from consent_server.evidence.commitment import NONCE_BYTES, commit
from consent_server.evidence.erasure_models import GROUNDS, ErasedLeaf, ErasureDay
from consent_server.evidence.models import LogLeaf, LogQueue

LEAF = "erasure/1"


@dataclass(frozen=True)
class DayOfErasures:
    """`record`: what the day's leaf commits to. `nonce` and `hash` (the commitment) are none for a day that is not
    over, whose leaf is not made yet."""

    record: dict[str, Any]
    nonce: bytes | None
    hash: bytes | None


def cut_ties(connection: Connection, event_ids: list[uuid.UUID], ground: str) -> None:
    """Takes the events' ids out of queue and leaves; the commitments stay and say nothing.

    Queue first, leaf second: whatever is being sealed meanwhile is either still in the queue, or waited for here and
    then found among the leaves.
    """
    waiting = update(LogQueue).where(LogQueue.event_id.in_(event_ids)).values(event_id=None, ground=ground)
    connection.execute(waiting)
    sealed = update(LogLeaf).where(LogLeaf.event_id.in_(event_ids)).values(event_id=None).returning(LogLeaf.index)
    note_erased(connection, [(index, ground) for index in connection.scalars(sealed)])


def note_erased(connection: Connection, leaves: Iterable[tuple[int, str]]) -> None:
    """Notes sealed leaves, by index and ground, for the leaf of the day: when they are erased, or when they are sealed
    and were erased before."""
    rows = [{"index": index, "ground": ground} for index, ground in leaves]
    if rows:
        day = _open_day(connection)
        connection.execute(insert(ErasedLeaf), [row | {"day": day} for row in rows])


def _open_day(connection: Connection) -> date:
    """The day whose leaf is to name what is erased now: today, or the next one if that leaf is made already. It is not
    made until this transaction ends."""
    _lock(connection, "ROW EXCLUSIVE")
    today, closed = clock.now().date(), _last_closed(connection)
    return today if closed is None else max(today, closed + timedelta(days=1))


def close_days(connection: Connection) -> int:
    """Commits to each past day's erasures and queues its leaf; returns how many. Safe when several processes do so."""
    today = clock.now().date()
    if not _days_before(connection, today):
        return 0
    _lock(connection, "SHARE ROW EXCLUSIVE")
    days = _days_before(connection, today)
    for day in days:
        nonce = secrets.token_bytes(NONCE_BYTES)
        commitment = commit("erasure", nonce, _record(connection, day))
        connection.execute(insert(ErasureDay).values(day=day, nonce=nonce, hash=commitment))
        connection.execute(insert(LogQueue).values(type=LEAF, hash=commitment))
    return len(days)


def erasure_days(connection: Connection) -> Iterator[DayOfErasures]:
    """Every day on which something was erased, oldest first; the last ones may not be over."""
    made = {row.day: row for row in connection.execute(select(ErasureDay.day, ErasureDay.nonce, ErasureDay.hash))}
    for day in connection.scalars(select(ErasedLeaf.day).distinct().order_by(ErasedLeaf.day)).all():
        row = made.get(day)
        yield DayOfErasures(_record(connection, day), row and row.nonce, row and row.hash)


def _lock(connection: Connection, mode: str) -> None:
    """On PostgreSQL; on SQLite there is one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE erased_leaf IN {mode} MODE"))


def _last_closed(connection: Connection) -> date | None:
    return connection.scalar(select(func.max(ErasureDay.day)))


def _days_before(connection: Connection, today: date) -> list[date]:
    """Days with erasures that are over and have no leaf yet."""
    closed = _last_closed(connection) or date.min
    over = (ErasedLeaf.day > closed) & (ErasedLeaf.day < today)
    return list(connection.scalars(select(ErasedLeaf.day).where(over).distinct().order_by(ErasedLeaf.day)))


def _record(connection: Connection, day: date) -> dict[str, Any]:
    """A day's erasures as its leaf commits to them: numbers are decimal strings, indexes rise."""
    query = select(ErasedLeaf.index, ErasedLeaf.ground).where(ErasedLeaf.day == day).order_by(ErasedLeaf.index)
    leaves = connection.execute(query).all()
    counts = {ground: str(sum(leaf.ground == ground for leaf in leaves)) for ground in GROUNDS}
    return {"counts": counts, "day": day.isoformat(), "indexes": [str(leaf.index) for leaf in leaves]}
