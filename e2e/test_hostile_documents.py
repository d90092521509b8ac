"""Pages that are written, emptied, exchanged or loaded in unusual ways."""

from hashlib import sha256

import pytest
from playwright.sync_api import expect

from e2e.customer import WORDS, CustomerSite, gated
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor

FIRST = "document.body.firstElementChild.localName"


def test_a_replaced_body_gets_the_banner_back(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    customer.page(head=script)
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    page.evaluate("document.body = document.createElement('body'); document.body.append('Another page')")
    expect(visitor.button("Reject all")).to_be_visible()
    assert page.evaluate(FIRST) == "visitor-choices"
    visitor.decide("Reject all")
    page.evaluate("document.body = document.createElement('body')")
    visitor.expect_closed()


@pytest.mark.parametrize(
    "change",
    [
        "document.body.replaceChildren('Another page')",
        "document.documentElement.innerHTML = '<body>Another page'",
        "document.documentElement.replaceWith(document.createElement('html'));"
        "document.documentElement.append(document.createElement('body'))",
        "document.body.remove(); setTimeout(() => document.documentElement.append(document.createElement('body')))",
        "document.querySelector('visitor-choices').remove()",
    ],
    ids=["children", "html emptied", "html replaced", "body later", "the element removed"],
)
def test_an_emptied_page_gets_the_banner_back(
    customer: CustomerSite, script: str, visitor: Visitor, rows: Rows, change: str
) -> None:
    customer.page(head=script)
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    page.evaluate(change)
    visitor.decide("Reject all")
    visitor.expect_closed()
    assert rows.only()["action"] == "reject_all"


def test_a_page_exchanged_under_the_open_dialog(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    """The window is gone with its page. It is no choice, and it opens again."""
    customer.page(head=script)
    page = visitor.visit()
    visitor.button("Choose").click()
    visitor.dialog.get_by_role("switch", name="Analytics").check()
    page.evaluate("document.body = document.createElement('body'); document.body.append('Another page')")
    expect(visitor.button("Choose")).to_be_visible()
    visitor.button("Choose").click()
    expect(visitor.dialog.get_by_role("switch", name="Analytics")).not_to_be_checked()
    assert visitor.dialog.evaluate("dialog => dialog.matches(':modal')") is True
    assert page.evaluate("visitorChoices.current.answer") == "none"


NAVIGATE = """(html) => {
  history.pushState({}, '', '/next');
  const body = document.createElement('body');
  body.append(document.createRange().createContextualFragment(html));
  document.body = body;
  document.title = 'Next';
}"""


def test_navigation_within_the_page(library: CustomerSite, visitor: Visitor, rows: Rows, server: ConsentServer) -> None:
    """As Turbo and its like do it: what comes with the new content waits, and runs, as on a page of its own."""
    maps = gated(library.tracker("maps"), "functional", "sample-video")
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    page.evaluate(NAVIGATE, WORDS + maps)
    expect(visitor.button("Reject all")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert library.tracked == []
    visitor.decide("Accept all")
    visitor.expect_ran("maps")
    page.evaluate(NAVIGATE, WORDS + gated(library.tracker("second"), "analytics"))
    visitor.expect_ran("maps", "second")
    assert library.tracked == ["/maps.js", "/second.js"]
    # The record names where the visitor was, and no more than the site's rule allows.
    assert rows.only()["page"] == library.address("").rstrip("/")


def test_the_way_back_survives_navigation_within_the_page(
    customer: CustomerSite, script: str, visitor: Visitor
) -> None:
    customer.page(head=script)
    page = visitor.visit()
    visitor.decide("Accept all")
    expect(page.locator('[data-choices="open"]')).to_have_count(1)
    page.evaluate(NAVIGATE, WORDS)
    page.locator('[data-choices="open"]').click()
    expect(visitor.dialog.get_by_role("switch", name="Analytics")).to_be_checked()


WRITTEN = """<script>document.write('<script src="{source}"><\\/script><p>' + new Date().getFullYear());</script>"""
REWRITES = """document.open(); document.write('<!doctype html><title>New</title><body><h1>Written</h1>' + {more});
document.close();"""


def test_a_page_that_writes_our_tag(
    customer: CustomerSite, server: ConsentServer, trackers: str, visitor: Visitor, rows: Rows
) -> None:
    customer.page(head=WRITTEN.format(source=f"{server.origin}/ala/choices.js"), body=WORDS + trackers)
    visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    assert rows.only()["action"] == "accept_all"


def test_a_page_written_anew_after_it_has_loaded(
    customer: CustomerSite, script: str, visitor: Visitor, rows: Rows
) -> None:
    customer.page(head=script)
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    page.evaluate(REWRITES.format(more="'<p>Books</p>'"))
    visitor.decide("Reject all")
    visitor.expect_closed()
    assert rows.only()["action"] == "reject_all"


PLACES = {
    "head": ("<script {source}></script>", ""),
    "async": ("<script async {source}></script>", ""),
    "defer": ("<script defer {source}></script>", ""),
    "module": ("", "<script type='module'>import('{address}')</script>"),
    "end of body": ("", "<script {source}></script>"),
    "after body": ("", "</body></html><script {source}></script>"),
    "injected": (
        "<script>addEventListener('load', () => setTimeout(() => "
        "document.head.append(Object.assign(document.createElement('script'), {{ src: '{address}' }})), 99))</script>",
        "",
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_wherever_the_tag_stands(
    customer: CustomerSite, server: ConsentServer, trackers: str, visitor: Visitor, rows: Rows, place: str
) -> None:
    """In a module there is no tag that could say where the script came from: nothing is shown, nothing runs."""
    address = f"{server.origin}/ala/choices.js"
    head, end = (one.format(source=f'src="{address}"', address=address) for one in PLACES[place])
    customer.page(head=head, body=WORDS + trackers + end)
    page = visitor.visit()
    if place == "module":
        page.wait_for_load_state("networkidle")
        expect(visitor.banner).to_have_count(0)
        assert customer.tracked == []
        return
    visitor.button("Accept all").wait_for()
    assert customer.tracked == []
    expect(page.locator('[data-choices="open"]')).to_have_count(1)
    assert page.evaluate(FIRST) == "visitor-choices"
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    assert rows.only()["action"] == "accept_all"


def pinned(server: ConsentServer) -> str:
    """Where the same script never changes."""
    return f"/ala/choices.{sha256(server.get('/ala/choices.js')[1]).hexdigest()[:8]}.js"


@pytest.mark.parametrize("second", ["the same", "another address"])
def test_the_script_twice_is_the_script_once(
    library: CustomerSite,
    script: str,
    trackers: str,
    server: ConsentServer,
    visitor: Visitor,
    rows: Rows,
    second: str,
) -> None:
    address = server.origin + ("/ala/choices.js" if second == "the same" else pinned(server))
    again = f'<script src="{address}"></script>'
    library.page(head=script + again, body=WORDS + trackers + again)
    page = visitor.visit()
    visitor.button("Accept all").wait_for()
    page.wait_for_load_state("networkidle")
    expect(visitor.banner).to_have_count(1)
    expect(page.locator('[data-choices="open"]')).to_have_count(1)
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    assert sorted(library.tracked) == ["/ads.js", "/ga.js", "/video.js"]
    assert len(rows.all()) == 1
