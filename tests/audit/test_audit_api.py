"""`GET /v1/audit/events`."""

import json
import random
from datetime import timedelta

import pytest

from consent_server import clock as real_clock
from consent_server.staff.models import StaffEvent
from tests.factories import post, rows
from tests.staff.people import AUDITOR, add_person, issue_token, publish_zoo


@pytest.fixture
def ask(app, client, site):
    """Asks the API with a token for ALA's site: `ask(dnt="true")` gives the answer's JSON."""
    add_person(app)
    token = issue_token(app)

    def get(status=200, **query):
        query = {name.rstrip("_"): value for name, value in query.items()}
        response = client.get("/v1/audit/events", query_string=query, headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == status, response.text
        return response.json

    return get


@pytest.fixture
def send(app, decision):
    """Sends a decision from a browser of its own; returns the event's id."""

    def send(*, headers=None, notice=None, **changes):
        body = decision(**changes) | ({"notice": notice} if notice else {})
        assert post(app.test_client(), body, **(headers or {})).status_code == 201
        return body["event_id"]

    return send


def ids(answer):
    return [event["event_id"] for event in answer["events"]]


def test_an_event_is_told_with_everything_recorded(ask, send, site, clock):
    event_id = send(
        allow=("analytics",),
        headers={"DNT": "1", "Sec_GPC": "1"},
        signals={"dnt": None, "gpc": True},
        surface="preferences",
    )
    [event] = ask()["events"]
    now = real_clock.to_rfc3339(clock.now())
    visitor, expires, decided = (event.pop(name) for name in ("visitor", "expires_at", "decided_at"))
    assert len(visitor) == 36 and expires > now and decided <= now
    assert event == {
        "event_id": event_id,
        "site": "ala",
        "policy": {"number": 1},
        "notice": site.notices["en"],
        "locale": "en",
        "action": "custom",
        "surface": "preferences",
        "choices": {"functional": False, "analytics": True, "marketing": False},
        "providers": {},
        "signals": {
            "dnt": {"header": "1", "js": None, "acted_on": False},
            "gpc": {"header": True, "js": True, "acted_on": True},
        },
        "recorded_at": now,
        "agent": {"browser": "Firefox 140", "os": "Linux", "device": "desktop"},
        "automated": "human",
        "page": "https://www.ala.org",
    }


def test_each_filter_keeps_what_it_names_and_nothing_else(ask, send, site, clock):
    base = send(notice="ab" * 32)
    clock.advance(hours=30)
    other = send(
        allow=("analytics",),
        headers={"DNT": "1", "Sec_GPC": "1", "User_Agent": "Googlebot/2.1"},
        notice=site.notices["es"],
        surface="page",
    )
    visitors = {event["event_id"]: event["visitor"] for event in ask()["events"]}
    assert ids(ask()) == [other, base]
    today, yesterday = clock.now(), clock.now() - timedelta(hours=30)
    for query, expected in (
        ({"visitor": visitors[base]}, [base]),
        ({"visitor": visitors[other].upper()}, [other]),
        ({"event": other}, [other]),
        ({"site": "ala"}, [other, base]),
        ({"action": "reject_all"}, [base]),
        ({"category": "analytics", "value": "true"}, [other]),
        ({"category": "analytics", "value": "false"}, [base]),
        ({"category": "nonsense", "value": "false"}, []),
        ({"policy": "1"}, [other, base]),
        ({"policy": "2"}, []),
        ({"locale": "es"}, [other]),
        ({"locale": "en"}, []),
        ({"surface": "page"}, [other]),
        ({"dnt": "true"}, [other]),
        ({"dnt": "false"}, [base]),
        ({"gpc": "true"}, [other]),
        ({"gpc": "false"}, [base]),
        ({"automated": "declared"}, [other]),
        ({"automated": "human"}, [base]),
        ({"from": str(today.date())}, [other]),
        ({"to": str(yesterday.date())}, [base]),
        ({"from": str(yesterday.date()), "to": str(today.date())}, [other, base]),
        ({"from": real_clock.to_rfc3339(today)}, [other]),
        ({"to": real_clock.to_rfc3339(today)}, [other, base]),
        ({"to": real_clock.to_rfc3339(today - timedelta(milliseconds=1))}, [base]),
        ({"dnt": "true", "gpc": "false"}, []),
    ):
        assert ids(ask(**query)) == expected, query


def test_a_notice_that_is_not_ours_has_no_locale(ask, send):
    send(notice="ab" * 32)
    [event] = ask()["events"]
    assert event["locale"] is None and event["notice"] == "ab" * 32


def test_pages_follow_each_other_without_gap_or_repeat(ask, send, clock):
    order = random.Random(7)
    sent = []
    for _ in range(17):
        sent.append(send())
        if order.random() < 0.5:
            clock.advance(milliseconds=order.choice((1, 500)))
    whole = ids(ask())
    assert sorted(whole) == sorted(sent)
    paged, cursor = [], {}
    while cursor is not None:
        answer = ask(limit=4, **cursor)
        assert len(answer["events"]) <= 4
        paged += ids(answer)
        cursor = {"cursor": answer["next"]} if answer["next"] else None
        send()
        clock.advance(seconds=1)
    assert paged == whole


WRONG = [
    {"visitor": "x"}, {"event": "1"}, {"from_": "yesterday"}, {"from_": "2026-13-01"},
    {"from_": "2026-11-22T10:00:00"},
    {"from_": "0001-01-01"}, {"to": "9999-12-31"}, {"to": "9999-12-31T23:59:59-23:59"}, {"action": "shrug"},
    {"category": "analytics"}, {"value": "true"}, {"category": "analytics", "value": "yes"},
    {"category": "a\0b", "value": "true"},
    {"policy": "one"}, {"policy": "99999999999"}, {"locale": "en'"}, {"surface": "x"},
    {"dnt": "1"}, {"gpc": "True"},
    {"automated": "bot"}, {"limit": "0"}, {"limit": "501"}, {"cursor": "x"}, {"cursor": "WzFd"}, {"cursor": "é"},
    {"cursor": "WzEsMl0="}, {"cursor": "WzFlOTksIngiXQ=="}, {"unknown": "1"}, {"site": "A B"},
    {"from_": "2026-11-22", "to": "2026-11-21"},
]  # fmt: skip


def test_what_cannot_be_asked_is_named(ask):
    for query in WRONG:
        answer = ask(422, **query)
        assert answer["errors"] and answer["status"] == 422, query


def test_an_unescaped_offset_is_understood(app, client, ask, send):
    send()
    token = issue_token(app)
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.get("/v1/audit/events?from=2001-01-01T00:00:00+00:00", headers=headers)
    assert answer.status_code == 200 and len(answer.json["events"]) == 1


def test_a_token_opens_its_own_site_only(app, client, ask, send):
    publish_zoo(app)
    send()
    add_person(app, "keeper@zoo.example", site="zoo")
    headers = {"Authorization": f"Bearer {issue_token(app, 'keeper@zoo.example', site='zoo')}"}
    assert client.get("/v1/audit/events", headers=headers).json == {"events": [], "next": None}
    assert client.get("/v1/audit/events?site=ala", headers=headers).status_code == 403
    assert client.get("/v1/audit/events?site=zoo", headers=headers).status_code == 200


def test_a_search_is_recorded_without_what_it_looked_for(app, ask, send):
    send()
    visitor = ask()["events"][0]["visitor"]
    ask(visitor=visitor, dnt="false", limit=3)
    act = rows(app, StaffEvent)[-1]
    assert (act["verb"], act["actor"], act["site"]) == ("audit-search", AUDITOR, "ala")
    assert act["detail"] == {"filters": ["dnt", "visitor"], "through": "token"}
    assert visitor not in json.dumps([str(row) for row in rows(app, StaffEvent)])


def test_it_is_described(client, site):
    described = client.get("/openapi.json").json["paths"]["/v1/audit/events"]["get"]
    names = {parameter["name"] for parameter in described["parameters"]}
    assert {"site", "visitor", "event", "from", "to", "cursor", "limit"} <= names
