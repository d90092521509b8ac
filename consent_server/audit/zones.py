"""Time zones of auditors: days as they lie in a zone, and moments as its clocks show them. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

UTC_ZONE = ZoneInfo("UTC")


@cache
def names() -> tuple[str, ...]:
    """Names that can be chosen ("America/Chicago"), UTC at the head; historical aliases without a continent are left
    out."""
    return ("UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


def find(name: str) -> ZoneInfo | None:
    """A zone by its name; none where it is not one of `names`."""
    return ZoneInfo(name) if name in names() else None


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day in a zone, in UTC. Where the clocks skip midnight it is the moment of the skip."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The first moment after a day in a zone, in UTC: a day has 23 to 25 hours."""
    return start_of(day + timedelta(days=1), zone)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The day that a moment falls on in a zone."""
    return moment.astimezone(zone).date()
