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


def test_pressing_a_button_to_decide_fetches_nothing_before_it_is_seen_done(
    profiler: CDPSession, visitor: Visitor
) -> None:
    """The click is for the decision alone: no part, no focus, no storage before the frame in which all is gone."""
    visitor.visit()
    button = visitor.button("Reject all")
    button.wait_for()
    visitor.page.evaluate("""() => {
      const seen = (window.seen = []);
      addEventListener('click', () => requestAnimationFrame(() => {
        seen.push(document.querySelector('visitor-choices').hidden);
        seen.push(performance.getEntriesByType('resource').filter(({ name }) => name.includes('/embed/')).length);
        seen.push(localStorage.length);
      }), { once: true });
    }""")
    visitor.requests.clear()
    button.hover()
    visitor.page.mouse.down()
    assert second_half_ran(profiler)
    assert visitor.requests == []
    visitor.page.mouse.up()
    visitor.page.wait_for_function("seen.length")
    assert visitor.page.evaluate("seen") == [True, 0, 0]
