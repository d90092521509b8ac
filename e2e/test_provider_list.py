"""The provider list inside a page of the site."""

import re

from playwright.sync_api import expect

from e2e.customer import WORDS, CustomerSite
from e2e.visitors import Visitor

SPACE = '<div style="height:3000px"></div>'
LIST = '<visitor-providers category="{}"><a href="/list">Our providers</a></visitor-providers>'


def test_the_live_list_takes_the_place_of_what_was_there(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    """In the light DOM, in the page's own styles, under a policy that lets no script parse markup."""
    policy = "require-trusted-types-for 'script'; trusted-types visitor-choices"
    style = "<style>article { border: 3px solid rgb(1, 2, 3) }</style>"
    customer.page(head=style + script, body=WORDS + LIST.format("analytics"), Content_Security_Policy=policy)
    page = visitor.visit()
    here = page.locator("visitor-providers")
    expect(here.get_by_role("heading", name="Analytics", exact=True)).to_have_attribute("id", "analytics")
    expect(here.get_by_role("heading", name="Google Analytics", exact=True)).to_be_visible()
    expect(here.get_by_role("link", name=re.compile("policies.google"))).to_have_attribute("rel", "noopener noreferrer")
    expect(here.locator("article")).to_have_css("border-top-color", "rgb(1, 2, 3)")
    expect(here.get_by_text("Our providers")).to_have_count(0)
    expect(here.locator("[class], [style]")).to_have_count(0)


def test_an_address_that_names_a_category_leads_there(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    customer.page(path="/ala-service-providers", head=script, body=WORDS + SPACE + LIST.format("marketing") + SPACE)
    page = visitor.visit("/ala-service-providers#marketing")
    expect(page.locator("#marketing")).to_be_in_viewport()


def test_an_id_of_the_page_stays_its_own(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    body = f'{WORDS}<h2 id="marketing">Marketing</h2>{LIST.format("marketing")}'
    customer.page(head=script, body=body)
    page = visitor.visit()
    expect(page.locator("visitor-providers article").first).to_be_visible()
    expect(page.locator("h2#marketing")).to_have_count(1)


def test_it_speaks_the_language_of_the_page(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    customer.page(lang="es-MX", head=script, body=WORDS + LIST.format("marketing"))
    expect(visitor.visit().locator("visitor-providers")).to_have_attribute("lang", "es")


def test_without_the_server_what_was_there_stays(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    visitor.page.route("**/providers/**", lambda route: route.abort())
    customer.page(head=script, body=WORDS + LIST.format("marketing"))
    page = visitor.visit()
    with page.expect_event("requestfailed"):
        pass
    expect(page.get_by_role("link", name="Our providers")).to_be_visible()
