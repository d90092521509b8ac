"""Signing in with the organisation's own issuer: a real one, that runs here and signs with keys of its own."""

import re
from dataclasses import replace

import pyotp
import pytest
from joserfc.jwk import OctKey, RSAKey

from consent_server.staff.models import StaffEvent, StaffSession
from tests.factories import rows, running
from tests.staff.issuer import CLIENT_ID, CLIENT_SECRET, issuer
from tests.staff.people import add_person, browser
from tests.staff.test_second_factor import turn_on

ENGINES = ("sqlite",)
VERA = "vera@example.org"


@pytest.fixture(scope="module")
def one_issuer():
    with issuer() as server:
        yield server


@pytest.fixture
def theirs(one_issuer):
    """The issuer as it is at first."""
    before = dict(vars(one_issuer))
    one_issuer.claims = dict(one_issuer.claims)
    one_issuer.grants, one_issuer.down = {}, set()
    yield one_issuer
    for name in ("claims", "userinfo", "metadata", "signer", "key", "algorithm"):
        setattr(one_issuer, name, before[name])


@pytest.fixture
def ours(settings, theirs, app, site):
    """An app that trusts the issuer."""
    names = {"oidc_issuer": theirs.address, "oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET}
    with running(replace(settings, **names)) as ours:
        add_person(ours, VERA, ["editor"])
        yield ours


def sign_in(client, theirs, back="/staff/"):
    """There and back again."""
    away = client.get(f"/staff/oidc?next={back}")
    assert away.status_code == 303, away.text
    return client.get(theirs.authorize(away.location))


def refused(client, response):
    assert response.status_code == 403 and client.get("/staff/").status_code == 303
    return re.sub(r"<[^>]+>", "", response.text)


def test_without_an_issuer_there_is_no_such_way(client, site):
    assert client.get("/staff/oidc/back").status_code == 404
    assert "your organisation" not in client.get("/staff/sign-in").text


def test_an_account_that_is_there_comes_in(ours, theirs):
    client = ours.test_client()
    assert 'href="/staff/oidc?next=/audit/"' in client.get("/staff/sign-in?next=/audit/").text
    response = sign_in(client, theirs, "/audit/")
    assert (response.status_code, response.location) == (303, "/audit/")
    assert VERA in client.get("/staff/").text
    [act] = [act for act in rows(ours, StaffEvent) if act["verb"] == "sign-in"]
    assert (act["actor"], act["detail"]) == (VERA, {"with": "issuer"})


def test_the_address_says_state_nonce_and_challenge_anew_each_time(ours, theirs):
    first, second = (ours.test_client().get("/staff/oidc").location for _ in range(2))
    for name in ("state", "nonce", "code_challenge"):
        values = {re.search(rf"[?&]{name}=([\w-]{{43}})", address)[1] for address in (first, second)}
        assert len(values) == 2


def test_the_cookie_of_the_attempt_is_sealed_and_short(ours, theirs):
    client = ours.test_client()
    away = client.get("/staff/oidc")
    [cookie] = away.headers.getlist("Set-Cookie")
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Max-Age=600" in cookie
    state = re.search(r"state=([\w-]{43})", away.location)[1]
    assert state not in cookie
    back = client.get(theirs.authorize(away.location))
    assert any(value.startswith("issuer=;") for value in back.headers.getlist("Set-Cookie"))


def test_who_has_no_account_does_not_get_one(ours, theirs):
    theirs.claims["email"] = "stranger@example.org"
    client = ours.test_client()
    text = refused(client, sign_in(client, theirs))
    assert "no account for stranger@example.org" in text
    assert rows(ours, StaffSession) == []


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email_verified": None}, {"email_verified": "true"}])
def test_an_address_that_nobody_verified_counts_for_nothing(ours, theirs, claims):
    theirs.claims |= claims
    client = ours.test_client()
    assert "has not confirmed your e-mail" in refused(client, sign_in(client, theirs))


def test_an_account_that_is_disabled_stays_out(ours, theirs):
    add_person(ours, "admin@example.org", ["admin"])
    vera = add_person(ours, VERA, [])
    browser(ours, "admin@example.org").post(f"/staff/ala/people/{vera}/disable", data={"reason": "Left."})
    client = ours.test_client()
    assert "not active" in refused(client, sign_in(client, theirs))


FOREIGN = RSAKey.generate_key(2048, {"kid": "1"})


@pytest.mark.parametrize(
    "changes",
    [
        {"claims": {"nonce": "another"}},
        {"claims": {"nonce": None}},
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"aud": "another-client"}},
        {"claims": {"aud": ["another-client", CLIENT_ID], "azp": "another-client"}},
        {"claims": {"exp": 1_000_000_000}},
        {"claims": {"sub": None}},
        {"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}},
        {"signer": FOREIGN},
        {"signer": OctKey.import_key(CLIENT_SECRET), "algorithm": "HS256"},
    ],
)
def test_a_token_that_is_not_right_in_every_point_opens_nothing(ours, theirs, changes):
    for name, value in changes.items():
        setattr(theirs, name, theirs.claims | value if name == "claims" else value)
    client = ours.test_client()
    assert "did not work" in refused(client, sign_in(client, theirs))


