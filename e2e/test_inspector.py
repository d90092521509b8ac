"""The inspector: `#visitor-choices-inspect` shows a web team what waits and why, and what is not right."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import NewVisitor
from e2e.customer import FOREIGN, TRACKERS, WORDS, CustomerSite, gated, gated_inline, noting
from e2e.servers import ConsentServer
from e2e.test_accessibility import check
from e2e.visitors import Visitor

HASH = "/#visitor-choices-inspect"
LINK = '<a data-choices="open" href="{}/ala/choices">Your choices</a>'
UNLISTED = "shop.ala.localhost"
LEFT = "document.cookie = 'stray_id=1'; document.cookie = '_ga_9=1'; localStorage.strayKey = 1"


def inspect(visitor: Visitor, path: str = HASH, **where: str) -> Locator:
    """The inspector of a page of the customer's site, once it knows what the consent host has published."""
    inspector = visitor.visit(path, **where).locator("visitor-inspector")
    expect(inspector.get_by_role("heading", name="Visitor choices: inspector")).to_be_visible()
    expect(inspector.get_by_text("The list of providers is on its way.")).to_have_count(0)
    return inspector


def line(inspector: Locator, about: str) -> Locator:
    """What is said about one thing."""
    return inspector.locator("dl > div").filter(has=inspector.page.get_by_text(about, exact=True)).locator("dd")


def entry(inspector: Locator, words: str) -> Locator:
    """What is said about one tag."""
    return inspector.locator("li", has=inspector.page.locator("code", has_text=words))


def test_without_the_hash_nothing_of_it_is_loaded(library: CustomerSite, visitor: Visitor) -> None:
    page = visitor.visit("/#inspect-this")
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    page.wait_for_load_state("networkidle")
    assert [url for url in visitor.requests if "/embed/" in url]
    assert [url for url in visitor.requests if "/embed/inspector." in url] == []
    expect(page.locator("visitor-inspector")).to_have_count(0)


def test_a_tag_that_is_installed_right(
    customer: CustomerSite, server: ConsentServer, script: str, visitor: Visitor
) -> None:
    customer.page(head=script, body=WORDS + LINK.format(server.origin))
    inspector = inspect(visitor)
    expect(inspector.get_by_role("status")).to_have_text("No problem seen.")
    number = server.get_json("/v1/sites/ala/config")["policy"]["number"]
    for about, words in {
        "Script tag": "OK There is one, and the page does not wait for it.",
        "Address": f"OK {server.origin}/ala/choices.js",
        "Policy": f"OK Policy {number}, text {server.notice().hex()[:8]}. It is the newest.",
        "Blocking": "Only marked tags wait. data-block is off.",
        "Audience": "A page for everyone.",
        "Banner": "OK It is on the page.",
        "Way back": "OK The page has a link that opens the choices.",
        "Connection": "OK The page is secure.",
        "Cookies": "OK They work. One choice counts for every website under ala.localhost.",
        "Local storage": "OK It works.",
        "Signals": "The browser sends none.",
        "Choice": "None yet.",
        "Security policy": "OK As far as the browser says, the page’s policy has stopped nothing.",
    }.items():
        expect(line(inspector, about)).to_have_text(words)
    expect(line(inspector, "Languages")).to_contain_text("zh-Hant")
    expect(inspector.get_by_text("No tag on this page waits for a choice, or did.")).to_be_visible()


@pytest.mark.parametrize(
    ("head", "about", "words"),
    [
        (
            "<script async src={}></script>" * 2,
            "Script tag",
            "Problem 2 tags load it. Keep one; the others",
        ),
        ("<script src={}></script>", "Script tag", "Check The page waits for it to load. Add async."),
        ("<script async data-block=registry src={}></script>", "Script tag", "Problem data-block holds nothing back"),
        ("<script async src={}></script>", "Way back", "Check The page has no link that opens the choices, so one was"),
        ("<script async src={}></script><a data-choices=open href=/about>x</a>", "Way back", "Check A link that opens"),
        ("<script async data-audience=children src={}></script>", "Audience", 'Problem data-audience="children" means'),
        ("<script async data-audience=under-16 src={}></script>", "Audience", "A page for people under 16: everything"),
    ],
    ids=["twice", "blocking", "async block", "no link", "link elsewhere", "audience", "minors"],
)
def test_what_is_not_right_is_said(
    customer: CustomerSite, server: ConsentServer, visitor: Visitor, head: str, about: str, words: str
) -> None:
    customer.page(head=head.replace("{}", f"{server.origin}/ala/choices.js"))
    expect(line(inspect(visitor), about)).to_contain_text(words)


