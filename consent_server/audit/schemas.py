"""What can be asked of the record: filters as they stand in an address, and the cursor."""

import base64
import json
import re
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from consent_server import clock
from consent_server.audit import zones
from consent_server.consent.models import ACTIONS, AUTOMATED, NAME, SURFACES

MAX_LIMIT = 500
DEFAULT_LIMIT = 50
# Both databases can hold these years, whatever is added to them.
FIRST_YEAR, LAST_YEAR = 1971, 9000
Position = tuple[datetime, uuid.UUID]


class Key(fields.String):
    """The key of a site, a category or a provider."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Regexp(NAME.pattern + r"\Z", error="Not a key."), **kwargs)


class Locale(fields.String):
    """A language tag."""

    def __init__(self, **kwargs: Any) -> None:
        tag = validate.Regexp(r"[A-Za-z0-9-]{2,35}\Z", error="A language such as en or pt-BR.")
        super().__init__(validate=tag, **kwargs)


class Zone(fields.Field[ZoneInfo]):
    """A time zone by its name ("America/Chicago")."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> ZoneInfo:
        zone = zones.find(str(value))
        if zone is None:
            raise ValidationError("A time zone such as America/Chicago, or UTC.")
        return zone


class ZoneForm(Schema):
    """The form that chooses a time zone."""

    class Meta:
        unknown = EXCLUDE

    zone = Zone(required=True)


class Moment(fields.Field[datetime]):
    """A day (`2026-11-22`, in the zone that is asked for beside it, else UTC) or a moment (RFC 3339) as the first
    millisecond inside, or, with `end`, the first one after: a last day and a last moment are meant inclusively."""

    def __init__(self, *, end: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.end = end

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        zone = zones.find(str((data or {}).get("zone", ""))) or zones.UTC_ZONE
        try:
            inside, after = _parse(str(value), zone)
        except ValueError as error:
            raise ValidationError("A day such as 2026-11-22, or a time such as 2026-11-22T10:00:00Z.") from error
        if not FIRST_YEAR <= inside.year <= LAST_YEAR:
            raise ValidationError("A time of our days.")
        return after if self.end else inside


def _parse(text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first millisecond of what is named, and the first one after it."""
    if len(text) == len("2026-11-22"):
        day = date.fromisoformat(text)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValueError("out of range")
        return zones.start_of(day, zone), zones.end_of(day, zone)
    # In an address a plus sign that nobody escaped arrives as a space.
    moment = datetime.fromisoformat(re.sub(r" (\d\d:\d\d)\Z", r"+\1", text))
    if moment.tzinfo is None:
        raise ValueError("no offset")
    try:
        inside = clock.from_millis(clock.to_millis(moment.astimezone(UTC)))
        return inside, inside + timedelta(milliseconds=1)
    except OverflowError as error:
        raise ValueError("out of range") from error


class Cursor(fields.Field[Position]):
    """The place after which a list goes on: the last row's time and id. Opaque to whoever holds it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Position:
        try:
            millis, identifier = json.loads(base64.b64decode(str(value), altchars=b"-_", validate=True))
            if type(millis) is not int:
                raise ValueError("not a time")
            position = clock.from_millis(millis), uuid.UUID(identifier)
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise ValidationError("Not a cursor of ours.") from error
        if not FIRST_YEAR <= position[0].year <= LAST_YEAR:
            raise ValidationError("Not a cursor of ours.")
        return position


def write_cursor(position: Position) -> str:
    """The cursor of a row. Its length is a multiple of three, so that base64 needs no padding."""
    text = json.dumps([clock.to_millis(position[0]), str(position[1])], separators=(",", ":"))
    return base64.urlsafe_b64encode((text + " " * (-len(text) % 3)).encode()).decode()


class Answer(fields.Field[bool]):
    """`true` or `false`, and no other word."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if value not in ("true", "false"):
            raise ValidationError("true or false.")
        return bool(value == "true")


class FilterSchema(Schema):
    """The filters of a search; what is absent restricts nothing."""

    class Meta:
        unknown = RAISE

    site = Key()
    visitor = fields.UUID(error_messages={"invalid_uuid": "A consent ID has 36 characters."})
    event = fields.UUID(error_messages={"invalid_uuid": "An event's id has 36 characters."})
    since = Moment(data_key="from")
    until = Moment(data_key="to", end=True)
    action = fields.String(validate=validate.OneOf(ACTIONS))
    category = Key()
    value = Answer()
    policy = fields.Integer(validate=validate.Range(1, 2**31 - 1))
    locale = Locale()
    surface = fields.String(validate=validate.OneOf(SURFACES))
    dnt = Answer()
    gpc = Answer()
    automated = fields.String(validate=validate.OneOf(AUTOMATED))
    zone = Zone()
    limit = fields.Integer(load_default=DEFAULT_LIMIT, validate=validate.Range(1, MAX_LIMIT))
    cursor = Cursor()

    @validates_schema(skip_on_field_errors=True)
    def check(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if ("category" in data) != ("value" in data):
            raise ValidationError("A category needs a value, and a value a category.", "category")
        if "since" in data and "until" in data and data["since"] >= data["until"]:
            raise ValidationError("This is before the start.", "to")

    @post_load
    def pair(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """A category and its value are one filter: `choice`."""
        if "category" in data:
            data["choice"] = (data.pop("category"), data.pop("value"))
        return data
