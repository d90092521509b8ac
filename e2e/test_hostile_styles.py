"""Pages whose styles, stacking or modal windows would hide or bend the banner."""

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.customer import WORDS, CustomerSite, gated
from e2e.rows import Rows
from e2e.visitors import Visitor

BOTTOM = """host => {
  const { left, right, bottom } = host.getBoundingClientRect();
  return [Math.round(left), Math.round(right - innerWidth), Math.round(bottom - innerHeight)];
}"""


def expect_whole(visitor: Visitor) -> None:
    """At the bottom of the window, over its whole width, with two equal buttons that can be clicked."""
    reject, accept = visitor.button("Reject all"), visitor.button("Accept all")
    boxes = []
    for button in (reject, accept):
        expect(button).to_be_visible()
        button.click(trial=True)
        box = button.bounding_box()
        assert box is not None and box["width"] >= 44 and box["height"] >= 44
        # The browser divides what is left over between the two in 64ths of a pixel.
        boxes.append((round(box["width"], 1), round(box["height"], 1), round(box["y"], 1)))
    assert boxes[0] == boxes[1]
    look = "b => (s => [s.opacity, s.visibility, s.color, s.backgroundColor, s.font])(getComputedStyle(b))"
    assert reject.evaluate(look) == accept.evaluate(look)
    assert reject.evaluate(look)[:2] == ["1", "visible"]
    assert visitor.banner.evaluate(BOTTOM) == [0, 0, 0]


@pytest.mark.parametrize(
    "css",
    [
        "* { all: unset !important }",
        "*, *::before { all: revert !important; box-sizing: content-box !important }",
        "body * { display: none !important }",
        "visitor-choices { display: none !important; visibility: hidden !important; opacity: 0 !important }",
        "visitor-choices, visitor-choices * { position: absolute !important; left: -9999px !important }",
        "[popover], :popover-open { display: none !important; inset: auto !important; margin: 5em !important }",
        "body > *, button { position: static !important; opacity: 0 !important; transform: scale(0) !important }",
        "button { width: 1px !important; height: 1px !important; font-size: 0 !important; color: #fff !important }",
        "[data-action='reject-all'] { visibility: hidden !important; flex: 0 0 1px !important; padding: 0 !important }",
        "html { font-size: 4px !important } body { zoom: 1; line-height: 0; letter-spacing: -9px; direction: rtl }",
    ],
)
def test_page_css_cannot_bend_the_banner(
    customer: CustomerSite, script: str, visitor: Visitor, rows: Rows, css: str
) -> None:
    customer.page(head=f"<style>{css}</style>{script}")
    visitor.visit()
    expect_whole(visitor)
    visitor.decide("Reject all")
    visitor.expect_closed()
    assert rows.only()["action"] == "reject_all"


@pytest.mark.parametrize("element", ["html", "body"])
@pytest.mark.parametrize(
    "css",
    [
        "transform: translateY(-300px) scale(.5)",
        "filter: grayscale(1); perspective: 1px; will-change: transform",
        "contain: strict; height: 200px; overflow: hidden",
        "position: relative; z-index: 0; clip-path: inset(50%); overflow: hidden; height: 10px",
        "opacity: 0; visibility: hidden; pointer-events: none",
        "container-type: size; width: 50%; backdrop-filter: blur(1px)",
    ],
)
def test_what_the_page_does_to_its_ancestors(
    customer: CustomerSite, script: str, visitor: Visitor, css: str, element: str
) -> None:
    customer.page(path="/plain", head=script)
    visitor.visit("/plain")
    expect_whole(visitor)
    pixels = visitor.button("Accept all").screenshot()
    customer.page(head=f"<style>{element} {{ {css} }}</style>{script}", body=WORDS + "<p>Line</p>" * 60)
    visitor.visit()
    expect_whole(visitor)
    assert visitor.button("Accept all").screenshot() == pixels
    visitor.button("Choose").click()
    expect(visitor.dialog).to_be_visible()
    box = visitor.dialog.bounding_box()
    assert box is not None and box["width"] > 300 and box["x"] >= 0 and box["y"] >= 0


@pytest.mark.parametrize("css", ["html { display: none !important }", "body { display: none !important }"])
def test_a_page_that_shows_nothing_shows_no_banner(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor, css: str
) -> None:
    """Snippets against flicker hide a whole page for seconds. Nothing runs meanwhile, and then the banner is there."""
    customer.page(head=f"<style id='hide'>{css}</style>{script}", body=WORDS + trackers)
    page = visitor.visit()
    visitor.button("Reject all").wait_for(state="attached")
    page.wait_for_load_state("networkidle")
    assert customer.tracked == []
    expect(visitor.banner).to_be_hidden()
    page.evaluate("document.querySelector('#hide').remove()")
    expect_whole(visitor)


COVER = (
    '<div id="cover" style="position: fixed; inset: 0; z-index: 2147483647; background: #ccc">Chat with us</div>'
    "<script>customElements.define('late-cover', class extends HTMLElement {"
    " connectedCallback() { this.style = 'position:fixed;inset:0;z-index:2147483647;display:block' } });</script>"
)


