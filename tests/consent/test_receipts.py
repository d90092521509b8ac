"""A decision's receipt: who may have it, when, and that everything in it holds."""

import json
import uuid
from dataclasses import replace

import pytest

from consent_server.consent import proofs, receipts, service
from consent_server.consent.models import ConsentEvent
from consent_server.database import begin_writing
from consent_server.errors import Unavailable
from consent_server.evidence import rotation, verify
from consent_server.evidence import service as evidence
from consent_server.extensions import db
from consent_server.policy import publication
from consent_server.policy import service as policy
from consent_server.staff.models import StaffEvent
from tests.factories import HOST, OPTIONAL, post, publish, read_ala, rows, seal
from tests.staff.people import add_person, issue_token, publish_zoo

VISITOR = "__Host-visitor"


def address(event_id, site="ala"):
    return f"/v1/sites/{site}/receipts/{event_id}"


def decide(client, body):
    assert post(client, body).status_code == 201
    return body["event_id"]


def cookie(client):
    return client.get_cookie(VISITOR, domain="privacy.ala.localhost")


def key(app):
    with app.app_context():
        return verify.VerifierKey.parse(evidence.verifier_key())


def texts(client):
    """The texts at the addresses that a receipt names."""

    def find(sha256, url):
        assert url.startswith(HOST)
        return client.get(url.removeprefix(HOST)).data

    return verify.Texts(find)


def check(app, receipt):
    """What the offline verifier finds; raises Invalid."""
    return verify.check_receipt(receipt, verify.Keys(key(app)), texts(app.test_client()))


def test_it_is_as_the_formats_have_it_and_verifies(app, client, site, decision):
    event_id = decide(client, decision(allow=("analytics",)))
    seal(app)
    response = client.get(address(event_id))
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert response.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in response.headers
    assert response.headers["Content-Disposition"] == f'attachment; filename="receipt-{event_id}.json"'
    receipt = response.json
    assert set(receipt) == set(verify.RECEIPT)
    assert receipt["schema"] == "consent-receipt/1"
    assert receipt["event"]["event_id"] == event_id
    assert receipt["visitor_id"] == cookie(client).value.partition(".")[0]
    assert receipt["notice"]["url"] == f"{HOST}/v1/sites/ala/notices/{site.notices['en']}"
    assert receipt["policy"]["url"] == f"{HOST}/v1/sites/ala/policies/1"
    assert receipt["policy"]["number"] == 1
    proven = check(app, receipt)
    assert proven.compared and proven.notice_known
    checkpoints = {receipt[name]["proof"].partition("\n\n")[2] for name in ("notice", "policy")}
    assert checkpoints == {receipt["proof"].partition("\n\n")[2]}


def test_the_event_is_committed_as_it_was_recorded(app, client, decision):
    """The row is read back from the database, and its JSON columns with it."""
    event_id = decide(client, decision(allow=("analytics",), providers={"sample-ads": True}))
    seal(app)
    with app.app_context():
        event = db.session.get(ConsentEvent, uuid.UUID(event_id))
        committed = service.committed(event)
        assert committed["providers"] == {"sample-ads": True}
        [leaf] = [leaf for _, leaf in evidence.entries(evidence.leaf_of_event(event.event_id), 1)]
        made = verify.commitment("consent", event.nonce, verify.canonical(committed))
        assert leaf == verify.plain_leaf("consent/1", made)


def test_it_waits_until_it_is_sealed_and_signed(app, client, decision):
    event_id = decide(client, decision())
    response = client.get(address(event_id))
    assert (response.status_code, response.headers["Retry-After"]) == (202, "2")
    assert response.json == {"event_id": event_id, "state": "waiting to be sealed"}
    seal(app)
    assert client.get(address(event_id)).status_code == 200
    later = decide(client, decision())
    assert client.get(address(later)).status_code == 202
    assert client.get(address(event_id)).status_code == 200


def test_what_is_sealed_and_not_signed_yet_waits(app, client, decision, monkeypatch):
    event_id = decide(client, decision())
    seal(app)
    with app.app_context():
        newest = evidence.newest()
        event = db.session.get(ConsentEvent, uuid.UUID(event_id))
        index = evidence.leaf_of_event(event.event_id)
        assert proofs.find_receipt(event, replace(newest, size=index)) is None
    monkeypatch.setattr(evidence, "newest", lambda: None)
    assert client.get(address(event_id)).status_code == 202


def test_it_is_the_visitors_own(app, client, decision):
    event_id = decide(client, decision())
    seal(app)
    assert app.test_client().get(address(event_id)).status_code == 404
    other = app.test_client()
    decide(other, decision())
    response = other.get(address(event_id))
    assert (response.status_code, response.json["detail"]) == (404, "There is no such receipt.")
    unknown = other.get(address(uuid.uuid4()))
    assert unknown.status_code == 404
    assert {**response.json, "instance": None} == {**unknown.json, "instance": None}
    wrong = f"{VISITOR}={cookie(client).value[:-1]}{'A' if cookie(client).value[-1] != 'A' else 'B'}"
    assert app.test_client(use_cookies=False).get(address(event_id), headers={"Cookie": wrong}).status_code == 404
    assert client.get(address(event_id, "zoo")).status_code == 404


