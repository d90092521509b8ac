"""What a site file is filled in with, and the limits of its parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from consent_server.registry.fields import https_url
from consent_server.registry.schemas import SiteFileSchema
from consent_server.registry.site_schema import deployed_origin_faults
from tests.factories import site_content

schema = SiteFileSchema()


def test_defaults():
    site = schema.load(site_content())["site"]
    assert site["dnt"] == "record"
    assert site["gpc"] == "refuse-marketing"
    assert site["page"] == "origin"
    assert site["choice_ttl_days"] == 180
    assert site["proof_retention_days"] == 730


def test_a_text_without_a_locale_is_in_the_default_one():
    content = schema.load(site_content())
    assert content["categories"][0]["name"] == {"en": "Necessary"}


def test_loading_what_was_loaded_changes_nothing():
    once = schema.load(site_content())
    assert schema.load(once) == once


@pytest.mark.parametrize("mode", ["google", "microsoft-uet", "clarity", "meta", "tiktok", "matomo", "hubspot"])
def test_a_provider_may_have_a_consent_mode(mode):
    content = site_content()
    content["providers"][0]["consent_mode"] = mode
    providers = schema.load(content)["providers"]
    assert providers[0]["consent_mode"] == mode
    assert "consent_mode" not in providers[1]


def test_a_provider_and_a_category_never_share_a_key():
    """What a page asks by name, `visitorChoices.allows("marketing")`, has one answer."""
    content = site_content()
    content["providers"][0] |= {"key": "marketing", "category": "nosuch"}
    content["providers"][2]["key"] = "necessary"
    with pytest.raises(ValidationError) as refused:
        schema.load(content)
    assert refused.value.messages == {
        "providers": {
            0: {"key": ["A category has this key."], "category": ["There is no category 'nosuch'."]},
            2: {"key": ["A category has this key."]},
        }
    }


def test_categories_may_go_without_words():
    content = site_content()
    content["categories"] = [{"key": "necessary", "required": True}, {"key": "analytics"}, {"key": "marketing"}]
    assert schema.load(content)["categories"][1] == {"key": "analytics", "required": False}


@pytest.mark.parametrize("locale", ["en", "zh-Hant", "es-419", "fil", "de-CH-1996", "sl-rozaj-biske-1994"])
def test_languages(locale):
    content = site_content(locales=[locale], default_locale=locale)
    content["policy"] = {locale: "Text"}
    assert schema.load(content)["site"]["locales"] == [locale]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(st.sampled_from(sorted(site_content())), json_values)
def test_any_part_may_be_anything_and_is_taken_or_invalid(part, value):
    try:
        schema.load(site_content() | {part: value})
    except ValidationError as error:
        assert error.messages


@given(st.sampled_from(sorted(schema.fields["site"].schema.fields)), json_values)
def test_any_field_of_the_site_may_be_anything_and_is_taken_or_invalid(field, value):
    content = site_content()
    content["site"][field] = value
    try:
        schema.load(content)
    except ValidationError as error:
        assert error.messages


@pytest.mark.parametrize("url", ["https://a.example/", "https://a.example:8443/p?q#f", "https://xn--bcher-kva.example"])
def test_https_addresses(url):
    https_url(url)


@pytest.mark.parametrize(
    "url",
    ["", "a.example", "http://a.example", "//a.example", "https://", "https:///x", "https://a b/", "https://u@a.example",
     "javascript:alert(1)//https://a.example", "https://-a.example", "https://[", "https://a.example:x", "https://a.example:0",
     "https://a.example/\njavascript:x", "https://a.example/a b", "https://a.example/\u202efdp.x", "https://a.example/\u200b"],
)  # fmt: skip
def test_other_addresses(url):
    with pytest.raises(ValidationError):
        https_url(url)


@pytest.mark.parametrize(
    ("origin", "http_allowed", "faulty"),
    [
        ("https://www.ala.org", False, False),
        ("http://www.ala.org", False, True),
        ("http://www.ala.org", True, False),
        ("https://privacy.ala.org", False, True),
        ("https://privacy.ala.org:8443", True, True),
        ("https://my.privacy.ala.org", False, False),
    ],
)
def test_origins_on_a_deployment(origin, http_allowed, faulty):
    faults = deployed_origin_faults([origin], http_allowed=http_allowed, consent_host="privacy.ala.org")
    assert bool(faults) == faulty


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("name", " \u200b\u2060 "),
        # No XML holds it, so the feed would be none.
        ("name", "Zoo\uffff"),
        ("locales", ["en", "en"]),
    ],
)
def test_what_the_site_may_not_be(part, value):
    with pytest.raises(ValidationError) as error:
        SiteFileSchema().load(site_content(**{part: value}))
    assert part in error.value.messages["site"]


@pytest.mark.parametrize("host", ["..zoo.example", ".", "*.", ".*", "*.*.example", "zoo.example."])
def test_a_trackers_host_is_one(host):
    content = site_content()
    content["providers"][0]["trackers"][0]["host"] = host
    with pytest.raises(ValidationError):
        SiteFileSchema().load(content)
