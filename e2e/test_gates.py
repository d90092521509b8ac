"""Tags that wait until they are allowed, and then run in order."""

import base64
import hashlib

import pytest
from playwright.sync_api import expect

from e2e.customer import TRACKERS, WORDS, CustomerSite, gated, gated_inline, noting
from e2e.servers import ConsentServer
from e2e.visitors import Visitor
from e2e.waiting import wait_for


def test_tags_added_later_wait_too(library: CustomerSite, visitor: Visitor) -> None:
    late = gated(library.tracker("late"), "analytics", "google-analytics")
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    add = "html => document.body.append(document.createRange().createContextualFragment(html))"
    page.evaluate(add, late)
    page.wait_for_load_state("networkidle")
    assert "/late.js" not in library.tracked
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads", "late")
    later = gated(library.tracker("later"), "analytics", "google-analytics")
    page.evaluate(add, f"<div>{later}</div>")
    visitor.expect_ran("video", "ga", "ads", "late", "later")


def test_inline_scripts_wait_and_run_once(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    customer.page(head=script, body=WORDS + gated_inline(noting("inline"), "analytics"))
    visitor.visit()
    visitor.button("Accept all").wait_for()
    assert visitor.ran() == []
    visitor.decide("Accept all")
    visitor.expect_ran("inline")


def test_the_nonce_of_the_page_is_carried_over(customer: CustomerSite, server: ConsentServer, visitor: Visitor) -> None:
    nonce = ' nonce="n0nce"'
    inline = gated_inline(noting("inline"), "analytics", attributes=nonce)
    customer.page(
        head=f'<script async{nonce} src="{server.origin}/ala/choices.js"></script>',
        body=WORDS + inline + gated(customer.tracker("ga"), "analytics", attributes=nonce),
        Content_Security_Policy=f"script-src 'nonce-n0nce'; connect-src {server.origin}",
    )
    visitor.visit()
    visitor.decide("Accept all")
    assert visitor.expect_ran("inline", "ga") == ["inline", "ga"]


def test_order_holds_within_a_provider(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    tags = [gated(customer.tracker(name), "analytics", "google-analytics") for name in ("first", "second")]
    inline = gated_inline(noting("third"), "analytics", "google-analytics")
    customer.page(head=script, body=WORDS + "".join([*tags, inline]))
    held = customer.answers["/first.js"].held
    held.clear()
    visitor.visit()
    visitor.decide("Accept all")
    wait_for("the first of them to be asked for", lambda: customer.tracked)
    assert customer.tracked == ["/first.js"]
    held.set()
    assert visitor.expect_ran("first", "second", "third") == ["first", "second", "third"]


def test_a_hanging_script_holds_up_no_other_provider(library: CustomerSite, visitor: Visitor) -> None:
    library.answers["/video.js"].held.clear()
    visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("ga", "ads")
    wait_for("the one that hangs", lambda: "/video.js" in library.tracked)


def test_a_hanging_script_that_names_no_provider_holds_up_none_but_its_own(
    customer: CustomerSite, script: str, visitor: Visitor
) -> None:
    """The address tells whose it is; an inline script without a name goes with the one before it."""
    other = customer.tracker("other").replace(TRACKERS, "other." + TRACKERS)
    tags = [
        gated(customer.tracker("slow"), "analytics"),
        gated_inline(noting("after-slow"), "analytics"),
        gated(other, "analytics"),
        gated_inline(noting("after-other"), "analytics"),
        gated_inline(noting("named"), "analytics", "google-analytics"),
        gated_inline(noting("marketing"), "marketing"),
    ]
    customer.page(head=script, body=WORDS + "".join(tags))
    held = customer.answers["/slow.js"].held
    held.clear()
    page = visitor.visit()
    visitor.decide("Accept all")
    ran = visitor.expect_ran("other", "after-other", "named", "marketing")
    assert ran.index("other") < ran.index("after-other")
    held.set()
    expect(page.locator("html")).to_have_attribute("data-ran", " ".join([*ran, "slow", "after-slow"]))


def test_a_hanging_script_holds_up_no_frame_and_no_image(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    customer.put("/seen", "")
    marks = 'data-category="analytics" data-provider="google-analytics"'
    at = customer.address("/seen", TRACKERS)
    slow = gated(customer.tracker("slow"), "analytics", "google-analytics")
    customer.page(
        head=script,
        body=f'{WORDS}{slow}<img {marks} alt="" data-src="{at}?i"><iframe {marks} title="" data-src="{at}?f"></iframe>',
    )
    customer.answers["/slow.js"].held.clear()
    visitor.visit()
    visitor.button("Accept all").click()
    wait_for("both", lambda: {"/seen?i", "/seen?f"} <= set(customer.tracked))


@pytest.mark.parametrize("last", ["nomodule", 'data-type="text/template"', "async"])
def test_what_never_loads_holds_up_nothing(customer: CustomerSite, script: str, visitor: Visitor, last: str) -> None:
    first = gated(customer.tracker("old"), "analytics", "google-analytics", attributes=" " + last)
    customer.answers["/old.js"].held.clear()
    customer.page(head=script, body=WORDS + first + gated(customer.tracker("ga"), "analytics", "google-analytics"))
    visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("ga")


def test_a_script_keeps_what_its_tag_said(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    digest = "sha256-" + base64.b64encode(hashlib.sha256(noting("sealed").encode()).digest()).decode()
    for name in ("sealed", "forged"):
        customer.put(f"/{name}.js", noting(name), "text/javascript", Access_Control_Allow_Origin="*")
    sealed = f' integrity="{digest}" crossorigin="anonymous" referrerpolicy="no-referrer" id="kept" @x="y" class="a b"'
    module = gated_inline("import.meta.url;" + noting("module"), "analytics", attributes=' data-type="module"')
    own = f'<script type="text/plain" data-category="analytics" src="{customer.tracker("own")}"></script>'
    tags = [
        gated(customer.address("/sealed.js", TRACKERS), "analytics", attributes=sealed),
        gated(customer.address("/forged.js", TRACKERS), "analytics", attributes=sealed),
    ]
    customer.page(head=script, body=WORDS + "".join([*tags, module, own]))
    page = visitor.visit()
    visitor.button("Accept all").wait_for()
    assert customer.tracked == []
    visitor.decide("Accept all")
    visitor.expect_ran("sealed", "module", "own")
    kept = page.locator("#kept").first
    for name, value in {
        "crossorigin": "anonymous",
        "referrerpolicy": "no-referrer",
        "@x": "y",
        "class": "a b",
        "integrity": digest,
    }.items():
        assert kept.get_attribute(name) == value


ADDRESSES = {
    "image": '<img {marks} data-src="{at}/a" alt="">',
    "image-set": '<img {marks} data-srcset="{at}/a 1x, {at}/a 2x" alt="">',
    "picture": '<picture><source {marks} data-srcset="{at}/a"><img alt=""></picture>',
    "style": '<link rel="stylesheet" {marks} data-href="{at}/a">',
    "object": '<object {marks} data-data="{at}/a" type="text/html"></object>',
    "embed": '<embed {marks} data-src="{at}/a" type="text/html">',
    "video": '<video {marks} data-src="{at}/a" preload="auto"></video>',
    "poster": '<video {marks} data-poster="{at}/a"></video>',
    "source": '<video preload="auto"><source {marks} data-src="{at}/a"></video>',
    "audio": '<audio {marks} data-src="{at}/a" preload="auto"></audio>',
    "frame": '<iframe {marks} data-src="{at}/a" width="1" height="1" title=""></iframe>',
}


@pytest.mark.parametrize("tag", ADDRESSES)
def test_everything_with_an_address_waits(customer: CustomerSite, script: str, visitor: Visitor, tag: str) -> None:
    customer.put("/a", "")
    at = customer.address("", TRACKERS)
    marks = 'data-category="marketing" data-provider="sample-ads"'
    customer.page(head=script, body=WORDS + ADDRESSES[tag].format(marks=marks, at=at))
    page = visitor.visit()
    visitor.button("Accept all").wait_for()
    assert customer.tracked == []
    visitor.button("Accept all").click()
    # Not the browser: what is on its way to the server would be the next test's.
    wait_for("it to be asked for", lambda: "/a" in customer.tracked)
    expect(page.locator("[data-category]")).to_have_count(1)


def test_a_host_that_a_provider_has_declared_needs_that_provider(
    customer: CustomerSite, script: str, visitor: Visitor
) -> None:
    visitor.context.route(
        "https://video.example.org/**",
        lambda route: route.fulfill(body=noting("declared"), content_type="text/javascript"),
    )
    tags = gated("https://video.example.org/player.js", "analytics", "somebody") + gated(
        customer.tracker("ga"), "analytics"
    )
    customer.page(head=script, body=WORDS + tags)
    visitor.visit()
    visitor.switch(analytics=True)
    visitor.expect_ran("ga")
    assert not any("video.example.org" in address for address in visitor.requests)
    visitor.switch(functional=True)
    visitor.expect_ran("ga", "declared")


def test_all_of_several_categories_are_needed(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    customer.page(head=script, body=WORDS + gated(customer.tracker("both"), "analytics, marketing"))
    visitor.visit()
    visitor.switch(analytics=True)
    assert customer.tracked == []
    visitor.switch(marketing=True)
    visitor.expect_ran("both")


def test_one_bad_tag_does_not_stop_the_rest(library: CustomerSite, visitor: Visitor) -> None:
    """A category nobody knows, an address that is none, a node that throws."""
    page = visitor.visit()
    visitor.button("Accept all").wait_for()
    bad = gated("http://[", "analytics") + gated(library.tracker("never"), "analitycs")
    add = """(html) => { const { body } = document;
      body.prepend(document.createRange().createContextualFragment(html));
      const broken = document.createElement('img');
      broken.dataset.category = 'analytics'; broken.dataset.src = '/x';
      Object.defineProperty(broken, 'localName', { get() { throw Error('broken') } });
      body.prepend(broken) }"""
    page.evaluate(add, bad + '<iframe data-category="analitycs" data-src="/x" title=""></iframe>')
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")


def test_no_address_is_ever_lost(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    """Refused, allowed, withdrawn, allowed again: the frame is what it was."""
    at = customer.address("/film", TRACKERS)
    customer.put("/film", "A film")
    frame = (
        f'<iframe title="" data-category="marketing" data-provider="sample-ads" data-src="{at}?a=1&amp;b=2"></iframe>'
    )
    customer.page(head=script, body=WORDS + frame)
    page = visitor.visit()
    visitor.decide("Reject all")
    frames = page.locator("iframe")
    expect(frames).to_have_attribute("data-src", at + "?a=1&b=2")
    visitor.switch(marketing=True)
    expect(frames).to_have_attribute("src", at + "?a=1&b=2")
    with page.expect_navigation():
        visitor.switch(marketing=False)
    expect(frames).to_have_attribute("data-src", at + "?a=1&b=2")
    visitor.switch(marketing=True)
    expect(frames).to_have_attribute("src", at + "?a=1&b=2")


def test_a_frame_held_back_by_its_host_is_given_back(
    customer: CustomerSite, server: ConsentServer, visitor: Visitor
) -> None:
    visitor.context.route(
        "https://video.example.org/**", lambda route: route.fulfill(body="A film", content_type="text/html")
    )
    blocking = f'<script src="{server.origin}/ala/choices.js" data-block="registry"></script>'
    customer.page(
        head=blocking,
        body=WORDS + '<iframe title="Film" src="https://video.example.org/film?a=1" width="400" height="300"></iframe>',
    )
    page = visitor.visit()
    expect(page.get_by_role("group", name="Content from Video player (sample): Film")).to_be_visible()
    visitor.decide("Accept all")
    expect(page.frame_locator("iframe").get_by_text("A film")).to_be_visible()
    expect(page.locator("iframe")).to_have_attribute("src", "https://video.example.org/film?a=1")


def test_other_tools_marks_that_cannot_be_read_stop_none_of_ours(library: CustomerSite, visitor: Visitor) -> None:
    visitor.context.route("**/embed/markers.*.js", lambda route: route.abort())
    page = visitor.visit()
    visitor.button("Accept all").wait_for()
    page.evaluate(
        """document.body.prepend(Object.assign(document.createElement('script'),
          { type: 'text/plain', className: 'optanon-category-C0002' }))"""
    )
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
