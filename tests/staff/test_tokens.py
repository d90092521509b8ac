"""Bearer tokens: what they open, and for how long."""

import hashlib

import pytest

from consent_server.errors import Invalid
from consent_server.extensions import db
from consent_server.staff.models import ApiToken, StaffRole
from consent_server.staff.tokens import PREFIX
from tests.factories import rows
from tests.staff.people import add_person, issue_token, publish_zoo, sign_in


def get(client, token=None, scheme="Bearer"):
    headers = {"Authorization": f"{scheme} {token}"} if token else {}
    return client.get("/v1/audit/events", headers=headers)


def test_a_token_is_shown_once_and_kept_as_its_hash(app, client, site):
    add_person(app)
    token = issue_token(app)
    assert token.startswith(PREFIX)
    [row] = rows(app, ApiToken)
    assert row["token_hash"] == hashlib.sha256(token.encode()).digest()
    assert get(client, token).status_code == 200
    assert get(client, token, scheme="bearer").status_code == 200


@pytest.mark.parametrize(
    ("token", "scheme"), [(None, ""), ("cst_unknown", "Bearer"), ("\udcff", "Bearer"), ("x", "Basic")]
)
def test_without_a_known_token_the_answer_is_401(client, site, token, scheme):
    response = get(client, token and token.encode("utf-8", "surrogateescape").decode("latin-1"), scheme)
    assert response.status_code == 401
    assert response.content_type == "application/problem+json"
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_session_is_no_token(app, client, site):
    add_person(app)
    sign_in(client)
    assert get(client).status_code == 401


def test_a_token_expires(app, client, site, clock):
    add_person(app)
    token = issue_token(app, days=1)
    clock.advance(hours=23, minutes=59)
    assert get(client, token).status_code == 200
    clock.advance(minutes=1)
    assert get(client, token).status_code == 401


def test_a_token_loses_what_its_owner_loses(app, client, site):
    add_person(app)
    token = issue_token(app)
    with app.app_context():
        db.session.execute(db.delete(StaffRole))
        db.session.commit()
    assert get(client, token).status_code == 403


def test_a_scope_needs_its_role_on_the_tokens_site(app, client, site):
    publish_zoo(app)
    add_person(app, roles=("admin", "editor"))
    add_person(app, roles=("auditor",), site="zoo")
    with pytest.raises(Invalid):
        issue_token(app)
    assert get(client, issue_token(app, scopes=("registry:write",))).status_code == 403
    assert get(client, issue_token(app, site="zoo")).status_code == 200
    assert {row["site"] for row in rows(app, ApiToken)} == {"ala", "zoo"}
