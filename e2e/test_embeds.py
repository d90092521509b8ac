"""Frames that wait: what stands for them, and how they are let go in place."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import NewVisitor
from e2e.customer import TRACKERS, WORDS, CustomerSite
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.test_accessibility import check
from e2e.test_signals import send_gpc
from e2e.visitors import Visitor, is_decision
from e2e.waiting import wait_for

ONCE = "Load this one time"
ALWAYS = "Always allow Video player (sample)"
LABEL = "Content from Video player (sample)"
SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => shifts.push(...list.getEntries().map((entry) => entry.value)))
  .observe({ type: 'layout-shift', buffered: true });"""
RECT = """(element) => { const { x, y, width, height } = element.getBoundingClientRect();
  return [x + scrollX, y + scrollY, width, height].map((number) => Math.round(number * 10) / 10) }"""

MakeFrame = Callable[..., str]


@pytest.fixture
def frame(customer: CustomerSite) -> MakeFrame:
    """A frame of the sample provider that waits."""
    customer.put(
        "/film", "<!doctype html><title>A film</title><button onclick=\"this.textContent = 'Playing'\">Play</button>"
    )

    def make(attributes: str = 'width="480" height="300"', title: str = "Opening hours", **data: str) -> str:
        marks = {"category": "functional", "provider": "sample-video", **data}
        written = " ".join(f'data-{name}="{value}"' for name, value in marks.items() if value)
        return (
            f'<iframe {written} data-src="{customer.address("/film", TRACKERS)}" title="{title}" {attributes}></iframe>'
        )

    return make


@pytest.fixture
def framed(customer: CustomerSite, script: str, frame: MakeFrame) -> CustomerSite:
    """A page with one frame that waits."""
    customer.page(head=script, body=WORDS + frame())
    return customer


def group(page: Page, name: str = f"{LABEL}: Opening hours") -> Locator:
    return page.get_by_role("group", name=name, exact=True)


def loaded(page: Page, which: int = 0) -> None:
    """Waits until a frame shows its film, and nothing stands for it any more."""
    expect(page.frame_locator("iframe").nth(which).get_by_role("button", name="Play")).to_be_visible()


def test_one_frame_is_loaded_one_time(
    customer: CustomerSite, script: str, frame: MakeFrame, visitor: Visitor, rows: Rows
) -> None:
    customer.page(head=script, body=WORDS + frame() + frame(title="Directions"))
    page = visitor.visit()
    box = group(page)
    expect(box).to_contain_text("This content comes from Video player (sample).")
    expect(box.get_by_role("button")).to_have_text([ONCE, ALWAYS])
    assert customer.tracked == []
    box.get_by_role("button", name=ONCE).click()
    loaded(page)
    expect(box).to_have_count(0)
    expect(page.locator("iframe").first).to_be_focused()
    expect(group(page, f"{LABEL}: Directions")).to_be_visible()
    assert customer.tracked == ["/film"]
    assert page.evaluate("visitorChoices.current.answer") == "none"
    assert visitor.cookies("visitor_choices") == []
    assert rows.all() == []
    page.reload()
    expect(group(page)).to_be_visible()


def test_a_provider_is_always_allowed(
    customer: CustomerSite, script: str, frame: MakeFrame, visitor: Visitor, rows: Rows
) -> None:
    other = frame(title="An ad", category="marketing", provider="sample-ads")
    customer.page(head=script, body=WORDS + frame() + frame(title="Directions") + other)
    page = visitor.visit()
    with page.expect_response(is_decision) as answer:
        group(page).get_by_role("button", name=ALWAYS).click()
    visitor.settled(answer.value)
    loaded(page, 0)
    loaded(page, 1)
    expect(page.locator("iframe").first).to_be_focused()
    expect(page.locator("visitor-embed")).to_have_count(1)
    visitor.expect_closed()
    row = rows.only()
    assert (row["action"], row["surface"], row["automated"]) == ("custom", "preferences", "human")
    assert row["choices"] == {"functional": False, "analytics": False, "marketing": False}
    assert row["providers"] == {"sample-video": True}
    page.reload()
    loaded(page, 0)
    expect(page.locator("visitor-embed")).to_have_count(1)


