"""Providers from a spreadsheet: looked at first, then saved in the draft."""

import io

import pytest

from consent_server.registry.models import Draft
from tests.factories import rows
from tests.html_forms import form

ENGINES = ("sqlite",)
IMPORT = "/staff/ala/import"
SHEET = "provider,category,privacy_url,purpose,tracker_kind,tracker,tracker_host\n" + (
    "Mailwave,marketing,https://mailwave.example/privacy,Sends our newsletter.,cookie,_mw,ala.org\n"
    "Mailwave,,,,script,mw.js,cdn.mailwave.example\n"
)


def providers(app):
    [row] = rows(app, Draft)
    return {entry["key"]: entry for entry in row["content"]["providers"]}


def test_what_would_change_is_shown_and_then_saved(app, editor):
    page = editor.post(IMPORT, data={"file": (io.BytesIO(SHEET.encode()), "list.csv"), "act": "look"})
    assert page.status_code == 200
    for words in ("What would change", "Mailwave", "Sends our newsletter.", "mw.js"):
        assert words in page.text
    assert "mailwave" not in providers(app)
    response = editor.post(IMPORT, data=form(page.text, IMPORT) | {"act": "save"})
    assert (response.status_code, response.location) == (303, "/staff/ala/review")
    assert [tracker["name"] for tracker in providers(app)["mailwave"]["trackers"]] == ["_mw", "mw.js"]
    again = editor.post(IMPORT, data={"text": SHEET})
    assert "the draft says all of this already" in again.text


def test_the_published_list_can_be_taken_in_again_and_changes_nothing(app, editor):
    sheet = editor.get("/ala/providers.csv").text
    assert "the draft says all of this already" in editor.post(IMPORT, data={"text": sheet}).text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Choose a file, or paste the rows."),
        ("name\nx\n", "Line 1"),
        (SHEET.replace("https://mailwave", "http://mailwave"), "Line 2"),
        (SHEET.replace("Sends", "<b>Sends"), "No HTML"),
        (SHEET.replace("marketing", "nosuch"), "no category"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(app, editor, text, words):
    before = providers(app)
    page = editor.post(IMPORT, data={"text": text, "act": "save", "row_version": "1"})
    assert page.status_code == 422 and words in page.text and 'href="#text"' in page.text
    assert form(page.text, IMPORT)["text"].strip() == text.strip()
    assert providers(app) == before


def test_a_file_in_another_encoding_is_not_guessed_at(app, editor):
    sheet = SHEET.replace("Mailwave", "Mailwävé").encode("cp1252")
    page = editor.post(IMPORT, data={"file": (io.BytesIO(sheet), "list.csv")})
    assert page.status_code == 422 and "CSV UTF-8" in page.text


def test_what_somebody_else_has_saved_meanwhile_is_looked_at_anew(app, editor):
    page = editor.post(IMPORT, data={"text": SHEET})
    address = "/staff/ala/providers/sample-ads"
    editor.post(address, data=form(editor.get(address).text, address) | {"name": "Adverts"})
    again = editor.post(IMPORT, data=form(page.text, IMPORT) | {"act": "save"})
    assert again.status_code == 412 and "Nothing was saved." in again.text
    assert "mailwave" not in providers(app)
    assert editor.post(IMPORT, data=form(again.text, IMPORT) | {"act": "save"}).status_code == 303
    assert providers(app)["sample-ads"]["name"] == "Adverts" and "mailwave" in providers(app)


@pytest.mark.parametrize("seen", ["9" * 5000, "\u0663", "-1", ""])
def test_without_what_was_seen_it_is_only_shown(app, editor, seen):
    page = editor.post(IMPORT, data={"text": SHEET, "act": "save", "row_version": seen})
    assert page.status_code == 200 and "What would change" in page.text
    assert "mailwave" not in providers(app)
