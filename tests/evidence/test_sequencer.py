"""The sequencer, step by step: interrupted after each, taken up again, and with another one beside it."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from consent_server.evidence import founding, leaves, sealing, sequencer, service
from consent_server.evidence.erasure_models import ErasedLeaf
from consent_server.evidence.faults import Diverged, LogFault, NotStarted
from consent_server.evidence.journal import Journal, Signed, alone
from consent_server.evidence.keys import log_folder
from consent_server.evidence.models import LogCheckpoint, LogHead, LogLeaf, LogQueue
from consent_server.evidence.sequencer import LEASE, Sequencer
from consent_server.extensions import db
from tests.evidence.logs import (
    Crash,
    assert_one_history,
    checkpoints,
    crashing,
    decisions,
    digest,
    note_of,
    opened,
    queue,
    run,
    sealed,
    written,
)
from tests.factories import post, rows, seal

STEPS = ("publish", "close_days", "seal", "unsigned", "write", "sign", "publish")


def test_what_waits_is_sealed_in_its_order_signed_and_published(log):
    queue(log, 600)
    run(log)
    assert decisions(log) == [digest(number) for number in range(600)]
    assert_one_history(log)
    with log.app_context():
        newest = service.newest()
        assert newest.note == note_of(log)
        size, root, signed = opened(newest.note, service.verifier_key())
    assert (size, root) == (601, newest.root)
    assert len(signed) == 1


def test_nothing_to_seal_makes_no_checkpoint(log):
    queue(log, 1)
    run(log)
    before = checkpoints(log), rows(log, LogHead)
    run(log)
    assert (checkpoints(log), rows(log, LogHead)[0]["size"]) == (before[0], 2)


@pytest.mark.parametrize(("step", "time"), [(s, STEPS[: i + 1].count(s)) for i, s in enumerate(STEPS)])
def test_interrupted_before_any_step_it_is_taken_up_again(log, step, time):
    queue(log, 300)
    run(log)
    signed = note_of(log)
    queue(log, 300, first=300)
    with log.app_context(), pytest.raises(Crash):
        crashing(step, time).run()
    if step != "publish" or time == 1:
        assert note_of(log) == signed
    queue(log, 5, first=600)
    run(log)
    assert decisions(log) == [digest(number) for number in range(605)]
    assert_one_history(log)
    with log.app_context():
        assert service.newest().note == note_of(log)


def test_a_crash_while_the_note_is_written_leaves_the_old_one(log, monkeypatch):
    queue(log, 3)
    run(log)
    signed = note_of(log)
    queue(log, 3, first=3)

    def fail(*_):
        raise Crash

    with monkeypatch.context() as patched, log.app_context(), pytest.raises(Crash):
        patched.setattr("pathlib.Path.replace", fail)
        Sequencer().run()
    assert note_of(log) == signed
    with log.app_context():
        assert service.newest().note == signed
    run(log)
    assert_one_history(log)


def test_a_torn_end_of_the_file_of_leaves_is_written_again(log):
    queue(log, 20)
    run(log)
    path = log.config["SETTINGS"].data_dir / "log" / "leaves"
    whole = path.read_bytes()
    queue(log, 20, first=20)
    with log.app_context(), pytest.raises(Crash):
        crashing("sign").run()
    for torn in (path.read_bytes()[:-7], path.read_bytes()[:-5] + bytes(5), path.read_bytes() + bytes(300)):
        path.write_bytes(torn)
        assert written(log) == sealed(log)[: len(written(log))]
    assert path.read_bytes()[: len(whole)] == whole
    run(log)
    assert_one_history(log)


def test_a_file_of_leaves_that_was_lost_is_written_again(log):
    queue(log, 20)
    run(log)
    (log.config["SETTINGS"].data_dir / "log" / "leaves").unlink()
    queue(log, 1, first=20)
    run(log)
    assert_one_history(log)


def test_a_backlog_of_many_batches(log, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", {"sqlite": 100, "postgresql": 100})
    queue(log, 730)
    run(log)
    assert decisions(log) == [digest(number) for number in range(730)]
    assert [row["size"] for row in checkpoints(log)] == [100, 200, 300, 400, 500, 600, 700, 731]
    assert all(row["signatures"] for row in checkpoints(log))
    assert_one_history(log)


def test_what_decisions_are_made_under_goes_first(log, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", {"sqlite": 10, "postgresql": 10})
    queue(log, 25)
    queue(log, 1, first=100, kind="policy/1")
    queue(log, 2, first=200, kind="notice/1")
    queue(log, 1, first=300, kind="staff/1")
    run(log)
    kinds = [leaf["type"] for leaf in rows(log, LogLeaf)]
    assert kinds == ["policy/1", "notice/1", "notice/1", *["consent/1"] * 25, "staff/1", "mark/1"]


def test_two_over_the_same_files_make_one_history(log):
    """Whoever is second, as after a crash, goes on at once."""
    with log.app_context():
        one, other = Sequencer(), Sequencer()
        for number in range(6):
            queue(log, 50, first=50 * number)
            assert (one, other)[number % 2].run()
    assert decisions(log) == [digest(number) for number in range(300)]
    assert_one_history(log)


def test_one_that_finds_the_files_in_use_waits_for_its_turn(log):
    queue(log, 5)
    with log.app_context(), alone(log_folder(log.config["SETTINGS"])) as holder:
        assert holder
        assert not Sequencer().run()
        assert service.waiting() == 5


def elsewhere(app, name):
    """A sequencer as on another machine, whose folder is a copy."""
    other = Sequencer()
    other.folder = log_folder(app.config["SETTINGS"]).with_name(name)
    other.folder.mkdir()
    other.journal, other.signed = Journal(other.folder), Signed(other.folder)
    hand_over(Sequencer(), other)
    return other


def hand_over(giver, taker):
    """What the one has written and signed goes to the other."""
    for file in ("leaves", "signed"):
        if (giver.folder / file).exists():
            (taker.folder / file).write_bytes((giver.folder / file).read_bytes())


def test_of_two_machines_one_is_at_work_until_its_lease_runs_out(log, clock):
    with log.app_context():
        one = Sequencer()
        assert one.run()
        other = elsewhere(log, "other")
        assert not other.run()
        clock.advance(seconds=LEASE.total_seconds() - 1)
        # Renewed although there was nothing to do.
        assert one.run()
        clock.advance(seconds=LEASE.total_seconds() - 1)
        assert not other.run()
        clock.advance(seconds=2)
        queue(log, 30)
        assert other.run()
        queue(log, 30, first=30)
        with pytest.raises(Diverged, match="adopt"):
            one.run()
        hand_over(other, one)
        assert not one.run()
        clock.advance(seconds=LEASE.total_seconds() + 1)
        assert one.run()
    assert decisions(log) == [digest(number) for number in range(60)]
    assert_one_history(log)


@pytest.mark.parametrize("step", ["write", "sign", "publish"])
def test_one_that_was_held_up_for_longer_than_its_lease_forks_nothing(log, clock, step):
    """Meanwhile the second one, on another machine, does all its work; then the first goes on."""
    queue(log, 10)
    with log.app_context():
        held, other = Sequencer(), elsewhere(log, "other")
        go_on = getattr(held, step)

        def wait(*arguments):
            clock.advance(seconds=LEASE.total_seconds() + 1)
            queue(log, 10, first=10)
            setattr(held, step, go_on)
            assert other.run()
            return go_on(*arguments)

        setattr(held, step, wait)
        held.run()
        queue(log, 10, first=20)
        with pytest.raises(Diverged, match="adopt"):
            held.run()
        assert other.run()
        hand_over(other, held)
    assert sorted(decisions(log)) == sorted(digest(number) for number in range(30))
    assert_one_history(log)


def test_a_size_is_extended_once(log):
    """Whatever locks and leases say."""
    queue(log, 3)
    run(log)
    with log.app_context(), pytest.raises(Exception, match=r"(?i)unique|evidence"), db.engine.begin() as connection:
        connection.execute(
            db.insert(LogCheckpoint).values(size=9, prev_size=0, root=bytes(32), made_at=datetime.now(UTC))
        )


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_several_at_once_seal_each_leaf_once(log, monkeypatch):
    """Without lease or file lock: what is left is the database's own guard."""
    monkeypatch.setattr(sealing, "BATCH", {"postgresql": 37})
    queue(log, 1000)
    faults = []

    def seal_all():
        with log.app_context():
            for _ in range(12):
                try:
                    with sealing.writing() as connection:
                        sealing.seal_batch(connection, sealing.lock_head(connection))
                except Exception as error:
                    faults.append(error)

    threads = [threading.Thread(target=seal_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    run(log)
    assert sorted(decisions(log)) == sorted(digest(number) for number in range(1000))
    assert_one_history(log)


class TestMarks:
    """An hourly time in the tree."""

    def marks(self, app):
        with app.app_context():
            found = [leaf["body"] for leaf in rows(app, LogLeaf) if leaf["type"] == "mark/1"]
        return [datetime.fromisoformat(leaves.members(body)["at"]) for body in found]

    def test_one_an_hour_also_when_nothing_else_happens(self, log, clock):
        for _ in range(9):
            run(log)
            clock.advance(minutes=20)
        marks = self.marks(log)
        assert len(marks) == 3
        assert [later - earlier for earlier, later in pairwise(marks)] == [timedelta(hours=1)] * 2
        assert_one_history(log)

    def test_they_follow_what_is_sealed_with_them(self, log, monkeypatch):
        monkeypatch.setattr(sealing, "BATCH", {"sqlite": 10, "postgresql": 10})
        queue(log, 35)
        run(log)
        assert [leaf["type"] for leaf in rows(log, LogLeaf)].index("mark/1") == 35

    def test_no_event_is_newer_than_the_mark_above_it(self, log, clock, monkeypatch):
        ahead = clock.now() + timedelta(seconds=7)
        monkeypatch.setitem(log.extensions, "newest-recorded", [lambda connection: ahead])
        queue(log, 1)
        run(log)
        assert self.marks(log) == [ahead]

    def test_the_newest_event_is_that_of_any_site(self, app, client, site, decision, clock):
        """Recorded by a server whose clock is ahead of the sequencer's."""
        clock.advance(seconds=3)
        assert post(client, decision()).status_code == 201
        ahead = clock.now()
        clock.advance(seconds=-3)
        seal(app)
        assert self.marks(app) == [ahead]

    def test_a_clock_that_is_far_ahead_is_not_followed(self, log, clock, monkeypatch):
        began = clock.now()
        ahead = began + timedelta(hours=2)
        monkeypatch.setitem(log.extensions, "newest-recorded", [lambda connection: ahead])
        for _ in range(4):
            run(log)
            clock.advance(hours=1)
        assert self.marks(log) == [began + timedelta(minutes=10), ahead, began + timedelta(hours=3)]


class TestSettings:
    def test_a_log_that_was_not_started_seals_nothing(self, app):
        queue(app, 3)
        with app.app_context(), pytest.raises(NotStarted):
            sequencer.run_once()
        assert len(rows(app, LogQueue)) == 3

    def test_another_origin_is_refused(self, log):
        settings = log.config["SETTINGS"]
        log.config["SETTINGS"] = replace(settings, log_origin="elsewhere.example/log")
        with log.app_context(), pytest.raises(LogFault, match=r"elsewhere\.example/log"):
            sequencer.run_once()
        with log.app_context(), pytest.raises(LogFault):
            founding.found()
        log.config["SETTINGS"] = replace(settings, log_origin="privacy.ala.localhost:9000/log")
        run(log)


class TestOthers:
    def test_whoever_follows_is_told_of_each_event_once_and_only_of_what_is_sealed(
        self, app, client, site, decision, monkeypatch
    ):
        told = []
        monkeypatch.setitem(app.extensions, "after-sealing", [lambda connection, events: told.extend(events)])
        sent = [decision() for _ in range(3)]
        for body in sent:
            assert post(client, body).status_code == 201
        seal(app)
        seal(app)
        assert [str(event) for event in told] == [body["event_id"] for body in sent]

    def test_an_event_that_was_erased_while_it_waited_is_noted_with_its_ground(self, app, client, site, decision):
        assert post(client, decision()).status_code == 201
        assert (
            client.post("/ala/choices/erase", headers={"Origin": "http://privacy.ala.localhost:9000"}).status_code
            == 303
        )
        seal(app)
        [leaf] = [leaf for leaf in rows(app, LogLeaf) if leaf["type"] == "consent/1"]
        [erased] = rows(app, ErasedLeaf)
        assert (leaf["event_id"], erased["index"], erased["ground"]) == (None, leaf["index"], "visitor")

    def test_how_long_something_has_waited(self, log, client, clock):
        run(log)
        with log.app_context():
            assert service.oldest_waiting() is None
        clock.advance(minutes=3)
        queue(log, 2)
        with log.app_context():
            assert service.waiting() == 2
            assert service.oldest_waiting() == clock.now() - timedelta(minutes=3)
