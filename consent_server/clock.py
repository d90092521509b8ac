"""The only sources of time and identity."""

import secrets
import time
import uuid
from datetime import UTC, datetime


def now() -> datetime:
    """The present moment in UTC, cut to milliseconds: what is committed to the log is what is kept."""
    return from_millis(time.time_ns() // 1_000_000)


def from_millis(millis: int) -> datetime:
    """Milliseconds since 1970 as an aware datetime, without the rounding of floats."""
    seconds, rest = divmod(millis, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)


def to_millis(moment: datetime) -> int:
    """An aware datetime as milliseconds since 1970, cut, not rounded."""
    return int(moment.replace(microsecond=0).timestamp()) * 1000 + moment.microsecond // 1000


def to_rfc3339(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then random bits."""
    value = (to_millis(now()) << 80) | secrets.randbits(80)
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return uuid.UUID(int=value)


def millis_of_id(identifier: uuid.UUID) -> int:
    """The moment a UUIDv7 carries, in milliseconds since 1970; as an integer, since a hostile one may lie past the
    year 9999."""
    return identifier.int >> 80
