"""The banner in the language of the page; what was on screen at the click is what is on record."""

from playwright.sync_api import Route, expect

from e2e.customer import CustomerSite
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor


def test_a_spanish_page_is_asked_in_spanish(
    customer: CustomerSite, script: str, server: ConsentServer, visitor: Visitor, rows: Rows
) -> None:
    customer.page(lang="es-MX", head=script)
    visitor.visit()
    expect(visitor.banner.get_by_text("Usamos cookies")).to_be_visible()
    expect(visitor.banner).to_have_attribute("lang", "es")
    expect(visitor.banner).to_have_attribute("dir", "ltr")
    visitor.decide("Rechazar todo")
    assert rows.only()["notice"] == server.notice("es")


def test_an_english_page_says_so_of_the_banner(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    customer.page(head=script)
    visitor.visit()
    expect(visitor.banner).to_have_attribute("lang", "en")


def test_a_language_that_is_not_offered_gets_the_default(
    customer: CustomerSite, script: str, server: ConsentServer, visitor: Visitor, rows: Rows
) -> None:
    customer.page(lang="fi", head=script)
    visitor.visit()
    expect(visitor.banner).to_have_attribute("lang", "en")
    visitor.decide("Reject all")
    assert rows.only()["notice"] == server.notice("en")


def test_a_slow_notice_is_not_waited_for(
    customer: CustomerSite, script: str, server: ConsentServer, visitor: Visitor, rows: Rows
) -> None:
    """After a second the default text is there, and stays when the other arrives: what counts is what was read."""
    held: list[Route] = []
    visitor.page.route("**/notices/*", lambda route: held.append(route))
    visitor.page.clock.install()
    customer.page(lang="es", head=script)
    with visitor.page.expect_request("**/notices/*"):
        page = visitor.visit()
    expect(visitor.banner).to_have_count(0)
    page.clock.run_for(1000)
    expect(visitor.button("Reject all")).to_be_visible()
    with page.expect_response("**/notices/*"):
        held[0].continue_()
    expect(visitor.banner).to_have_attribute("lang", "en")
    visitor.decide("Reject all")
    assert rows.only()["notice"] == server.notice("en")


def test_a_notice_that_fails_leaves_the_default(
    customer: CustomerSite, script: str, server: ConsentServer, visitor: Visitor, rows: Rows
) -> None:
    visitor.page.route("**/notices/*", lambda route: route.abort())
    customer.page(lang="es", head=script)
    visitor.visit()
    expect(visitor.banner).to_have_attribute("lang", "en")
    visitor.decide("Reject all")
    assert rows.only()["notice"] == server.notice("en")


def test_the_dialog_speaks_the_language_of_the_page(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    customer.page(lang="es", head=script)
    visitor.visit()
    visitor.button("Elegir").click()
    expect(visitor.dialog.get_by_role("heading", name="Tus opciones")).to_be_visible()
    expect(visitor.dialog.get_by_role("switch", name="Analíticas")).to_be_visible()
