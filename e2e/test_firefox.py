"""The core of it in Firefox: tests of other files, run again, and what only Firefox can show.

Its signal is a real one here: a preference, sent in the header and told to scripts by the browser itself.
"""

# ruff: noqa: F401 (tests and fixtures are imported to be run here)
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest
from playwright.sync_api import Browser, Playwright, expect

from e2e.browsers import NoBrowser
from e2e.conftest import NewVisitor
from e2e.customer import CustomerSite
from e2e.firefox import DARK, GPC, NO_PREFERENCES, Preferences, find_firefox, launch
from e2e.rows import Rows
from e2e.test_accessibility import ALL, still, violations
from e2e.test_gates import test_order_holds_within_a_provider, test_tags_added_later_wait_too
from e2e.test_hostile import (
    test_a_synthetic_accept_lets_nothing_run,
    test_an_accept_by_the_pages_script_lets_nothing_run,
)
from e2e.test_hostile_policies import test_strict_csp_and_trusted_types
from e2e.test_keyboard import (
    page,
    test_escape_in_the_dialog_is_no_choice,
    test_focus_goes_back_to_where_it_was,
    test_focus_is_never_behind_the_banner,
    test_it_comes_first_in_the_tab_order,
    test_reject_with_the_keyboard,
    test_the_dialog_keeps_the_focus_to_itself,
    test_the_outcome_is_announced,
)
from e2e.test_shape import shown, test_the_host_is_fixed_first_and_open, test_three_buttons_in_the_light_dom
from e2e.test_signals import GPC_WORDS, signal
from e2e.test_visitor import (
    test_a_choice_in_one_tab_closes_the_banner_in_the_other,
    test_a_foreign_site_has_a_visitor_of_its_own,
    test_accept_all_runs_everything_in_order_here_and_on_the_next_page,
    test_after_a_refusal_reload_asks_nothing_and_runs_nothing,
    test_another_host_of_the_site_knows_the_choice_and_the_visitor,
    test_custom_choice_runs_what_was_chosen_and_nothing_else,
    test_first_visit_requests_no_tracker,
    test_reject_all_closes_the_banner_in_the_next_frame,
)
from e2e.test_withdrawal import (
    test_taking_back_one_category_clears_only_its_own,
    test_withdrawal_clears_what_was_left_and_starts_the_page_afresh,
)
from e2e.visitors import Visitor

# What Firefox files among the errors of a page though no script threw anything: a cookie that was taken back on every
# domain it might be on, its own included, is refused on those that are nobody's.
NOTED = ("Cookie “",)


class Faults(list[str]):
    """What scripts threw."""

    def append(self, fault: str) -> None:
        if not fault.startswith(NOTED):
            super().append(fault)


@pytest.fixture(scope="module")
def launched(
    playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Preferences], Browser]]:
    """Firefox with these preferences: one for all tests that ask for the same."""
    try:
        path = find_firefox()
    except NoBrowser as reason:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(reason))
    with ExitStack() as undo:

        @cache
        def browser(preferences: Preferences) -> Browser:
            browser = launch(playwright, path, tmp_path_factory.mktemp("firefox"), preferences)
            undo.callback(browser.close)
            return browser

        yield browser


@pytest.fixture
def browser(request: pytest.FixtureRequest, launched: Callable[[Preferences], Browser]) -> Browser:
    """Firefox. Preferences are the fixture's parameter."""
    return launched(getattr(request, "param", NO_PREFERENCES))


@pytest.fixture
def new_visitor(new_visitor: NewVisitor) -> NewVisitor:
    """Makes visitors who go by Firefox's own name."""

    def make(**options: object) -> Visitor:
        visitor = new_visitor(**{"user_agent": None, **options})
        visitor.faults = Faults()
        return visitor

    return make


def test_the_record_names_firefox(library: CustomerSite, visitor: Visitor, browser: Browser, rows: Rows) -> None:
    visitor.visit()
    visitor.decide("Reject all")
    row = rows.only()
    assert row["visitor_id"] == visitor.visitor_id
    assert (row["action"], row["automated"]) == ("reject_all", "human")
    assert not any(row["choices"].values())
    assert (row["browser"], row["os"]) == (f"Firefox {browser.version.split('.')[0]}", "Linux")
    assert visitor.choices.endswith("&a=reject_all&on=&g=")


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize(
    ("browser", "dark"), [(NO_PREFERENCES, False), (DARK + GPC, True)], ids=["light", "dark"], indirect=["browser"]
)
def test_axe_finds_nothing(library: CustomerSite, visitor: Visitor, dark: bool, width: int) -> None:
    visitor.page.set_viewport_size({"width": width, "height": 800})
    visitor.visit()
    visitor.button("Reject all").wait_for()
    assert visitor.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is dark
    assert violations(visitor.page, ALL) == []
    visitor.button("Choose").click()
    expect(visitor.dialog).to_be_visible()
    assert violations(visitor.page, ALL) == []
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("browser", [DARK + GPC], indirect=True)
def test_gpc_is_honored_in_sight_and_a_refusal_recorded(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    visitor.visit()
    expect(visitor.banner.get_by_text(GPC_WORDS)).to_be_visible()
    visitor.decide("Reject all")
    row = rows.only()
    assert (row["action"], signal(row, "gpc")) == ("reject_all", (True, True, True))
    assert not any(row["choices"].values())
    assert library.tracked == []


@pytest.mark.parametrize("browser", [DARK + GPC], indirect=True)
def test_accept_all_while_gpc_is_on_is_an_express_choice(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    assert visitor.choices.endswith("&g=1")
    assert (rows.only()["action"], signal(rows.only(), "gpc")) == ("accept_all", (True, True, False))
