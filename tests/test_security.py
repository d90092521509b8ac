"""Headers of every kind of answer, and forms that only our own pages may send."""

import re
from dataclasses import replace

import pytest
from flask import Response

from consent_server.errors import Forbidden
from consent_server.security import allow_everyone, allow_origin, require_same_origin
from tests.factories import HOST, running

ENGINES = ("sqlite",)
PAGES = ["/ala/choices", "/ala/providers", "/ala/policy", "/staff/sign-in", "/nosuch", "/docs"]
DATA = ["/v1/sites/ala/config", "/ala/choices.js", "/openapi.json", "/ala/providers.json", "/v1/nosuch", "/healthz"]


@pytest.mark.parametrize("path", PAGES)
def test_pages(client, site, path):
    response = client.get(path)
    assert response.mimetype == "text/html"
    policy = dict(part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("path", PAGES)
def test_pages_hold_no_inline_code(client, site, path):
    text = client.get(path).text
    assert not re.search(r"<[^>]+\s(on[a-z]+|style)\s*=", text)
    assert "<style" not in text and "javascript:" not in text
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize("path", DATA)
def test_data_runs_nothing(client, site, path):
    response = client.get(path)
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", PAGES + DATA)
def test_nothing_says_what_serves_it(client, site, path):
    headers = client.get(path).headers
    assert "X-Powered-By" not in headers


def test_strict_transport_in_production_only(settings, site):
    for environment, expected in (("development", None), ("production", "max-age=63072000; includeSubDomains")):
        with running(replace(settings, environment=environment, public_url="https://privacy.ala.org")) as app:
            for path in ("/ala/choices", "/ala/choices.js", "/v1/nosuch"):
                assert app.test_client().get(path).headers.get("Strict-Transport-Security") == expected


def test_the_demo_is_for_development_only(settings, site):
    with running(replace(settings, environment="production", public_url="https://privacy.ala.org")) as app:
        assert not [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/demo")]


def test_development_origins_are_for_development_only(settings, site):
    with running(replace(settings, environment="production", public_url="https://privacy.ala.org")) as app:
        for origin, status in (("https://www.ala.org", 204), ("http://www.ala.localhost:9000", 403)):
            response = app.test_client().options("/v1/sites/ala/consents", headers={"Origin": origin})
            assert response.status_code == status


def test_cors_for_one_origin():
    headers = allow_origin(Response(headers={"Vary": "Accept-Encoding"}), "https://www.ala.org").headers
    assert headers["Access-Control-Allow-Origin"] == "https://www.ala.org"
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert headers.getlist("Vary") == ["Accept-Encoding", "Origin"]
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_cors_for_everyone_is_without_credentials():
    headers = allow_everyone(Response()).headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in headers


OTHERS = ["null", "https://elsewhere.example", HOST + ".elsewhere.example", HOST.replace("http:", "https:"),
          HOST.replace(":9000", ""), HOST.replace(":9000", ":9001"), "http://www.ala.localhost:9000", ""]  # fmt: skip


@pytest.mark.parametrize("origin_needed", [True, False])
@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Origin": HOST}, True),
        ({"Origin": HOST, "Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": HOST, "Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": HOST, "Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": HOST, "Sec-Fetch-Site": "none"}, False),
        *(({"Origin": origin}, False) for origin in OTHERS),
        *(({"Origin": origin, "Sec-Fetch-Site": "same-origin"}, False) for origin in OTHERS),
        ({"Sec-Fetch-Site": "cross-site"}, False),
    ],
)
def test_a_form_is_taken_from_our_own_pages_only(app, headers, allowed, origin_needed):
    with app.test_request_context("/", base_url=HOST, headers=headers):
        if allowed:
            require_same_origin(origin_needed=origin_needed)
        else:
            with pytest.raises(Forbidden):
                require_same_origin(origin_needed=origin_needed)


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}])
def test_a_form_without_origin_is_taken_only_where_none_is_needed(app, headers):
    with app.test_request_context("/", base_url=HOST, headers=headers):
        require_same_origin(origin_needed=False)
        with pytest.raises(Forbidden):
            require_same_origin(origin_needed=True)


def test_the_scheme_and_host_behind_a_proxy_count_only_where_it_is_trusted(settings, site):
    sent = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "privacy.ala.org", "Origin": "https://privacy.ala.org"}
    for hops, allowed in ((0, False), (1, True)):
        with running(replace(settings, trusted_proxies=hops)) as app:
            app.testing = False
            response = app.test_client().post("/ala/choices", headers=sent)
            assert (response.status_code != 403) == allowed
