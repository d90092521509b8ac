"""One visitor, several tabs; and pages that come back as they were left."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from e2e.browsers import find_browser
from e2e.conftest import AGENT
from e2e.customer import WORDS, CustomerSite
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor, is_decision

ANSWER = "window.visitorChoices?.current.answer === '{}'"


def second_tab(visitor: Visitor) -> Page:
    page = visitor.context.new_page()
    page.goto(visitor.customer.address())
    page.wait_for_function("window.visitorChoices?.current")
    return page


def save(page: Page, **wish: bool) -> None:
    page.locator('[data-choices="open"]').click()
    for category, on in wish.items():
        page.locator(f"visitor-choices dialog input[name={category}]").set_checked(on)
    # A page that starts afresh may leave it to the other one to ask for the answer again.
    with page.context.expect_event("response", is_decision):
        page.locator("visitor-choices dialog").get_by_role("button", name="Save choices").click()


def test_a_refusal_in_one_tab_closes_the_banner_in_the_others(
    library: CustomerSite, visitor: Visitor, rows: Rows
) -> None:
    visitor.visit()
    visitor.button("Reject all").wait_for()
    others = [second_tab(visitor), second_tab(visitor)]
    visitor.decide("Reject all")
    for other in others:
        expect(other.locator("visitor-choices")).to_be_hidden()
        assert other.evaluate("visitorChoices.current.answer") == "rejected"
    assert len(rows.all()) == 1
    assert library.tracked == []


def test_withdrawal_in_one_tab_withdraws_in_the_other(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    """What runs there stops: the page starts afresh without it, and what it had left is gone."""
    page = visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    page.evaluate("window.old = true")
    other = second_tab(visitor)
    expect(other.locator("html")).to_have_attribute("data-ran", re.compile(r"^\S+ \S+ \S+$"))
    with page.expect_navigation():
        save(other, analytics=False)
    page.wait_for_function("!window.old && window.visitorChoices?.current.answer === 'some'")
    visitor.expect_ran("video", "ads")
    page.wait_for_function("!/_ga/.test(document.cookie)")
    assert [row["action"] for row in rows.all()] == ["accept_all", "custom"]


def test_withdrawal_on_a_later_page_withdraws(library: CustomerSite, visitor: Visitor) -> None:
    """What runs there was allowed on another page."""
    page = visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    page.reload()
    visitor.expect_ran("video", "ga", "ads")
    page.evaluate("window.old = true")
    with page.expect_navigation():
        visitor.switch(analytics=False)
    page.wait_for_function("!window.old && window.visitorChoices?.current.answer === 'some'")
    visitor.expect_ran("video", "ads")
    page.wait_for_function("!/_ga/.test(document.cookie)")


def test_a_grant_in_one_tab_lets_go_in_the_other(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    visitor.visit()
    visitor.decide("Reject all")
    save(second_tab(visitor), analytics=True)
    visitor.expect_ran("ga")
    assert [row["action"] for row in rows.all()] == ["reject_all", "custom"]


def test_a_dialog_that_is_open_elsewhere_does_not_keep_what_is_old(library: CustomerSite, visitor: Visitor) -> None:
    page = visitor.visit()
    visitor.button("Choose").click()
    expect(visitor.dialog.get_by_role("switch", name="Analytics")).not_to_be_checked()
    other = second_tab(visitor)
    with other.expect_response(is_decision):
        other.get_by_role("button", name="Accept all").click()
    expect(visitor.dialog).to_have_count(0)
    page.locator('[data-choices="open"]').click()
    expect(visitor.dialog.get_by_role("switch", name="Analytics")).to_be_checked()


NO_STORAGE = """
for (const name of ['localStorage', 'sessionStorage'])
  Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError'); } });"""


def test_without_storage_a_tab_learns_it_when_it_is_looked_at(library: CustomerSite, visitor: Visitor) -> None:
    visitor.context.add_init_script(NO_STORAGE)
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    other = second_tab(visitor)
    with other.expect_response(is_decision):
        other.get_by_role("button", name="Reject all").click()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    visitor.expect_closed()


@pytest.fixture(scope="module")
def keeping_browser(playwright: Playwright, browser: Browser) -> Iterator[Browser]:
    """A browser that keeps the pages one leaves, as people's do: Playwright's does not unless told, the shell never."""
    path = find_browser(playwright.chromium.executable_path, whole=True)
    off = "--disable-back-forward-cache"
    keeping = playwright.chromium.launch(executable_path=path, ignore_default_args=[off])
    yield keeping
    keeping.close()


@pytest.fixture
def returning(
    keeping_browser: Browser, customer: CustomerSite, server: ConsentServer, script: str, trackers: str
) -> Iterator[Visitor]:
    """Two pages that a browser may keep; the first notes whether it was."""
    note = "<script>addEventListener('pageshow', ({ persisted }) => { window.kept = persisted })</script>"
    for path in ("/", "/next"):
        customer.page(path=path, head=note + script, body=WORDS + trackers, Cache_Control="max-age=60")
    context = keeping_browser.new_context(user_agent=AGENT, locale="en-US")
    context.set_default_timeout(10_000)
    visitor = Visitor(context, customer)
    yield visitor
    context.close()
    assert visitor.faults == []


def test_a_page_that_comes_back_knows_the_choice_made_meanwhile(returning: Visitor, rows: Rows) -> None:
    page = returning.visit()
    returning.button("Reject all").wait_for()
    returning.visit("/next")
    returning.decide("Reject all")
    page.go_back(wait_until="commit")
    page.wait_for_function("window.kept !== undefined")
    assert page.evaluate("window.kept") is True
    returning.expect_closed()
    page.wait_for_function(ANSWER.format("rejected"))
    assert len(rows.all()) == 1


def test_a_page_that_comes_back_undecided_still_asks(returning: Visitor, rows: Rows) -> None:
    page = returning.visit()
    returning.button("Reject all").wait_for()
    returning.visit("/next")
    page.go_back(wait_until="commit")
    page.wait_for_function("window.kept")
    returning.decide("Accept all")
    returning.expect_ran("video", "ga", "ads")
    assert rows.only()["action"] == "accept_all"


def test_a_page_that_comes_back_after_a_withdrawal_starts_afresh(returning: Visitor) -> None:
    """What had run in it would go on running."""
    page = returning.visit()
    returning.decide("Accept all")
    returning.expect_ran("video", "ga", "ads")
    page.evaluate("window.old = true")
    returning.visit("/next")
    returning.switch(functional=False, analytics=False, marketing=False)
    page.wait_for_function(ANSWER.format("rejected"))
    page.go_back(wait_until="commit")
    page.wait_for_function("!window.old && " + ANSWER.format("rejected"))
    assert returning.ran() == []
