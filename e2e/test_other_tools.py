"""Pages that were made for another consent tool: their marks, and the choices that it has kept."""

import json
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from e2e.customer import TRACKERS, WORDS, CustomerSite, noting
from e2e.rows import Rows
from e2e.visitors import Visitor, is_decision
from e2e.waiting import wait_for

NOTHING = {"functional": False, "analytics": False, "marketing": False}


def inert(name: str, marks: str) -> str:
    """A script, inline or from the address among its marks, that another tool would let go."""
    return f'<script type="text/plain" {marks}>{noting(name)}</script>'


@pytest.fixture
def marked(customer: CustomerSite, script: str) -> CustomerSite:
    """A page with scripts as the users of each tool have marked them; each is named by what it needs here."""
    ads, klaro, one_trust = map(customer.tracker, ("marketing-vcc3", "analytics-klaro", "analytics-onetrust"))
    tags = [
        inert("analytics-vcc2", 'data-cookiecategory="analytics"'),
        inert("", f'data-category="ads" data-service="Sample-Ads" src="{ads}"'),
        inert("", f'data-type="application/javascript" data-name="google-analytics" data-src="{klaro}"'),
        inert("analytics-cookiebot", 'data-cookieconsent="statistics"'),
        inert("both-cookiebot", 'data-cookieconsent="statistics,marketing"'),
        inert("", f'class="optanon-category-C0002" src="{one_trust}"'),
        inert("both-onetrust", 'class="optanon-category-C0002-C0004"'),
        inert("analytics-usercentrics", 'data-usercentrics="Google Analytics"'),
        inert("functional-usercentrics", 'data-usercentrics="video player (SAMPLE)"'),
        inert("never-negated", 'data-category="!analytics" data-service="google-analytics"'),
        inert("never-negated-2", 'data-cookiecategory="!analytics"'),
        inert("never-unknown", 'data-cookieconsent="statistics,unclassified"'),
        inert("never-service", 'data-category="analytics" data-service="Hotjar"'),
        inert("never-klaro", 'data-name="vimeo"'),
        inert("never-vimeo", 'data-usercentrics="vimeo"'),
        inert("never-template", 'id="template"'),
    ]
    customer.page(head=script, body=WORDS + "".join(tags))
    return customer


NAMES = {
    "analytics": [
        "analytics-vcc2",
        "analytics-klaro",
        "analytics-cookiebot",
        "analytics-onetrust",
        "analytics-usercentrics",
    ],
    "marketing": ["marketing-vcc3"],
    "functional": ["functional-usercentrics"],
    "both": ["both-cookiebot", "both-onetrust"],
}


def test_marks_are_understood_and_what_is_not_waits(marked: CustomerSite, visitor: Visitor) -> None:
    said: list[str] = []
    visitor.page.on("console", lambda message: said.append(message.text))
    page = visitor.visit()
    visitor.button("Choose").wait_for()
    assert visitor.ran() == [] and marked.tracked == []
    visitor.switch(analytics=True)
    visitor.expect_ran(*NAMES["analytics"])
    visitor.switch(marketing=True)
    visitor.expect_ran(*NAMES["analytics"], *NAMES["marketing"], *NAMES["both"])
    visitor.switch(functional=True)
    visitor.expect_ran(*(name for names in NAMES.values() for name in names))
    # Each is told once, however often the page was looked at.
    page.evaluate("document.body.append(document.createElement('p'))")
    for word in ("unclassified", "Hotjar", "vimeo"):
        assert len([one for one in said if f'"{word}"' in one]) == 1, said
    assert not any("template" in one for one in said)


def test_a_refusal_lets_none_of_it_go(marked: CustomerSite, visitor: Visitor) -> None:
    visitor.visit()
    visitor.decide("Reject all")
    visitor.page.reload()
    visitor.page.wait_for_load_state("networkidle")
    assert visitor.ran() == [] and marked.tracked == []


