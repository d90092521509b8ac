"""Codes by time, recovery codes, and the step between password and code."""

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from consent_server.extensions import db
from consent_server.staff import second_factor
from consent_server.staff.models import OneTimeLink, SecondFactor, Staff, StaffSession
from tests.factories import rows
from tests.staff.people import AUDITOR, PASSWORD, add_person, browser, sign_in, verbs

ENGINES = ("sqlite",)
PAGE = "/staff/account/second-factor"


@pytest.fixture
def person(app, site, clock):
    add_person(app)


def key_on(page):
    return re.search(r'<span class="id">([A-Z2-7 ]+)</span>', page)[1].replace(" ", "")


def turn_on(client, clock):
    """Sets a second factor up; its key and its recovery codes."""
    client.post(f"{PAGE}/begin")
    key = key_on(client.get(PAGE).text)
    response = client.post(PAGE, data={"code": code_at(key, clock)})
    codes = re.findall(r"<li>([a-z2-7-]{19})</li>", response.text)
    assert len(set(codes)) == 10
    clock.advance(seconds=30)
    return key, codes


def code_at(key, clock, steps=0):
    """The code that an app shows so many half minutes from now."""
    return pyotp.TOTP(key).at(clock.now() + timedelta(seconds=30 * steps))


def ticket_on(response):
    return re.search(r'name="ticket" value="([^"]+)"', response.text)[1]


def enter(client, ticket, code, **form):
    client.application.extensions["rates"].storage.reset()
    return client.post("/staff/code", data={"ticket": ticket, "code": code, **form})


def test_it_is_on_once_a_code_was_typed_in(app, person, clock):
    client = browser(app)
    assert "Set it up" in client.get(PAGE).text
    client.post(f"{PAGE}/begin")
    assert client.post(PAGE, data={"code": "000000"}).status_code == 422
    assert sign_in(app.test_client()).status_code == 303
    turn_on(client, clock)
    assert "On since" in client.get(PAGE).text
    assert "second-factor-on" in verbs(app)


def test_the_picture_holds_what_apps_read(app, person, clock):
    client = browser(app)
    assert client.get(f"{PAGE}/code.svg").status_code == 404
    client.post(f"{PAGE}/begin")
    picture = client.get(f"{PAGE}/code.svg")
    assert picture.mimetype == "image/svg+xml" and "style" not in picture.text and "<script" not in picture.text
    turn_on(client, clock)
    assert client.get(f"{PAGE}/code.svg").status_code == 404
    assert client.post(f"{PAGE}/begin").status_code == 409


def test_the_key_is_not_readable_in_the_database(app, person, clock):
    key, codes = turn_on(browser(app), clock)
    [row] = rows(app, SecondFactor)
    assert key not in row["secret"]
    assert not {code.replace("-", "") for code in codes} & set(row["recovery"])
    with app.app_context():
        app.config["SECRET_KEY_BEFORE"] = second_factor.unseal(row["secret"], "second-factor")
        assert app.config["SECRET_KEY_BEFORE"] == key
        assert second_factor.unseal(row["secret"], "oidc") is None


def test_a_password_alone_opens_nothing_then(app, person, clock):
    key, _ = turn_on(browser(app), clock)
    client = app.test_client()
    response = sign_in(client, back="/audit/")
    assert response.status_code == 200 and "Enter your code" in response.text
    assert "Set-Cookie" not in response.headers and client.get("/staff/").status_code == 303
    ticket = ticket_on(response)
    assert ticket.encode() not in b"".join(row["token_hash"] for row in rows(app, OneTimeLink))
    response = enter(client, ticket, code_at(key, clock), next="/audit/")
    assert (response.status_code, response.location) == (303, "/audit/")
    assert client.get("/audit/").status_code == 200
    assert enter(app.test_client(), ticket, code_at(key, clock)).status_code == 403


def test_a_code_counts_once_and_so_do_those_before_it(app, person, clock):
    key, _ = turn_on(browser(app), clock)
    ahead = code_at(key, clock, 1)
    for code, status in ((ahead, 303), (ahead, 403), (code_at(key, clock), 403), (code_at(key, clock, -1), 403)):
        client = app.test_client()
        assert enter(client, ticket_on(sign_in(client)), code).status_code == status
    clock.advance(minutes=1)
    client = app.test_client()
    assert enter(client, ticket_on(sign_in(client)), code_at(key, clock)).status_code == 303


@pytest.mark.parametrize(("steps", "status"), [(-2, 403), (-1, 303), (0, 303), (1, 303), (2, 403)])
def test_a_clock_may_be_half_a_minute_off(app, person, clock, steps, status):
    key, _ = turn_on(browser(app), clock)
    clock.advance(minutes=5)
    client = app.test_client()
    assert enter(client, ticket_on(sign_in(client)), code_at(key, clock, steps)).status_code == status


