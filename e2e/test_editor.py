"""An editor adds a provider, an approver publishes it; two editors at once; the preview; axe looks at every page."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from e2e.conftest import NewVisitor
from e2e.customer import WORDS, CustomerSite, gated
from e2e.servers import ConsentServer
from e2e.test_accessibility import check
from e2e.visitors import Visitor

EDITOR, SECOND, APPROVER = "editor@library.example", "second@library.example", "approver@library.example"
PASSWORD = "eleven quiet reading rooms"
TRACKERS = (
    ("Cookie", "_mw", "ala.org", "90 days"),
    ("Script", "mw.js", "cdn.mailwave.example", "While the page is open"),
)

SignedIn = Callable[..., Page]


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory, customer_site: CustomerSite) -> Iterator[ConsentServer]:
    """A server of these tests' own: they publish."""
    server = ConsentServer(tmp_path_factory.mktemp("editors"), customer_site.origins)
    server.prepare()
    for email, role in ((EDITOR, "editor"), (SECOND, "editor"), (APPROVER, "approver")):
        server.flask("staff", "add", email, "--role", role, "--password-stdin", given=PASSWORD + "\n")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def signed_in(new_visitor: NewVisitor, own_server: ConsentServer) -> SignedIn:
    """Opens browsers in which somebody is signed in and nothing moves."""

    def open_page(email: str, **options: object) -> Page:
        page = new_visitor(reduced_motion="reduce", **options).page
        page.goto(f"{own_server.origin}/staff/")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("What waits for you")
        return page

    return open_page


def go(page: Page, place: str) -> None:
    page.get_by_role("navigation", name="Staff").get_by_role("link", name=place, exact=True).click()


def fill_in(page: Page, name: str) -> None:
    """A new provider in marketing, with two trackers."""
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Category").select_option(label="Marketing")
    page.get_by_label("What for").fill("Sends our newsletter and counts who opens it.")
    page.get_by_label("Privacy policy").fill("https://mailwave.example/privacy")
    page.get_by_label("Country").fill("Canada")
    for number, (kind, tracker, host, lifetime) in enumerate(TRACKERS, 1):
        page.get_by_role("button", name="Add a tracker").click()
        row = page.get_by_role("group", name=f"Tracker {number}")
        row.get_by_label("Kind").select_option(label=kind)
        for label, words in (("Name", tracker), ("Host", host), ("How long", lifetime), ("What for", "Knows readers.")):
            row.get_by_label(label).fill(words)


def preview(page: Page) -> FrameLocator:
    """The frame, wholly in sight: what is fixed in it does not come by itself."""
    page.locator("iframe").evaluate("frame => frame.scrollIntoView({ block: 'end' })")
    return page.frame_locator("iframe")


def publish(editor: Page, approver: Page, kind: str, reason: str) -> None:
    """From a draft to the next version."""
    go(editor, "Review")
    editor.get_by_role("button", name="Send to review").click()
    go(approver, "Review")
    approver.get_by_role("button", name="Approve").click()
    approver.get_by_role("link", name="Publish", exact=True).click()
    approver.get_by_label(kind, exact=True).check()
    approver.get_by_label("Reason").fill(reason)
    approver.get_by_role("button", name="Publish").click()
    expect(approver.get_by_role("status")).to_contain_text("is published")


@pytest.fixture
def library(customer: CustomerSite, own_server: ConsentServer) -> CustomerSite:
    """A library's page with the tag of a provider that is not declared yet."""
    script = customer.tracker("mailwave", "")
    head = f'<script async src="{own_server.origin}/ala/choices.js"></script>'
    customer.page(head=head, body=WORDS + gated(script, "marketing", "mailwave"))
    return customer


def add_and_publish(signed_in: SignedIn, name: str, kind: str) -> tuple[Page, Page]:
    """A new provider in marketing, published as material or not."""
    editor, approver = signed_in(EDITOR), signed_in(APPROVER)
    go(editor, "Providers")
    editor.get_by_role("link", name="Add a provider").click()
    fill_in(editor, name)
    editor.get_by_role("button", name="Save in the draft").click()
    publish(editor, approver, kind, "A new provider.")
    return editor, approver


