"""Pages that are strict, careless or broken, and clicks that no person made."""

import pytest
from playwright.sync_api import expect

from e2e.customer import WORDS, CustomerSite, gated, gated_inline, noting
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor, is_decision


def test_strict_csp_and_trusted_types(customer: CustomerSite, server: ConsentServer, visitor: Visitor) -> None:
    nonce = ' nonce="n0nce"'
    listen = f"""<script{nonce}>window.violations = [];
      document.addEventListener('securitypolicyviolation', ({{ violatedDirective, sourceFile, blockedURI }}) =>
        violations.push([violatedDirective, sourceFile, blockedURI]));</script>"""
    inline = gated_inline(noting("inline"), "analytics", attributes=nonce)
    customer.page(
        head=f'{listen}<script async{nonce} src="{server.origin}/ala/choices.js"></script>',
        body=WORDS + inline + gated(customer.tracker("ga"), "analytics", attributes=nonce),
        Content_Security_Policy=(
            f"default-src 'none'; script-src 'nonce-n0nce' 'strict-dynamic'; connect-src {server.origin}; "
            "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types visitor-choices"
        ),
    )
    page = visitor.visit()
    visitor.button("Choose").click()
    visitor.dialog.get_by_role("button", name="Close").click()
    visitor.decide("Accept all")
    visitor.expect_ran("inline", "ga")
    # Nothing of marketing has run, so the page is not reloaded, and the reports are still there.
    with page.expect_response("**/v1/sites/ala/config"):
        visitor.switch(marketing=False)
    assert page.evaluate("violations") == []


@pytest.mark.parametrize(
    "css",
    [
        "* { all: unset !important }",
        "body * { display: none !important }",
        "body > *, button { position: static !important; opacity: 0 !important; transform: scale(0) !important }",
        "button { width: 1px !important; height: 1px !important; font-size: 0 !important; color: #fff !important }",
        "[data-action='reject-all'] { visibility: hidden !important; flex: 0 0 1px !important; padding: 0 !important }",
    ],
)
def test_page_css_cannot_bend_the_banner(
    customer: CustomerSite, script: str, visitor: Visitor, rows: Rows, css: str
) -> None:
    customer.page(head=f"<style>{css}</style>{script}")
    visitor.visit()
    reject, accept = visitor.button("Reject all"), visitor.button("Accept all")
    boxes = []
    for button in (reject, accept):
        expect(button).to_be_visible()
        box = button.bounding_box()
        assert box is not None and box["width"] >= 44 and box["height"] >= 44
        boxes.append((box["width"], box["height"], box["y"]))
    assert boxes[0] == boxes[1]
    look = "b => { const s = getComputedStyle(b); return [s.opacity, s.color, s.backgroundColor, s.font] }"
    assert reject.evaluate(look) == accept.evaluate(look)
    assert reject.evaluate(look)[0] == "1"
    visitor.decide("Reject all")
    assert rows.only()["action"] == "reject_all"


