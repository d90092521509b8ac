"""What a page may ask of the banner, and what it is told."""

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
