"""The evidence pack of one visitor: what the visitor's own file has, for an auditor, and on record."""

import io
import json
import uuid
import zipfile

import pytest

from consent_server.audit.export_models import Export
from consent_server.evidence import service as evidence
from consent_server.evidence import verify
from consent_server.policy import service as policy
from consent_server.staff.models import StaffEvent
from tests.factories import post, rows, seal
from tests.staff.people import add_person, browser, publish_zoo

ENGINES = ("sqlite",)


@pytest.fixture
def auditor(app, site):
    add_person(app)
    return browser(app)


def address(visitor):
    return f"/audit/visitors/{visitor}/pack"


def decide(client, body, site="ala", **headers):
    assert post(client, body, site=site, **headers).status_code == 201
    return body["event_id"]


def visitor_of(client):
    return client.get_cookie("__Host-visitor", domain="privacy.ala.localhost").value.partition(".")[0]


def test_it_verifies_and_is_on_record(app, client, decision, auditor, tmp_path):
    events = [decide(client, decision(allow=("analytics",))), decide(client, decision())]
    seal(app)
    response = auditor.get(address(visitor_of(client)))
    assert (response.status_code, response.content_type) == (200, "application/zip")
    path = tmp_path / "pack.zip"
    path.write_bytes(response.data)
    response.close()
    with app.app_context():
        assert verify.main(["pack", str(path), "--key", evidence.verifier_key()]) == 0
    with zipfile.ZipFile(path) as archive:
        assert {f"receipts/{event_id}.json" for event_id in events} <= set(archive.namelist())
        assert json.loads(archive.read("manifest.json"))["visitor"] == visitor_of(client)
    [export] = rows(app, Export)
    assert (export["kind"], export["sites"], export["state"], export["rows"]) == ("pack", ["ala"], "whole", 2)
    acts = [act for act in rows(app, StaffEvent) if act["verb"] == "audit-export"]
    assert len(acts) == 1
    # The record outlives an erasure.
    assert visitor_of(client) not in repr([export, *acts])


def test_it_has_what_is_on_the_auditors_own_sites(app, client, decision, auditor):
    publish_zoo(app)
    decide(client, decision())
    with app.app_context():
        notice = policy.published("zoo").notices["en"]
    choices = {"analytics": False, "marketing": False}
    elsewhere = decision(notice=notice, choices=choices, page="https://www.zoo.example/")
    decide(client, elsewhere, site="zoo", Origin="https://www.zoo.example")
    seal(app)
    with zipfile.ZipFile(io.BytesIO(auditor.get(address(visitor_of(client))).data)) as archive:
        receipts = [name for name in archive.namelist() if name.startswith("receipts/")]
        assert len(receipts) == 1 and elsewhere["event_id"] not in receipts[0]
    add_person(app, "zoo@example.org", site="zoo")
    with zipfile.ZipFile(io.BytesIO(browser(app, "zoo@example.org").get(address(visitor_of(client))).data)) as archive:
        assert f"receipts/{elsewhere['event_id']}.json" in archive.namelist()


def test_of_nobody_there_is_none(app, client, decision, auditor):
    assert auditor.get(address(uuid.uuid4())).status_code == 404
    decide(client, decision())
    # Nothing is sealed.
    assert auditor.get(address(visitor_of(client))).status_code == 503
    assert rows(app, Export) == []
