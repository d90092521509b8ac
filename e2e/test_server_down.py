"""The server is down, slow or wrong: what was decided holds, and is on record once."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from e2e.customer import CustomerSite
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor, is_decision

QUEUE = "visitor_choices_queue"
WAITING = "window.visitorChoices?.current.recorded === 'waiting'"
RECORDED = "window.visitorChoices?.current.recorded === 'server'"


def problem(status: int, kind: str, **members: Any) -> dict[str, Any]:
    """What a route answers in the server's place, as the server would."""
    body = {"type": f"http://privacy.ala.localhost/problems/{kind}", "title": kind, "status": status, **members}
    return {"status": status, "content_type": "application/problem+json", "body": json.dumps(body)}


def answer_for_the_server(
    visitor: Visitor, after: Callable[[], object] = lambda: None, **answer: Any
) -> list[dict[str, Any]]:
    """Answers the next decision in the server's place, `after` something, and lets the rest through; the decisions that
    were sent."""
    sent: list[dict[str, Any]] = []
    origin = visitor.customer.address("").rstrip("/")
    readable = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}

    def handle(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or ""))
        if len(sent) > 1:
            route.continue_()
        else:
            after()
            kind = answer.get("content_type", "text/html")
            route.fulfill(**{**answer, "headers": {**readable, "Content-Type": kind}})

    visitor.context.route("**/consents", handle)
    return sent


def queued(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(f"JSON.parse(localStorage.getItem('{QUEUE}') || '[]')")
    return found


def prepare(visitor: Visitor) -> None:
    """Moves to Choose, which fetches what is needed after a click; from now on the browser has it."""
    with visitor.page.expect_response("**/notices/*"):
        visitor.button("Choose").hover()
    visitor.page.wait_for_load_state("networkidle")


def test_server_killed_before_the_click_and_back_after(
    library: CustomerSite, visitor: Visitor, server: ConsentServer, rows: Rows
) -> None:
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    server.kill()
    page.evaluate("document.addEventListener('visitorchoices:unrecorded', () => { window.unrecorded = true; })")
    visitor.button("Reject all").click()
    visitor.expect_closed()
    page.wait_for_function("window.unrecorded")
    page.wait_for_function(WAITING)
    (waiting,) = queued(page)

    page.reload()
    page.wait_for_function("window.visitorChoices?.current.answer === 'rejected'")
    assert library.tracked == []
    server.start()
    page.reload()
    page.wait_for_function(RECORDED)
    assert str(rows.only()["event_id"]) == waiting["event_id"]
    assert rows.only()["visitor_id"] == visitor.visitor_id
    page.reload()
    page.wait_for_function(RECORDED)
    page.wait_for_load_state("networkidle")
    assert len(rows.all()) == 1
    assert queued(page) == []


def test_it_is_said_where_the_words_can_be_had(library: CustomerSite, visitor: Visitor, server: ConsentServer) -> None:
    page = visitor.visit()
    prepare(visitor)
    server.kill()
    visitor.button("Reject all").click()
    visitor.expect_closed()
    expect(page.get_by_text("Your choice is in effect. We could not record it yet")).to_be_attached()
    page.wait_for_function(WAITING)


def test_a_banner_from_the_cache_works_while_the_server_is_down(
    library: CustomerSite, visitor: Visitor, server: ConsentServer, rows: Rows
) -> None:
    """What lets tags go was never fetched, so nothing runs: not before the server is back."""
    visitor.visit()
    visitor.button("Choose").wait_for()
    server.kill()
    page = visitor.visit()
    visitor.button("Accept all").click()
    visitor.expect_closed()
    page.wait_for_function(WAITING)
    assert page.evaluate("visitorChoices.current.answer") == "all"
    assert library.tracked == []
    server.start()
    page.reload()
    visitor.expect_ran("video", "ga", "ads")
    page.wait_for_function(RECORDED)
    assert rows.only()["action"] == "accept_all"


def test_what_is_allowed_runs_where_the_parts_are_cached(
    library: CustomerSite, visitor: Visitor, server: ConsentServer
) -> None:
    page = visitor.visit()
    prepare(visitor)
    server.kill()
    visitor.button("Accept all").click()
    visitor.expect_ran("video", "ga", "ads")
    page.wait_for_function(WAITING)


def test_choose_leads_to_the_choices_page_where_the_dialog_cannot_be_had(
    library: CustomerSite, visitor: Visitor, server: ConsentServer
) -> None:
    visitor.visit()
    visitor.button("Choose").wait_for()
    server.kill()
    page = visitor.visit()
    with page.expect_request(f"{server.origin}/ala/choices") as asked:
        visitor.button("Choose").click()
    assert asked.value.is_navigation_request()


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 200, "content_type": "text/html", "body": "<h1>Sign in to the library's network</h1>"},
        {"status": 201, "content_type": "application/json", "body": "{}"},
        {"status": 204, "body": ""},
        {"status": 500, "content_type": "text/html", "body": "<h1>Oops</h1>"},
        {"status": 503, "content_type": "application/problem+json", "body": "{}"},
        {"status": 404, "content_type": "text/html", "body": "<h1>Gone</h1>"},
    ],
    ids=lambda answer: str(answer["status"]),
)
def test_a_wrong_answer_is_no_delivery(
    library: CustomerSite, visitor: Visitor, rows: Rows, answer: dict[str, Any]
) -> None:
    sent = answer_for_the_server(visitor, **answer)
    page = visitor.visit()
    visitor.button("Reject all").click()
    visitor.expect_closed()
    expect(page.get_by_text("We could not record it yet")).to_be_attached()
    page.wait_for_function(WAITING)
    assert rows.all() == []
    page.reload()
    page.wait_for_function(RECORDED)
    assert [one["event_id"] for one in sent] == [str(rows.only()["event_id"])] * 2


