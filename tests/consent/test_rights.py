"""Erasing what a visitor asked to have erased: by whoever may, on their site, and on record without saying who."""

import uuid

import pytest

from consent_server.consent.models import ConsentCurrent, ConsentEvent, Visitor
from consent_server.evidence.erasure_models import ErasedLeaf
from consent_server.staff.models import StaffEvent
from tests.consent.test_refused import assert_problem
from tests.consent.test_visitor import visitor_cookie
from tests.evidence.sealed import seal
from tests.factories import everything, post, rows
from tests.staff.people import add_person, issue_token

DPO = "dpo@example.org"
REASON = "A letter of 20 November."


@pytest.fixture
def ask(app, client, site):
    """Sends a request for an erasure with a token of the data protection officer."""
    add_person(app, DPO, ["dpo"])
    headers = {"Authorization": f"Bearer {issue_token(app, DPO, ['rights:write'])}"}

    def run(visitor, reason=REASON):
        body = {"visitor": str(visitor), "reason": reason}
        return app.test_client().post("/v1/admin/sites/ala/erasures", json=body, headers=headers)

    return run


def test_everything_of_the_visitor_goes(app, client, decision, ask):
    cookie = visitor_cookie(post(client, decision()))
    retried = decision()
    post(client, retried)
    other = visitor_cookie(post(app.test_client(), decision()))
    seal(app)
    response = ask(cookie["id"])
    assert (response.status_code, response.json) == (201, {"decisions": 2})
    assert [str(row["id"]) for row in rows(app, Visitor)] == [other["id"]]
    assert [str(row["visitor_id"]) for row in rows(app, ConsentEvent)] == [other["id"]]
    assert [str(row["visitor_id"]) for row in rows(app, ConsentCurrent)] == [other["id"]]
    assert [row["ground"] for row in rows(app, ErasedLeaf)] == ["request", "request"]
    assert_problem(post(client, retried), 410, "erased")
    assert_problem(ask(cookie["id"]), 404, "not-found")


def test_the_act_is_on_record_and_names_nobody(app, client, decision, ask, settings):
    cookie = visitor_cookie(post(client, decision()))
    assert ask(cookie["id"]).status_code == 201
    act = rows(app, StaffEvent)[-1]
    assert (act["actor"], act["verb"], act["site"]) == (DPO, "erasure-requested", "ala")
    assert act["detail"] == {"decisions": "1", "reason": REASON}
    assert (settings.data_dir / "erasures.journal").read_text().endswith(" request\n")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 2001, "Asked by reader@example.org", "It is {visitor}."])
def test_a_reason_says_why_and_not_who(app, client, decision, ask, reason):
    cookie = visitor_cookie(post(client, decision()))
    before = everything(app)
    for written in (cookie["id"], cookie["id"].upper(), cookie["id"].replace("-", "")):
        assert_problem(ask(cookie["id"], reason.format(visitor=written)), 422, "invalid")
    assert everything(app) == before


@pytest.mark.parametrize("visitor", ["", "x", None])
def test_what_is_no_consent_id(ask, visitor):
    assert_problem(ask(visitor), 422, "invalid")


def test_a_stranger(app, client, decision, ask):
    post(client, decision())
    before = everything(app)
    assert_problem(ask(uuid.uuid4()), 404, "not-found")
    assert everything(app) == before
