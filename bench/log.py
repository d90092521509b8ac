"""The log on PostgreSQL: sealing, receipts, a bundle and its verification, bytes a decision, two sequencers at once.
`python -m bench.log`

Decisions are written straight into the database, so that what is measured is the log.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles

import click
from sqlalchemy import select, text

from bench.bulk import Writer
from bench.databases import postgresql
from bench.servers import ROOT, free_port, our_environment, prepare
from bench.table import Goal, Measure, print_measures
from consent_server import clock, create_app
from consent_server.audit import bundle
from consent_server.consent import proofs
from consent_server.consent.models import ConsentEvent
from consent_server.evidence import founding, service
from consent_server.evidence.journal import Journal
from consent_server.evidence.models import LogCheckpoint
from consent_server.evidence.sequencer import Sequencer
from consent_server.evidence.tree import leaf_hash, root, subtree_of
from consent_server.extensions import db
from consent_server.policy import service as policy

RECEIPTS = 200
PER_SECOND, STEP_SECONDS = 1_000, 0.1
# Tables of the log, of decisions, and of visitors.
TABLES = {
    "log": "log_leaf log_tile log_checkpoint log_queue",
    "decisions": "consent_event",
    "visitors": "visitor consent_current",
}

# The design, section 8.
SEALING = Goal(True, 20_000, "events/s")
FINAL = Goal(False, 2, "s")
BYTES = Goal(False, 800, "bytes")


def progress(count: int, label: str) -> click.progressbar:
    return click.progressbar(length=count, label=label, file=sys.stderr)


def seal(events: int) -> Iterator[Measure]:
    """All at once, after a long time without a sequencer: sealed, written down, signed and published."""
    started = time.perf_counter()
    Sequencer().run()
    seconds = time.perf_counter() - started
    yield Measure("seal, signed and published", events / seconds, "events/s", SEALING)


def prove(events: int) -> Iterator[Measure]:
    """Whole receipts of decisions at random, from the database."""
    chosen = text("event_id IN (SELECT event_id FROM consent_event ORDER BY random() LIMIT :count)")
    found = db.session.scalars(select(ConsentEvent).where(chosen), {"count": min(RECEIPTS, events)}).all()
    seconds = []
    for event in found:
        started = time.perf_counter()
        assert proofs.find_receipt(event) is not None
        seconds.append(time.perf_counter() - started)
    db.session.rollback()
    cuts = quantiles(seconds, n=100)
    yield Measure("a receipt with its three proofs, median", cuts[49] * 1000, "ms")
    yield Measure("a receipt with its three proofs, 99 %", cuts[98] * 1000, "ms")


def take_away(events: int, folder: Path) -> Iterator[Measure]:
    """A bundle of the whole log, and its verification by the stand-alone verifier in a process of its own."""
    file, checkpoint = folder / "bundle.zip", service.newest()
    assert checkpoint is not None
    started = time.perf_counter()
    with file.open("wb") as written, progress(events, "writing the bundle") as bar:
        for part, rows in bundle.pieces(checkpoint, ("ala",)):
            written.write(part)
            bar.update(rows)
    db.session.rollback()
    yield Measure("write a bundle", events / (time.perf_counter() - started), "decisions/s")
    yield Measure("a bundle's size", file.stat().st_size / events, "bytes a decision")
    verifier = [sys.executable, ROOT / "consent_server" / "evidence" / "verify.py", "bundle", file]
    started = time.perf_counter()
    done = subprocess.run(
        [*verifier, "--key", service.verifier_key() or ""], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"The bundle does not verify:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    yield Measure("verify the bundle", events / (time.perf_counter() - started), "decisions/s")


def weigh(events: int) -> Iterator[Measure]:
    """What is on disk, indexes included, once the queue is sealed and its space given back."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM FULL log_queue"))
        connection.execute(text("VACUUM log_leaf, log_tile"))
        size = (
            "SELECT sum(pg_total_relation_size(relid)) FROM unnest(string_to_array(:names, ' ')) AS name, "
            "pg_partition_tree(name::regclass) WHERE isleaf"
        )
        plain = "SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(string_to_array(:names, ' ')) AS name"
        sizes = {
            part: int(connection.scalar(text(size if part == "decisions" else plain), {"names": names}) or 0) / events
            for part, names in TABLES.items()
        }
    yield Measure("decisions with their indexes", sizes["decisions"], "bytes a decision")
    yield Measure("the log", sizes["log"], "bytes a decision")
    yield Measure("decisions and log", sizes["decisions"] + sizes["log"], "bytes a decision", BYTES)
    yield Measure("visitors and their current choices", sizes["visitors"], "bytes a decision")


