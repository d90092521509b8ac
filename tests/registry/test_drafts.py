"""The draft on its way: states, four eyes, editors who meet, comments, and what is written down of it all."""

import hashlib
import json
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

from consent_server.database import begin_writing
from consent_server.errors import Forbidden, Invalid, NotFound, PreconditionFailed, State
from consent_server.extensions import db
from consent_server.registry import drafts
from consent_server.registry.edits import changed_fields
from consent_server.registry.models import APPROVED, DRAFT, IN_REVIEW, Draft
from consent_server.staff.models import StaffEvent
from tests.factories import read_ala, rows

EDITOR, SECOND_EDITOR, APPROVER = "editor@example.org", "second@example.org", "approver@example.org"


@pytest.fixture
def context(app, site):
    with app.app_context():
        yield


@pytest.fixture
def act(context):
    """Does one thing in a transaction of its own, as a view does: `act(drafts.submit, "ala", by=…)`."""

    def run(what, *args, **kwargs):
        db.session.rollback()
        begin_writing(db.session)
        try:
            result = what(*args, **kwargs)
            db.session.commit()
        except Exception:
            db.session.rollback()
            raise
        return result

    return run


@cache
def ala():
    return read_ala()


def named(name):
    content = deepcopy(ala())
    content["providers"][1]["name"] = name
    return content


@pytest.fixture
def in_state(act):
    """Brings the draft into a state: edited by EDITOR, approved by APPROVER."""

    def bring(state):
        act(drafts.save, "ala", named("Other"), by=EDITOR)
        if state != DRAFT:
            act(drafts.submit, "ala", by=EDITOR)
        if state == APPROVED:
            act(drafts.approve, "ala", by=APPROVER)
        return drafts.current("ala")

    return bring


def acts(app):
    """What was written down after the site was published."""
    return [row for row in sorted(rows(app, StaffEvent), key=lambda row: row["id"].int) if row["verb"] != "publish"]


def test_without_a_change_it_is_what_is_published(context):
    draft = drafts.current("ala")
    assert (draft.content, draft.changed, draft.base, draft.state) == (ala(), False, 1, DRAFT)


def test_a_site_that_is_not_there_has_none(act):
    for look in (drafts.current, drafts.for_change, drafts.approved):
        with pytest.raises(NotFound):
            act(look, "nosuch")


def test_an_edit_is_kept_and_its_editor_known(act):
    act(drafts.save, "ala", named("Other"), by=EDITOR)
    draft = act(drafts.save, "ala", named("Another"), by=SECOND_EDITOR)
    assert draft.content["providers"][1]["name"] == "Another"
    assert (draft.editors, draft.changed_by) == ([EDITOR, SECOND_EDITOR], SECOND_EDITOR)
    assert draft.changed and draft.published == ala()


def test_an_edit_is_written_down_field_by_field(app, act):
    def sha256(value):
        return hashlib.sha256(json.dumps(value).encode()).hexdigest()

    content = named("Other")
    del content["providers"][1]["opt_out_url"]
    content["providers"][1]["role"] = "controller"
    act(drafts.save, "ala", content, by=EDITOR)
    [event] = acts(app)
    assert (event["actor"], event["verb"], event["site"]) == (EDITOR, "draft-change", "ala")
    before = ala()["providers"][1]
    assert sorted(event["detail"]["fields"]) == [
        ["providers/google-analytics/name", sha256(before["name"]), sha256("Other")],
        ["providers/google-analytics/opt_out_url", sha256(before["opt_out_url"]), ""],
        ["providers/google-analytics/role", sha256("processor"), sha256("controller")],
    ]


def test_an_edit_that_changes_nothing_is_none(app, act):
    version = drafts.current("ala").row_version
    draft = act(drafts.save, "ala", ala(), by=EDITOR)
    assert (draft.row_version, draft.editors, acts(app)) == (version, [], [])


def test_back_to_what_is_published_is_no_draft_of_anybodys(act):
    act(drafts.save, "ala", named("Other"), by=EDITOR)
    draft = act(drafts.save, "ala", ala(), by=SECOND_EDITOR)
    assert (draft.changed, draft.editors) == (False, [])


class TestEditorsWhoMeet:
    def test_the_second_one_is_told_and_loses_nothing(self, act):
        seen = drafts.current("ala").row_version
        act(drafts.save, "ala", named("First"), by=EDITOR, row_version=seen)
        with pytest.raises(PreconditionFailed):
            act(drafts.save, "ala", named("Second"), by=SECOND_EDITOR, row_version=seen)
        draft = drafts.current("ala")
        assert (draft.content["providers"][1]["name"], draft.editors) == ("First", [EDITOR])
        act(drafts.save, "ala", named("Second"), by=SECOND_EDITOR, row_version=draft.row_version)

    def test_a_version_never_comes_back(self, act):
        """Neither by undoing a change nor by publishing it."""
        seen = {drafts.etag(drafts.current("ala"))}
        for content in (named("Other"), ala(), named("Other"), ala()):
            etag = drafts.etag(act(drafts.save, "ala", content, by=EDITOR))
            assert etag not in seen
            seen.add(etag)
        begin = drafts.current("ala")
        act(drafts.begin, "ala", ala(), begin.base + 1, EDITOR)
        assert drafts.etag(drafts.current("ala")) not in seen


