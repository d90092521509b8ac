"""Monthly partitions of `consent_event` on PostgreSQL, by the time in the event's UUIDv7."""

import uuid
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection, text

from consent_server import clock

MONTHS_AHEAD = 13


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
        connection.execute(
            text(
                f"CREATE TABLE IF NOT EXISTS consent_event_{start:%Y_%m} PARTITION OF consent_event "
                f"FOR VALUES FROM ('{bound(start)}') TO ('{bound(end)}')"
            )
        )
