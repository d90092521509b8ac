"""What the site says of itself to browsers: `/.well-known/dnt/` (W3C TPE §6.3) and `/.well-known/gpc.json` (GPC §4)."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import HOST, publish, read_ala

ENGINES = ("sqlite",)
ADDRESSES = ("/.well-known/dnt/", "/ala/dnt", "/.well-known/gpc.json", "/ala/gpc.json")


def republish(app: Flask, **rules: str) -> None:
    with app.app_context():
        content = read_ala()
        publish({**content, "site": {**content["site"], **rules}})


@pytest.mark.usefixtures("site")
class TestPublished:
    def test_they_may_be_kept_and_read_by_all_and_set_no_cookie(self, client: FlaskClient) -> None:
        for address in ADDRESSES:
            response = client.get(address)
            assert response.status_code == 200
            assert response.headers["Cache-Control"] == "public, max-age=86400"
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            assert "Set-Cookie" not in response.headers

    def test_the_default_site_says_the_same_at_both_addresses(self, client: FlaskClient) -> None:
        assert client.get("/.well-known/dnt/").data == client.get("/ala/dnt").data
        assert client.get("/.well-known/gpc.json").data == client.get("/ala/gpc.json").data

    def test_do_not_track_is_disregarded_under_record(self, client: FlaskClient) -> None:
        response = client.get("/ala/dnt")
        assert response.content_type == "application/tracking-status+json"
        body = response.get_json(force=True)
        assert body["tracking"] == "D"
        assert body["policy"] == f"{HOST}/ala/policy"
        assert body["config"] == f"{HOST}/ala/choices"
        assert body["controller"] == ["https://www.ala.org/"]
        assert {"www.ala.org", "privacy.ala.localhost"} <= set(body["same-party"])

    def test_the_policy_details_the_disregard(self, client: FlaskClient) -> None:
        assert "We record this signal but do not respond to it automatically." in client.get("/ala/policy").text

    def test_under_refuse_it_never_says_disregarded(self, app: Flask, client: FlaskClient) -> None:
        republish(app, dnt="refuse")
        assert client.get("/ala/dnt").get_json(force=True)["tracking"] == "T"

    def test_gpc_is_true_since_the_rule_was_published(self, app: Flask, client: FlaskClient, clock: Any) -> None:
        first = clock.now().date().isoformat()
        assert client.get("/ala/gpc.json").get_json() == {"gpc": True, "lastUpdate": first}
        clock.advance(days=1)
        republish(app, dnt="refuse")
        assert client.get("/ala/gpc.json").get_json() == {"gpc": True, "lastUpdate": first}
        clock.advance(days=1)
        republish(app, gpc="record")
        later = clock.now().date().isoformat()
        assert client.get("/ala/gpc.json").get_json() == {"gpc": False, "lastUpdate": later}


def test_without_a_site_there_is_nothing(client: FlaskClient) -> None:
    assert [client.get(address).status_code for address in ADDRESSES] == [404] * len(ADDRESSES)
    assert client.get("/.well-known/dnt/").mimetype == "application/problem+json"