def test_refusing_loads_no_frame(framed: CustomerSite, visitor: Visitor) -> None:
    page = visitor.visit()
    visitor.decide("Reject all")
    expect(group(page)).to_be_visible()
    page.reload()
    expect(group(page)).to_be_visible()
    assert framed.tracked == []
    # It was refused, so it can be had once, and the refusal stands.
    group(page).get_by_role("button", name=ONCE).click()
    loaded(page)
    assert "a=reject_all" in visitor.choices


@pytest.mark.parametrize("way", ["banner", "dialog", "script", "other tab"])
def test_it_goes_whatever_allows_the_provider(framed: CustomerSite, visitor: Visitor, way: str) -> None:
    page = visitor.visit()
    expect(group(page)).to_be_visible()
    if way == "banner":
        visitor.decide("Accept all")
    elif way == "dialog":
        visitor.switch(functional=True)
    elif way == "script":
        page.evaluate("document.body.onclick = () => visitorChoices.choose({ 'sample-video': true })")
        page.locator("h1").click()
    else:
        other = visitor.context.new_page()
        other.goto(framed.address())
        other.locator("visitor-choices > [data-action=accept-all]").click()
        # A tab in the background is told when it is looked at.
        page.evaluate("dispatchEvent(new Event('pageshow'))")
    loaded(page)
    expect(page.locator("visitor-embed")).to_have_count(0)


