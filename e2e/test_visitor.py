"""A visitor decides, and what was decided is what happens, here and on the next page."""

from contextlib import closing
from datetime import timedelta

from playwright.sync_api import Route, expect

from e2e.customer import CONNECT, FOREIGN, WORDS, CustomerSite
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor, is_decision

# Says, in the frame after a trusted click, whether the banner is still laid out.
NEXT_FRAME = """<script>
addEventListener('click', ({ isTrusted }) => requestAnimationFrame(() => {
  window.seen = { isTrusted, display: getComputedStyle(document.querySelector('visitor-choices')).display };
}), true);
</script>"""


def test_first_visit_requests_no_tracker(library: CustomerSite, visitor: Visitor) -> None:
    visitor.visit()
    visitor.button("Reject all").wait_for()
    visitor.page.wait_for_load_state("networkidle")
    assert visitor.ran() == []
    assert library.tracked == []
    assert [url for url in visitor.requests if "trackers." in url] == []
    assert visitor.context.cookies() == []


def test_first_visit_costs_one_request(library: CustomerSite, visitor: Visitor, server: ConsentServer) -> None:
    visitor.visit()
    visitor.button("Reject all").wait_for()
    visitor.page.wait_for_load_state("networkidle")
    assert [url for url in visitor.requests if url.startswith(server.origin)] == [f"{server.origin}/ala/choices.js"]


def test_reject_all_closes_the_banner_in_the_next_frame(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor
) -> None:
    customer.page(head=NEXT_FRAME + script, body=WORDS + trackers)
    page = visitor.visit()
    visitor.decide("Reject all")
    assert page.evaluate("window.seen") == {"isTrusted": True, "display": "none"}
    assert visitor.ran() == []
    assert customer.tracked == []


def test_reject_all_is_on_record(library: CustomerSite, visitor: Visitor, server: ConsentServer, rows: Rows) -> None:
    visitor.visit()
    answer = visitor.decide("Reject all")
    row = rows.only()
    assert row["visitor_id"] == visitor.visitor_id
    assert (row["site"], row["policy"], row["notice"]) == ("ala", 1, server.notice())
    assert (row["action"], row["surface"]) == ("reject_all", "banner")
    assert row["choices"] == {"functional": False, "analytics": False, "marketing": False}
    assert row["providers"] == {}
    assert [row[f"dnt_{part}"] for part in ("header", "js", "acted_on")] == [None, None, False]
    assert [row[f"gpc_{part}"] for part in ("header", "js", "acted_on")] == [False, False, False]
    assert (row["browser"], row["os"], row["device"]) == ("Chrome 140", "Linux", "desktop")
    assert row["automated"] == "human"
    assert row["page"] == library.address("").rstrip("/")
    assert abs(row["recorded_at"] - row["decided_at"]) < timedelta(minutes=1)
    assert row["expires_at"] - row["recorded_at"] == timedelta(days=180)
    assert answer.json()["event_id"] == str(row["event_id"])
    assert visitor.choices.startswith("v=1&p=1&e=1&d=") and visitor.choices.endswith("&a=reject_all&on=&g=")


def test_a_decision_is_recorded_on_either_database(
    either_server: ConsentServer, customer: CustomerSite, visitor: Visitor
) -> None:
    customer.page(head=f'<script async src="{either_server.origin}/ala/choices.js"></script>')
    with closing(Rows(either_server.database_url)) as rows:
        visitor.visit()
        visitor.decide("Accept all")
        row = rows.only()
    assert row["visitor_id"] == visitor.visitor_id
    assert (row["action"], row["notice"]) == ("accept_all", either_server.notice())
    assert row["choices"] == {"functional": True, "analytics": True, "marketing": True}


def test_after_a_refusal_reload_asks_nothing_and_runs_nothing(
    library: CustomerSite, visitor: Visitor, server: ConsentServer, rows: Rows
) -> None:
    visitor.visit()
    visitor.decide("Reject all")
    visitor.requests.clear()
    visitor.page.reload()
    visitor.page.wait_for_function("window.visitorChoices?.current.answer === 'rejected'")
    visitor.page.wait_for_load_state("networkidle")
    expect(visitor.banner).to_have_count(0)
    assert visitor.ran() == []
    assert library.tracked == []
    # The script comes from the cache, and nothing else is asked for.
    assert {url for url in visitor.requests if url.startswith(server.origin)} <= {f"{server.origin}/ala/choices.js"}
    assert len(rows.all()) == 1