def test_above_an_element_that_is_as_high_and_comes_later(
    customer: CustomerSite, script: str, visitor: Visitor, rows: Rows
) -> None:
    customer.page(head=script, body=WORDS + COVER)
    page = visitor.visit()
    expect_whole(visitor)
    page.evaluate("document.body.append(document.createElement('late-cover'))")
    expect_whole(visitor)
    visitor.decide("Reject all")
    assert rows.only()["action"] == "reject_all"


QUIRKS = """<HTML><HEAD><TITLE>Catalog</TITLE>{script}</HEAD>
<BODY BGCOLOR=white TEXT=black><TABLE WIDTH=100% BORDER=0><TR><TD><FONT SIZE=-1>Books<TD><A HREF=x>Hours</A></TABLE>"""
OLD_CMS = """<table width="760" align="center"><tr><td><script src="{source}"></script><center><font face="Arial">
<b>Catalog</b></font></center><td nowrap><form action="/search"><input name="q"></form></table><hr><p>Books<p>Maps"""


@pytest.mark.parametrize("markup", [QUIRKS, OLD_CMS], ids=["quirks mode", "tables without a head"])
def test_old_markup(customer: CustomerSite, script: str, visitor: Visitor, rows: Rows, markup: str) -> None:
    customer.put("/", markup.format(script=script, source=script.split('"')[1]))
    page = visitor.visit()
    assert page.evaluate("document.compatMode") == "BackCompat"
    expect_whole(visitor)
    visitor.button("Choose").click()
    expect(visitor.dialog.get_by_role("switch", name="Analytics")).to_be_visible()
    page.keyboard.press("Escape")
    visitor.decide("Reject all")
    visitor.expect_closed()
    assert rows.only()["action"] == "reject_all"


def test_a_base_that_points_elsewhere(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor, rows: Rows
) -> None:
    """Addresses of ours come from the script's own; those of gated tags belong to the page, as it would load them."""
    relative = gated("/shelf.js", "analytics")
    customer.tracker("shelf")
    base = f'<base href="{customer.address("/nowhere/", "trackers.localhost")}" target="_blank">'
    customer.page(head=base + script, body=WORDS + relative)
    visitor.visit()
    visitor.button("Choose").click()
    expect(visitor.dialog.get_by_role("switch", name="Analytics")).to_be_visible()
    visitor.page.keyboard.press("Escape")
    visitor.decide("Accept all")
    visitor.expect_ran("shelf")
    assert customer.tracked == ["/shelf.js"]
    assert rows.only()["page"] == customer.address("").rstrip("/")


MODAL = """<dialog id="own"><h2>Sign up</h2><button id="done">Done</button></dialog>
<script>own.showModal(); done.onclick = () => own.close();</script>"""


def test_under_the_pages_own_modal_window(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor, rows: Rows
) -> None:
    """A modal window makes all else inert, the banner too. Nothing runs until it is closed, and then it can be used."""
    customer.page(head=script, body=WORDS + MODAL + trackers)
    page = visitor.visit()
    visitor.button("Reject all").wait_for(state="attached")
    page.wait_for_load_state("networkidle")
    assert customer.tracked == []
    expect(page.locator("#done")).to_be_focused()
    page.locator("#done").click()
    expect_whole(visitor)
    visitor.decide("Accept all")
    assert rows.only()["surface"] == "banner"


def test_our_dialog_opens_above_the_pages_own(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    modal = MODAL.replace("Done</button>", "Done</button><a data-choices=open>Mine</a>")
    customer.page(head=script, body=WORDS + modal)
    page = visitor.visit()
    page.get_by_text("Mine").click()
    visitor.dialog.get_by_role("switch", name="Analytics").check()
    page.keyboard.press("Escape")
    expect(visitor.dialog).to_have_count(0)
    expect(page.locator("#own")).to_be_visible()
    page.locator("#done").click()
    expect_whole(visitor)


def covered(button: Locator) -> bool:
    """Whether something else takes the clicks in the middle of it."""
    taken: bool = button.evaluate("""button => {
      const { left, top, width, height } = button.getBoundingClientRect();
      return document.elementFromPoint(left + width / 2, top + height / 2) !== button;
    }""")
    return taken


def fullscreen(page: Page) -> None:
    page.locator("#film").click()
    page.wait_for_function("document.fullscreenElement")


def test_fullscreen_hides_it_and_gives_it_back(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    film = '<div id="film" style="background: #000; height: 9em" onclick="this.requestFullscreen()">Film</div>'
    customer.page(head=script, body=WORDS + film)
    page = visitor.visit()
    expect_whole(visitor)
    fullscreen(page)
    assert covered(visitor.button("Reject all"))
    page.evaluate("document.exitFullscreen()")
    expect_whole(visitor)
    fullscreen(page)
    page.evaluate("visitorChoices.open()")
    expect(visitor.dialog.get_by_role("switch", name="Analytics")).to_be_visible()
    visitor.dialog.get_by_role("button", name="Close").click()
    expect(visitor.dialog).to_have_count(0)
    page.evaluate("document.exitFullscreen()")
    visitor.decide("Reject all")


def test_a_script_that_closes_every_popover(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    customer.page(head=script)
    page = visitor.visit()
    page.wait_for_function("document.querySelector('visitor-choices:popover-open')")
    page.evaluate("document.querySelectorAll('[popover]').forEach(one => one.hidePopover())")
    expect_whole(visitor)
