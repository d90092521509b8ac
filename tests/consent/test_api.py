"""`POST /v1/sites/{site}/consents`: what is answered, and what is written."""

import hashlib
import json

import pytest

from consent_server.consent.models import ConsentEvent
from consent_server.evidence.models import LogQueue
from consent_server.registry import service as registry
from tests.consent.test_visitor import visitor_cookie
from tests.factories import FIREFOX, HOST, ORIGIN, decision_body, post, publish, read_ala, rows, site_content

EVERYTHING = ("functional", "analytics", "marketing")
NOTHING = dict.fromkeys(EVERYTHING, False)


def test_a_refusal_is_answered_with_what_was_recorded(app, client, site, decision, clock):
    body = decision()
    response = post(client, body)
    assert response.status_code == 201
    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    [event] = rows(app, ConsentEvent)
    assert response.json == {
        "event_id": body["event_id"],
        "recorded_at": clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "choices": NOTHING,
        "providers": {},
        "policy": {"number": 1, "sha256": site.terms.sha256},
        "expires_at": event["expires_at"].isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "receipt": f"/v1/sites/ala/receipts/{body['event_id']}",
    }
    assert (event["expires_at"] - event["recorded_at"]).days == 180


def test_the_row_says_what_was_sent_and_no_more(app, client, decision, clock):
    body = decision(
        allow=("analytics",),
        surface="preferences",
        providers={"sample-ads": True, "google-analytics": True},
        decided_at="2026-11-22T10:00:00.987+01:00",
        page=f"{ORIGIN}/advocacy?patron=4711#loans",
        signals={"dnt": "0", "gpc": False},
    )
    response = post(client, body, DNT="1", Accept_Language="tlh")
    assert response.status_code == 201
    [event] = rows(app, ConsentEvent)
    assert str(event.pop("event_id")) == body["event_id"]
    assert str(event.pop("visitor_id")) == visitor_cookie(response)["id"]
    assert event.pop("notice").hex() == body["notice"]
    assert event.pop("decided_at").isoformat() == "2026-11-22T09:00:00+00:00"
    assert event.pop("recorded_at") == clock.now()
    assert len(event.pop("nonce")) == len(event.pop("digest")) == 32
    del event["expires_at"]
    assert event == {
        "site": "ala",
        "policy": 1,
        "action": "custom",
        "surface": "preferences",
        "choices": {"functional": False, "analytics": True, "marketing": False},
        # An exception that says what its category says anyway is not one.
        "providers": {"sample-ads": True},
        "dnt_header": "1",
        "dnt_js": "0",
        "dnt_acted_on": False,
        "gpc_header": False,
        "gpc_js": False,
        "gpc_acted_on": False,
        "browser": "Firefox 140",
        "os": "Linux",
        "device": "desktop",
        "automated": "human",
        "page": ORIGIN,
    }


def test_a_site_may_keep_the_path_of_the_page_and_never_the_query(app, client, site, decision):
    with app.app_context():
        content = read_ala()
        content["site"]["page"] = "path"
        publish(content, material=False)
    post(client, decision(page="https://user:pw@my.ala.org/a/b?patron=4711#x"))
    post(client, decision(page="https://elsewhere.example/a/b?patron=4711"))
    post(client, decision(page=None))
    assert sorted(event["page"] for event in rows(app, ConsentEvent)) == ["https://my.ala.org/a/b", ORIGIN, ORIGIN]


@pytest.mark.parametrize(
    ("agent", "automated", "browser"),
    [
        (FIREFOX, "human", "Firefox 140"),
        ("Googlebot/2.1 (+http://www.google.com/bot.html)", "declared", "Googlebot 2"),
        (FIREFOX + " Electron/38.0", "suspected", "Firefox 140"),
        (None, "suspected", None),
    ],
)
def test_automated_clients_are_recorded_as_such(app, client, decision, agent, automated, browser):
    # werkzeug's client names itself where no agent is given; an empty one is what a server sees of none.
    post(client, decision(), User_Agent=agent or "")
    [event] = rows(app, ConsentEvent)
    assert (event["automated"], event["browser"]) == (automated, browser)


def test_a_grant_that_nobody_pressed_grants_nothing(app, client, decision):
    response = post(client, decision(allow=EVERYTHING, surface="api", automated="suspected"))
    assert response.json["choices"] == NOTHING
    [event] = rows(app, ConsentEvent)
    assert (event["automated"], event["choices"]) == ("suspected", NOTHING)


# Whether each signal was acted on, under ALA's rules: DNT is recorded, GPC refuses marketing.
ACTED_ON = [
    # allowed,  headers,                          script,                        dnt,   gpc,   allowed in effect
    (EVERYTHING, {}, {"dnt": None, "gpc": False}, False, False, EVERYTHING),
    (EVERYTHING, {"DNT": "1"}, {"dnt": "1", "gpc": False}, False, False, EVERYTHING),
    (EVERYTHING, {"Sec_GPC": "1"}, {"dnt": None, "gpc": False}, False, True, ("functional", "analytics")),
    # The script saw the signal and said so: an express choice stands, and the signal was not acted on.
    (EVERYTHING, {"Sec_GPC": "1"}, {"dnt": None, "gpc": True}, False, False, EVERYTHING),
    (EVERYTHING, {"Sec_GPC": "0"}, {"dnt": None, "gpc": False}, False, False, EVERYTHING),
    (("analytics",), {"Sec_GPC": "1"}, {"dnt": None, "gpc": True}, False, True, ("analytics",)),
    ((), {"Sec_GPC": "1", "DNT": "1"}, {"dnt": "1", "gpc": True}, False, True, ()),
]