def test_accept_all_runs_everything_in_order_here_and_on_the_next_page(
    library: CustomerSite, visitor: Visitor, rows: Rows
) -> None:
    visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    assert rows.only()["action"] == "accept_all"
    assert rows.only()["choices"] == {"functional": True, "analytics": True, "marketing": True}
    visitor.page.reload()
    visitor.expect_ran("video", "ga", "ads")
    expect(visitor.banner).to_have_count(0)
    assert len(rows.all()) == 1


def test_custom_choice_runs_what_was_chosen_and_nothing_else(
    library: CustomerSite, visitor: Visitor, server: ConsentServer, rows: Rows
) -> None:
    visitor.visit()
    visitor.button("Choose").click()
    for category in ("functional", "analytics", "marketing"):
        expect(visitor.dialog.locator(f"input[name={category}]")).not_to_be_checked()
    visitor.dialog.get_by_role("switch", name="Analytics").check()
    with visitor.page.expect_response(is_decision) as answer:
        visitor.dialog.get_by_role("button", name="Save choices").click()
    visitor.settled(answer.value)
    visitor.expect_closed()
    visitor.expect_ran("ga")
    assert library.tracked == ["/ga.js"]
    row = rows.only()
    assert (row["action"], row["surface"], row["notice"]) == ("custom", "preferences", server.notice())
    assert row["choices"] == {"functional": False, "analytics": True, "marketing": False}
    assert "&a=custom&on=analytics&" in visitor.choices


def test_the_dialog_shows_what_is_in_effect(library: CustomerSite, visitor: Visitor) -> None:
    visitor.visit()
    visitor.decide("Reject all")
    visitor.switch(analytics=True)
    visitor.page.locator('[data-choices="open"]').click()
    expect(visitor.dialog.get_by_role("switch", name="Analytics")).to_be_checked()
    expect(visitor.dialog.get_by_role("switch", name="Marketing")).not_to_be_checked()


def test_another_host_of_the_site_knows_the_choice_and_the_visitor(
    library: CustomerSite, visitor: Visitor, rows: Rows
) -> None:
    visitor.visit()
    visitor.decide("Reject all")
    page = visitor.visit(host=CONNECT)
    page.wait_for_function("window.visitorChoices?.current.answer === 'rejected'")
    expect(visitor.banner).to_have_count(0)
    visitor.switch(analytics=True)
    visitor.expect_ran("ga")
    assert [row["action"] for row in rows.of(visitor.visitor_id)] == ["reject_all", "custom"]
    visitor.visit()
    visitor.expect_ran("ga")


def test_a_foreign_site_has_a_visitor_of_its_own(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    visitor.visit()
    visitor.decide("Accept all")
    visitor.visit(host=FOREIGN)
    visitor.decide("Reject all")
    assert len(visitor.visitor_ids) == 2
    assert {row["visitor_id"] for row in rows.all()} == visitor.visitor_ids
    assert [row["action"] for row in rows.all()] == ["accept_all", "reject_all"]


def test_a_choice_in_one_tab_closes_the_banner_in_the_other(library: CustomerSite, visitor: Visitor) -> None:
    visitor.visit()
    visitor.button("Accept all").wait_for()
    other = visitor.context.new_page()
    other.goto(library.address())
    other.get_by_role("button", name="Accept all").click()
    expect(visitor.banner).to_be_hidden()
    visitor.expect_ran("video", "ga", "ads")
    assert visitor.page.evaluate("visitorChoices.current.answer") == "all"


def test_a_first_decision_in_two_tabs_at_once_mints_one_visitor(
    library: CustomerSite, visitor: Visitor, rows: Rows
) -> None:
    sent: list[Route] = []

    def hold_the_first(route: Route) -> None:
        sent.append(route)
        if len(sent) > 1:
            route.continue_()

    visitor.context.route("**/consents", hold_the_first)
    first = visitor.visit()
    visitor.button("Reject all").wait_for()
    second = visitor.context.new_page()
    second.goto(library.address())
    second.get_by_role("button", name="Reject all").wait_for()
    with first.expect_request("**/consents"):
        first.evaluate("void visitorChoices.rejectAll()")
    second.evaluate("void visitorChoices.rejectAll()")
    second.wait_for_function("navigator.locks.query().then(({ pending }) => pending.length === 1)")
    assert len(sent) == 1
    sent[0].continue_()
    for page in (first, second):
        page.wait_for_function("visitorChoices.current.recorded === 'server'")
    assert [row["visitor_id"] for row in rows.all()] == [visitor.visitor_id] * 2
