"""Tags that wait until they are allowed, and then run in order."""

from e2e.customer import WORDS, CustomerSite, gated, gated_inline, noting
from e2e.servers import ConsentServer
from e2e.visitors import Visitor


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
    page = visitor.visit()
    with page.expect_request("**/first.js"):
        visitor.decide("Accept all")
    assert customer.tracked == ["/first.js"]
    held.set()
    assert visitor.expect_ran("first", "second", "third") == ["first", "second", "third"]


def test_a_hanging_script_holds_up_no_other_provider(library: CustomerSite, visitor: Visitor) -> None:
    library.answers["/video.js"].held.clear()
    visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("ga", "ads")
    assert "/video.js" in library.tracked
