"""The banner in the language of the page; what was on screen at the click is what is on record."""

import pytest
from playwright.sync_api import Page, Route, ViewportSize, expect

from consent_server.texts import available, direction
from e2e.city import city_tag, open_dialog
from e2e.customer import CustomerSite
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor


def test_a_spanish_page_is_asked_in_spanish(
    customer: CustomerSite, script: str, server: ConsentServer, visitor: Visitor, rows: Rows
) -> None:
    customer.page(lang="es-MX", head=script)
    visitor.visit()
    expect(visitor.banner.get_by_text("Usamos cookies")).to_be_visible()
    expect(visitor.banner).to_have_attribute("lang", "es")
    expect(visitor.banner).to_have_attribute("dir", "ltr")
    visitor.decide("Rechazar todo")
    assert rows.only()["notice"] == server.notice("es")


def test_an_english_page_says_so_of_the_banner(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    customer.page(head=script)
    visitor.visit()
    expect(visitor.banner).to_have_attribute("lang", "en")


def test_a_language_that_is_not_offered_gets_the_default(
    customer: CustomerSite, script: str, server: ConsentServer, visitor: Visitor, rows: Rows
) -> None:
    customer.page(lang="fi", head=script)
    visitor.visit()
    expect(visitor.banner).to_have_attribute("lang", "en")
    visitor.decide("Reject all")
    assert rows.only()["notice"] == server.notice("en")


def test_a_slow_notice_is_not_waited_for(
    customer: CustomerSite, script: str, server: ConsentServer, visitor: Visitor, rows: Rows
) -> None:
    """After a second the default text is there, and stays when the other arrives: what counts is what was read."""
    held: list[Route] = []
    visitor.page.route("**/notices/**", lambda route: held.append(route))
    visitor.page.clock.install()
    customer.page(lang="es", head=script)
    with visitor.page.expect_request("**/notices/**"):
        page = visitor.visit()
    expect(visitor.banner).to_have_count(0)
    page.clock.run_for(1000)
    expect(visitor.button("Reject all")).to_be_visible()
    with page.expect_response("**/notices/**"):
        held[0].continue_()
    expect(visitor.banner).to_have_attribute("lang", "en")
    visitor.decide("Reject all")
    assert rows.only()["notice"] == server.notice("en")


def test_a_notice_that_fails_leaves_the_default(
    customer: CustomerSite, script: str, server: ConsentServer, visitor: Visitor, rows: Rows
) -> None:
    visitor.page.route("**/notices/**", lambda route: route.abort())
    customer.page(lang="es", head=script)
    visitor.visit()
    expect(visitor.banner).to_have_attribute("lang", "en")
    visitor.decide("Reject all")
    assert rows.only()["notice"] == server.notice("en")


def test_the_dialog_speaks_the_language_of_the_page(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    customer.page(lang="es", head=script)
    visitor.visit()
    visitor.button("Elegir").click()
    expect(visitor.dialog.get_by_role("heading", name="Tus opciones")).to_be_visible()
    expect(visitor.dialog.get_by_role("switch", name="Analíticas")).to_be_visible()


# Of the first layer or of the dialog: its words, as they are seen, and what is wrong with its buttons and its width.
SHOWN = """(host) => {
  const dialog = host.shadowRoot.querySelector('dialog');
  const root = dialog || host.shadowRoot.querySelector('section');
  const [reject, accept, other] = dialog ? dialog.querySelectorAll('.foot button') : host.children;
  const buttons = [reject, accept, other, ...root.querySelectorAll('.head button')];
  const size = (e) => { const { width, height } = e.getBoundingClientRect(); return [width, height] };
  const [[w, h], [width, height]] = [reject, accept].map(size);
  const all = [root, ...root.querySelectorAll('*'), ...buttons];
  const wide = all.filter((e) => e.scrollWidth > e.clientWidth && e.clientWidth > 1);
  const empty = [...buttons, ...root.querySelectorAll('h2,h3,p,label,summary,a')].filter((e) => !e.textContent.trim());
  return {
    text: root.textContent + buttons.map((e) => e.textContent),
    lang: root.closest('[lang]')?.lang || host.lang,
    dir: getComputedStyle(root).direction,
    faults: [
      // Browsers reckon in parts of a pixel.
      ...(Math.abs(w - width) < 0.1 && h === height ? [] : [`${w} × ${h} is not ${width} × ${height}`]),
      ...buttons.filter((e) => e.scrollHeight > e.clientHeight).map((e) => `cut: ${e.textContent}`),
      ...wide.map((e) => `wide: ${e.localName} ${e.textContent}`),
      ...empty.map((e) => `empty: ${e.localName}`),
    ],
  };
}"""


def expect_shown(page: Page, locale: str, words: list[str]) -> None:
    shown = page.locator("visitor-choices").evaluate(SHOWN)
    assert shown["faults"] == [], locale
    assert (shown["lang"], shown["dir"]) == (locale, direction(locale))
    assert [one for one in words if one not in shown["text"]] == [], locale


@pytest.mark.parametrize("turn", range(3))
def test_every_language_is_shown_whole(
    customer: CustomerSite, server: ConsentServer, visitor: Visitor, turn: int
) -> None:
    """Its own words in its own direction, nothing missing, nothing cut off, Reject as large as Accept: on a phone and
    on a desk."""
    tag = city_tag(server)
    notices = server.get_json("/v1/sites/city/config")["notices"]
    assert sorted(notices) == sorted(available())
    sizes: list[ViewportSize] = [{"width": 1280, "height": 800}, {"width": 320, "height": 640}]
    for locale in sorted(notices)[turn::3]:
        notice = server.get_json(f"/v1/sites/city/notices/{notices[locale]}")
        first, dialog = notice["first"], notice["dialog"]
        labels = [label for _, label in first["buttons"]]
        links = [link for _, link in first["links"]]
        said = [dialog[key] for key in ("title", "intro", "save", "close", "always", "without", "by_provider")]
        texts = [one[key] for one in dialog["categories"] for key in ("name", "purpose", "without")]

        customer.page(lang=locale, head=tag)
        page = visitor.visit()
        visitor.banner.wait_for()
        expect_shown(page, locale, [first["title"], first["text"], *links, *labels])
        open_dialog(visitor)
        expect_shown(page, locale, [*said, *texts, *links, *labels[:2]])
        page.set_viewport_size(sizes[-1])
        expect_shown(page, locale, [])
        page.keyboard.press("Escape")
        expect(visitor.dialog).to_have_count(0)
        expect_shown(page, locale, [])
        sizes.reverse()


def test_words_in_another_language_say_so(customer: CustomerSite, server: ConsentServer, visitor: Visitor) -> None:
    customer.page(lang="ar", head=city_tag(server))
    visitor.visit()
    dialog = open_dialog(visitor)
    for words in ("Research", "Let the university study how libraries are used.", "Nothing stops working for you."):
        expect(dialog.get_by_text(words, exact=True)).to_have_attribute("lang", "en")
    foreign = dialog.locator('[lang]:not([lang="ar"])')
    expect(foreign).to_have_count(3)
    # It stands where the others stand, and reads from left to right.
    assert foreign.evaluate_all("(all) => all.every((e) => getComputedStyle(e).direction === 'ltr')")
