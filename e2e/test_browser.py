"""Browsers that refuse: nothing optional runs, and a refusal holds."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from e2e.customer import CustomerSite
from e2e.rows import Rows
from e2e.visitors import CHOICES, Visitor, is_decision

# Defined before anything of the page runs.
NO_COOKIES = """
Object.defineProperty(Document.prototype, 'cookie', { get: () => '', set() {} });
Object.defineProperty(Navigator.prototype, 'cookieEnabled', { get: () => false });"""
THROWING_COOKIES = """
const fail = () => { throw new DOMException('denied', 'SecurityError'); };
Object.defineProperty(Document.prototype, 'cookie', { get: fail, set: fail });"""
THROWING_STORAGE = """
for (const name of ['localStorage', 'sessionStorage'])
  Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError'); } });"""


@pytest.mark.parametrize("refusal", [NO_COOKIES, THROWING_COOKIES], ids=["ignored", "throwing"])
def test_blocked_cookies(library: CustomerSite, visitor: Visitor, rows: Rows, refusal: str) -> None:
    visitor.context.add_init_script(refusal)
    page = visitor.visit()
    with page.expect_response(is_decision):
        visitor.button("Accept all").click()
    expect(visitor.banner.get_by_text("Your browser blocks cookies")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert visitor.ran() == []
    assert library.tracked == []
    with page.expect_response(is_decision):
        visitor.button("Reject all").click()
    visitor.expect_closed()
    assert rows.all()[-1]["action"] == "reject_all"


def test_a_refusal_holds_where_an_earlier_grant_cannot_be_overwritten(
    library: CustomerSite, visitor: Visitor, rows: Rows
) -> None:
    page = visitor.visit()
    visitor.decide("Accept all")
    page.evaluate(
        "((kept) => Object.defineProperty(document, 'cookie', { get: () => kept, set() {} }))(document.cookie)"
    )
    answers = page.evaluate("""async () => {
      const after = visitorChoices.rejectAll();
      const during = visitorChoices.current.answer;
      return [during, (await after).answer, visitorChoices.current.answer, visitorChoices.allows('analytics')];
    }""")
    assert answers == ["rejected", "rejected", "rejected", False]


def test_a_refusal_is_in_force_and_kept_at_once(library: CustomerSite, visitor: Visitor) -> None:
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    answer, cookies = page.evaluate("visitorChoices.rejectAll() && [visitorChoices.current.answer, document.cookie]")
    assert answer == "rejected"
    assert f"{CHOICES}=v=1&" in cookies
    assert "a=reject_all&on=&g=" in cookies


def test_nothing_is_called_recorded_before_it_is(library: CustomerSite, visitor: Visitor) -> None:
    page = visitor.visit()
    visitor.decide("Reject all")
    said = page.evaluate("visitorChoices.rejectAll() && visitorChoices.current.recorded")
    assert said == "waiting"


def test_storage_that_throws(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    visitor.context.add_init_script(THROWING_STORAGE)
    page = visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    page.reload()
    visitor.expect_ran("video", "ga", "ads")
    assert rows.only()["visitor_id"] == visitor.visitor_id


def test_a_browser_without_locks_and_random_numbers(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    """As on a page without https."""
    visitor.context.add_init_script("""
      Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined });
      Object.defineProperty(window, 'crypto', { get: () => undefined });""")
    visitor.visit()
    visitor.decide("Reject all")
    assert rows.only()["visitor_id"] == visitor.visitor_id


def says(on: str, **path: str) -> dict[str, str]:
    """The readable cookie with these grants, of today."""
    today = datetime.now(UTC).date().isoformat()
    value = f"v=1&p=1&e=1&d={today}&a=custom&on={on}&g="
    return {"name": CHOICES, "value": value, "domain": ".ala.localhost", "path": "/", **path}


@pytest.mark.parametrize("value", ["", "yes", "v=2&p=1&e=1&d=2026-01-01&a=accept_all&on=analytics&g=", "on=analytics"])
def test_a_cookie_that_makes_no_sense_is_no_choice(library: CustomerSite, visitor: Visitor, value: str) -> None:
    visitor.context.add_cookies([{**says(""), "value": value}])  # type: ignore[typeddict-item]
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    page.wait_for_load_state("networkidle")
    assert library.tracked == []


def test_of_two_cookies_only_what_both_allow_counts(library: CustomerSite, visitor: Visitor) -> None:
    """One for a single path comes first, and hides the other from whoever reads only one."""
    both = [says("analytics"), says("functional,analytics,marketing", path="/shelf")]
    visitor.context.add_cookies(both)  # type: ignore[arg-type]
    library.answers["/shelf"] = library.answers["/"]
    visitor.visit("/shelf")
    visitor.expect_ran("ga")
    assert library.tracked == ["/ga.js"]