def test_tags_with_state_and_reason(customer: CustomerSite, server: ConsentServer, visitor: Visitor) -> None:
    later = gated(customer.tracker("later"), "functional", "nobody")
    frame = '<iframe title="Reel" data-category="functional" data-src="http://video.example.org/reel?id=7"></iframe>'
    customer.page(
        head=f'<script async src="{server.origin}/ala/choices.js"></script>',
        body=WORDS
        + gated_inline(noting("counted"), "analytics", "google-analytics")
        + frame
        + later
        + gated(customer.tracker("typo"), "statistic")
        + gated(customer.tracker("own"), "necessary")
        + f'<script data-category="marketing" src="{customer.tracker("loose")}"></script>'
        + '<script type="text/plain">forgotten()</script>'
        + '<script type="text/plain" data-cookieconsent="nothing-we-know" src="/foreign.js"></script>',
    )
    inspector = inspect(visitor)
    counted, reel = entry(inspector, "script inline").first, entry(inspector, "video.example.org/reel")
    undecided = "Waiting{}The visitor has not decided yet."
    expect(counted).to_contain_text(undecided.format(" analytics · google-analytics"))
    expect(reel).to_contain_text(undecided.format(" functional · sample-video"))
    expect(reel).to_contain_text("Its host belongs to sample-video.")
    expect(reel).not_to_contain_text("id=7")
    expect(entry(inspector, "later.js")).to_contain_text("No provider of the site file has the key “nobody”")
    expect(entry(inspector, "typo.js")).to_contain_text("Unknown category statistic“statistic” is not an optional")
    expect(entry(inspector, "own.js")).to_contain_text("What is necessary needs no marks")
    expect(entry(inspector, "loose.js")).to_contain_text("Not held back")
    expect(entry(inspector, "script inline").nth(1)).to_contain_text("No category")
    expect(entry(inspector, "/foreign.js")).to_contain_text("It bears the marks of Cookiebot")
    status = inspector.get_by_role("status")
    expect(status).to_have_text("5 problems, 1 thing to check, 3 tags wait.")
    visitor.decide("Accept all")
    visitor.expect_ran("loose", "counted", "later")
    expect(counted).to_contain_text("Released analytics · google-analyticsThe visitor has allowed google-analytics.")
    expect(status).to_have_text("5 problems, 1 thing to check, 3 tags released.")
    expect(line(inspector, "Choice")).to_have_text("Everything is allowed. On record.")


def test_who_refused_and_who_sends_a_signal(library: CustomerSite, new_visitor: NewVisitor) -> None:
    visitor = new_visitor()
    inspector = inspect(visitor)
    visitor.decide("Reject all")
    expect(entry(inspector, "ga.js")).to_contain_text("The visitor has not allowed google-analytics.")
    visitor.switch(marketing=True)
    expect(entry(inspector, "ads.js")).to_contain_text("Released")
    visitor.context.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"
    )
    inspector = inspect(visitor, "/?again" + HASH[1:])
    expect(entry(inspector, "ads.js")).to_contain_text("the browser sends a signal that switches it off")
    expect(line(inspector, "Signals")).to_have_text("Global Privacy Control")


def test_what_the_registry_holds_back(customer: CustomerSite, server: ConsentServer, visitor: Visitor) -> None:
    customer.page(
        head=f'<script data-block="registry" src="{server.origin}/ala/choices.js"></script>',
        body=WORDS + '<img alt="" src="http://ads.example.org/seen.gif">' + gated("/own.js", "analytics"),
    )
    inspector = inspect(visitor)
    expect(line(inspector, "Script tag")).to_contain_text("OK There is one, before everything else that loads")
    expect(line(inspector, "Blocking")).to_contain_text("data-block is on")
    seen = entry(inspector, "img ads.example.org/seen.gif")
    expect(seen).to_contain_text("Held back marketing · sample-adsdata-block found a host that sample-ads declares.")
    expect(entry(inspector, "/own.js")).to_contain_text("Waiting")


