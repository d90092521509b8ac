"""The two cookies of an answer, and who the visitor is."""

import hashlib
import re
from dataclasses import replace

import pytest

from consent_server.consent.models import ConsentCurrent, ConsentEvent, Visitor
from consent_server.evidence.models import LogQueue
from tests.factories import ORIGIN, post, rows, running

EVERYTHING = ("functional", "analytics", "marketing")
NOTHING = dict.fromkeys(EVERYTHING, False)
VISITOR = re.compile(
    r"__Host-visitor=(?P<id>[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"
    r"\.(?P<secret>[A-Za-z0-9_-]{43}); Path=/; Max-Age=15552000; HttpOnly; Secure; SameSite=None; Partitioned"
)


def visitor_cookie(response):
    """The visitor's cookie that an answer sets, as a match of id and secret; none where it sets none."""
    found = [VISITOR.fullmatch(value) for value in response.headers.getlist("Set-Cookie") if "__Host-" in value]
    assert None not in found and len(found) < 2
    return found[0] if found else None


def choices_cookie(response):
    found = [value for value in response.headers.getlist("Set-Cookie") if value.startswith("visitor_choices=")]
    assert len(found) < 2
    return found[0] if found else None


def test_a_first_decision_mints_a_visitor_and_sets_two_cookies(app, client, decision, clock):
    response = post(client, decision())
    cookie = visitor_cookie(response)
    [visitor] = rows(app, Visitor)
    assert str(visitor["id"]) == cookie["id"]
    assert bytes(visitor["secret_hash"]) == hashlib.sha256(cookie["secret"].encode()).digest()
    assert choices_cookie(response) == (
        f"visitor_choices=v=1&p=1&e=1&d={clock.now().date()}&a=reject_all&on=&g=; "
        "Domain=ala.localhost; Path=/; Max-Age=15552000; SameSite=Lax"
    )


def test_on_https_the_choices_cookie_is_secure_and_of_the_consent_hosts_domain(app, decision):
    with running(
        replace(app.config["SETTINGS"], environment="production", public_url="https://privacy.ala.org")
    ) as app:
        response = app.test_client().post(
            "/v1/sites/ala/consents", json=decision(), headers={"Origin": ORIGIN}, base_url="https://privacy.ala.org"
        )
        assert choices_cookie(response).endswith("; Domain=ala.org; Path=/; Max-Age=15552000; SameSite=Lax; Secure")
        elsewhere = app.test_client().post(
            "/v1/sites/ala/consents", json=decision(), headers={"Origin": ORIGIN}, base_url="https://consent.example"
        )
    assert choices_cookie(elsewhere) is None
    assert visitor_cookie(elsewhere)


@pytest.mark.parametrize(
    ("changes", "headers", "said"),
    [
        ({"allow": EVERYTHING}, {}, "a=accept_all&on=functional,analytics,marketing&g="),
        ({"allow": EVERYTHING, "signals": {"gpc": True}}, {"Sec_GPC": "1"}, "on=functional,analytics,marketing&g=1"),
        ({"allow": EVERYTHING}, {"Sec_GPC": "1"}, "a=accept_all&on=functional,analytics&g="),
        (
            {"allow": ("analytics",), "providers": {"sample-ads": True, "google-analytics": False}},
            {},
            "a=custom&on=analytics,-google-analytics,%2Bsample-ads&g=",
        ),
    ],
)
def test_the_choices_cookie_says_what_is_in_effect(client, decision, changes, headers, said):
    value, _, _ = choices_cookie(post(client, decision(**changes), **headers)).partition("; ")
    assert value.endswith(said)


def test_a_known_visitor_keeps_the_id_and_the_secret(app, client, decision):
    first = visitor_cookie(post(client, decision()))
    second = visitor_cookie(post(client, decision(allow=EVERYTHING)))
    assert first[0] == second[0]
    assert len(rows(app, Visitor)) == len(rows(app, ConsentCurrent)) == 1
    assert {str(event["visitor_id"]) for event in rows(app, ConsentEvent)} == {first["id"]}


