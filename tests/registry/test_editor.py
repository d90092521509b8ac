"""Providers and categories in the editor: saved, refused with a reason, and two people at once."""

import json
import re

import pytest

from consent_server.registry.models import Draft
from consent_server.staff.models import StaffEvent
from tests.factories import rows
from tests.html_forms import form
from tests.staff.people import signed_in

ENGINES = ("sqlite",)
LIST = "/staff/ala/providers"
ADS = f"{LIST}/sample-ads"
NEW = {
    "name": "Mailwave",
    "category": "marketing",
    "purpose": "Sends our newsletter.",
    "privacy_url": "https://mailwave.example/privacy",
    "country": "Canada",
    "trackers-0-kind": "cookie",
    "trackers-0-name": "_mw",
    "trackers-0-host": "ala.org",
    "trackers-0-lifetime": "90 days",
    "trackers-0-purpose": "Recognizes a reader.",
    "trackers-1-kind": "script",
    "trackers-1-name": "mw.js",
    "trackers-1-host": "cdn.mailwave.example",
}


def draft(app):
    [row] = rows(app, Draft)
    return row["content"]


def provider(app, key="sample-ads"):
    return next((entry for entry in draft(app)["providers"] if entry["key"] == key), None)


def opened(client, address=ADS):
    page = client.get(address)
    assert page.status_code == 200
    return form(page.text, address)


def test_a_new_provider_is_in_the_draft_with_its_trackers(app, editor):
    response = editor.post(f"{LIST}/new", data=NEW)
    assert (response.status_code, response.location) == (303, f"{LIST}?done=saved&name=Mailwave")
    added = provider(app, "mailwave")
    assert (added["name"], added["country"], added["purpose"]) == ("Mailwave", "CA", {"en": "Sends our newsletter."})
    assert [tracker["name"] for tracker in added["trackers"]] == ["_mw", "mw.js"]
    # What its script is loaded from is held back, too.
    assert added["hosts"] == ["cdn.mailwave.example"]
    page = editor.get(response.location)
    assert "Mailwave is saved in the draft." in page.text and '<span class="word">New</span>' in page.text
    assert "1 change since version 1." in page.text
    assert rows(app, StaffEvent)[-1]["verb"] == "draft-change"


@pytest.mark.parametrize("key", ["ala", "google-analytics", "sample-video", "sample-ads"])
def test_saving_a_form_as_it_is_changes_nothing(app, editor, key):
    before = draft(app)
    assert editor.post(f"{LIST}/{key}", data=opened(editor, f"{LIST}/{key}")).status_code == 303
    assert draft(app) == before


@pytest.mark.parametrize(
    ("changes", "control", "words"),
    [
        ({"privacy_url": ""}, "privacy_url", "Enter the address of its privacy policy."),
        ({"privacy_url": "http://mailwave.example"}, "privacy_url", "https"),
        ({"opt_out_url": "javascript:alert(1)"}, "opt_out_url", "https"),
        ({"legal_basis": "legitimate-interest"}, "legal_basis", "consent"),
        ({"purpose": "<b>Sends</b> mail."}, "purpose", "No HTML"),
        ({"name": "<script>"}, "name", "No HTML"),
        ({"hosts": "www.ala.org"}, "hosts", "own hosts"),
        ({"trackers-1-host": "*.ala.org"}, "trackers-1-host", "own hosts"),
        ({"trackers-1-host": "not a host"}, "trackers-1-host", "A host name"),
        ({"trackers-0-name": ""}, "trackers-0-name", "Enter the name"),
        ({"trackers-0-name": "*"}, "trackers-0-name", "A pattern"),
        ({"country": "Atlantis"}, "country", "Choose a country"),
        ({"category": ""}, "category", "Choose a category."),
        ({"contract_date": "yesterday"}, "contract_date", ""),
    ],
)
def test_what_is_refused_is_said_at_its_field_and_nothing_is_lost(app, editor, changes, control, words):
    before = draft(app)
    page = editor.post(f"{LIST}/new", data=NEW | changes)
    assert page.status_code == 422
    assert f'<a href="#{control}">' in page.text and f'id="{control}-fault"' in page.text
    assert words in re.search(rf'id="{control}-fault">(.*?)</span>\s*(?:<|$)', page.text, re.S).group(1)
    again = form(page.text, f"{LIST}/new")
    assert {name: again[name] for name in NEW | changes} == NEW | changes
    assert draft(app) == before


