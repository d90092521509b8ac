"""One's own API tokens: shown once, within one's roles, revoked at will."""

import re

import pytest

from consent_server.staff.models import ApiToken
from tests.factories import rows
from tests.staff.people import add_person, browser, issue_token, publish_zoo, verbs

ENGINES = ("sqlite",)
PAGE = "/staff/account/tokens"
FORM = {"name": "Nightly export", "site": "ala", "scopes": ["audit:read"], "days": "30"}


@pytest.fixture
def auditor(app, site):
    add_person(app)
    return browser(app)


def test_a_token_is_shown_once_and_works(app, client, auditor, clock):
    response = auditor.post(PAGE, data=FORM)
    [token] = re.findall(r"cst_[\w-]{43}", response.text)
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/v1/audit/events", headers=headers).status_code == 200
    page = auditor.get(PAGE).text
    assert "Nightly export" in page and "cst_" not in page
    clock.advance(days=30)
    assert client.get("/v1/audit/events", headers=headers).status_code == 401
    assert "Nightly export" not in browser(app).get(PAGE).text


def test_it_is_revoked_at_once(app, client, auditor):
    token = issue_token(app)
    [row] = rows(app, ApiToken)
    response = auditor.post(f"{PAGE}/{row['id']}/revoke")
    assert "The token is revoked" in auditor.get(response.location).text
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/v1/audit/events", headers=headers).status_code == 401
    assert auditor.post(f"{PAGE}/{row['id']}/revoke").status_code == 303
    assert verbs(app).count("token-revoke") == 1


def test_nobody_revokes_anothers(app, auditor):
    add_person(app, "vera@example.org")
    issue_token(app, "vera@example.org")
    [row] = rows(app, ApiToken)
    auditor.post(f"{PAGE}/{row['id']}/revoke")
    assert len(rows(app, ApiToken)) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["registry:publish"]}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"site": "zoo"}, "site"),
        ({"site": "nosuch"}, "site"),
        ({"days": "0"}, "days"),
        ({"days": "367"}, "days"),
        ({"days": "many"}, "days"),
    ],
)
def test_what_is_not_allowed_is_said_and_nothing_is_made(app, auditor, changes, field):
    publish_zoo(app)
    response = auditor.post(PAGE, data=FORM | changes)
    assert response.status_code == 422 and f'href="#{field}"' in response.text
    assert rows(app, ApiToken) == []


def test_only_what_ones_roles_allow_is_offered(app, auditor):
    page = auditor.get(PAGE).text
    assert "audit:read" in page and "registry:write" not in page
    add_person(app, "keeper@example.org", ["admin"])
    assert "allow nothing that a token could do" in browser(app, "keeper@example.org").get(PAGE).text


def test_a_role_on_another_site_allows_nothing_here(app, auditor):
    publish_zoo(app)
    add_person(app, roles=["editor"], site="zoo")
    assert auditor.post(PAGE, data=FORM | {"scopes": ["registry:write"]}).status_code == 422
    assert auditor.post(PAGE, data=FORM | {"site": "zoo", "scopes": ["registry:write"]}).status_code == 200
