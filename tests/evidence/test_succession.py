"""A successor log: its first leaf is the last checkpoint of the one before, and what lives moves over."""

from dataclasses import replace

import pytest

from consent_server.evidence import founding, service, succession
from consent_server.evidence.erasure_models import ErasedLeaf
from consent_server.evidence.faults import Diverged, LogFault
from consent_server.evidence.keys import log_folder
from consent_server.evidence.leaves import members
from consent_server.evidence.models import LogLeaf
from tests.evidence.logs import assert_one_history, checkpoints, decisions, digest, note_of, queue, run, sealed
from tests.factories import HOST, post, rows, seal

NEW = "privacy.ala.localhost:9000/log/2"


def succeed(app, origin=NEW):
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], log_origin=origin)
    with app.app_context():
        return succession.succeed()


def test_its_first_leaf_is_the_last_note(app, client, site, decision):
    for _ in range(3):
        assert post(client, decision()).status_code == 201
    seal(app)
    last, before = note_of(app), decisions(app)
    assert post(client, decision()).status_code == 201
    origin, key = succeed(app)
    assert origin == NEW
    assert key.startswith(f"{NEW}+")
    seal(app)
    first = sealed(app)[0]
    assert members(first) == {"t": "origin/1", "note": last}
    assert decisions(app)[:3] == before
    assert len(decisions(app)) == 4
    assert_one_history(app)
    with app.app_context():
        assert service.newest().note.startswith(f"{NEW}\n")
        assert service.verifier_key() == key
        for leaf in rows(app, LogLeaf):
            if leaf["type"] == "consent/1":
                assert leaf["event_id"], "the rows follow"


def test_what_was_erased_stays_behind(app, client, site, decision):
    assert post(client, decision()).status_code == 201
    seal(app)
    assert client.post("/ala/choices/erase", headers={"Origin": HOST}).status_code == 303
    assert len(rows(app, ErasedLeaf)) == 1
    succeed(app)
    seal(app)
    assert decisions(app) == []
    assert rows(app, ErasedLeaf) == []


def test_the_old_log_is_kept_as_it_was(log):
    queue(log, 300)
    run(log)
    folder = log_folder(log.config["SETTINGS"])
    old = {name: (folder / name).read_bytes() for name in ("leaves", "signed")}
    size = checkpoints(log)[-1]["size"]
    succeed(log)
    assert {name: (folder / "ended" / str(size) / name).read_bytes() for name in old} == old
    assert not (folder / "leaves").exists()


def test_after_a_crash_it_is_taken_up_again(log, monkeypatch):
    queue(log, 3)
    run(log)

    class Crash(Exception):
        pass

    def fail(*_, **__):
        raise Crash

    for place in ("consent_server.evidence.succession._begin", "pathlib.Path.unlink"):
        with monkeypatch.context() as patched, pytest.raises(Crash):
            patched.setattr(place, fail)
            succeed(log)
    with log.app_context(), pytest.raises(Diverged):
        run(log)
    succeed(log)
    run(log)
    assert rows(log, LogLeaf)[0]["type"] == "origin/1"
    assert_one_history(log)


def test_it_must_have_another_name_and_something_to_succeed(log):
    with log.app_context(), pytest.raises(LogFault, match="Nothing was signed"):
        succession.succeed()
    queue(log, 1)
    run(log)
    with log.app_context(), pytest.raises(LogFault, match="LOG_ORIGIN"):
        succession.succeed()


def test_another_origin_alone_begins_nothing(log):
    queue(log, 1)
    run(log)
    log.config["SETTINGS"] = replace(log.config["SETTINGS"], log_origin=NEW)
    with log.app_context(), pytest.raises(LogFault, match="successor"):
        founding.found()


def test_a_database_with_other_leaves_than_were_signed_gets_out_by_it(log):
    """What was signed is kept and named; what the database has is the new log."""
    queue(log, 3, kind="staff/1")
    run(log)
    signed = note_of(log)
    folder = log_folder(log.config["SETTINGS"])
    (folder / "leaves").write_bytes((folder / "leaves").read_bytes()[:20])
    succeed(log)
    run(log)
    assert members(sealed(log)[0])["note"] == signed
    kept = [leaf["hash"] for leaf in rows(log, LogLeaf) if leaf["type"] == "staff/1"]
    assert kept == [digest(number) for number in range(3)]
