"""The pages for visitors, without JavaScript."""

import json
import uuid
from http.client import HTTPConnection
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import NewVisitor
from e2e.customer import CustomerSite
from e2e.rows import Rows
from e2e.servers import HOST, ConsentServer
from e2e.visitors import CHOICES, VISITOR, Visitor

CATEGORIES = ("Functional", "Analytics", "Marketing")


@pytest.fixture
def plain(new_visitor: NewVisitor, server: ConsentServer) -> Visitor:
    """A visitor without JavaScript, on the page of their choices."""
    visitor = new_visitor(java_script_enabled=False)
    visitor.page.goto(f"{server.origin}/ala/choices")
    return visitor


def save(page: Page, *allowed: str) -> None:
    for name in CATEGORIES:
        page.get_by_role("checkbox", name=name).set_checked(name in allowed)
    page.get_by_role("button", name="Save choices").click()


def send(server: ConsentServer, origin: str, body: dict[str, Any]) -> int:
    """Sends a decision as a page of that origin would; the status."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    headers = {"Host": f"{HOST}:{server.port}", "Origin": origin, "Content-Type": "text/plain"}
    try:
        connection.request("POST", "/v1/sites/ala/consents", json.dumps(body), headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_nothing_is_known_of_a_new_visitor(plain: Visitor) -> None:
    expect(plain.page.get_by_text("We have no record of a choice from this browser.")).to_be_visible()
    for name in CATEGORIES:
        expect(plain.page.get_by_role("checkbox", name=name)).not_to_be_checked()
    assert plain.context.cookies() == []


def test_choose_change_and_withdraw(plain: Visitor, server: ConsentServer, rows: Rows) -> None:
    page = plain.page
    save(page, "Analytics")
    expect(page.get_by_role("status")).to_have_text("Your choices are saved.")
    expect(page.get_by_role("checkbox", name="Analytics")).to_be_checked()
    expect(page.get_by_text(str(plain.visitor_id))).to_be_visible()
    assert "&a=custom&on=analytics&" in plain.choices
    save(page, "Analytics", "Marketing")
    save(page)
    expect(page.get_by_role("status")).to_have_text("What you had allowed is withdrawn. Optional cookies are off.")
    page.get_by_role("button", name="Accept all").click()
    page.get_by_role("button", name="Reject all").click()
    expect(page.get_by_role("status")).to_have_text("Optional cookies rejected.")
    written = rows.of(plain.visitor_id)
    assert [row["action"] for row in written] == ["custom", "custom", "withdraw", "accept_all", "reject_all"]
    assert {row["surface"] for row in written} == {"page"}
    assert {row["notice"] for row in written} == {server.notice()}
    assert [sorted(name for name, on in row["choices"].items() if on) for row in written] == [
        ["analytics"],
        ["analytics", "marketing"],
        [],
        ["analytics", "functional", "marketing"],
        [],
    ]


def test_a_choice_made_there_holds_on_the_sites_pages(
    library: CustomerSite, server: ConsentServer, visitor: Visitor, rows: Rows
) -> None:
    visitor.page.goto(f"{server.origin}/ala/choices")
    save(visitor.page, "Analytics")
    visitor.visit()
    visitor.expect_ran("ga")
    expect(visitor.banner).to_have_count(0)
    assert rows.only()["visitor_id"] == visitor.visitor_id


def test_a_choice_made_on_a_page_is_shown_there(library: CustomerSite, server: ConsentServer, visitor: Visitor) -> None:
    visitor.visit()
    visitor.decide("Accept all")
    visitor.page.goto(f"{server.origin}/ala/choices")
    for name in CATEGORIES:
        expect(visitor.page.get_by_role("checkbox", name=name)).to_be_checked()
    expect(visitor.page.get_by_text(str(visitor.visitor_id))).to_be_visible()


def test_a_sites_page_without_javascript(library: CustomerSite, server: ConsentServer, plain: Visitor) -> None:
    """Nothing optional runs, and the page's own link leads to the choices."""
    link = f'<a data-choices="open" href="{server.origin}/ala/choices">Your choices</a>'
    library.page(path="/linked", body=library.answers["/"].body + link)
    page = plain.visit("/linked")
    page.get_by_role("link", name="Your choices").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your choices")
    assert library.tracked == []


def test_history_is_behind_a_button(plain: Visitor) -> None:
    page = plain.page
    save(page, "Marketing")
    save(page)
    expect(page.get_by_role("table")).to_have_count(0)
    page.get_by_role("link", name="Show history").click()
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(3)
    expect(page.get_by_role("table")).to_contain_text("Withdrew what was allowed")
    page.get_by_role("link", name="Hide history").click()
    expect(page.get_by_role("table")).to_have_count(0)


