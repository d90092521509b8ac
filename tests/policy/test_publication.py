"""Publishing the draft: now, at a time, across a restart; holding a provider; reviewing without a change."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from functools import cache
from threading import Event

import pytest
from marshmallow import ValidationError

from consent_server import clock as source_of_time
from consent_server import schedule
from consent_server.database import begin_writing
from consent_server.embed.models import WidgetFile
from consent_server.errors import Forbidden, Invalid, NotFound, State
from consent_server.extensions import db
from consent_server.policy import holds, publication, review
from consent_server.policy import service as policy
from consent_server.policy.models import Hold, PolicyVersion
from consent_server.registry import drafts
from consent_server.registry.models import APPROVED, DRAFT, IN_REVIEW
from consent_server.staff.models import StaffEvent
from tests.factories import everything, read_ala, rows, running

EDITOR, APPROVER, OTHER_APPROVER = "editor@example.org", "approver@example.org", "other@example.org"
TRACKER = {"kind": "script", "name": "new.js", "host": "new.example"}
NEW = {
    "key": "new-provider",
    "name": "New",
    "category": "marketing",
    "privacy_url": "https://new.example/privacy",
    "sells_or_shares": False,
    "hosts": ["new.example"],
    "sample": False,
    "trackers": [TRACKER],
}


@cache
def ala():
    return read_ala()


def with_new():
    content = deepcopy(ala())
    content["providers"].append(NEW)
    return content


@pytest.fixture
def act(app, site):
    """Does one thing in a transaction of its own, as a view does."""

    def run(what, *args, **kwargs):
        with app.app_context():
            begin_writing(db.session)
            result = what(*args, **kwargs)
            db.session.commit()
            return result

    return run


@pytest.fixture
def approved(app, act):
    """A draft with a new provider, approved."""
    with app.app_context():
        content = with_new()
    act(drafts.save, "ala", content, by=EDITOR)
    act(drafts.submit, "ala", by=EDITOR)
    act(drafts.approve, "ala", by=APPROVER)


@pytest.fixture
def publish(act):
    def run(**changes):
        return act(
            publication.publish_draft, "ala", **{"by": APPROVER, "material": True, "reason": "A provider."} | changes
        )

    return run


def versions(app):
    return sorted(rows(app, PolicyVersion), key=lambda version: version["number"])


def number(app):
    """The version that the next request sees."""
    return app.test_client().get("/v1/sites/ala/config").json["policy"]["number"]


@pytest.mark.usefixtures("approved")
class TestNow:
    def test_the_approved_draft_becomes_the_next_version(self, app, publish):
        publish()
        first, second = versions(app)
        assert (second["number"], second["epoch"], second["material"], second["reason"]) == (2, 2, True, "A provider.")
        assert (second["published_by"], second["approved_by"]) == (APPROVER, APPROVER)
        assert second["content"]["providers"][-1]["key"] == "new-provider"
        assert "new-provider" not in str(first["content"])

    def test_an_editorial_one_keeps_the_epoch(self, app, publish):
        publish(material=False)
        assert [(version["epoch"], version["material"]) for version in versions(app)] == [(1, True), (1, False)]

    def test_the_draft_begins_anew(self, app, publish):
        publish()
        with app.app_context():
            draft = drafts.current("ala")
            assert (draft.state, draft.base, draft.changed, draft.editors) == (DRAFT, 2, False, [])
            assert draft.content == with_new()

    def test_the_banner_holds_it_back_from_the_next_request_on(self, app, settings, publish):
        with running(settings) as other:
            clients = app.test_client(), other.test_client()
            for client in clients:
                assert b"new-provider" not in client.get("/ala/choices.js").data
            publish()
            for client in clients:
                assert b"new-provider" in client.get("/ala/choices.js").data

    def test_a_page_that_pins_the_old_script_still_gets_it(self, app, publish):
        client = app.test_client()
        old = client.get("/ala/choices.js")
        pinned = f"/ala/choices.{old.headers['ETag'].strip(chr(34)).partition('-')[0]}.js"
        publish()
        assert client.get(pinned).data == old.data
        # Each publication keeps its own, so that it is there once the next one comes.
        new = client.get("/ala/choices.js").data
        assert new in [bytes(row["content"]) for row in rows(app, WidgetFile)]

    def test_it_is_written_down_with_what_was_proposed(self, app, publish):
        publish(material=False, reason="It is the same company.")
        [event] = [row for row in rows(app, StaffEvent) if row["verb"] == "publish" and row["actor"] == APPROVER]
        assert event["detail"] | {"sha256": ""} == {
            "number": "2",
            "sha256": "",
            "material": False,
            "proposed_material": True,
            "approved_by": APPROVER,
            "reason": "It is the same company.",
        }

    def test_it_is_published_once(self, publish):
        publish()
        with pytest.raises(State):
            publish()


@pytest.mark.parametrize("state", [DRAFT, IN_REVIEW])
def test_what_is_not_approved_is_not_published(app, act, publish, state):
    with app.app_context():
        content = with_new()
    act(drafts.save, "ala", content, by=EDITOR)
    if state == IN_REVIEW:
        act(drafts.submit, "ala", by=EDITOR)
    before = everything(app)
    with pytest.raises(State):
        publish()
    assert everything(app) == before


def test_a_publication_that_fails_leaves_nothing(app, publish, approved, monkeypatch):
    """Its id is given again, to a version of other content."""

    def fail():
        policy.load_published("ala")
        raise RuntimeError("the disk is full")

    before = everything(app)
    with monkeypatch.context() as patch:
        patch.setitem(app.extensions, "after-publication", fail)
        with pytest.raises(RuntimeError):
            publish()
    assert everything(app) == before
    assert number(app) == 1
    publish(reason="Again.")
    config = app.test_client().get("/v1/sites/ala/config").json
    assert config["policy"] == {"number": 2, "sha256": versions(app)[1]["sha256"].hex()}


class TestAtATime:
    @pytest.fixture
    def at(self, act, approved, clock):
        at = clock.now() + timedelta(hours=1)
        act(drafts.schedule, "ala", at, by=APPROVER, material=True, reason="At noon.")
        return at

    def test_not_before(self, app, at, clock):
        clock.set(at - timedelta(milliseconds=1))
        assert schedule.publish_all_due(app) == []
        assert number(app) == 1

    def test_it_is_published_in_the_name_of_who_planned_it(self, app, at, clock):
        clock.set(at)
        assert schedule.publish_all_due(app) == ["ala: version 2 is published."]
        version = versions(app)[-1]
        assert (version["published_by"], version["approved_by"], version["reason"]) == (APPROVER, APPROVER, "At noon.")
        assert (version["material"], version["published_at"]) == (True, at)
        assert number(app) == 2

    def test_once_for_all_processes(self, app, settings, at, clock):
        clock.set(at)
        with running(settings) as other:
            published = schedule.publish_all_due(app) + schedule.publish_all_due(other)
        assert published == ["ala: version 2 is published."]

    def test_whoever_comes_second_finds_it_done(self, app, act, at, clock):
        clock.set(at)
        assert act(publication.publish_due, "ala", at) is not None
        assert act(publication.publish_due, "ala", at) is None

    def test_called_off_in_the_meantime(self, app, act, at, clock):
        act(drafts.unschedule, "ala", by=APPROVER)
        clock.set(at)
        assert act(publication.publish_due, "ala", at) is None
        assert schedule.publish_all_due(app) == []

    def test_one_that_fails_holds_up_no_other(self, app, at, clock, monkeypatch, caplog):
        clock.set(at)
        monkeypatch.setattr(drafts, "due", lambda now: ["broken", "ala"])
        assert schedule.publish_all_due(app) == ["ala: version 2 is published."]
        assert "schedule: broken: " in caplog.text

    def test_by_the_operators_command(self, app, at, clock):
        clock.set(at)
        assert app.test_cli_runner().invoke(args=["site", "publish-due"]).output == "ala: version 2 is published.\n"
        assert app.test_cli_runner().invoke(args=["site", "publish-due"]).output == ""

    def test_a_server_that_starts_anew_publishes_what_was_due_meanwhile(self, settings, at, clock, app):
        clock.set(at + timedelta(days=2))
        stop = Event()
        with running(settings) as restarted:
            thread = schedule.start(restarted, stop)
            stop.set()
            thread.join(30)
            assert not thread.is_alive()
            assert number(restarted) == 2
        assert number(app) == 2

    def test_a_look_that_fails_is_not_the_last(self, app, at, clock, monkeypatch):
        clock.set(at)
        looks = []

        class Stop:
            """Waits by having the second look succeed."""

            def wait(self, seconds):
                looks.append(number(app))
                monkeypatch.setattr(drafts, "due", due)
                return len(looks) == 2

        due = drafts.due

        def fail(now):
            raise OSError("no database")

        monkeypatch.setattr(drafts, "due", fail)
        schedule.start(app, Stop()).join(30)
        assert looks == [1, 2]


class TestHolds:
    @pytest.fixture
    def hold(self, act):
        def run(provider="sample-ads", by=EDITOR):
            return act(holds.hold, "ala", provider, by=by, reason="It loads what it should not.")

        return run

    def test_one_person_holds_it_at_once(self, app, hold):
        hold()
        version = versions(app)[-1]
        assert (version["number"], version["epoch"], version["material"], version["approved_by"]) == (2, 1, False, None)
        held = {p["key"]: p.get("held", False) for p in version["content"]["providers"]}
        assert [key for key, is_held in held.items() if is_held] == ["sample-ads"]
        assert number(app) == 2

    @pytest.mark.parametrize("state", [DRAFT, IN_REVIEW, APPROVED])
    def test_the_draft_goes_on(self, app, act, hold, publish, state):
        with app.app_context():
            content = with_new()
        act(drafts.save, "ala", content, by=EDITOR)
        if state != DRAFT:
            act(drafts.submit, "ala", by=EDITOR)
        if state == APPROVED:
            act(drafts.approve, "ala", by=APPROVER)
        hold()
        with app.app_context():
            assert drafts.current("ala").state == state
            assert review.place(review.propose("ala").changes[0]) == "providers/new-provider"
        if state == APPROVED:
            publish()
            providers = {p["key"]: p.get("held", False) for p in versions(app)[-1]["content"]["providers"]}
            assert providers["sample-ads"] and not providers["new-provider"]

    def test_it_waits_for_somebody_else(self, app, act, hold):
        hold(by=APPROVER)
        with pytest.raises(Forbidden):
            act(holds.confirm_hold, "ala", "sample-ads", by=APPROVER)
        act(holds.confirm_hold, "ala", "sample-ads", by=OTHER_APPROVER)
        [row] = rows(app, Hold)
        assert (row["held_by"], row["settled_by"], row["number"]) == (APPROVER, OTHER_APPROVER, 2)
        with pytest.raises(NotFound):
            act(holds.confirm_hold, "ala", "sample-ads", by=OTHER_APPROVER)
        assert {"hold", "hold-confirm"} <= {event["verb"] for event in rows(app, StaffEvent)}

    def test_unless_one_person_is_all_there_is(self, app, act, hold):
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], four_eyes=False)
        hold(by=APPROVER)
        act(holds.confirm_hold, "ala", "sample-ads", by=APPROVER)

    def test_it_is_over_when_the_provider_is_let_go(self, app, act, hold, publish):
        hold()
        with app.app_context():
            act(drafts.save, "ala", ala(), by=EDITOR)
        act(drafts.submit, "ala", by=EDITOR)
        act(drafts.approve, "ala", by=APPROVER)
        publish(material=False)
        [row] = rows(app, Hold)
        assert (row["settled_by"], row["settled_at"]) == (APPROVER, versions(app)[-1]["published_at"])

    def test_what_cannot_be_held(self, app, act, hold):
        for provider, error in (("nosuch", NotFound), ("ala", Invalid)):
            with pytest.raises(error):
                hold(provider)
        hold()
        with pytest.raises(State):
            hold()
        assert len(versions(app)) == 2


class TestReview:
    def test_what_a_draft_would_mean(self, app, approved):
        with app.app_context():
            proposal = review.propose("ala")
            assert review.place(proposal.changes[0]) == "providers/new-provider"
            assert proposal.material and "new-provider" in proposal.affected

    def test_without_a_change_nobody_is_asked(self, app, site):
        with app.app_context():
            assert review.propose("ala") == review.Proposal([], [], frozenset())

    def test_one_change_is_taken_out(self, app, act):
        with app.app_context():
            content = with_new()
        content["providers"][1]["name"] = "Unfinished"
        act(drafts.save, "ala", content, by=EDITOR)
        act(drafts.submit, "ala", by=EDITOR)
        act(review.revert, "ala", "providers/google-analytics/name", by=APPROVER)
        with app.app_context():
            assert drafts.current("ala").content == with_new()

    def test_a_change_that_is_not_there(self, act, approved):
        with pytest.raises(NotFound):
            act(review.revert, "ala", "providers/google-analytics/name", by=EDITOR)

    def test_what_others_stand_on_is_not_taken_out(self, app, act):
        """A category that a new provider is in."""
        with app.app_context():
            content = with_new()
        content["categories"].append(
            {"key": "extras", "required": False, "name": dict.fromkeys(content["site"]["locales"], "X")}
        )
        content["providers"][-1]["category"] = "extras"
        act(drafts.save, "ala", content, by=EDITOR)
        with pytest.raises(ValidationError):
            act(review.revert, "ala", "categories/extras", by=EDITOR)

    def test_looked_through_and_unchanged(self, app, act):
        act(review.review_unchanged, "ala", by=APPROVER, note="Every entry checked.")
        [event] = [row for row in rows(app, StaffEvent) if row["verb"] == "review-unchanged"]
        today = f"{source_of_time.now():%Y-%m-%d}"
        assert event["detail"] == {"number": "1", "day": today, "note": "Every entry checked."}
        assert len(versions(app)) == 1
