"""Vendors are told what is allowed in their own way: before their tags run, on every page, and before they go."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Page

from e2e.customer import WORDS, CustomerSite, gated_inline, noting
from e2e.processes import ROOT
from e2e.servers import ConsentServer
from e2e.visitors import Visitor

# A provider of each mode and category, under its key.
PROVIDERS = {
    "google-analytics": ("analytics", "google"),
    "google-ads": ("marketing", "google"),
    "uet": ("marketing", "microsoft-uet"),
    "clarity": ("analytics", "clarity"),
    "meta": ("marketing", "meta"),
    "tiktok": ("marketing", "tiktok"),
    "matomo": ("analytics", "matomo"),
    "hubspot": ("marketing", "hubspot"),
}
LAYER = "[...dataLayer].map((entry) => entry.length ? [...entry] : entry)"
DENIED = dict.fromkeys(
    [
        "ad_storage",
        "ad_user_data",
        "ad_personalization",
        "analytics_storage",
        "functionality_storage",
        "personalization_storage",
    ],
    "denied",
)
GRANTED = dict.fromkeys(DENIED, "granted")

# The part of each vendor's tag that meets what others have put there: after it, `load` would fetch the rest.
TAGS = {
    "uet": "window.uetq = window.uetq || []; window.uetq.push('event', 'page_view', {});",
    "clarity": """(function (c, a) { c[a] = c[a] || function () { (c[a].q = c[a].q || []).push(arguments); }; })
        (window, 'clarity'); clarity('set', 'page', 'home');""",
    "meta": """!function (f) { if (f.fbq) return; var n = f.fbq = function () { n.queue.push(arguments); };
        n.push = n; n.loaded = true; n.queue = []; }(window); fbq('init', '1'); fbq('track', 'PageView');""",
    "tiktok": """!function (w, t) { var ttq = w[t] = w[t] || [];
        ttq.methods = ['page', 'revokeConsent', 'grantConsent'];
        ttq.setAndDefer = function (t, e) { t[e] = function () { t.push([e].concat([].slice.call(arguments))); }; };
        for (var i = 0; i < ttq.methods.length; i++) ttq.setAndDefer(ttq, ttq.methods[i]);
        }(window, 'ttq'); ttq.page();""",
    "matomo": "var _paq = window._paq = window._paq || []; _paq.push(['requireConsent'], ['trackPageView']);",
    "hubspot": "var _hsp = window._hsp = window._hsp || [];",
}


@pytest.fixture(scope="session")
def modes_script(sqlite_server: ConsentServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The tag of a site whose vendors all want to be told."""
    site = yaml.safe_load((ROOT / "examples/ala.yaml").read_text())
    site["site"] |= {"key": "modes", "origins": ["https://www.modes.example"], "cookie_domains": ["modes.example"]}
    (plain,) = (provider for provider in site["providers"] if provider["key"] == "sample-ads")
    site["providers"] = [
        {**plain, "key": key, "category": category, "consent_mode": mode, "hosts": [], "trackers": []}
        for key, (category, mode) in PROVIDERS.items()
    ]
    file: Path = tmp_path_factory.mktemp("site") / "modes.json"
    file.write_text(json.dumps(site))
    sqlite_server.flask("site", "import", str(file))
    return f'<script async src="{sqlite_server.origin}/modes/choices.js"></script>'


def waiting(key: str, code: str) -> str:
    """A vendor's tag that waits, and notes what its queue holds when it runs."""
    return gated_inline(code + noting(key), PROVIDERS[key][0], key)


def layer(page: Page) -> list[Any]:
    found: list[Any] = page.evaluate(LAYER)
    return found


GTAG = "window.dataLayer = window.dataLayer || []; function gtag() { dataLayer.push(arguments); }"


@pytest.mark.parametrize("before", ["", f"<script>{GTAG}</script>", f"<script>{GTAG} gtag('config', 'G-1');</script>"])
def test_everything_is_denied_first_whatever_the_page_did_before(
    customer: CustomerSite, script: str, visitor: Visitor, before: str
) -> None:
    customer.page(head=before + script)
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    first, *rest = layer(page)
    assert first == ["consent", "default", DENIED]
    assert rest == ([["config", "G-1"]] if "config" in before else [])
    assert page.evaluate("Object.prototype.toString.call(dataLayer[0])") == "[object Arguments]"


@pytest.mark.parametrize(
    "taken", ["<script>window.dataLayer = { page: 'home' };</script>", "<script>var dataLayer = 'page';</script>"]
)
def test_a_page_that_uses_the_name_otherwise_is_asked_all_the_same(
    customer: CustomerSite, script: str, visitor: Visitor, taken: str
) -> None:
    customer.page(head=taken + script)
    visitor.visit()
    visitor.decide("Reject all")


def test_google_is_told_before_its_tag_runs_and_on_every_page(
    customer: CustomerSite, server: ConsentServer, modes_script: str, visitor: Visitor
) -> None:
    tag = GTAG + "gtag('config', 'G-1');"
    customer.page(head=modes_script, body=WORDS + waiting("google-analytics", tag))
    page = visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("google-analytics")
    categories = {"functional": True, "analytics": True, "marketing": True}
    whole = [
        ["consent", "default", DENIED],
        ["consent", "update", GRANTED],
        {"event": "visitor_choices", "visitor_choices": categories},
        ["config", "G-1"],
    ]
    assert layer(page) == whole
    page.reload()
    visitor.expect_ran("google-analytics")
    assert layer(page) == whole


def test_each_vendor_is_told_before_its_tag_runs(
    customer: CustomerSite, server: ConsentServer, modes_script: str, visitor: Visitor
) -> None:
    customer.page(head=modes_script, body=WORDS + "".join(waiting(key, code) for key, code in TAGS.items()))
    page = visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran(*TAGS)
    denied, granted = {"ad_storage": "denied"}, {"ad_storage": "granted"}
    update = ["consent", "update", granted]
    assert page.evaluate("uetq") == ["consent", "default", denied, *update, "event", "page_view", {}]
    clarity = {"ad_Storage": "denied", "analytics_Storage": "granted"}
    told = page.evaluate("clarity.q.map((entry) => [...entry])")
    assert told == [["consentv2", clarity], ["set", "page", "home"]]
    # Its tag set itself up, and nobody has revoked anything.
    assert page.evaluate("fbq.queue.map((entry) => entry[0])") == ["init", "track"]
    assert json.loads(page.evaluate("JSON.stringify(ttq)")) == [["grantConsent"], ["page"]]
    assert page.evaluate("_paq") == [["setConsentGiven"], ["requireConsent"], ["trackPageView"]]
    hubspot = {"analytics": False, "advertisement": True, "functionality": True}
    assert page.evaluate("_hsp") == [["setHubSpotConsent", hubspot]]


def test_a_vendor_on_the_page_is_told_that_it_was_refused(
    customer: CustomerSite, server: ConsentServer, modes_script: str, visitor: Visitor
) -> None:
    """A tag that does not wait, and one provider of two."""
    customer.page(head=f"<script>{TAGS['meta']}</script>" + modes_script)
    page = visitor.visit()
    visitor.button("Choose").click()
    visitor.dialog.locator("input[name=analytics]").check()
    visitor.dialog.get_by_role("button", name="Save choices").click()
    page.wait_for_function("fbq.queue.length === 3")
    assert page.evaluate("[...fbq.queue[2]]") == ["consent", "revoke"]
    assert layer(page)[1][2] == {**DENIED, "analytics_storage": "granted"}
    assert page.evaluate("'ttq' in window || '_hsp' in window || 'uetq' in window") is False