def test_what_is_optional_cannot_be_called_necessary(app, editor):
    before = draft(app)
    address = f"{LIST}/google-analytics"
    page = editor.post(address, data=opened(editor, address) | {"category": "necessary"})
    assert page.status_code == 422 and 'role="alert"' in page.text
    assert draft(app) == before


def test_trackers_are_added_and_removed_before_anything_is_saved(app, editor):
    before = draft(app)
    page = editor.post(ADS, data=opened(editor) | {"act": "add-tracker"})
    assert page.status_code == 200
    fields = form(page.text, ADS)
    assert fields["trackers-3-name"] == "" and "autofocus" in page.text
    fields |= {"trackers-3-kind": "storage", "trackers-3-name": "seen", "remove": "1"}
    page = editor.post(ADS, data=fields)
    fields = form(page.text, ADS)
    assert [fields[f"trackers-{n}-name"] for n in range(3)] == ["_sample_ads", "seen.gif", "seen"]
    assert draft(app) == before
    assert editor.post(ADS, data=fields).status_code == 303
    trackers = provider(app)["trackers"]
    assert [tracker["name"] for tracker in trackers] == ["_sample_ads", "seen.gif", "seen"]
    # Each keeps what is said of it in other languages.
    assert trackers[1]["purpose"]["es"] == "Cuenta que se ha visto un anuncio."


@pytest.fixture
def second(app, editor):
    """A second editor's browser."""
    return signed_in(app, "second@example.org", "editor")


def test_two_editors_of_different_fields_both_get_their_way(app, editor, second):
    mine, theirs = opened(editor), opened(second)
    assert second.post(ADS, data=theirs | {"retention": "60 days", "trackers-0-lifetime": "60 days"}).status_code == 303
    response = editor.post(ADS, data=mine | {"name": "Advertising (sample)"})
    assert response.status_code == 303
    found = provider(app)
    assert (found["name"], found["retention"]["en"]) == ("Advertising (sample)", "60 days")
    assert found["trackers"][0]["lifetime"]["en"] == "60 days"
    page = editor.get(response.location)
    assert "somebody else changed: How long, Trackers." in page.text


@pytest.mark.parametrize(("whose", "name"), [("mine", "Mine"), ("theirs", "Theirs")])
def test_the_second_editor_of_a_field_is_asked_and_loses_nothing(app, editor, second, whose, name):
    mine, theirs = opened(editor), opened(second)
    second.post(ADS, data=theirs | {"name": "Theirs", "retention": "60 days"})
    page = editor.post(ADS, data=mine | {"name": "Mine", "data": "Clicks"})
    assert page.status_code == 409
    assert provider(app)["name"] == "Theirs"
    for words in ("second@example.org", "Mine", "Theirs"):
        assert words in page.text
    assert "Clicks" not in re.sub(r'value="[^"]*"', "", page.text)
    assert editor.post(ADS, data=form(page.text, ADS) | {"at-1": whose}).status_code == 303
    found = provider(app)
    assert (found["name"], found["retention"]["en"], found["data"]["en"]) == (name, "60 days", "Clicks")