def test_an_answer_of_another_attempt_opens_nothing(ours, theirs):
    """Whoever makes a victim's browser follow an answer of their own would have them work in a foreign account."""
    attacker, client = ours.test_client(), ours.test_client()
    back = theirs.authorize(attacker.get("/staff/oidc").location)
    assert "did not work" in refused(client, client.get(back))
    client.get("/staff/oidc")
    assert "did not work" in refused(client, client.get(back))
    assert "did not work" in refused(client, client.get(back.replace("state=", "state=x")))


def test_an_answer_counts_once_and_for_ten_minutes(ours, theirs, clock):
    client = ours.test_client()
    back = theirs.authorize(client.get("/staff/oidc").location)
    clock.advance(minutes=10, seconds=1)
    assert "did not work" in refused(client, client.get(back))
    clock.advance(minutes=-10)
    client = ours.test_client()
    back = theirs.authorize(client.get("/staff/oidc").location)
    assert client.get(back).status_code == 303
    client.post("/staff/sign-out")
    assert "did not work" in refused(client, client.get(back))


@pytest.mark.parametrize("query", ["", "?error=access_denied&state={state}", "?code=made-up&state={state}"])
def test_a_refusal_of_the_issuer_is_said(ours, theirs, query):
    client = ours.test_client()
    state = re.search(r"state=([\w-]{43})", client.get("/staff/oidc").location)[1]
    assert "did not work" in refused(client, client.get(f"/staff/oidc/back{query.format(state=state)}"))


def test_it_leads_nowhere_else(ours, theirs):
    for back in ("https://evil.example/", "//evil.example/"):
        assert sign_in(ours.test_client(), theirs, back).location == "/staff/"


def test_an_address_may_be_in_userinfo_alone(ours, theirs):
    theirs.claims, theirs.userinfo = {}, {"sub": "1", "email": VERA, "email_verified": True}
    assert sign_in(ours.test_client(), theirs).status_code == 303
    theirs.userinfo = {"sub": "2", "email": VERA, "email_verified": True}
    client = ours.test_client()
    refused(client, sign_in(client, theirs))


def test_a_second_factor_that_is_on_is_asked_for_as_well(ours, theirs, clock):
    key, _ = turn_on(browser(ours, VERA), clock)
    client = ours.test_client()
    response = sign_in(client, theirs, "/audit/")
    assert response.status_code == 200 and client.get("/staff/").status_code == 303
    ticket = re.search(r'name="ticket" value="([^"]+)"', response.text)[1]
    form = {"ticket": ticket, "code": pyotp.TOTP(key).at(clock.now()), "next": "/audit/"}
    assert client.post("/staff/code", data=form).location == "/audit/"


@pytest.mark.parametrize("metadata", [{"issuer": "https://evil.example"}, {"issuer": None}])
def test_an_issuer_that_calls_itself_something_else_is_not_asked(ours, theirs, metadata):
    theirs.metadata = metadata
    response = ours.test_client().get("/staff/oidc")
    assert response.status_code == 503 and "could not be reached" in response.text


def test_an_issuer_that_is_down_is_said_so(ours, theirs):
    theirs.down = {"/.well-known/openid-configuration"}
    assert ours.test_client().get("/staff/oidc").status_code == 503
