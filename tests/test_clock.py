"""Time and identity."""

import time
import uuid
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from consent_server import clock

# Milliseconds that a datetime can hold.
millis = st.integers(0, 253402300799999)


def test_now_is_utc_in_whole_milliseconds():
    before, now, after = time.time() * 1000 - 1, clock.now(), time.time() * 1000
    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0
    assert before <= clock.to_millis(now) <= after


@given(millis)
def test_milliseconds_survive_the_round_trip(value):
    assert clock.to_millis(clock.from_millis(value)) == value


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)))
def test_moments_are_cut_not_rounded(moment):
    cut = clock.from_millis(clock.to_millis(moment))
    assert timedelta(0) <= moment - cut < timedelta(milliseconds=1)


def test_text_is_in_utc_with_milliseconds():
    moment = datetime(2026, 11, 22, 10, 0, 0, 7999, timezone(timedelta(hours=-6)))
    assert clock.to_rfc3339(moment) == "2026-11-22T16:00:00.007Z"
    assert clock.to_rfc3339(datetime(2026, 11, 22, tzinfo=UTC)) == "2026-11-22T00:00:00.000Z"


def test_ids_are_uuids_of_version_7_that_carry_the_time(monkeypatch):
    moment = datetime(2026, 11, 22, 10, 0, 0, 123000, UTC)
    monkeypatch.setattr(clock, "now", lambda: moment)
    ids = [clock.new_id() for _ in range(200)]
    assert len(set(ids)) == 200
    for identifier in ids:
        assert (identifier.version, identifier.variant) == (7, uuid.RFC_4122)
        assert clock.millis_of_id(identifier) == clock.to_millis(moment)


def test_the_rest_of_an_id_is_random(monkeypatch):
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    seen_set = seen_clear = 0
    for _ in range(300):
        value = clock.new_id().int
        seen_set |= value
        seen_clear |= ~value
    random_bits = ((1 << 80) - 1) & ~(0xF << 76) & ~(0x3 << 62)
    assert seen_set & seen_clear & random_bits == random_bits


def test_an_id_past_the_last_year_is_only_a_number():
    assert clock.millis_of_id(uuid.UUID("ffffffff-ffff-7fff-bfff-ffffffffffff")) == 2**48 - 1
