"""Publishing: versions and notices that never change, visible at once."""

import hashlib
import json

import pytest
from sqlalchemy.exc import IntegrityError

from consent_server import texts
from consent_server.errors import NotFound, Unavailable
from consent_server.evidence.commitment import commit
from consent_server.evidence.models import LogLeaf, LogQueue
from consent_server.extensions import db
from consent_server.policy import publication
from consent_server.policy import service as policy
from consent_server.policy.models import Notice, PolicyVersion
from consent_server.registry import service as registry
from consent_server.staff.models import StaffEvent
from consent_server.staff.record import committed_act
from tests.factories import publish, read_ala, rows, running, site_content


def read_ala_locales(app):
    with app.app_context():
        return read_ala()["site"]["locales"]


def versions(app):
    return sorted(rows(app, PolicyVersion), key=lambda version: version["number"])


def test_a_version_is_its_documents_canonical_bytes(app, site):
    [version] = versions(app)
    document = bytes(version["document"])
    assert hashlib.sha256(document).digest() == bytes(version["sha256"])
    value = json.loads(document)
    assert json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == document
    assert (value["site"], value["number"], value["epoch"]) == ("ala", "1", "1")


def test_documents_and_notices_hold_no_numbers(app, site):
    def walk(value):
        assert isinstance(value, str | bool | list | dict) or value is None, value
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(inner)

    for row in [*rows(app, PolicyVersion), *rows(app, Notice)]:
        walk(json.loads(bytes(row["document"])))


def test_a_notice_is_known_by_the_hash_of_its_bytes_and_names_its_policy_and_script(app, site):
    [version] = versions(app)
    for notice in rows(app, Notice):
        assert hashlib.sha256(bytes(notice["document"])).digest() == bytes(notice["sha256"])
        document = json.loads(bytes(notice["document"]))
        assert document["policy"] == version["sha256"].hex()
        assert document["widget"] == app.config["WIDGET_SHA256"].hex() == notice["widget"].hex()
        assert document["locale"] == notice["locale"]
    assert list(site.notices) == list(site.rules.locales) == read_ala_locales(app)


def test_what_is_published_is_sealed_at_once_and_the_act_is_queued(app, site):
    sealed, queued = (
        {(leaf["type"], bytes(leaf["hash"])) for leaf in rows(app, table)} for table in (LogLeaf, LogQueue)
    )
    acts = rows(app, StaffEvent)
    assert sealed == {
        *(("policy/1", bytes(version["sha256"])) for version in versions(app)),
        *(("notice/1", bytes(notice["sha256"])) for notice in rows(app, Notice)),
        ("widget/1", app.config["WIDGET_SHA256"]),
    }
    assert queued == {
        *(("staff/1", commit("staff", bytes(act["nonce"]), committed_act(StaffEvent(**act)))) for act in acts),
    }


def test_numbers_rise_by_one_and_the_epoch_with_what_is_material(app, site):
    with app.app_context():
        for material in (False, True, False):
            publish(read_ala(), material=material)
    assert [(version["number"], version["epoch"]) for version in versions(app)] == [(1, 1), (2, 1), (3, 2), (4, 2)]


def test_publishing_leaves_earlier_versions_as_they_were(app, site):
    before, notices = versions(app), rows(app, Notice)
    with app.app_context():
        content = read_ala()
        content["site"]["name"] = "Another name"
        publish(content)
    assert versions(app)[:1] == before
    assert [notice for notice in rows(app, Notice) if notice in notices] == notices


def test_a_number_is_never_given_twice(app, site):
    with app.app_context():
        version = db.session.scalars(db.select(PolicyVersion)).one()
        twin = {column.name: getattr(version, column.name) for column in PolicyVersion.__table__.columns}
        twin |= {"id": None, "sha256": b"\0" * 32}
        db.session.add(PolicyVersion(**twin))
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()


