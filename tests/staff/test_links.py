"""Invitations and lost passwords: links that work once, and answers that say nothing about who has an account."""

import re
from dataclasses import replace

import pytest

from consent_server.staff.models import OneTimeLink, Staff, StaffSession
from tests.factories import HOST, rows
from tests.staff.mailbox import mailbox
from tests.staff.people import AUDITOR, PASSWORD, add_person, browser, new_link, sign_in, verbs

ENGINES = ("sqlite",)
NEW = "seven calm otters under a bridge"


@pytest.fixture
def person(app, site):
    add_person(app)


@pytest.fixture
def box(app, settings):
    with mailbox() as box:
        app.config["SETTINGS"] = replace(settings, smtp_url=box.url, mail_from="consent@library.example")
        yield box


def link_in(text):
    return re.search(r"/staff/new-password/([\w-]{43})", text)[0]


def test_a_link_sets_the_password_once(app, client, person):
    other = browser(app)
    address = f"/staff/new-password/{new_link(app, AUDITOR, 'reset')}"
    assert AUDITOR in client.get(address).text
    response = client.post(address, data={"new": NEW})
    assert (response.status_code, response.location) == (303, "/staff/sign-in?set=")
    assert "Your password is set" in client.get(response.location).text
    assert client.get(address).status_code == client.post(address, data={"new": NEW}).status_code == 404
    assert other.get("/staff/").status_code == 303 and rows(app, StaffSession) == []
    assert sign_in(client).status_code == 403
    assert sign_in(client, password=NEW).status_code == 303
    assert "password-set" in verbs(app)


def test_a_weak_password_does_not_use_the_link_up(app, client, person):
    address = f"/staff/new-password/{new_link(app, AUDITOR, 'reset')}"
    for new in ("short", AUDITOR, ""):
        response = client.post(address, data={"new": new})
        assert response.status_code == 422 and "There is a problem" in response.text
    assert client.post(address, data={"new": NEW}).status_code == 303


@pytest.mark.parametrize(("purpose", "hours"), [("reset", 1), ("invitation", 7 * 24)])
def test_links_expire(app, client, person, clock, purpose, hours):
    address = f"/staff/new-password/{new_link(app, AUDITOR, purpose)}"
    clock.advance(hours=hours, seconds=-1)
    assert client.get(address).status_code == 200
    clock.advance(seconds=1)
    assert client.get(address).status_code == 404
    assert "has been used, or it has expired" in client.get(address).text


def test_a_new_link_ends_the_one_before(app, client, person):
    first, second = (new_link(app, AUDITOR, "reset") for _ in range(2))
    assert client.get(f"/staff/new-password/{first}").status_code == 404
    assert client.get(f"/staff/new-password/{second}").status_code == 200


def test_the_ticket_between_password_and_code_sets_no_password(app, client, person):
    assert client.get(f"/staff/new-password/{new_link(app, AUDITOR, 'sign-in')}").status_code == 404


def test_a_link_is_kept_as_its_hash(app, person):
    token = new_link(app, AUDITOR)
    [row] = rows(app, OneTimeLink)
    assert token.encode() not in row["token_hash"] and len(row["token_hash"]) == 32


def test_a_lost_password_is_helped_by_mail(app, client, person, box):
    response = client.post("/staff/forgotten", data={"email": f" {AUDITOR.upper()} "})
    assert "is on its way" in client.get(response.location).text
    letter = box.wait()
    assert letter["To"] == AUDITOR
    text = letter.get_content()
    assert f"{HOST}/staff/new-password/" in text
    assert client.post(link_in(text), data={"new": NEW}).status_code == 303
    assert sign_in(client, password=NEW).status_code == 303


def test_a_host_in_the_request_does_not_get_into_the_link(app, client, person, box):
    client.post("/staff/forgotten", data={"email": AUDITOR}, base_url="http://evil.example")
    assert "evil" not in box.wait().get_content()


def test_an_unknown_address_gets_the_same_answer(app, client, person, box):
    def answer(email):
        app.extensions["rates"].storage.reset()
        response = client.post("/staff/forgotten", data={"email": email})
        return response.status_code, response.location, response.text, sorted(response.headers.keys())

    assert answer("nobody@example.org") == answer(AUDITOR)
    assert box.wait()["To"] == AUDITOR and len(box.letters) == 1


def test_nobodys_mailbox_is_filled(app, client, person, box, clock):
    for _ in range(3):
        client.post("/staff/forgotten", data={"email": AUDITOR})
    box.wait()
    assert verbs(app).count("password-forgotten") == 1
    clock.advance(minutes=5)
    client.post("/staff/forgotten", data={"email": AUDITOR})
    box.wait()
    assert verbs(app).count("password-forgotten") == 2


def test_without_mail_the_page_says_whom_to_ask(app, client, person):
    assert "An admin of your site can give you a link" in client.get("/staff/forgotten").text
    client.post("/staff/forgotten", data={"email": AUDITOR})
    assert rows(app, OneTimeLink) == []


def test_an_account_that_has_ended_gets_no_link(app, client, site, box, clock):
    add_person(app, "a@example.org", ["admin"])
    person_id = add_person(app)
    browser(app, "a@example.org").post(f"/staff/ala/people/{person_id}/disable", data={"reason": "Left."})
    client.post("/staff/forgotten", data={"email": AUDITOR})
    assert rows(app, OneTimeLink) == [] and box.letters == []


def test_an_invitation_goes_by_mail_and_is_taken_up(app, client, site, box):
    add_person(app, "a@example.org", ["admin"])
    admin = browser(app, "a@example.org")
    response = admin.post("/staff/ala/people/invite", data={"email": "Vera@Library.example", "roles": ["editor"]})
    assert response.status_code == 303 and "e-mail is sent" in admin.get(response.location).text
    letter = box.letters[0]
    assert letter["To"] == "vera@library.example" and "American Library Association" in letter["Subject"]
    assert sign_in(client, "vera@library.example").status_code == 403
    link = link_in(letter.get_content())
    assert "Welcome" in client.get(link).text
    assert client.post(link, data={"new": PASSWORD}).status_code == 303
    assert sign_in(client, "vera@library.example").status_code == 303
    assert "editor" in client.get("/staff/").text


def test_without_mail_the_admin_is_shown_the_link_once(app, client, site):
    add_person(app, "a@example.org", ["admin"])
    admin = browser(app, "a@example.org")
    response = admin.post("/staff/ala/people/invite", data={"email": "vera@library.example", "roles": ["editor"]})
    assert response.status_code == 200 and "This server sends no e-mail" in response.text
    link = link_in(response.text)
    assert client.post(link, data={"new": PASSWORD}).status_code == 303
    person = next(row for row in rows(app, Staff) if row["email"] == "vera@library.example")
    assert "new-password" not in admin.get(f"/staff/ala/people/{person['id']}").text


def test_a_letter_that_cannot_be_sent_is_shown_instead(app, site, settings):
    app.config["SETTINGS"] = replace(settings, smtp_url="smtp://127.0.0.1:9", mail_from="consent@library.example")
    add_person(app, "a@example.org", ["admin"])
    admin = browser(app, "a@example.org")
    response = admin.post("/staff/ala/people/invite", data={"email": "vera@library.example", "roles": ["editor"]})
    assert "could not be sent" in response.text and link_in(response.text)
