"""What the script is told of a site."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.consent.effect import Choice, refuse
from consent_server.consent.signals import Refusal
from consent_server.embed.service import _provider, _sale, widget_config
from consent_server.policy import service as policy
from consent_server.policy.service import ProviderTerms, Terms
from consent_server.texts import texts_in
from tests.factories import publish, site_content, unrefused

ENGINES = ("sqlite",)


def config_of(app, content):
    with app.app_context():
        publish(unrefused(content))
        return widget_config(policy.published(content["site"]["key"]))


def test_alas(app, site):
    with app.app_context():
        config = widget_config(site)
    first = config.pop("first")
    assert config == {
        "site": "ala",
        "policy": 1,
        "epoch": 1,
        "notice": site.notices["en"],
        "categories": ("functional", "analytics", "marketing"),
        "providers": config["providers"],
        "sale": ["marketing", "sample-ads"],
        "dnt": 0,
        "gpc": 1,
        "page": 0,
        "days": 180,
        "changes": [],
        "domains": ("ala.org", "ala.localhost"),
    }
    assert set(first) == {"lang", "dir", "title", "text", "links", "buttons", "reopen"}
    assert first["text"].startswith("We use cookies")
    # Necessary ones never wait.
    assert [provider[:2] for provider in config["providers"]] == [
        ["google-analytics", "analytics"],
        ["sample-video", "functional"],
        ["sample-ads", "marketing"],
    ]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({"dnt": "record", "gpc": "record", "page": "origin"}, (0, 0, 0)),
        ({"dnt": "refuse", "gpc": "refuse-marketing", "page": "path"}, (1, 1, 1)),
        ({"dnt": "record", "gpc": "refuse-all", "page": "origin"}, (0, 2, 0)),
    ],
)
def test_rules(app, database_url, rules, expected):
    config = config_of(app, site_content(**rules))
    assert (config["dnt"], config["gpc"], config["page"]) == expected


def test_a_consent_mode_is_told_where_there_is_one(app, database_url):
    content = site_content()
    content["providers"][0]["consent_mode"] = "matomo"
    providers = config_of(app, content)["providers"]
    assert providers[0] == ["counter", "analytics", "counter[.]example", "matomo"]
    assert providers[1] == ["measurer", "analytics", "measurer[.]example"]


def matches(host, address):
    """As the script asks (`widget/src/block.js`, `widget/src/parts/gates.js`)."""
    _, _, hosts = _provider("x", ProviderTerms("x", False, (host,) if isinstance(host, str) else host, None))
    return bool(hosts) and bool(re.search(rf"^\w+://({hosts})[:/]", address))


@pytest.mark.parametrize(
    "address", ["https://www.example.org/", "http://www.example.org/a?b#c", "https://www.example.org:8443/x"]
)
def test_a_host_is_itself(address):
    assert matches("www.example.org", address)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/",
        "https://a.www.example.org/",
        "https://www.example.org.evil.net/",
        "https://www.example.orgs/",
        "https://wwwxexample.org/",
        "https://www/example.org/",
        "https://evil.net/https://www.example.org/",
        "https://evil.net/?https://www.example.org/",
    ],
)
def test_and_nothing_else(address):
    assert not matches("www.example.org", address)


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("https://a.example.org/", True),
        ("https://a.b.example.org/x", True),
        ("https://example.org/", False),
        ("https://notexample.org/", False),
        ("https://a.example.org.evil.net/", False),
        ("https://evil.net/a.example.org/", False),
        ("https://evil.net:1/.example.org/", False),
        ("https://.example.org/", False),
    ],
)
def test_a_star_stands_for_subdomains(address, inside):
    assert matches("*.example.org", address) == inside


def test_a_provider_has_several_hosts_or_none():
    hosts = ("cdn.example.net", "*.example.org")
    assert matches(hosts, "https://cdn.example.net/") and matches(hosts, "https://a.example.org/")
    assert not matches(hosts, "https://example.net/")
    assert not matches((), "https://example.net/")


def terms_of(providers, categories=("analytics", "marketing", "empty")):
    return Terms(1, 1, "", 1, categories, frozenset({"necessary"}), providers, {})


def test_what_global_privacy_control_turns_off(app, database_url):
    """Marketing with all in it, whoever else sells or shares, and a category that would be empty without them."""
    content = site_content()
    content["categories"].append({"key": "shops", "name": "Shops"})
    content["providers"].append({**content["providers"][1], "key": "shop", "category": "shops"})
    assert config_of(app, content)["sale"] == ["marketing", "shops", "measurer", "mailer", "adserver", "shop"]


def test_without_anyone_who_sells_it_is_marketing_alone():
    none = {"counter": ProviderTerms("analytics", False, (), None)}
    assert _sale(terms_of(none)) == ["marketing"]
    assert _sale(terms_of(none, ("analytics",))) == []
    assert _sale(terms_of({}, ())) == []


PROVIDERS = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d", "e"]),
    st.builds(
        ProviderTerms,
        category=st.sampled_from(["analytics", "marketing"]),
        sells_or_shares=st.booleans(),
        hosts=st.just(()),
        consent_mode=st.none(),
    ),
)


@given(PROVIDERS, st.lists(st.booleans(), min_size=3, max_size=3))
def test_page_and_server_turn_off_the_same(providers, granted):
    """The page by this list, the server by `effect.refuse`: what a visitor allowed by category is refused alike."""
    terms = terms_of(providers)
    choices = dict(zip(terms.categories, granted, strict=True))
    sale = _sale(terms)
    on_page = {name: on and name not in sale for name, on in choices.items()}
    on_page |= {key: choices[p.category] and key not in sale for key, p in providers.items()}
    left = refuse(Choice(choices, {}), Refusal(sellers=True), providers)
    on_server = left.categories | {
        key: left.providers.get(key, left.categories[p.category]) for key, p in providers.items()
    }
    assert on_page == on_server


NOBODYS = {"locales": ["fa"], "default_locale": "fa", "name": "باغ وحش"}


def test_a_site_in_a_language_that_nobody_has_texts_in_has_a_banner_in_english(app, database_url):
    content = site_content(**NOBODYS)
    content["policy"] = {"fa": "متن"}
    content["categories"] = [{"key": "necessary", "required": True}, {"key": "analytics"}, {"key": "marketing"}]
    first = config_of(app, content)["first"]
    assert (first["lang"], first["dir"]) == ("en", "ltr")
    assert first["title"] == "Cookies on باغ وحش"
    assert "optional cookies: Analytics, Marketing." in first["text"]
    assert [words for _, words in first["buttons"]] == ["Reject all", "Accept all", "Choose"]


def test_its_own_words_are_in_its_own_language(app, database_url):
    content = site_content(**NOBODYS)
    content |= {"policy": {"fa": "متن"}, "wording": {"fa": {"title": "کوکی‌ها", "text": "ما از کوکی استفاده می‌کنیم."}}}
    first = config_of(app, content)["first"]
    assert (first["lang"], first["dir"]) == ("fa", "rtl")
    assert first["text"] == "ما از کوکی استفاده می‌کنیم."
    assert first["buttons"][0] == ["reject-all", texts_in("en")["banner"]["reject_all"]]


def test_every_kind_of_site_has_a_script(app, database_url):
    """Whatever a site file may leave out."""
    for number, (categories, locales) in enumerate(
        [
            ([{"key": "own", "required": True}], ["en"]),
            ([{"key": "necessary", "required": True}, {"key": "own"}], ["xx", "en"]),
            ([{"key": "necessary", "required": True}, {"key": "own", "name": {"de": "Eigenes"}}], ["fa", "zh-TW"]),
        ]
    ):
        content = site_content(f"site{number}", locales=locales, default_locale=locales[0])
        content |= {"categories": categories, "providers": [], "policy": {locales[0]: "Text"}}
        first = config_of(app, content)["first"]
        assert first["title"] and first["text"] and all(words for _, words in first["buttons"])


def test_the_domains_are_those_of_the_site(app, site):
    with app.app_context():
        other = replace(site, rules=replace(site.rules, cookie_domains=("example.org", "example.net")))
        assert widget_config(other)["domains"] == ("example.org", "example.net")