def test_images_links_and_frames_of_other_tools(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    for path in (
        "/klaro-image",
        "/klaro-style",
        "/klaro-frame",
        "/cookiebot-frame",
        "/onetrust-frame",
        "/onetrust-image",
        "/gallery",
    ):
        customer.put(path, "")
    at = customer.address("", TRACKERS)
    tags = (
        f'<img data-name="sample-video" data-src="{at}/klaro-image" alt="">'
        '<link rel="stylesheet" type="text/plain" data-type="text/css" '
        f'data-name="sample-video" data-href="{at}/klaro-style">'
        f'<iframe title="Klaro" data-name="sample-video" data-src="{at}/klaro-frame"></iframe>'
        '<iframe title="Cookiebot" data-cookieconsent="preferences" '
        f'data-cookieblock-src="{at}/cookiebot-frame"></iframe>'
        f'<iframe title="OneTrust" class="optanon-category-C0003" data-src="{at}/onetrust-frame"></iframe>'
        f'<img class="a optanon-category-C0003" data-src="{at}/onetrust-image" alt="">'
        # Not for us: scripts that load images late have such attributes too.
        f'<img data-name="A reading room" data-src="{at}/gallery" alt="">'
    )
    customer.page(head=script, body=WORDS + tags)
    page = visitor.visit()
    for title in ("Klaro", "Cookiebot", "OneTrust"):
        expect(page.locator(f"visitor-embed + iframe[title={title}]")).to_have_count(1)
    expect(page.get_by_role("group", name="Content from Video player (sample): Klaro")).to_be_visible()
    assert customer.tracked == []
    visitor.decide("Accept all")
    expect(page.locator("visitor-embed")).to_have_count(0)
    expect(page.locator("link[rel=stylesheet]")).to_have_attribute("type", "text/css")
    loaded = {"/klaro-image", "/klaro-style", "/klaro-frame", "/cookiebot-frame", "/onetrust-frame", "/onetrust-image"}
    wait_for("every address that waited", lambda: loaded <= set(customer.tracked))
    assert "/gallery" not in customer.tracked


def test_a_script_let_go_is_not_translated_again(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    customer.page(
        head=script, body=WORDS + inert("once", 'class="optanon-category-C0002" data-cookieconsent="statistics"')
    )
    page = visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("once")
    late = inert("late", 'data-usercentrics="Google Analytics"')
    page.evaluate("(html) => document.body.append(document.createRange().createContextualFragment(html))", late)
    visitor.expect_ran("once", "late")


ONE_TRUST = "OptanonConsent=version=202304.1.0&groups=C0001%3A1%2CC0002%3A{}%2CC0004%3A0&interactionCount=1"
COOKIEBOT = (
    "CookieConsent={{stamp:'x',necessary:true,preferences:false,statistics:{},marketing:false,method:'explicit',ver:1}}"
)


def encoded(value: object) -> str:
    return quote(json.dumps(value))


def usercentrics(*services: tuple[bool, str]) -> dict[str, str]:
    """What Usercentrics 2 keeps of services: whether each is on, and what was done last."""
    kept = [
        {"id": f"s{at}", "status": on, "history": [{"action": action, "timestamp": at}]}
        for at, (on, action) in enumerate(services)
    ]
    return {"uc_user_interaction": "true", "uc_settings": json.dumps({"services": kept})}


ESSENTIAL = (True, "onEssentialChange")
# Cookies, or what is in localStorage.
REFUSALS: dict[str, str | dict[str, str]] = {
    "vanilla-cookieconsent": f"cc_cookie={encoded({'categories': ['necessary'], 'services': {'analytics': []}})}",
    "Klaro": f"klaro={encoded({'matomo': False})}",
    "Cookiebot": COOKIEBOT.format("false"),
    "OneTrust": ONE_TRUST.format("0"),
    "EU Cookie Compliance": "cookie-agreed=0",
    "EU Cookie Compliance, categories": f"cookie-agreed=2; cookie-agreed-categories={encoded(['necessary'])}",
    "Klaro, in localStorage": {"klaro": encoded({"matomo": False})},
    "Usercentrics": usercentrics(ESSENTIAL, (False, "onDenyAllServices")),
}
ASKED: dict[str, str | dict[str, str]] = {
    "vanilla-cookieconsent": f"cc_cookie={encoded({'categories': ['necessary', 'analytics']})}",
    "Klaro": f"klaro={encoded({'matomo': True})}",
    "Cookiebot": COOKIEBOT.format("true"),
    "OneTrust": ONE_TRUST.format("1"),
    "EU Cookie Compliance": "cookie-agreed=2",
    "malformed": "klaro=%7Bfalse",
    "Klaro, in localStorage": {"klaro": encoded({"matomo": True})},
    "Usercentrics": usercentrics(ESSENTIAL, (True, "onAcceptAllServices")),
}


def keep(visitor: Visitor, what: str | dict[str, str]) -> None:
    """Has the browser keep what another tool has set."""
    if isinstance(what, dict):
        for name, value in what.items():
            visitor.context.add_init_script(f"localStorage.setItem({json.dumps(name)}, {json.dumps(value)})")
        return
    for pair in what.split("; "):
        name, _, value = pair.partition("=")
        visitor.context.add_cookies([{"name": name, "value": value, "url": visitor.customer.address()}])


@pytest.mark.parametrize("tool", REFUSALS)
def test_a_refusal_stays_a_refusal(library: CustomerSite, visitor: Visitor, rows: Rows, tool: str) -> None:
    keep(visitor, REFUSALS[tool])
    # Noted from the start, since a banner that is gone again would not be seen later.
    visitor.context.add_init_script("document.addEventListener('visitorchoices:open', () => (window.opened = true))")
    with visitor.page.expect_response(is_decision) as answer:
        page = visitor.visit()
    visitor.settled(answer.value)
    visitor.expect_closed()
    row = rows.only()
    assert (row["action"], row["surface"], row["choices"]) == ("imported", "banner", NOTHING)
    assert "a=imported&on=&" in visitor.choices
    assert page.evaluate("[visitorChoices.current.answer, window.opened]") == ["rejected", None]
    page.reload()
    page.evaluate("visitorChoices.ready")
    visitor.expect_closed()
    assert len(rows.all()) == 1
    assert library.tracked == []


@pytest.mark.parametrize("tool", ASKED)
def test_an_agreement_is_asked_again(library: CustomerSite, visitor: Visitor, rows: Rows, tool: str) -> None:
    keep(visitor, ASKED[tool])
    visitor.visit()
    expect(visitor.button("Reject all")).to_be_visible()
    assert rows.all() == [] and visitor.cookies("visitor_choices") == []
    assert library.tracked == []


def test_nothing_is_taken_over_from_who_has_decided_here(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    visitor.visit()
    visitor.decide("Accept all")
    keep(visitor, REFUSALS["Klaro"])
    page = visitor.visit()
    visitor.expect_ran("video", "ga", "ads")
    assert page.evaluate("visitorChoices.current.answer") == "all"
    assert [row["action"] for row in rows.all()] == ["accept_all"]
