"""Taking back what was allowed."""

from e2e.customer import CustomerSite
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor


def test_withdrawal_clears_what_was_left_and_starts_the_page_afresh(
    library: CustomerSite, visitor: Visitor, rows: Rows
) -> None:
    page = visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    left = {"_ga", "_ga_1", "_sample_ads", "sample_video_prefs"}
    assert {str(cookie["name"]) for cookie in visitor.context.cookies()} >= left
    page.evaluate("document.cookie = 'session=1; Path=/'; window.old = true")
    with page.expect_navigation():
        visitor.switch(functional=False, analytics=False, marketing=False)
    page.wait_for_function("window.visitorChoices?.current.answer === 'rejected' && !window.old")
    page.wait_for_function("!/_ga|_sample_ads|sample_video_prefs/.test(document.cookie)")
    # The cookie of the library's own that no provider declares stays.
    assert visitor.cookies("session")
    assert visitor.ran() == []
    actions = [row["action"] for row in rows.of(visitor.visitor_id)]
    assert actions == ["accept_all", "withdraw"]
    assert not any(rows.all()[-1]["choices"].values())


def test_taking_back_one_category_clears_only_its_own(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    page = visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    with page.expect_navigation():
        visitor.switch(analytics=False)
    visitor.expect_ran("video", "ads")
    page.wait_for_function("!/_ga/.test(document.cookie)")
    assert visitor.cookies("_sample_ads")
    assert rows.all()[-1]["choices"] == {"functional": True, "analytics": False, "marketing": True}


def test_withdrawal_clears_declared_storage(library: CustomerSite, visitor: Visitor, server: ConsentServer) -> None:
    """ALA's site file declares no storage of optional providers: here one of them does."""
    config = server.get_json("/v1/sites/ala/config")
    analytics = next(provider for provider in config["providers"] if provider["key"] == "google-analytics")
    analytics["trackers"].append({"kind": "storage", "name": "_ga_store*", "host": "*.ala.org"})
    everyone = {"Access-Control-Allow-Origin": "*"}
    visitor.context.route("**/v1/sites/ala/config", lambda route: route.fulfill(json=config, headers=everyone))
    page = visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    page.evaluate("for (const store of [localStorage, sessionStorage]) store._ga_store1 = store.mine = 1")
    with page.expect_navigation():
        visitor.switch(analytics=False)
    page.wait_for_function("!localStorage._ga_store1 && !sessionStorage._ga_store1")
    assert page.evaluate("[localStorage.mine, sessionStorage.mine]") == ["1", "1"]


def test_withdrawal_without_anything_having_run_does_not_reload(
    customer: CustomerSite, script: str, visitor: Visitor
) -> None:
    customer.page(head=script)
    page = visitor.visit()
    visitor.decide("Accept all")
    page.evaluate("document.cookie = '_ga=1; Path=/'; window.old = true")
    visitor.switch(functional=False, analytics=False, marketing=False)
    page.wait_for_function("!/_ga/.test(document.cookie)")
    assert page.evaluate("window.old") is True
