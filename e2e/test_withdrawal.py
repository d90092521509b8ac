"""Taking back what was allowed: it is gone, and what is not gone is said."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect

from e2e.customer import WORDS, CustomerSite, gated
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor
from e2e.waiting import wait_for

# What the script keeps until it has looked whether all is gone.
LOOKED = "!localStorage.visitor_choices_clear"
GONE = "!/_ga|_sample_ads|sample_video_prefs/.test(document.cookie)"
ONLY_GA = "Cookies that could not be removed: 1 (_ga). You can delete them in your browser settings."
# A tag that nobody has marked, and that goes on whatever is decided.
STUBBORN = "<script>setInterval(() => { document.cookie = '_ga=1; Path=/'; }, 50);</script>"
DATABASE = """() => new Promise((done, fail) => {
  const request = indexedDB.open('_ga_database');
  request.onsuccess = () => { request.result.close(); done(); };
  request.onerror = fail;
})"""


def line(page: Page) -> Locator:
    """What the script says at the edge of the page."""
    return page.locator("visitor-choices-line")


def take_back(visitor: Visitor, *categories: str) -> None:
    """Switches categories off in the dialog, and waits for the fresh page on which that is recorded."""
    page = visitor.page
    page.locator('[data-choices="open"]').click()
    for category in categories:
        visitor.dialog.locator(f"input[name={category}]").uncheck()
    with page.expect_navigation():
        visitor.dialog.get_by_role("button", name="Save choices").click()
    page.wait_for_function("window.visitorChoices?.current.recorded === 'server'")


def declare_storage(visitor: Visitor, server: ConsentServer) -> None:
    """ALA's site file declares no storage of optional providers: from now on one of them does."""
    config = server.get_json("/v1/sites/ala/config")
    analytics = next(provider for provider in config["providers"] if provider["key"] == "google-analytics")
    analytics["trackers"].append({"kind": "storage", "name": "_ga_*", "host": "*.ala.org"})
    everyone = {"Access-Control-Allow-Origin": "*"}
    visitor.context.route("**/v1/sites/ala/config", lambda route: route.fulfill(json=config, headers=everyone))


def asked_for_the_list(visitor: Visitor) -> bool:
    return any(address.endswith("/v1/sites/ala/config") for address in visitor.requests)


def test_withdrawal_clears_what_was_left_and_starts_the_page_afresh(
    library: CustomerSite, visitor: Visitor, rows: Rows
) -> None:
    page = visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    left = {"_ga", "_ga_1", "_sample_ads", "sample_video_prefs"}
    assert {str(cookie["name"]) for cookie in visitor.context.cookies()} >= left
    page.evaluate("document.cookie = 'session=1; Path=/'; window.old = true")
    take_back(visitor, "functional", "analytics", "marketing")
    page.wait_for_function("window.visitorChoices?.current.answer === 'rejected' && !window.old")
    page.wait_for_function(GONE)
    # The cookie of the library's own that no provider declares stays.
    assert visitor.cookies("session")
    assert visitor.ran() == []
    actions = [row["action"] for row in rows.of(visitor.visitor_id)]
    assert actions == ["accept_all", "withdraw"]
    assert not any(rows.all()[-1]["choices"].values())


def test_withdrawal_on_a_later_page(library: CustomerSite, visitor: Visitor) -> None:
    """What runs there was allowed on another page."""
    visitor.visit()
    visitor.decide("Accept all")
    page = visitor.visit()
    visitor.expect_ran("video", "ga", "ads")
    take_back(visitor, "functional", "analytics", "marketing")
    page.wait_for_function(GONE)
    assert visitor.ran() == []


