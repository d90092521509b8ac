"""The sequencer: seals what waits, writes it down outside the database, signs, publishes; in this order.

Each step can be the last one before a crash: the next run takes it up. Ed25519 gives the same signature again.
"""

import logging
from datetime import date, timedelta
from threading import Event
from typing import Any

from flask import current_app
from sqlalchemy import Row, func, select, update

from consent_server import clock
from consent_server.evidence import continuity, erasures, service
from consent_server.evidence.entries import read_entries
from consent_server.evidence.faults import Diverged, LogFault, NotStarted
from consent_server.evidence.journal import Journal, Signed, alone
from consent_server.evidence.keys import log_folder, read_keys
from consent_server.evidence.note import Signer, checkpoint_text, sign_note
from consent_server.evidence.sealing import CHECKPOINT, HEAD, Batch, lock_head, seal_batch, writing
from consent_server.evidence.tiles import Tiles
from consent_server.evidence.tree import consistency_path, verify_consistency
from consent_server.extensions import db
from consent_server.settings import Settings

LEASE = timedelta(seconds=10)
PAUSE_SECONDS = 1.0
RETRY_SECONDS = 5.0

log = logging.getLogger(__name__)


class Sequencer:
    """One of those who may seal. Needs an application context."""

    def __init__(self) -> None:
        settings: Settings = current_app.config["SETTINGS"]
        self.settings, self.folder = settings, log_folder(settings)
        self.holder = ""
        self.journal, self.signed = Journal(self.folder), Signed(self.folder)
        self._day: date | None = None

    def run(self) -> bool:
        """Seals and signs all that waits; whether it was its turn. Raises LogFault where it cannot go on."""
        with alone(self.folder) as holder:
            if holder is None:
                return False
            self.holder = holder
            origin = self._origin()
            keys = read_keys(self.settings, origin)
            continuity.examine(self.signed, self.journal)
            # What was signed before a crash.
            self.publish()
            self.close_days()
            left = True
            while left:
                found = self.seal()
                if found is None:
                    return False
                left = found.left
                checkpoint = self.unsigned()
                if checkpoint is not None:
                    self.write(checkpoint.size, found)
                    note = self.sign(checkpoint, origin, keys)
                    self.signed.write(note)
                    self.publish()
        return True

    def _origin(self) -> str:
        with db.engine.connect() as connection:
            origin = connection.scalar(select(HEAD.c.origin))
        if origin is None:
            raise NotStarted("The log has not been started. Run `flask log init`.")
        if self.settings.log_origin not in ("", origin):
            raise LogFault(f"LOG_ORIGIN is {self.settings.log_origin}, but this log is {origin}, and stays it.")
        return str(origin)

    def close_days(self) -> None:
        """Once a day, and at first: commits to the erasures of days that are over."""
        today = clock.now().date()
        if self._day != today:
            # In a transaction without leaves that an erasure may hold while it waits for this.
            with writing() as connection:
                erasures.close_days(connection)
            self._day = today

    def seal(self) -> Batch | None:
        """Seals a batch; none where another sequencer is at work."""
        with writing() as connection:
            head, now = lock_head(connection), clock.now()
            if head.holder != self.holder and head.held_until is not None and head.held_until > now:
                return None
            batch = seal_batch(connection, head)
            # Where there is nothing to do, the lease alone is written down, and only now and then.
            held = head.holder == self.holder and head.held_until > now + LEASE / 2
            if batch.leaves or not held:
                swept = {} if batch.left else {"swept_at": now}
                connection.execute(update(HEAD).values(holder=self.holder, held_until=now + LEASE, **swept))
        return batch

    def unsigned(self) -> Row[Any] | None:
        """The newest checkpoint, unless it is signed."""
        with db.engine.connect() as connection:
            newest = connection.execute(select(CHECKPOINT).order_by(CHECKPOINT.c.size.desc()).limit(1)).one_or_none()
        return newest if newest is not None and newest.signatures is None else None

    def write(self, size: int, batch: Batch) -> None:
        """Brings the file of leaves up to a size: by the batch just sealed, and by the database."""
        self._copy(batch.first)
        if self.journal.count == batch.first:
            self.journal.append(batch.leaves)
        self._copy(size)
        if self.journal.count != size:
            raise LogFault(f"The database lacks leaves between {self.journal.count} and {size}.")

    def _copy(self, size: int) -> None:
        first = self.journal.count
        if first < size:
            with db.engine.connect() as connection:
                self.journal.append(leaf for _, leaf in read_entries(connection, first, size - first))

    def sign(self, checkpoint: Row[Any], origin: str, keys: list[Signer]) -> str:
        """The checkpoint's note; raises Diverged where it does not extend the last one that was signed."""
        before = self.signed.read()
        size, root = checkpoint.size, checkpoint.root
        with db.engine.connect() as connection:
            tiles = Tiles(connection)
            if tiles.root(size) != root:
                raise LogFault("The tiles do not hold the tree that was sealed. Nothing is signed.")
            if before is not None:
                old, old_root = before[2:]
                path = consistency_path(old, size, tiles.subtree) if old <= size else []
                if not verify_consistency(old, size, path, old_root, root):
                    raise Diverged("The tree does not extend the one that was signed last. Nothing is signed.")
        return sign_note(checkpoint_text(origin, size, root), self._signers(keys, size))

    def _signers(self, keys: list[Signer], size: int) -> list[Signer]:
        """Who signs: the key in force at the signed checkpoint before, and those whose leaf is new since then."""
        signed = (CHECKPOINT.c.size < size) & CHECKPOINT.c.signatures.is_not(None)
        try:
            before = db.session.scalar(select(func.max(CHECKPOINT.c.size)).where(signed)) or 0
            covered = service.all_keys(before)
            names = [covered[-1], *service.all_keys(size)[len(covered) :]]
        finally:
            db.session.rollback()
        known = {key.verifier.encode(): key for key in keys}
        missing = [name for name in names if name not in known]
        if missing:
            raise LogFault(f"The signing key of {missing[0]} is not there. Nothing is signed.")
        return [known[str(name)] for name in names]

    def publish(self) -> None:
        """Puts the signatures of what was signed beside its checkpoint."""
        signed = self.signed.read()
        if signed is None:
            return
        lines, _, size, root = signed
        here = (CHECKPOINT.c.size == size) & (CHECKPOINT.c.root == root) & CHECKPOINT.c.signatures.is_(None)
        with db.engine.connect() as connection:
            needed = connection.execute(select(CHECKPOINT.c.size).where(here)).one_or_none()
        if needed is not None:
            with writing() as connection:
                connection.execute(update(CHECKPOINT).where(here).values(signatures=lines))


def run_once() -> bool:
    """Seals and signs all that waits (`Sequencer.run`)."""
    return Sequencer().run()


def run(stop: Event) -> None:
    """Seals about once a second until `stop` is set. What it cannot do now it tries again; each reason is said once."""
    sequencer, said = Sequencer(), ""
    while not stop.is_set():
        pause = PAUSE_SECONDS
        try:
            sequencer.run()
            said = ""
        except Exception as error:
            # Other errors' words may hold what is in a row.
            reason = str(error) if isinstance(error, LogFault) else type(error).__name__
            if reason != said:
                log.error("log: %s", reason)
            said, pause = reason, RETRY_SECONDS
        stop.wait(pause)
