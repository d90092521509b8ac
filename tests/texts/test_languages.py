"""Which locale is meant by a language tag, and what is read of the texts, and when."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server import texts
from consent_server.texts import (
    available,
    direction,
    has_pages,
    has_texts,
    language_name,
    lookup,
    nearest,
    page_texts_in,
    texts_in,
)

LOCALES = st.lists(st.sampled_from(["en", "es", "pt-BR", "zh-Hans", "zh-Hant", "zh-TW", "tl", "fil", "he", "iw", "yi"]))
SUBTAGS = st.lists(st.from_regex(r"[A-Za-z0-9]{1,8}", fullmatch=True), max_size=4)


@pytest.mark.parametrize(
    ("language", "locale"),
    [
        ("en", "en"),
        ("EN-gb", "en"),
        ("en-GB-oxendict", "en"),
        ("pt-BR", "pt"),
        ("es-419", "es"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh-Hans-HK", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-mo", "zh-Hant"),
        ("zh-hant-tw", "zh-Hant"),
        ("fil", "tl"),
        ("fil-PH", "tl"),
        ("iw", "he"),
        ("iw-IL", "he"),
        ("ji", "yi"),
        ("ht-HT", "ht"),
        ("e", None),
        ("eng", None),
        ("enn", None),
        ("fa", None),
        ("x-klingon", None),
        ("", None),
        ("-", None),
        ("-en", None),
        ("*", None),
        ("en_GB", None),
        ("../en", None),
        ("\x00", None),
        ("🦊", None),
    ],
)
def test_what_a_tag_means(language, locale):
    assert lookup(language, available()) == locale
    assert nearest(language, available()) == locale


@pytest.mark.parametrize(
    ("language", "offered", "locale"),
    [
        # A site may call its own locales by either name …
        ("he", ["en", "iw"], "iw"),
        ("tl-PH", ["en", "fil"], "fil"),
        ("zh-Hant", ["en", "zh-TW"], "zh-TW"),
        ("zh-HK", ["zh-CN", "zh-TW"], "zh-TW"),
        ("zh", ["zh", "zh-Hans"], "zh"),
        ("zh-CN", ["zh-Hans", "zh"], "zh"),
        # … and whoever reads a language reads it as written elsewhere sooner than another.
        ("pt", ["en", "pt-BR"], "pt-BR"),
        ("pt-PT", ["en", "pt-BR"], "pt-BR"),
        ("zh-TW", ["en", "zh-Hans"], "zh-Hans"),
        ("zh-CN", ["en", "zh-Hant"], "zh-Hant"),
        ("en-AU", ["en-US", "en-GB"], "en-US"),
        ("es", ["en", "pt-BR"], None),
    ],
)
def test_what_a_site_offers_for_a_tag(language, offered, locale):
    assert nearest(language, offered) == locale


@given(LOCALES, SUBTAGS)
def test_a_locale_is_found_under_its_own_name_and_all_narrower_ones(locales, subtags):
    for locale in locales:
        for tag in (locale, locale.upper(), "-".join([locale, *subtags])):
            found = lookup(tag, locales)
            assert found is not None
            assert found == locale or subtags or lookup(found, [locale]) or found.lower() == locale.lower()


@given(st.text(max_size=60), LOCALES)
def test_whatever_the_tag_the_answer_is_one_that_is_offered(language, locales):
    found = nearest(language, locales)
    assert found is None or found in locales
    assert lookup(language, locales) in (found, None)


def test_what_there_is_in_a_language():
    assert has_texts("vi") and not has_pages("vi")
    assert has_texts("es-MX") and has_pages("es-MX")
    assert not has_texts("fa") and not has_pages("fa")
    assert texts_in("pt-BR") is texts_in("pt") is not texts_in("fa")
    assert texts_in("fa") is texts_in("en")
    assert page_texts_in("vi") is page_texts_in() is texts_in("en")
    assert page_texts_in("vi", "es", "en") is texts_in("es")


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("en", "ltr"), ("ar-EG", "rtl"), ("iw", "rtl"), ("yi", "rtl"), ("fa", "rtl"), ("ur-PK", "rtl"), ("hi", "ltr")],
)
def test_directions_are_known_of_languages_without_texts_too(locale, expected):
    assert direction(locale) == expected


def test_a_language_names_itself():
    assert (language_name("es-MX"), language_name("zh-TW"), language_name("fa")) == ("Español", "繁體中文", "fa")


def test_no_text_is_read_before_it_is_needed():
    """One language takes a few milliseconds, all of them a good part of a second; most are asked for by nobody."""
    code = (
        "import consent_server, consent_server.texts as texts\n"
        # English, in which staff pages are.
        "assert texts._read.cache_info().currsize <= 1\n"
        "texts.texts_in('en')\n"
        "texts.texts_in('vi')\n"
        "assert texts._read.cache_info().currsize == 2\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_language_is_read_once():
    assert texts._read("yi") is texts._read("yi")
    assert texts.texts_in("yi-Hebr") is texts.texts_in("ji")