def decided(new_visitor: NewVisitor, words: str) -> Visitor:
    visitor = new_visitor()
    visitor.visit()
    visitor.decide(words)
    visitor.expect_closed()
    return visitor


def test_who_had_allowed_is_asked_again_and_who_had_refused_is_told(
    own_server: ConsentServer, signed_in: SignedIn, library: CustomerSite, new_visitor: NewVisitor
) -> None:
    notice = own_server.notice().hex()
    shown = own_server.get(f"/v1/sites/ala/notices/{notice}")
    allowed, refused = decided(new_visitor, "Accept all"), decided(new_visitor, "Reject all")
    editor, approver = add_and_publish(signed_in, "Newswave", "Material")
    # What they were shown can still be read, byte for byte.
    assert own_server.notice().hex() != notice and own_server.get(f"/v1/sites/ala/notices/{notice}") == shown

    fresh(library, own_server, 2)
    allowed.visit()
    expect(allowed.page.get_by_text("Newswave")).to_be_visible()
    expect(allowed.button("Reject all")).to_be_visible()
    allowed.decide("Accept all")
    refused.visit()
    expect(refused.page.get_by_text("Newswave")).to_be_visible()
    expect(refused.button("Reject all")).to_be_hidden()
    refused.page.get_by_role("button", name="Hide this").click()
    refused.visit()
    expect(refused.page.get_by_text("Newswave")).to_have_count(0)

    # An editorial version asks nobody and tells nobody.
    go(editor, "Providers")
    editor.get_by_role("table").get_by_role("link", name="Newswave").click()
    editor.get_by_label("Name", exact=True).first.fill("News wave")
    editor.get_by_role("button", name="Save in the draft").click()
    publish(editor, approver, "Editorial", "Spelling.")
    fresh(library, own_server, 3)
    for visitor in (allowed, refused):
        visitor.visit()
        visitor.page.wait_for_load_state("networkidle")
        expect(visitor.page.get_by_text("News wave")).to_have_count(0)
        expect(visitor.button("Reject all")).to_be_hidden()


def fresh(library: CustomerSite, server: ConsentServer, number: int) -> None:
    """The page with the script at an address that no cache has."""
    script = gated(library.tracker("mailwave", ""), "marketing", "mailwave")
    head = f'<script async src="{server.origin}/ala/choices.js?{number}"></script>'
    library.page(head=head, body=WORDS + script)


def test_two_editors_at_once(signed_in: SignedIn, own_server: ConsentServer) -> None:
    first, second = signed_in(EDITOR), signed_in(SECOND)
    address = f"{own_server.origin}/staff/ala/providers/sample-video"
    for page in (first, second):
        page.goto(address)
    second.get_by_label("Name", exact=True).first.fill("Theirs (sample)")
    second.get_by_role("button", name="Save in the draft").click()
    first.get_by_label("Name", exact=True).first.fill("Mine (sample)")
    first.get_by_label("What for", exact=True).first.fill("Plays videos.")
    first.get_by_role("button", name="Save in the draft").click()
    expect(first.get_by_role("heading", level=1)).to_have_text("Two of you changed Mine (sample)")
    expect(first.get_by_role("main")).to_contain_text(SECOND)
    check(first)
    first.get_by_label("Theirs", exact=True).check()
    first.get_by_role("button", name="Save in the draft").click()
    first.goto(address)
    expect(first.get_by_label("Name", exact=True).first).to_have_value("Theirs (sample)")
    expect(first.get_by_label("What for", exact=True).first).to_have_value("Plays videos.")


def test_without_javascript(signed_in: SignedIn) -> None:
    page = signed_in(EDITOR, java_script_enabled=False)
    go(page, "Providers")
    page.get_by_role("link", name="Add a provider").click()
    fill_in(page, "Plainwave")
    page.get_by_role("button", name="Save in the draft").click()
    page.get_by_role("table").get_by_role("link", name="Plainwave").click()
    page.get_by_text("_mw").first.click()
    page.get_by_role("group", name="Tracker 1").get_by_role("button", name="Remove").click()
    # Enter saves, as in any form.
    page.get_by_label("Country").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Plainwave is saved in the draft.")
    expect(page.get_by_role("row", name="Plainwave").get_by_role("cell").nth(2)).to_have_text("1")
    page.get_by_role("link", name="Plainwave").click()
    page.get_by_role("link", name="Remove this provider").click()
    page.get_by_role("button", name="Remove from the draft").click()
    expect(page.get_by_role("status").first).to_contain_text("Plainwave is taken out of the draft.")


