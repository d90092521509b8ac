"""From draft to publication on the staff's pages: comments, taking back, four eyes, a time to come, and holds."""

import re
from datetime import timedelta

import pytest

from consent_server.policy.models import Hold, PolicyVersion
from consent_server.registry.models import Draft, DraftComment
from tests.factories import rows
from tests.html_forms import form
from tests.staff.people import signed_in

ENGINES = ("sqlite",)
REVIEW, PUBLISH, ADS = "/staff/ala/review", "/staff/ala/publish", "/staff/ala/providers/sample-ads"


def edit(client, **changes):
    fields = form(client.get(ADS).text, ADS)
    assert client.post(ADS, data=fields | changes).status_code == 303


def draft(app):
    [row] = rows(app, Draft)
    return row


@pytest.fixture
def edited(editor):
    """The editor, who has changed two things of one provider."""
    edit(editor, name="Adverts", retention="120 days")
    return editor


@pytest.fixture
def in_review(edited):
    assert edited.post(f"{REVIEW}/submit").status_code == 303
    return edited


@pytest.fixture
def approved(in_review, approver):
    assert approver.post(f"{REVIEW}/approve").status_code == 303
    return approver


def test_every_page_says_how_many_changes_there_are(edited):
    for page in ("/staff/ala/", ADS, "/staff/ala/categories", "/staff/ala/wording", "/staff/ala/preview"):
        assert "2 changes since version 1." in edited.get(page).text, page


def test_the_changes_in_plain_words(edited):
    page = edited.get(REVIEW).text
    assert re.search(r"<del>.*?Advertising network \(sample\)</del>", page, re.S)
    assert re.search(r"<ins>.*?Adverts</ins>", page, re.S)
    assert "Changed for Adverts: " in page


def test_changes_of_every_kind_are_shown_and_each_can_be_reverted(app, edited):
    wording, text = "/staff/ala/wording/es", "/staff/ala/text/es"
    edited.post(
        wording,
        data=form(edited.get(wording).text, wording)
        | {"wording/title": "Galletas", "categories/marketing/name": "Publicidad"},
    )
    edited.post(text, data=form(edited.get(text).text, text) | {"text": "Nada."})
    edited.post(ADS, data=form(edited.get(ADS).text, ADS) | {"remove": "0"})
    fields = form(edited.get(ADS).text, ADS)
    edited.post(ADS, data=fields | {"review_date": "2030-01-01", "trackers-0-lifetime": "1 year"})
    page = edited.get(REVIEW).text
    for words in ("Galletas", "Publicidad", "Nada.", "Look at again", "2030-01-01", "1 year"):
        assert words in page, words
    paths = re.findall(r'action="/staff/ala/review/revert">\s*<input type="hidden" name="path" value="([^"]+)"', page)
    assert len(paths) == 7
    for path in paths:
        assert edited.post(f"{REVIEW}/revert", data={"path": path}).status_code == 303, path
    assert draft(app)["content"] == draft(app)["published"]


def test_the_way_to_publication(app, in_review, approver):
    assert "Review the draft" in approver.get("/staff/").text
    assert "editor@example.org" in approver.get(REVIEW).text
    assert "Not approved yet" in approver.get(PUBLISH).text
    assert approver.post(f"{REVIEW}/approve").location == f"{REVIEW}?done=approved"
    assert "Publish the draft" in approver.get("/staff/").text
    page = approver.get(PUBLISH).text
    assert "data kept longer: Adverts" in page
    assert "People who allowed Marketing will be asked again, about Adverts." in page
    assert form(page, PUBLISH)["material"] == "yes"
    response = approver.post(PUBLISH, data=form(page, PUBLISH) | {"reason": "Kept longer."})
    assert response.status_code == 303
    assert "Version 2 is published" in approver.get(response.location).text
    version = rows(app, PolicyVersion)[-1]
    assert (version["number"], version["material"], version["reason"]) == (2, True, "Kept longer.")
    assert (version["published_by"], version["approved_by"]) == ("approver@example.org",) * 2
    assert "Nothing to review" in approver.get(REVIEW).text
    # The old one reads as it did.
    assert "Advertising network (sample)" in approver.get("/ala/policy/1").text
    assert "Adverts" in approver.get("/ala/providers").text


def test_whoever_has_edited_does_not_approve(app, edited):
    both = signed_in(app, "both@example.org", "editor", "approver")
    edit(both, legal_name="Adverts Inc.")
    both.post(f"{REVIEW}/submit")
    page = both.get(REVIEW).text
    assert "somebody else has to approve it" in page and ">Approve<" not in page
    assert both.post(f"{REVIEW}/approve").status_code == 403
    assert draft(app)["state"] == "in-review"
    assert "Review the draft" not in both.get("/staff/").text


def test_sent_back_with_a_reason_and_taken_back(app, in_review, approver):
    page = approver.post(f"{REVIEW}/send-back", data={"reason": " "})
    assert page.status_code == 422 and "Say why." in page.text
    assert approver.post(f"{REVIEW}/send-back", data={"reason": "Which contract?"}).status_code == 303
    assert draft(app)["state"] == "draft"
    assert "Which contract?" in in_review.get(REVIEW).text
    in_review.post(f"{REVIEW}/submit")
    assert in_review.post(f"{REVIEW}/take-back").status_code == 303
    assert draft(app)["state"] == "draft"
    assert in_review.post(f"{REVIEW}/take-back").status_code == 409