def test_a_click_that_no_person_made_loads_nothing(framed: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    page = visitor.visit()
    for button in group(page).get_by_role("button").all():
        button.evaluate("(button) => button.click()")
    visitor.decide("Reject all")
    assert framed.tracked == []
    assert rows.only()["action"] == "reject_all"


FILL = "position: absolute; inset: 0; width: 100%; height: 100%; border: 0"
# Rules in the style of each, the attributes of the frame, and what is around it. `&` is the place itself.
LAYOUTS = {
    "attributes": ("", 'width="480" height="300"', "<p>{}</p>"),
    "nothing": ("", "", "before {} after"),
    "block": ("& iframe { border: 0; margin: 20px auto; display: block }", 'width="480" height="300"', "{}"),
    "percentages": ("& iframe { width: 60%; height: 40vh; padding: 3px; border: 5px solid }", "", "<main>{}</main>"),
    "ratio": ("& iframe { width: 100%; max-width: 30rem; aspect-ratio: 16 / 9; height: auto; border: 0 }", "", "{}"),
    "blockratio": ("& iframe { display: block; height: 200px; aspect-ratio: 1 }", "", "{}"),
    "padded": (f"& div {{ position: relative; padding-top: 30% }} & iframe {{ {FILL} }}", "", "<div>{}</div>"),
    "flex": (
        "& { display: flex; gap: 9px } & iframe { flex: 2 1 0; min-width: 0 } & p { flex: 1 }",
        "",
        "<p>Left</p>{}",
    ),
    "stretched": ("& { display: flex; height: 300px } & p { flex: 1 }", 'width="200"', "{}<p>Right</p>"),
    "grid": (
        "& { display: grid; grid-template: 1fr 1fr / 1fr 2fr } & iframe { grid-area: 2 / 2; width: 100% }",
        "",
        "<p>Cell</p>{}",
    ),
    "float": (
        "& { display: flow-root } & iframe { float: right; margin: 0 0 1em 1em; border-radius: 9px }",
        'width="250" height="250"',
        "{}<p>" + "Words. " * 60 + "</p>",
    ),
    "figure": (
        "& iframe + figcaption { margin-top: 2em } & iframe:first-child { margin-top: 3em }",
        "",
        "<figure>{}<figcaption>A film</figcaption></figure>",
    ),
    "centred": ("& { text-align: center }", 'width="300" height="200"', "<p>{}</p>"),
    "moved": ("& { height: 99px } & iframe { transform: translate(50%, -10px) scale(0.8) }", "", "{}"),
    "spaced": ("& > * + * { margin-top: 30px }", "", "<p>One</p>{}<p>Two</p>"),
}
PLACES = f"""() => Object.fromEntries([...document.querySelectorAll('section[id]')].map((section) => [section.id,
  [...section.querySelectorAll('p, iframe, figcaption')].map((one) => {{
    const box = one.previousElementSibling;
    return ({RECT})(one.localName === 'iframe' && box?.localName === 'visitor-embed' ? box : one) }})]))"""


def test_nothing_in_the_page_moves(customer: CustomerSite, script: str, frame: MakeFrame, visitor: Visitor) -> None:
    css = "".join(css.replace("&", "#" + name) for name, (css, _, _) in LAYOUTS.items())
    sections = (
        f'<section id="{name}">{around.format(frame(attributes, title=name))}</section>'
        for name, (_, attributes, around) in LAYOUTS.items()
    )
    head = f"<style>{css}</style><script>{SHIFTS}</script>"
    body = WORDS + "".join(sections)
    customer.page(path="/bare", head=head, body=body)
    places = visitor.visit("/bare").evaluate(PLACES)
    customer.page(head=head + script, body=body)
    page = visitor.visit()
    expect(page.locator("visitor-embed")).to_have_count(len(LAYOUTS))
    assert page.evaluate(PLACES) == places
    visitor.decide("Accept all")
    expect(page.locator("visitor-embed")).to_have_count(0)
    loaded(page, len(LAYOUTS) - 1)
    assert page.evaluate(PLACES) == places
    assert page.evaluate("[...document.querySelectorAll('iframe')].every((frame) => !frame.style.length)")
    assert page.evaluate("shifts.reduce((sum, one) => sum + one, 0)") == 0


def test_it_follows_the_width_of_the_window(
    customer: CustomerSite, script: str, frame: MakeFrame, visitor: Visitor
) -> None:
    css = (
        "iframe:first-child { width: 40% } @media (max-width: 800px) { iframe:first-child { width: 90%; margin: 9px } }"
    )
    customer.page(head=f"<style>{css}</style>{script}", body=WORDS + f"<div>{frame()}</div>")
    page = visitor.visit()
    once = group(page).get_by_role("button", name=ONCE)
    once.focus()
    page.set_viewport_size({"width": 700, "height": 720})
    expect(group(page)).to_have_css("margin-top", "9px")
    expect(once).to_be_focused()
    narrow = group(page).evaluate(RECT)
    once.click()
    loaded(page)
    assert page.locator("iframe").evaluate(RECT) == narrow


HIDE = "display: none !important; opacity: 0 !important; transform: scale(0) !important; visibility: hidden !important"
SIZE = "display: inline-block !important; width: 480px !important; height: 300px !important"


@pytest.mark.parametrize(
    "css",
    [
        f"visitor-embed {{ {HIDE} }}",
        f"* {{ all: unset !important }} iframe {{ {SIZE} }}",
        "button, p, div, section { display: none !important } * { font-size: 0 !important; color: #fff !important }",
        "* { pointer-events: none !important; max-height: 0 } iframe { display: block !important; max-height: none }",
    ],
)
def test_page_css_cannot_bend_it(
    customer: CustomerSite, script: str, frame: MakeFrame, visitor: Visitor, css: str
) -> None:
    customer.page(head=f"<style>{css}</style>{script}", body=frame())
    page = visitor.visit()
    once = group(page).get_by_role("button", name=ONCE)
    expect(once).to_be_visible()
    expect(page.locator("iframe")).to_be_hidden()
    assert once.evaluate("(button) => getComputedStyle(button).fontSize") == "16px"
    once.click()
    page.frame_locator("iframe").get_by_role("button", name="Play").wait_for()


def test_a_strict_policy_forbids_none_of_it(
    customer: CustomerSite, server: ConsentServer, frame: MakeFrame, visitor: Visitor
) -> None:
    note = "<script nonce=n>violations = []; document.addEventListener('securitypolicyviolation', "
    note += "(event) => violations.push(event.violatedDirective))</script>"
    customer.page(
        head=f'{note}<script async nonce="n" src="{server.origin}/ala/choices.js"></script>',
        body=WORDS + frame('width="480" height="300"'),
        Content_Security_Policy="default-src 'none'; script-src 'nonce-n' 'strict-dynamic'; "
        f"connect-src {server.origin}; frame-src {customer.address('', TRACKERS)}; "
        "require-trusted-types-for 'script'; trusted-types visitor-choices",
    )
    page = visitor.visit()
    group(page).get_by_role("button", name=ONCE).click()
    loaded(page)
    assert page.evaluate("violations") == []


def test_in_a_small_frame_the_buttons_are_left(
    customer: CustomerSite, script: str, frame: MakeFrame, visitor: Visitor
) -> None:
    sizes = {(340, 160): 2, (300, 60): 1, (60, 50): 1, (40, 40): 1}
    frames = (frame(f'style="border:0" width="{w}" height="{h}"', title=f"{w} by {h}") for w, h in sizes)
    customer.page(head=script, body=WORDS + "".join(frames))
    visitor.page.set_viewport_size({"width": 320, "height": 800})
    page = visitor.visit()
    visitor.decide("Reject all")
    for (width, height), buttons in sizes.items():
        box = group(page, f"{LABEL}: {width} by {height}")
        expect(box.get_by_role("button")).to_have_count(buttons)
        # What there is no room for is still read aloud.
        assert "This content comes from" in box.aria_snapshot()
        outside = box.bounding_box()
        for button in box.get_by_role("button").all():
            inside = button.bounding_box()
            assert inside and outside
            assert inside["width"] >= 24 and inside["height"] >= 24
            assert 0 <= inside["x"] - outside["x"] <= outside["width"] - inside["width"]
            assert 0 <= inside["y"] - outside["y"] <= outside["height"] - inside["height"]
        box.get_by_role("button", name=ONCE).click()
        expect(box).to_have_count(0)
    wait_for("every frame", lambda: customer.tracked == ["/film"] * len(sizes))


def test_frames_in_the_background_leave_no_hole(
    customer: CustomerSite, script: str, frame: MakeFrame, visitor: Visitor
) -> None:
    hidden = [
        "width=1 height=1",
        "width=35 height=300",
        "hidden",
        'style="visibility:hidden"',
        'style="position:absolute;left:-9999px"',
    ]
    customer.page(head=script, body=WORDS + "".join(frame(one, title="") for one in hidden) + frame())
    page = visitor.visit()
    expect(group(page)).to_be_visible()
    expect(page.locator("visitor-embed")).to_have_count(1)
    visitor.decide("Accept all")
    loaded(page, 5)
    expect(page.locator("iframe[data-src]")).to_have_count(0)
    assert customer.tracked == ["/film"] * 6


def test_a_frame_that_is_unfolded_has_its_box(
    customer: CustomerSite, script: str, frame: MakeFrame, visitor: Visitor
) -> None:
    customer.page(
        head=script, body=f"{WORDS}<details><summary>Film</summary>{frame()}</details>{frame(title='Directions')}"
    )
    page = visitor.visit()
    expect(group(page, f"{LABEL}: Directions")).to_be_visible()
    expect(group(page)).to_be_hidden()
    page.get_by_text("Film").click()
    expect(group(page)).to_be_visible()
    page.get_by_text("Film").click()
    expect(group(page)).to_be_hidden()
    page.get_by_text("Film").click()
    group(page).get_by_role("button", name=ONCE).click()
    loaded(page)


def test_under_16_it_cannot_be_loaded(customer: CustomerSite, script: str, frame: MakeFrame, visitor: Visitor) -> None:
    customer.page(head=script.replace("<script", '<script data-audience="under-16"'), body=WORDS + frame())
    page = visitor.visit()
    expect(group(page)).to_contain_text("It is not loaded on this page.")
    expect(group(page).get_by_role("button")).to_have_count(0)
    assert customer.tracked == []


def test_under_gpc_it_takes_an_express_choice(
    customer: CustomerSite, script: str, frame: MakeFrame, visitor: Visitor, rows: Rows
) -> None:
    customer.page(head=script, body=WORDS + frame(category="marketing", provider="sample-ads"))
    send_gpc(visitor)
    page = visitor.visit()
    box = page.locator("visitor-embed")
    with page.expect_response(is_decision) as answer:
        box.get_by_role("button", name="Always allow").click()
    visitor.settled(answer.value)
    loaded(page)
    assert visitor.choices.endswith("&g=1")
    assert rows.only()["providers"] == {"sample-ads": True}


def test_who_it_comes_from_where_nobody_has_declared_it(
    customer: CustomerSite, script: str, frame: MakeFrame, visitor: Visitor
) -> None:
    customer.page(head=script, body=WORDS + frame(provider="", title=""))
    page = visitor.visit()
    box = group(page, f"Content from {TRACKERS}")
    # "Always" would allow more than it says: there is no switch for this host alone.
    expect(box.get_by_role("button")).to_have_text([ONCE])


def test_frames_come_move_and_go(framed: CustomerSite, frame: MakeFrame, visitor: Visitor) -> None:
    page = visitor.visit()
    expect(group(page)).to_be_visible()
    page.evaluate(
        "(html) => document.body.append(document.createRange().createContextualFragment(html))", frame(title="Late")
    )
    late = group(page, f"{LABEL}: Late")
    expect(late).to_be_visible()
    # As scripts do that make frames fluid.
    page.evaluate(
        """() => { const frame = document.querySelector('[title=Late]');
        const wrapper = document.createElement('aside'); frame.replaceWith(wrapper); wrapper.append(frame) }"""
    )
    expect(page.locator("aside > visitor-embed + iframe")).to_have_count(1)
    expect(late).to_have_count(1)
    page.evaluate("document.querySelector('[title=Late]').remove()")
    expect(late).to_have_count(0)
    # As scripts do that keep a copy of the page.
    page.evaluate("document.body.replaceWith(document.body.cloneNode(true))")
    expect(page.locator("visitor-embed")).to_have_count(1)
    group(page).get_by_role("button", name=ONCE).click()
    loaded(page)


def test_a_page_that_loads_the_frame_itself_is_left_alone(framed: CustomerSite, visitor: Visitor) -> None:
    page = visitor.visit()
    expect(group(page)).to_be_visible()
    page.evaluate("() => { const frame = document.querySelector('iframe'); frame.src = frame.dataset.src }")
    loaded(page)
    expect(group(page)).to_have_count(0)


def test_by_keyboard(framed: CustomerSite, visitor: Visitor) -> None:
    page = visitor.visit()
    expect(group(page)).to_be_visible()
    visitor.decide("Reject all")
    page.locator("h1").focus()
    page.keyboard.press("Tab")
    expect(group(page).get_by_role("button", name=ONCE)).to_be_focused()
    page.keyboard.press("Tab")
    expect(group(page).get_by_role("button", name=ALWAYS)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    loaded(page)
    expect(page.locator("iframe")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.frame_locator("iframe").get_by_role("button", name="Playing")).to_be_visible()


def test_in_the_language_of_the_page(customer: CustomerSite, script: str, frame: MakeFrame, visitor: Visitor) -> None:
    customer.page(lang="es", head=script, body=WORDS + frame(title=""))
    page = visitor.visit()
    box = page.locator("visitor-embed")
    expect(box).to_have_attribute("lang", "es")
    expect(box).to_have_attribute("dir", "ltr")
    expect(box).to_have_attribute("aria-label", "Contenido de Video player (sample)")


def test_axe_finds_nothing(customer: CustomerSite, script: str, frame: MakeFrame, new_visitor: NewVisitor) -> None:
    fluid = 'style="width:100%;height:20rem"'
    tiny = 'width="60" height="60"'
    customer.page(head=script, body=f"<main><h1>A library</h1>{frame(fluid)}{frame(tiny, title='A small one')}</main>")
    visitor = new_visitor(reduced_motion="reduce")
    page = visitor.visit()
    expect(group(page)).to_be_visible()
    visitor.decide("Reject all")
    check(page)
