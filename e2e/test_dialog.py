"""The dialog: a switch for each category and each provider, and what the visitor is told beside them."""

import json

import pytest
from playwright.sync_api import Page, expect

from e2e.city import city_tag, open_dialog
from e2e.customer import WORDS, CustomerSite
from e2e.servers import ConsentServer
from e2e.visitors import Visitor, is_decision

LINK = '<a data-choices="open" href="/choices">Your choices</a>'
GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"
DNT = "Object.defineProperty(Navigator.prototype, 'doNotTrack', { get: () => '1' })"


@pytest.fixture
def city(customer: CustomerSite, server: ConsentServer, visitor: Visitor) -> Visitor:
    """Someone on a page of a library with several providers in a category."""
    customer.page(head=city_tag(server), body=WORDS + LINK)
    visitor.visit()
    visitor.banner.wait_for()
    return visitor


def on(visitor: Visitor) -> list[str]:
    """The switches that are on."""
    names: list[str] = visitor.dialog.locator("input:checked").evaluate_all("(all) => all.map(({ name }) => name)")
    return names


def allowed(page: Page) -> list[str]:
    """What is in force, by category and provider."""
    found: list[str] = page.evaluate("""() => {
      const { categories, providers } = visitorChoices.current;
      return Object.entries({ ...categories, ...providers }).flatMap(([name, on]) => (on ? [name] : []));
    }""")
    return found


def save(visitor: Visitor) -> dict[str, dict[str, bool]]:
    """Saves; what was sent."""
    with visitor.page.expect_request(lambda request: request.url.endswith("/consents")) as request:
        visitor.dialog.get_by_role("button", name="Save choices").click()
    sent: dict[str, dict[str, bool]] = json.loads(request.value.post_data or "")
    return sent


def reopen(visitor: Visitor) -> None:
    visitor.page.locator('[data-choices="open"]').click()
    expect(visitor.dialog).to_be_visible()


def test_a_category_takes_its_providers_along(city: Visitor) -> None:
    dialog = open_dialog(city)
    dialog.get_by_role("switch", name="Analytics").check()
    assert on(city) == ["analytics", "counter", "heat", "survey"]
    sent = save(city)
    assert sent["choices"] == {"functional": False, "analytics": True, "marketing": False, "research": False}
    assert sent["providers"] == {}
    assert allowed(city.page) == ["analytics", "counter", "heat", "survey"]


def test_a_provider_can_differ_from_its_category(city: Visitor) -> None:
    dialog = open_dialog(city)
    dialog.get_by_role("switch", name="Analytics").check()
    dialog.locator("summary").nth(1).click()
    dialog.get_by_role("switch", name="Heat map").uncheck()
    dialog.locator("summary").nth(2).click()
    dialog.get_by_role("switch", name="Advertising network").check()
    sent = save(city)
    assert sent["providers"] == {"heat": False, "ads": True}
    assert allowed(city.page) == ["analytics", "counter", "survey", "ads"]
    # It is there to be seen when the dialog opens again: on or off is not all there is to say.
    reopen(city)
    assert on(city) == ["analytics", "counter", "survey", "ads"]
    assert city.dialog.locator("details").evaluate_all("(all) => all.map(({ open }) => open)") == [
        *(False, True),
        *(True, False),
    ]
    expect(city.dialog.locator(".row").nth(2)).to_contain_text("2/3")
    expect(city.dialog.locator(".row").nth(3)).to_contain_text("1/1")
    expect(city.dialog.locator(".row").nth(1)).not_to_contain_text("/")
    sent = save(city)
    assert sent["providers"] == {"heat": False, "ads": True}


def test_a_category_goes_off_with_its_last_provider(city: Visitor) -> None:
    dialog = open_dialog(city)
    dialog.get_by_role("switch", name="Marketing").check()
    dialog.locator("summary").nth(2).click()
    dialog.get_by_role("switch", name="Advertising network").uncheck()
    assert on(city) == []
    dialog.get_by_role("switch", name="Advertising network").check()
    assert on(city) == ["ads"]


