"""A material change: whoever had allowed what it is about is asked again, others are told; nothing new runs before."""

import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from e2e.customer import WORDS, CustomerSite, gated
from e2e.servers import ConsentServer
from e2e.visitors import Visitor

NUMBERS = count(1)
NEW = "New provider under Marketing: Newsletter company."
LINE = "visitor-choices-line"


class Branch:
    """A branch library with a site of its own, whose list of providers changes."""

    def __init__(self, server: ConsentServer, folder: Path) -> None:
        self.key = f"branch{next(NUMBERS)}"
        self._server = server
        self._file = folder / f"{self.key}.json"
        self.providers = {
            key: {"key": key, "name": name, "category": category, "privacy_url": "https://example.org/privacy", **of}
            for key, name, category, of in (
                ("counter", "Visit counter", "analytics", {"purpose": "Counts visits."}),
                ("ads", "Advertising network", "marketing", {"purpose": "Shows ads."}),
            )
        }
        self.publish()

    @property
    def script(self) -> str:
        return f'<script async src="{self._server.origin}/{self.key}/choices.js"></script>'

    def publish(self, **changed: dict[str, Any]) -> None:
        """Publishes the list with these providers changed or added: as material."""
        for key, entry in changed.items():
            start = {"key": key, "category": "marketing", "privacy_url": "https://example.org/privacy"}
            self.providers[key] = {**start, **self.providers.get(key, {}), **entry}
        content = {
            "site": {
                "key": self.key,
                "name": "Branch Library",
                "origins": ["https://www.branch.example"],
                "locales": ["en", "es", "ar"],
                "default_locale": "en",
                "contact": {"name": "The librarian", "email": "privacy@library.example"},
            },
            "policy": {"en": "{{ dnt }}\n\n{{ providers }}\n\n{{ rights }}"},
            "categories": [{"key": "necessary", "required": True}, {"key": "analytics"}, {"key": "marketing"}],
            "providers": list(self.providers.values()),
        }
        self._file.write_text(json.dumps(content), encoding="utf-8")
        self._server.flask("site", "import", str(self._file), "--publish", "A newsletter is sent.")

    def add_newsletter(self) -> None:
        self.publish(newsletter={"name": "Newsletter company", "purpose": "Sends the newsletter."})


@pytest.fixture
def branch(server: ConsentServer, customer: CustomerSite, tmp_path: Path) -> Branch:
    """Its page has a tag of each provider, the one that is to come included."""
    branch = Branch(server, tmp_path)
    tags = [
        gated(customer.tracker(name), category, name)
        for name, category in (("counter", "analytics"), ("ads", "marketing"), ("newsletter", "marketing"))
    ]
    for path, lang in (("/", "en"), ("/ar", "ar")):
        customer.page(path=path, lang=lang, head=branch.script, body=WORDS + "".join(tags))
    return branch


@pytest.fixture
def decided(branch: Branch, visitor: Visitor) -> Iterator[Callable[[str], None]]:
    """Decides, then the newsletter comes."""

    def decide(words: str) -> None:
        visitor.visit()
        visitor.decide(words)
        # A page whose requests go through here keeps no script for five minutes.
        visitor.page.route("**/choices.js", lambda route: route.continue_())
        branch.add_newsletter()
        visitor.visit()

    yield decide
    visitor.page.unroute_all(behavior="ignoreErrors")


def line(visitor: Visitor) -> Locator:
    return visitor.page.locator(LINE)


def test_whoever_allowed_it_is_asked_again_and_sees_what_is_new(
    decided: Callable[[str], None], visitor: Visitor
) -> None:
    decided("Accept all")
    expect(visitor.banner).to_contain_text(NEW)
    expect(visitor.banner).to_contain_text("What is new stays off until you allow it.")
    visitor.expect_ran("counter", "ads")
    allowed = visitor.page.evaluate("visitorChoices.current")
    assert allowed["providers"] == {"counter": True, "ads": True, "newsletter": False}
    visitor.decide("Accept all")
    visitor.expect_ran("counter", "ads", "newsletter")
    assert "p=2&e=2" in visitor.choices
    visitor.visit()
    visitor.expect_ran("counter", "ads", "newsletter")
    visitor.expect_closed()


def test_asked_again_one_may_refuse(decided: Callable[[str], None], visitor: Visitor) -> None:
    decided("Accept all")
    visitor.expect_ran("counter", "ads")
    expect(visitor.banner).to_contain_text(NEW)
    with visitor.page.expect_navigation():
        visitor.button("Reject all").click()
    visitor.page.wait_for_function("window.visitorChoices?.current.answer === 'rejected'")
    assert visitor.ran() == []


def test_whoever_refused_is_told_once_and_not_asked(decided: Callable[[str], None], visitor: Visitor) -> None:
    decided("Reject all")
    expect(line(visitor)).to_contain_text(NEW)
    expect(visitor.banner).to_have_count(0)
    more = line(visitor).get_by_role("link")
    assert str(more.get_attribute("href")).endswith("/policy/1..2")
    assert visitor.ran() == []
    line(visitor).get_by_role("button", name="Hide this").click()
    expect(line(visitor)).to_have_count(0)
    visitor.page.clock.install()
    page = visitor.visit()
    with page.expect_request("**/embed/rest.*.js"):
        page.clock.run_for(4000)
    page.wait_for_load_state("networkidle")
    page.clock.run_for(1000)
    expect(line(visitor)).to_have_count(0)
    assert "p=1&e=1" in visitor.choices


def test_whoever_had_allowed_something_else_is_told_and_not_asked(
    branch: Branch, customer: CustomerSite, visitor: Visitor
) -> None:
    visitor.visit()
    visitor.page.evaluate("visitorChoices.open()")
    visitor.dialog.locator("input[name=analytics]").check()
    with visitor.page.expect_response("**/consents"):
        visitor.dialog.get_by_role("button", name="Save choices").click()
    visitor.expect_ran("counter")
    branch.add_newsletter()
    visitor.page.route("**/choices.js", lambda route: route.continue_())
    visitor.visit()
    visitor.expect_ran("counter")
    expect(line(visitor)).to_contain_text(NEW)
    expect(visitor.banner).to_have_count(0)


def test_it_is_said_in_the_language_of_the_page(decided: Callable[[str], None], visitor: Visitor) -> None:
    decided("Reject all")
    visitor.visit("/ar")
    expect(line(visitor)).to_have_attribute("dir", "rtl")
    expect(line(visitor)).to_contain_text("Newsletter company")


def test_a_provider_on_hold_does_not_run_whatever_was_allowed(branch: Branch, visitor: Visitor) -> None:
    visitor.visit()
    visitor.decide("Accept all")
    visitor.page.route("**/choices.js", lambda route: route.continue_())
    branch.publish(ads={"held": True})
    visitor.visit()
    visitor.expect_ran("counter", "newsletter")
    assert visitor.page.evaluate("visitorChoices.allows('ads')") is False
    expect(visitor.banner).to_have_count(0)
    visitor.page.evaluate("visitorChoices.open()")
    expect(visitor.dialog).to_contain_text("Visit counter")
    expect(visitor.dialog).not_to_contain_text("Advertising network")
