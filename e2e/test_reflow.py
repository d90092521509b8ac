"""Nothing is too small, cut off or out of reach: on a phone, at 400 %, with more space between letters."""

import pytest
from playwright.sync_api import expect

from e2e.city import city_page, differ, open_dialog
from e2e.conftest import NewVisitor
from e2e.customer import CustomerSite
from e2e.servers import ConsentServer
from e2e.visitors import Visitor

# WCAG 2.2, 1.4.12.
SPACING = """(host) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`*, ::slotted(button) {
    line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-block-end: 2em !important }`);
  host.shadowRoot.adoptedStyleSheets = [...host.shadowRoot.adoptedStyleSheets, sheet];
}"""
# What does not fit into its box, or into the window.
CUT = """() => {
  const host = document.querySelector('visitor-choices');
  const root = host.shadowRoot.querySelector('dialog') || host.shadowRoot;
  const all = [...root.querySelectorAll('*'), ...(root === host.shadowRoot ? host.children : [])];
  const wide = all.filter((e) => e.scrollWidth > e.clientWidth && e.clientWidth > 1);
  const outside = ({ left, right }) => left < 0 || right > innerWidth;
  const out = all.filter((e) => outside(e.getBoundingClientRect()));
  const low = all.filter((e) => e.localName === 'button' && e.scrollHeight > e.clientHeight);
  return [...wide, ...out, ...low].map((e) => [e.localName, e.className, e.textContent.slice(0, 40)]);
}"""
SIZES = """(all) => all.filter((e) => e.checkVisibility()).map((e) => {
  const { width, height } = (e.closest('label') || e).getBoundingClientRect();
  return [e.localName, Math.round(width), Math.round(height)];
})"""


@pytest.fixture
def city(customer: CustomerSite, server: ConsentServer) -> CustomerSite:
    return city_page(customer, server)


@pytest.fixture
def still(new_visitor: NewVisitor) -> Visitor:
    return new_visitor(reduced_motion="reduce")


@pytest.mark.parametrize("width", [320, 1280])
def test_refusing_and_accepting_weigh_the_same(city: CustomerSite, still: Visitor, width: int) -> None:
    page = still.page
    page.set_viewport_size({"width": width, "height": 800})
    still.visit()
    reject, accept = still.button("Reject all"), still.button("Accept all")
    look = "b => { const s = getComputedStyle(b); return [s.color, s.backgroundColor, s.border, s.font] }"
    assert reject.evaluate(look) == accept.evaluate(look)
    sizes = [button.evaluate("b => [b.offsetWidth, b.offsetHeight]") for button in (reject, accept)]
    assert sizes[0] == sizes[1]
    assert still.banner.evaluate("host => host.offsetHeight") <= 400


def test_everything_is_large_enough_to_hit(city: CustomerSite, still: Visitor) -> None:
    still.page.set_viewport_size({"width": 320, "height": 640})
    still.visit()
    sizes = still.banner.locator("button, a").evaluate_all(SIZES)
    dialog = open_dialog(still)
    differ(dialog)
    sizes += dialog.locator("button, a, input, summary").evaluate_all(SIZES)
    assert {name for name, _, _ in sizes} == {"button", "a", "input", "summary"}
    assert [size for size in sizes if size[1] < 24 or size[2] < 24] == []
    assert [size for size in sizes if size[0] in ("button", "summary") and size[2] < 44] == []


# At 400 % a window of 1280 × 1024 is 320 × 256.
@pytest.mark.parametrize(("width", "height"), [(320, 256), (320, 640), (667, 375), (1280, 800)])
def test_nothing_is_cut_off_with_more_space_between_letters(
    city: CustomerSite, still: Visitor, width: int, height: int
) -> None:
    page = still.page
    page.set_viewport_size({"width": width, "height": height})
    for path in ("/", "/de", "/el", "/hu", "/ar"):
        still.visit(path)
        still.banner.wait_for()
        for spacing in (False, True):
            if spacing:
                still.banner.evaluate(SPACING)
            assert page.evaluate(CUT) == [], (path, spacing)
        dialog = open_dialog(still)
        for summary in dialog.locator("summary").all():
            summary.click()
        assert page.evaluate(CUT) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("path", ["/", "/el"])
def test_all_of_it_can_be_reached_at_400_percent(city: CustomerSite, still: Visitor, path: str) -> None:
    page = still.page
    page.set_viewport_size({"width": 320, "height": 256})
    still.visit(path)
    still.banner.wait_for()
    assert still.banner.evaluate("host => host.offsetHeight") <= 128
    assert still.banner.locator("h2").evaluate("e => e.getBoundingClientRect().bottom <= innerHeight")
    dialog = open_dialog(still)
    page.keyboard.press("Escape")
    # Its links go with it.
    expect(dialog).to_have_count(0)
    for one in [*still.banner.locator("a").all(), *still.banner.locator("> button").all()]:
        one.scroll_into_view_if_needed()
        # A click that lands, and leads nowhere.
        one.click(trial=True)
