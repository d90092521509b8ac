"""Pages with a content security policy, Trusted Types enforced, or a sandbox."""

import pytest
from playwright.sync_api import expect

from e2e.customer import WORDS, CustomerSite, gated, gated_inline, noting
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor, is_decision

NONCE = ' nonce="n0nce"'
STRICT = "script-src 'nonce-n0nce' 'strict-dynamic'; base-uri 'none'; form-action 'none'"
TYPES = "require-trusted-types-for 'script'; trusted-types {}"

# Reports every violation of the page's policy.
LISTEN = f"""<script{NONCE}>window.violations = [];
document.addEventListener('securitypolicyviolation', ({{ violatedDirective, sourceFile, blockedURI }}) =>
  violations.push([violatedDirective, sourceFile, blockedURI]));</script>"""


def tag(server: ConsentServer, attributes: str = NONCE) -> str:
    return f'<script async{attributes} src="{server.origin}/ala/choices.js"></script>'


def open_and_leave_the_dialog(visitor: Visitor) -> None:
    visitor.button("Choose").click()
    expect(visitor.dialog.get_by_role("switch", name="Analytics")).to_be_visible()
    visitor.dialog.get_by_role("button", name="Close").click()


def expect_styled(visitor: Visitor) -> None:
    look = "b => { const { height, width } = b.getBoundingClientRect(); return [height >= 44, width >= 90] }"
    assert visitor.button("Reject all").evaluate(look) == [True, True]
    assert visitor.banner.evaluate("host => getComputedStyle(host).position") == "fixed"


@pytest.mark.parametrize("styles", ["", "; style-src 'none'"], ids=["default-src", "style-src"])
def test_strict_csp_and_trusted_types(
    customer: CustomerSite, server: ConsentServer, visitor: Visitor, styles: str
) -> None:
    inline = gated_inline(noting("inline"), "analytics", attributes=NONCE)
    customer.page(
        head=LISTEN + tag(server),
        body=WORDS + inline + gated(customer.tracker("ga"), "analytics", attributes=NONCE),
        Content_Security_Policy=(
            f"default-src 'none'; {STRICT}; connect-src {server.origin}; {TYPES.format('visitor-choices')}{styles}"
        ),
    )
    page = visitor.visit()
    expect_styled(visitor)
    open_and_leave_the_dialog(visitor)
    visitor.decide("Accept all")
    visitor.expect_ran("inline", "ga")
    # Nothing of marketing has run, so the page is not reloaded, and the reports are still there.
    page.evaluate("document.cookie = '_sample_ads=1; Path=/'")
    with page.expect_response("**/v1/sites/ala/config"):
        visitor.switch(marketing=False)
    assert page.evaluate("violations") == []


def test_a_list_of_hosts_without_inline_scripts(
    customer: CustomerSite, server: ConsentServer, visitor: Visitor, rows: Rows
) -> None:
    address = customer.tracker("ga")
    host = address.removesuffix("/ga.js")
    customer.page(
        head=tag(server, ""),
        body=WORDS + gated(address, "analytics") + gated_inline(noting("inline"), "analytics"),
        Content_Security_Policy=f"default-src 'none'; script-src {server.origin} {host}; connect-src {server.origin}",
    )
    visitor.visit()
    expect_styled(visitor)
    open_and_leave_the_dialog(visitor)
    visitor.decide("Accept all")
    # An inline script may not run here, whoever asks.
    visitor.expect_ran("ga")
    assert rows.only()["action"] == "accept_all"


@pytest.mark.parametrize("allowed", ["'none'", "another-policy"])
def test_trusted_types_that_leave_our_policy_out(
    customer: CustomerSite, server: ConsentServer, visitor: Visitor, rows: Rows, allowed: str
) -> None:
    """Asked and recorded as anywhere; only nothing is let go, since nothing may be."""
    customer.page(
        head=LISTEN + tag(server),
        body=WORDS
        + gated(customer.tracker("ga"), "analytics", attributes=NONCE)
        + gated_inline(noting("inline"), "analytics", attributes=NONCE),
        Content_Security_Policy=f"{STRICT}; connect-src {server.origin}; {TYPES.format(allowed)}",
    )
    page = visitor.visit()
    open_and_leave_the_dialog(visitor)
    assert page.evaluate("violations") == []
    visitor.decide("Accept all")
    visitor.expect_closed()
    page.wait_for_load_state("networkidle")
    assert (visitor.ran(), customer.tracked) == ([], [])
    # The policy that was refused, and nothing else; it is asked for once.
    assert [violation[0] for violation in page.evaluate("violations")] == ["trusted-types"]
    row = rows.only()
    assert (row["action"], row["visitor_id"]) == ("accept_all", visitor.visitor_id)
    with page.expect_response(is_decision):
        page.evaluate("void visitorChoices.rejectAll()")
    assert [row["action"] for row in rows.all()] == ["accept_all", "reject_all"]


def test_without_leave_to_connect_a_refusal_holds(
    customer: CustomerSite, server: ConsentServer, visitor: Visitor
) -> None:
    """A page whose policy forgot `connect-src`: shown and obeyed, only not recorded."""
    customer.page(
        head=tag(server),
        body=WORDS + gated(customer.tracker("ga"), "analytics", attributes=NONCE),
        Content_Security_Policy=f"{STRICT}; connect-src 'self'",
    )
    page = visitor.visit()
    visitor.button("Reject all").click()
    visitor.expect_closed()
    assert page.evaluate("visitorChoices.current.answer") == "rejected"
    page.reload()
    page.wait_for_function("window.visitorChoices?.current.recorded === 'waiting'")
    assert customer.tracked == []


def test_a_sandbox_without_an_origin(customer: CustomerSite, server: ConsentServer, visitor: Visitor) -> None:
    """Neither cookies nor storage, and the server takes no decision from nowhere: a refusal holds for the page."""
    customer.page(head=tag(server, ""), body=WORDS + gated(customer.tracker("ga"), "analytics"), path="/inside")
    customer.page(body='<iframe sandbox="allow-scripts" src="/inside" width="900" height="600"></iframe>')
    page = visitor.visit()
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Accept all").click()
    expect(frame.get_by_text("Your browser blocks cookies")).to_be_visible()
    frame.get_by_role("button", name="Reject all").click()
    expect(frame.locator("visitor-choices")).to_be_hidden()
    page.wait_for_load_state("networkidle")
    assert customer.tracked == []
    assert visitor.context.cookies() == []


def test_a_sandbox_with_its_origin(customer: CustomerSite, server: ConsentServer, visitor: Visitor, rows: Rows) -> None:
    customer.page(head=tag(server, ""), body=WORDS + gated(customer.tracker("ga"), "analytics"), path="/inside")
    frame = '<iframe sandbox="allow-scripts allow-same-origin" src="/inside" width="900" height="600"></iframe>'
    customer.page(body=frame)
    page = visitor.visit()
    with page.expect_response(is_decision):
        page.frame_locator("iframe").get_by_role("button", name="Accept all").click()
    expect(page.frame_locator("iframe").locator("html")).to_have_attribute("data-ran", "ga")
    assert (rows.only()["action"], rows.only()["visitor_id"]) == ("accept_all", visitor.visitor_id)