def test_too_many_requests_is_waited_out(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    answer = problem(429, "too-many-requests")
    sent = answer_for_the_server(visitor, **answer)
    page = visitor.visit()
    visitor.button("Reject all").click()
    page.wait_for_function(WAITING)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_load_state("networkidle")
    assert len(sent) == 1
    page.reload()
    page.wait_for_function(RECORDED)
    assert str(rows.only()["event_id"]) == sent[0]["event_id"]


def test_a_wrong_clock_mints_the_event_anew(
    library: CustomerSite, visitor: Visitor, server: ConsentServer, rows: Rows
) -> None:
    """The browser lives in another year; the server says what time it is."""
    page = visitor.page
    page.clock.set_fixed_time("2031-01-01T00:00:00Z")
    answers = []
    page.on("response", lambda response: answers.append(response.status) if is_decision(response) else None)
    visitor.visit()
    visitor.button("Accept all").click()
    page.wait_for_function(RECORDED)
    assert answers == [422, 201]
    row = rows.only()
    assert row["decided_at"].year == 2031
    assert row["action"] == "accept_all"
    visitor.expect_ran("video", "ga", "ads")


def test_a_refusal_whose_id_is_taken_is_sent_once_more(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    sent = answer_for_the_server(visitor, **problem(409, "conflict"))
    page = visitor.visit()
    visitor.button("Reject all").click()
    page.wait_for_function(RECORDED)
    assert len(sent) == 2
    assert sent[0]["event_id"] != sent[1]["event_id"]
    assert str(rows.only()["event_id"]) == sent[1]["event_id"]


def test_a_grant_under_a_stale_notice_goes_back_to_undecided(
    library: CustomerSite, visitor: Visitor, rows: Rows
) -> None:
    """What had run before the answer came is undone."""
    sent = answer_for_the_server(
        visitor, lambda: visitor.expect_ran("video", "ga", "ads"), **problem(422, "stale-notice")
    )
    page = visitor.visit()
    with page.expect_navigation():
        visitor.button("Accept all").click()
    expect(visitor.button("Accept all")).to_be_visible()
    page.wait_for_function("!/_ga|_sample_ads|sample_video_prefs/.test(document.cookie)")
    assert visitor.ran() == []
    assert visitor.context.cookies() == []
    assert rows.all() == []
    assert len(sent) == 1


def test_an_end_is_an_end(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    """Erased elsewhere: the event is not sent again, and the refusal holds."""
    sent = answer_for_the_server(visitor, **problem(410, "erased"))
    page = visitor.visit()
    visitor.button("Reject all").click()
    page.wait_for_function("window.visitorChoices.current.recorded === 'never'")
    assert queued(page) == []
    page.reload()
    page.wait_for_function("window.visitorChoices?.current.answer === 'rejected'")
    page.wait_for_load_state("networkidle")
    assert len(sent) == 1
    assert rows.all() == []


def test_the_next_decision_does_not_share_the_end_of_the_one_before(
    library: CustomerSite, visitor: Visitor, rows: Rows
) -> None:
    answer_for_the_server(visitor, **problem(410, "erased"))
    page = visitor.visit()
    visitor.button("Reject all").click()
    page.wait_for_function("window.visitorChoices.current.recorded === 'never'")
    visitor.switch(analytics=True)
    assert rows.only()["action"] == "custom"


def test_the_page_obeys_a_stricter_answer(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    """A header alone carries the signal: the script could not see it, so the server refuses for it."""
    visitor.context.set_extra_http_headers({"Sec-GPC": "1"})
    page = visitor.visit()
    with page.expect_response(is_decision):
        visitor.button("Accept all").click()
    page.wait_for_function("visitorChoices.current.categories.marketing === false")
    # What ran before the answer came goes with the page.
    expect(page.locator("html")).to_have_attribute("data-ran", re.compile("^(video ga|ga video)$"))
    assert rows.all()[0]["choices"]["marketing"] is False
    assert "marketing" not in visitor.choices
