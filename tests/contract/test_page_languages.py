"""Every page for visitors in whatever language they ask for: one that there are pages in, named, and nothing passed off
as another."""

import csv
import io
import re

import pytest

from consent_server.consent.models import ConsentEvent
from consent_server.policy import service as policy
from consent_server.texts import texts_in
from tests.factories import HOST, publish, rows, site_content, unrefused

ENGINES = ("sqlite",)
PAGES = ("choices", "choices/erase", "providers", "policy", "policy/1")


def get(client, page, languages="", site="ala"):
    return client.get(f"/{site}/{page}", headers={"Accept-Language": languages} if languages else {})


def language_of(response):
    lang, direction = re.search(r'<html lang="([^"]+)" dir="([^"]+)">', response.text).groups()
    assert response.headers["Content-Language"] == lang
    return lang, direction


def offered(response):
    """The languages of the switcher, and the one that is marked as the present one."""
    switcher = re.findall(
        r'<a href="[^"]*\?lang=([^"]+)" hreflang="\1" lang="\1"( aria-current="true")?>', response.text
    )
    return [lang for lang, _ in switcher], [lang for lang, current in switcher if current]


def publish_site(app, content, key="zoo"):
    with app.app_context():
        publish(unrefused(content))
        return policy.published(key)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("es", "es"),
        ("es-MX,en;q=0.5", "es"),
        ("vi", "en"),
        ("vi,es;q=0.5,en;q=0.1", "es"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "en"),
        ("ar, *;q=0.1", "en"),
        ("fr;q=0, es", "es"),
        ("es;q=0, vi", "en"),
        ("\x7f, ;;q=x", "en"),
    ],
)
def test_alas_pages_are_in_a_language_that_has_pages(client, site, page, accepted, language):
    response = get(client, page, accepted)
    assert response.status_code == 200
    assert language_of(response) == (language, "ltr")
    assert offered(response) == (["en", "es"], [language])
    assert "Accept-Language" in response.headers["Vary"]


@pytest.mark.parametrize("asked", ["vi", "zh-Hans", "xx", "../en", "EN"])
def test_an_address_that_names_another_language_leads_to_one_that_there_is(client, site, asked):
    for page in PAGES:
        response = client.get(f"/ala/{page}", query_string={"lang": asked}, headers={"Accept-Language": "es"})
        assert language_of(response) == ("es", "ltr")
        assert f"lang={asked}" not in response.text


def test_on_alas_own_pages_nothing_is_in_another_language(client, site):
    for page in PAGES:
        for language in ("en", "es"):
            html = get(client, page, language).text
            body = html[html.index("<main") : html.index("</main>")]
            assert not re.search(r" lang=", body), page


GERMAN = {
    "policy": {"de": "# Datenschutz\n\n## Was wir tun\n\n{{ dnt }}\n\n{{ providers }}\n\n## Kontakt\n\nSchreiben."},
    "categories": [
        {"key": "necessary", "required": True},
        {"key": "analytics", "name": "Zahlen & Daten", "purpose": "Wir zählen <b>."},
        {"key": "marketing"},
    ],
}


@pytest.fixture
def zoo(app, database_url):
    """A site in German and Persian: there are no pages in either, and no texts at all in the second."""
    content = site_content(locales=["de", "fa"], default_locale="de") | GERMAN
    content["providers"][0] |= {"purpose": "Zählt Besuche", "retention": {"fa": "یک سال"}}
    return publish_site(app, content)


def test_a_site_without_pages_in_any_of_its_languages_has_them_in_english(client, zoo):
    for page in PAGES:
        response = get(client, page, "de", site="zoo")
        assert (response.status_code, language_of(response)) == (200, ("en", "ltr"))
        assert offered(response) == ([], [])


def test_what_the_site_says_there_itself_is_marked_as_its_language(client, zoo):
    providers = get(client, "providers", site="zoo").text
    assert '<h2 id="analytics"><span lang="de" dir="ltr">Zahlen &amp; Daten</span></h2>' in providers
    assert '<p><span lang="de" dir="ltr">Wir zählen &lt;b&gt;.</span>' in providers
    assert '<dd><span lang="de" dir="ltr">Zählt Besuche</span></dd>' in providers
    assert '<dd><span lang="fa" dir="rtl">یک سال</span></dd>' in providers
    # Categories are called as in the banner, which is never in English here.
    standard = texts_in("de")["standard"]["marketing"]
    assert f'<h2 id="marketing"><span lang="de" dir="ltr">{standard["name"]}</span></h2>' in providers