def test_a_replaced_body_gets_the_banner_back(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    customer.page(head=script)
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    page.evaluate("document.body = document.createElement('body'); document.body.append('Another page')")
    expect(visitor.button("Reject all")).to_be_visible()
    assert page.evaluate("document.body.firstElementChild.localName") == "visitor-choices"
    visitor.decide("Reject all")
    page.evaluate("document.body = document.createElement('body')")
    visitor.expect_closed()


def test_a_body_emptied_by_a_framework_gets_the_banner_back(
    customer: CustomerSite, script: str, visitor: Visitor
) -> None:
    customer.page(head=script)
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    page.evaluate("document.body.replaceChildren('Another page')")
    visitor.decide("Reject all")


def test_the_script_twice_is_the_script_once(
    library: CustomerSite, script: str, trackers: str, visitor: Visitor, rows: Rows
) -> None:
    library.page(head=script + script, body=WORDS + trackers + script)
    page = visitor.visit()
    visitor.button("Accept all").wait_for()
    page.wait_for_load_state("networkidle")
    expect(visitor.banner).to_have_count(1)
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    assert sorted(library.tracked) == ["/ads.js", "/ga.js", "/video.js"]
    assert len(rows.all()) == 1


def test_a_page_that_shadows_document_properties(
    customer: CustomerSite, script: str, visitor: Visitor, rows: Rows
) -> None:
    customer.page(body=f'<img name="currentScript" alt=""><form name="readyState"></form>{WORDS}{script}')
    visitor.visit()
    visitor.decide("Reject all")
    assert rows.only()["action"] == "reject_all"


@pytest.mark.parametrize("name", ["cookie", "body", "querySelector", "createElement"])
def test_a_page_that_shadows_what_we_cannot_do_without(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor, name: str
) -> None:
    """At worst nobody is asked; nothing runs."""
    customer.page(head=script, body=f'<img name="{name}" alt="">{WORDS}{trackers}')
    page = visitor.visit()
    page.wait_for_load_state("networkidle")
    assert customer.tracked == []


@pytest.mark.parametrize(
    "pollution",
    [
        "Object.prototype.each = function () {}; Object.prototype.marketing = true; Array.prototype.each = () => {};",
        "Array.prototype.toJSON = () => 'broken'; String.prototype.toJSON = () => '?';",
        "Array.from = (list) => [].slice.call(list);",
        "window.config = window.first = window.stored = 1; window.Node = window.Text = window.Event = undefined;",
    ],
    ids=["inherited", "toJSON", "Array.from", "globals"],
)
def test_a_page_that_pollutes_prototypes(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor, rows: Rows, pollution: str
) -> None:
    customer.page(head=f"<script>{pollution}</script>{script}", body=WORDS + trackers)
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    page.wait_for_load_state("networkidle")
    assert customer.tracked == []
    visitor.decide("Reject all")
    row = rows.only()
    assert row["action"] == "reject_all"
    assert row["choices"] == {"functional": False, "analytics": False, "marketing": False}
    assert customer.tracked == []


CLICK = """<script>document.addEventListener('visitorchoices:open', () => setTimeout(() =>
  document.querySelector('[data-action="{}"]').click()));</script>"""


def test_a_synthetic_accept_lets_nothing_run(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor, rows: Rows
) -> None:
    customer.page(head=CLICK.format("accept-all") + script, body=WORDS + trackers)
    with visitor.page.expect_response(is_decision) as answer:
        page = visitor.visit()
    assert answer.value.status == 201
    page.wait_for_load_state("networkidle")
    expect(visitor.button("Accept all")).to_be_visible()
    assert page.evaluate("visitorChoices.current.answer") == "none"
    assert customer.tracked == []
    row = rows.only()
    assert (row["action"], row["surface"], row["automated"]) == ("accept_all", "api", "suspected")
    assert not any(row["choices"].values())
    assert visitor.context.cookies() == []
    assert row["visitor_id"] is None


def test_an_accept_by_the_pages_script_lets_nothing_run(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor, rows: Rows
) -> None:
    call = "(window.visitorChoices = []).push(choices => choices.acceptAll())"
    customer.page(head=f"<script>{call}</script>{script}", body=WORDS + trackers)
    with visitor.page.expect_response(is_decision):
        page = visitor.visit()
    page.wait_for_load_state("networkidle")
    assert customer.tracked == []
    assert rows.only()["automated"] == "suspected"


def test_a_synthetic_reject_works(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor, rows: Rows
) -> None:
    customer.page(head=CLICK.format("reject-all") + script, body=WORDS + trackers)
    with visitor.page.expect_response(is_decision):
        visitor.visit()
    visitor.expect_closed()
    row = rows.only()
    assert (row["action"], row["visitor_id"]) == ("reject_all", visitor.visitor_id)
