"""What an independent program reads of the log: checkpoint, tiles at every width they ever had, nothing else."""

import pytest

from consent_server.database import begin_writing
from consent_server.evidence import leaves, rotation, service
from consent_server.evidence.commitment import parse
from consent_server.evidence.leaves import decode, encode
from consent_server.evidence.models import LogLeaf, LogQueue
from consent_server.evidence.tree import leaf_hash, root, subtree_of
from consent_server.extensions import db
from consent_server.policy import publication
from consent_server.policy.models import Notice, PolicyVersion
from tests.evidence.logs import Crash, crashing, opened, queue, run, sealed
from tests.factories import everything, publish, rows, seal, site_content, unrefused

PROBLEM = "application/problem+json"


@pytest.fixture
def grown(log):
    """A log of 600 decisions and a mark."""
    queue(log, 600)
    run(log)
    return log


def hashes(response):
    assert response.content_type == "application/octet-stream"
    assert len(response.data) % 32 == 0
    return [response.data[at : at + 32] for at in range(0, len(response.data), 32)]


def entries(response):
    assert response.content_type == "application/octet-stream"
    found, rest = [], response.data
    while rest:
        length = int.from_bytes(rest[:2])
        found.append(rest[2 : 2 + length])
        assert len(found[-1]) == length
        rest = rest[2 + length :]
    return found


def test_the_tree_can_be_rebuilt_from_its_tiles(grown, client):
    """As C2SP's readers do: entries to hashes, hashes to the level above, all to the root of the checkpoint."""
    key = client.get("/log/key").text.strip()
    size, signed, _ = opened(client.get("/log/checkpoint").text, key)
    assert size == 601
    paths = ["000", "001", "002.p/89"]
    leaves_read = [leaf for path in paths for leaf in entries(client.get(f"/log/tile/entries/{path}"))]
    level_0 = [found for path in paths for found in hashes(client.get(f"/log/tile/0/{path}"))]
    level_1 = hashes(client.get("/log/tile/1/000.p/2"))
    assert leaves_read == sealed(grown)
    assert level_0 == [leaf_hash(leaf) for leaf in leaves_read]
    assert level_1 == [root(256, subtree_of(level_0[at : at + 256])) for at in (0, 256)]
    assert root(size, subtree_of(level_0)) == signed


def test_every_earlier_width_is_the_beginning_of_what_there_is(grown, client):
    whole = client.get("/log/tile/0/002.p/89").data
    full = client.get("/log/tile/0/000").data
    texts = entries(client.get("/log/tile/entries/000"))
    for width in range(1, 256):
        assert client.get(f"/log/tile/0/000.p/{width}").data == full[: 32 * width]
        last = client.get(f"/log/tile/0/002.p/{width}")
        assert (last.data == whole[: 32 * width]) if width <= 89 else last.status_code == 404
    for width in (1, 2, 100, 255):
        assert entries(client.get(f"/log/tile/entries/000.p/{width}")) == texts[:width]


@pytest.mark.parametrize(
    "path",
    [
        "0/002",
        "0/002.p/90",
        "0/003.p/1",
        "0/000.p/0",
        "0/000.p/00",
        "0/000.p/01",
        "0/000.p/256",
        "0/000.p/-1",
        "0/000.p",
        "0/000.p/",
        "0/0",
        "0/00",
        "0/0000",
        "0/x000/000",
        "0/001/000",
        "0/x001",
        "0/x999/x999/x999/x999/x999/x999/x999/999",
        "0/٠٠٠",
        "00/000",
        "01/000",
        "1/000",
        "1/000.p/3",
        "2/000.p/1",
        "63/000",
        "64/000",
        "-1/000",
        "entries/002",
        "entries/002.p/90",
        "Entries/000",
        "data/000",
        "0/000/",
        "0",
        "",
        "0/000.P/1",
        "0/000%0A",
    ],
)
def test_other_addresses_hold_nothing(grown, client, path):
    response = client.get(f"/log/tile/{path}")
    assert (response.status_code, response.content_type) == (404, PROBLEM)
    assert response.headers["Cache-Control"] == "no-store"


