"""Yesterday's backup is restored: nothing is signed or served, and `flask log recover` makes it one history again."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select

from consent_server import clock as real_clock
from consent_server.consent.models import ConsentEvent
from consent_server.evidence import continuity, founding, guards, leaves, recovery, rotation, sealing, service
from consent_server.evidence.erasure_models import ErasedLeaf
from consent_server.evidence.faults import Diverged, LogFault
from consent_server.evidence.journal import Signed
from consent_server.evidence.keys import log_folder
from consent_server.evidence.models import LogHead, LogLeaf, LogQueue, LogTile
from consent_server.evidence.sealing import writing
from consent_server.evidence.sequencer import Sequencer
from consent_server.extensions import db
from tests.evidence.logs import (
    Crash,
    assert_one_history,
    crashing,
    decisions,
    digest,
    note_of,
    opened,
    queue,
    run,
    sealed,
    tree_root,
)
from tests.factories import HOST, post, rows, seal


def backup(app):
    """Every row of the database; on SQLite its file."""
    with app.app_context(), db.engine.connect() as connection:
        if db.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            return Path(db.engine.url.database).read_bytes()
        tables = db.metadata.sorted_tables
        return {table: [dict(row) for row in connection.execute(select(table)).mappings()] for table in tables}


def restore(app, kept):
    """The database as it was; the files beside it are what they are."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            db.session.remove()
            db.engine.dispose()
            file = Path(db.engine.url.database)
            for left in file.parent.glob(f"{file.name}-*"):
                left.unlink()
            file.write_bytes(kept)
            return
        with db.engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for table in db.metadata.sorted_tables:
                connection.execute(delete(table))
                if kept[table]:
                    connection.execute(insert(table), kept[table])


def recover(app):
    with app.app_context():
        return recovery.recover()


@pytest.fixture
def restored(log):
    """A log of 300 sealed decisions and 50 that wait, as it was before those and 400 more were sealed."""
    queue(log, 300)
    run(log)
    queue(log, 50, first=300)
    kept = backup(log)
    queue(log, 400, first=350)
    run(log)
    restore(log, kept)
    return log


def test_nothing_is_signed(restored):
    signed = note_of(restored)
    queue(restored, 10, first=1000)
    with pytest.raises(Diverged, match="recover"):
        run(restored)
    assert note_of(restored) == signed
    assert len(rows(restored, LogQueue)) == 60


def test_nothing_is_served(restored):
    with restored.app_context(), pytest.raises(Diverged, match="recover"):
        continuity.compare(Signed(log_folder(restored.config["SETTINGS"])))
    recover(restored)
    with restored.app_context():
        continuity.compare(Signed(log_folder(restored.config["SETTINGS"])))


def test_a_log_of_its_own_is_not_begun_beside_it(restored):
    with restored.app_context():
        db.session.execute(db.update(LogHead).values(origin=None, key=None))
        db.session.commit()
        with pytest.raises(LogFault, match="recover"):
            founding.found()


def test_the_leaves_come_back_and_what_waited_is_not_sealed_twice(restored):
    queue(restored, 10, first=1000)
    done = recover(restored)
    assert (done.again, done.known, done.waiting) == (450, 50, 0)
    run(restored)
    assert decisions(restored) == [digest(number) for number in (*range(750), *range(1000, 1010))]
    assert_one_history(restored)


def test_again_it_does_nothing(restored):
    recover(restored)
    before = sealed(restored)
    assert recover(restored).again == 0
    assert sealed(restored) == before


def test_what_was_sealed_since_waits_again_behind_what_is_back(restored):
    """As by a publication from a machine that does not know what was signed."""
    with restored.app_context(), writing() as connection:
        sealing.append(connection, "policy/1", digest(5000))
        sealing.seal_batch(connection, sealing.lock_head(connection))
        sealing.append(connection, "purge/1", None, leaves.write("purge/1", at="", rule="", runs=[["1", "2"]]))
    queue(restored, 3, first=6000)
    done = recover(restored)
    # The fifty that the file has as well, the policy and the purge.
    assert (done.again, done.known, done.waiting) == (450, 50, 52)
    run(restored)
    found = [digest(number) for number in range(750)]
    assert decisions(restored) == [*found, *(digest(number) for number in range(6000, 6003))]
    kinds = [leaf["type"] for leaf in rows(restored, LogLeaf)]
    assert (kinds.count("policy/1"), kinds.count("purge/1")) == (1, 1)
    assert_one_history(restored)


def test_an_empty_database_gets_everything_back(log):
    empty = backup(log)
    queue(log, 700)
    run(log)
    before = sealed(log)
    restore(log, empty)
    with log.app_context():
        db.session.execute(db.update(LogHead).values(origin=None, key=None))
        db.session.commit()
    assert recover(log).again == len(before)
    run(log)
    assert sealed(log) == before
    assert_one_history(log)
    with log.app_context():
        assert service.newest().note == note_of(log)