@pytest.mark.parametrize(("allow", "headers", "script", "dnt", "gpc", "effective"), ACTED_ON)
def test_signals_are_recorded_with_what_was_done_about_them(
    app, client, decision, allow, headers, script, dnt, gpc, effective
):
    response = post(client, decision(allow=allow, signals=script), **headers)
    assert response.json["choices"] == {name: name in effective for name in EVERYTHING}
    [event] = rows(app, ConsentEvent)
    assert (event["dnt_acted_on"], event["gpc_acted_on"]) == (dnt, gpc)
    assert event["gpc_header"] == (headers.get("Sec_GPC") == "1")
    assert event["choices"] == response.json["choices"]


def test_gpc_reaches_who_sells_in_any_category(app, client):
    with app.app_context():
        publish(registry.validate(site_content()))
        notice = app.test_client().get("/v1/sites/zoo/config").json["notices"]["en"]
    body = zoo_decision(notice, {"analytics": True, "marketing": True})
    response = post(client, body, site="zoo", Origin="https://www.zoo.example", Sec_GPC="1")
    assert response.json["choices"] == {"analytics": True, "marketing": False}
    assert response.json["providers"] == {"measurer": False}


def test_a_site_that_refuses_by_do_not_track_acts_on_it(app, client):
    with app.app_context():
        publish(registry.validate(site_content(dnt="refuse")))
        notice = app.test_client().get("/v1/sites/zoo/config").json["notices"]["en"]
    body = zoo_decision(notice, {"analytics": True, "marketing": True})
    response = post(client, body, site="zoo", Origin="https://www.zoo.example", DNT="1")
    assert response.json["choices"] == {"analytics": False, "marketing": False}
    [event] = rows(app, ConsentEvent)
    assert (event["dnt_header"], event["dnt_acted_on"]) == ("1", True)


def zoo_decision(notice, choices):
    return decision_body(notice, action="accept_all", choices=choices, page=None)


def test_the_queue_holds_a_commitment_to_the_row(app, client, site, decision):
    """Recomputed from the row and its nonce by the formats' own words (`consent/1`), not by our code."""
    post(client, decision(allow=("analytics",), providers={"sample-ads": True}), Sec_GPC="1", DNT="1")
    [event] = rows(app, ConsentEvent)
    [leaf] = [leaf for leaf in rows(app, LogQueue) if leaf["type"] == "consent/1"]
    assert leaf["event_id"] == event["event_id"]

    def time(moment):
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"

    nonce = bytes(event["nonce"])
    visitor = hashlib.sha256(b"visitor/1\0" + nonce + str(event["visitor_id"]).encode()).hexdigest()
    committed = {
        "action": event["action"],
        "agent": {"browser": event["browser"], "device": event["device"], "os": event["os"]},
        "automated": event["automated"],
        "choices": event["choices"],
        "decided_at": time(event["decided_at"]),
        "event_id": str(event["event_id"]),
        "expires_at": time(event["expires_at"]),
        "notice": event["notice"].hex(),
        "page": event["page"],
        "policy": site.terms.sha256,
        "providers": event["providers"],
        "recorded_at": time(event["recorded_at"]),
        "signals": {
            "dnt": {"acted_on": event["dnt_acted_on"], "header": event["dnt_header"], "js": event["dnt_js"]},
            "gpc": {"acted_on": event["gpc_acted_on"], "header": event["gpc_header"], "js": event["gpc_js"]},
        },
        "site": "ala",
        "surface": "banner",
        "visitor": visitor,
    }
    canonical = json.dumps(committed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert bytes(leaf["hash"]) == hashlib.sha256(b"consent-commit/1\0" + nonce + canonical).digest()


def test_nonces_differ(app, client, decision):
    post(client, decision())
    post(client, decision())
    first, second = (event["nonce"] for event in rows(app, ConsentEvent))
    assert first != second


def test_a_listed_page_may_read_the_answer(client, decision):
    headers = post(client, decision()).headers
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in headers["Vary"]


@pytest.mark.parametrize("origin", [ORIGIN, "https://www.alsc.ala.org"])
def test_preflight(client, site, origin):
    response = client.options("/v1/sites/ala/consents", headers={"Origin": origin})
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == origin
    assert response.headers["Access-Control-Allow-Credentials"] == "true"
    assert response.headers["Access-Control-Allow-Methods"] == "POST"
    assert response.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert int(response.headers["Access-Control-Max-Age"]) > 0


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", HOST, None])
def test_preflight_of_a_foreign_page(client, site, origin):
    response = client.options("/v1/sites/ala/consents", headers={"Origin": origin} if origin else {})
    assert response.status_code == 403
    assert not [name for name, _ in response.headers if name.startswith("Access-Control-")]


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "text/plain;charset=UTF-8"]
)
def test_both_kinds_of_body_are_read(client, decision, content_type):
    assert post(client, decision(), content_type=content_type).status_code == 201