def test_what_nobody_has_declared(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    stray = customer.tracker("stray", LEFT)
    customer.page(head=script, body=WORDS + f'<script src="{stray}"></script><script src="/mine.js"></script>')
    inspector = inspect(visitor)
    expect(inspector.locator("h4 + *")).to_have_text([f"{TRACKERS} (script)", "stray_id", "strayKey"])


def test_a_decision_that_is_recorded(library: CustomerSite, visitor: Visitor) -> None:
    inspector = inspect(visitor)
    expect(line(inspector, "Last request")).to_contain_text("None on this page yet.")
    expect(line(inspector, "Origin")).to_contain_text("shows with the next choice")
    visitor.decide("Reject all")
    expect(line(inspector, "Last request")).to_have_text("OK The decision is on record.")
    expect(line(inspector, "Status")).to_have_text("201")
    expect(line(inspector, "The decision")).to_have_text("Recorded.")
    expect(line(inspector, "Origin")).to_have_text(f"OK {library.address('')} is in the site file.")


def test_an_origin_that_is_not_listed(library: CustomerSite, visitor: Visitor) -> None:
    inspector = inspect(visitor, host=UNLISTED)
    visitor.button("Reject all").click()
    origin = library.address("", host=UNLISTED)
    expect(line(inspector, "Last request")).to_contain_text("Problem No answer could be read, though the consent host")
    expect(line(inspector, "Last request")).to_contain_text(f"exactly as it is written here: {origin}")
    expect(line(inspector, "Origin")).to_contain_text(f"Problem {origin} is most likely not in the site file.")
    expect(line(inspector, "The decision")).to_have_text("Kept in this browser, and sent again later.")


def test_a_foreign_site(library: CustomerSite, visitor: Visitor) -> None:
    inspector = inspect(visitor, host=FOREIGN)
    expect(line(inspector, "Cookies")).to_contain_text("no cookie domain of the site covers localhost")


def test_a_policy_that_forgets_us(customer: CustomerSite, server: ConsentServer, script: str, visitor: Visitor) -> None:
    allowed = f"script-src {server.origin} http://{TRACKERS}:*; require-trusted-types-for 'script'; trusted-types other"
    tags = gated(customer.tracker("ga"), "analytics")
    customer.page(head=script, body=WORDS + tags, Content_Security_Policy=f"default-src 'none'; {allowed}")
    inspector = inspect(visitor)
    stopped = line(inspector, "Security policy")
    ours = f"Problem connect-src stops us. Add {server.origin} to it."
    expect(stopped).to_have_text([ours])
    expect(line(inspector, "Policy")).to_contain_text("Problem Policy")
    expect(inspector.get_by_text("The list of providers could not be had")).to_be_visible()
    visitor.button("Accept all").click()
    types = "Problem trusted-types does not have visitor-choices, so no tag is let go. Add it."
    expect(stopped).to_have_text([ours, types])
    expect(entry(inspector, "ga.js")).to_contain_text("On its way")


def test_it_is_left_with_the_keyboard(library: CustomerSite, visitor: Visitor) -> None:
    inspector = inspect(visitor)
    page = visitor.page
    link = page.locator('[data-choices="open"]')
    link.focus()
    reached = [tab(page) for _ in range(3)]
    assert reached == ["Look again", "Close", "Findings"]
    page.keyboard.press("Escape")
    expect(inspector).to_have_count(0)
    expect(link).to_be_focused()


def tab(page: Page) -> str:
    """Presses Tab; the name of what has the focus in the inspector."""
    page.keyboard.press("Tab")
    name: str = page.evaluate("""() => {
      const { activeElement } = document.querySelector('visitor-inspector').shadowRoot;
      return activeElement?.ariaLabel || activeElement?.textContent || '';
    }""")
    return name


def test_it_never_covers_the_banner(library: CustomerSite, visitor: Visitor) -> None:
    for width in (320, 1280):
        visitor.page.set_viewport_size({"width": width, "height": 700})
        inspector = inspect(visitor, f"/?{width}{HASH[1:]}")
        top = visitor.banner.evaluate("host => host.getBoundingClientRect().top")
        expect(inspector).to_have_css("bottom", re.compile(r"^[1-9]"))
        assert inspector.evaluate("host => host.getBoundingClientRect().bottom") <= top + 1
    visitor.decide("Reject all")
    expect(inspector).to_have_css("bottom", "0px")


def test_axe_finds_nothing(library: CustomerSite, new_visitor: NewVisitor) -> None:
    still = new_visitor(reduced_motion="reduce")
    inspector = inspect(still)
    check(still.page)
    still.decide("Accept all")
    expect(entry(inspector, "ads.js")).to_contain_text("Released")
    check(still.page)
    inspector.get_by_role("button", name="Close").click()
    expect(inspector).to_have_count(0)
