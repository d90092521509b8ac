"""A category's texts: the site's own, the standard ones, never none, and never two languages in one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.texts import CATEGORY_TEXTS, available, category_texts, texts_in

OWN = {"name": {"en": "Numbers", "es": "Números"}, "purpose": {"en": "Count.", "es": "Contar."}}
STANDARD = texts_in("en")["standard"]


def texts(locale, default_locale="en", *, key="analytics", **own):
    return category_texts({"key": key, "required": False, **own}, locale, default_locale)


def test_a_sites_own_words_come_first():
    assert texts("es", **OWN) == {"lang": "es", "name": "Números", "purpose": "Contar.", "without": ""}
    assert texts("es-MX", **OWN)["name"] == "Números"


@pytest.mark.parametrize("locale", available())
def test_the_standard_ones_of_its_key_where_the_site_has_none_in_the_locale(locale):
    own = {} if locale in ("en", "es") else OWN
    for key in STANDARD:
        assert texts(locale, key=key, **own) == {"lang": locale, **texts_in(locale)["standard"][key]}


def test_a_key_of_the_sites_own_stays_in_the_default_locale():
    assert texts("vi", key="research", **OWN)["lang"] == "en"
    assert texts("vi", "es", key="research", **OWN)["name"] == "Números"


def test_a_text_that_is_half_translated_is_not_shown_half():
    own = {**OWN, "purpose": {"en": "Count."}}
    assert texts("es", **own) == {"lang": "es", **texts_in("es")["standard"]["analytics"]}
    assert texts("es", key="research", **own) == {"lang": "en", "name": "Numbers", "purpose": "Count.", "without": ""}


def test_what_the_site_has_left_open_is_filled_in():
    standard = STANDARD["functional"]
    assert texts("en", key="functional", name={"en": "Extras"}) == {"lang": "en", **standard, "name": "Extras"}
    # A purpose of its own says nothing of what is lost, and neither do we.
    own = texts("en", key="functional", purpose={"en": "Play videos."})
    assert own == {"lang": "en", "name": standard["name"], "purpose": "Play videos.", "without": ""}


def test_an_empty_text_is_one():
    own = {**OWN, "without": {"en": "", "es": ""}}
    assert texts("en", key="functional", **own)["without"] == ""


def test_a_category_without_any_words_is_called_by_its_key():
    assert texts("vi", "fa", key="research") == {"lang": "fa", "name": "research", "purpose": "", "without": ""}


def test_in_a_language_that_nobody_has_texts_in():
    assert texts("fa", "es") == {"lang": "es", **texts_in("es")["standard"]["analytics"]}
    assert texts("fa", "fa") == {"lang": "en", **STANDARD["analytics"]}
    assert texts("fa", "en", name={"fa": "آمار"}, purpose={"fa": "شمارش"})["lang"] == "fa"


LOCALES = st.sampled_from(["en", "es", "es-MX", "zh-Hans", "vi", "fa", "iw"])
TEXT = st.dictionaries(LOCALES, st.text(min_size=1, max_size=5), min_size=1, max_size=3)
TEXTS = st.fixed_dictionaries({}, optional={name: TEXT for name in CATEGORY_TEXTS})


@given(LOCALES, LOCALES, st.sampled_from(["analytics", "research"]), TEXTS)
def test_there_is_always_a_name_and_never_an_invented_text(locale, default_locale, key, own):
    found = texts(locale, default_locale, key=key, **own)
    assert set(found) == {"lang", *CATEGORY_TEXTS}
    assert found["name"]
    for name in CATEGORY_TEXTS:
        standard = {texts_in(language)["standard"].get(key, {}).get(name) for language in available()}
        assert found[name] in {"", key, *own.get(name, {}).values()} | standard
