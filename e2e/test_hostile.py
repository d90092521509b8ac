"""Clicks that no person made, and what a banner does to a page that did nothing to deserve it."""

import pytest
from playwright.sync_api import expect

from e2e.customer import WORDS, CustomerSite
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor, is_decision

CLICK = """<script>document.addEventListener('visitorchoices:open', () => setTimeout(() =>
  document.querySelector('[data-action="{}"]').click()));</script>"""


def test_a_synthetic_accept_lets_nothing_run(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor, rows: Rows
) -> None:
    customer.page(head=CLICK.format("accept-all") + script, body=WORDS + trackers)
    with visitor.page.expect_response(is_decision) as answer:
        page = visitor.visit()
    assert answer.value.status == 201
    page.wait_for_load_state("networkidle")
    expect(visitor.button("Accept all")).to_be_visible()
    assert page.evaluate("visitorChoices.current.answer") == "none"
    assert customer.tracked == []
    row = rows.only()
    assert (row["action"], row["surface"], row["automated"]) == ("accept_all", "api", "suspected")
    assert not any(row["choices"].values())
    assert visitor.context.cookies() == []
    assert row["visitor_id"] is None


def test_an_accept_by_the_pages_script_lets_nothing_run(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor, rows: Rows
) -> None:
    call = "(window.visitorChoices = []).push(choices => choices.acceptAll())"
    customer.page(head=f"<script>{call}</script>{script}", body=WORDS + trackers)
    with visitor.page.expect_response(is_decision):
        page = visitor.visit()
    page.wait_for_load_state("networkidle")
    assert customer.tracked == []
    assert rows.only()["automated"] == "suspected"


def test_a_synthetic_reject_works(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor, rows: Rows
) -> None:
    customer.page(head=CLICK.format("reject-all") + script, body=WORDS + trackers)
    with visitor.page.expect_response(is_decision):
        visitor.visit()
    visitor.expect_closed()
    row = rows.only()
    assert (row["action"], row["visitor_id"]) == ("reject_all", visitor.visitor_id)


def test_dismissing_is_nothing(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    """Esc, a click beside it, scrolling, `close()`: none of them is a choice, and the next page asks again."""
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.mouse.wheel(0, 500)
    visitor.button("Accept all").focus()
    page.keyboard.press("Escape")
    expect(visitor.button("Accept all")).to_be_visible()
    page.evaluate("visitorChoices.close()")
    visitor.expect_closed()
    assert page.evaluate("visitorChoices.current.answer") == "none"
    page.reload()
    visitor.button("Reject all").wait_for()
    page.wait_for_load_state("networkidle")
    assert (library.tracked, rows.all(), visitor.context.cookies()) == ([], [], [])


def test_a_driven_browser_is_asked_too(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    """Tests and crawlers see what people see."""
    customer.page(head=script)
    page = visitor.visit()
    assert page.evaluate("navigator.webdriver") is True
    expect(visitor.button("Reject all")).to_be_visible()


LARGEST = """<script>window.largest = [];
new PerformanceObserver((list) => list.getEntries().forEach(({ element, size }) => largest.push([element?.id, size])))
  .observe({ type: 'largest-contentful-paint', buffered: true });</script>"""


@pytest.mark.parametrize("width", [360, 1280])
def test_the_largest_thing_painted_is_the_pages_own(
    customer: CustomerSite, script: str, visitor: Visitor, width: int
) -> None:
    """Where a page has a paragraph of its own to show, that is what measures of speed wait for."""
    text = "Books, maps, music and quiet rooms for everyone who comes by. " * 6
    customer.page(head=LARGEST + script, body=f'<main><h1 id="title">A library</h1><p id="text">{text}</p></main>')
    visitor.page.set_viewport_size({"width": width, "height": 740})
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    page.wait_for_function("largest.length")
    page.wait_for_function("document.querySelector('visitor-choices:popover-open')")
    assert {name for name, _ in page.evaluate("largest")} <= {"title", "text"}


# Each without something that the banner cannot do without, defined before the page runs. What is compiled later needs
# nothing younger than these.
NO_SHEETS = """
window.CSSStyleSheet = function () { throw new TypeError('Illegal constructor'); };
delete Document.prototype.adoptedStyleSheets; delete ShadowRoot.prototype.adoptedStyleSheets;"""
OLD = {
    "constructable style sheets": NO_SHEETS,
    "shadow roots": "delete Element.prototype.attachShadow;",
    "append": "delete Element.prototype.append;",
    "replaceChildren": "delete Element.prototype.replaceChildren;",
}


@pytest.mark.parametrize("missing", OLD.values(), ids=OLD.keys())
def test_a_browser_that_is_too_old(
    customer: CustomerSite,
    script: str,
    trackers: str,
    server: ConsentServer,
    visitor: Visitor,
    missing: str,
) -> None:
    """Nothing is shown and nothing optional runs. The page's own link leads to the choices, as without a script."""
    link = f'<a data-choices="open" href="{server.origin}/ala/choices">Your choices</a>'
    customer.page(head=script, body=WORDS + link + trackers)
    visitor.page.add_init_script(missing)
    page = visitor.visit()
    page.wait_for_load_state("networkidle")
    expect(visitor.banner).to_be_hidden()
    assert customer.tracked == []
    page.get_by_text("Your choices").click()
    expect(page.get_by_role("heading", level=1, name="Your choices")).to_be_visible()
    assert page.url == f"{server.origin}/ala/choices"
    # Chosen there, where nothing of this is needed, it holds here.
    page.get_by_role("button", name="Reject all").click()
    page.wait_for_load_state("networkidle")
    page = visitor.visit()
    page.wait_for_load_state("networkidle")
    assert customer.tracked == []
    assert visitor.faults == []
    page.get_by_text("Your choices").click()
    expect(page.get_by_role("heading", level=1, name="Your choices")).to_be_visible()
    # That the dialog cannot be made is said in the console, and the link leads on.
    visitor.faults.clear()


def test_a_browser_without_popovers(customer: CustomerSite, script: str, visitor: Visitor, rows: Rows) -> None:
    customer.page(head=script)
    visitor.page.add_init_script("delete HTMLElement.prototype.showPopover; delete HTMLElement.prototype.popover;")
    visitor.visit()
    visitor.button("Choose").click()
    visitor.dialog.get_by_role("button", name="Close").click()
    visitor.decide("Reject all")
    visitor.expect_closed()
    assert rows.only()["action"] == "reject_all"