def test_a_comment_stands_beside_its_change(app, in_review, approver):
    path = "providers/sample-ads/retention/en"
    page = approver.post(f"{REVIEW}/comment", data={"path": path, "text": ""})
    assert page.status_code == 422 and 'href="#text"' in page.text and 'id="text"' in page.text
    assert approver.post(f"{REVIEW}/comment", data={"path": path, "text": "Is <b>this</b> right?"}).status_code == 303
    assert [row["path"] for row in rows(app, DraftComment)] == [path]
    assert "Is &lt;b&gt;this&lt;/b&gt; right?" in in_review.get(REVIEW).text
    approver.post(f"{REVIEW}/revert", data={"path": path})
    page = in_review.get(REVIEW).text
    assert "which does not differ any more" in page and "Is &lt;b&gt;this" in page


def test_one_change_is_reverted_and_the_other_goes_on(app, in_review, approver):
    assert approver.post(f"{REVIEW}/revert", data={"path": "providers/sample-ads/name"}).status_code == 303
    found = next(entry for entry in draft(app)["content"]["providers"] if entry["key"] == "sample-ads")
    assert (found["name"], found["retention"]["en"]) == ("Advertising network (sample)", "120 days")
    assert draft(app)["state"] == "in-review"
    assert approver.post(f"{REVIEW}/revert", data={"path": "providers/nosuch"}).status_code == 404


def test_what_publishing_needs_is_asked_for(app, approved):
    fields = form(approved.get(PUBLISH).text, PUBLISH)
    for changes, control in (
        ({"reason": ""}, "reason"),
        ({"reason": "x", "when": "later", "at": ""}, "at"),
        ({"reason": "x", "when": "later", "at": "soon"}, "at"),
        ({"reason": "x", "when": "later", "at": "2001-01-01T09:00"}, "at"),
        ({"reason": "x", "when": "later", "at": "9001-01-01T09:00"}, "at"),
    ):
        page = approved.post(PUBLISH, data=fields | changes)
        assert page.status_code == 422, changes
        assert f'href="#{control}"' in page.text
        assert form(page.text, PUBLISH)["reason"] == changes["reason"]
    assert len(rows(app, PolicyVersion)) == 1


def test_publication_at_a_time(app, approved, clock):
    at = (clock.now() + timedelta(days=2)).replace(hour=9, minute=30)
    fields = {"material": "no", "reason": "Spelling.", "when": "later", "at": f"{at:%Y-%m-%dT%H:%M}"}
    response = approved.post(PUBLISH, data=fields)
    assert response.status_code == 303
    page = approved.get(response.location).text
    assert "09:30 UTC, as editorial" in page and "Spelling." in page
    assert len(rows(app, PolicyVersion)) == 1 and draft(app)["publish_at"]
    assert approved.post(f"{PUBLISH}/call-off").status_code == 303
    assert draft(app)["publish_at"] is None and draft(app)["state"] == "approved"
    assert approved.post(f"{PUBLISH}/call-off").status_code == 409


def test_an_editor_cannot_publish(in_review):
    assert in_review.post(PUBLISH, data={"material": "no", "reason": "x"}).status_code == 403
    assert in_review.post(f"{REVIEW}/approve").status_code == 403


HOLD, HOLDS = f"{ADS}/hold", "/staff/ala/holds"


def test_holding_is_offered_to_approvers_and_while_the_draft_is_in_review(in_review, approver):
    for person in (in_review, approver):
        assert f'href="{HOLD}"' in person.get(ADS).text
        assert "Hold this provider now" not in person.get("/staff/ala/providers/ala").text


def test_a_provider_is_held_at_once_and_looked_at_afterwards(app, edited, approver):
    assert edited.post(HOLD, data={"reason": ""}).status_code == 422
    response = edited.post(HOLD, data={"reason": "It leaks."})
    assert response.status_code == 303
    version = rows(app, PolicyVersion)[-1]
    assert (version["number"], version["material"], version["approved_by"]) == (2, False, None)
    page = edited.get(response.location).text
    assert "It leaks." in page and "Confirm the hold" not in page
    # What was being edited is still there.
    assert "2 changes since version 2." in page
    assert edited.post(HOLD, data={"reason": "Again."}).status_code == 409
    assert edited.post("/staff/ala/providers/ala/hold", data={"reason": "x"}).status_code == 422
    assert "Look at the hold of sample-ads" in approver.get("/staff/").text
    assert approver.post(f"{HOLDS}/sample-ads").status_code == 303
    assert rows(app, Hold)[0]["settled_by"] == "approver@example.org"
    assert "Look at the hold" not in approver.get("/staff/").text
    assert f'href="{HOLDS}"' in approver.get("/staff/ala/").text
    # The hold is ended like any other change.
    assert "Held" in edited.get("/staff/ala/providers").text
    edit(edited, held="")
    assert not any(entry.get("held") for entry in draft(app)["content"]["providers"])


def test_whoever_held_a_provider_does_not_confirm_it(app, approver):
    approver.post(HOLD, data={"reason": "It leaks."})
    assert approver.post(f"{HOLDS}/sample-ads").status_code == 403


def test_looked_through_and_nothing_to_change(app, editor):
    page = editor.post(f"{REVIEW}/unchanged", data={"note": ""})
    assert page.status_code == 422 and "Say what you looked at." in page.text
    response = editor.post(f"{REVIEW}/unchanged", data={"note": "All links."})
    assert "It is written down" in editor.get(response.location).text
