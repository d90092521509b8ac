"""Forms: what a page shows of an entry, sent back as it is, is that entry; what is typed is taken as it is meant."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from consent_server.registry import site_file
from consent_server.registry.form_schemas import CategoryForm, ProviderForm
from consent_server.registry.forms import (
    category_of,
    category_values,
    faults_at,
    free_key,
    provider_fields,
    provider_of,
    provider_values,
    tracker_rows,
)
from consent_server.registry.schemas import KEY, SiteFileSchema
from tests.factories import ALA

CONTENT = SiteFileSchema().load(site_file.read(ALA.read_text(encoding="utf-8"))[0])
PROVIDERS = {provider["key"]: provider for provider in CONTENT["providers"]}


def sent(values, began=None, **changes):
    """A page's fields as a browser sends them."""
    flat = {name: value for name, value in values.items() if name != "trackers"}
    for number, row in enumerate(values["trackers"]):
        flat |= {f"trackers-{number}-{name}": value for name, value in row.items()}
    return MultiDict(flat | {"began": json.dumps(began) if began else ""} | changes)


def read(form, key):
    return provider_of(ProviderForm().load(provider_fields(form)), "en", key)


@pytest.mark.parametrize("key", PROVIDERS)
def test_a_provider_sent_back_as_shown_is_unchanged(key):
    provider = PROVIDERS[key]
    assert read(sent(provider_values(provider, "en"), provider), key) == provider


@pytest.mark.parametrize("category", CONTENT["categories"], ids=lambda category: category["key"])
def test_a_category_sent_back_as_shown_is_unchanged(category):
    form = CategoryForm().load({**category_values(category, "en"), "began": json.dumps(category)})
    assert category_of(form, "en", category["key"]) == category


def test_a_text_is_changed_in_one_language_only():
    provider = PROVIDERS["google-analytics"]
    changed = read(sent(provider_values(provider, "en"), provider, purpose="Counts  visits.\n"), "google-analytics")
    assert changed["purpose"] == {**provider["purpose"], "en": "Counts visits."}


def test_a_text_that_is_emptied_goes_in_its_language():
    provider = PROVIDERS["sample-ads"]
    changed = read(sent(provider_values(provider, "en"), provider, retention=""), "sample-ads")
    assert changed["retention"] == {"es": "90 días"}


def test_trackers_come_and_go_with_their_translations():
    provider = PROVIDERS["sample-ads"]
    form = sent(provider_values(provider, "en"), provider)
    for name in ("was", "kind", "name", "host", "lifetime", "purpose"):
        del form[f"trackers-0-{name}"]
    form.update({"trackers-7-kind": "storage", "trackers-7-name": "seen", "trackers-7-host": "ads.example.org"})
    changed = read(form, "sample-ads")
    assert changed["trackers"] == [
        *provider["trackers"][1:],
        {"kind": "storage", "name": "seen", "host": "ads.example.org"},
    ]


def test_a_blank_row_is_none():
    form = sent(provider_values(PROVIDERS["sample-ads"], "en"), PROVIDERS["sample-ads"])
    form.update({"trackers-9-was": "", "trackers-9-kind": "cookie", "trackers-9-name": " "})
    assert len(tracker_rows(form)) == 4
    assert read(form, "sample-ads") == PROVIDERS["sample-ads"]


def test_the_rest_of_the_form_may_be_absent():
    form = {"name": "A", "category": "marketing", "purpose": "Shows ads.", "privacy_url": "https://a.example/privacy"}
    assert read(MultiDict(form), "a") == {
        "key": "a",
        "name": "A",
        "category": "marketing",
        "privacy_url": "https://a.example/privacy",
        "purpose": {"en": "Shows ads."},
        "sells_or_shares": False,
        "sample": False,
        "hosts": [],
        "trackers": [],
    }


def test_what_is_needed_is_asked_for_in_words():
    with pytest.raises(ValidationError) as caught:
        ProviderForm().load(provider_fields(MultiDict({"name": "  ", "trackers-0-host": "a.example"})))
    assert faults_at(caught.value.messages, ["name", "category", "purpose", "privacy_url", "trackers-0-name"]) == {
        "name": ["Enter the provider’s name."],
        "category": ["Choose a category."],
        "purpose": ["Say in one sentence what it is for."],
        "privacy_url": ["Enter the address of its privacy policy."],
        "trackers-0-name": ["Enter the name, as the browser shows it."],
        "": ["trackers 0 kind: Choose a kind."],
    }


@pytest.mark.parametrize(
    ("typed", "code"), [("US", "US"), ("us", "US"), (" united states ", "US"), ("", ""), ("BM", "BM")]
)
def test_a_country_by_name_or_code(typed, code):
    assert ProviderForm(only=("country",)).load({"country": typed}) == {"country": code}


def test_no_country():
    with pytest.raises(ValidationError, match="Choose a country"):
        ProviderForm(only=("country",)).load({"country": "Atlantis"})


@pytest.mark.parametrize("began", ["{", "[" * 20_000, '{"a":' * 9 + "1" + "}" * 9])
def test_an_entry_that_no_page_of_ours_carried_is_refused(began):
    with pytest.raises(ValidationError, match="not sent whole"):
        ProviderForm(only=("began",)).load({"began": began})


@given(st.text(max_size=60), st.sets(st.sampled_from(["zoe-co", "zoe-co-2", "provider", "a"])))
def test_a_key_is_made_of_any_name(name, taken):
    key = free_key(name, taken)
    assert key not in taken
    KEY(key)


def test_a_key_reads_like_the_name():
    assert free_key("Zoë & Co.", ()) == "zoe-co"
    assert free_key("Zoë & Co.", {"zoe-co", "zoe-co-2"}) == "zoe-co-3"
    assert free_key("3M", ()) == "m"


def test_messages_are_put_at_their_controls():
    messages = {"purpose": {"en": ["No markup."]}, "hosts": {0: ["A host name."]}, "elsewhere": {"a": ["Odd."]}}
    assert faults_at(messages, ["purpose", "hosts"]) == {
        "purpose": ["No markup."],
        "hosts": ["A host name."],
        "": ["elsewhere a: Odd."],
    }