# Each act, and the states it is possible in; what it leads to.
ACTS = {
    "save": ({DRAFT: DRAFT}, lambda: drafts.save("ala", named("Third"), by=EDITOR)),
    "take out": ({DRAFT: DRAFT, IN_REVIEW: IN_REVIEW}, lambda: drafts.take_out("ala", named("Third"), by=APPROVER)),
    "submit": ({DRAFT: IN_REVIEW}, lambda: drafts.submit("ala", by=EDITOR)),
    "take back": ({IN_REVIEW: DRAFT, APPROVED: DRAFT}, lambda: drafts.take_back("ala", by=EDITOR)),
    "send back": (
        {IN_REVIEW: DRAFT, APPROVED: DRAFT},
        lambda: drafts.send_back("ala", by=APPROVER, reason="The retention is missing."),
    ),
    "approve": ({IN_REVIEW: APPROVED}, lambda: drafts.approve("ala", by=APPROVER)),
    "publish": ({APPROVED: APPROVED}, lambda: drafts.approved("ala")),
    "comment": (
        {DRAFT: DRAFT, IN_REVIEW: IN_REVIEW, APPROVED: APPROVED},
        lambda: drafts.comment("ala", "", "Good.", by=APPROVER),
    ),
}


@pytest.mark.parametrize("state", [DRAFT, IN_REVIEW, APPROVED])
@pytest.mark.parametrize("name", ACTS)
def test_which_act_is_possible_in_which_state(act, in_state, name, state):
    leads_to, what = ACTS[name]
    before = in_state(state)
    content, version = deepcopy(before.content), before.row_version
    if state in leads_to:
        act(what)
        assert drafts.current("ala").state == leads_to[state]
    else:
        with pytest.raises(State):
            act(what)
        after = drafts.current("ala")
        assert (after.state, after.content, after.row_version) == (state, content, version)


def test_there_is_nothing_to_review_without_a_change(act):
    with pytest.raises(State, match="Nothing has changed"):
        act(drafts.submit, "ala", by=EDITOR)


class TestFourEyes:
    @pytest.mark.parametrize("who", [EDITOR, SECOND_EDITOR])
    def test_whoever_edited_cannot_approve(self, act, who):
        act(drafts.save, "ala", named("Other"), by=EDITOR)
        act(drafts.save, "ala", named("Another"), by=SECOND_EDITOR)
        act(drafts.submit, "ala", by=SECOND_EDITOR)
        with pytest.raises(Forbidden, match="somebody else"):
            act(drafts.approve, "ala", by=who)
        assert drafts.current("ala").state == IN_REVIEW
        assert act(drafts.approve, "ala", by=APPROVER).approved_by == APPROVER

    def test_unless_one_person_is_all_there_is(self, app, act, in_state):
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], four_eyes=False)
        in_state(IN_REVIEW)
        assert act(drafts.approve, "ala", by=EDITOR).state == APPROVED

    def test_whoever_takes_a_change_out_again_has_edited_nothing(self, act):
        content = named("Other")
        content["providers"][1]["country"] = "DE"
        act(drafts.save, "ala", content, by=EDITOR)
        act(drafts.submit, "ala", by=EDITOR)
        act(drafts.take_out, "ala", named("Other"), by=APPROVER)
        assert act(drafts.approve, "ala", by=APPROVER).state == APPROVED

    def test_it_begins_anew_with_each_version(self, act, in_state):
        in_state(APPROVED)
        act(drafts.begin, "ala", named("Other"), 2, APPROVER)
        act(drafts.save, "ala", ala(), by=SECOND_EDITOR)
        act(drafts.submit, "ala", by=SECOND_EDITOR)
        assert act(drafts.approve, "ala", by=EDITOR).state == APPROVED


def test_what_is_approved_is_what_was_seen(act, in_state):
    seen = in_state(IN_REVIEW).row_version
    act(drafts.take_back, "ala", by=EDITOR)
    act(drafts.submit, "ala", by=EDITOR)
    with pytest.raises(PreconditionFailed):
        act(drafts.approve, "ala", by=APPROVER, row_version=seen)
    assert drafts.current("ala").state == IN_REVIEW


def test_taking_everything_out_ends_the_review(act, in_state):
    in_state(IN_REVIEW)
    draft = act(drafts.take_out, "ala", ala(), by=APPROVER)
    assert (draft.state, draft.editors, draft.submitted_by) == (DRAFT, [], None)


