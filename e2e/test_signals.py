"""Do Not Track and Global Privacy Control, as browsers send them: in a header and to scripts."""

from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route, expect

from e2e.conftest import NewVisitor
from e2e.customer import CustomerSite
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor, is_decision

DNT_WORDS = "Your browser sent Do Not Track. We record it but do not respond automatically. Your choice here counts."
GPC_WORDS = "Opt-out request honored. Your browser sent Global Privacy Control, so marketing is off."
DEFINE = "Object.defineProperty(Navigator.prototype, '{}', {{ get: () => {}, configurable: true }});"


def signal(row: dict[str, Any], name: str) -> tuple[Any, Any, Any]:
    return row[f"{name}_header"], row[f"{name}_js"], row[f"{name}_acted_on"]


def send_gpc(visitor: Visitor) -> None:
    """Switches the signal on, from the next page on."""
    visitor.context.set_extra_http_headers({"Sec-GPC": "1"})
    visitor.context.add_init_script(DEFINE.format("globalPrivacyControl", "true"))


@pytest.fixture
def dnt_visitor(new_visitor: NewVisitor) -> Visitor:
    visitor = new_visitor(extra_http_headers={"DNT": "1"})
    visitor.context.add_init_script(DEFINE.format("doNotTrack", "'1'"))
    return visitor


@pytest.fixture
def gpc_visitor(visitor: Visitor) -> Visitor:
    send_gpc(visitor)
    return visitor


def test_dnt_is_said_and_recorded_and_not_acted_on(library: CustomerSite, dnt_visitor: Visitor, rows: Rows) -> None:
    dnt_visitor.visit()
    expect(dnt_visitor.banner.get_by_text(DNT_WORDS)).to_be_visible()
    dnt_visitor.decide("Accept all")
    dnt_visitor.expect_ran("video", "ga", "ads")
    row = rows.only()
    assert signal(row, "dnt") == ("1", "1", False)
    assert signal(row, "gpc") == (False, False, False)
    assert all(row["choices"].values())
    assert dnt_visitor.choices.endswith("&g=")


def test_without_signals_none_is_spoken_of(library: CustomerSite, visitor: Visitor) -> None:
    visitor.visit()
    visitor.button("Reject all").wait_for()
    expect(visitor.banner.get_by_text("Do Not Track")).to_have_count(0)
    expect(visitor.banner.get_by_text("Global Privacy Control")).to_have_count(0)


def test_gpc_is_honored_in_sight_and_a_refusal_recorded(
    library: CustomerSite, gpc_visitor: Visitor, rows: Rows
) -> None:
    gpc_visitor.visit()
    expect(gpc_visitor.banner.get_by_text(GPC_WORDS)).to_be_visible()
    gpc_visitor.decide("Reject all")
    row = rows.only()
    assert (row["action"], signal(row, "gpc")) == ("reject_all", (True, True, True))
    assert not any(row["choices"].values())
    assert library.tracked == []


def test_accept_all_while_gpc_is_on_is_an_express_choice(
    library: CustomerSite, gpc_visitor: Visitor, rows: Rows
) -> None:
    page = gpc_visitor.visit()
    gpc_visitor.decide("Accept all")
    gpc_visitor.expect_ran("video", "ga", "ads")
    assert gpc_visitor.choices.endswith("&g=1")
    row = rows.only()
    assert (row["action"], signal(row, "gpc")) == ("accept_all", (True, True, False))
    assert all(row["choices"].values())
    page.reload()
    gpc_visitor.expect_ran("video", "ga", "ads")
    assert len(rows.all()) == 1


def allow_all_then_send_gpc(visitor: Visitor) -> Page:
    """What was allowed is stored; from the next page on the browser says otherwise."""
    page = visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    send_gpc(visitor)
    return page


def test_gpc_overrides_a_stored_grant_and_says_so_once(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    page = allow_all_then_send_gpc(visitor)
    sent: list[Request] = []
    visitor.context.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    with page.expect_response(is_decision) as answer:
        page.reload()
    assert answer.value.status == 201
    visitor.expect_ran("video", "ga")
    page.wait_for_function("!/_sample_ads/.test(document.cookie)")
    line = page.locator("visitor-choices-line")
    expect(line.get_by_role("status")).to_have_text(GPC_WORDS)
    expect(line).to_be_in_viewport()

    event = rows.all()[-1]
    assert (event["action"], event["visitor_id"], signal(event, "gpc")) == ("signal", None, (True, True, True))
    assert event["choices"] == {"functional": True, "analytics": True, "marketing": False}
    assert "cookie" not in sent[0].all_headers()
    assert "set-cookie" not in answer.value.all_headers()
    page.wait_for_function("localStorage.visitor_choices_signal")

    page.reload()
    visitor.expect_ran("video", "ga")
    page.wait_for_load_state("networkidle")
    assert len(sent) == 1
    assert len(rows.all()) == 2
    assert line.count() == 0


def test_what_gpc_took_back_can_be_allowed_again_expressly(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    page = allow_all_then_send_gpc(visitor)
    with page.expect_response(is_decision):
        page.reload()
    page.locator('[data-choices="open"]').click()
    expect(visitor.dialog.locator("input[name=marketing]")).not_to_be_checked()
    visitor.dialog.get_by_role("button", name="Close").click()
    visitor.switch(marketing=True)
    visitor.expect_ran("video", "ga", "ads")
    assert visitor.choices.endswith("&g=1")
    row = rows.all()[-1]
    assert (row["action"], signal(row, "gpc")) == ("custom", (True, True, False))
    assert row["choices"] == {"functional": True, "analytics": True, "marketing": True}
    page.reload()
    visitor.expect_ran("video", "ga", "ads")
    page.wait_for_load_state("networkidle")
    assert [row["action"] for row in rows.all()] == ["accept_all", "signal", "custom"]


def test_two_tabs_report_a_signal_once(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    first = allow_all_then_send_gpc(visitor)
    second = visitor.context.new_page()
    held: list[Route] = []
    visitor.context.route("**/consents", lambda route: route.continue_() if held else held.append(route))
    with first.expect_request("**/consents"):
        first.reload()
    visitor.page = second
    visitor.visit()
    visitor.expect_ran("video", "ga")
    second.wait_for_load_state("networkidle")
    held[0].continue_()
    second.wait_for_function("localStorage.visitor_choices_signal")
    second.wait_for_load_state("networkidle")
    assert [row["action"] for row in rows.all()] == ["accept_all", "signal"]


def test_a_signal_is_acted_on_while_the_server_is_down_and_reported_after(
    library: CustomerSite, visitor: Visitor, server: ConsentServer, rows: Rows
) -> None:
    page = allow_all_then_send_gpc(visitor)
    server.kill()
    page.reload()
    visitor.expect_ran("video", "ga")
    assert page.evaluate("visitorChoices.current.categories.marketing") is False
    server.start()
    with page.expect_response(is_decision) as answer:
        page.reload()
    assert answer.value.status == 201
    page.wait_for_function("!/_sample_ads/.test(document.cookie)")
    assert [row["action"] for row in rows.all()] == ["accept_all", "signal"]


def test_gpc_on_a_first_visit_sends_nothing(library: CustomerSite, gpc_visitor: Visitor, rows: Rows) -> None:
    page = gpc_visitor.visit()
    gpc_visitor.button("Reject all").wait_for()
    page.wait_for_load_state("networkidle")
    assert rows.all() == []
    assert gpc_visitor.context.cookies() == []
