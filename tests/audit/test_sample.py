"""Samples: drawn by a phrase and the log's root, the same for whoever draws again."""

import hashlib
import io
import json
import re
import uuid
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, update

from consent_server.audit import sample, sample_archive, sample_pages
from consent_server.audit.export_models import Export
from consent_server.consent.models import ConsentEvent
from consent_server.evidence import service as evidence
from consent_server.evidence import verify
from consent_server.evidence.models import LogCheckpoint, LogLeaf
from consent_server.extensions import db
from consent_server.staff.models import StaffEvent
from tests.factories import post, rows, seal
from tests.html_forms import form
from tests.staff.people import add_person, browser, issue_token

PHRASE = "seven wet herons, \"quoted\" & 'odd' $HOME"


@pytest.fixture
def token(app, site):
    add_person(app)
    return issue_token(app)


@pytest.fixture
def ask(client, token):
    """Asks the API for a sample."""

    def ask(status=200, **query):
        headers = {"Authorization": f"Bearer {token}"}
        response = client.get("/v1/audit/sample", headers=headers, query_string=query, buffered=True)
        assert response.status_code == status, response.text
        return response

    return ask


@pytest.fixture
def decide(app, decision, clock):
    """Decisions on record, each of another visitor; their event ids."""

    def decide(count):
        made = []
        for number in range(count):
            clock.advance(seconds=1)
            body = decision(allow=("analytics",) if number % 2 else ())
            assert post(app.test_client(), body).status_code == 201
            made.append(body["event_id"])
        return made

    return decide


@pytest.fixture
def check(app, tmp_path, capsys):
    """Runs the verifier over a sample; what it said."""

    def check(content, phrase=PHRASE, code=0):
        path = tmp_path / "sample.zip"
        path.write_bytes(content)
        with app.app_context():
            key = evidence.first_key()
        found = verify.main(["sample", str(path), "--phrase", phrase, "--key", key])
        said = capsys.readouterr().out
        assert found == code, said
        return said

    return check


def files_of(response):
    archive = zipfile.ZipFile(io.BytesIO(response.data))
    return {name: archive.read(name) for name in archive.namelist()}


@given(st.text(min_size=1), st.binary(min_size=32, max_size=32), st.integers(1, 300))
def test_every_leaf_is_drawn_once_in_the_order_that_the_definition_gives(phrase, root, size):
    phrase = phrase.encode(errors="replace").decode()
    seed = sample.seed_of(phrase, root)
    assert seed == hashlib.sha256(phrase.encode() + root).digest()
    steps = list(sample.indexes(seed, size))
    drawn = [index for step in steps for index in step]
    assert sorted(drawn) == list(range(size))
    assert all(len(step) <= sample.AT_ONCE for step in steps)
    first = hashlib.sha256(seed + bytes(8)).digest()
    assert drawn[0] == int.from_bytes(first[:8], "big") % size


def test_it_verifies_and_draws_the_same_again(app, ask, decide, check):
    decide(12)
    seal(app)
    answer = ask(phrase=PHRASE, count="5")
    assert "5 verified" in check(answer.data)
    files = files_of(answer)
    manifest = json.loads(files["manifest.json"])
    drawn = manifest["drawn"]
    receipts = {name[len("receipts/") : -len(".json")] for name in files if name.startswith("receipts/")}
    assert len(receipts) == 5 and drawn[-1] in receipts and len(set(drawn)) == len(drawn)
    assert json.loads(files_of(ask(phrase=PHRASE, count="5"))["manifest.json"]) != {}
    with app.app_context():
        checkpoint = evidence.checkpoint_at(int(manifest["size"]))
        again = sample.take(sample.draw(checkpoint, ("ala",), PHRASE), 5, checkpoint.size)[0]
    assert {str(one.index) for one in again} == receipts
    other = sample.seed_of("another phrase", checkpoint.root)
    assert [str(index) for index in next(sample.indexes(other, checkpoint.size))][: len(drawn)] != drawn


def test_another_phrase_than_ones_own_is_noticed(app, ask, decide, check):
    decide(3)
    seal(app)
    check(ask(phrase=PHRASE, count="2").data, phrase="what I chose", code=1)