def test_an_auditors_token_opens_those_of_its_own_site(app, client, decision):
    event_id = decide(client, decision())
    publish_zoo(app)
    seal(app)
    add_person(app)
    add_person(app, site="zoo")

    def ask(token, site="ala"):
        return app.test_client().get(address(event_id, site), headers={"Authorization": f"Bearer {token}"})

    own = ask(issue_token(app))
    assert own.status_code == 200
    assert own.json["visitor_id"] == cookie(client).value.partition(".")[0]
    assert ask(issue_token(app, site="zoo")).status_code == 404
    assert ask(issue_token(app, site="zoo"), "zoo").status_code == 404
    add_person(app, "editor@example.org", ["editor"])
    assert ask(issue_token(app, "editor@example.org", ["registry:write"])).status_code == 404


def test_reading_by_token_is_written_down_and_a_visitors_own_is_not(app, client, decision, monkeypatch):
    event_id = decide(client, decision())
    seal(app)
    add_person(app)
    headers = {"Authorization": f"Bearer {issue_token(app)}"}

    def acts():
        return [row for row in rows(app, StaffEvent) if row["verb"] == "audit-read"]

    assert client.get(address(event_id)).status_code == 200
    assert acts() == []
    assert app.test_client().get(address(event_id), headers=headers).status_code == 200
    [act] = acts()
    assert (act["actor"], act["site"], act["detail"]) == ("auditor@example.org", "ala", {"through": "token"})

    # Where it cannot be written down, nothing is read.
    def fail(*_arguments):
        raise Unavailable("full")

    monkeypatch.setattr(receipts, "record", fail)
    assert app.test_client().get(address(event_id), headers=headers).status_code == 503
    assert client.get(address(event_id)).status_code == 200


def test_an_erased_one_is_gone(app, client, decision):
    event_id = decide(client, decision())
    seal(app)
    assert client.post("/ala/choices/erase", headers={"Origin": HOST}).status_code == 303
    for asking in (client, app.test_client()):
        assert asking.get(address(event_id)).status_code == 410
        assert asking.get(f"/ala/choices/receipts/{event_id}").status_code == 410


def test_one_without_a_visitor_is_for_auditors(app, client, decision):
    body = decision(action="signal", signals={"dnt": None, "gpc": True})
    event_id = decide(client, body)
    seal(app)
    assert client.get(address(event_id)).status_code == 404
    add_person(app)
    receipt = client.get(address(event_id), headers={"Authorization": f"Bearer {issue_token(app)}"}).json
    assert receipt["visitor_id"] is receipt["event"]["visitor"] is None
    check(app, receipt)


def test_under_an_unknown_notice_the_text_is_unknown(app, client, decision):
    event_id = decide(client, decision(notice="ab" * 32))
    seal(app)
    receipt = client.get(address(event_id)).json
    assert receipt["notice"] == {"sha256": "ab" * 32, "url": None, "proof": None}
    assert not check(app, receipt).notice_known


def test_a_text_that_was_sealed_afterwards_was_not_shown(app, client, site, decision):
    """Whoever can foresee a text can name it before it is published: what comes next is no secret to its author."""
    # A policy names the log it stands in.
    seal(app)
    with app.app_context():
        content = read_ala() | {"wording": {"en": {"title": "Soon"}}}
        begin_writing(db.session)
        publication.publish(content, by="operator", reason="A test.", material=True)
        foreseen = policy.load_published("ala").notices["en"]
        db.session.rollback()
    early = decide(client, decision(notice=foreseen))
    seal(app)
    with app.app_context():
        publish(content)
        assert policy.published("ala").notices["en"] == foreseen
    late = decide(client, decision(notice=foreseen))
    seal(app)
    first, second = client.get(address(early)).json, client.get(address(late)).json
    assert first["notice"] == {"sha256": foreseen, "url": None, "proof": None}
    assert not check(app, first).notice_known
    assert check(app, second).notice_known


@pytest.mark.parametrize("profile", ["27560", "kantara-1.1"])
def test_its_other_shapes_say_the_same(app, client, site, decision, profile):
    event_id = decide(client, decision(allow=("analytics",)))
    assert client.get(address(event_id), query_string={"profile": profile}).status_code == 202
    seal(app)
    response = client.get(address(event_id), query_string={"profile": profile})
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].endswith(f'"receipt-{event_id}-{profile}.json"')
    assert event_id in response.text and json.dumps(site.terms.document["name"]) in response.text


def test_there_are_no_shapes_but_these(client, decision):
    response = client.get(address(decide(client, decision())), query_string={"profile": "27561"})
    assert (response.status_code, list(response.json["errors"])) == (422, ["profile"])


def test_it_names_the_key_in_force_under_its_checkpoint(app, client, decision):
    """Also while a newer one is in use: a pack may be written under an older checkpoint."""
    event_id = decide(client, decision())
    seal(app)
    first = key(app)
    with app.app_context():
        before = evidence.newest()
    with app.app_context():
        rotation.rotate()
    seal(app)
    assert key(app) != first
    with app.app_context():
        event = db.session.get(ConsentEvent, uuid.UUID(event_id))
        old, new = (proofs.find_receipt(event, checkpoint).document for checkpoint in (before, None))
    assert (old["verifier_key"], new["verifier_key"]) == (str(first), str(key(app)))
    for receipt, trusted in ((old, first), (new, key(app))):
        verify.check_receipt(receipt, verify.Keys(trusted), texts(app.test_client()))


def test_many_stand_under_one_checkpoint(app, client, decision):
    """In a log of more than one tile's width, each at its own place."""
    events = [decide(client, decision(allow=OPTIONAL[: n % 4])) for n in range(40)]
    seal(app)
    receipts = [client.get(address(event_id)).json for event_id in events]
    assert len({check(app, receipt).index for receipt in receipts}) == 40
