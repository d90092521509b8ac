"""What is changed behind the server's back, in any table and column that is evidence, is named by the verifier in the
bundle that the server then makes. So is what was deleted, moved, cut off or forked."""

import io
import json
import uuid
import zipfile
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from consent_server import clock as real_clock
from consent_server.audit import bundle
from consent_server.audit.export_models import Export
from consent_server.audit.exports import committed_export
from consent_server.consent.models import ConsentEvent
from consent_server.consent.service import committed
from consent_server.embed.models import WidgetFile
from consent_server.evidence import service as evidence
from consent_server.evidence import verify
from consent_server.evidence.commitment import commit
from consent_server.evidence.keys import read_keys
from consent_server.evidence.models import LogCheckpoint, LogLeaf, LogTile
from consent_server.extensions import db
from consent_server.policy.models import Notice, PolicyVersion
from consent_server.staff.models import StaffEvent
from consent_server.staff.record import committed_act
from tests.evidence.small_log import again, b64, mth, sha256, write_zip
from tests.evidence.tampering import ANSWERS, OTHERS, ROW
from tests.factories import post, rows, seal
from tests.staff.people import add_person, issue_token

ENGINES = ("sqlite",)
SITES = ("ala", "zoo")


def test_every_column_of_every_table_has_an_answer():
    tables = db.metadata.tables
    assert ANSWERS.keys() == tables.keys()
    for name, answers in ANSWERS.items():
        if isinstance(answers, dict):
            assert answers.keys() == {column.name for column in tables[name].columns}, name


@pytest.fixture
def recorded(app, client, site, decision, clock):
    """A log with decisions, a day's erasures, acts and an export in it, all sealed."""
    add_person(app)
    token = issue_token(app)
    for allow in ((), ("analytics",), ("functional",)):
        clock.advance(seconds=1)
        body = decision(allow=allow, signals={"dnt": "0", "gpc": False})
        assert post(app.test_client(), body, DNT="0").status_code == 201
    gone = app.test_client()
    assert post(gone, decision()).status_code == 201
    seal(app)
    assert gone.post("/ala/choices/erase", headers={"Origin": "http://privacy.ala.localhost:9000"}).status_code == 303
    clock.advance(days=1)
    seal(app)
    assert (
        client.get("/v1/audit/bundle", headers={"Authorization": f"Bearer {token}"}, buffered=True).status_code == 200
    )
    seal(app)
    return app


@pytest.fixture
def behind(app):
    """A connection past all triggers and foreign keys, as somebody with the database's password has one."""
    with app.app_context():
        own = sa.create_engine(db.engine.url)
    with own.begin() as connection:
        for name in connection.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(sa.text(f'DROP TRIGGER "{name}"'))

    def execute(*statements):
        with own.connect() as connection:
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    yield execute
    own.dispose()


@pytest.fixture
def make(recorded):
    """Makes a bundle of all sites."""

    def make():
        with recorded.app_context():
            return b"".join(piece for piece, _ in bundle.pieces(evidence.newest(), SITES))

    return make


@pytest.fixture
def run(recorded, tmp_path, capsys):
    with recorded.app_context():
        key = evidence.first_key()

    def run(content, command="bundle", *more):
        path = tmp_path / "evidence"
        path.write_bytes(content)
        code = verify.main([command, str(path), "--key", key, *map(str, more)])
        return code, capsys.readouterr().out

    return run


def files_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def leaf_of(app, table, row):
    """The leaf of a row, where it has one."""
    with app.app_context():
        if table == "consent_event":
            return evidence.leaf_of_event(row["event_id"])
        if table == "log_leaf":
            return row["index"]
        if table in ("staff_event", "export"):
            model, committed = (StaffEvent, committed_act) if table == "staff_event" else (Export, committed_export)
            kind = table.partition("_")[0]
            digest = commit(kind, row["nonce"], committed(db.session.get(model, row["id"])))
            return evidence.leaves_of(f"{kind}/1", [digest])[digest]
    return None


def pick(app, table, column):
    """The row to be changed."""
    model = next(mapper.class_ for mapper in db.Model.registry.mappers if mapper.local_table.name == table)
    found = rows(app, model)
    if table == "staff_event":
        found = [row for row in found if row["site"] == "ala" and row["detail"]]
    if table == "log_leaf":
        wanted = (lambda row: row["body"]) if column == "body" else (lambda row: row["event_id"])
        found = [row for row in found if wanted(row)]
    if table == "log_checkpoint":
        found = sorted(found, key=lambda row: row["size"])[-1:]
    if table == "widget_file":
        sealed = {leaf["hash"] for leaf in rows(app, LogLeaf) if leaf["type"] == "widget/1"}
        found = [row for row in found if row["sha256"] in sealed]
    return found[0]