def test_taking_back_one_category_clears_only_its_own(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    page = visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    take_back(visitor, "analytics")
    visitor.expect_ran("video", "ads")
    page.wait_for_function("!/_ga/.test(document.cookie)")
    assert visitor.cookies("_sample_ads")
    assert rows.all()[-1]["choices"] == {"functional": True, "analytics": False, "marketing": True}


def test_withdrawal_clears_declared_storage_and_databases(
    library: CustomerSite, visitor: Visitor, server: ConsentServer
) -> None:
    declare_storage(visitor, server)
    page = visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    page.evaluate("for (const store of [localStorage, sessionStorage]) store._ga_store1 = store.mine = 1")
    page.evaluate(DATABASE)
    take_back(visitor, "analytics")
    page.wait_for_function("!localStorage._ga_store1 && !sessionStorage._ga_store1")
    page.wait_for_function("indexedDB.databases().then((all) => !all.length)")
    assert page.evaluate("[localStorage.mine, sessionStorage.mine]") == ["1", "1"]


def test_the_first_refusal_clears_what_was_there_before_the_banner(library: CustomerSite, visitor: Visitor) -> None:
    """On every path and domain this page can be under, and in the jar for partitioned cookies."""
    library.answers["/catalog/new/books"] = library.answers["/"]
    page = visitor.visit("/catalog/new/books")
    visitor.button("Reject all").wait_for()
    places = ["Path=/", "Path=/catalog", "Path=/catalog/new/", "Path=/catalog/new/books", "Domain=ala.localhost"]
    cookies = [f"_ga_{number}=1; {place}" for number, place in enumerate(places)]
    cookies.append("_ga_5=1; Path=/catalog/; Domain=ala.localhost")
    cookies.append("_ga_6=1; Path=/; Secure; Partitioned")
    page.evaluate("cookies => cookies.forEach((cookie) => (document.cookie = cookie))", cookies)
    assert page.evaluate("document.cookie.match(/_ga_/g).length") == 7
    page.evaluate("window.old = true")
    visitor.decide("Reject all")
    page.wait_for_function(GONE)
    assert page.evaluate("window.old") is True


def test_where_there_is_nothing_nothing_is_asked(library: CustomerSite, visitor: Visitor) -> None:
    page = visitor.visit()
    visitor.decide("Reject all")
    page.wait_for_function(LOOKED)
    assert not asked_for_the_list(visitor)
    assert line(page).count() == 0


def test_withdrawal_without_anything_having_run_does_not_reload(
    customer: CustomerSite, script: str, visitor: Visitor
) -> None:
    customer.page(head=script)
    page = visitor.visit()
    visitor.decide("Accept all")
    page.evaluate("document.cookie = '_ga=1; Path=/'; window.old = true")
    visitor.switch(functional=False, analytics=False, marketing=False)
    page.wait_for_function(GONE)
    assert page.evaluate("window.old") is True


def test_what_is_written_again_is_said(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    customer.page(head=script, body=WORDS + STUBBORN + '<nav><a href="/elsewhere">Elsewhere</a></nav>')
    page = visitor.visit()
    visitor.decide("Reject all")
    said = line(page)
    expect(said.get_by_role("status")).to_have_text(ONLY_GA, timeout=10_000)
    expect(said).to_be_in_viewport()
    results: dict[str, Any] = Axe().run(page, options={"resultTypes": ["violations"]}).response
    assert [rule["id"] for rule in results["violations"]] == []

    elsewhere = page.get_by_role("link", name="Elsewhere")
    elsewhere.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(said.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Enter")
    expect(said).to_have_count(0)
    assert page.evaluate("document.activeElement.dataset.choices") == "open"


def test_what_is_written_again_after_the_reload_is_said_there(
    library: CustomerSite, script: str, trackers: str, visitor: Visitor
) -> None:
    library.page(head=script, body=WORDS + trackers + STUBBORN)
    page = visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    take_back(visitor, "functional", "analytics", "marketing")
    expect(line(page).get_by_role("status")).to_have_text(ONLY_GA, timeout=10_000)
    page.keyboard.press("Escape")
    expect(line(page)).to_have_count(0)
    page.reload()
    page.wait_for_load_state("networkidle")
    # Said once.
    assert page.evaluate(LOOKED)


def test_it_is_said_in_the_language_of_the_page(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    """On a later page too, where nothing else of ours is seen."""
    link = '<a data-choices="open" href="/">Privacidad</a>'
    customer.page(lang="es", head=script, body=WORDS + link)
    page = visitor.visit()
    visitor.decide("Rechazar todo")
    page.wait_for_function(LOOKED)
    customer.page(lang="es", head=script, body=WORDS + link + STUBBORN)
    page.evaluate("localStorage.visitor_choices_clear = 1")
    page.reload()
    expect(line(page).get_by_role("status")).to_contain_text("_ga", timeout=10_000)
    expect(line(page)).to_have_attribute("lang", "es")
    expect(line(page).get_by_role("button", name="Cerrar")).to_be_visible()


def test_nothing_is_said_of_what_cannot_be_seen(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    customer.page(head=script, Set_Cookie="_ga=1; Path=/; HttpOnly")
    page = visitor.visit()
    page.evaluate("document.cookie = '_ga_1=1; Path=/'")
    visitor.decide("Reject all")
    page.wait_for_function(LOOKED)
    assert {cookie["name"] for cookie in visitor.context.cookies()} >= {"_ga"}
    assert line(page).count() == 0


def test_what_is_allowed_meanwhile_stays(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    """Before the list of what is to go was there."""
    customer.page(head=script)
    held: list[Route] = []
    visitor.context.route("**/v1/sites/ala/config", lambda route: held.append(route))
    page = visitor.visit()
    page.evaluate("document.cookie = '_ga=1; Path=/'; document.cookie = '_sample_ads=1; Path=/'")
    with page.expect_request("**/v1/sites/ala/config"):
        visitor.decide("Reject all")
    visitor.switch(analytics=True)
    for route in held:
        route.continue_()
    page.wait_for_function("!/_sample_ads/.test(document.cookie)")
    page.wait_for_function(LOOKED)
    assert "_ga=" in page.evaluate("document.cookie")
    assert line(page).count() == 0


def test_another_tab_starts_afresh_too(library: CustomerSite, visitor: Visitor) -> None:
    first = visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    visitor.page = visitor.context.new_page()
    second = visitor.visit()
    visitor.expect_ran("video", "ga", "ads")
    second.evaluate("window.old = true; sessionStorage.mine = 1")
    visitor.page = first
    first.locator('[data-choices="open"]').click()
    with second.expect_navigation():
        visitor.dialog.get_by_role("button", name="Reject all").click()
    second.wait_for_function("window.visitorChoices?.current.answer === 'rejected' && !window.old")
    assert second.locator("html").get_attribute("data-ran") is None


def test_what_a_page_could_not_clear_the_next_one_does(
    library: CustomerSite, visitor: Visitor, server: ConsentServer
) -> None:
    page = visitor.visit()
    page.evaluate("document.cookie = '_ga=1; Path=/'")
    visitor.button("Reject all").wait_for()
    server.kill()
    visitor.button("Reject all").click()
    visitor.expect_closed()
    page.reload()
    page.wait_for_function("window.visitorChoices?.current.answer === 'rejected'")
    assert "_ga=" in page.evaluate("document.cookie")
    server.start()
    page.reload()
    page.wait_for_function(GONE)
    page.wait_for_function(LOOKED)
    assert line(page).count() == 0


def test_the_vendor_is_told_before_the_page_starts_afresh(
    customer: CustomerSite, script: str, visitor: Visitor
) -> None:
    """Google, as ALA's site file says."""
    code = """const push = dataLayer.push;
      dataLayer.push = (entry) => {
        if (entry[1] === 'update') sessionStorage.told = JSON.stringify([...entry]);
        return push.call(dataLayer, entry);
      };"""
    customer.page(head=script, body=WORDS + gated(customer.tracker("ga", code), "analytics", "google-analytics"))
    page = visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("ga")
    take_back(visitor, "analytics")
    assert '"analytics_storage":"denied"' in wait_for("the page", lambda: page.evaluate("sessionStorage.told"))
