"""The page "Your choices": what it shows, what its forms write, and what it never does."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from consent_server.consent.cookies import CHOICES, VISITOR
from consent_server.consent.models import ConsentCurrent, ConsentEvent, ErasedEvent, Visitor
from consent_server.extensions import db
from consent_server.policy.service import Published
from consent_server.registry import service as registry
from tests.factories import FIREFOX, HOST, OPTIONAL, post, publish, read_ala, site_content

ENGINES = ("sqlite",)
PAGE = "/ala/choices"
SIGNALS = {"Sec-GPC": "1", "DNT": "1"}

pytestmark = pytest.mark.usefixtures("site")


def hidden(html: str) -> dict[str, list[str]]:
    """The hidden fields of the page's main form, as a browser would send them."""
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html):
        fields.setdefault(name, []).append(value)
    return fields


def send(client: FlaskClient, fields: dict[str, Any], path: str = PAGE, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(path, data=fields, headers={"Origin": HOST, "User-Agent": FIREFOX, **named})


def decide(client: FlaskClient, decision: str, *, allow: tuple[str, ...] = (), **headers: str) -> TestResponse:
    """Opens the page and presses one of its buttons."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    fields = hidden(client.get(PAGE, headers=named).text)
    return send(client, {**fields, "decision": decision, "allow": list(allow)}, **headers)


def events(app: Flask) -> list[ConsentEvent]:
    with app.app_context():
        return list(db.session.scalars(select(ConsentEvent).order_by(ConsentEvent.recorded_at, ConsentEvent.event_id)))


def set_cookies(response: TestResponse) -> dict[str, str]:
    return {line.split("=", 1)[0]: line.split("=", 1)[1] for line in response.headers.getlist("Set-Cookie")}


def test_without_a_record_it_says_so_and_offers_the_form(client: FlaskClient) -> None:
    response = client.get(PAGE)
    assert response.status_code == 200
    assert "We have no record of a choice from this browser." in response.text
    assert response.text.count('type="checkbox"') == len(OPTIONAL)
    assert " checked" not in response.text
    assert "Download as JSON" not in response.text


def test_it_is_private_and_sets_no_cookie(client: FlaskClient) -> None:
    for path in (PAGE, f"{PAGE}/erase", f"{PAGE}.json"):
        response = client.get(path)
        assert response.headers["Cache-Control"] == "private, no-store"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert "Set-Cookie" not in response.headers


def test_it_has_no_inline_code_and_one_heading(client: FlaskClient) -> None:
    html = client.get(PAGE).text
    assert not re.search(r"<script|<style| style=| on\w+=", html)
    assert html.count("<h1") == 1


@pytest.mark.parametrize(
    ("decision", "allow", "action", "granted", "done"),
    [
        ("accept_all", (), "accept_all", set(OPTIONAL), "accepted"),
        ("reject_all", (), "reject_all", set(), "rejected"),
        ("reject_all", OPTIONAL, "reject_all", set(), "rejected"),
        ("save", ("analytics",), "custom", {"analytics"}, "saved"),
        ("save", (), "custom", set(), "saved"),
    ],
)
def test_each_button_records_what_it_says(
    app: Flask,
    client: FlaskClient,
    site: Published,
    decision: str,
    allow: tuple[str, ...],
    action: str,
    granted: set[str],
    done: str,
) -> None:
    response = decide(client, decision, allow=allow)
    assert (response.status_code, response.headers["Location"]) == (303, f"{PAGE}?done={done}")
    (event,) = events(app)
    assert (event.action, event.surface, event.page) == (action, "page", HOST)
    assert {name for name, allowed in event.choices.items() if allowed} == granted
    assert set(event.choices) == set(OPTIONAL)
    assert event.notice.hex() == site.notices["en"]
    assert event.browser == "Firefox 140"
    cookies = set_cookies(response)
    assert str(event.visitor_id) in cookies[VISITOR]
    assert f"&a={action}&on=" in cookies[CHOICES]
    assert response.headers["Tk"] == "U"


def test_the_page_shows_the_choice_and_the_consent_id(app: Flask, client: FlaskClient) -> None:
    decide(client, "save", allow=("analytics",))
    html = client.get(f"{PAGE}?done=saved").text
    assert "Your choices are saved." in html
    assert "Allowed: Analytics." in html
    assert "Refused: Functional, Marketing." in html
    assert re.search(r'value="analytics" checked', html)
    assert str(events(app)[0].visitor_id) in html


def test_saving_nothing_after_a_grant_is_a_withdrawal(app: Flask, client: FlaskClient) -> None:
    decide(client, "accept_all")
    response = decide(client, "save")
    assert response.headers["Location"] == f"{PAGE}?done=withdrawn"
    assert [event.action for event in events(app)] == ["accept_all", "withdraw"]
    assert len({event.visitor_id for event in events(app)}) == 1


def test_it_is_a_withdrawal_even_while_a_signal_hides_the_grant(app: Flask, client: FlaskClient) -> None:
    decide(client, "save", allow=("marketing",))
    decide(client, "save", Sec_GPC="1")
    assert events(app)[-1].action == "withdraw"


def test_a_form_sent_twice_is_one_row(app: Flask, client: FlaskClient) -> None:
    fields = {**hidden(client.get(PAGE).text), "decision": "reject_all"}
    first, second = send(client, fields), send(client, fields)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(events(app)) == 1
    assert "Set-Cookie" not in second.headers


def test_a_form_sent_again_with_another_choice_is_another_decision(app: Flask, client: FlaskClient) -> None:
    fields = hidden(client.get(PAGE).text)
    send(client, {**fields, "decision": "accept_all"})
    send(client, {**fields, "decision": "reject_all"})
    assert [event.action for event in events(app)] == ["accept_all", "reject_all"]


def test_a_form_whose_answer_never_arrived_still_gives_the_visitor_a_record(app: Flask, client: FlaskClient) -> None:
    fields = {**hidden(client.get(PAGE).text), "decision": "reject_all"}
    send(app.test_client(), fields)
    response = send(client, fields)
    assert VISITOR in set_cookies(response)
    assert "Refused:" in client.get(PAGE).text


def test_an_old_form_still_works(app: Flask, client: FlaskClient, clock: Any) -> None:
    fields = hidden(client.get(PAGE).text)
    clock.advance(days=8)
    send(client, {**fields, "decision": "reject_all"})
    assert [event.action for event in events(app)] == ["reject_all"]


def test_a_grant_under_a_text_that_is_no_longer_in_force_saves_nothing(app: Flask, client: FlaskClient) -> None:
    fields = hidden(client.get(PAGE).text)
    with app.app_context():
        publish(read_ala() | {"policy": {"en": "Another text."}})
    response = send(client, {**fields, "decision": "accept_all"})
    assert response.headers["Location"] == f"{PAGE}?done=stale"
    assert "Set-Cookie" not in response.headers
    assert events(app) == []
    assert send(client, {**fields, "decision": "reject_all"}).headers["Location"] == f"{PAGE}?done=rejected"


FOREIGN: tuple[dict[str, str], ...] = (
    {},
    {"Origin": "null"},
    {"Origin": "https://www.ala.org"},
    {"Origin": HOST.replace("http:", "https:")},
    {"Origin": HOST, "Sec-Fetch-Site": "cross-site"},
    {"Origin": HOST, "Sec-Fetch-Site": "same-site"},
)


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/forget", f"{PAGE}/erase"])
def test_no_other_site_can_send_its_forms(app: Flask, client: FlaskClient, path: str) -> None:
    fields = {**hidden(client.get(PAGE).text), "decision": "reject_all"}
    for headers in FOREIGN:
        response = client.post(path, data=fields, headers=headers)
        assert (response.status_code, response.mimetype) == (403, "text/html"), headers
        assert "Set-Cookie" not in response.headers
    assert events(app) == []


TAMPERED: tuple[dict[str, Any], ...] = (
    {"decision": "everything"},
    {"decision": []},
    {"notice": "0"},
    {"event_id": "1"},
    {"allow": "no such category"},
    {"allow": "nonsense"},
    {"said": "hello"},
)


def test_a_form_that_was_tampered_with_writes_nothing(app: Flask, client: FlaskClient) -> None:
    fields = {**hidden(client.get(PAGE).text), "decision": "save"}
    for change in TAMPERED:
        response = send(client, fields | change)
        assert (response.status_code, response.mimetype) == (422, "text/html"), change
    assert events(app) == []


class TestSignals:
    def test_the_page_says_which_are_on(self, client: FlaskClient) -> None:
        html = client.get(PAGE, headers=SIGNALS).text
        assert "Opt-out request honored." in html
        assert "Your browser sent Do Not Track. We record it but do not respond automatically." in html
        assert hidden(html)["said"] == ["gpc", "dnt"]
        assert "said" not in hidden(client.get(PAGE).text)

    def test_a_choice_made_under_them_is_express(self, app: Flask, client: FlaskClient) -> None:
        response = decide(client, "accept_all", Sec_GPC="1", DNT="1")
        (event,) = events(app)
        assert all(event.choices.values())
        assert (event.gpc_header, event.gpc_js, event.gpc_acted_on) == (True, True, False)
        assert (event.dnt_header, event.dnt_js, event.dnt_acted_on) == ("1", "1", False)
        assert set_cookies(response)[CHOICES].split(";")[0].endswith("&g=1")
        html = client.get(PAGE, headers=SIGNALS).text
        assert "Your browser sent Global Privacy Control. You allowed something all the same" in html
        assert "Opt-out request honored." not in html

    def test_a_form_that_did_not_say_so_grants_less(self, app: Flask, client: FlaskClient) -> None:
        fields = hidden(client.get(PAGE).text)
        send(client, {**fields, "decision": "accept_all"}, Sec_GPC="1")
        (event,) = events(app)
        assert event.choices == {"functional": True, "analytics": True, "marketing": False}
        assert event.gpc_acted_on

    def test_one_that_comes_later_turns_off_what_was_allowed(self, client: FlaskClient) -> None:
        decide(client, "accept_all")
        html = client.get(PAGE, headers={"Sec-GPC": "1"}).text
        assert "Allowed: Functional, Analytics. Refused: Marketing. A signal of your browser" in html
        assert 'value="marketing" checked' not in html
        assert 'value="analytics" checked' in html


def test_a_single_provider_keeps_what_was_decided_about_it(
    app: Flask, client: FlaskClient, decision: Callable[..., dict[str, Any]]
) -> None:
    post(client, decision(allow=("analytics", "functional"), providers={"google-analytics": False}))
    html = client.get(PAGE).text
    assert hidden(html)["provider"] == ["google-analytics"]
    assert 'name="allow_provider" value="google-analytics">' in html
    decide(client, "save", allow=("analytics",))
    assert events(app)[-1].providers == {"google-analytics": False}


def test_declared_cookies_of_what_is_refused_are_removed(client: FlaskClient) -> None:
    for name in ("_ga", "_ga_ABC", "session", "_sample_ads"):
        client.set_cookie(name, "1", domain="privacy.ala.localhost")
    response = decide(client, "save", allow=("marketing",))
    removed = {line for line in response.headers.getlist("Set-Cookie") if "Max-Age=0" in line}
    assert removed == {f"{name}=; Domain=ala.localhost; Path=/; Max-Age=0" for name in ("_ga", "_ga_ABC")}


def test_a_choice_expires(app: Flask, client: FlaskClient, clock: Any, site: Published) -> None:
    decide(client, "accept_all")
    clock.advance(days=site.rules.choice_ttl_days)
    html = client.get(PAGE).text
    assert "has expired" in html
    assert " checked" not in html


def test_history_is_behind_a_button(client: FlaskClient) -> None:
    decide(client, "accept_all")
    decide(client, "reject_all", DNT="1")
    assert "Allowed everything optional" not in client.get(PAGE).text
    html = client.get(f"{PAGE}?history=show").text
    assert html.index("Refused everything optional") < html.index("Allowed everything optional")
    assert "Do Not Track: recorded, not acted on" in html


def test_the_download_has_everything(app: Flask, client: FlaskClient) -> None:
    assert client.get(f"{PAGE}.json").get_json() == {"site": "ala", "consent_id": None, "current": None, "events": []}
    decide(client, "save", allow=("analytics",))
    response = client.get(f"{PAGE}.json")
    assert response.headers["Content-Disposition"] == 'attachment; filename="ala-choices.json"'
    (event,) = events(app)
    body = response.get_json()
    assert body["consent_id"] == str(event.visitor_id)
    assert body["current"]["choices"] == event.choices
    assert body["events"][0]["event_id"] == str(event.event_id)
    assert body["events"][0]["agent"] == {"browser": "Firefox 140", "os": "Linux", "device": "desktop"}


def test_another_secret_opens_nothing(app: Flask, client: FlaskClient) -> None:
    decide(client, "accept_all")
    visitor_id = str(events(app)[0].visitor_id)
    thief = app.test_client()
    thief.set_cookie(VISITOR, f"{visitor_id}.{'A' * 43}", domain="privacy.ala.localhost")
    assert "We have no record" in thief.get(PAGE).text
    assert thief.get(f"{PAGE}.json").get_json()["consent_id"] is None
    assert "We have no record" in thief.get(f"{PAGE}/erase").text
    send(thief, {}, f"{PAGE}/erase")
    assert len(events(app)) == 1


def test_forgetting_leaves_the_record_and_takes_the_cookies(app: Flask, client: FlaskClient) -> None:
    decide(client, "accept_all")
    response = send(client, {}, f"{PAGE}/forget")
    assert response.headers["Location"] == f"{PAGE}?done=forgotten"
    cookies = set_cookies(response)
    assert "Max-Age=0" in cookies[VISITOR]
    assert cookies[CHOICES] == "; Domain=ala.localhost; Path=/; Max-Age=0"
    assert len(events(app)) == 1
    assert "This browser has forgotten" in client.get(response.headers["Location"]).text


def test_erasing_turns_everything_off_and_takes_the_record(app: Flask, client: FlaskClient) -> None:
    decide(client, "accept_all")
    assert "This deletes our record and your consent ID." in client.get(f"{PAGE}/erase").text
    response = send(client, {}, f"{PAGE}/erase")
    assert response.headers["Location"] == f"{PAGE}?done=erased"
    cookies = set_cookies(response)
    assert "Max-Age=0" in cookies[VISITOR]
    assert "&a=withdraw&on=&g=;" in cookies[CHOICES]
    assert response.headers["Tk"] == "U"
    with app.app_context():
        left = [
            db.session.scalar(select(func.count()).select_from(table))
            for table in (ConsentEvent, ConsentCurrent, Visitor, ErasedEvent)
        ]
    assert left == [0, 0, 0, 1]
    html = client.get(response.headers["Location"]).text
    assert "Our record of your choice and your consent ID are deleted." in html
    assert "We have no record of a choice from this browser." in html


def test_a_form_kept_from_before_an_erasure_is_a_new_decision(app: Flask, client: FlaskClient) -> None:
    fields = {**hidden(client.get(PAGE).text), "decision": "reject_all"}
    send(client, fields)
    send(client, {}, f"{PAGE}/erase")
    send(client, fields)
    assert len(events(app)) == 1


class TestLanguage:
    def test_the_address_comes_first(self, client: FlaskClient) -> None:
        html = client.get(f"{PAGE}?lang=es", headers={"Accept-Language": "en"}).text
        assert '<html lang="es" dir="ltr">' in html
        assert "Tus opciones" in html
        assert 'href="/ala/providers?lang=es"' in html

    def test_then_what_the_browser_accepts(self, client: FlaskClient) -> None:
        for accepted, lang in {
            "es-MX, en;q=0.5": "es",
            "fr, es;q=0.5, en;q=0.4": "es",
            "en;q=0.3, es-419;q=0.9": "es",
            "es;q=0, fr": "en",
            "fr": "en",
            "": "en",
        }.items():
            response = client.get(PAGE, headers={"Accept-Language": accepted})
            assert f'<html lang="{lang}"' in response.text, accepted
            assert response.headers["Content-Language"] == lang

    def test_one_that_the_site_has_not_is_no_error(self, client: FlaskClient) -> None:
        assert '<html lang="en"' in client.get(f"{PAGE}?lang=tlh&utm_source=x").text

    def test_the_decision_is_recorded_under_the_text_that_was_shown(
        self, app: Flask, client: FlaskClient, site: Published
    ) -> None:
        fields = hidden(client.get(f"{PAGE}?lang=es").text)
        response = send(client, {**fields, "decision": "reject_all"}, f"{PAGE}?lang=es")
        assert response.headers["Location"] == f"{PAGE}?lang=es&done=rejected"
        assert events(app)[0].notice.hex() == site.notices["es"]


def test_only_known_words_are_shown_as_done(client: FlaskClient) -> None:
    assert client.get(f"{PAGE}?done=hacked").status_code == 422


def test_a_site_that_does_not_exist_is_not_found(client: FlaskClient) -> None:
    assert client.get("/nowhere/choices").status_code == 404


def test_a_host_outside_the_cookie_domains_writes_no_readable_cookie(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        publish(registry.validate(site_content()))
    fields = hidden(client.get("/zoo/choices").text)
    response = send(client, {**fields, "decision": "accept_all"}, "/zoo/choices")
    assert set(set_cookies(response)) == {VISITOR}
