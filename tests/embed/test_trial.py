"""A draft on the real site: for the browser that has started a trial, and for no other."""

import re

import pytest
from itsdangerous import URLSafeTimedSerializer

from consent_server.embed import trial_pages
from tests.factories import HOST
from tests.html_forms import form

ENGINES = ("sqlite",)
PREVIEW, WORDING, SCRIPT = "/staff/ala/preview", "/staff/ala/wording/es", "/ala/choices.js"


@pytest.fixture
def link(editor):
    """Of a trial of a draft that says something else in Spanish."""
    fields = form(editor.get(WORDING).text, WORDING)
    editor.post(WORDING, data=fields | {"wording/title": "Galletas"})
    return re.search(r'href="(/ala/trial/[^"]+)"', editor.get(PREVIEW).text).group(1)


def start(client, link):
    return client.post(link, headers={"Origin": HOST})


def test_only_the_browser_that_has_started_it_gets_the_draft(app, link):
    trying, other = app.test_client(), app.test_client()
    assert "Start the trial" in trying.get(link).text
    published = other.get(SCRIPT).data
    answer = start(trying, link)
    assert answer.status_code == 303
    # The browser asks anew for the script, which it may have kept.
    assert f'data-script="{SCRIPT}"' in trying.get(link).text
    cookies = answer.headers.getlist("Set-Cookie")
    assert any(re.match(r"trial=.*HttpOnly; Path=/ala/; SameSite=Lax", cookie) for cookie in cookies)
    assert any(re.match(r"visitor_choices=; .*Max-Age=0", cookie) for cookie in cookies)
    script = trying.get(SCRIPT)
    assert script.headers["Cache-Control"] == "private, no-store"
    assert "Galletas" in script.text and "Nothing you choose is recorded" in script.text
    assert other.get(SCRIPT).data == published
    assert "End the trial" in trying.get(link).text
    assert trying.post(f"{link}/end", headers={"Origin": HOST}).status_code == 303
    assert trying.get(SCRIPT).data == published


def test_a_trial_ends_by_itself(app, link, monkeypatch):
    trying = app.test_client()
    start(trying, link)
    monkeypatch.setattr(trial_pages, "HOURS", -1)
    assert "Galletas" not in trying.get(SCRIPT).text
    assert trying.get(link).status_code == 404


@pytest.mark.parametrize("site", ["zoo", ["ala"], None])
def test_a_link_that_is_not_ours_starts_nothing(app, link, site):
    for salt, key in (("trial", "another"), ("preview", app.config["SECRET_KEY"]), ("trial", app.config["SECRET_KEY"])):
        forged = URLSafeTimedSerializer(key, salt=salt).dumps(site)
        assert start(app.test_client(), f"/ala/trial/{forged}").status_code == 404
        trying = app.test_client()
        trying.set_cookie("trial", forged, path="/ala/")
        assert "Galletas" not in trying.get(SCRIPT).text
