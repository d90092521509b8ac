"""Things that tests are made of: settings, sites, decisions, and sending them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from consent_server import clock, create_app
from consent_server.database import begin_writing
from consent_server.evidence import founding, sequencer
from consent_server.extensions import db
from consent_server.policy import publication
from consent_server.policy.models import PolicyVersion
from consent_server.registry import service as registry
from consent_server.registry.schemas import SiteFileSchema
from consent_server.settings import Settings

ROOT = Path(__file__).parent.parent
ALA = ROOT / "examples" / "ala.yaml"
PORT = 9000
HOST = f"http://privacy.ala.localhost:{PORT}"
ORIGIN = "https://www.ala.org"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
OPTIONAL = ("functional", "analytics", "marketing")


def make_settings(data_dir: Path, database_url: str = "", **changes: Any) -> Settings:
    """Development settings without a rate limit; with an empty SQLite file where no database is given."""
    values: dict[str, Any] = {
        "environment": "development",
        "port": PORT,
        "public_url": HOST,
        "data_dir": data_dir,
        "database_url": database_url or f"sqlite:///{data_dir / 'empty.db'}",
        "secret_key": "test-secret-of-at-least-32-characters",
        "trusted_proxies": 0,
        "consent_rate": None,
        "extra_origins": (),
    }
    return Settings(**values | changes)


class Compiled(BytecodeCache):
    """Templates that an app of this process has compiled already, by their name and text."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if kept := self.kept.get((bucket.key, bucket.checksum)):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


COMPILED = Compiled()


def make_app(settings: Settings) -> Flask:
    app = create_app(settings)
    app.jinja_env.bytecode_cache = COMPILED
    app.testing = True
    app.test_client_class = Browser
    return app


def engines(app: Flask) -> tuple[Engine, Engine]:
    """The session's, and the hot path's."""
    with app.app_context():
        db.session.remove()
        return db.engine, app.extensions["driver"].engine


def idle(app: Flask) -> bool:
    """Whether an app has given all its connections back."""
    return not any(engine.pool.checkedout() for engine in engines(app))


def close(app: Flask) -> None:
    """Closes an app's connections."""
    for engine in engines(app):
        engine.dispose()


@contextmanager
def running(settings: Settings) -> Iterator[Flask]:
    """An app of a test's own."""
    app = make_app(settings)
    yield app
    close(app)


class Browser(FlaskClient):
    """A test client that asks the consent host by its own name."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if args and isinstance(args[0], str):
            kwargs.setdefault("base_url", HOST)
        return super().open(*args, **kwargs)


def migrate(url: str) -> None:
    """Brings an empty database to the present schema."""
    with running(make_settings(ROOT, url)) as app, app.app_context():
        upgrade(directory=str(ROOT / "migrations"))


def migrate_and_publish_ala(url: str) -> None:
    migrate(url)
    with running(make_settings(ROOT, url)) as app, app.app_context():
        publish(read_ala(), reason="First version.")


def read_ala() -> dict[str, Any]:
    """The content of ALA's site file; needs an application context."""
    return deepcopy(_ala())


@cache
def _ala() -> dict[str, Any]:
    # Reading it takes longer than most tests do; what is refused in a site file is tested where it is refused.
    return registry.read_site_file(ALA.read_text(encoding="utf-8"))


def unrefused(content: dict[str, Any]) -> dict[str, Any]:
    """Well-formed content as it may have been published before anything of it was refused."""
    loaded: dict[str, Any] = SiteFileSchema().load(content)
    return loaded


def publish(content: dict[str, Any], *, reason: str = "A test.", material: bool = True) -> PolicyVersion:
    """Publishes content and commits; needs an application context."""
    begin_writing(db.session)
    version = publication.publish(content, by="operator", reason=reason, material=material)
    db.session.commit()
    return version


def seal(app: Flask) -> None:
    """Seals and signs all that waits; starts the log where it has not been started."""
    with app.app_context():
        founding.found()
        sequencer.run_once()


def rows(app: Flask, model: type[Any]) -> list[dict[str, Any]]:
    """All rows of a table by their keys, so the oldest first where those are made of the time, as dictionaries."""
    table = model.__table__
    with app.app_context(), db.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]


def everything(app: Flask) -> dict[str, list[str]]:
    """Every row of every table: equal before and after means that nothing was written."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            name: sorted(map(repr, connection.execute(select(table)))) for name, table in db.metadata.tables.items()
        }


def site_content(key: str = "zoo", **site: Any) -> dict[str, Any]:
    """A small valid site file: one provider that sells and one that does not, in each of two optional categories."""

    def provider(name: str, category: str, *, sells: bool) -> dict[str, Any]:
        return {
            "key": name,
            "name": name.title(),
            "category": category,
            "privacy_url": f"https://{name}.example/privacy",
            "sells_or_shares": sells,
            "hosts": [f"{name}.example"],
            "trackers": [{"kind": "cookie", "name": f"_{name}", "host": f"{name}.example"}],
        }

    return {
        "site": {
            "key": key,
            "name": "A Zoo",
            "origins": [f"https://www.{key}.example"],
            "cookie_domains": [f"{key}.example"],
            "locales": ["en"],
            "default_locale": "en",
            "contact": {"name": "The keeper", "email": f"keeper@{key}.example"},
            **site,
        },
        "policy": {"en": "# Policy\n\n{{ dnt }}\n\n{{ providers }}\n\n{{ rights }}\n"},
        "categories": [
            {"key": "necessary", "required": True, "name": "Necessary"},
            {"key": "analytics", "name": "Analytics"},
            {"key": "marketing", "name": "Marketing"},
        ],
        "providers": [
            provider("counter", "analytics", sells=False),
            provider("measurer", "analytics", sells=True),
            provider("mailer", "marketing", sells=False),
            provider("adserver", "marketing", sells=True),
        ],
    }


def decision_body(notice: str, **changes: Any) -> dict[str, Any]:
    """A refusal by default; `allow=(…)` names the categories to be on, and makes it `custom` or `accept_all`."""
    allow = changes.pop("allow", ())
    action = "reject_all" if not allow else "accept_all" if set(allow) == set(OPTIONAL) else "custom"
    now = clock.now()
    return {
        "event_id": str(clock.new_id()),
        "action": action,
        "choices": {name: name in allow for name in OPTIONAL},
        "providers": {},
        "surface": "banner",
        "notice": notice,
        "decided_at": clock.to_rfc3339(now.replace(microsecond=0)),
        "signals": {"dnt": None, "gpc": False},
        "page": f"{ORIGIN}/advocacy",
        **changes,
    }


def post(
    client: FlaskClient,
    body: dict[str, Any] | str | bytes,
    *,
    site: str = "ala",
    content_type: str = "application/json",
    **headers: str | None,
) -> TestResponse:
    """Sends a decision as a page of a listed origin does. Header names with `_` for `-`; none leaves a header out."""
    sent = {"Origin": ORIGIN, "User-Agent": FIREFOX}
    for name, value in headers.items():
        sent.pop(name.replace("_", "-"), None)
        if value is not None:
            sent[name.replace("_", "-")] = value
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(f"/v1/sites/{site}/consents", data=data, content_type=content_type, headers=sent)
