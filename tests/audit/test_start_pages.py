"""`/audit/`: the one box, the state of the log, visits, the time zone."""

import io
import json
import re
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import delete, update

from consent_server.audit import visits
from consent_server.consent.models import ConsentEvent
from consent_server.database import begin_writing
from consent_server.evidence import service as evidence
from consent_server.evidence.models import LogLeaf
from consent_server.extensions import db
from consent_server.staff.models import StaffEvent
from tests.factories import post, rows, seal
from tests.staff.people import AUDITOR, add_person, issue_token, sign_in

NOBODY = "4fa0c9d2-1f0b-4c6e-9a53-0d8c9b7e6f21"


@pytest.fixture
def auditor(app, client, site):
    add_person(app)
    sign_in(client)
    return client


@pytest.fixture
def sent(app, decision):
    """A decision: its event's id and its visitor's."""
    body = decision(allow=("analytics",))
    response = post(app.test_client(), body)
    visitor = re.search(r"__Host-visitor=([0-9a-f-]{36})", str(response.headers))[1]
    return body["event_id"], visitor


def acts(app, verb):
    return [act for act in rows(app, StaffEvent) if act["verb"] == verb]


def receipt_of(app, client, event_id):
    headers = {"Authorization": f"Bearer {issue_token(app)}"}
    answer = client.get(f"/v1/sites/ala/receipts/{event_id}", headers=headers)
    assert answer.status_code == 200
    return answer.json


def index_of(receipt):
    return int(re.search("^index ([0-9]+)$", receipt["proof"], re.MULTILINE)[1])


def bring(client, receipt):
    content = receipt if isinstance(receipt, bytes) else json.dumps(receipt).encode()
    return client.post("/audit/find", data={"wanted": "", "receipt": (io.BytesIO(content), "receipt.json")})


def test_the_box_leads_to_a_decision_or_a_visitor(app, auditor, sent):
    event_id, visitor = sent
    for wanted, address in (
        (event_id, f"/audit/events/{event_id}"),
        (f"  {visitor.upper()} ", f"/audit/visitors/{visitor}"),
    ):
        answer = auditor.post("/audit/find", data={"wanted": wanted})
        assert (answer.status_code, answer.location) == (303, address)
    for wanted in (NOBODY, "x", "", "a\0b"):
        answer = auditor.post("/audit/find", data={"wanted": wanted})
        assert answer.status_code == 422 and "There is a problem" in answer.text
    assert visitor not in str(rows(app, StaffEvent)) and event_id not in str(acts(app, "audit-find"))


def test_a_receipt_is_compared_with_the_record(app, auditor, sent):
    seal(app)
    receipt = receipt_of(app, auditor, sent[0])
    assert "This receipt is what we have on record" in bring(auditor, receipt).text
    event = receipt["event"]
    for change, field in (
        ({"event": {**event, "action": "accept_all"}}, "action"),
        ({"event": {**event, "choices": {**event["choices"], "marketing": True}}}, "choices.marketing"),
        ({"nonce": "00" * 32}, "nonce"),
        ({"visitor_id": NOBODY}, "visitor_id"),
    ):  # fmt: skip
        page = bring(auditor, {**receipt, **change})
        assert page.status_code == 200 and "This receipt differs from the record" in page.text
        assert f'<span class="id">{field}</span>' in page.text


def test_a_receipt_of_what_was_erased_is_known_by_its_leaf(app, auditor, decision):
    visitor, body = app.test_client(), decision()
    assert post(visitor, body).status_code == 201
    seal(app)
    receipt = receipt_of(app, auditor, body["event_id"])
    visitor.post("/ala/choices/erase", headers={"Origin": "http://privacy.ala.localhost:9000"})
    assert "This decision is not on record any more" in bring(auditor, receipt).text
    forged = {**receipt, "nonce": "00" * 32}
    assert "This decision is not on record</h1>" in bring(auditor, forged).text


def test_a_row_that_is_missing_without_an_erasure_is_told(app, auditor, sent):
    seal(app)
    receipt = receipt_of(app, auditor, sent[0])
    event_id = uuid.UUID(sent[0])
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(delete(ConsentEvent).where(ConsentEvent.event_id == event_id))
    said = "but its row is missing, and nothing says that it was erased. That should not be."
    assert said in bring(auditor, receipt).text
    answer = auditor.post("/audit/find", data={"wanted": sent[0]})
    assert answer.status_code == 422 and said in answer.text
    # Also where the tie was cut to look like an erasure.
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(update(LogLeaf).where(LogLeaf.event_id == event_id).values(event_id=None))
    assert said in bring(auditor, receipt).text


def test_a_purge_explains_a_missing_row(app, auditor, sent):
    seal(app)
    receipt = receipt_of(app, auditor, sent[0])
    with app.app_context():
        evidence.purge([index_of(receipt)], "Kept for 5 days.")
        db.session.execute(delete(ConsentEvent).where(ConsentEvent.event_id == uuid.UUID(sent[0])))
        db.session.commit()
    assert "This decision is not on record any more" in bring(auditor, receipt).text


def test_a_receipt_of_another_site_is_not_taken_for_a_lost_one(app, auditor, sent):
    seal(app)
    receipt = receipt_of(app, auditor, sent[0])
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(update(ConsentEvent).values(site="zoo"))
    assert "This decision is not on your sites" in bring(auditor, receipt).text


