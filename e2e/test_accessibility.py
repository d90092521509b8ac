"""axe finds nothing, in every state and in every look; what screen readers are told; nothing scrolls sideways."""

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from e2e.auditors import sign_in
from e2e.city import city_page, differ, open_dialog
from e2e.conftest import NewVisitor
from e2e.customer import CustomerSite
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor

ALL: dict[str, Any] = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
# In the dark only colours differ.
COLOURS: dict[str, Any] = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}
SCHEMES: dict[Literal["light", "dark"], dict[str, Any]] = {"light": ALL, "dark": COLOURS}
WIDTHS = (320, 1280)
PAGES = ("/demo/", "/ala/choices", "/ala/choices/erase", "/ala/providers", "/ala/policy", "/ala/nothing", "/docs")


def check(page: Page) -> None:
    """Looks at a page in each of its looks."""
    # After a click on a link, its style sheet may still be on its way.
    page.wait_for_load_state()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for scheme, rules in SCHEMES.items():
            page.emulate_media(color_scheme=scheme)
            assert violations(page, rules) == [], (scheme, width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width


def violations(page: Page, rules: dict[str, Any]) -> list[tuple[str, Any, str]]:
    # It is half a megabyte: once for each document.
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate("(rules) => axe.run(rules).then(({ violations }) => violations)", rules)
    return [(rule["id"], node["target"], node["failureSummary"]) for rule in found for node in rule["nodes"]]


@pytest.fixture
def still(new_visitor: NewVisitor) -> Visitor:
    """A visitor to whom nothing moves, so that no colour is measured on its way."""
    return new_visitor(reduced_motion="reduce")


@pytest.fixture
def city(customer: CustomerSite, server: ConsentServer) -> CustomerSite:
    return city_page(customer, server)


def test_the_banner(city: CustomerSite, still: Visitor) -> None:
    for path in ("/", "/ar"):
        page = still.visit(path)
        still.banner.wait_for()
        check(page)


def test_the_banner_that_answers_a_signal(city: CustomerSite, still: Visitor) -> None:
    still.context.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"
    )
    page = still.visit()
    expect(still.banner.get_by_role("status")).to_contain_text("Opt-out request honored")
    check(page)
    expect(open_dialog(still).get_by_text("Opt-out request honored")).to_be_visible()
    check(page)


@pytest.mark.parametrize("path", ["/", "/ar"])
def test_the_dialog(city: CustomerSite, still: Visitor, path: str) -> None:
    page = still.visit(path)
    dialog = open_dialog(still)
    check(page)
    differ(dialog)
    check(page)


def test_the_dialog_on_a_page_for_children(city: CustomerSite, still: Visitor) -> None:
    page = still.visit("/children")
    page.locator('[data-choices="open"]').click()
    expect(still.dialog).to_be_visible()
    check(page)


def test_the_page_after(city: CustomerSite, still: Visitor) -> None:
    page = still.visit()
    still.decide("Reject all")
    check(page)


def test_what_the_banner_is_to_a_screen_reader(city: CustomerSite, visitor: Visitor) -> None:
    visitor.visit()
    visitor.banner.wait_for()
    expect(visitor.page.get_by_role("region", name="Cookies on City Library")).to_match_aria_snapshot("""
      - region "Cookies on City Library":
        - heading "Cookies on City Library" [level=2]
        - paragraph:
          - text: /We use cookies to make this site work/
          - link "Our service providers"
          - link "Privacy policy"
        - button "Reject all"
        - button "Accept all"
        - button "Choose"
    """)


def test_what_the_dialog_is_to_a_screen_reader(city: CustomerSite, visitor: Visitor) -> None:
    visitor.visit()
    dialog = open_dialog(visitor)
    expect(visitor.page.get_by_role("dialog", name="Your choices")).to_have_count(1)
    differ(dialog)
    expect(dialog).to_match_aria_snapshot("""
      - dialog "Your choices":
        - heading "Your choices" [level=2]
        - button "Close"
        - paragraph: Optional cookies are off until you turn them on.
        - heading "Necessary" [level=3]
        - text: Always on
        - paragraph: Make the site work and keep your choice.
        - paragraph: "Providers: City Library"
        - heading "Functional" [level=3]
        - switch "Functional"
        - paragraph: Remember your settings and show content such as videos from other sites.
        - paragraph: "Without it: Your settings are not remembered and embedded content is not shown."
        - group: Choose by provider
        - heading "Analytics" [level=3]
        - text: "Providers: 2/3"
        - switch "Analytics" [checked]
        - paragraph: Count visits and see how the site is used.
        - paragraph: "Without it: Nothing stops working for you."
        - group:
          - text: Choose by provider
          - list "Analytics":
            - listitem:
              - switch "Visit counter" [checked]
            - listitem:
              - switch "Heat map"
            - listitem:
              - switch "Arbeitsgemeinschaft Nutzungsforschung e. V." [checked]
    """)
    for name, said in {
        "Functional": "Remember your settings and show content such as videos from other sites. "
        "Without it: Your settings are not remembered and embedded content is not shown.",
        "Analytics": "Count visits and see how the site is used. Without it: Nothing stops working for you. "
        "Providers: 2/3",
    }.items():
        expect(dialog.get_by_role("switch", name=name)).to_have_accessible_description(said)


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
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit")
    check(page)
    event = f"/audit/events/{rows.only()['event_id']}"
    for path in (event, "/audit/events", "/audit/events?visitor=nobody", "/staff/", "/staff/password"):
        page.goto(server.origin + path)
        check(page)
