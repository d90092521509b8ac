"""The way of one provider: from an empty form, past an approver, to a page of a visitor. On a server of its own, whose
second version this is."""

# ruff: noqa: F401, F811 (fixtures are imported to be used here)
from playwright.sync_api import expect

from e2e.customer import CustomerSite
from e2e.servers import ConsentServer
from e2e.test_accessibility import check
from e2e.test_editor import APPROVER, EDITOR, SignedIn, fill_in, go, library, own_server, preview, signed_in
from e2e.visitors import Visitor


def test_from_a_new_provider_to_the_visitors_page(
    own_server: ConsentServer, signed_in: SignedIn, library: CustomerSite, visitor: Visitor
) -> None:
    editor = signed_in(EDITOR)
    go(editor, "Providers")
    check(editor)
    editor.get_by_role("link", name="Add a provider").click()
    editor.get_by_role("button", name="Save in the draft").click()
    expect(editor.get_by_role("alert").get_by_role("link")).to_have_count(4)
    check(editor)
    editor.get_by_role("alert").get_by_role("link").first.click()
    expect(editor.get_by_label("Name", exact=True)).to_be_focused()
    fill_in(editor, "Mailwave")
    check(editor)
    editor.get_by_role("button", name="Save in the draft").click()
    expect(editor.get_by_role("status").first).to_contain_text("Mailwave is saved in the draft.")

    # The preview has it, and visitors have not.
    go(editor, "Preview")
    frame = preview(editor)
    frame.get_by_role("button", name="Choose").click()
    expect(frame.locator("dialog")).to_contain_text("Mailwave")
    assert b"Mailwave" not in own_server.get("/ala/providers")[1]
    before = own_server.get("/ala/policy/1")[1]

    go(editor, "Review")
    expect(editor.get_by_role("main")).to_contain_text("New provider under Marketing: Mailwave.")
    check(editor)
    editor.get_by_role("button", name="Send to review").click()
    expect(editor.get_by_role("status")).to_contain_text("in review")

    approver = signed_in(APPROVER)
    approver.get_by_role("link", name="Review the draft").click()
    change = approver.locator(".change").first
    for words in ("Mailwave", "Canada", "_mw", "mw.js", "https://mailwave.example/privacy"):
        expect(approver.get_by_role("main")).to_contain_text(words)
    change.get_by_text("Comment").first.click()
    change.get_by_label("Your comment").fill("Contract checked.")
    change.get_by_role("button", name="Add comment").click()
    expect(change).to_contain_text("Contract checked.")
    check(approver)
    approver.get_by_role("button", name="Approve").click()
    approver.get_by_role("link", name="Publish", exact=True).click()
    expect(approver.get_by_role("main")).to_contain_text(
        "People who allowed Marketing will be asked again, about Mailwave."
    )
    expect(approver.get_by_label("Material", exact=True)).to_be_checked()
    check(approver)
    approver.get_by_label("Reason").fill("A new provider.")
    approver.get_by_role("button", name="Publish").click()
    expect(approver.get_by_role("status")).to_contain_text("Version 2 is published")
    check(approver)

    # It is public, and the old version reads as it did, but for saying that it is not the current one.
    visitor.page.goto(f"{own_server.origin}/ala/providers#marketing")
    expect(visitor.page.get_by_role("main")).to_contain_text("Mailwave")
    old = own_server.get("/ala/policy/1")[1]
    assert b"Mailwave" not in old and b"It was in force from" in old and b"It was in force from" not in before

    # Its script waits until it is allowed.
    visitor.visit()
    visitor.banner.wait_for()
    assert visitor.ran() == []
    visitor.decide("Accept all")
    visitor.expect_ran("mailwave")
