"""The browsers that are signed in as somebody, and ending them."""

import uuid

import pytest

from consent_server.staff.models import StaffSession
from tests.factories import FIREFOX, rows
from tests.staff.people import AUDITOR, PASSWORD, add_person, browser, verbs

PAGE = "/staff/account/sessions"


@pytest.fixture
def person(app, site):
    add_person(app)


def with_agent(app, agent):
    client = app.test_client()
    client.post("/staff/sign-in", data={"email": AUDITOR, "password": PASSWORD}, headers={"User-Agent": agent})
    return client


def test_each_is_named_by_browser_and_system_and_no_more(app, person):
    with_agent(app, FIREFOX)
    with_agent(app, "curl/8.5.0 (secret-kiosk 47)")
    assert {row["agent"] for row in rows(app, StaffSession)} == {"Firefox on Linux", "curl"}


def test_ones_own_is_marked_and_has_no_button(app, person):
    client = browser(app)
    page = client.get(PAGE).text
    assert page.count("This browser") == 1 and "Sign it out" not in page and "every browser but this one" not in page


def test_one_is_signed_out(app, person):
    client, other = browser(app), browser(app)
    others = max(rows(app, StaffSession), key=lambda row: row["started_at"])["id"]
    response = client.post(f"{PAGE}/{others}/end")
    assert "Signed out." in client.get(response.location).text
    assert other.get("/staff/").status_code == 303 and client.get("/staff/").status_code == 200
    assert client.post(f"{PAGE}/{others}/end").status_code == 303
    assert verbs(app).count("session-end") == 1


def test_all_others_are_signed_out(app, person):
    client, *others = (browser(app) for _ in range(3))
    assert "every browser but this one" in client.get(PAGE).text
    client.post(f"{PAGE}/others/end")
    assert client.get("/staff/").status_code == 200
    assert [other.get("/staff/").status_code for other in others] == [303, 303]
    assert "sessions-end" in verbs(app)


def test_nobody_ends_anothers(app, person):
    vera = add_person(app, "vera@example.org")
    client, theirs = browser(app), browser(app, "vera@example.org")
    [session] = [row["id"] for row in rows(app, StaffSession) if row["staff_id"] == vera]
    for identifier in (session, uuid.uuid4()):
        client.post(f"{PAGE}/{identifier}/end")
    client.post(f"{PAGE}/others/end")
    assert theirs.get("/staff/").status_code == 200


def test_what_has_run_out_is_not_listed(app, person, clock):
    browser(app)
    clock.advance(hours=8)
    client = browser(app)
    assert client.get(PAGE).text.count("last used") == 1