@contextmanager
def sequencers(*commands: Sequence[str], folders: Sequence[Path]) -> Iterator[None]:
    """Processes that seal, each with a folder and the same key; killed at the end, whatever they do."""
    key = str(Path(os.environ["DATA_DIR"]) / "log" / "key")
    running = []
    for command, folder in zip(commands, folders, strict=True):
        folder.mkdir(exist_ok=True)
        environment = os.environ | {"DATA_DIR": str(folder), "LOG_SIGNING_KEY_FILE": key}
        running.append(subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environment))
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def write_steadily(writer: Writer, seconds: float) -> list[float]:
    """Writes decisions at a steady rate; for each step, the seconds until its last decision stood under a signed
    checkpoint."""
    began, written, pending, waits = time.perf_counter(), 0, [], []
    while (now := time.perf_counter() - began) < seconds or pending:
        count = int(min(now, seconds) * PER_SECOND) - written
        if count >= PER_SECOND * STEP_SECONDS:
            pending.append((writer.write([clock.now()] * count)[-1], time.perf_counter()))
            written += count
        while pending and is_final(pending[0][0]):
            waits.append(time.perf_counter() - pending.pop(0)[1])
        if now > seconds + 60:
            raise SystemExit("Decisions were not sealed within a minute.")
        time.sleep(0.01)
    return waits


def is_final(event_id: object) -> bool:
    newest = select(LogCheckpoint.size).where(LogCheckpoint.signatures.is_not(None)).order_by(LogCheckpoint.size.desc())
    with db.engine.connect() as connection:
        index = connection.scalar(text("SELECT index FROM log_leaf WHERE event_id = :id"), {"id": event_id})
        return index is not None and index < (connection.scalar(newest.limit(1)) or 0)


def keep_up(writer: Writer, seconds: float) -> Iterator[Measure]:
    """How long after it was recorded a decision's receipt is final, with a sequencer as in production."""
    with sequencers(["flask", "log", "sequence"], folders=[Path(os.environ["DATA_DIR"])]):
        # Until it has started, and the lease of the one before is over.
        write_steadily(writer, 1)
        waits = write_steadily(writer, seconds)
    yield Measure(f"receipt final at {PER_SECOND:,} decisions/s, 99 %", quantiles(waits, n=100)[98], "s", FINAL)


def two_at_once(writer: Writer, seconds: float) -> Iterator[Measure]:
    """Two sequencers over the same folder, which take turns all the time: their checkpoints are one history."""
    before, folder = service.newest(), Path(os.environ["DATA_DIR"])
    assert before is not None
    db.session.rollback()
    with sequencers(["e2e.crashing"], ["e2e.crashing"], folders=[folder, folder]):
        write_steadily(writer, seconds)
    settle()
    written = read_leaves(folder)
    subtree = subtree_of([leaf_hash(leaf) for leaf in written])
    made = select(LogCheckpoint.size, LogCheckpoint.root).where(LogCheckpoint.size >= before.size)
    checkpoints = db.session.execute(made.order_by(LogCheckpoint.size)).all()
    for checkpoint in checkpoints[:: max(1, len(checkpoints) // 20)]:
        assert root(checkpoint.size, subtree) == checkpoint.root, "a checkpoint of another history"
    yield Measure(f"two sequencers for {seconds:g} s: checkpoints of one history", len(checkpoints), "")


def read_leaves(folder: Path) -> list[bytes]:
    journal = Journal(folder / "log")
    journal.open(0)
    return list(journal.read(0, journal.count))


def settle() -> None:
    """Seals what is left, once the leases of others are over."""
    while not Sequencer().run() or service.waiting():
        db.session.rollback()
        time.sleep(0.5)
    db.session.rollback()


def measure(events: int, seconds: float) -> Iterator[Measure]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-log-")))
        engine = stack.enter_context(postgresql())
        environment = our_environment(engine.create(), folder / "data", free_port())
        (folder / "data").mkdir()
        prepare(environment)
        os.environ.update(environment)
        stack.enter_context(create_app().app_context())
        stack.callback(db.engine.dispose)
        stack.callback(db.session.remove)
        founding.found()
        Sequencer().run()
        writer = stack.enter_context(Writer(environment["DATABASE_URL"], policy.published("ala"), seed=1))
        db.session.rollback()
        with progress(events, "writing decisions") as bar:
            writer.spread(events, bar.update)
        settle_statistics()
        yield from seal(events)
        yield from weigh(events)
        yield from prove(events)
        yield from take_away(events, folder)
        yield from keep_up(writer, min(seconds, 20))
        yield from two_at_once(writer, seconds)


def settle_statistics() -> None:
    """As after a while of running."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.log", description="Measures the log.")
    parser.add_argument("--events", type=int, default=1_000_000, help="decisions to seal (1,000,000)")
    parser.add_argument("--seconds", type=float, default=60, help="of two sequencers at once (60)")
    options = parser.parse_args()
    print_measures(list(measure(options.events, options.seconds)))


if __name__ == "__main__":
    main()
