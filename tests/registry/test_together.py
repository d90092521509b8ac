"""Several at the same moment: each draft is changed and published once, on both engines."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from consent_server.policy.models import PolicyVersion
from tests.factories import rows
from tests.registry.test_admin import DRAFT, FORM, Person
from tests.staff.people import add_person, issue_token

MANY = 6


@pytest.fixture
def people(app, site):
    add_person(app, "editor@example.org", ["editor"])
    add_person(app, "approver@example.org", ["approver"])
    return (
        Person(app, issue_token(app, "editor@example.org", ["registry:write"])),
        Person(app, issue_token(app, "approver@example.org", ["registry:publish"])),
    )


def at_once(what):
    """What each of MANY threads got that did the same at the same moment; `what` takes the thread's number."""
    barrier = Barrier(MANY)

    def run(number):
        barrier.wait(30)
        return what(number)

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(run, range(MANY)))


def test_of_many_edits_of_one_state_one_is_taken(app, people):
    editor, _ = people
    answer = editor.ask("GET")

    def put(number):
        content = {**answer.json, "site": {**answer.json["site"], "name": f"Library {number}"}}
        return editor.client.application.test_client().put(
            DRAFT, json=content, headers=editor.headers | {"If-Match": answer.headers["ETag"]}
        )

    answers = at_once(put)
    assert sorted(one.status_code for one in answers) == [200] + [412] * (MANY - 1)
    [taken] = [one.json for one in answers if one.status_code == 200]
    assert editor.ask("GET").json == taken


def test_of_many_publications_of_one_draft_one_is_made(app, people):
    editor, approver = people
    editor.rename("Other")
    editor.ask("POST", "/submit")
    approver.ask("POST", "/approve")
    answers = at_once(
        lambda _: app.test_client().post(f"{DRAFT}/publish", json=FORM, headers=approver.headers),
    )
    assert sorted(one.status_code for one in answers) == [201] + [409] * (MANY - 1)
    assert len(rows(app, PolicyVersion)) == 2


def test_holds_beside_each_other_both_stand(app, people):
    editor, _ = people
    held = ["sample-ads", "sample-video", "google-analytics"]

    def hold(number):
        form = {"provider": held[number % len(held)], "reason": "At once."}
        return app.test_client().post("/v1/admin/sites/ala/holds", json=form, headers=editor.headers).status_code

    assert sorted(at_once(hold)) == [201] * len(held) + [409] * (MANY - len(held))
    latest = max(rows(app, PolicyVersion), key=lambda version: version["number"])
    assert latest["number"] == 4
    assert sorted(p["key"] for p in latest["content"]["providers"] if p.get("held")) == sorted(held)
