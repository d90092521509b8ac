"""Wording by language, and the policy's own text."""

import re

import pytest

from consent_server.registry.models import Draft
from tests.factories import rows
from tests.html_forms import form
from tests.staff.people import signed_in

ENGINES = ("sqlite",)
ES, FR, TEXT = "/staff/ala/wording/es", "/staff/ala/wording/fr", "/staff/ala/text/en"


def content(app):
    [row] = rows(app, Draft)
    return row["content"]


def opened(client, address):
    return form(client.get(address).text, address)


@pytest.mark.parametrize("address", [ES, FR, "/staff/ala/wording/en", TEXT, "/staff/ala/text/es", "/staff/ala/text/fr"])
def test_saving_a_page_as_it_is_changes_nothing(app, editor, address):
    before = content(app)
    assert editor.post(address, data=opened(editor, address)).status_code == 303
    assert content(app) == before


def test_the_list_says_what_is_to_be_translated(editor):
    page = editor.get("/staff/ala/wording").text
    assert re.search(r"Français.*?\d+ to translate", page, re.S)
    assert re.search(r"Español.*?complete", page, re.S)


def test_a_text_is_translated(app, editor):
    before = content(app)
    response = editor.post(FR, data=opened(editor, FR) | {"providers/google-analytics/purpose": "Compte les visites."})
    assert response.status_code == 303
    assert "Saved in the draft." in editor.get(response.location).text
    after = content(app)
    [changed] = [entry for entry in after["providers"] if entry["key"] == "google-analytics"]
    assert changed["purpose"]["fr"] == "Compte les visites."
    assert after["wording"] == before["wording"] and after["categories"] == before["categories"]


@pytest.mark.parametrize(
    ("control", "text", "words"),
    [
        ("wording/text", "Si sigues navegando, aceptas todo. Usamos cookies.", "Only the buttons"),
        ("wording/title", "<b>Cookies</b>", "No HTML"),
        ("providers/sample-ads/data", "x" * 501, "500"),
        ("providers/sample-ads/trackers/cookie ala.org _sample_ads/purpose", "<i>x</i>", "No HTML"),
        ("categories/marketing/purpose", "<i>x</i>", "No HTML"),
    ],
)
def test_what_is_refused_is_said_at_its_text_and_nothing_is_lost(app, editor, control, text, words):
    before = content(app)
    page = editor.post(ES, data=opened(editor, ES) | {control: text})
    assert page.status_code == 422
    fault = re.search(rf'id="{re.escape(control.replace(" ", "_"))}-fault"><span[^>]*>Error: </span>([^<]+)', page.text)
    assert fault and words in fault.group(1).replace("&#39;", "'")
    assert form(page.text, ES)[control] == text
    assert content(app) == before


def test_two_people_at_one_language(app, editor):
    second = signed_in(app, "second@example.org", "editor")
    mine, theirs = opened(editor, ES), opened(second, ES)
    second.post(ES, data=theirs | {"wording/title": "Suyo", "categories/marketing/name": "Publicidad"})
    page = editor.post(ES, data=mine | {"wording/title": "Mío", "categories/analytics/name": "Visitas"})
    assert page.status_code == 409 and "Suyo" in page.text and "Mío" in page.text
    assert "<legend>Heading</legend>" in page.text
    assert editor.post(ES, data=form(page.text, ES) | {"at-1": "theirs"}).status_code == 303
    after = content(app)
    assert after["wording"]["es"]["title"] == "Suyo"
    assert [category["name"]["es"] for category in after["categories"]][2:] == ["Visitas", "Publicidad"]


def test_the_second_of_two_people_at_other_texts_is_told(app, editor):
    second = signed_in(app, "second@example.org", "editor")
    mine, theirs = opened(editor, ES), opened(second, ES)
    second.post(ES, data=theirs | {"categories/marketing/name": "Publicidad"})
    response = editor.post(ES, data=mine | {"wording/title": "Mío"})
    assert "somebody else changed: Marketing, Name." in editor.get(response.location).text
    after = content(app)
    assert (after["wording"]["es"]["title"], after["categories"][3]["name"]["es"]) == ("Mío", "Publicidad")


def test_a_policy_text_is_looked_at_before_it_is_saved(app, editor):
    before = content(app)
    text = "## New\n\n{{ dnt }}\n\n<script>alert(1)</script> [x](javascript:alert(1))\n\n{{ providers }}\n\nEnd"
    page = editor.post(TEXT, data=opened(editor, TEXT) | {"text": text, "act": "preview"})
    assert page.status_code == 200 and content(app) == before
    shown = page.text[page.text.index('id="reads"') :]
    assert "<h2 id=" in shown and "Do Not Track" in shown and "Here follows the provider list" in shown
    assert "<script" not in shown and 'href="javascript' not in shown
    assert form(page.text, TEXT)["text"].replace("\r\n", "\n") == text
    refused = editor.post(TEXT, data=opened(editor, TEXT) | {"text": text})
    assert refused.status_code == 422 and 'href="#text"' in refused.text and content(app) == before
    assert editor.post(TEXT, data=opened(editor, TEXT) | {"text": "## New\r\n\r\nWords"}).status_code == 303
    assert content(app)["policy"]["en"] == "## New\n\nWords\n"


def test_two_people_at_one_policy_text(app, editor):
    second = signed_in(app, "second@example.org", "editor")
    mine, theirs = opened(editor, TEXT), opened(second, TEXT)
    second.post(TEXT, data=theirs | {"text": "Theirs"})
    page = editor.post(TEXT, data=mine | {"text": "Mine"})
    assert page.status_code == 409 and "Mine" in page.text and "Theirs" in page.text
    assert editor.post(TEXT, data=form(page.text, TEXT) | {"at-1": "mine"}).status_code == 303
    assert content(app)["policy"]["en"] == "Mine\n"


def test_a_language_that_the_site_does_not_have(editor):
    assert editor.get("/staff/ala/wording/de").status_code == 404
    assert editor.post("/staff/ala/text/de", data={"text": "Hallo"}).status_code == 404