def test_where_there_are_fewer_every_leaf_is_drawn(app, ask, decide, check):
    decide(3)
    seal(app)
    answer = ask(phrase=PHRASE)
    said = check(answer.data)
    assert "3 verified" in said
    manifest = json.loads(files_of(answer)["manifest.json"])
    assert manifest["count"] == "200" and len(manifest["drawn"]) == int(manifest["size"])


def test_what_was_erased_or_is_elsewhere_is_passed_over_with_its_proof(app, ask, decide, check):
    mine, _, other = decide(3)
    seal(app)
    with app.app_context(), db.engine.begin() as connection:
        elsewhere = update(ConsentEvent).where(ConsentEvent.event_id == uuid.UUID(other))
        connection.execute(elsewhere.values(site="zoo"))
    with app.app_context():
        evidence.forget([uuid.UUID(mine)], "request")
        db.session.execute(delete(ConsentEvent).where(ConsentEvent.event_id == uuid.UUID(mine)))
        db.session.commit()
    said = check(ask(phrase=PHRASE).data)
    assert "1 verified" in said and "1 erased" in said and "1 elsewhere" in said


def test_what_is_erased_between_drawing_and_proving_counts_as_erased(app, ask, decide, check, monkeypatch):
    decide(6)
    seal(app)
    find = sample_archive.find_receipt
    erased = []

    def erase_first(event, checkpoint):
        if not erased:
            erased.append(event.event_id)
            evidence.forget(erased, "request")
            db.session.execute(delete(ConsentEvent).where(ConsentEvent.event_id == erased[0]))
            db.session.commit()
        return find(event, checkpoint)

    monkeypatch.setattr(sample_archive, "find_receipt", erase_first)
    said = check(ask(phrase=PHRASE, count="4").data)
    assert "4 verified" in said and "1 erased" in said


def test_a_row_that_was_deleted_behind_the_server_is_noticed(app, ask, decide, check):
    event_id = uuid.UUID(decide(2)[0])
    seal(app)
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(delete(ConsentEvent).where(ConsentEvent.event_id == event_id))
    said = check(ask(phrase=PHRASE).data, code=1)
    assert "there is neither receipt nor reason" in said


def test_it_is_on_record_without_the_phrase(app, ask, decide):
    decide(3)
    seal(app)
    answer = ask(phrase=PHRASE, count="2")
    [export] = rows(app, Export)
    root = rows(app, LogCheckpoint)[-1]["root"]
    assert export["detail"] == {
        "count": "2",
        "phrase_sha256": hashlib.sha256(PHRASE.encode()).hexdigest(),
        "root": root.hex(),
        "seed": hashlib.sha256(PHRASE.encode() + root).hexdigest(),
        "size": str(rows(app, LogCheckpoint)[-1]["size"]),
    }
    assert (export["kind"], export["rows"], export["state"]) == ("sample", 2, "whole")
    assert export["sha256"] == hashlib.sha256(answer.data).digest()
    act = next(act for act in rows(app, StaffEvent) if act["verb"] == "audit-export")
    assert act["detail"].items() >= export["detail"].items()
    assert "herons" not in repr(rows(app, StaffEvent) + rows(app, Export))


@pytest.mark.parametrize(
    "query",
    [{}, {"phrase": ""}, {"phrase": "x" * 201}, {"phrase": "two\nlines"}, {"phrase": " ends "},
     {"phrase": "x", "count": "0"}, {"phrase": "x", "count": "1001"}, {"phrase": "x", "more": "1"}],
)  # fmt: skip
def test_what_cannot_be_drawn_by_is_refused(app, ask, query):
    seal(app)
    ask(422, **query)
    assert rows(app, Export) == []


def test_a_size_without_a_checkpoint_is_refused(app, ask, decide):
    decide(1)
    seal(app)
    ask(409, phrase="x", size="1000000")


