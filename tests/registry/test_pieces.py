"""Pieces of a draft: what is read out and put back is the same; what is put in is there, and nothing else changes."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.registry import site_file
from consent_server.registry.pieces import entry, find, policy_text, wording
from consent_server.registry.schemas import SiteFileSchema
from consent_server.registry.translations import short_texts, to_translate
from tests.factories import ALA

CONTENT = SiteFileSchema().load(site_file.read(ALA.read_text(encoding="utf-8"))[0])
LOCALES = CONTENT["site"]["locales"]
PIECES = [wording(locale) for locale in LOCALES]
PIECES += [entry("providers", found["key"]) for found in CONTENT["providers"]]
PIECES += [entry("categories", found["key"]) for found in CONTENT["categories"]]
PIECES += [policy_text("en"), policy_text("es")]


@pytest.mark.parametrize("piece", PIECES)
def test_putting_back_what_was_read_changes_nothing(piece):
    before = copy.deepcopy(CONTENT)
    assert piece.write(CONTENT, piece.read(CONTENT)) == CONTENT == before


def test_an_entry_comes_and_goes():
    new = {**find(CONTENT, "providers", "google-analytics"), "key": "another"}
    piece = entry("providers", "another")
    assert piece.read(CONTENT) is None
    with_it = piece.write(CONTENT, new)
    assert with_it["providers"][-1] == new and len(with_it["providers"]) == len(CONTENT["providers"]) + 1
    assert piece.write(with_it, None) == CONTENT


def test_a_policy_text_comes_and_goes():
    with_it = policy_text("fr").write(CONTENT, "## Bref")
    assert with_it["policy"]["fr"] == "## Bref"
    assert policy_text("fr").write(with_it, "") == CONTENT


@given(st.sampled_from(LOCALES), st.data())
def test_the_texts_of_a_language_are_what_was_put_in(locale, data):
    paths = [text.path for text in short_texts(CONTENT, locale)]
    texts = data.draw(st.dictionaries(st.sampled_from(paths), st.text(min_size=1, max_size=5), max_size=5))
    piece = wording(locale)
    changed = piece.write(CONTENT, texts)
    assert piece.read(changed) == texts
    for other in LOCALES:
        if other != locale:
            assert wording(other).read(changed) == wording(other).read(CONTENT)


def test_what_is_to_be_translated():
    """Standard categories come translated; what is said of providers does not."""
    missing = {text.path for text in to_translate(CONTENT, "fr")}
    assert "providers/google-analytics/purpose" in missing
    assert not any(path.startswith(("categories/", "wording/")) for path in missing)
    assert to_translate(CONTENT, "en") == []


def test_a_category_of_the_sites_own_is_to_be_translated():
    content = copy.deepcopy(CONTENT)
    content["categories"].append({"key": "research", "required": False, "name": {"en": "Research"}})
    paths = [text.path for text in to_translate(content, "es")]
    assert [path for path in paths if "research" in path] == ["categories/research/name"]
