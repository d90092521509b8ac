"""Days and moments in an auditor's zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from consent_server.audit import zones
from consent_server.audit.schemas import FilterSchema

days = st.dates(date(1972, 1, 1), date(2090, 1, 1))


@given(days, st.sampled_from(zones.names()))
def test_days_lie_side_by_side(day, name):
    zone = ZoneInfo(name)
    start, end = zones.start_of(day, zone), zones.end_of(day, zone)
    assert end == zones.start_of(day + timedelta(days=1), zone)
    assert start <= end and end - start <= timedelta(hours=48)


@given(st.datetimes(datetime(1972, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)), st.sampled_from(zones.names()))
def test_a_moment_is_in_its_day(moment, name):
    zone = ZoneInfo(name)
    day = zones.day_of(moment, zone)
    assert zones.start_of(day, zone) <= moment < zones.end_of(day, zone)


def test_a_day_may_have_23_or_25_hours():
    zone = ZoneInfo("America/Chicago")
    hours = [
        (zones.end_of(day, zone) - zones.start_of(day, zone)) / timedelta(hours=1)
        for day in (date(2026, 3, 8), date(2026, 3, 9), date(2026, 11, 1))
    ]
    assert hours == [23, 24, 25]


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "utc", "Etc/GMT+1", "x" * 300, "a\0b"])
def test_other_names_are_no_zones(name):
    assert zones.find(name) is None


def test_a_day_in_a_filter_is_a_day_in_the_zone_beside_it():
    load = FilterSchema().load
    asked = {"from": "2026-11-22", "to": "2026-11-22"}
    plain, chicago = load(asked), load({**asked, "zone": "America/Chicago"})
    assert plain["since"] == datetime(2026, 11, 22, tzinfo=UTC)
    assert chicago["since"] == datetime(2026, 11, 22, 6, tzinfo=UTC)
    assert chicago["until"] == datetime(2026, 11, 23, 6, tzinfo=UTC)
    # A moment says by itself when it is.
    moment = {"from": "2026-11-22T10:00:00+01:00", "zone": "America/Chicago"}
    assert load(moment)["since"] == datetime(2026, 11, 22, 9, tzinfo=UTC)
    with pytest.raises(ValidationError, match="time zone"):
        load({"zone": "Nowhere"})
