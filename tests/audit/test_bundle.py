"""Bundles: that the offline verifier finds them whole, whatever happens while they are written."""

import io
import json
import tracemalloc
import uuid
import zipfile
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import delete, insert, update

from consent_server import clock as real_clock
from consent_server.audit import bundle, bundle_rows
from consent_server.audit.bundle import tiles_of
from consent_server.audit.export_models import Export
from consent_server.consent.models import ConsentEvent
from consent_server.evidence import service as evidence
from consent_server.evidence import verify
from consent_server.evidence.models import LogLeaf, LogQueue
from consent_server.extensions import db
from tests.evidence.logs import digest
from tests.factories import post, rows, seal
from tests.staff.people import add_person, browser, issue_token, publish_zoo


@pytest.fixture
def token(app, site):
    add_person(app)
    return issue_token(app)


@pytest.fixture
def ask(client, token):
    """Asks the API for a bundle."""

    def ask(status=200):
        headers = {"Authorization": f"Bearer {token}"}
        response = client.get("/v1/audit/bundle", headers=headers, buffered=True)
        assert response.status_code == status, response.text
        return response

    return ask


@pytest.fixture
def send(app, decision, clock):
    """Sends a decision; returns the browser it came from."""

    def send(client=None, headers=None, **changes):
        clock.advance(seconds=1)
        client = client or app.test_client()
        assert post(client, decision(**changes), **(headers or {})).status_code == 201
        return client

    return send


@pytest.fixture
def zoo(app, site):
    """A second site, in whose name a decision can be put on record."""
    publish_zoo(app)

    def put():
        with app.app_context(), db.engine.begin() as connection:
            row = dict(connection.execute(ConsentEvent.__table__.select().limit(1)).mappings().one())
            row |= {"event_id": real_clock.new_id(), "site": "zoo"}
            connection.execute(insert(ConsentEvent), [row])
            waiting = {"type": "consent/1", "hash": digest(row["event_id"].int), "event_id": row["event_id"]}
            connection.execute(insert(LogQueue), [waiting])

    return put


@pytest.fixture
def check(app, tmp_path, capsys):
    """Runs the verifier over a bundle; what it said."""

    def check(content, code=0):
        path = tmp_path / "bundle.zip"
        path.write_bytes(content)
        with app.app_context():
            key = evidence.first_key()
        assert verify.main(["bundle", str(path), "--key", key]) == code, capsys.readouterr().out
        return capsys.readouterr().out

    return check


def erase(client):
    """As the visitor does on the page of their choices."""
    response = client.post("/ala/choices/erase", headers={"Origin": "http://privacy.ala.localhost:9000"})
    assert response.status_code == 303


def files_of(response):
    archive = zipfile.ZipFile(io.BytesIO(response.data))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


def lines(files, name):
    return [json.loads(line) for line in files[name].splitlines()]


def test_it_verifies_and_every_leaf_is_answered_for(app, ask, send, zoo, check, site, clock):
    for number in range(3):
        send(allow=("analytics",) if number else (), headers={"Sec_GPC": "1"})
    zoo()
    zoo()
    gone = send(notice="ab" * 32)
    send()
    seal(app)
    erase(gone)
    clock.advance(days=1)
    seal(app)
    erase(send())
    seal(app)
    erase(send())
    files = files_of(ask())
    seal(app)
    response = ask()
    files = files_of(response)
    said = check(response.data)
    manifest = json.loads(files["manifest.json"])
    assert manifest["sites"] == ["ala"] and manifest["schema"] == "bundle/1"
    assert set(manifest["files"]) == set(files) - {"manifest.json"}
    leaves = rows(app, LogLeaf)[: int(manifest["size"])]
    elsewhere = [index for first, last in manifest["elsewhere"] for index in range(int(first), int(last) + 1)]
    others = [leaf for leaf in leaves if leaf["index"] in elsewhere]
    assert sorted(leaf["type"] for leaf in others) == ["consent/1", "consent/1", "staff/1"]
    assert [line["index"] for line in lines(files, "events.jsonl")] == [
        str(leaf["index"]) for leaf in leaves if leaf["event_id"] and leaf["index"] not in elsewhere
    ]
    # The first export ended before the second began, and is in it.
    assert [line["export"]["kind"] for line in lines(files, "exports.jsonl")] == ["bundle"]
    sealed, waiting = lines(files, "erasures.jsonl")
    assert sealed["index"] and waiting["index"] is waiting["nonce"] is None
    assert len(sealed["erasure"]["indexes"]) == 1 and len(waiting["erasure"]["indexes"]) == 2
    assert "4 here as they were committed" in said and "3 visitor" in said


def test_it_is_on_record(app, ask, send):
    send()
    seal(app)
    response = ask()
    assert response.content_type == "application/zip"
    [export] = rows(app, Export)
    assert (export["kind"], export["sites"], export["rows"], export["state"]) == ("bundle", ["ala"], 1, "whole")
    assert export["sha256"] == sha256(response.data).digest()
    with app.app_context():
        assert export["detail"] == {"size": str(evidence.newest().size), "root": evidence.newest().root.hex()}


def test_there_is_none_before_the_first_checkpoint(app, ask):
    with app.app_context():
        unsealed = evidence.newest() is None
    if unsealed:
        ask(409)
        assert rows(app, Export) == []


def test_what_others_decided_is_not_in_it(app, ask, send, zoo):
    send()
    zoo()
    seal(app)
    files = files_of(ask())
    other = next(row for row in rows(app, ConsentEvent) if row["site"] == "zoo")
    for name, content in files.items():
        if not name.startswith(("policies/", "notices/")):
            assert str(other["event_id"]).encode() not in content, name
    assert all(line["act"]["site"] in ("ala", None) for line in lines(files, "acts.jsonl"))


