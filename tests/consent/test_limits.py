"""Too many requests, and a database that is not there."""

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy.engine import make_url

from consent_server import database
from consent_server.consent.models import ConsentEvent
from tests.consent.test_refused import assert_problem, assert_readable
from tests.factories import close, everything, post, rows, running

ADDRESS = "203.0.113.77"
NEIGHBOUR = "2001:db8::77"


@pytest.fixture
def limited(settings, site):
    with running(replace(settings, consent_rate="3 per hour")) as app:
        yield app


def send(app, body, address=ADDRESS, **kwargs):
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return post(client, body, **kwargs)


def kept_keys(app):
    return list(app.extensions["rates"].storage.storage)


def test_too_many_requests_from_one_address(limited, decision):
    assert [send(limited, decision()).status_code for _ in range(3)] == [201] * 3
    before = everything(limited)
    response = send(limited, decision())
    assert_problem(response, 429, "too-many-requests")
    assert 1 <= int(response.headers["Retry-After"]) <= 3600
    assert "Retry-After" in response.headers["Access-Control-Expose-Headers"]
    assert_readable(response)
    assert everything(limited) == before
    assert send(limited, decision(), NEIGHBOUR).status_code == 201


def test_too_many_requests_for_a_site_that_is_not_known(limited, decision):
    answers = [send(limited, decision(), site="nosuch").status_code for _ in range(4)]
    assert answers == [404, 404, 404, 429]


def test_the_limiter_keeps_no_address(limited, decision):
    send(limited, decision())
    send(limited, decision(), NEIGHBOUR)
    keys = list(limited.extensions["rates"].storage.storage)
    assert len(keys) == 2
    assert not any(ADDRESS in key or NEIGHBOUR in key for key in keys)


def test_the_limiters_keys_change_each_day(limited, decision, clock):
    send(limited, decision())
    clock.advance(days=1)
    send(limited, decision())
    assert len(set(limited.extensions["rates"].storage.storage)) == 2


def test_without_a_rate_nothing_is_counted_and_nothing_complained_of(app, client, decision, caplog):
    assert {post(client, decision()).status_code for _ in range(5)} == {201}
    assert not app.extensions["rates"].storage.storage
    assert not caplog.records


def test_an_address_behind_a_trusted_proxy_is_the_last_hops(settings, site, decision):
    with running(replace(settings, consent_rate="1 per hour", trusted_proxies=1)) as app:
        for forwarded, status in [(f"6.6.6.6, {ADDRESS}", 201), (f"7.7.7.7, {ADDRESS}", 429), (NEIGHBOUR, 201)]:
            assert send(app, decision(), X_Forwarded_For=forwarded).status_code == status


def test_a_forwarded_address_is_not_believed_without_a_trusted_proxy(limited, decision):
    answers = [send(limited, decision(), X_Forwarded_For=f"198.51.100.{n}").status_code for n in range(4)]
    assert answers == [201, 201, 201, 429]


@contextmanager
def out_of_reach(url):
    """A database that lets nobody in (PostgreSQL) or that somebody else is writing to (SQLite)."""
    address = make_url(url)
    if address.drivername == "sqlite":
        with closing(sqlite3.connect(address.database, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
        return
    server = address.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with closing(psycopg.connect(server, autocommit=True)) as connection:
        connection.execute(f'ALTER DATABASE "{address.database}" ALLOW_CONNECTIONS false')
        try:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                               [address.database])  # fmt: skip
            yield
        finally:
            connection.execute(f'ALTER DATABASE "{address.database}" ALLOW_CONNECTIONS true')


def test_while_the_database_cannot_be_reached_nothing_is_lost(monkeypatch, settings, site, decision, apps):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    # Their connections would be ended too, and be met by other tests.
    for idle in apps.values():
        close(idle[0])
    with running(settings) as app:
        client, body = app.test_client(), decision()
        client.get("/v1/sites/ala/config")
        with out_of_reach(settings.database_url):
            for _ in range(2):
                response = post(client, body)
                assert_problem(response, 503, "unavailable")
                assert int(response.headers["Retry-After"]) > 0
        assert post(client, body).status_code == 201
        assert len(rows(app, ConsentEvent)) == 1
