"""A policy version's document and its notices: in which language each text is."""

from html import escape

import pytest

from consent_server.policy.document import build_document, build_notice
from consent_server.policy.markdown import render
from consent_server.texts import available, direction, texts_in
from tests.factories import read_ala, site_content, unrefused

ENGINES = ("sqlite",)
US = "en es zh-Hans zh-Hant vi tl ko ar ru fr ht he yi".split()


@pytest.fixture
def documents(app, database_url):
    """Makes a document of validated content; `None` stands for ALA's."""

    def build(content=None):
        with app.app_context():
            valid = read_ala() if content is None else unrefused(content)
        return build_document(valid, number=1, epoch=1)

    return build


def notice(document, locale):
    return build_notice(document, policy_sha256="0" * 64, widget_sha256="1" * 64, locale=locale)


def shown(value):
    """Every text of a notice."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from shown(inner)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("locale", US)
def test_alas_notice_is_whole_in_every_language(documents, locale):
    made = notice(documents(), locale)
    first, dialog = made["first"], made["dialog"]
    banner = texts_in(locale)["banner"]
    assert (made["locale"], first["lang"], first["dir"]) == (locale, locale, direction(locale))
    assert first["buttons"] == [
        ["reject-all", banner["reject_all"]],
        ["accept-all", banner["accept_all"]],
        ["choose", banner["choose"]],
    ]
    assert {category["lang"] for category in dialog["categories"]} == {locale}
    assert all(category["name"] and category["purpose"] for category in dialog["categories"])
    # What is left to be filled in is filled in by the script, as it happens.
    left = {
        name
        for text in shown(made)
        for name in ("site", "categories", "provider", "count", "names")
        if f"{{{name}}}" in text
    }
    assert left == {"provider", "count", "names"}


def test_the_texts_are_those_of_the_language(documents):
    document = documents()
    in_spanish, in_vietnamese = notice(document, "es"), notice(document, "vi")
    # ALA's own words where it has written them, the standard ones of the key elsewhere.
    assert in_spanish["dialog"]["categories"][1]["name"] == "Funcionales"
    assert in_spanish["first"]["title"] == "Cookies en ala.org"
    standard = texts_in("vi")["standard"]
    assert in_vietnamese["dialog"]["categories"][1]["purpose"] == standard["functional"]["purpose"]
    assert standard["analytics"]["name"] in in_vietnamese["first"]["text"]
    assert "American Library Association" in in_vietnamese["first"]["title"]


def test_providers_are_named_with_their_keys(documents):
    categories = notice(documents(site_content()), "en")["dialog"]["categories"]
    assert [category["providers"] for category in categories] == [
        [],
        [{"key": "counter", "name": "Counter"}, {"key": "measurer", "name": "Measurer"}],
        [{"key": "mailer", "name": "Mailer"}, {"key": "adserver", "name": "Adserver"}],
    ]


def test_what_stands_for_a_frame_that_waits(documents):
    for locale in ("en", "yi"):
        assert notice(documents(), locale)["embed"] == texts_in(locale)["embed"]


def nobodys(default_locale="fa", **more):
    content = site_content(locales=sorted({"fa", default_locale}), default_locale=default_locale)
    return content | {"policy": {default_locale: "Text\n\n{{ dnt }}"}} | more


def test_a_locale_nobody_has_texts_in_is_shown_in_the_sites_default_one(documents):
    made = notice(documents(nobodys("de")), "fa")
    assert (made["locale"], made["first"]["lang"], made["first"]["dir"]) == ("fa", "de", "ltr")
    assert made["first"]["buttons"][0][1] == texts_in("de")["banner"]["reject_all"]
    assert made["dialog"]["save"] == texts_in("de")["dialog"]["save"]
    assert {category["lang"] for category in made["dialog"]["categories"]} == {"de"}


def test_and_in_english_where_nobody_has_texts_in_that_one_either(documents):
    bare = [{"key": "necessary", "required": True}, {"key": "own"}]
    made = notice(documents(nobodys(categories=bare, providers=[])), "fa")
    assert (made["first"]["lang"], made["first"]["dir"]) == ("en", "ltr")
    assert [(category["lang"], category["name"]) for category in made["dialog"]["categories"]] == [
        ("en", "Necessary"),
        ("fa", "own"),
    ]


def test_a_text_of_the_sites_own_makes_the_first_layer_its_language(documents):
    title_only, text_too = {"title": "عنوان"}, {"title": "عنوان", "text": "متن"}
    assert notice(documents(nobodys(wording={"fa": title_only})), "fa")["first"]["lang"] == "en"
    first = notice(documents(nobodys(wording={"fa": text_too})), "fa")["first"]
    assert (first["lang"], first["dir"], first["text"]) == ("fa", "rtl", "متن")


@pytest.mark.parametrize("locale", [*available(), "pt-BR", "zh-TW", "fil", "iw", "fa", "xx-Yyyy-ZZ"])
def test_every_notice_of_every_locale_is_complete(documents, locale):
    document = documents(nobodys(locale))
    english = notice(documents(), "en")
    made = notice(document, locale)
    assert {key: set(made[key]) for key in ("first", "dialog", "embed")} == {
        key: set(english[key]) for key in ("first", "dialog", "embed")
    }
    assert all(text.strip() for text in shown(made["first"]))
    assert all(text.strip() for text in shown(made["embed"]))


def test_a_documents_policy_is_what_the_site_has_written(documents):
    """No copy of one language under the name of another."""
    assert set(documents()["policy"]) == {"en", "es"}
    content = site_content(locales=["en", "pt-BR", "vi"])
    content["policy"] |= {"pt": "Texto", "fr": "Texte"}
    policy = documents(content)["policy"]
    assert set(policy) == {"en", "pt-BR"}
    assert policy["pt-BR"] == "Texto"


def test_generated_blocks_are_in_the_language_of_the_text_or_the_sites_own(documents):
    """There are no pages in Vietnamese."""
    content = site_content(locales=["es", "vi", "en"], default_locale="es")
    content["policy"] = {locale: "{{ dnt }}" for locale in ("es", "vi", "en")}
    policy = documents(content)["policy"]
    assert policy["vi"] == policy["es"] != policy["en"]
    assert texts_in("es")["blocks"]["dnt_record"] in policy["es"]
    assert "respond to it automatically" in policy["en"]


def test_a_contacts_name_reads_as_it_is_written(documents):
    name = "Press [and] *rights* `desk` \\ a_b](https://evil.example)"
    text = documents(site_content(contact={"name": name, "email": "desk@zoo.example"}))["policy"]["en"]
    html = render(text).html
    assert 'evil.example"' not in html and f'">{escape(name)}</a>' in html