def steps(app, sites=("ala",)):
    """A bundle's pieces, each in a context of its own, as they are sent."""
    with app.app_context():
        pieces = bundle.pieces(evidence.newest(), sites)
    while True:
        with app.app_context():
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece[0]


@pytest.mark.parametrize("when", [0, 1, 2, 3, 4, 6])
def test_an_erasure_while_it_is_written_comes_out_as_row_or_as_erased(app, send, check, clock, monkeypatch, when):
    monkeypatch.setattr(bundle_rows, "STRETCH", 20)
    visitors = [send() for _ in range(30)]
    seal(app)
    written = []
    for number, piece in enumerate(steps(app)):
        written.append(piece)
        if number == when:
            erase(visitors[0])
            erase(visitors[-1])
            # The day ends, its erasures are sealed, and the tree grows.
            clock.advance(days=1)
            send()
            seal(app)
    said = check(b"".join(written))
    assert "here as they were committed" in said


def test_a_purge_while_it_is_written_comes_out_as_row_or_as_erased(app, send, check, monkeypatch):
    monkeypatch.setattr(bundle_rows, "STRETCH", 20)
    for _ in range(30):
        send()
    seal(app)
    indexes = [leaf["index"] for leaf in rows(app, LogLeaf) if leaf["event_id"]]
    written = []
    for number, piece in enumerate(steps(app)):
        written.append(piece)
        if number == 1:
            with app.app_context():
                tied = {leaf["index"]: leaf["event_id"] for leaf in rows(app, LogLeaf)}
                db.session.execute(delete(ConsentEvent).where(ConsentEvent.event_id.in_(map(tied.get, indexes[-3:]))))
                evidence.purge(indexes[-3:], "a test")
                db.session.commit()
    assert "3 retention" in check(b"".join(written))


def test_what_was_purged_before_is_explained_by_its_leaf(app, send, check, clock):
    for _ in range(4):
        send()
    seal(app)
    indexes = [leaf["index"] for leaf in rows(app, LogLeaf) if leaf["event_id"]][:2]
    tied = {leaf["index"]: leaf["event_id"] for leaf in rows(app, LogLeaf)}
    clock.advance(hours=2)
    seal(app)
    clock.advance(days=731)
    with app.app_context():
        db.session.execute(delete(ConsentEvent).where(ConsentEvent.event_id.in_(map(tied.get, indexes))))
        evidence.purge(indexes, "ala: decisions are kept for 730 days.")
        db.session.commit()
    seal(app)
    # Until then every token has expired.
    with app.app_context():
        content = b"".join(piece for piece, _ in bundle.pieces(evidence.newest(), ("ala",)))
    said = check(content)
    assert "2 here as they were committed" in said and "2: ala: decisions are kept for 730 days." in said


def test_what_was_changed_or_deleted_behind_the_server_is_named(app, ask, send, check):
    for _ in range(3):
        send()
    seal(app)
    leaves = [leaf for leaf in rows(app, LogLeaf) if leaf["event_id"]]
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(delete(ConsentEvent).where(ConsentEvent.event_id == leaves[0]["event_id"]))
        changed = update(ConsentEvent).where(ConsentEvent.event_id == leaves[1]["event_id"])
        connection.execute(changed.values(action="accept_all"))
        # An erasure that nobody asked for, without its trace.
        connection.execute(update(LogLeaf).where(LogLeaf.index == leaves[2]["index"]).values(event_id=None))
    said = check(ask().data, code=1)
    assert f"leaf {leaves[0]['index']:,}" in said.replace("leaves", "leaf")
    assert f", leaf {leaves[1]['index']:,}: " in said
    assert "the decision is missing" in said


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 70_000])
def test_its_tiles_are_those_a_verifier_looks_for(size):
    ours = {(level, index, width) for level, index, width in tiles_of(size)}
    expected = {
        (level, number, verify.tile_width(level, number, size))
        for level in range(8)
        for number in range(-(-(size >> (8 * level)) // 256))
    }
    assert ours == expected


def test_the_page_gives_all_ones_sites(app, send, zoo, check):
    send()
    zoo()
    add_person(app)
    add_person(app, site="zoo")
    auditor = browser(app)
    seal(app)
    page = auditor.get("/audit/exports")
    assert "Everything on record of ala, zoo" in page.text
    response = auditor.post("/audit/exports/bundle", buffered=True)
    manifest = json.loads(files_of(response)["manifest.json"])
    assert (manifest["sites"], manifest["elsewhere"]) == (["ala", "zoo"], [])


def test_memory_is_flat(app, send, monkeypatch):
    """What grows with the log is the list of its tiles, 256 leaves each."""
    monkeypatch.setattr(bundle_rows, "STRETCH", 250)
    send()
    [row] = rows(app, ConsentEvent)

    def grow(first, count):
        made = [{**row, "event_id": uuid.UUID(int=first + number)} for number in range(count)]
        for event in made:
            event["recorded_at"] = row["recorded_at"] - timedelta(seconds=1)
        waiting = [{"type": "consent/1", "hash": digest(0), "event_id": event["event_id"]} for event in made]
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(insert(ConsentEvent), made)
            connection.execute(insert(LogQueue), waiting)
        seal(app)

    def peak():
        tracemalloc.start()
        for _ in steps(app):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    grow(1, 1_000)
    peak()
    small = peak()
    grow(10_000, 3_000)
    assert peak() < 1.3 * small < 60_000_000
