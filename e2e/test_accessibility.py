"""axe finds nothing, in light and dark, at 320 and 1280 pixels; and nothing scrolls sideways."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from e2e.conftest import NewVisitor
from e2e.customer import CustomerSite
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.test_auditor import EMAIL, PASSWORD, sign_in
from e2e.visitors import Visitor

LOOKS = [(scheme, width) for scheme in ("light", "dark") for width in (320, 1280)]
PAGES = (
    "/demo/",
    "/ala/choices",
    "/ala/choices/erase",
    "/ala/providers",
    "/ala/policy",
    "/ala/policy/1",
    "/ala/nothing",
    "/docs",
    "/staff/",
)

Visit = Callable[..., Visitor]


def check(page: Page) -> None:
    """No violation, and nothing to scroll sideways to."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    assert [(one["id"], node["target"], node["failureSummary"]) for one in found for node in one["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def look(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Options of a browser that looks so."""
    scheme, width = request.param
    return {"color_scheme": scheme, "viewport": {"width": width, "height": 800}, "reduced_motion": "reduce"}


def test_the_banner(library: CustomerSite, new_visitor: NewVisitor, look: dict[str, Any]) -> None:
    visitor = new_visitor(**look)
    visitor.visit()
    visitor.button("Reject all").wait_for()
    check(visitor.page)
    box = visitor.banner.bounding_box()
    assert box is not None and box["height"] <= 400
    reject, accept = (visitor.button(words).bounding_box() for words in ("Reject all", "Accept all"))
    assert reject is not None and accept is not None
    assert (reject["width"], reject["height"]) == (accept["width"], accept["height"])
    assert reject["height"] >= 44


def test_the_dialog_and_the_page_after(library: CustomerSite, new_visitor: NewVisitor, look: dict[str, Any]) -> None:
    visitor = new_visitor(**look)
    visitor.visit()
    visitor.button("Choose").click()
    expect(visitor.dialog).to_be_visible()
    check(visitor.page)
    visitor.dialog.get_by_role("button", name="Close").click()
    visitor.decide("Reject all")
    check(visitor.page)


def test_every_public_page(server: ConsentServer, new_visitor: NewVisitor, look: dict[str, Any]) -> None:
    page = new_visitor(**look).page
    for path in PAGES:
        page.goto(server.origin + path)
        check(page)


def test_the_choices_of_someone_who_chose(server: ConsentServer, new_visitor: NewVisitor, look: dict[str, Any]) -> None:
    page = new_visitor(**look).page
    page.goto(f"{server.origin}/ala/choices")
    page.get_by_role("button", name="Accept all").click()
    check(page)
    page.get_by_role("link", name="Show history").click()
    check(page)
    page.goto(f"{server.origin}/ala/choices/erase")
    check(page)


def test_the_auditors_pages(
    server: ConsentServer, new_visitor: NewVisitor, look: dict[str, Any], rows: Rows
) -> None:
    page = new_visitor(**look).page
    page.goto(f"{server.origin}/ala/choices")
    page.get_by_role("button", name="Reject all").click()
    server.flask("staff", "add", EMAIL, "--role", "auditor", "--password-stdin", given=PASSWORD + "\n")
    sign_in(page, server, "wrong")
    check(page)
    sign_in(page, server)
    expect(page.get_by_role("table")).to_be_visible()
    check(page)
    event = rows.only()["event_id"]
    for path in (f"/audit/events/{event}", "/audit/?action=imported", "/audit/?visitor=nobody", "/staff/", "/staff/password"):
        page.goto(server.origin + path)
        check(page)
