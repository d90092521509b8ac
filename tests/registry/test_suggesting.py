"""In the form of a provider: a cookie's name suggests what it probably is; a person takes it, or not."""

import pytest

from consent_server.database import begin_writing
from consent_server.extensions import db
from consent_server.registry import suggestions
from tests.html_forms import form
from tests.registry.test_suggestions import LIST

ENGINES = ("sqlite",)
NEW = "/staff/ala/providers/new"
ROW = {"trackers-0-kind": "", "trackers-0-name": "_c", "trackers-0-host": "ala.org"}


@pytest.fixture
def loaded(app, editor):
    with app.app_context():
        begin_writing(db.session)
        suggestions.load(LIST)
        db.session.commit()
    return editor


def test_a_suggestion_is_shown_with_where_it_is_from(loaded):
    page = loaded.post(NEW, data=ROW | {"suggest": "0"})
    assert page.status_code == 200
    for words in ("Counter", "Counts visits, and no more.", "2 years", "Open Cookie Database", "Apache License 2.0"):
        assert words in page.text
    assert form(page.text, NEW)["trackers-0-purpose"] == ""
    assert (
        "Nothing is known under this name."
        in loaded.post(NEW, data=ROW | {"trackers-0-name": "x", "suggest": "0"}).text
    )


def test_a_suggestion_is_taken_into_the_form_and_changes_nothing_that_was_said(loaded):
    page = loaded.post(NEW, data=ROW | {"name": "Our counter", "take": "0:0"})
    values = form(page.text, NEW)
    assert values["trackers-0-purpose"] == "Counts visits, and no more." and values["trackers-0-lifetime"] == "2 years"
    assert (values["trackers-0-kind"], values["trackers-0-host"]) == ("cookie", "ala.org")
    assert (values["name"], values["category"]) == ("Our counter", "analytics")
    assert values["privacy_url"] == "https://counter.example/privacy"
    assert loaded.post(NEW, data=values | {"purpose": "Counts."}).status_code == 303


def test_nothing_is_suggested_as_necessary(loaded):
    values = form(loaded.post(NEW, data=ROW | {"trackers-0-name": "basket_1", "take": "0:0"}).text, NEW)
    assert values["category"] == "functional"


@pytest.mark.parametrize("pressed", ["", "1", "9999999", "0:99", "0:x", "-1", "0:"])
def test_buttons_that_no_page_has_save_nothing(loaded, pressed):
    for name in ("suggest", "take", "remove"):
        assert loaded.post(NEW, data=ROW | {name: pressed}).status_code in (200, 422)
