"""Pages, browsers and servers at their worst: nothing optional runs, a refusal holds, and nothing is lost."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from e2e.customer import WORDS, CustomerSite, gated, gated_inline, noting
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor, is_decision

QUEUE = "visitor_choices_queue"
WAITING = "window.visitorChoices?.current.recorded === 'waiting'"
RECORDED = "window.visitorChoices?.current.recorded === 'server'"
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


def problem(status: int, kind: str, **members: Any) -> dict[str, Any]:
    """What a route answers in the server's place, as the server would."""
    body = {"type": f"http://privacy.ala.localhost/problems/{kind}", "title": kind, "status": status, **members}
    return {"status": status, "content_type": "application/problem+json", "body": json.dumps(body)}


def answer_for_the_server(visitor: Visitor, **answer: Any) -> list[dict[str, Any]]:
    """Answers the next decision in the server's place, and lets the rest through; the decisions that were sent."""
    sent: list[dict[str, Any]] = []
    origin = visitor.customer.address("").rstrip("/")
    readable = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}

    def handle(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or ""))
        if len(sent) > 1:
            route.continue_()
        else:
            kind = answer.get("content_type", "text/html")
            route.fulfill(**{**answer, "headers": {**readable, "Content-Type": kind}})

    visitor.context.route("**/consents", handle)
    return sent


