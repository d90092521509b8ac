"""axe finds nothing, in light and dark, at 320 and 1280 pixels; and nothing scrolls sideways."""

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from e2e.conftest import NewVisitor
from e2e.customer import CustomerSite
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.test_auditor import sign_in
from e2e.visitors import Visitor

ALL: dict[str, Any] = {"resultTypes": ["violations"]}
# In the dark only colours differ.
COLOURS: dict[str, Any] = {**ALL, "runOnly": ["color-contrast", "link-in-text-block"]}
SCHEMES: dict[Literal["light", "dark"], dict[str, Any]] = {"light": ALL, "dark": COLOURS}
WIDTHS = (320, 1280)
PAGES = ("/demo/", "/ala/choices", "/ala/choices/erase", "/ala/providers", "/ala/policy", "/ala/nothing", "/docs")


def check(page: Page) -> None:
    """Looks at a page in each of its looks."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for scheme, rules in SCHEMES.items():
            page.emulate_media(color_scheme=scheme)
            assert violations(page, rules) == [], (scheme, width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width


def violations(page: Page, rules: dict[str, Any]) -> list[tuple[str, Any, str]]:
    found = Axe().run(page, options=rules).response["violations"]
    return [(rule["id"], node["target"], node["failureSummary"]) for rule in found for node in rule["nodes"]]


@pytest.fixture
def still(new_visitor: NewVisitor) -> Visitor:
    """A visitor to whom nothing moves, so that no colour is measured on its way."""
    return new_visitor(reduced_motion="reduce")


def test_the_banner(library: CustomerSite, still: Visitor) -> None:
    page = still.visit()
    still.button("Reject all").wait_for()
    check(page)


def test_the_dialog_and_the_page_after(library: CustomerSite, still: Visitor) -> None:
    page = still.visit()
    still.button("Choose").click()
    expect(still.dialog).to_be_visible()
    check(page)
    still.dialog.get_by_role("button", name="Close").click()
    still.decide("Reject all")
    check(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_refusing_and_accepting_weigh_the_same(library: CustomerSite, still: Visitor, width: int) -> None:
    page = still.page
    page.set_viewport_size({"width": width, "height": 800})
    still.visit()
    reject, accept = still.button("Reject all"), still.button("Accept all")
    look = "b => { const s = getComputedStyle(b); return [s.color, s.backgroundColor, s.border, s.font] }"
    assert reject.evaluate(look) == accept.evaluate(look)
    sizes = [button.evaluate("b => [b.offsetWidth, b.offsetHeight]") for button in (reject, accept)]
    assert sizes[0] == sizes[1]
    assert sizes[0][1] >= 44
    assert still.banner.evaluate("host => host.offsetHeight") <= 400


@pytest.mark.parametrize("path", PAGES)
def test_public_pages(server: ConsentServer, still: Visitor, path: str) -> None:
    still.page.goto(server.origin + path)
    check(still.page)


def test_the_choices_of_someone_who_chose(server: ConsentServer, still: Visitor) -> None:
    page = still.page
    page.goto(f"{server.origin}/ala/choices")
    page.get_by_role("button", name="Accept all").click()
    page.get_by_role("link", name="Show history").click()
    check(page)
    page.goto(f"{server.origin}/ala/choices/erase")
    check(page)


def test_the_way_in_for_staff(server: ConsentServer, still: Visitor) -> None:
    sign_in(still.page, server, "nobody@library.example", "not the password")
    expect(still.page.get_by_role("alert")).to_be_visible()
    check(still.page)


def test_the_auditors_pages(
    server: ConsentServer, still: Visitor, rows: Rows, auditor_account: tuple[str, str]
) -> None:
    page = still.page
    page.goto(f"{server.origin}/ala/choices")
    page.get_by_role("button", name="Reject all").click()
    sign_in(page, server, *auditor_account)
    expect(page.get_by_role("table")).to_be_visible()
    check(page)
    for path in (f"/audit/events/{rows.only()['event_id']}", "/audit/?visitor=nobody", "/staff/", "/staff/password"):
        page.goto(server.origin + path)
        check(page)