def test_who_did_what_is_written_down(app, act):
    act(drafts.save, "ala", named("Other"), by=EDITOR)
    act(drafts.submit, "ala", by=EDITOR)
    act(drafts.send_back, "ala", by=APPROVER, reason="Why?")
    act(drafts.comment, "ala", "providers/google-analytics/name", "So.", by=EDITOR)
    act(drafts.submit, "ala", by=EDITOR)
    act(drafts.take_back, "ala", by=EDITOR)
    act(drafts.submit, "ala", by=EDITOR)
    act(drafts.approve, "ala", by=APPROVER)
    assert [(event["actor"], event["verb"]) for event in acts(app)] == [
        (EDITOR, "draft-change"),
        (EDITOR, "draft-submit"),
        (APPROVER, "draft-send-back"),
        (EDITOR, "draft-comment"),
        (EDITOR, "draft-submit"),
        (EDITOR, "draft-take-back"),
        (EDITOR, "draft-submit"),
        (APPROVER, "draft-approve"),
    ]


def test_what_is_said_goes_with_the_version(act, in_state):
    in_state(DRAFT)
    act(drafts.comment, "ala", "providers/google-analytics/name", "Is that its name?", by=APPROVER)
    act(drafts.submit, "ala", by=EDITOR)
    act(drafts.send_back, "ala", by=APPROVER, reason="Not yet.")
    said = [(comment.path, comment.author, comment.text) for comment in drafts.comments("ala")]
    assert said == [
        ("providers/google-analytics/name", APPROVER, "Is that its name?"),
        ("", APPROVER, "Not yet."),
    ]
    act(drafts.begin, "ala", named("Other"), 2, APPROVER)
    assert drafts.comments("ala") == []
    assert [comment.text for comment in drafts.comments("ala", 2)] == ["Is that its name?", "Not yet."]


class TestPlans:
    def plan(self, act, at):
        return act(drafts.schedule, "ala", at, by=APPROVER, material=True, reason="A new name.")

    def test_only_what_is_approved_is_planned(self, act, in_state, clock):
        in_state(IN_REVIEW)
        with pytest.raises(State):
            self.plan(act, clock.now() + timedelta(hours=1))

    @pytest.mark.parametrize("off", [timedelta(0), timedelta(days=-1), timedelta(days=367)])
    def test_a_time_that_is_past_or_too_far_off(self, act, in_state, clock, off):
        in_state(APPROVED)
        with pytest.raises(Invalid) as fault:
            self.plan(act, clock.now() + off)
        assert "at" in fault.value.members["errors"]

    def test_it_is_due_at_its_time(self, act, in_state, clock):
        in_state(APPROVED)
        at = clock.now() + timedelta(hours=1)
        self.plan(act, at)
        assert drafts.due(at - timedelta(milliseconds=1)) == []
        assert drafts.due(at) == ["ala"]

    def test_it_can_be_called_off(self, act, in_state, clock):
        in_state(APPROVED)
        at = clock.now() + timedelta(hours=1)
        self.plan(act, at)
        draft = act(drafts.unschedule, "ala", by=APPROVER)
        assert (draft.state, draft.publish_at, draft.reason, drafts.due(at)) == (APPROVED, None, None, [])
        with pytest.raises(State):
            act(drafts.unschedule, "ala", by=APPROVER)

    def test_taking_back_calls_it_off(self, act, in_state, clock):
        in_state(APPROVED)
        at = clock.now() + timedelta(hours=1)
        self.plan(act, at)
        act(drafts.take_back, "ala", by=EDITOR)
        assert drafts.due(at) == []


class TestRebase:
    """A provider was held while the draft was on its way: both go on."""

    def rebase(self, act, change):
        def run():
            draft = drafts.for_change("ala")
            drafts.rebase(draft, change(draft.content), change(draft.published), 2)

        act(run)
        return drafts.current("ala")

    @staticmethod
    def held(content):
        content = deepcopy(content)
        content["providers"][2]["held"] = True
        return content

    @pytest.mark.parametrize("state", [DRAFT, IN_REVIEW, APPROVED])
    def test_it_stays_where_it_stands(self, act, in_state, state):
        in_state(state)
        draft = self.rebase(act, self.held)
        assert (draft.state, draft.base, draft.editors) == (state, 2, [EDITOR])
        assert [path for path, *_ in changed_fields(draft.published, draft.content)] == [
            "providers/google-analytics/name"
        ]

    def test_without_a_change_there_still_is_none(self, act):
        draft = self.rebase(act, self.held)
        assert (draft.changed, draft.base) == (False, 2)


def test_every_published_site_has_one(app, site):
    assert [(row["site"], row["base"]) for row in rows(app, Draft)] == [("ala", 1)]