def test_download(plain: Visitor, rows: Rows) -> None:
    save(plain.page, "Functional")
    with plain.page.expect_download() as download:
        plain.page.get_by_role("link", name="Download as JSON").click()
    assert download.value.suggested_filename == "ala-choices.json"
    content = download.value.path().read_text()
    assert str(plain.visitor_id) in content
    assert str(rows.only()["event_id"]) in content
    secret = plain.cookies(VISITOR)[0]["value"].split(".")[1]
    assert secret not in content


def test_forget_this_device(plain: Visitor, rows: Rows) -> None:
    page = plain.page
    save(page, "Functional")
    page.get_by_role("button", name="Forget this device").click()
    expect(page.get_by_role("status")).to_contain_text("This browser has forgotten your choice")
    assert plain.context.cookies() == []
    expect(page.get_by_text("We have no record of a choice from this browser.")).to_be_visible()
    assert len(rows.all()) == 1


def test_erase_and_a_late_retry(
    library: CustomerSite, server: ConsentServer, visitor: Visitor, new_visitor: NewVisitor, rows: Rows
) -> None:
    visitor.visit()
    with visitor.page.expect_request("**/consents") as sent:
        visitor.decide("Accept all")
    body = json.loads(sent.value.post_data or "")
    page = visitor.page
    page.goto(f"{server.origin}/ala/choices")
    page.get_by_role("link", name="Erase", exact=True).click()
    expect(page.get_by_role("heading", name="Erase our record of your choice")).to_be_visible()
    assert len(rows.all()) == 1
    page.get_by_role("button", name="Erase now").click()
    expect(page.get_by_role("status")).to_contain_text("Our record of your choice and your consent ID are deleted.")
    assert rows.all() == []
    assert visitor.cookies(VISITOR) == []
    assert "&on=&" in visitor.choices
    assert send(server, library.address("").rstrip("/"), body) == 410
    assert send(server, library.address("").rstrip("/"), {**body, "event_id": anew(body["event_id"])}) == 201
    # The anonymous "no" stays: the sites' pages do not ask, and run nothing.
    library.requests.clear()
    visitor.visit()
    page.wait_for_function("window.visitorChoices?.current.answer === 'rejected'")
    page.wait_for_load_state("networkidle")
    expect(visitor.banner).to_have_count(0)
    assert library.tracked == []


def anew(event_id: str) -> str:
    """Another id of the same moment."""
    other = uuid.uuid4().hex
    return event_id[:24] + other[:12]


def test_the_signal_is_said_and_recorded(new_visitor: NewVisitor, server: ConsentServer, rows: Rows) -> None:
    visitor = new_visitor(java_script_enabled=False, extra_http_headers={"Sec-GPC": "1", "DNT": "1"})
    page = visitor.page
    page.goto(f"{server.origin}/ala/choices")
    expect(page.get_by_text("Opt-out request honored.")).to_be_visible()
    expect(page.get_by_text("Your browser sent Do Not Track.")).to_be_visible()
    page.get_by_role("button", name="Accept all").click()
    row = rows.only()
    assert (row["gpc_header"], row["gpc_acted_on"], row["dnt_header"], row["dnt_acted_on"]) == (True, False, "1", False)
    assert row["choices"]["marketing"] is True
    assert visitor.choices.endswith("&g=1")


def test_the_pages_speak_spanish(plain: Visitor, server: ConsentServer, rows: Rows) -> None:
    page = plain.page
    page.get_by_role("link", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.get_by_role("button", name="Rechazar todo").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    assert rows.only()["notice"] == server.notice("es")


def test_providers_and_policy_can_be_read(plain: Visitor, server: ConsentServer) -> None:
    page = plain.page
    page.get_by_role("link", name="Service providers", exact=True).click()
    expect(page.locator("#marketing")).to_be_visible()
    expect(page.get_by_role("heading", name="Google Analytics", exact=True)).to_be_visible()
    page.get_by_role("link", name="Privacy policy", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("#marketing")).to_be_attached()
    expect(page.get_by_text("We record this signal but do not respond to it automatically")).to_be_visible()


def test_a_page_that_is_not_there_says_so(plain: Visitor, server: ConsentServer) -> None:
    answer = plain.page.goto(f"{server.origin}/ala/nothing")
    assert answer is not None and answer.status == 404
    expect(plain.page.get_by_role("heading", level=1)).to_be_visible()
    assert plain.cookies(CHOICES) == []
