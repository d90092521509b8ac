"""Monthly partitions of `consent_event` on PostgreSQL, by the time in the event's UUIDv7."""

import uuid
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from consent_server import clock

MONTHS_AHEAD = 13
MONTHS = r"""SELECT relid::text FROM pg_partition_tree('consent_event')
             WHERE isleaf AND relid::text ~ '^consent_event_\d{4}_\d{2}$' ORDER BY 1"""


def bound(month: datetime) -> uuid.UUID:
    """The smallest UUID whose first 48 bits are the month's first millisecond."""
    return uuid.UUID(int=clock.to_millis(month) << 80)


def months(first: datetime, count: int) -> list[datetime]:
    """First moments of `count` months in a row."""
    start = first.year * 12 + first.month - 1
    return [datetime(n // 12, n % 12 + 1, 1, tzinfo=UTC) for n in range(start, start + count)]


def ensure_partitions(connection: Connection) -> None:
    """Makes the partitions from last month to a year ahead, and one for whatever lies outside, so that no decision
    is ever turned away for want of a partition. Can be run at will; does nothing on SQLite."""
    if connection.dialect.name != "postgresql":
        return
    connection.execute(text("CREATE TABLE IF NOT EXISTS consent_event_default PARTITION OF consent_event DEFAULT"))
    now = clock.now()
    starts = months(now.replace(day=1) - timedelta(days=1), MONTHS_AHEAD + 2)
    for start, end in pairwise(starts):
        name = f"consent_event_{start:%Y_%m}"
        if connection.scalar(text("SELECT to_regclass(:name)"), {"name": name}) is None:
            _make_partition(connection, name, bound(start), bound(end))


def _make_partition(connection: Connection, name: str, first: uuid.UUID, after: uuid.UUID) -> None:
    """Makes one partition. What was recorded for its month while it was missing lies in the default one, which would
    forbid it: it is moved out of the way and back in."""
    within = f"event_id >= '{first}' AND event_id < '{after}'"
    make = f"CREATE TABLE {name} PARTITION OF consent_event FOR VALUES FROM ('{first}') TO ('{after}')"
    steps = [make]
    if connection.scalar(text(f"SELECT EXISTS (SELECT 1 FROM consent_event_default WHERE {within})")):
        take = f"WITH taken AS (DELETE FROM consent_event_default WHERE {within} RETURNING *)"
        steps = [
            "CREATE TEMPORARY TABLE moved (LIKE consent_event)",
            f"{take} INSERT INTO moved SELECT * FROM taken",
            make,
            "INSERT INTO consent_event SELECT * FROM moved",
            "DROP TABLE moved",
        ]
    for step in steps:
        connection.execute(text(step))


def drop_empty(connection: Connection, before: datetime) -> list[str]:
    """Drops the partitions of months that ended before a moment and have no decision left; their names. One that is in
    use is left for the next time."""
    if connection.dialect.name != "postgresql":
        return []
    connection.execute(text("SET LOCAL lock_timeout = '2s'"))
    dropped = []
    for name in connection.scalars(text(MONTHS)).all():
        year, month = map(int, name.removeprefix("consent_event_").split("_"))
        after = months(datetime(year, month, 1, tzinfo=UTC), 2)[1]
        if after <= before and _is_empty(connection, name) and _drop_if_empty(connection, name):
            dropped.append(name)
    return dropped


def _drop_if_empty(connection: Connection, name: str) -> bool:
    try:
        with connection.begin_nested():
            # Decisions wait for this, no longer than for a look into an empty table.
            connection.execute(text("LOCK TABLE consent_event IN ACCESS EXCLUSIVE MODE"))
            empty = _is_empty(connection, name)
            if empty:
                connection.execute(text(f"DROP TABLE {name}"))
    except OperationalError:
        return False
    return empty


def _is_empty(connection: Connection, name: str) -> bool:
    return not connection.scalar(text(f"SELECT EXISTS (SELECT 1 FROM {name})"))
