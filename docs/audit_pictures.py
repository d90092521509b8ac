"""Takes the pictures of the auditors' guide (`make pictures`): two months of decisions, and what an auditor sees.

The decisions are made up, by a server whose clock is moved, in a temporary folder of its own."""

import random
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from playwright.sync_api import Page, sync_playwright

import consent_server.clock
from consent_server.policy import service as policy
from docs.pictures import FOLDER, opener, signed_in, take
from e2e.browsers import find_browser
from e2e.conftest import PASSWORD
from e2e.servers import ConsentServer
from tests.factories import OPTIONAL, decision_body, make_settings, migrate, post, publish, read_ala, running, seal

AUDITOR = "auditor@library.example"
DAYS = 60
SIGNALS = (
    {"dnt": None, "gpc": False},
    {"dnt": None, "gpc": False},
    {"dnt": "1", "gpc": False},
    {"dnt": None, "gpc": True},
)
LOCALES = ("en", "en", "en", "es", "zh-Hant")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = ConsentServer(Path(folder), ())
        _fill(Path(folder), server)
        server.prepare()
        server.flask("staff", "add", AUDITOR, "--role", "auditor", "--password-stdin", given=PASSWORD + "\n")
        server.start()
        browser = playwright.chromium.launch(executable_path=find_browser(playwright.chromium.executable_path))
        try:
            _take_all(signed_in(opener(browser)(), server, AUDITOR), server.origin)
        finally:
            browser.close()
            server.stop()


def _fill(folder: Path, server: ConsentServer) -> None:
    """Two months, day by day, each sealed before the next begins."""
    chance, true_now = random.Random(1), consent_server.clock.now  # noqa: S311, nothing here is secret
    today = true_now().replace(hour=12, minute=0, second=0, microsecond=0)
    try:
        _set_clock(today - timedelta(days=DAYS))
        migrate(server.database_url)
        with running(make_settings(folder, server.database_url, port=server.port, public_url=server.origin)) as app:
            seal(app)
            with app.app_context():
                publish(read_ala(), reason="First version.")
                notices = policy.published("ala").notices
            for day in range(DAYS, 0, -1):
                _one_day(app, notices, today - timedelta(days=day), chance)
    finally:
        consent_server.clock.now = true_now


def _set_clock(moment: datetime) -> None:
    consent_server.clock.now = lambda: moment


def _one_day(app: Flask, notices: dict[str, str], noon: datetime, chance: random.Random) -> None:
    for number in range(chance.randint(4, 12)):
        _set_clock(noon + timedelta(minutes=number))
        allow = chance.choice(((), (), OPTIONAL, ("functional",), ("functional", "analytics")))
        client = app.test_client()
        answer = post(
            client, decision_body(notices[chance.choice(LOCALES)], allow=allow, signals=chance.choice(SIGNALS))
        )
        if allow and answer.status_code == 201 and chance.random() < 0.15:
            _set_clock(noon + timedelta(minutes=20 + number))
            post(client, decision_body(notices["en"], action="withdraw", surface="page"))
    _set_clock(noon + timedelta(hours=1))
    seal(app)


def _take_all(page: Page, host: str) -> None:
    page.goto(f"{host}/audit/")
    take(page, "audit-start", page.get_by_role("contentinfo"))
    page.goto(f"{host}/audit/rates?period=week")
    take(page, "audit-rates", page.get_by_role("table").first)
    page.goto(f"{host}/audit/events?action=withdraw")
    page.get_by_role("table").locator("tbody tr").first.locator("a[href*='/audit/visitors/']").click()
    take(page, "audit-visitor", page.get_by_role("contentinfo"))
    page.get_by_role("link", name="As it was shown").first.click()
    page.frame_locator("iframe").get_by_role("button").first.wait_for()
    take(page, "audit-shown", page.get_by_role("heading", name="The texts"))
    page.goto(f"{host}/audit/sample")
    page.get_by_label("Your phrase").fill("rain on the roof of the reading room")
    page.get_by_label("Decisions").fill("5")
    page.get_by_role("button", name="Draw").click()
    take(page, "audit-sample", page.get_by_role("table").first)


if __name__ == "__main__":
    main()