@pytest.mark.parametrize("place", ["Overview", "Categories", "Texts", "Review"])
def test_axe_finds_nothing(signed_in: SignedIn, place: str) -> None:
    page = signed_in(EDITOR)
    go(page, place)
    check(page)
    if place in ("Categories", "Texts"):
        page.get_by_role("main").get_by_role("link").last.click()
        check(page)


def test_the_preview_shows_what_is_saved_and_keeps_and_sends_nothing(
    signed_in: SignedIn, own_server: ConsentServer, tmp_path: Path
) -> None:
    page = signed_in(EDITOR)
    cookies = page.context.cookies()
    page.goto(f"{own_server.origin}/staff/ala/wording/es")
    page.get_by_label("Heading").fill("Galletas en ala.org")
    page.get_by_role("button", name="Save in the draft").click()
    page.get_by_role("link", name="See how it looks").click()
    frame = preview(page)
    expect(frame.get_by_role("region", name="Galletas en ala.org")).to_be_visible()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    frame.get_by_role("button", name="Elegir").click()
    expect(frame.locator("dialog")).to_be_visible()
    frame.locator("dialog").get_by_role("button", name=re.compile("Guardar")).click()
    expect(frame.locator("dialog")).to_be_hidden()
    assert [request for request in sent if "/embed/" not in request] == []
    assert page.context.cookies() == cookies
    for locale, button in (("ar", "رفض الكل"), ("en", "Reject all")):
        for width, look in (("phone", "dark"), ("desktop", "light")):
            page.goto(f"{own_server.origin}/staff/ala/preview?locale={locale}&width={width}&look={look}")
            expect(frame.get_by_role("button", name=button)).to_be_visible()
            seen = frame.locator("visitor-choices").bounding_box()
            assert seen and (seen["width"] < 400) == (width == "phone")
    check(page)


def test_a_draft_tried_on_the_real_site(
    signed_in: SignedIn, own_server: ConsentServer, library: CustomerSite, visitor: Visitor, new_visitor: NewVisitor
) -> None:
    """For whoever has the link, in that browser alone; it behaves as it will, and nothing of it is recorded."""
    editor = signed_in(EDITOR)
    editor.goto(f"{own_server.origin}/staff/ala/wording/en")
    editor.get_by_label("Heading").fill("Biscuits on ala.org")
    editor.get_by_role("button", name="Save in the draft").click()
    go(editor, "Preview")
    link = editor.get_by_role("link", name="Try it on the real site").get_attribute("href")
    decided_before = own_server.get("/v1/sites/ala/config")

    heading = visitor.banner.get_by_role("heading").first
    visitor.visit()
    expect(heading).to_have_text("Cookies on ala.org")
    page = visitor.page
    page.goto(f"{own_server.origin}{link}")
    check(page)
    page.get_by_role("button", name="Start the trial").click()
    expect(page.get_by_role("status")).to_contain_text("The trial runs in this browser.")
    check(page)
    visitor.visit()
    expect(heading).to_have_text("Biscuits on ala.org")
    expect(page.get_by_role("region", name="You are trying a draft")).to_be_visible()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    visitor.button("Choose").click()
    visitor.dialog.get_by_role("button", name="Save choices").click()
    visitor.expect_closed()
    page.wait_for_function("visitorChoices.current.recorded === 'server'")
    assert "POST" not in sent

    other = new_visitor()
    other.visit()
    expect(other.banner.get_by_role("heading").first).to_have_text("Cookies on ala.org")
    page.get_by_role("link", name="End the trial").click()
    page.get_by_role("button", name="End the trial").click()
    visitor.visit()
    expect(heading).to_have_text("Cookies on ala.org")
    assert own_server.get("/v1/sites/ala/config") == decided_before