CHANGES = [
    (bool, lambda value: not value),
    (int, lambda value: value + 1),
    (bytes, lambda value: bytes([value[0] ^ 1]) + value[1:]),
    (uuid.UUID, lambda value: real_clock.new_id()),
    (datetime, lambda value: value - timedelta(hours=1)),
    (date, lambda value: value - timedelta(days=1)),
    (dict, lambda value: {**value, "x": True}),
    (list, lambda value: [*value, "zoo"]),
    (type(None), lambda value: "x"),
]


def other(table, column, value):
    if f"{table}.{column}" in OTHERS:
        return OTHERS[f"{table}.{column}"]
    if isinstance(value, str):
        return {"site": "zoo"}.get(column) or (value[:-1] + ("0" if value[-1:] != "0" else "1"))
    return next(change(value) for kind, change in CHANGES if isinstance(value, kind))


def tables_of_evidence():
    return [name for name, answers in ANSWERS.items() if isinstance(answers, dict)]


@pytest.mark.parametrize("table", tables_of_evidence())
def test_a_change_behind_the_servers_back_is_named(recorded, behind, make, run, table):
    assert run(make())[0] == 0
    columns = db.metadata.tables[table]
    for column, answer in ANSWERS[table].items():
        if isinstance(answer, tuple):
            continue
        row = pick(recorded, table, column)
        value = other(table, column, row[column])
        words = (f", leaf {leaf_of(recorded, table, row)}: " if answer == ROW else answer).format(
            leaf=leaf_of(recorded, table, row), sha256=row["sha256"].hex() if row.get("sha256") else ""
        )
        behind(update(columns, row, {column: value}))
        code, said = run(make())
        assert code == 1, (column, said)
        assert words in said, (column, words, said)
        behind(update(columns, {**row, column: value}, {column: row[column]}))
    assert run(make())[0] == 0


def update(table, row, values):
    return sa.update(table).where(*(column == row[column.name] for column in table.primary_key)).values(values)


DELETED = {
    ConsentEvent: "leaf {leaf}: the decision is missing",
    StaffEvent: "leaf {leaf}: the staff act is missing",
    Export: "leaf {leaf}: the export is missing",
    PolicyVersion: "policies/{sha256}.json: the file is missing",
    Notice: "notices/{sha256}.json: the file is missing",
    WidgetFile: "widgets/{sha256}.js: the file is missing",
    LogLeaf: "tile/entries/000",
    LogTile: "tile/0/000",
}


@pytest.mark.parametrize("model", DELETED, ids=lambda model: model.__tablename__)
def test_a_deleted_row_is_named(recorded, behind, make, run, model):
    table = model.__table__
    row = pick(recorded, table.name, "")
    leaf = leaf_of(recorded, table.name, row)
    behind(sa.delete(table).where(*(column == row[column.name] for column in table.primary_key)))
    code, said = run(make())
    words = DELETED[model].format(leaf=leaf, sha256=row["sha256"].hex() if row.get("sha256") else "")
    assert code == 1 and words in said, said


@pytest.mark.parametrize("table", ["erased_leaf", "erasure_day"])
def test_a_deleted_erasure_is_named(recorded, behind, make, run, table):
    behind(sa.delete(db.metadata.tables[table]))
    code, said = run(make())
    assert code == 1 and "erasures.jsonl does not say what it commits to" in said


def test_leaves_in_another_order_are_named(recorded, behind, make, run):
    first, second = [leaf for leaf in rows(recorded, LogLeaf) if leaf["event_id"]][:2]
    table = LogLeaf.__table__
    cut = [update(table, leaf, {"event_id": None}) for leaf in (first, second)]
    swap = [
        update(table, leaf, {"event_id": by["event_id"], "hash": by["hash"]})
        for leaf, by in ((first, second), (second, first))
    ]
    behind(*cut, *swap)
    code, said = run(make())
    for leaf in (first, second):
        assert code == 1 and f"leaf {leaf['index']}: its bytes in tile/entries" in said


def test_a_changed_receipt_is_named(recorded, client, decision, clock, behind, tmp_path, run):
    body = decision(allow=("analytics",))
    assert post(client, body).status_code == 201
    seal(recorded)
    address = f"/v1/sites/ala/receipts/{body['event_id']}"
    assert run(client.get(address).data, "receipt", "--without-texts")[0] == 0
    table = ConsentEvent.__table__
    row = next(row for row in rows(recorded, ConsentEvent) if str(row["event_id"]) == body["event_id"])
    # The visitor's own cookie opens no receipt of another visitor, another site or another event.
    for column in ANSWERS["consent_event"].keys() - {"event_id", "visitor_id", "site", "digest", "policy"}:
        value = other("consent_event", column, row[column])
        behind(update(table, row, {column: value}))
        response = client.get(address)
        code, said = run(response.data, "receipt")
        assert code == 1 and ("event" in said or "notice" in said), (column, said)
        behind(update(table, row, {column: row[column]}))
    assert run(client.get(address).data, "receipt", "--without-texts")[0] == 0