def test_leaves_that_were_written_down_and_not_signed_come_back_too(log):
    queue(log, 20)
    run(log)
    kept = backup(log)
    queue(log, 20, first=20)
    with log.app_context(), pytest.raises(Crash):
        crashing("sign").run()
    restore(log, kept)
    with pytest.raises(Diverged, match="recover"):
        run(log)
    recover(log)
    run(log)
    assert decisions(log) == [digest(number) for number in range(40)]
    assert_one_history(log)


def test_a_file_that_is_not_what_was_signed_changes_nothing(restored):
    path = log_folder(restored.config["SETTINGS"]) / "leaves"
    content = path.read_bytes()
    place = content.rindex(b'{"c":"') + 10
    path.write_bytes(content[:place] + (b"0" if content[place : place + 1] != b"0" else b"1") + content[place + 1 :])
    before = sealed(restored)
    with pytest.raises(LogFault, match="Nothing was changed"):
        recover(restored)
    assert sealed(restored) == before
    path.write_bytes(content[:-100])
    with pytest.raises(LogFault, match="damaged"):
        recover(restored)


def test_a_database_that_was_changed_is_not_signed(log):
    """Not restored: altered, with everything in it made to agree."""
    queue(log, 20)
    kept = backup(log)
    run(log)
    folder = log_folder(log.config["SETTINGS"])
    shutil.copytree(folder, folder.with_name("honest"))
    restore(log, kept)
    with log.app_context():
        db.session.execute(db.update(LogQueue).where(LogQueue.hash == digest(7)).values(hash=digest(7000)))
        db.session.commit()
    for name in ("leaves", "signed"):
        (folder / name).unlink()
    run(log)
    forged = tree_root(sealed(log))
    for name in ("leaves", "signed"):
        shutil.copy(folder.with_name("honest") / name, folder / name)
    honest = note_of(log)
    queue(log, 1, first=100)
    with pytest.raises(Diverged):
        run(log)
    with pytest.raises(LogFault, match="successor"):
        recover(log)
    assert note_of(log) == honest
    assert forged != tree_root(sealed(log)[:0])


def test_tiles_that_were_changed_are_not_signed_over(log):
    queue(log, 300)
    run(log)
    queue(log, 1, first=300)
    with log.app_context():
        with db.engine.begin() as connection:
            guards.take_down(connection)
            tile = connection.scalar(select(LogTile.hashes).where(LogTile.level == 0, LogTile.index == 1))
            spoiled = bytes([tile[0] ^ 1]) + tile[1:]
            here = db.update(LogTile).where(LogTile.level == 0, LogTile.index == 1)
            connection.execute(here.values(hashes=spoiled))
            guards.put_up(connection)
        with pytest.raises(Diverged):
            Sequencer().run()


class TestDecisions:
    """With real decisions: what is in the backup gets its place back; what was erased is erased again."""

    def test_rows_find_their_leaves(self, app, client, site, decision):
        for _ in range(5):
            assert post(client, decision()).status_code == 201
        kept = backup(app)
        seal(app)
        places = {leaf["event_id"]: leaf["index"] for leaf in rows(app, LogLeaf) if leaf["event_id"]}
        restore(app, kept)
        assert recover(app).known >= 5
        assert {leaf["event_id"]: leaf["index"] for leaf in rows(app, LogLeaf) if leaf["event_id"]} == places
        seal(app)
        assert_one_history(app)

    def test_what_was_erased_while_it_waited_is_noted(self, app, client, site, decision):
        assert post(client, decision()).status_code == 201
        assert client.post("/ala/choices/erase", headers={"Origin": HOST}).status_code == 303
        kept = backup(app)
        seal(app)
        [place] = rows(app, ErasedLeaf)
        restore(app, kept)
        recover(app)
        assert rows(app, ErasedLeaf) == [place | {"day": real_clock.now().date()}]

    def test_the_command_erases_again(self, app, client, site, decision):
        assert post(client, decision()).status_code == 201
        seal(app)
        kept = backup(app)
        assert client.post("/ala/choices/erase", headers={"Origin": HOST}).status_code == 303
        assert post(app.test_client(), decision()).status_code == 201
        seal(app)
        restore(app, kept)
        assert len(rows(app, ConsentEvent)) == 1
        answer = app.test_cli_runner().invoke(args=["log", "recover"])
        assert answer.exit_code == 0, answer.output
        assert "Decisions erased again: 1" in answer.output
        assert rows(app, ConsentEvent) == []
        seal(app)
        assert_one_history(app)


def test_a_change_of_the_key_since_the_backup_can_still_be_proven(log, client):
    """The checkpoint that both keys had signed is gone with the database."""
    queue(log, 20)
    run(log)
    kept = backup(log)
    with log.app_context():
        old = service.verifier_key()
    with log.app_context():
        new = rotation.rotate()
    for first in (20, 40):
        queue(log, 20, first=first)
        run(log)
    restore(log, kept)
    recover(log)
    run(log)
    [change] = client.get("/log/rotations").json
    note = change["proof"].partition("\n\n")[2]
    assert opened(note, old, new)[2] == [old, new]
    assert opened(client.get("/log/checkpoint").text, old, new)[2] == [new]
    assert_one_history(log)
