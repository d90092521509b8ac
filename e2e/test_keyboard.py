"""Without a mouse, and without a screen."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from e2e.city import city_tag, open_dialog
from e2e.customer import CustomerSite
from e2e.servers import ConsentServer
from e2e.visitors import Visitor

LINKS = "".join(f'<p style="height: 8rem"><a href="#{n}">Shelf {n}</a></p>' for n in range(12))
BODY = f'<main><h1>A library</h1><label>Search <input id="search"></label>{LINKS}</main>'
# The element that has the focus, inside the shadow root too.
FOCUSED = """() => {
  let e = document.activeElement;
  while (e && e.shadowRoot && e.shadowRoot.activeElement) e = e.shadowRoot.activeElement;
  return e;
}"""


@pytest.fixture
def page(customer: CustomerSite, script: str, visitor: Visitor) -> Page:
    customer.page(head=script, body=BODY)
    visitor.visit()
    visitor.button("Reject all").wait_for()
    return visitor.page


def focused(page: Page) -> str:
    """The words of the element that has the focus."""
    words: str = page.evaluate(f"({FOCUSED})().textContent.trim()")
    return words


def place_of_focus(page: Page) -> dict[str, Any]:
    place: dict[str, Any] = page.evaluate(f"""() => {{
      const {{ top, bottom, height }} = ({FOCUSED})().getBoundingClientRect();
      return {{ top, bottom, height, view: innerHeight }};
    }}""")
    return place


def test_the_focus_is_not_taken(page: Page) -> None:
    assert page.evaluate("document.activeElement === document.body")


def test_who_types_goes_on_typing(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    customer.page(head=script, body=BODY.replace('id="search"', 'id="search" autofocus'))
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    page.keyboard.type("maps")
    expect(page.locator("#search")).to_have_value("maps")


def test_it_comes_first_in_the_tab_order(page: Page) -> None:
    order = []
    for _ in range(6):
        page.keyboard.press("Tab")
        order.append(focused(page))
    assert order[:5] == ["Our service providers", "Privacy policy", "Reject all", "Accept all", "Choose"]
    assert page.evaluate("document.activeElement.id") == "search"


def test_reject_with_the_keyboard(page: Page, visitor: Visitor) -> None:
    for _ in range(3):
        page.keyboard.press("Tab")
    assert focused(page) == "Reject all"
    page.keyboard.press("Enter")
    visitor.expect_closed()
    page.wait_for_function("visitorChoices.current.answer === 'rejected'")


def test_focus_goes_back_to_where_it_was(page: Page, visitor: Visitor) -> None:
    page.locator("#search").focus()
    page.keyboard.press("Shift+Tab")
    assert focused(page) == "Choose"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    visitor.expect_closed()
    expect(page.locator("#search")).to_be_focused()


def test_focus_goes_to_the_heading_where_it_was_nowhere(page: Page, visitor: Visitor) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    visitor.expect_closed()
    expect(page.locator("h1")).to_be_focused()


def test_the_outcome_is_announced(page: Page, visitor: Visitor) -> None:
    visitor.decide("Reject all")
    status = page.locator('[role="status"]', has_text="Optional cookies rejected.")
    expect(status).to_be_attached()
    # Read aloud only where it is in the accessibility tree.
    expect(page.get_by_role("status").filter(has_text="Optional cookies rejected.")).to_have_count(1)


def test_escape_in_the_dialog_is_no_choice(page: Page, visitor: Visitor) -> None:
    visitor.button("Choose").focus()
    page.keyboard.press("Enter")
    expect(visitor.dialog).to_be_visible()
    expect(visitor.dialog.get_by_role("heading", name="Your choices")).to_be_focused()
    visitor.dialog.get_by_role("switch", name="Analytics").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    expect(visitor.dialog).to_have_count(0)
    expect(visitor.button("Choose")).to_be_focused()
    assert page.evaluate("visitorChoices.current.answer") == "none"
    assert visitor.context.cookies() == []
    visitor.button("Choose").click()
    expect(visitor.dialog.get_by_role("switch", name="Analytics")).not_to_be_checked()


def test_focus_that_has_gone_on_meanwhile_stays(page: Page, visitor: Visitor) -> None:
    """What gives the focus back may come late."""
    held: list[Route] = []
    visitor.context.route("**/embed/rest.*", lambda route: held.append(route))
    visitor.button("Reject all").click()
    visitor.expect_closed()
    page.get_by_label("Search").focus()
    while not held:
        page.evaluate("0")
    held[0].continue_()
    page.get_by_text("Optional cookies rejected.").wait_for()
    expect(page.get_by_label("Search")).to_be_focused()


def test_the_dialog_keeps_the_focus_to_itself(page: Page, visitor: Visitor) -> None:
    visitor.button("Choose").click()
    expect(visitor.dialog).to_be_visible()
    seen = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.localName"))
    assert seen <= {"visitor-choices", "body"}


def test_focus_goes_back_to_the_link_that_opened_the_dialog(page: Page, visitor: Visitor) -> None:
    visitor.decide("Reject all")
    link = page.locator('[data-choices="open"]')
    link.focus()
    page.keyboard.press("Enter")
    expect(visitor.dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(visitor.dialog).to_have_count(0)
    expect(link).to_be_focused()


@pytest.mark.parametrize("width", [320, 1280])
def test_focus_is_never_behind_the_banner(page: Page, visitor: Visitor, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 640})
    top = visitor.banner.evaluate("(host) => host.getBoundingClientRect().top")
    page.locator("#search").focus()
    for _ in range(13):
        page.keyboard.press("Tab")
        place = place_of_focus(page)
        assert place["bottom"] <= top, (focused(page), place)
    assert focused(page) == "Your choices"


@pytest.fixture
def city(customer: CustomerSite, server: ConsentServer, visitor: Visitor) -> Page:
    """A page of a library with several providers in a category."""
    customer.page(head=city_tag(server), body=BODY)
    visitor.visit()
    visitor.banner.wait_for()
    return visitor.page


def test_everything_in_the_dialog_is_reached_in_order(city: Page, visitor: Visitor) -> None:
    for _ in range(5):
        city.keyboard.press("Tab")
    city.keyboard.press("Enter")
    expect(visitor.dialog.get_by_role("heading", level=2)).to_be_focused()
    order = []
    for _ in range(16):
        city.keyboard.press("Tab")
        order.append(city.evaluate(f"(e => e.name || e.textContent.trim())(({FOCUSED})())"))
        if order[-2:] == ["analytics", "Choose by provider"]:
            city.keyboard.press("Space")
    assert order == [
        "Close",
        *("functional", "Choose by provider"),
        *("analytics", "Choose by provider", "counter", "heat", "survey"),
        *("marketing", "Choose by provider"),
        *("research", "Choose by provider"),
        *("Our service providers", "Privacy policy"),
        *("Reject all", "Accept all"),
    ]
    city.keyboard.press("Tab")
    assert focused(city) == "Save choices"


def test_one_provider_is_allowed_with_the_keyboard(city: Page, visitor: Visitor) -> None:
    dialog = open_dialog(visitor)
    dialog.get_by_role("switch", name="Analytics").focus()
    city.keyboard.press("Tab")
    city.keyboard.press("Enter")
    city.keyboard.press("Tab")
    assert city.evaluate(f"({FOCUSED})().name") == "counter"
    city.keyboard.press("Space")
    # Enter in a switch saves.
    city.keyboard.press("Enter")
    visitor.expect_closed()
    providers = city.evaluate("visitorChoices.current.providers")
    assert [key for key, on in providers.items() if on] == ["counter"]
    assert city.evaluate("visitorChoices.current.categories.analytics") is False


def test_close_is_no_choice(city: Page, visitor: Visitor) -> None:
    dialog = open_dialog(visitor)
    dialog.get_by_role("switch", name="Marketing").check()
    dialog.get_by_role("button", name="Close").focus()
    city.keyboard.press("Enter")
    expect(visitor.dialog).to_have_count(0)
    expect(visitor.banner.locator('> [data-action="choose"]')).to_be_focused()
    assert city.evaluate("visitorChoices.current.answer") == "none"
    assert visitor.context.cookies() == []


@pytest.mark.parametrize(("name", "answer"), [("Reject all", "rejected"), ("Accept all", "all")])
def test_the_dialogs_buttons_with_the_keyboard(city: Page, visitor: Visitor, name: str, answer: str) -> None:
    open_dialog(visitor).get_by_role("button", name=name).focus()
    city.keyboard.press("Enter")
    visitor.expect_closed()
    assert city.evaluate("visitorChoices.current.answer") == answer
    expect(city.locator("h1")).to_be_focused()