def test_a_recovery_code_works_once_however_it_is_typed(app, person, clock):
    _, codes = turn_on(browser(app), clock)
    client = app.test_client()
    typed = f" {codes[3].upper().replace('-', ' ')} "
    assert enter(client, ticket_on(sign_in(client)), typed).status_code == 303
    assert "9 recovery codes" in client.get(PAGE).text
    assert enter(client, ticket_on(sign_in(client)), codes[3]).status_code == 403


def test_wrong_codes_lock_and_a_right_password_does_not_start_the_count_anew(app, person, clock):
    key, _ = turn_on(browser(app), clock)
    client = app.test_client()
    for _ in range(5):
        ticket = ticket_on(sign_in(client))
        assert enter(client, ticket, "000000").status_code == 403
    assert "sign-in-locked" in verbs(app)
    assert enter(client, ticket, code_at(key, clock)).status_code == 403
    assert sign_in(client).status_code == 403
    clock.advance(minutes=15)
    assert enter(client, ticket_on(sign_in(client)), code_at(key, clock)).status_code == 303
    [account] = rows(app, Staff)
    assert account["failures"] == 0


def test_a_half_done_sign_in_ends_after_ten_minutes(app, person, clock):
    key, _ = turn_on(browser(app), clock)
    client = app.test_client()
    ticket = ticket_on(sign_in(client))
    clock.advance(minutes=10)
    response = enter(client, ticket, code_at(key, clock))
    assert response.status_code == 403 and "Sign in again" in response.text


def test_what_is_no_code_is_refused(app, person, clock):
    turn_on(browser(app), clock)
    client = app.test_client()
    ticket = ticket_on(sign_in(client))
    for code, status in (("", 422), ("x" * 41, 422), ("１２３４５６", 403), ("123 456 7", 403)):
        assert enter(client, ticket, code).status_code == status, code


def test_new_recovery_codes_need_a_code_and_end_the_old_ones(app, person, clock):
    client = browser(app)
    key, old = turn_on(client, clock)
    assert client.post(f"{PAGE}/recovery", data={"code": "000000"}).status_code == 422
    response = client.post(f"{PAGE}/recovery", data={"code": code_at(key, clock)})
    new = re.findall(r"<li>([a-z2-7-]{19})</li>", response.text)
    assert len(new) == 10 and not set(new) & set(old)
    other = app.test_client()
    assert enter(other, ticket_on(sign_in(other)), old[0]).status_code == 403
    assert enter(other, ticket_on(sign_in(other)), new[0]).status_code == 303
    assert "recovery-codes" in verbs(app)


def test_turning_it_off_needs_a_code(app, person, clock):
    client = browser(app)
    key, _ = turn_on(client, clock)
    assert client.post(f"{PAGE}/off", data={"code": "000000"}).status_code == 422
    assert rows(app, Staff)[0]["failures"] == 1
    assert client.post(f"{PAGE}/off", data={"code": code_at(key, clock)}).status_code == 303
    assert sign_in(app.test_client()).status_code == 303
    assert "second-factor-off" in verbs(app)


def test_a_changed_password_ends_half_done_sign_ins(app, person, clock):
    client = browser(app)
    key, _ = turn_on(client, clock)
    stranger = app.test_client()
    ticket = ticket_on(sign_in(stranger))
    client.post("/staff/password", data={"present": PASSWORD, "new": "seven calm otters under a bridge"})
    assert enter(stranger, ticket, code_at(key, clock)).status_code == 403
    assert len(rows(app, StaffSession)) == 1


def test_codes_are_those_of_the_standard(app, site, clock, monkeypatch):
    """RFC 6238 appendix B: at 59 s the code of this key is 94287082; apps show its last six digits."""
    clock.set(datetime.fromtimestamp(59, UTC))
    step = second_factor._step_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "287082", after=0)
    assert step == 1
    assert second_factor._step_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "287082", after=1) is None


def test_a_key_sealed_under_another_secret_opens_with_recovery_codes_only(app, person, clock):
    key, codes = turn_on(browser(app), clock)
    with app.app_context():
        factor = db.session.scalars(db.select(SecondFactor)).one()
        factor.secret = "gAAAA" + factor.secret[5:][::-1]
        db.session.commit()
    client = app.test_client()
    assert enter(client, ticket_on(sign_in(client)), code_at(key, clock)).status_code == 403
    assert enter(client, ticket_on(sign_in(client)), codes[0]).status_code == 303
    assert rows(app, Staff)[0]["email"] == AUDITOR