def sent_with(bare_client, body, cookies):
    return post(bare_client, body, Cookie="; ".join(cookies))


def test_the_choices_cookie_is_written_only_over_none_or_one_that_says_the_same(bare_client, decision, clock):
    same = f"visitor_choices=v=1&p=1&e=1&d={clock.now().date()}&a=custom&on=analytics&g="
    for cookies, written in [
        ((), True),
        ((same,), True),
        ((same.replace("a=custom", "a=accept_all"),), True),
        ((same.replace("on=analytics", "on="),), False),
        ((same.replace("on=analytics", "on=analytics,marketing"),), False),
        ((same.replace("e=1", "e=2"),), False),
        ((same.replace("g=", "g=1"),), False),
        (("visitor_choices=nonsense",), False),
        ((same, same.replace("on=analytics", "on=")), False),
        ((same, same), False),
    ]:
        response = sent_with(bare_client, decision(allow=("analytics",)), cookies)
        assert (choices_cookie(response) is not None) == written, cookies
        assert visitor_cookie(response)


@pytest.mark.parametrize("kind", ["two", "two the same", "wrong secret", "unknown", "malformed", "upper case", "empty"])
def test_a_cookie_that_proves_nothing_counts_as_none(app, bare_client, decision, kind):
    known = visitor_cookie(post(bare_client, decision(allow=EVERYTHING)))
    name, value = "__Host-visitor=", f"{known['id']}.{known['secret']}"
    other = f"{known['id'][:-1]}{'0' if known['id'][-1] != '0' else '1'}.{known['secret']}"
    cookies = {
        "two": (name + value, name + other),
        "two the same": (name + value, name + value),
        "wrong secret": (f"{name}{known['id']}.{'A' * 43}",),
        "unknown": (name + other,),
        "malformed": (name + known["id"],),
        "upper case": (name + known["id"].upper() + "." + known["secret"],),
        "empty": (name,),
    }[kind]
    fresh = visitor_cookie(sent_with(bare_client, decision(), cookies))
    assert fresh["id"] != known["id"] and fresh["secret"] != known["secret"]
    current = {str(row["visitor_id"]): row["choices"] for row in rows(app, ConsentCurrent)}
    assert current == {known["id"]: dict.fromkeys(EVERYTHING, True), fresh["id"]: NOTHING}


def test_a_signal_event_mints_nobody_and_sets_no_cookie(app, client, decision):
    response = post(client, decision(action="signal", surface="api", signals={"gpc": True}), Sec_GPC="1")
    assert response.status_code == 201
    assert not response.headers.getlist("Set-Cookie")
    assert "Tk" not in response.headers
    [event] = rows(app, ConsentEvent)
    assert event["visitor_id"] is None
    assert rows(app, Visitor) == rows(app, ConsentCurrent) == []
    assert len([leaf for leaf in rows(app, LogQueue) if leaf["type"] == "consent/1"]) == 1


def test_a_signal_event_from_a_known_visitor_is_not_tied_to_them(app, client, decision):
    post(client, decision(allow=EVERYTHING))
    response = post(client, decision(action="signal", surface="api"))
    assert not response.headers.getlist("Set-Cookie")
    assert [event["visitor_id"] for event in rows(app, ConsentEvent)].count(None) == 1
    [current] = rows(app, ConsentCurrent)
    assert current["choices"] == dict.fromkeys(EVERYTHING, True)


def test_tk_says_that_what_is_allowed_has_changed(client, decision):
    told = [
        post(client, decision(allow=allow)).headers.get("Tk")
        for allow in ((), (), ("analytics",), ("analytics",), EVERYTHING, ())
    ]
    assert told == ["U", None, "U", None, "U", "U"]


def test_no_answer_to_a_page_holds_the_visitors_id(app, client, decision):
    body = decision()
    first = post(client, body)
    again = post(client, body)
    visitor = visitor_cookie(first)
    for response in (first, again):
        readable = response.text + "".join(f"{k}: {v}" for k, v in response.headers if k != "Set-Cookie")
        assert visitor["id"] not in readable and visitor["secret"] not in readable
