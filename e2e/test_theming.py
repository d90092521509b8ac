"""A site's theme is followed, and whatever it says, refusing stays as easy as accepting."""

from typing import Any

import pytest
from playwright.sync_api import expect

from e2e.city import city_tag, open_dialog
from e2e.customer import WORDS, CustomerSite
from e2e.servers import ConsentServer
from e2e.visitors import Visitor

THEME = """{
  --choices-ink: rgb(40, 20, 0); --choices-paper: rgb(255, 250, 240); --choices-accent: rgb(120, 0, 40);
  --choices-font: Georgia, serif; --choices-radius: 11px }"""
LOOK = """(host, inside) => {
  const style = (e) => getComputedStyle(e);
  const panel = host.shadowRoot.querySelector(inside);
  const [reject, , last] = inside === 'dialog' ? panel.querySelectorAll('.foot button') : host.children;
  return {
    ink: style(panel).color, paper: style(panel).backgroundColor, font: style(panel).fontFamily,
    link: style(panel.querySelector('a')).color, title: style(panel.querySelector('h2')).fontFamily,
    button: style(reject).fontFamily, radius: style(reject).borderRadius,
    filled: style(inside === 'dialog' ? last : reject).backgroundColor,
    on_it: style(inside === 'dialog' ? last : reject).color,
  };
}"""
LIKE_THE_THEME = {
    "ink": "rgb(40, 20, 0)",
    "paper": "rgb(255, 250, 240)",
    "font": "Georgia, serif",
    "link": "rgb(120, 0, 40)",
    "title": "Georgia, serif",
    "button": "Georgia, serif",
    "radius": "11px",
    "filled": "rgb(120, 0, 40)",
    "on_it": "rgb(255, 250, 240)",
}

# How Reject and Accept look, and whether a click in their middle reaches them.
WEIGHT = """(buttons) => buttons.map((b) => {
  const s = getComputedStyle(b);
  const { x, y, width, height } = b.getBoundingClientRect();
  const hit = b.getRootNode().elementFromPoint(x + width / 2, y + height / 2);
  return {
    width, height, wide: width >= 44, hit: hit === b,
    look: [s.color, s.backgroundColor, s.backgroundImage, s.borderWidth, s.borderColor, s.borderStyle, s.fontSize,
      s.fontWeight, s.fontFamily, s.fontStyle, s.letterSpacing, s.textTransform, s.textDecorationLine, s.opacity,
      s.visibility, s.filter, s.transform, s.boxShadow, s.animationName, s.zIndex, s.cursor, s.clipPath, s.padding],
  };
})"""
REJECT = 'visitor-choices > [data-action="reject-all"]'
ACCEPT = 'visitor-choices > [data-action="accept-all"]'
UNFAIR = {
    "hidden": f"{REJECT} {{ display: none !important }}",
    "faint": f"{REJECT} {{ opacity: 0.1 !important; filter: blur(2px) !important; visibility: hidden !important }}",
    "small": f"{REJECT} {{ font-size: 8px !important; transform: scale(0.5) !important; width: 10px !important;"
    "padding: 0 !important; min-height: 0 !important; height: 10px !important; flex: none !important }",
    "away": f"{REJECT} {{ position: absolute !important; left: -9999px !important; order: 9 !important;"
    "clip-path: inset(50%) !important; margin: 999px !important }",
    "pale": f"{REJECT} {{ color: #ccc !important; background: none !important; border-color: #fff !important }}",
    "a link": f"{REJECT} {{ all: revert !important; text-decoration: underline !important }}",
    "loud": f"{ACCEPT} {{ background: red !important; font-weight: 900 !important; font-size: 2em !important;"
    "box-shadow: 0 0 9px red !important; animation: pulse 1s infinite !important; width: 100% !important }"
    "@keyframes pulse { to { transform: scale(1.2) } }",
    "colours of their own": f"{REJECT} {{ --accent: #eee !important; --paper: #fff !important; --ink: #fff !important;"
    f"--choices-accent: #eee !important }} {ACCEPT} {{ --accent: red; --paper: #000 }}",
    "the page's own": "* { all: revert } button { background: lime !important; margin: 40px !important }"
    "button:first-child { text-transform: uppercase !important; letter-spacing: 9px !important }",
    "around": "visitor-choices { font-size: 4px !important; opacity: 0.2 !important; left: -50% !important;"
    "transform: translateX(-50%) !important; direction: rtl; writing-mode: vertical-rl !important }",
    "panel": "visitor-choices::part(panel) { color: #fff; background: #fff; font-size: 6px; letter-spacing: 4px;"
    "flex-direction: row-reverse; text-transform: uppercase; direction: rtl; padding: 0 }",
    "theme": "visitor-choices { --choices-ink: #fff; --choices-accent: #fafafa; --choices-radius: 50% }",
}


