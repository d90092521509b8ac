"""People on the staff: accounts, browsers that are signed in, tokens."""

import json
import uuid
from collections.abc import Iterable

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from consent_server.database import begin_writing
from consent_server.extensions import db
from consent_server.registry import service as registry
from consent_server.staff import links, service, tokens
from consent_server.staff.models import StaffEvent
from tests.factories import publish, rows, site_content

PASSWORD = "correct horse battery staple"
AUDITOR, EDITOR, APPROVER = "auditor@example.org", "editor@example.org", "approver@example.org"


def add_person(app: Flask, email: str = AUDITOR, roles: Iterable[str] = ("auditor",), site: str = "ala") -> uuid.UUID:
    """An account with PASSWORD; more roles for one that is there. Its id."""
    with app.app_context():
        begin_writing(db.session)
        if not db.session.query(service.Staff).filter_by(email=email).count():
            service.add_account(email, PASSWORD, "operator")
        staff = service.find(email)
        service.add_roles(staff, roles, [site], "operator")
        db.session.commit()
        return staff.id


def publish_zoo(app: Flask) -> None:
    """A second site, `zoo`."""
    with app.app_context():
        publish(registry.read_site_file(json.dumps(site_content("zoo"))))


def issue_token(
    app: Flask, email: str = AUDITOR, scopes: Iterable[str] = ("audit:read",), site: str = "ala", days: int = 90
) -> str:
    with app.app_context():
        begin_writing(db.session)
        token = tokens.issue(service.find(email), site, scopes, days, "operator")
        db.session.commit()
    return token


def new_link(app: Flask, email: str, purpose: str = "invitation") -> str:
    """The token of a link to choose a password."""
    with app.app_context():
        begin_writing(db.session)
        token = links.issue(service.find(email), purpose)
        db.session.commit()
    return token


def sign_in(
    client: FlaskClient, email: str = AUDITOR, password: str = PASSWORD, back: str | None = None
) -> TestResponse:
    """Sends the form; the limiter starts afresh, since all tests come from one address."""
    client.application.extensions["rates"].storage.reset()
    form = {"email": email, "password": password} | ({"next": back} if back else {})
    return client.post("/staff/sign-in", data=form)


def browser(app: Flask, email: str = AUDITOR) -> FlaskClient:
    """A browser of somebody who is signed in."""
    client = app.test_client()
    assert sign_in(client, email).status_code == 303
    return client


def verbs(app: Flask) -> list[str]:
    """What the record holds, the first act at the head, as far as the clock has moved; publications aside."""
    acts = sorted(rows(app, StaffEvent), key=lambda act: act["at"])
    return [act["verb"] for act in acts if act["verb"] != "publish"]


def signed_in(app: Flask, email: str, *roles: str) -> FlaskClient:
    """A browser in which somebody with these roles is signed in."""
    add_person(app, email, roles)
    client = app.test_client()
    assert sign_in(client, email).status_code == 303
    return client
