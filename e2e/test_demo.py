"""The demo page: what anyone sees who tries the system."""

from playwright.sync_api import Page, Route, expect

from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor

NAMES = ("functional", "analytics", "marketing")


def open_demo(visitor: Visitor, server: ConsentServer, query: str = "") -> Page:
    visitor.page.goto(f"http://www.ala.localhost:{server.port}/demo/{query}")
    return visitor.page


def expect_ran(page: Page, *names: str) -> None:
    for name in NAMES:
        expect(page.locator(f'[data-tracker="{name}"]')).to_have_text("Ran" if name in names else "Held back")


def test_the_demo_page(visitor: Visitor, server: ConsentServer, rows: Rows) -> None:
    page = open_demo(visitor, server)
    visitor.button("Reject all").wait_for()
    page.wait_for_load_state("networkidle")
    assert [url for url in visitor.requests if "trackers.localhost" in url] == []
    visitor.decide("Reject all")
    expect(page.locator("[data-record]")).to_have_text("rejected, server")
    expect_ran(page)
    visitor.switch(analytics=True)
    expect_ran(page, "analytics")
    assert [row["action"] for row in rows.of(visitor.visitor_id)] == ["reject_all", "custom"]
    page.get_by_role("link", name="Load the page again").click()
    expect_ran(page, "analytics")
    expect(visitor.banner).to_have_count(0)


def test_what_ran_before_the_page_watched_is_told(visitor: Visitor, server: ConsentServer) -> None:
    page = open_demo(visitor, server)
    visitor.decide("Accept all")
    expect_ran(page, *NAMES)
    held: list[Route] = []
    page.route("**/demo/files/demo.js", lambda route: held.append(route))
    page.goto(page.url, wait_until="commit")
    expect(page.locator("html.ran-functional.ran-analytics.ran-marketing")).to_have_count(1)
    held.pop().continue_()
    expect_ran(page, *NAMES)


def test_the_demo_page_accepts(visitor: Visitor, server: ConsentServer) -> None:
    page = open_demo(visitor, server)
    visitor.decide("Accept all")
    expect_ran(page, *NAMES)


def test_the_demo_page_in_spanish(visitor: Visitor, server: ConsentServer, rows: Rows) -> None:
    open_demo(visitor, server, "?lang=es")
    visitor.decide("Rechazar todo")
    assert rows.only()["notice"] == server.notice("es")
