"""What the saved views ask for, as it stands in their addresses."""

import calendar
import re
from datetime import date, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from consent_server.audit.rates import PERIODS
from consent_server.audit.schemas import FIRST_YEAR, LAST_YEAR, Key, Locale, Zone


class Day(fields.Field[date]):
    """A day such as `2026-03-03`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        try:
            day = datetime.strptime(str(value), "%Y-%m-%d").date()
        except ValueError as error:
            raise ValidationError("A day such as 2026-03-03.") from error
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError("A day of our days.")
        return day


class Quarter(fields.Field[tuple[date, date]]):
    """A quarter of a year (`2026-Q2`) as its first and last day."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[date, date]:
        found = re.fullmatch(r"(\d{4})-Q([1-4])", str(value))
        if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
            raise ValidationError("A quarter such as 2026-Q2.")
        year, last_month = int(found[1]), int(found[2]) * 3
        last_day = calendar.monthrange(year, last_month)[1]
        return date(year, last_month - 2, 1), date(year, last_month, last_day)


class ViewQuery(Schema):
    """What every view takes."""

    class Meta:
        unknown = RAISE

    site = Key()
    zone = Zone()


class SpanQuery(ViewQuery):
    """A stretch of UTC days: from a first one to a last one, or a quarter."""

    first = Day(data_key="from")
    last = Day(data_key="to")
    quarter = Quarter()

    @validates_schema(skip_on_field_errors=True)
    def check(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if "quarter" in data and ("first" in data or "last" in data):
            raise ValidationError("Either a quarter, or a first and a last day.", "quarter")
        if "first" in data and "last" in data and data["first"] > data["last"]:
            raise ValidationError("This is before the start.", "to")

    @post_load
    def unfold(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """A quarter is its first and last day."""
        if "quarter" in data:
            data["first"], data["last"] = data.pop("quarter")
        return data


class RatesQuery(SpanQuery):
    """Rates over time."""

    period = fields.String(load_default="month", validate=validate.OneOf(PERIODS))
    locale = Locale()


class CoverageQuery(ViewQuery):
    """What a category covered on a day, in the zone that is asked for."""

    category = Key()
    day = Day()


class ProviderQuery(ViewQuery):
    """The story of one provider."""

    provider = Key()


class LogQuery(Schema):
    """A size of the log that an own visit saw."""

    class Meta:
        unknown = RAISE

    since = fields.Integer(validate=validate.Range(1, 2**62))
    zone = Zone()