def test_the_policys_text_is_marked_too_and_the_page_around_it_is_not(client, zoo):
    html = get(client, "policy", site="zoo").text
    assert '<ul class="contents" lang="de" dir="ltr">' in html
    parts = re.findall(r'<div lang="de" dir="ltr">(.*?)</div>', html, re.DOTALL)
    assert len(parts) == 2
    assert "Was wir tun</h3>" in parts[0] and "Schreiben." in parts[1]
    assert "Service providers" not in "".join(parts) and 'id="provider-counter"' not in "".join(parts)


def test_a_choice_made_there_is_recorded_under_the_sites_default_notice(app, client, zoo):
    page = get(client, "choices", site="zoo")
    assert f'name="notice" value="{zoo.notices["de"]}"' in page.text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    form = {**fields, "decision": "save", "allow": ["analytics"]}
    done = client.post("/zoo/choices", data=form, headers={"Origin": HOST})
    assert done.status_code == 303
    [event] = rows(app, ConsentEvent)
    assert bytes(event["notice"]).hex() == zoo.notices["de"]
    said = client.get("/zoo/choices?history=show").text
    german = '<span lang="de" dir="ltr">Zahlen &amp; Daten</span>'
    assert f"Allowed: {german}." in said
    assert 'Refused: <span lang="de" dir="ltr">Marketing</span>.' in said
    assert f'<span class="quiet">Allowed: {german}.</span>' in said
    assert f'<a href="/zoo/providers#analytics">{german}: who receives data</a>' in said


def test_a_name_is_escaped_once(app, client, database_url):
    content = site_content()
    content["categories"][1]["name"] = "Ads & <more>"
    publish_site(app, content)
    html = get(client, "choices", site="zoo").text
    assert html.count("Ads &amp; &lt;more&gt;") == 2
    assert "&amp;amp;" not in html and "<more>" not in html


def test_a_category_is_called_the_same_on_every_page_and_in_the_banner(app, client, database_url):
    """Without words of the site's own, in each of its languages."""
    content = site_content(locales=["en", "es"])
    content["categories"] = [{"key": "necessary", "required": True}, {"key": "analytics"}, {"key": "marketing"}]
    zoo = publish_site(app, content)
    for language in ("en", "es"):
        notice = client.get(f"/v1/sites/zoo/notices/{zoo.notices[language]}").json
        for category in notice["dialog"]["categories"]:
            assert category["name"] == texts_in(language)["standard"][category["key"]]["name"]
            for page in ("choices", "providers", "policy"):
                html = get(client, page, language, site="zoo").text
                assert f">{category['name']}<" in html and category["purpose"] in html, page


def test_a_language_without_pages_is_passed_over_for_one_of_the_sites_with_them(app, client, database_url):
    content = site_content(locales=["de", "vi", "es"], default_locale="de") | GERMAN
    publish_site(app, content)
    for accepted in ("de", "", "en"):
        response = get(client, "policy", accepted, site="zoo")
        assert language_of(response) == ("es", "ltr")
        assert '<div lang="de" dir="ltr">' in response.text


def test_regional_pages_are_pages_of_their_language(app, client, database_url):
    content = site_content(locales=["es-MX", "en-US"], default_locale="es-MX")
    content["policy"] = {"es": "Texto del zoo", "es-MX": "Texto mexicano"}
    content["categories"][1]["name"] = {"es": "Números", "en": "Numbers"}
    publish_site(app, content)
    response = get(client, "policy", "es", site="zoo")
    assert language_of(response) == ("es-MX", "ltr")
    assert "Texto mexicano" in response.text and " lang=" not in response.text[response.text.index("<main") :]
    assert language_of(get(client, "providers", "en", site="zoo")) == ("en-US", "ltr")


def test_the_spreadsheet_holds_words_and_no_marks(client, zoo):
    lines = csv.DictReader(io.StringIO(get(client, "providers.csv", site="zoo").data.decode("utf-8-sig")))
    first = next(lines)
    assert (first["purpose"], first["retention"]) == ("Zählt Besuche", "یک سال")
