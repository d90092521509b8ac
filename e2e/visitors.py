"""A person with a browser."""

import re
import uuid
from typing import Any

from playwright.sync_api import BrowserContext, Error, Locator, Page, Request, Response, expect

from e2e.customer import CustomerSite
from e2e.waiting import wait_for

BANNER = "visitor-choices"
# A promise, since strict pages forbid the `eval` that `wait_for_function` needs.
RECORDED = """() => new Promise((done, fail) => {
  if (visitorChoices.current.recorded === 'server') done();
  else document.addEventListener('visitorchoices:recorded', done, { once: true });
  setTimeout(fail, 8000, Error('The page did not take in that its decision is recorded.'));
})"""
VISITOR = "__Host-visitor"
CHOICES = "visitor_choices"


class Visitor:
    """One browser profile with one page open, and what went over the network."""

    def __init__(self, context: BrowserContext, customer: CustomerSite) -> None:
        self.context = context
        self.customer = customer
        self.requests: list[str] = []
        self.faults: list[str] = []
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        self.page: Page = context.new_page()

    def visit(self, path: str = "/", **where: str) -> Page:
        """Opens a page of the customer's site; `host` names another of its hosts."""
        self.page.goto(self.customer.address(path, **where))
        return self.page

    @property
    def banner(self) -> Locator:
        return self.page.locator(BANNER)

    @property
    def dialog(self) -> Locator:
        return self.page.locator(f"{BANNER} dialog")

    def button(self, words: str) -> Locator:
        """A button of the first layer."""
        return self.banner.locator("> button", has_text=words)

    def decide(self, words: str) -> Response:
        """Clicks a button of the first layer, and waits until the server has answered."""
        with self.page.expect_response(is_decision) as answer:
            self.button(words).click()
        return self.settled(answer.value)

    def switch(self, **wish: bool) -> None:
        """Opens the choices through the page's link, sets these categories, saves, and waits until it is recorded."""
        self.page.locator('[data-choices="open"]').click()
        for category, on in wish.items():
            self.dialog.locator(f"input[name={category}]").set_checked(on)
        with self.context.expect_event("request", asks_to_record):
            self.dialog.get_by_role("button", name="Save choices").click()
        # Where the page is loaded anew meanwhile, nobody is told of the answer, or the next page asks again.
        wait_for("the choice to be recorded", self._recorded)

    def _recorded(self) -> bool:
        """Whether the page that is open now says so; not while it is being loaded."""
        try:
            return bool(self.page.evaluate("window.visitorChoices?.current?.recorded === 'server'"))
        except Error:
            return False

    def settled(self, answer: Response) -> Response:
        """The same answer, once the page has taken it in."""
        assert answer.status == 201, answer.text()
        self.page.evaluate(RECORDED)
        return answer

    def ran(self) -> list[str]:
        """The names of the trackers that have run on this page, in order."""
        return (self.page.locator("html").get_attribute("data-ran") or "").split()

    def expect_ran(self, *names: str) -> list[str]:
        """Waits until these trackers and no other have run; says in which order."""
        enough = re.compile(r"^\S+" + r" \S+" * (len(names) - 1))
        expect(self.page.locator("html")).to_have_attribute("data-ran", enough)
        ran = self.ran()
        assert sorted(ran) == sorted(names)
        return ran

    def expect_closed(self) -> None:
        expect(self.banner).to_be_hidden()

    def cookies(self, name: str) -> list[dict[str, Any]]:
        return [dict(cookie) for cookie in self.context.cookies() if cookie.get("name") == name]

    @property
    def visitor_ids(self) -> set[uuid.UUID]:
        """The consent IDs this browser holds, one for each site whose pages were visited."""
        return {uuid.UUID(cookie["value"].split(".")[0]) for cookie in self.cookies(VISITOR)}

    @property
    def visitor_id(self) -> uuid.UUID:
        (only,) = self.visitor_ids
        return only

    @property
    def choices(self) -> str:
        """What the readable cookie says."""
        (only,) = self.cookies(CHOICES)
        value: str = only["value"]
        return value


def is_decision(response: Response) -> bool:
    return asks_to_record(response.request)


def asks_to_record(request: Request) -> bool:
    return request.url.endswith("/consents") and request.method == "POST"
