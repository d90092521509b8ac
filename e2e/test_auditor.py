"""An auditor's day: one box finds a visitor, their story leads to what they saw, the saved views answer the rest."""

import json
from collections.abc import Callable
from http.client import HTTPConnection

import pytest
from playwright.sync_api import Page, expect

from e2e.auditors import sign_in
from e2e.conftest import NewVisitor
from e2e.customer import CustomerSite
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.test_accessibility import check
from e2e.visitors import Visitor
from e2e.waiting import wait_for

VIEWS = {
    "/audit/": "Audit",
    "/audit/events": "Decisions",
    "/audit/rates": "Decisions and opt-in rates",
    "/audit/signals": "Signals",
    "/audit/coverage?category=analytics": "What a category covered on a day",
    "/audit/providers?provider=google-analytics": "How a provider came to be there",
    "/audit/findings": "What ran before consent, or undeclared",
    "/audit/log": "Has the log only grown?",
    "/audit/retention": "Is retention obeyed?",
    "/audit/zone": "Time zone",
}


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


@pytest.fixture
def new_auditor(
    new_visitor: NewVisitor, server: ConsentServer, auditor_account: tuple[str, str]
) -> Callable[..., Page]:
    """Opens a browser in which an auditor is signed in: `new_auditor(viewport=…)`."""

    def make(**options: object) -> Page:
        page = new_visitor(reduced_motion="reduce", **options).page
        sign_in(page, server, *auditor_account)
        heading(page, "Audit")
        return page

    return make


@pytest.fixture
def auditor(new_auditor: Callable[..., Page]) -> Page:
    """The page of someone who is signed in."""
    return new_auditor()


