"""Searching: bounded work for each page, whatever is asked for, and nothing left out."""

import re

import pytest
from sqlalchemy import event

from consent_server.audit import service
from consent_server.extensions import db
from tests.audit.test_audit_pages import events_in
from tests.factories import post
from tests.staff.people import add_person, publish_zoo, sign_in


@pytest.fixture
def auditor(app, client, site):
    add_person(app)
    sign_in(client)
    return client


@pytest.fixture
def send(app, decision, clock):
    def send(site="ala", agent=None, **changes):
        clock.advance(seconds=1)
        headers = {"User_Agent": agent} if agent else {}
        body = decision(**changes)
        response = post(app.test_client(), body, **headers)
        assert response.status_code == 201
        return body["event_id"]

    return send


def walk(client, query):
    """All pages of a list: their events, and whether each said that it goes on."""
    found, address, pages = [], f"/audit/events?{query}", 0
    while address:
        page = client.get(address)
        assert page.status_code == 200
        found += events_in(page)
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = "/audit/events" + following[1].replace("&amp;", "&") if following else None
        pages += 1
        assert pages < 60
    return found


@pytest.mark.parametrize(
    "query", ["surface=page", "category=analytics&value=true", "locale=es", "policy=1&surface=page"]
)
def test_a_rare_kind_is_found_however_far_back(auditor, send, site, monkeypatch, query):
    monkeypatch.setattr(service, "SCAN", 4)
    rare = send(surface="page", allow=("analytics",), notice=site.notices["es"])
    for _ in range(9):
        send()
    first = auditor.get(f"/audit/events?{query}")
    assert events_in(first) == []
    assert "None of the decisions looked through so far match." in first.text
    assert "Search further back" in first.text
    assert walk(auditor, query) == [rare]


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_pages_of_a_bounded_search_leave_nothing_out(auditor, send, monkeypatch, limit):
    monkeypatch.setattr(service, "SCAN", 3)
    wanted = [send(surface="page" if number % 3 == 0 else "banner") for number in range(14)]
    expected = [event_id for number, event_id in enumerate(wanted) if number % 3 == 0][::-1]
    assert walk(auditor, f"surface=page&limit={limit}") == expected


def test_rare_kinds_have_an_index_and_are_not_bounded(auditor, send, monkeypatch):
    monkeypatch.setattr(service, "SCAN", 2)
    bot = send(agent="Googlebot/2.1", signals={"dnt": "1", "gpc": True})
    for _ in range(6):
        send()
    for query in ("automated=declared", "dnt=true", "gpc=true"):
        assert events_in(auditor.get(f"/audit/events?{query}")) == [bot], query
    assert events_in(auditor.get("/audit/events?dnt=true&gpc=true&automated=declared")) == [bot]


def test_a_page_asks_the_database_a_few_times_however_long_it_is(app, auditor, send):
    for _ in range(12):
        send()
    asked, counts = [], []

    def note(*call):
        asked.append(call[2])

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    for limit in (2, 12):
        asked.clear()
        auditor.get(f"/audit/events?limit={limit}")
        counts.append(len(asked))
    event.remove(engine, "before_cursor_execute", note)
    assert counts[0] == counts[1] < 25


def test_two_sites_are_looked_through_evenly(app, auditor, send, monkeypatch):
    """A page never shows what lies below the place that another site has been looked through to."""
    publish_zoo(app)
    add_person(app, site="zoo")
    monkeypatch.setattr(service, "SCAN", 3)
    sent = [send(surface="page") for _ in range(2)] + [send() for _ in range(7)]
    assert walk(auditor, "surface=page") == sent[:2][::-1]
