"""What a page may ask of the banner, and what it is told."""

import pytest
from playwright.sync_api import Page, expect

from e2e.customer import WORDS, CustomerSite
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor, is_decision


def test_a_page_may_ask_and_wait(library: CustomerSite, visitor: Visitor) -> None:
    page = visitor.visit()
    page.wait_for_function("window.visitorChoices?.current")
    page.evaluate("""() => {
      window.heard = [];
      visitorChoices.whenAllowed('analytics', () => heard.push('allowed'));
      visitorChoices.on('change', ({ before, after }) => heard.push(before.answer + ' to ' + after.answer));
    }""")
    assert page.evaluate("visitorChoices.allows('analytics')") is False
    visitor.decide("Accept all")
    page.wait_for_function("heard.length === 2")
    assert sorted(page.evaluate("heard")) == ["allowed", "none to all"]
    assert page.evaluate("visitorChoices.allows('google-analytics')") is True


def test_commands_queued_before_the_script_are_run(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    queue = "(window.visitorChoices = window.visitorChoices || []).push(choices => { window.heard = choices.current })"
    customer.page(head=f"<script>{queue}</script>{script}")
    page = visitor.visit()
    page.wait_for_function("window.heard")
    assert page.evaluate("heard.answer") == "none"


def test_pages_are_told_what_happens(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    listen = """<script>
    window.heard = [];
    for (const name of ['ready', 'open', 'close', 'change', 'recorded', 'unrecorded'])
      document.addEventListener('visitorchoices:' + name, () => heard.push(name));
    </script>"""
    customer.page(head=listen + script)
    page: Page = visitor.visit()
    visitor.decide("Reject all")
    page.wait_for_function("heard.includes('recorded')")
    assert sorted(page.evaluate("heard")) == ["change", "close", "open", "ready", "recorded"]


def test_a_choice_by_the_pages_own_button_counts(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    """A person's click on a button of the page is as good as one on ours."""
    page = visitor.visit()
    page.wait_for_function("window.visitorChoices?.current")
    page.evaluate("""() => {
      const button = Object.assign(document.createElement('button'), { id: 'mine', textContent: 'Count me' });
      button.onclick = () => visitorChoices.choose({ analytics: true });
      document.querySelector('main').append(button);
    }""")
    with page.expect_response(is_decision):
        page.locator("#mine").click()
    visitor.expect_ran("ga")
    row = rows.only()
    assert (row["action"], row["surface"], row["automated"]) == ("custom", "api", "human")


def test_the_pages_own_link_opens_the_choices(
    customer: CustomerSite, script: str, server: ConsentServer, visitor: Visitor
) -> None:
    link = f'<footer><a data-choices="open" href="{server.origin}/ala/choices">Your choices</a></footer>'
    customer.page(head=script, body=WORDS + link)
    page = visitor.visit()
    visitor.decide("Reject all")
    expect(page.locator("[data-choices=open]")).to_have_count(1)
    page.locator("[data-choices=open]").click()
    expect(visitor.dialog).to_be_visible()
    assert page.url == customer.address()


def test_a_page_without_a_link_gets_one(
    customer: CustomerSite, script: str, server: ConsentServer, visitor: Visitor
) -> None:
    customer.page(head=script)
    page = visitor.visit()
    visitor.decide("Reject all")
    link = page.get_by_role("link", name="Your choices")
    expect(link).to_have_attribute("href", f"{server.origin}/ala/choices")
    link.click()
    expect(visitor.dialog).to_be_visible()


@pytest.mark.parametrize("move", ["pointer", "focus"])
def test_choose_is_ready_before_it_is_pressed(
    customer: CustomerSite, script: str, server: ConsentServer, visitor: Visitor, move: str
) -> None:
    """One request until then; whoever moves towards Choose has all that the dialog needs on its way."""
    customer.page(head=script)
    page = visitor.visit()
    choose = visitor.button("Choose")
    choose.wait_for()
    page.wait_for_load_state("networkidle")
    ours = [url.removeprefix(server.origin) for url in visitor.requests if url.startswith(server.origin)]
    assert ours == ["/ala/choices.js"]
    with page.expect_response("**/v1/sites/ala/notices/*"), page.expect_response("**/embed/*.js"):
        choose.hover() if move == "pointer" else choose.focus()
    page.wait_for_load_state("networkidle")
    visitor.requests.clear()
    choose.click()
    expect(visitor.dialog).to_be_visible()
    assert [url for url in visitor.requests if url.startswith(server.origin)] == []


@pytest.mark.parametrize("blocked", ["**/embed/**", "**/notices/**"], ids=["parts", "texts"])
def test_choose_falls_back_to_the_page_that_does_without(
    customer: CustomerSite, script: str, server: ConsentServer, visitor: Visitor, blocked: str
) -> None:
    customer.page(head=script)
    visitor.context.route(blocked, lambda route: route.abort())
    page = visitor.visit()
    visitor.button("Choose").click()
    expect(page).to_have_url(f"{server.origin}/ala/choices")
    expect(page.get_by_role("heading", level=1, name="Your choices")).to_be_visible()


def test_without_the_parts_a_refusal_holds_and_nothing_runs(
    library: CustomerSite, visitor: Visitor, rows: Rows
) -> None:
    """What lets tags go, and what tells the server, is a part; the refusal is not. It waits for another page."""
    visitor.context.route("**/embed/**", lambda route: route.abort())
    page = visitor.visit()
    visitor.button("Reject all").click()
    visitor.expect_closed()
    page.wait_for_function("visitorChoices.current.recorded === 'waiting'")
    assert rows.all() == []
    page.reload()
    page.wait_for_function("window.visitorChoices?.current.answer === 'rejected'")
    expect(visitor.banner).to_have_count(0)
    assert library.tracked == []


def test_the_page_may_open_and_close_it(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    customer.page(head=script)
    page = visitor.visit()
    visitor.button("Choose").wait_for()
    page.evaluate("void visitorChoices.open()")
    expect(visitor.dialog.get_by_role("switch", name="Analytics")).to_be_visible()
    page.evaluate("visitorChoices.close()")
    expect(visitor.dialog).to_have_count(0)
    visitor.expect_closed()
    assert page.evaluate("visitorChoices.current.answer") == "none"