@pytest.fixture
def receipt_of(server: ConsentServer, auditor_account: tuple[str, str]) -> Callable[[str], dict[str, object]]:
    """The receipt of an event, once it is sealed."""
    token = server.flask("staff", "token", auditor_account[0], "--scope", "audit:read").strip()

    def ask(event_id: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", f"/v1/sites/ala/receipts/{event_id}", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, body

    def receipt(event_id: str) -> dict[str, object]:
        wait_for("the decision to be sealed", lambda: ask(event_id)[0] == 200)
        found: dict[str, object] = json.loads(ask(event_id)[1])
        return found

    return receipt


def find(page: Page, wanted: str) -> None:
    page.get_by_role("navigation", name="Audit").get_by_role("link", name="Start").click()
    page.get_by_label("Consent ID or event ID").fill(wanted)
    page.get_by_role("button", name="Find").click()


def test_an_auditors_day(
    library: CustomerSite,
    server: ConsentServer,
    visitor: Visitor,
    rows: Rows,
    auditor: Page,
    receipt_of: Callable[[str], dict[str, object]],
) -> None:
    visitor.visit()
    visitor.decide("Reject all")
    event, consent_id = rows.only(), str(visitor.visitor_id)
    notice = json.loads(server.get(f"/v1/sites/ala/notices/{event['notice'].hex()}")[1])
    receipt = receipt_of(str(event["event_id"]))
    main = auditor.get_by_role("main")

    find(auditor, consent_id)
    heading(auditor, "One visitor’s story")
    expect(main).to_contain_text(consent_id)
    expect(main.get_by_role("heading", name="Rejected all")).to_be_visible()
    expect(main).to_contain_text("covers it")
    expect(main).to_contain_text("Never allowed anything optional.")
    check(auditor)

    main.get_by_role("link", name="Everything recorded").click()
    heading(auditor, "Rejected all")
    for text in (str(event["event_id"]), consent_id, event["notice"].hex(), notice["first"]["text"], event["page"]):
        expect(main).to_contain_text(text)
    for _, words in notice["first"]["buttons"]:
        expect(main.get_by_role("button", name=words, exact=True).first).to_be_attached()
    expect(main).to_contain_text("Chrome 140")

    find(auditor, str(event["event_id"]))
    heading(auditor, "Rejected all")
    find(auditor, "nonsense")
    expect(auditor.get_by_role("alert")).to_contain_text("36 characters")
    check(auditor)

    for changed, verdict in (
        ({}, "This receipt is what we have on record"),
        ({"visitor_id": "4fa0c9d2-1f0b-4c6e-9a53-0d8c9b7e6f21"}, "This receipt differs from the record"),
    ):
        auditor.goto(f"{server.origin}/audit/")
        content = json.dumps({**receipt, **changed}).encode()
        auditor.get_by_label("or a receipt").set_input_files(
            {"name": "receipt.json", "mimeType": "application/json", "buffer": content}
        )
        auditor.get_by_role("button", name="Find").click()
        heading(auditor, verdict)
        check(auditor)

    auditor.goto(f"{server.origin}/audit/log")
    note = auditor.get_by_label("The newest checkpoint, to keep").input_value()
    auditor.get_by_label("Checkpoint", exact=True).fill(note)
    auditor.get_by_role("button", name="Compare").click()
    expect(auditor.get_by_role("main")).to_contain_text("unchanged")
    check(auditor)

    auditor.get_by_role("button", name="Sign out").click()
    auditor.goto(f"{server.origin}/audit/visitors/{consent_id}")
    expect(auditor.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(auditor.get_by_role("main")).not_to_contain_text(consent_id)


def test_every_view_is_accessible_and_fits(
    library: CustomerSite,
    server: ConsentServer,
    visitor: Visitor,
    auditor: Page,
    rows: Rows,
    receipt_of: Callable[[str], dict[str, object]],
) -> None:
    visitor.visit()
    visitor.decide("Accept all")
    receipt_of(str(rows.only()["event_id"]))
    page = auditor
    for address, title in VIEWS.items():
        page.goto(server.origin + address)
        heading(page, title)
        check(page)
    page.goto(f"{server.origin}/audit/rates")
    expect(page.get_by_role("img", name="Decisions by people over time")).to_be_visible()


def test_no_page_is_wider_than_a_phone(
    library: CustomerSite,
    server: ConsentServer,
    visitor: Visitor,
    auditor: Page,
    rows: Rows,
    receipt_of: Callable[[str], dict[str, object]],
) -> None:
    visitor.visit()
    visitor.decide("Accept all")
    event_id = rows.only()["event_id"]
    receipt_of(str(event_id))
    below = (f"/audit/visitors/{visitor.visitor_id}", f"/audit/events/{event_id}", f"/audit/events/{event_id}/shown")
    for address in (*VIEWS, *below, "/audit/exports", "/audit/sample", "/audit/sample#drawn"):
        auditor.goto(server.origin + address)
        if address.endswith("#drawn"):
            auditor.get_by_label("Your phrase").fill("seven wet herons")
            auditor.get_by_role("button", name="Draw").click()
            expect(auditor.get_by_role("heading", name="drawn")).to_be_visible()
            auditor.wait_for_load_state()
        for width in (320, 390):
            auditor.set_viewport_size({"width": width, "height": 800})
            assert auditor.evaluate("document.documentElement.scrollWidth") <= width, (address, width)


def test_a_filter_can_be_taken_away_and_the_zone_goes_along(
    library: CustomerSite, server: ConsentServer, visitor: Visitor, auditor: Page
) -> None:
    visitor.visit()
    visitor.decide("Accept all")
    auditor.goto(f"{server.origin}/audit/zone")
    auditor.get_by_label("Time zone").select_option("America/Chicago")
    auditor.get_by_role("button", name="Use this time zone").click()
    heading(auditor, "Audit")
    auditor.goto(f"{server.origin}/audit/events?visitor={visitor.visitor_id}&action=reject_all")
    expect(auditor.get_by_text("No decisions match. Remove a filter.")).to_be_visible()
    auditor.get_by_role("list", name="Active filters").get_by_role("link").filter(has_text="Action").click()
    found = auditor.get_by_role("table").locator("tbody").get_by_role("row")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("UTC")
    expect(auditor).to_have_url(f"{server.origin}/audit/events?visitor={visitor.visitor_id}&zone=America%2FChicago")


def test_everything_works_without_javascript(
    library: CustomerSite, server: ConsentServer, visitor: Visitor, new_auditor: Callable[..., Page]
) -> None:
    visitor.visit()
    visitor.decide("Reject all")
    page = new_auditor(java_script_enabled=False)
    find(page, str(visitor.visitor_id))
    heading(page, "One visitor’s story")
    page.goto(f"{server.origin}/audit/events")
    page.get_by_text("More filters").click()
    page.get_by_label("Automated").select_option("Declared bot")
    page.get_by_role("button", name="Show decisions").click()
    expect(page.get_by_text("No decisions match. Remove a filter.")).to_be_visible()
    page.goto(f"{server.origin}/audit/rates")
    page.get_by_label("By", exact=True).select_option("Week")
    page.get_by_role("button", name="Show").click()
    heading(page, "Decisions and opt-in rates")


def test_a_wrong_password_opens_nothing(server: ConsentServer, visitor: Visitor) -> None:
    sign_in(visitor.page, server, "nobody@library.example", "not the password")
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    visitor.page.goto(f"{server.origin}/audit/")
    expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_visible()
