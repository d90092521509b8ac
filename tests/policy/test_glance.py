"""At a glance: every change is named, in every language, and nothing is that visitors are not told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.policy.diff import ORDER, compare, reordered
from consent_server.policy.document import public
from consent_server.policy.glance import FIELDS, sentences
from consent_server.texts import category_texts, texts_in
from tests.policy.contents import BASE, contents, edited, provider
from tests.policy.test_significance import EDITORIAL, MATERIAL, NEW

SENTENCES = {
    "a new provider": "New provider under Marketing: New.",
    "a provider less": "Provider removed: Ad Server.",
    "a longer time": "Changed for Counter: how long data is kept (14 months → 26 months).",
    "another country": "Changed for Counter: country (United States → China).",
    "another category": "Changed for Counter: category (Analytics → Marketing).",
    "a sale": "Counter now sells or shares data.",
    "no sale any more": "Ad Server no longer sells or shares data.",
    "a provider held": "Counter is paused for now.",
    "a new purpose": "Changed for Counter: purpose.",
    "a tracker that stays longer": "Changed for Counter, _c: lifetime (1 day → 2 years).",
    "one more tracker": "New from Counter: _d.",
    "a new category": "New category: research.",
    "a category always on": "Analytics is now always on.",
    "a category that can be refused now": "Necessary is now off until you allow it.",
    "order": "The order of the list has changed.",
    "the policy's prose": "The text of the policy has changed.",
    "wording": "The words of the first question have changed.",
    "a contact": "Changed for A Zoo: contact.",
    "a stronger signal": "Changed for A Zoo: Do Not Track, Global Privacy Control.",
    "hosts": "Changed for Counter: technical details.",
    "a name": "Changed for The Counter: name (Counter → The Counter).",
}
EDITS = {name: edit for name, (edit, _, _) in MATERIAL.items()} | EDITORIAL


@pytest.mark.parametrize("name", SENTENCES)
def test_sentences(name):
    assert sentences(BASE, edited(EDITS[name]), "en") == [SENTENCES[name]]


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("locale", ["en", "es", "vi", "ar"])
def test_every_change_has_its_sentence(name, locale):
    assert len(sentences(BASE, edited(EDITS[name]), locale)) == 1


def test_in_another_language():
    def edit(content):
        content["providers"].append(NEW)
        provider(content, "counter")["retention"]["es"] = "26 meses"

    assert sentences(BASE, edited(edit), "es-MX") == [
        "Cambios en Counter: tiempo de conservación de los datos (14 meses → 26 meses).",
        "Nuevo proveedor en Marketing: New.",
    ]


def test_what_is_material_comes_first():
    def edit(content):
        provider(content, "counter")["name"] = "Abacus"
        content["providers"].append(NEW)

    assert sentences(BASE, edited(edit), "en")[0] == "New provider under Marketing: New."


@given(contents(), st.sampled_from(["en", "es", "fa"]))
def test_nothing_is_said_where_nothing_differs(content, locale):
    assert sentences(content, content, locale) == []


def test_dates_between_staff_and_a_provider_are_not_told():
    after = edited(lambda content: provider(content, "counter").update(review_date="2027-01-01"))
    assert sentences(BASE, after, "en") == []


@given(contents(), contents(), st.sampled_from(["en", "es", "vi"]))
def test_sentences_name_every_change(a, b, locale):
    said = sentences(a, b, locale)
    assert len(set(said)) == len(said)
    for change in compare(public(a), public(b)):
        assert any(_names(sentence, change, a, b, locale) for sentence in said), change


def _names(sentence, change, a, b, locale):
    """Whether a sentence names the entry of a change, and its field where it has a label of its own."""
    language, words = locale, texts_in(locale)["changes"]
    if change.path[-1] == ORDER:
        return not reordered(change) or sentence == words["order"]
    match change.path:
        case ("policy", *_):
            return sentence == words["text"]
        case ("wording", *_):
            return sentence == words["wording"]
        case ("site", *_):
            return b["site"]["name"] in sentence
        case ("categories", key, *rest):
            category = next(entry for entry in b["categories"] if entry["key"] == key)
            name = category_texts(category, language, "en")["name"]
        case ("providers", key, *rest):
            name = next(entry for entry in [*b["providers"], *a["providers"]] if entry["key"] == key)["name"]
    label = words["fields"][FIELDS[rest[0]]] if rest and rest[0] in FIELDS and rest[0] != "trackers" else ""
    return name in sentence and label in sentence
