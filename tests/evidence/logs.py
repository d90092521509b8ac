"""A log for tests: leaves that wait, and what is left of them outside the database."""

import hashlib

from sqlalchemy import insert, select

from consent_server.evidence import leaves, sequencer
from consent_server.evidence.journal import Journal
from consent_server.evidence.keys import log_folder
from consent_server.evidence.models import LogCheckpoint, LogLeaf, LogQueue
from consent_server.evidence.note import Verifier, open_note, parse_checkpoint
from consent_server.evidence.sequencer import Sequencer
from consent_server.evidence.tree import leaf_hash, root, subtree_of
from consent_server.extensions import db
from tests.factories import rows


def digest(number):
    return hashlib.sha256(b"leaf %d" % number).digest()


def queue(app, count, first=0, kind="consent/1"):
    """Commitments that wait, each another, with no event of their own."""
    waiting = [{"type": kind, "hash": digest(number)} for number in range(first, first + count)]
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(insert(LogQueue), waiting)


def sealed(app):
    """The bytes of all leaves in their order; each index is there once."""
    found = rows(app, LogLeaf)
    assert [leaf["index"] for leaf in found] == list(range(len(found)))
    return [leaves.encode(leaf["type"], leaf["hash"], leaf["body"]) for leaf in found]


def decisions(app):
    """The commitments of all sealed decisions, in their order."""
    return [leaf["hash"] for leaf in rows(app, LogLeaf) if leaf["type"] == "consent/1"]


def tree_root(entries):
    """The root over leaves as the definition has it."""
    return root(len(entries), subtree_of([leaf_hash(entry) for entry in entries]))


def checkpoints(app):
    return rows(app, LogCheckpoint)


def note_of(app):
    return (log_folder(app.config["SETTINGS"]) / "signed").read_text(encoding="utf-8")


def written(app):
    """The leaves in the file outside the database."""
    journal = Journal(log_folder(app.config["SETTINGS"]))
    journal.open(0)
    return list(journal.read(0, journal.count))


def assert_one_history(app):
    """Database, file and signatures tell the same: nothing waits, every leaf is under the newest note, and every
    signed checkpoint is of this tree."""
    with app.app_context():
        assert db.session.scalar(select(LogQueue.seq).limit(1)) is None
    entries = sealed(app)
    assert written(app) == entries
    _, size, signed = parse_checkpoint(note_of(app).partition("\n\n")[0] + "\n")
    assert (size, signed) == (len(entries), tree_root(entries))
    before = 0
    for checkpoint in checkpoints(app):
        assert checkpoint["prev_size"] == before
        assert checkpoint["root"] == tree_root(entries[: checkpoint["size"]])
        before = checkpoint["size"]
    assert before == size


def opened(note, *keys):
    """Size, root and the names of the keys that verify."""
    text, signed = open_note(note, [Verifier.parse(key) for key in keys])
    return (*parse_checkpoint(text)[1:], [verifier.encode() for verifier in signed])


class Crash(Exception):
    """The process ends here."""


def crashing(step, time=1):
    """A sequencer that ends right before a step is taken for the nth time."""
    doomed = Sequencer()
    taken = 0
    go_on = getattr(doomed, step)

    def crash(*arguments):
        nonlocal taken
        taken += 1
        if taken == time:
            raise Crash
        return go_on(*arguments)

    setattr(doomed, step, crash)
    return doomed


def run(app):
    with app.app_context():
        return sequencer.run_once()