@pytest.mark.parametrize(("whose", "left"), [("mine", True), ("theirs", False)])
def test_what_somebody_else_has_removed_can_be_brought_back(app, editor, second, whose, left):
    mine = opened(editor)
    second.post(f"{ADS}/remove", data=opened(second, f"{ADS}/remove"))
    assert provider(app) is None
    page = editor.post(ADS, data=mine | {"name": "Mine"})
    assert page.status_code == 409
    response = editor.post(ADS, data=form(page.text, ADS) | {"at-1": whose})
    assert response.status_code == 303
    assert (provider(app) is not None) == left


def test_nobody_removes_what_somebody_else_has_changed_meanwhile(app, editor, second):
    mine = opened(editor, f"{ADS}/remove")
    second.post(ADS, data=opened(second) | {"name": "Theirs"})
    page = editor.post(f"{ADS}/remove", data=mine)
    assert page.status_code == 409 and "Somebody else has changed" in page.text
    assert editor.post(f"{ADS}/remove", data={}).status_code == 422
    assert provider(app)["name"] == "Theirs"
    assert editor.post(f"{ADS}/remove", data=form(page.text, f"{ADS}/remove")).status_code == 303
    assert provider(app) is None
    assert "Taken out since version 1" in editor.get(LIST).text


def test_two_providers_of_one_name_have_keys_of_their_own(app, editor):
    for _ in range(2):
        assert editor.post(f"{LIST}/new", data=NEW).status_code == 303
    assert provider(app, "mailwave") and provider(app, "mailwave-2")


@pytest.mark.parametrize("began", ["{", "[" * 10_000, '{"key": 1}', "[]", '"text"'])
def test_what_no_page_of_ours_sends_is_no_error_of_ours(app, editor, began):
    before = draft(app)
    for address in (f"{LIST}/new", ADS, "/staff/ala/categories/marketing", "/staff/ala/wording/es"):
        data = NEW | {"began": began, "wording/title": "Cookies"}
        assert editor.post(address, data=data).status_code in (303, 409, 422), address
        carried = dict.fromkeys(("began", "mine", "theirs", "path-1"), began)
        resolving = {**carried, "act": "resolve", "at-1": "theirs"}
        assert editor.post(address, data=resolving).status_code in (303, 409, 422), address
    assert [entry["key"] for entry in draft(app)["categories"]] == [entry["key"] for entry in before["categories"]]


def test_a_draft_in_review_is_shown_and_not_changed(app, editor):
    editor.post(ADS, data=opened(editor) | {"name": "First"})
    mine = opened(editor)
    assert editor.post("/staff/ala/review/submit").status_code == 303
    page = editor.post(ADS, data=mine | {"name": "Late"})
    assert page.status_code == 409 and "in review" in page.text
    assert form(page.text, ADS)["name"] == "Late"
    assert "<fieldset disabled>" in page.text
    assert provider(app)["name"] == "First"


def test_an_approver_reads_and_does_not_write(app, approver):
    page = approver.get(ADS)
    assert "<fieldset disabled>" in page.text and "that takes the role editor" in page.text
    assert approver.post(ADS, data=NEW).status_code == 403


def names(page):
    return re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)</a>', page.text)


def test_the_list_is_searched_narrowed_down_and_sorted(editor):
    assert len(names(editor.get(LIST))) == 4
    assert names(editor.get(f"{LIST}?q=GOOGLE")) == ["Google Analytics"]
    assert names(editor.get(f"{LIST}?q=ads.example.org")) == ["Advertising network (sample)"]
    assert names(editor.get(f"{LIST}?category=functional")) == ["Video player (sample)"]
    # Both have six.
    most = names(editor.get(f"{LIST}?sort=trackers&down=1"))[:2]
    assert sorted(most) == ["American Library Association", "Google Analytics"]
    assert names(editor.get(f"{LIST}?sort=category"))[0] == "Google Analytics"
    nothing = editor.get(f"{LIST}?q=nosuch")
    assert names(nothing) == [] and "No provider matches." in nothing.text
    assert editor.get(f"{LIST}?sort=nosuch").status_code == 422