def test_the_page_draws_links_and_gives_the_archive(app, decide, check):
    sent = decide(5)
    add_person(app)
    auditor = browser(app)
    seal(app)
    first = auditor.get("/audit/sample").text
    kept = auditor.get(re.search(r'href="(/audit/log/[0-9]+/checkpoint)"', first)[1])
    assert kept.headers["Content-Disposition"].startswith("attachment")
    assert first.index("Keep this") < first.index("Your phrase")
    # More is sealed before the phrase is told, and before the download: it is drawn under what was shown at first.
    decide(4)
    seal(app)
    told = form(first, "/audit/sample") | {"phrase": PHRASE, "count": "3"}
    pages = [auditor.post("/audit/sample", data=told) for _ in range(2)]
    shown = [[event_id for event_id in sent if f"/audit/events/{event_id}" in page.text] for page in pages]
    assert shown[0] == shown[1] and len(shown[0]) == 3 and "3 decisions drawn" in pages[0].text
    shown, page = shown[0], pages[0]
    decide(4)
    seal(app)
    answer = auditor.post("/audit/sample/archive", data=form(page.text, "/audit/sample/archive"), buffered=True)
    check(answer.data)
    files = files_of(answer)
    assert files["checkpoint"] == kept.data
    receipts = [json.loads(content) for name, content in files.items() if name.startswith("receipts/")]
    assert {receipt["event"]["event_id"] for receipt in receipts} == set(shown)
    verbs = [act["verb"] for act in rows(app, StaffEvent)]
    assert verbs.count("audit-sample") == 2 and verbs.count("audit-export") == 1
    # A phrase in the address draws nothing: addresses are kept in histories and logs.
    assert "decisions drawn" not in auditor.get("/audit/sample", query_string={"phrase": PHRASE}).text


def test_the_page_looks_at_so_many_leaves_and_the_archive_at_all(app, ask, decide, check, monkeypatch):
    decide(12)
    add_person(app)
    auditor = browser(app)
    seal(app)
    monkeypatch.setattr(sample_pages, "MOST_LEAVES", 5)
    page = auditor.post("/audit/sample", data={"phrase": PHRASE, "count": "12"}).text
    assert "5 leaves were looked at; the download goes on." in page and "12 decisions drawn" not in page
    answer = auditor.post("/audit/sample/archive", data=form(page, "/audit/sample/archive"), buffered=True)
    assert "12 verified" in check(answer.data)


def test_a_steps_cost_does_not_grow_with_the_log(monkeypatch):
    hashed = []
    sha256 = hashlib.sha256
    monkeypatch.setattr(hashlib, "sha256", lambda data: hashed.append(data) or sha256(data))
    steps = sample.indexes(bytes(32), 2_000)
    # The last leaves take thousands of draws each.
    while True:
        before = len(hashed)
        if next(steps, None) is None:
            break
        assert len(hashed) - before <= sample.AT_ONCE


def test_the_page_names_what_is_wrong(app, decide):
    add_person(app)
    auditor = browser(app)
    for query, fault in (
        ({"count": "5"}, "A phrase of your own."),
        ({"phrase": "x", "count": "many"}, "A whole number"),
    ):
        answer = auditor.post("/audit/sample", data=query)
        assert answer.status_code == 422 and fault in answer.text
    assert auditor.post("/audit/sample/archive", data={}).status_code == 422
    assert auditor.post("/audit/sample", data={"phrase": "x", "size": "1000000"}).status_code == 409


# Proofs, over the API


def test_a_decisions_proof_verifies_once_it_is_sealed(app, client, token, decide):
    [event_id] = decide(1)
    headers = {"Authorization": f"Bearer {token}"}
    address = f"/v1/audit/events/{event_id}/proof"
    assert client.get(address, headers=headers).status_code == 409
    seal(app)
    answer = client.get(address, headers=headers)
    proof = verify.Proof.parse(answer.text)
    leaf = next(leaf for leaf in rows(app, LogLeaf) if leaf["event_id"])
    proof.check(verify.plain_leaf("consent/1", leaf["hash"]))
    assert proof.index == leaf["index"]
    assert client.get(f"/v1/audit/events/{uuid.uuid4()}/proof", headers=headers).status_code == 404
    assert [act["verb"] for act in rows(app, StaffEvent)].count("audit-read") == 2


def test_two_sizes_of_the_log_are_joined_by_a_proof(app, client, token, decide):
    decide(3)
    seal(app)
    decide(4)
    seal(app)
    old, new = rows(app, LogCheckpoint)[-2:]
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.get(f"/v1/audit/log/consistency?from={old['size']}&to={new['size']}", headers=headers)
    path = [verify.decode_hash(one) for one in answer.json["hashes"]]
    verify.check_consistency_path(old["size"], old["root"], new["size"], new["root"], path)
    for query, status in (("from=5", 422), ("from=5&to=1000000", 404), ("from=9&to=5", 404), ("from=0&to=5", 422)):
        assert client.get(f"/v1/audit/log/consistency?{query}", headers=headers).status_code == status, query