@pytest.mark.parametrize("proof", ["", "index 999999", "index 0"])
def test_where_there_is_no_such_leaf_a_receipt_is_not_confirmed(app, auditor, sent, proof):
    seal(app)
    page = bring(auditor, {**receipt_of(app, auditor, sent[0]), "proof": proof}).text
    assert "The record says the same, the log does not" in page and "what we have on record" not in page


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b"\xff", b'{"schema": "other"}', b'{"a": 1, "a": 2}', b'{"a":' * 2000, b" " * 200_000],
)
def test_another_file_is_no_receipt(auditor, content):
    answer = bring(auditor, content)
    assert answer.status_code == 422 and "This file is not a receipt of ours." in answer.text


def test_a_receipt_that_names_no_event_is_none(app, auditor, sent):
    seal(app)
    receipt = receipt_of(app, auditor, sent[0])
    for event in ({}, {"event_id": 7}, {"event_id": None}):
        assert bring(auditor, {**receipt, "event": event}).status_code == 422


def test_a_visit_remembers_what_the_log_was(app, auditor, decision, clock):
    assert "The log has not been started yet" in auditor.get("/audit/").text
    seal(app)
    clock.advance(hours=9)
    sign_in(auditor)
    first = auditor.get("/audit/").text
    assert "The log had no checkpoint then" in first
    auditor.get("/audit/")
    assert [sorted(act["detail"]) for act in acts(app, "audit-visit")] == [[], ["origin", "root", "size"]]
    post(app.test_client(), decision())
    seal(app)
    clock.advance(hours=9)
    sign_in(auditor)
    later = auditor.get("/audit/").text
    assert "Nothing before them has changed." in later and "1 decisions" in later
    size = acts(app, "audit-visit")[1]["detail"]["size"]
    assert f'href="/audit/log?since={size}"' in later
    page = auditor.get(f"/audit/log?since={size}")
    assert "<strong>Yes.</strong>" in page.text
    proof = auditor.get(f"/audit/log/{size}.json")
    assert proof.status_code == 200 and proof.json["from"] == size
    assert auditor.get("/audit/log?since=999999").status_code == 404


def test_a_visit_lasts_for_hours_and_says_since_when(app, auditor, clock):
    seal(app)
    for _ in range(2):
        page = auditor.get("/audit/").text
        assert "Your visit before: none yet." in page and "first visit" not in page
        assert "This visit began at" in page
        clock.advance(hours=1)


def test_a_successor_is_not_taken_for_a_broken_log(app, auditor, clock):
    seal(app)
    with app.app_context():
        begin_writing(db.session)
        note = evidence.newest().note.replace(evidence.origin(), "former.example/log")
        visits.begin(AUDITOR, replace(evidence.newest(), root=b"x" * 32, note=note))
        db.session.commit()
    clock.advance(hours=9)
    sign_in(auditor)
    page = auditor.get("/audit/").text
    assert "does not extend" not in page and "The log of then has ended" in page
    assert "Another log" in auditor.get("/audit/log").text


def test_a_log_that_does_not_hold_what_was_seen_is_told(app, auditor, clock):
    seal(app)
    with app.app_context():
        begin_writing(db.session)
        visits.begin(AUDITOR, replace(evidence.newest(), root=b"x" * 32))
        db.session.commit()
    clock.advance(hours=9)
    sign_in(auditor)
    assert "does not extend the one you saw" in auditor.get("/audit/").text
    assert "<strong>No.</strong>" in auditor.get("/audit/log").text


def test_a_pasted_checkpoint_is_verified(app, auditor, decision):
    assert auditor.post("/audit/log", data={"checkpoint": "x"}).status_code == 422
    seal(app)
    note = auditor.get("/log/checkpoint").text
    assert "It is the same." in auditor.post("/audit/log", data={"checkpoint": note}).text
    post(app.test_client(), decision())
    seal(app)
    # As a form sends it: two characters for a line break, and perhaps none at the end.
    pasted = note.replace("\n", "\r\n").rstrip()
    assert "<strong>Yes.</strong>" in auditor.post("/audit/log", data={"checkpoint": pasted}).text
    origin, size, root, *rest = note.split("\n")
    for wrong in (
        "",
        "\n".join([origin, str(int(size) + 1), root, *rest]),
        "\n".join(["evil.example/log", size, root, *rest]),
        note.replace("—", "-"),
    ):
        answer = auditor.post("/audit/log", data={"checkpoint": wrong})
        assert answer.status_code == 422 and "There is a problem" in answer.text


def test_the_zone_is_remembered_and_goes_along(app, auditor, sent):
    assert auditor.post("/audit/zone", data={"zone": "Mars"}).status_code == 422
    answer = auditor.post("/audit/zone", data={"zone": "Asia/Tokyo"})
    assert answer.status_code == 303 and "Path=/audit/" in answer.headers["Set-Cookie"]
    page = auditor.get("/audit/events?dnt=false").text
    assert "JST" in page and "UTC" in page and 'name="zone" value="Asia/Tokyo"' in page
    # The address is stronger than what is remembered.
    assert "CST" in auditor.get("/audit/events?zone=America/Chicago").text
    assert auditor.get("/audit/events?zone=Mars").status_code == 422
