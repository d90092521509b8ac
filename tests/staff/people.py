"""People on the staff: accounts, browsers that are signed in, tokens."""

import json
from collections.abc import Iterable

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from consent_server.database import begin_writing
from consent_server.extensions import db
from consent_server.registry import service as registry
from consent_server.staff import service, tokens
from tests.factories import publish, site_content

PASSWORD = "correct horse battery staple"
AUDITOR = "auditor@example.org"


def add_person(app: Flask, email: str = AUDITOR, roles: Iterable[str] = ("auditor",), site: str = "ala") -> None:
    """An account with PASSWORD; more roles for one that is there."""
    with app.app_context():
        begin_writing(db.session)
        if not db.session.query(service.Staff).filter_by(email=email).count():
            service.add_account(email, PASSWORD, "operator")
        service.add_roles(service.find(email), roles, [site], "operator")
        db.session.commit()


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


def sign_in(
    client: FlaskClient, email: str = AUDITOR, password: str = PASSWORD, back: str | None = None
) -> TestResponse:
    """Sends the form; the limiter starts afresh, since all tests come from one address."""
    client.application.extensions["rates"].storage.reset()
    form = {"email": email, "password": password} | ({"next": back} if back else {})
    return client.post("/staff/sign-in", data=form)