def test_a_list_without_providers_says_what_one_is(app, editor):
    for key in ("google-analytics", "sample-video", "sample-ads", "ala"):
        editor.post(f"{LIST}/{key}/remove", data=opened(editor, f"{LIST}/{key}/remove"))
    page = editor.get(LIST)
    assert draft(app)["providers"] == [] and "No providers yet" in page.text


CATEGORIES = "/staff/ala/categories"


def test_a_category_comes_changes_and_goes(app, editor):
    data = {"name": "Research", "purpose": "Lets scholars study how the site is used."}
    others = [locale for locale in draft(app)["site"]["locales"] if locale != "en"]
    texts = {f"{field}-{locale}": f"{field} {locale}" for field in ("name", "purpose") for locale in others}
    assert editor.post(f"{CATEGORIES}/new", data=data | texts).status_code == 303
    added = draft(app)["categories"][-1]
    assert (added["key"], added["required"], added["name"]["en"]) == ("research", False, "Research")
    assert (added["purpose"]["vi"], "without" in added) == ("purpose vi", False)
    address = f"{CATEGORIES}/research"
    editor.post(address, data=opened(editor, address) | {"name": "Studies", "name-vi": "Nghiên cứu"})
    changed = draft(app)["categories"][-1]
    assert (changed["name"]["en"], changed["name"]["vi"], changed["name"]["es"]) == ("Studies", "Nghiên cứu", "name es")
    assert editor.post(address, data=opened(editor, address) | {"act": "remove"}).status_code == 303
    assert len(draft(app)["categories"]) == 4


def test_two_people_at_one_category(app, editor, second):
    address = f"{CATEGORIES}/marketing"
    mine, theirs = opened(editor, address), opened(second, address)
    second.post(address, data=theirs | {"without": "Nothing.", "name": "Theirs"})
    response = editor.post(address, data=mine | {"purpose": "Shows ads."})
    assert "somebody else changed: Name, What stops working without it." in editor.get(response.location).text
    page = editor.post(address, data=mine | {"name": "Mine"})
    assert page.status_code == 409 and "<legend>Name, English</legend>" in page.text


def test_a_category_that_holds_providers_stays(app, editor):
    address = f"{CATEGORIES}/marketing"
    page = editor.post(address, data=opened(editor, address) | {"act": "remove"})
    assert page.status_code == 422 and "There is no category" in page.text
    assert len(draft(app)["categories"]) == 4


def test_what_a_category_needs_is_asked_for(app, editor):
    page = editor.post(f"{CATEGORIES}/new", data={"without": "Nothing."})
    assert page.status_code == 422
    assert '<a href="#name">' in page.text and '<a href="#purpose">' in page.text
    assert form(page.text, f"{CATEGORIES}/new")["without"] == "Nothing."


def test_the_whole_draft_as_a_file(app, editor):
    editor.post(f"{LIST}/new", data=NEW)
    response = editor.get("/staff/ala/registry.yaml")
    assert response.headers["Content-Disposition"] == 'attachment; filename="ala.yaml"'
    assert "Mailwave" in response.text


def test_the_overview_says_where_the_draft_stands(app, editor):
    assert "the draft is the same" in editor.get("/staff/ala/").text
    editor.post(ADS, data=opened(editor) | {"review_date": "2020-01-01"})
    page = editor.get("/staff/ala/").text
    assert "The draft differs from version 1" in page and "The day of the next review is past." in page
    home = editor.get("/staff/").text
    assert "Finish your draft" in home and "Look at entries that are due" in home


def test_what_is_carried_along_is_no_markup(app, editor):
    name = '" onload="x\' & Co.'
    page = editor.post(f"{LIST}/new", data=NEW | {"name": name, "category": ""})
    assert form(page.text, f"{LIST}/new")["name"] == name
    editor.post(f"{LIST}/new", data=NEW | {"name": name, "key": "odd"})
    fields = opened(editor, f"{LIST}/odd")
    assert json.loads(fields["began"])["name"] == name