def test_what_is_not_signed_is_not_shown(grown, client):
    """It may still move, after a crash and a restored backup."""
    before = client.get("/log/checkpoint").text
    queue(grown, 50, first=600)
    with grown.app_context(), pytest.raises(Crash):
        crashing("sign").run()
    assert len(sealed(grown)) == 651
    assert client.get("/log/checkpoint").text == before
    assert client.get("/log/tile/0/002.p/90").status_code == 404
    assert client.get("/log/tile/entries/002.p/90").status_code == 404
    run(grown)
    assert client.get("/log/tile/0/002.p/139").status_code == 200


def test_a_log_that_signed_nothing(app, client):
    for path in ("checkpoint", "key", "tile/0/000.p/1", "tile/entries/000.p/1"):
        response = client.get(f"/log/{path}")
        assert (response.status_code, response.content_type) == (404, PROBLEM)
    assert client.get("/log/rotations").json == []


def test_how_long_they_are_kept(grown, client):
    for path in ("0/000", "0/002.p/89", "1/000.p/2", "entries/000", "entries/002.p/3"):
        response = client.get(f"/log/tile/{path}")
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
    response = client.get("/log/checkpoint")
    assert response.content_type == "text/plain; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=1"


def test_leaves_are_written_as_the_formats_say(app, client, site, decision):
    """Byte for byte, and back."""
    seal(app)
    one = bytes(range(32))
    text = one.hex()
    for kind, member in (("consent/1", "c"), ("staff/1", "c"), ("export/1", "c"), ("erasure/1", "c"),
                         ("policy/1", "h"), ("notice/1", "h"), ("widget/1", "h")):  # fmt: skip
        leaf = encode(kind, one, None)
        assert leaf == f'{{"{member}":"{text}","t":"{kind}"}}'.encode()
        assert decode(leaf) == (kind, one, None)
    mark = leaves.write("mark/1", at="2026-11-22T10:00:00.000Z")
    assert mark == b'{"at":"2026-11-22T10:00:00.000Z","t":"mark/1"}'
    purge = leaves.write("purge/1", at="x", rule="y", runs=[["1", "2"]])
    assert purge == b'{"at":"x","rule":"y","runs":[["1","2"]],"t":"purge/1"}'
    assert decode(purge) == ("purge/1", None, purge)
    with pytest.raises(ValueError, match="65,535"):
        leaves.write("purge/1", at="x", rule="y" * 65_535, runs=[])
    with pytest.raises(ValueError, match="written"):
        decode(b'{"c": "00","t":"consent/1"}')


def test_a_published_text_is_sealed_in_the_transaction_that_publishes_it(app, site):
    leaves_there = {(leaf["type"], leaf["hash"]) for leaf in rows(app, LogLeaf)}
    assert {("policy/1", row["sha256"]) for row in rows(app, PolicyVersion)} <= leaves_there
    assert {("notice/1", row["sha256"]) for row in rows(app, Notice)} <= leaves_there
    assert {kind for kind, _ in leaves_there} == {"policy/1", "notice/1", "widget/1"}
    # The act of publishing is a decision of nobody's, and waits like those.
    assert {row["type"] for row in rows(app, LogQueue)} == {"staff/1"}


def test_a_policy_names_the_log_that_was_there_when_it_was_published(log):
    def named():
        return parse(rows(log, PolicyVersion)[-1]["document"]).get("log")

    with log.app_context():
        origin, key = service.origin(), service.verifier_key()
    with log.app_context():
        publish(unrefused(site_content()))
    assert named() == {"origin": origin, "verifier_key": key}
    with log.app_context():
        rotation.rotate()
    run(log)
    with log.app_context():
        publish(unrefused(site_content()))
        newest = service.verifier_key()
    assert named() == {"origin": origin, "verifier_key": newest}
    assert newest != key


def test_a_policy_names_no_log_where_there_is_none(app):
    with app.app_context():
        publish(unrefused(site_content()))
    assert "log" not in parse(rows(app, PolicyVersion)[-1]["document"])


def test_a_publication_that_is_taken_back_leaves_no_leaf(app, site):
    before = everything(app)
    with app.app_context():
        begin_writing(db.session)
        publication.publish(unrefused(site_content()), by="operator", reason="A test.")
        db.session.rollback()
    assert everything(app) == before
