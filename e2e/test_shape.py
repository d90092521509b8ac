"""What privacy tools look for, so that they can refuse for the people who use them."""

import pytest
from playwright.sync_api import Page, expect

from e2e.customer import WORDS, CustomerSite
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor, is_decision

FORBIDDEN = ("cookie", "gdpr", "cmp", "banner", "notice", "popup", "tracking", "privacy-")

# As such tools do without rules for a site: something visible and fixed that speaks of cookies and can be refused.
HEURISTIC = """() => {
  const shown = (e) => getComputedStyle(e).display !== 'none' && e.getBoundingClientRect().height > 0;
  const fixed = (e) => getComputedStyle(e).position === 'fixed';
  const text = (e) => e.innerText + ' ' + (e.shadowRoot ? e.shadowRoot.textContent : '');
  const all = [...document.body.querySelectorAll('*')];
  const popup = all.find((e) => fixed(e) && shown(e) && /we use cookies/i.test(text(e)));
  const buttons = popup ? [...popup.querySelectorAll('button')] : [];
  const reject = buttons.find((b) => shown(b) && /^reject all$/i.test(b.innerText.trim()));
  if (reject) reject.click();
  return !!reject;
}"""


@pytest.fixture
def shown(customer: CustomerSite, script: str, visitor: Visitor) -> Visitor:
    customer.page(head=script)
    visitor.visit()
    visitor.button("Reject all").wait_for()
    return visitor


def test_the_host_is_fixed_first_and_open(shown: Visitor) -> None:
    assert shown.banner.evaluate("""(host) => ({
      position: getComputedStyle(host).position,
      first: host === document.body.firstElementChild,
      mode: host.shadowRoot.mode,
      slots: host.shadowRoot.querySelectorAll('slot').length,
      says: host.shadowRoot.textContent.includes('We use cookies'),
      wide: host.getBoundingClientRect().width === innerWidth,
      bottom: Math.round(host.getBoundingClientRect().bottom) === innerHeight,
    })""") == {
        "position": "fixed",
        "first": True,
        "mode": "open",
        "slots": 1,
        "says": True,
        "wide": True,
        "bottom": True,
    }


def test_three_buttons_in_the_light_dom(shown: Visitor) -> None:
    buttons = shown.page.evaluate("""() => [...document.querySelector('visitor-choices').children].map((child) =>
      [child.localName, child.dataset.action, child.textContent])""")
    assert buttons == [
        ["button", "reject-all", "Reject all"],
        ["button", "accept-all", "Accept all"],
        ["button", "choose", "Choose"],
    ]


def test_closing_takes_it_out_of_the_layout(shown: Visitor) -> None:
    shown.decide("Reject all")
    assert shown.banner.evaluate("(host) => getComputedStyle(host).display") == "none"
    assert shown.page.evaluate("getComputedStyle(document.documentElement).scrollPaddingBottom") == "auto"


def test_nothing_moves_in_the_page(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    watch = """<script>window.shift = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((one) => { shift += one.value }))
      .observe({ type: 'layout-shift', buffered: true });</script>"""
    customer.page(head=watch + script, body=WORDS + "<p>Line</p>" * 60)
    page = visitor.visit()
    visitor.decide("Reject all")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert page.evaluate("shift") == 0


def test_no_name_that_filter_lists_hide(shown: Visitor) -> None:
    """Tags, ids, classes and attributes of the light DOM, and the addresses that are fetched."""
    names = shown.page.evaluate("""() => {
      const ours = 'visitor-choices, visitor-choices *, body > section, body > section *';
      return [...document.querySelectorAll(ours)].flatMap((e) => [e.localName, ...[...e.attributes].flatMap((a) =>
        /^(href|aria-label)$/.test(a.name) ? [a.name] : [a.name, a.value])]);
    }""")
    paths = [url.split("/", 3)[3] for url in shown.requests]
    found = [name for name in [*names, *paths] for word in FORBIDDEN if word in name.lower()]
    assert found == []


BUILT = "[!!document.querySelector('visitor-choices > button'), document.body?.firstElementChild?.localName]"


def test_it_is_built_in_the_scripts_own_task(customer: CustomerSite, server: ConsentServer, visitor: Visitor) -> None:
    """The load event follows the script in the same task: by then everything is there, and no request was made."""
    source = f'src="{server.origin}/ala/choices.js"'
    customer.page(body=f'{WORDS}<script {source} onload="window.seen = {BUILT}"></script>')
    page = visitor.visit()
    assert page.evaluate("seen") == [True, "visitor-choices"]


def test_it_is_built_as_soon_as_there_is_a_body(
    customer: CustomerSite, server: ConsentServer, visitor: Visitor
) -> None:
    customer.page(
        head=f'<script src="{server.origin}/ala/choices.js"></script>',
        body=f"<script>window.seen = {BUILT}</script>{WORDS}",
    )
    page = visitor.visit()
    assert page.evaluate("seen") == [True, "visitor-choices"]


def test_it_changes_for_late_observers(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    watch = """<script>window.times = [];
    addEventListener('visitorchoices:open', () => {
      const opened = Date.now();
      new MutationObserver(() => times.push(Date.now() - opened))
        .observe(document.querySelector('visitor-choices'), { attributeFilter: ['data-shown'] });
    }, { once: true, capture: true });</script>"""
    visitor.page.clock.install(time=0)
    visitor.page.clock.pause_at(1000)
    customer.page(head=watch + script)
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    for expected, passes in ([], 700), ([800], 200), ([800], 600), ([800, 1600], 200):
        page.clock.run_for(passes)
        assert page.evaluate("times") == expected


def refuses(page: Page) -> bool:
    return bool(page.evaluate(HEURISTIC))


def test_a_privacy_tool_finds_the_way_to_refuse(shown: Visitor, rows: Rows) -> None:
    with shown.page.expect_response(is_decision):
        assert refuses(shown.page)
    expect(shown.banner).to_be_hidden()
    assert rows.only()["action"] == "reject_all"
    assert not refuses(shown.page)
