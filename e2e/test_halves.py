"""The script is in two halves: who only reads the banner, or has refused and comes back, is spared the second."""

from typing import Any

import pytest
from playwright.sync_api import CDPSession

from e2e.customer import CustomerSite
from e2e.visitors import Visitor


@pytest.fixture
def profiler(customer: CustomerSite, script: str, visitor: Visitor) -> CDPSession:
    customer.page(head=script)
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("Profiler.enable")
    session.send("Profiler.startPreciseCoverage", {"callCount": True, "detailed": False})
    return session


def second_half_ran(profiler: CDPSession) -> bool:
    """Whether the function that holds the second half of our script has been called on this page: it is the one that is
    long and does not begin with the script."""
    scripts: list[dict[str, Any]] = profiler.send("Profiler.takePreciseCoverage")["result"]
    (ours,) = [script for script in scripts if "/choices." in script["url"]]
    places = [function["ranges"][0] for function in ours["functions"]]
    halves = [
        place for place in places if place["startOffset"] > 100 and place["endOffset"] - place["startOffset"] > 4000
    ]
    assert halves, "nothing in the script is long"
    return any(half["count"] for half in halves)


def test_whoever_reads_the_banner_needs_one_half(profiler: CDPSession, visitor: Visitor) -> None:
    visitor.visit()
    visitor.button("Reject all").wait_for()
    assert not second_half_ran(profiler)


def test_whoever_has_refused_needs_one_half_on_the_next_page(profiler: CDPSession, visitor: Visitor) -> None:
    visitor.visit()
    visitor.decide("Reject all")
    visitor.visit()
    assert not second_half_ran(profiler)
    assert visitor.page.evaluate("visitorChoices.current.answer") == "rejected"
    assert second_half_ran(profiler)


def test_whoever_has_allowed_needs_both(profiler: CDPSession, visitor: Visitor) -> None:
    visitor.visit()
    visitor.decide("Accept all")
    visitor.visit()
    assert second_half_ran(profiler)