def test_all_that_is_off_is_a_withdrawal(city: Visitor) -> None:
    city.button("Accept all").click()
    reopen(city)
    for name in ("Functional", "Analytics", "Marketing", "Research"):
        city.dialog.get_by_role("switch", name=name, exact=True).uncheck()
    assert save(city)["action"] == "withdraw"
    assert allowed(city.page) == []


FORGERY = """<script>
  const forge = () => {
    const dialog = document.querySelector('visitor-choices')?.shadowRoot.querySelector('dialog');
    if (!dialog) return visitorChoices.open();
    for (const input of dialog.querySelectorAll('input')) input.checked = true;
    dialog.querySelector('form').requestSubmit();
    window.sent = visitorChoices.current.recorded;
    dialog.querySelector('[type=submit]').click();
  };
  document.addEventListener('visitorchoices:open', forge);
</script>"""


def test_a_script_cannot_save_for_the_visitor(customer: CustomerSite, server: ConsentServer, visitor: Visitor) -> None:
    """Neither by sending the form, whose event the browser would call trusted, nor by a click of its own."""
    customer.page(head=FORGERY + city_tag(server))
    with visitor.page.expect_request(lambda request: request.url.endswith("/consents")) as request:
        page = visitor.visit()
    assert json.loads(request.value.post_data or "")["automated"] == "suspected"
    assert page.evaluate("sent") == "never"
    assert page.evaluate("visitorChoices.current.answer") == "none"
    assert allowed(page) == []
    assert visitor.cookies("visitor_choices") == []


def test_it_leads_to_the_providers_and_the_policy(city: Visitor, server: ConsentServer) -> None:
    links = open_dialog(city).locator("a")
    expect(links).to_have_text(["Our service providers", "Privacy policy"])
    assert links.evaluate_all("(all) => all.map(({ href }) => href)") == [
        f"{server.origin}/city/providers",
        f"{server.origin}/city/policy",
    ]


def test_signals_are_answered_there_too(customer: CustomerSite, server: ConsentServer, visitor: Visitor) -> None:
    """What Global Privacy Control turns off is shown off; turning it on is an express choice."""
    customer.page(head=city_tag(server), body=WORDS + LINK)
    visitor.visit()
    visitor.button("Accept all").click()
    visitor.expect_closed()
    visitor.context.add_init_script(GPC + ";" + DNT)
    visitor.visit()
    reopen(visitor)
    said = visitor.dialog.locator(".line")
    expect(said).to_contain_text(["Opt-out request honored.", "Your browser sent Do Not Track."])
    assert on(visitor) == ["functional", "video", "maps", "analytics", "counter", "survey", "research", "university"]
    visitor.dialog.get_by_role("switch", name="Marketing").check()
    with visitor.page.expect_response(is_decision):
        visitor.dialog.get_by_role("button", name="Save choices").click()
    assert "ads" in allowed(visitor.page)
    assert visitor.choices.endswith("&g=1")
    # It would not be true any more that marketing is off.
    reopen(visitor)
    expect(said).to_have_count(1)
    expect(said).to_contain_text("Your browser sent Do Not Track.")


def test_a_decision_that_waits_is_said_to_wait(city: Visitor) -> None:
    city.page.route("**/consents", lambda route: route.abort())
    city.button("Reject all").click()
    city.expect_closed()
    reopen(city)
    expect(city.dialog.get_by_text("We could not record it yet")).to_be_visible()


def test_a_second_dialog_is_not_opened(city: Visitor) -> None:
    city.page.evaluate("visitorChoices.open(); visitorChoices.open()")
    expect(city.dialog).to_have_count(1)
    city.page.evaluate("visitorChoices.open()")
    expect(city.dialog).to_have_count(1)
