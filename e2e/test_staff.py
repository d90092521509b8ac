"""An admin signs in with a second factor, invites somebody, gives roles, makes a token and ends a session; axe looks at
every page on the way."""

import re
from collections.abc import Callable
from http.client import HTTPConnection

import pyotp
import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import NewVisitor
from e2e.servers import ConsentServer
from e2e.test_accessibility import check

ADMIN, VERA = "admin@library.example", "vera@library.example"
PASSWORD, NEW = "eleven quiet reading rooms", "seven calm otters under a bridge"


@pytest.fixture
def admin(server: ConsentServer) -> str:
    """The address of an account that may do everything on ALA's site."""
    roles = [word for role in ("admin", "auditor", "editor", "approver") for word in ("--role", role)]
    server.flask("staff", "add", ADMIN, *roles, "--site", "ala", "--password-stdin", given=PASSWORD + "\n")
    return ADMIN


@pytest.fixture
def new_page(new_visitor: NewVisitor) -> Callable[[], Page]:
    """Opens browsers in which nothing moves."""
    return lambda: new_visitor(reduced_motion="reduce").page


def sign_in(page: Page, server: ConsentServer, email: str, password: str) -> None:
    page.goto(f"{server.origin}/staff/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def status_of(server: ConsentServer, token: str) -> int:
    """What a program gets that reads the record with this token."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/v1/audit/events", headers={"Authorization": f"Bearer {token}"})
    status = connection.getresponse().status
    connection.close()
    return status


def heading(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def test_a_second_factor_is_set_up_and_asked_for(
    server: ConsentServer, admin: str, new_page: Callable[[], Page]
) -> None:
    page = new_page()
    sign_in(page, server, admin, PASSWORD)
    heading(page, "What waits for you")
    check(page)
    page.get_by_role("link", name="Turn on the second factor").click()
    check(page)
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("img", name="QR code")).to_have_js_property("complete", True)
    assert page.get_by_role("img", name="QR code").evaluate("image => image.naturalWidth") > 100
    check(page)
    key = page.locator("main .id").inner_text().replace(" ", "")
    code = page.get_by_label("The code that the app shows now")
    code.fill("12 34")
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)
    code.fill(pyotp.TOTP(key).now())
    page.get_by_role("button", name="Turn it on").click()
    heading(page, "Your recovery codes")
    check(page)
    recovery = page.locator(".codes li").all_inner_texts()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("main")).to_contain_text("10 recovery codes are left")
    check(page)

    page.get_by_role("button", name="Sign out").click()
    sign_in(page, server, admin, PASSWORD)
    heading(page, "Enter your code")
    check(page)
    page.get_by_label("Code").fill(recovery[0])
    page.get_by_role("button", name="Sign in").click()
    heading(page, "What waits for you")

    page.goto(f"{server.origin}/staff/account/second-factor")
    page.get_by_label("Code from your app").fill(recovery[1])
    page.get_by_role("button", name="Turn it off").click()
    expect(page.get_by_role("button", name="Set it up")).to_be_visible()


def test_somebody_is_invited_and_comes_in(server: ConsentServer, admin: str, new_page: Callable[[], Page]) -> None:
    page, theirs = new_page(), new_page()
    sign_in(page, server, admin, PASSWORD)
    page.get_by_role("navigation", name="Staff").get_by_role("link", name="People").click()
    check(page)
    page.get_by_role("link", name="Invite somebody").click()
    check(page)
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(2)
    check(page)
    page.get_by_label("E-mail").fill(VERA)
    page.get_by_label("editor").check()
    page.get_by_role("button", name="Invite").click()
    heading(page, f"A link for {VERA}")
    check(page)
    link = page.get_by_label("Link").input_value()
    page.get_by_role("link", name="I have copied it").click()
    heading(page, VERA)
    check(page)

    theirs.goto(link)
    heading(theirs, "Welcome: choose a password")
    check(theirs)
    theirs.get_by_label("New password").fill(NEW)
    theirs.get_by_role("button", name="Set password").click()
    expect(theirs.get_by_role("status")).to_contain_text("Your password is set")
    sign_in(theirs, server, VERA, NEW)
    heading(theirs, "What waits for you")
    places = theirs.get_by_role("navigation", name="Staff")
    expect(places.get_by_role("link", name="People")).to_have_count(0)
    expect(places.get_by_role("link", name="Audit")).to_have_count(0)
    theirs.goto(link)
    expect(theirs.get_by_role("main")).to_contain_text("has been used")

    page.get_by_label("auditor").check()
    page.get_by_role("button", name="Save roles").click()
    expect(page.get_by_role("status")).to_have_text("The roles are changed.")
    theirs.goto(f"{server.origin}/staff/")
    expect(places.get_by_role("link", name="Audit")).to_be_visible()

    page.get_by_label("Reason").fill("Left in November.")
    page.get_by_role("button", name="Disable the account").click()
    check(page)
    theirs.reload()
    heading(theirs, "Sign in")
    page.get_by_role("link", name="Record", exact=True).click()
    expect(page.get_by_role("table")).to_contain_text("Left in November.")
    check(page)


def test_a_token_is_made_and_revoked(server: ConsentServer, admin: str, new_page: Callable[[], Page]) -> None:
    page = new_page()
    sign_in(page, server, admin, PASSWORD)
    page.get_by_role("link", name="Your account").click()
    check(page)
    page.get_by_role("link", name=re.compile("API token")).click()
    check(page)
    page.get_by_label("Name").fill("Nightly export")
    page.get_by_label("audit:read").check()
    page.get_by_role("button", name="Make token").click()
    check(page)
    token = page.get_by_label("Token").input_value()
    assert re.fullmatch(r"cst_[\w-]{43}", token)
    assert status_of(server, token) == 200
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_role("main")).to_contain_text("Nightly export")
    check(page)
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("status")).to_contain_text("The token is revoked")
    assert status_of(server, token) == 401


def test_another_browser_is_signed_out(server: ConsentServer, admin: str, new_page: Callable[[], Page]) -> None:
    page, other = new_page(), new_page()
    for each in (other, page):
        sign_in(each, server, admin, PASSWORD)
    page.goto(f"{server.origin}/staff/account/sessions")
    own = page.get_by_role("listitem").filter(has_text="This browser")
    expect(own.get_by_text("Chrome on Linux")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Sign out every browser but this one").click()
    expect(page.get_by_role("status")).to_have_text("Signed out.")
    other.reload()
    heading(other, "Sign in")


def test_what_to_do_when_the_password_is_lost(server: ConsentServer, new_page: Callable[[], Page]) -> None:
    page = new_page()
    page.goto(f"{server.origin}/staff/")
    page.get_by_role("link", name="The password is lost").click()
    expect(page.get_by_role("main")).to_contain_text("An admin of your site")
    check(page)


def test_it_all_works_without_scripts(server: ConsentServer, admin: str, new_visitor: NewVisitor) -> None:
    page = new_visitor(java_script_enabled=False).page
    sign_in(page, server, admin, PASSWORD)
    page.get_by_role("link", name="Record", exact=True).click()
    page.get_by_label("Act", exact=True).select_option("sign-in")
    page.get_by_role("button", name="Show acts").click()
    expect(page.get_by_role("list", name="Active filters")).to_contain_text("Act: Signed in")