# -- what only a kept checkpoint shows


@pytest.fixture
def kept(recorded, tmp_path):
    """A checkpoint that somebody has kept, as a file."""
    with recorded.app_context():
        (tmp_path / "kept").write_text(evidence.newest().note)
    return tmp_path / "kept"


def compare(recorded, kept, make, run, tmp_path):
    """The kept checkpoint against the log as it is now."""
    (tmp_path / "bundle.zip").write_bytes(make())
    with recorded.app_context():
        note = evidence.newest().note
    (tmp_path / "now").write_text(note)
    with recorded.app_context():
        key = evidence.first_key()
    return verify.main(["consistency", str(kept), str(tmp_path / "now"), "--bundle", str(tmp_path / "bundle.zip"),
                        "--key", key])  # fmt: skip


def test_a_tail_that_was_cut_off_is_seen_by_whoever_kept_a_checkpoint(
    recorded, behind, make, run, kept, tmp_path, capsys
):
    last = max(row["size"] for row in rows(recorded, LogCheckpoint))
    before = max(row["size"] for row in rows(recorded, LogCheckpoint) if row["size"] < last)
    table = LogCheckpoint.__table__
    behind(
        sa.delete(table).where(table.c.size == last),
        sa.delete(LogLeaf.__table__).where(LogLeaf.__table__.c["index"] >= before),
    )
    # The export's row is still there, but by itself the shorter log is whole.
    assert run(make())[0] == 0
    assert compare(recorded, kept, make, run, tmp_path) == 1
    assert f"shrunk from {last} leaves to {before}" in capsys.readouterr().out


def test_a_fork_signed_with_the_logs_own_key_is_seen_by_whoever_kept_a_checkpoint(
    recorded, behind, make, run, kept, tmp_path, capsys
):
    row = pick(recorded, "consent_event", "")
    leaf = leaf_of(recorded, "consent_event", row)
    changed = {**row, "action": "withdraw"}
    with recorded.app_context():
        event = db.session.get(ConsentEvent, row["event_id"])
        event.action = "withdraw"
        digest = commit("consent", row["nonce"], committed(event))
        db.session.rollback()
        size = evidence.newest().size
        leaves = [data for _, data in evidence.entries(0, size)]
        signer = read_keys(recorded.config["SETTINGS"], evidence.origin())[-1]
    leaves[leaf] = b'{"c":"%s","t":"consent/1"}' % digest.hex().encode()
    text = f"{signer.name}\n{size}\n{b64(mth(leaves))}\n"
    tile, checkpoint = LogTile.__table__, LogCheckpoint.__table__
    behind(
        update(ConsentEvent.__table__, row, {"action": changed["action"]}),
        update(LogLeaf.__table__, {"index": leaf}, {"hash": digest}),
        update(tile, {"level": 0, "index": 0}, {"hashes": b"".join(sha256(b"\0" + data) for data in leaves)}),
        update(checkpoint, {"size": size}, {"root": mth(leaves), "signatures": signer.sign(text)}),
    )
    # By itself it is a whole and signed log.
    code, said = run(make())
    assert code == 0, said
    assert compare(recorded, kept, make, run, tmp_path) == 1
    assert "FORK: two different logs" in capsys.readouterr().out


# -- files of a real bundle


def test_one_changed_byte_in_each_file_of_a_real_bundle_is_named(make, run, tmp_path):
    files = files_of(make())
    for name, content in files.items():
        if name == "manifest.json":
            continue
        at = len(content) // 2
        damaged = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] if content else b"x"
        code, said = run(write_zip(tmp_path / "damaged.zip", {**files, name: damaged}).read_bytes())
        assert code == 1 and name in said, (name, said)
        if name not in ("README.txt", "verify.py"):
            fitted = again({**files, name: damaged})
            code, said = run(write_zip(tmp_path / "damaged.zip", fitted).read_bytes())
            assert code == 1 and name.partition(".")[0] in said, (name, said)


def test_each_value_of_a_real_manifest_counts_but_the_time_it_was_made(make, run, tmp_path):
    files = files_of(make())
    manifest = json.loads(files["manifest.json"])
    for name, value in {
        "schema": "bundle/2", "origin": "x", "size": "1", "sites": ["zoo"], "elsewhere": [["0", "0"]], "files": {},
        "made_at": "yesterday",
    }.items():  # fmt: skip
        changed = json.dumps({**manifest, name: value}).encode()
        code, said = run(write_zip(tmp_path / "changed.zip", {**files, "manifest.json": changed}).read_bytes())
        assert code == 1, (name, said)