def test_a_publication_is_visible_to_the_next_request_at_every_worker(app, settings, site):
    with running(settings) as other:
        clients = app.test_client(), other.test_client()
        assert {client.get("/v1/sites/ala/config").json["policy"]["number"] for client in clients} == {1}
        with app.app_context():
            version = publish(read_ala())
            sha256 = version.sha256.hex()
        for client in clients:
            config = client.get("/v1/sites/ala/config")
            assert config.json["policy"] == {"number": 2, "sha256": sha256}
            assert f"policy:2,epoch:{config.json['epoch']}".encode() in client.get("/ala/choices.js").data


def test_a_publication_that_is_not_committed_is_nobodys(app, site):
    with app.app_context():
        publication.publish(read_ala(), by="operator", reason="A try.")
        db.session.rollback()
    assert app.test_client().get("/v1/sites/ala/config").json["policy"]["number"] == 1
    assert len(versions(app)) == 1


def test_two_sites_do_not_mix(app, site):
    with app.app_context():
        publish(registry.validate(site_content()))
        zoo = policy.published("zoo")
        assert policy.terms_of_notice("ala", zoo.notices["en"]) is None
        assert policy.terms_of_notice("zoo", zoo.notices["en"]) == zoo.terms
        with pytest.raises(NotFound):
            policy.find_notice("ala", bytes.fromhex(zoo.notices["en"]))


def test_what_is_not_there_is_not_found(app, site):
    with app.app_context():
        for look in (
            lambda: policy.published("nosuch"),
            lambda: policy.find_version("ala", 2),
            lambda: policy.find_notice("ala", b"\0" * 32),
            lambda: policy.terms_of_version("nosuch", 1),
        ):
            with pytest.raises(NotFound):
                look()
        assert policy.terms_of_notice("ala", "00" * 32) is None


def test_a_release_without_its_notices_says_what_to_do(app, site, monkeypatch):
    app.config["WIDGET_SHA256"] = b"\1" * 32
    app.extensions["policy-memory"].published.clear()
    with app.app_context(), pytest.raises(Unavailable, match="flask release"):
        policy.published("ala")


def test_a_new_release_writes_its_notices_once_and_keeps_the_old(app, site):
    old = dict(site.notices)
    app.config["WIDGET_SHA256"] = b"\1" * 32
    runner = app.test_cli_runner()
    assert f"Notices written: {len(old)}." in runner.invoke(args=["release"]).output
    assert "Notices written: 0." in runner.invoke(args=["release"]).output
    client = app.test_client()
    new = client.get("/v1/sites/ala/config").json["notices"]
    assert not set(old.values()) & set(new.values())
    for sha256 in [*old.values(), *new.values()]:
        response = client.get(f"/v1/sites/ala/notices/{sha256}")
        assert hashlib.sha256(response.data).hexdigest() == sha256


def test_a_release_may_change_the_generic_texts_alone(app, site, monkeypatch):
    """The notices of one script are written twice then; from now on the newer ones are shown, and go together."""
    client = app.test_client()
    script = client.get("/ala/choices.js").data
    real = texts.texts_in

    def changed(locale):
        found = real(locale)
        return {**found, "dialog": {**found["dialog"], "title": f"{found['dialog']['title']} (changed)"}}

    monkeypatch.setattr("consent_server.policy.document.texts_in", changed)
    assert f"Notices written: {len(site.notices)}." in app.test_cli_runner().invoke(args=["release"]).output
    new = client.get("/v1/sites/ala/config").json["notices"]
    assert not set(new.values()) & set(site.notices.values())
    assert client.get("/ala/choices.js").data == script.replace(site.notices["en"].encode(), new["en"].encode())
    for shown in (site.notices["en"], new["en"]):
        nearest = client.get(f"/v1/sites/ala/notices/{shown}/es-MX").json
        assert nearest["sha256"] == new["es"]
        assert nearest["notice"]["dialog"]["title"].endswith("(changed)")


def test_a_refusal_under_an_older_releases_notice_keeps_its_version(app, site):
    with app.app_context():
        old = site.notices["en"]
        app.config["WIDGET_SHA256"] = b"\1" * 32
        assert policy.terms_of_notice("ala", old) == site.terms
