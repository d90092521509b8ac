"""The page's self-check: what ran and should not have is told by name, without saying who was there."""

import json
from http.cookies import SimpleCookie

from playwright.sync_api import Request
from sqlalchemy import create_engine, text

from e2e.customer import WORDS, WWW, CustomerSite
from e2e.servers import ConsentServer
from e2e.visitors import Visitor

STRANGER = "connect.ala.localhost"
DECLARED = "www.google-analytics.com"


def findings(server: ConsentServer) -> set[tuple[str, str, str]]:
    engine = create_engine(server.database_url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT fault, kind, name FROM finding WHERE site = 'ala'"))
        found = {(row[0], row[1], row[2]) for row in rows}
    engine.dispose()
    return found


def is_report(request: Request) -> bool:
    return request.url.endswith("/v1/sites/ala/findings")


def test_what_ran_before_the_choice_is_found(
    customer: CustomerSite, server: ConsentServer, script: str, visitor: Visitor
) -> None:
    """An old page that loads from a declared tracker's host and from a stranger without waiting for anybody."""
    customer.put("/old.js", "document.cookie = 'stray_4f6a8b1c2d=1'", "text/javascript")
    loaded = [customer.address("/old.js", STRANGER), f"https://{DECLARED}/ga.js"]
    customer.page(head=script + "".join(f"<script src={url}></script>" for url in loaded), body=WORDS)
    visitor.page.route(f"https://{DECLARED}/**", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page = visitor.visit()
    with page.expect_request(is_report) as sent:
        visitor.decide("Reject all")
    answer = sent.value.response()
    assert answer is not None and answer.status == 204
    body = json.loads(sent.value.post_data or "")
    assert body["page"] == customer.address("", WWW).rstrip("/")
    assert set(body) == {"page", "undeclared", "not_allowed"}
    headers = sent.value.all_headers()
    assert not SimpleCookie(headers.get("cookie", ""))
    assert findings(server) >= {
        ("undeclared", "host", STRANGER),
        ("undeclared", "cookie", "stray_*"),
        ("not-allowed", "host", DECLARED),
    }


def test_a_page_in_order_reports_nothing(library: CustomerSite, server: ConsentServer, visitor: Visitor) -> None:
    page = visitor.visit()
    # The check asks for the registry; what it says to it, it says then.
    with page.expect_response(lambda answer: answer.url.endswith("/v1/sites/ala/config")) as asked:
        visitor.decide("Reject all")
    asked.value.finished()
    page.wait_for_load_state("networkidle")
    assert [url for url in visitor.requests if url.endswith("/findings")] == []