@pytest.mark.parametrize("where", [":root", "visitor-choices"])
def test_the_theme_is_followed(customer: CustomerSite, server: ConsentServer, visitor: Visitor, where: str) -> None:
    customer.page(head=f"<style>{where} {THEME}</style>{city_tag(server)}")
    visitor.visit()
    visitor.banner.wait_for()
    assert visitor.banner.evaluate(LOOK, "section") == LIKE_THE_THEME
    open_dialog(visitor)
    assert visitor.banner.evaluate(LOOK, "dialog") == LIKE_THE_THEME


def test_parts_can_be_styled(customer: CustomerSite, server: ConsentServer, visitor: Visitor) -> None:
    style = """<style>visitor-choices::part(panel) { border-top: 5px solid rgb(1, 2, 3) }
      visitor-choices::part(title) { color: rgb(4, 5, 6) }
      visitor-choices::part(dialog) { border: 7px solid }</style>"""
    customer.page(head=style + city_tag(server))
    visitor.visit()
    visitor.banner.wait_for()
    expect(visitor.banner.locator("section")).to_have_css("border-top", "5px solid rgb(1, 2, 3)")
    expect(visitor.banner.locator("h2")).to_have_css("color", "rgb(4, 5, 6)")
    dialog = open_dialog(visitor)
    expect(dialog).to_have_css("border-top-width", "7px")
    expect(dialog.locator("h2")).to_have_css("color", "rgb(4, 5, 6)")


def test_dark_by_preference(customer: CustomerSite, server: ConsentServer, visitor: Visitor) -> None:
    customer.page(head=city_tag(server))
    visitor.page.emulate_media(color_scheme="dark")
    visitor.visit()
    visitor.banner.wait_for()
    looks = [visitor.banner.evaluate(LOOK, "section")]
    open_dialog(visitor)
    looks.append(visitor.banner.evaluate(LOOK, "dialog"))
    for look in looks:
        assert (look["filled"], look["ink"]) == ("rgb(158, 193, 255)", "rgb(255, 255, 255)")


def weigh(buttons: list[Any]) -> None:
    reject, accept = buttons
    # Browsers reckon in parts of a pixel.
    assert reject.pop("width") == pytest.approx(accept.pop("width"), abs=0.1)
    assert reject == accept
    assert reject["hit"]
    assert reject["height"] >= 24
    assert reject["wide"]


@pytest.mark.parametrize("width", [320, 1280])
def test_no_style_makes_refusing_harder(
    customer: CustomerSite, server: ConsentServer, visitor: Visitor, width: int
) -> None:
    tag = city_tag(server)
    page = visitor.page
    page.set_viewport_size({"width": width, "height": 700})
    for name, css in UNFAIR.items():
        customer.page(head=f"<style>{css}</style>{tag}", body=f"<button>Search</button>{WORDS}")
        visitor.visit()
        visitor.banner.wait_for()
        buttons = visitor.banner.locator("> button").evaluate_all(WEIGHT)
        try:
            weigh(buttons[:2])
            dialog = open_dialog(visitor)
            weigh(dialog.locator(".foot button").evaluate_all(WEIGHT)[:2])
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from error
