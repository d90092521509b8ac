"""Pages meant for people under 16: everything optional stays off, and nobody is asked."""

import pytest
from playwright.sync_api import Page, expect

from e2e.customer import WORDS, CustomerSite
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor

LINK = '<a data-choices="open" href="/choices">Your choices</a>'


@pytest.fixture
def children(customer: CustomerSite, server: ConsentServer, trackers: str) -> CustomerSite:
    """A library's page, and its page for children, each with the same trackers."""
    source = f'src="{server.origin}/ala/choices.js"'
    customer.page(head=f"<script async {source}></script>", body=WORDS + trackers)
    customer.page(
        path="/children",
        head=f'<script async {source} data-audience="under-16"></script>',
        body=WORDS + LINK + trackers,
    )
    return customer


def visit_children(visitor: Visitor) -> Page:
    page = visitor.visit("/children")
    page.wait_for_function("window.visitorChoices && visitorChoices.ready && visitorChoices.ready.then(() => true)")
    return page


def open_dialog(visitor: Visitor) -> None:
    visitor.page.locator('[data-choices="open"]').click()
    expect(visitor.dialog.get_by_text("This page is for people under 16.")).to_be_visible()


def test_nobody_is_asked(children: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    page = visit_children(visitor)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    expect(visitor.banner).to_have_count(0)
    assert page.evaluate("visitorChoices.current.answer") == "none"
    assert visitor.ran() == []
    assert rows.all() == []


def test_the_dialog_offers_nothing(children: CustomerSite, visitor: Visitor) -> None:
    page = visit_children(visitor)
    open_dialog(visitor)
    expect(visitor.dialog.get_by_role("heading", level=2)).to_be_focused()
    expect(visitor.dialog.get_by_role("switch")).to_have_count(0)
    expect(visitor.dialog.get_by_role("button")).to_have_text(["Close"])
    expect(visitor.dialog.get_by_role("heading", level=3)).to_have_text(["Necessary"])
    expect(visitor.dialog.get_by_role("link")).to_have_text(["Our service providers", "Privacy policy"])
    page.keyboard.press("Escape")
    expect(visitor.dialog).to_have_count(0)
    expect(page.locator('[data-choices="open"]')).to_be_focused()
    expect(visitor.banner).to_be_hidden()


def test_what_was_allowed_elsewhere_stays_there(children: CustomerSite, visitor: Visitor) -> None:
    visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    before = visitor.choices
    page = visit_children(visitor)
    assert page.evaluate("Object.values(visitorChoices.current.categories)") == [False, False, False]
    assert page.evaluate("visitorChoices.allows('sample-video')") is False
    open_dialog(visitor)
    visitor.dialog.get_by_role("button", name="Close").click()
    expect(visitor.dialog).to_have_count(0)
    assert visitor.ran() == []
    assert visitor.choices == before
    visitor.visit()
    visitor.expect_ran("video", "ga", "ads")


def test_nothing_can_be_allowed_there(children: CustomerSite, visitor: Visitor) -> None:
    """Not even by a click: what the page asks for is not done."""
    page = visit_children(visitor)
    page.evaluate("document.querySelector('h1').onclick = () => { window.asked = visitorChoices.acceptAll() }")
    page.locator("h1").click()
    assert page.evaluate("asked.then((after) => Object.values(after.categories))") == [False, False, False]
    assert visitor.ran() == []
    assert visitor.cookies("visitor_choices") == []
