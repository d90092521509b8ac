"""An auditor finds a visitor's decision, and what the visitor was shown."""

import json

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import NewVisitor
from e2e.customer import CustomerSite
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor


def sign_in(page: Page, server: ConsentServer, email: str, password: str) -> None:
    page.goto(f"{server.origin}/audit/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def auditor(new_visitor: NewVisitor, server: ConsentServer, auditor_account: tuple[str, str]) -> Page:
    """The page of someone who is signed in."""
    page = new_visitor().page
    sign_in(page, server, *auditor_account)
    expect(page.get_by_role("heading", level=1)).to_have_text("Decisions")
    return page


def test_an_auditor_finds_the_decision_and_the_notice(
    library: CustomerSite, server: ConsentServer, visitor: Visitor, rows: Rows, auditor: Page
) -> None:
    visitor.visit()
    visitor.decide("Reject all")
    event, consent_id = rows.only(), str(visitor.visitor_id)
    notice = json.loads(server.get(f"/v1/sites/ala/notices/{event['notice'].hex()}")[1])

    expect(auditor).to_have_url(f"{server.origin}/audit/")
    auditor.get_by_label("Consent ID", exact=True).fill(consent_id)
    auditor.get_by_role("button", name="Show decisions").click()
    found = auditor.get_by_role("table").locator("tbody").get_by_role("row")
    expect(found).to_have_count(1)
    expect(auditor.get_by_role("list", name="Active filters")).to_contain_text(consent_id)

    found.get_by_role("link").first.click()
    main = auditor.get_by_role("main")
    expect(main).to_contain_text(str(event["event_id"]))
    expect(main).to_contain_text(consent_id)
    expect(main).to_contain_text(event["notice"].hex())
    expect(main).to_contain_text(notice["first"]["text"])
    for _, words in notice["first"]["buttons"]:
        expect(main.get_by_role("button", name=words, exact=True).first).to_be_attached()
    expect(main).to_contain_text(event["page"])
    expect(main).to_contain_text("Chrome 140")

    auditor.get_by_role("button", name="Sign out").click()
    auditor.goto(f"{server.origin}/audit/events/{event['event_id']}")
    expect(auditor.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(auditor.get_by_role("main")).not_to_contain_text(consent_id)


def test_a_filter_can_be_taken_away(
    library: CustomerSite, server: ConsentServer, visitor: Visitor, auditor: Page
) -> None:
    visitor.visit()
    visitor.decide("Accept all")
    auditor.goto(f"{server.origin}/audit/?visitor={visitor.visitor_id}&action=reject_all")
    expect(auditor.get_by_text("No decisions match. Remove a filter.")).to_be_visible()
    auditor.get_by_role("list", name="Active filters").get_by_role("link").filter(has_text="Action").click()
    expect(auditor.get_by_role("table").locator("tbody").get_by_role("row")).to_have_count(1)


def test_a_wrong_password_opens_nothing(server: ConsentServer, visitor: Visitor) -> None:
    sign_in(visitor.page, server, "nobody@library.example", "not the password")
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    visitor.page.goto(f"{server.origin}/audit/")
    expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_visible()