def queued(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(f"JSON.parse(localStorage.getItem('{QUEUE}') || '[]')")
    return found


# The browser refuses


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


# The server is down, slow or wrong


def test_server_killed_before_the_click_and_back_after(
    library: CustomerSite, visitor: Visitor, server: ConsentServer, rows: Rows
) -> None:
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    server.kill()
    visitor.button("Reject all").click()
    visitor.expect_closed()
    expect(page.get_by_text("Your choice is in effect. We could not record it yet")).to_be_attached()
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


def test_a_banner_from_the_cache_works_while_the_server_is_down(
    library: CustomerSite, visitor: Visitor, server: ConsentServer, rows: Rows
) -> None:
    visitor.visit()
    visitor.button("Choose").wait_for()
    server.kill()
    page = visitor.visit()
    visitor.button("Choose").click()
    expect(visitor.banner.get_by_text("The detailed choices could not be loaded")).to_be_visible()
    visitor.button("Accept all").click()
    visitor.expect_ran("video", "ga", "ads")
    server.start()
    page.reload()
    page.wait_for_function(RECORDED)
    assert rows.only()["action"] == "accept_all"


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
    """No provider had run yet, so nothing has to be undone but the choice."""
    sent = answer_for_the_server(visitor, **problem(422, "stale-notice"))
    page = visitor.visit()
    visitor.button("Accept all").click()
    page.wait_for_function("window.visitorChoices.current.answer === 'none'")
    expect(visitor.button("Accept all")).to_be_visible()
    assert visitor.cookies("visitor_choices") == []
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


def test_the_page_obeys_a_stricter_answer(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    """A header alone carries the signal: the script could not see it, so the server refuses for it."""
    visitor.context.set_extra_http_headers({"Sec-GPC": "1"})
    page = visitor.visit()
    with page.expect_response(is_decision):
        visitor.button("Accept all").click()
    page.wait_for_function("visitorChoices.current.categories.marketing === false")
    visitor.expect_ran("video", "ga")
    assert rows.all()[0]["choices"]["marketing"] is False
    assert "marketing" not in visitor.choices


# The page is strict, careless or broken


def test_strict_csp_and_trusted_types(customer: CustomerSite, server: ConsentServer, visitor: Visitor) -> None:
    nonce = ' nonce="n0nce"'
    listen = f"""<script{nonce}>window.violations = [];
      document.addEventListener('securitypolicyviolation', ({{ violatedDirective, sourceFile, blockedURI }}) =>
        violations.push([violatedDirective, sourceFile, blockedURI]));</script>"""
    inline = gated_inline(noting("inline"), "analytics", attributes=nonce)
    customer.page(
        head=f'{listen}<script async{nonce} src="{server.origin}/ala/choices.js"></script>',
        body=WORDS + inline + gated(customer.tracker("ga"), "analytics", attributes=nonce),
        Content_Security_Policy=(
            f"default-src 'none'; script-src 'nonce-n0nce' 'strict-dynamic'; connect-src {server.origin}; "
            "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types visitor-choices"
        ),
    )
    page = visitor.visit()
    visitor.button("Choose").click()
    visitor.dialog.get_by_role("button", name="Close").click()
    visitor.decide("Accept all")
    visitor.expect_ran("inline", "ga")
    # Nothing may be reloaded here, or the reports would be gone.
    visitor.switch(marketing=False)
    page.wait_for_function("!navigator.serviceWorker?.controller")
    assert page.evaluate("violations") == []


@pytest.mark.parametrize(
    "css",
    [
        "* { all: unset !important }",
        "body * { display: none !important }",
        "body > *, button { position: static !important; opacity: 0 !important; transform: scale(0) !important }",
        "button { width: 1px !important; height: 1px !important; font-size: 0 !important; color: #fff !important }",
        "[data-action='reject-all'] { visibility: hidden !important; flex: 0 0 1px !important; padding: 0 !important }",
    ],
)
def test_page_css_cannot_bend_the_banner(
    customer: CustomerSite, script: str, visitor: Visitor, rows: Rows, css: str
) -> None:
    customer.page(head=f"<style>{css}</style>{script}")
    visitor.visit()
    reject, accept = visitor.button("Reject all"), visitor.button("Accept all")
    boxes = []
    for button in (reject, accept):
        expect(button).to_be_visible()
        box = button.bounding_box()
        assert box is not None and box["width"] >= 44 and box["height"] >= 44
        boxes.append((box["width"], box["height"], box["y"]))
    assert boxes[0] == boxes[1]
    look = "b => { const s = getComputedStyle(b); return [s.opacity, s.color, s.backgroundColor, s.font] }"
    assert reject.evaluate(look) == accept.evaluate(look)
    assert reject.evaluate(look)[0] == "1"
    visitor.decide("Reject all")
    assert rows.only()["action"] == "reject_all"


def test_a_replaced_body_gets_the_banner_back(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    customer.page(head=script)
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    page.evaluate("document.body = document.createElement('body'); document.body.append('Another page')")
    expect(visitor.button("Reject all")).to_be_visible()
    assert page.evaluate("document.body.firstElementChild.localName") == "visitor-choices"
    visitor.decide("Reject all")
    page.evaluate("document.body = document.createElement('body')")
    visitor.expect_closed()


def test_a_body_emptied_by_a_framework_gets_the_banner_back(
    customer: CustomerSite, script: str, visitor: Visitor
) -> None:
    customer.page(head=script)
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    page.evaluate("document.body.replaceChildren('Another page')")
    visitor.decide("Reject all")


def test_the_script_twice_is_the_script_once(
    library: CustomerSite, script: str, trackers: str, visitor: Visitor, rows: Rows
) -> None:
    library.page(head=script + script, body=WORDS + trackers + script)
    page = visitor.visit()
    visitor.button("Accept all").wait_for()
    page.wait_for_load_state("networkidle")
    expect(visitor.banner).to_have_count(1)
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    assert sorted(library.tracked) == ["/ads.js", "/ga.js", "/video.js"]
    assert len(rows.all()) == 1


def test_a_page_that_shadows_document_properties(
    customer: CustomerSite, script: str, visitor: Visitor, rows: Rows
) -> None:
    customer.page(body=f'<img name="currentScript" alt=""><form name="readyState"></form>{WORDS}{script}')
    visitor.visit()
    visitor.decide("Reject all")
    assert rows.only()["action"] == "reject_all"


@pytest.mark.parametrize(
    "pollution",
    [
        "Object.prototype.each = function () {}; Object.prototype.marketing = true; Array.prototype.each = () => {};",
        "Array.prototype.toJSON = () => 'broken'; String.prototype.toJSON = () => '?';",
        "Array.from = (list) => [].slice.call(list);",
        "window.config = window.first = window.stored = 1; window.Node = window.Text = window.Event = undefined;",
    ],
    ids=["inherited", "toJSON", "Array.from", "globals"],
)
def test_a_page_that_pollutes_prototypes(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor, rows: Rows, pollution: str
) -> None:
    customer.page(head=f"<script>{pollution}</script>{script}", body=WORDS + trackers)
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    page.wait_for_load_state("networkidle")
    assert customer.tracked == []
    visitor.decide("Reject all")
    row = rows.only()
    assert row["action"] == "reject_all"
    assert row["choices"] == {"functional": False, "analytics": False, "marketing": False}
    assert customer.tracked == []


# Clicks that no person made


CLICK = """<script>document.addEventListener('visitorchoices:open', () => setTimeout(() =>
  document.querySelector('[data-action="{}"]').click()));</script>"""


def test_a_synthetic_accept_lets_nothing_run(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor, rows: Rows
) -> None:
    customer.page(head=CLICK.format("accept-all") + script, body=WORDS + trackers)
    with visitor.page.expect_response(is_decision) as answer:
        page = visitor.visit()
    assert answer.value.status == 201
    page.wait_for_load_state("networkidle")
    expect(visitor.button("Accept all")).to_be_visible()
    assert page.evaluate("visitorChoices.current.answer") == "none"
    assert customer.tracked == []
    row = rows.only()
    assert (row["action"], row["surface"], row["automated"]) == ("accept_all", "api", "suspected")
    assert not any(row["choices"].values())
    assert visitor.context.cookies() == []
    assert row["visitor_id"] is None


def test_an_accept_by_the_pages_script_lets_nothing_run(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor, rows: Rows
) -> None:
    call = "(window.visitorChoices = []).push(choices => choices.acceptAll())"
    customer.page(head=f"<script>{call}</script>{script}", body=WORDS + trackers)
    with visitor.page.expect_response(is_decision):
        page = visitor.visit()
    page.wait_for_load_state("networkidle")
    assert customer.tracked == []
    assert rows.only()["automated"] == "suspected"


def test_a_synthetic_reject_works(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor, rows: Rows
) -> None:
    customer.page(head=CLICK.format("reject-all") + script, body=WORDS + trackers)
    with visitor.page.expect_response(is_decision):
        visitor.visit()
    visitor.expect_closed()
    row = rows.only()
    assert (row["action"], row["visitor_id"]) == ("reject_all", visitor.visitor_id)


# The link that opens the choices


def test_the_pages_own_link_opens_the_choices(
    customer: CustomerSite, script: str, server: ConsentServer, visitor: Visitor
) -> None:
    link = f'<footer><a data-choices="open" href="{server.origin}/ala/choices">Your choices</a></footer>'
    customer.page(head=script, body=WORDS + link)
    page = visitor.visit()
    visitor.decide("Reject all")
    expect(page.locator("[data-choices=open]")).to_have_count(1)
    page.locator("[data-choices=open]").click()
    expect(visitor.dialog).to_be_visible()
    assert page.url == customer.address()


def test_a_page_without_a_link_gets_one(
    customer: CustomerSite, script: str, server: ConsentServer, visitor: Visitor
) -> None:
    customer.page(head=script)
    page = visitor.visit()
    visitor.decide("Reject all")
    link = page.get_by_role("link", name="Your choices")
    expect(link).to_have_attribute("href", f"{server.origin}/ala/choices")
    link.click()
    expect(visitor.dialog).to_be_visible()
