"""Decisions of another time, and under another text, than the present one."""

import uuid
from datetime import timedelta

import pytest

from consent_server import clock as real_clock
from consent_server.consent.models import ConsentEvent
from tests.consent.test_refused import assert_problem, assert_readable
from tests.factories import everything, post, publish, read_ala, rows

EVERYTHING = ("functional", "analytics", "marketing")


def id_at(moment, *, low=0):
    """A UUIDv7 of a moment."""
    return str(uuid.UUID(int=(real_clock.to_millis(moment) << 80) | (7 << 76) | (2 << 62) | low))


WEEK = timedelta(days=7)
TEN_MINUTES = timedelta(minutes=10)
MILLISECOND = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("distance", "status"),
    [
        (-WEEK, 201),
        (-WEEK - MILLISECOND, 422),
        (TEN_MINUTES, 201),
        (TEN_MINUTES + MILLISECOND, 422),
        (timedelta(days=4000), 422),
    ],
)
def test_the_ids_time_may_be_a_week_behind_or_ten_minutes_ahead(app, client, decision, clock, distance, status):
    before = everything(app)
    response = post(client, decision(event_id=id_at(clock.now() + distance)))
    assert response.status_code == status
    if status == 422:
        problem = assert_problem(response, 422, "clock")
        assert problem["now"] == clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        assert_readable(response)
        assert everything(app) == before


@pytest.mark.parametrize("identifier", ["00000000-0000-7000-8000-000000000000", "ffffffff-ffff-7fff-bfff-ffffffffffff"])
def test_ids_of_no_time_at_all(client, decision, identifier):
    assert_problem(post(client, decision(event_id=identifier)), 422, "clock")


def test_the_id_minted_anew_from_now_is_taken(client, decision, clock):
    refused = post(client, decision(event_id=id_at(clock.now() + timedelta(days=1))))
    again = decision(event_id=id_at(real_clock.datetime.fromisoformat(refused.json["now"])))
    assert post(client, again).status_code == 201


def test_when_a_decision_was_made_is_only_kept(app, client, decision):
    assert post(client, decision(decided_at="1999-12-31T23:59:59Z")).status_code == 201
    assert post(client, decision(decided_at="2150-01-01T00:00:00Z")).status_code == 201
    assert sorted(event["decided_at"].year for event in rows(app, ConsentEvent)) == [1999, 2150]


UNKNOWN_NOTICE = "ab" * 32


@pytest.mark.parametrize(
    "grant",
    [
        {"allow": EVERYTHING},
        {"allow": ("analytics",)},
        {"action": "custom", "choices": {}, "providers": {"sample-ads": True}},
    ],
)
def test_a_grant_under_a_text_that_was_never_ours(app, client, decision, grant):
    before = everything(app)
    response = post(client, decision(notice=UNKNOWN_NOTICE, **grant))
    assert_problem(response, 422, "stale-notice")
    assert_readable(response)
    assert everything(app) == before


@pytest.mark.parametrize("action", ["reject_all", "withdraw", "custom"])
def test_a_refusal_is_never_turned_away_for_its_text(app, client, decision, action):
    response = post(client, decision(notice=UNKNOWN_NOTICE, action=action, choices={"forgotten": False}))
    assert response.status_code == 201
    assert response.json["choices"] == dict.fromkeys(EVERYTHING, False)
    [event] = rows(app, ConsentEvent)
    assert event["notice"].hex() == UNKNOWN_NOTICE


def test_the_notice_of_another_site_is_unknown_here(app, client, decision):
    with app.app_context():
        content = read_ala()
        content["site"] |= {"key": "other", "origins": ["https://other.example"], "cookie_domains": []}
        publish(content)
        notice = client.get("/v1/sites/other/config").json["notices"]["en"]
    assert_problem(post(client, decision(notice=notice, allow=EVERYTHING)), 422, "stale-notice")


def test_a_grant_of_an_older_epoch_is_stale_and_a_refusal_is_kept_under_its_own_text(app, client, decision):
    grant, refusal = decision(allow=EVERYTHING), decision()
    with app.app_context():
        publish(read_ala(), material=True)
    assert_problem(post(client, grant), 422, "stale-notice")
    response = post(client, refusal)
    assert response.status_code == 201
    assert response.json["policy"]["number"] == 1


def test_a_grant_under_a_version_that_only_edited_the_words_counts(app, client, decision):
    with app.app_context():
        publish(read_ala(), material=False)
    response = post(client, decision(allow=EVERYTHING))
    assert response.status_code == 201
    assert response.json["policy"]["number"] == 1
