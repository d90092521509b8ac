"""A successor log: a new origin and key, whose first leaf is the last checkpoint of the log before.

For a signing key that was lost or stolen, or a database that holds other leaves than were signed.
"""

import shutil
from pathlib import Path
from typing import cast

from flask import current_app
from sqlalchemy import Connection, String, Table, delete, func, insert, null, select, true, update

from consent_server.evidence import guards, leaves, sealing
from consent_server.evidence.erasure_models import ErasedLeaf, ErasureDay
from consent_server.evidence.faults import LogFault, NotStarted
from consent_server.evidence.founding import in_turn, wanted_origin
from consent_server.evidence.journal import Signed, sync
from consent_server.evidence.keys import add_key, log_folder, read_keys
from consent_server.evidence.models import LogTile
from consent_server.evidence.outside_models import Cosignature
from consent_server.evidence.sealing import CHECKPOINT, HEAD, LEAF, QUEUE, lock_head, lock_queue, writing
from consent_server.settings import Settings

FILES = ("leaves", "signed")
# Without an event there is nothing left that opens them.
UNBOUND = ("consent/1", "erasure/1")
# They belong to the old tree's indexes and sizes.
OLD = (LEAF, cast(Table, LogTile.__table__), CHECKPOINT, *(cast(Table, model.__table__) for model in (
    ErasedLeaf, ErasureDay, Cosignature)))  # fmt: skip


def succeed() -> tuple[str, str]:
    """Ends the present log and begins the one that LOG_ORIGIN names; its origin and verifier key. What the old one
    signed is kept under `ended/SIZE`. Can be repeated after a crash; raises LogFault."""
    settings: Settings = current_app.config["SETTINGS"]
    folder, new = log_folder(settings), wanted_origin(settings)
    with in_turn(settings):
        signed = Signed(folder).read()
        if signed is None:
            raise LogFault("Nothing was signed yet: there is no log to succeed.")
        _, old, size, _ = signed
        if old == new:
            raise LogFault(f"LOG_ORIGIN must name the new log; {old} is the old one.")
        ended = _keep(folder, size)
        try:
            key = read_keys(settings, new)[-1]
        except NotStarted:
            key = add_key(settings, new)
        encoded = key.verifier.encode()
        with writing() as connection:
            if lock_head(connection).origin != new:
                _begin(connection, new, encoded, (ended / "signed").read_text(encoding="utf-8"))
        # Only now: without them the present log would not know what it has signed.
        for name in FILES:
            (folder / name).unlink(missing_ok=True)
    return new, encoded


def _keep(folder: Path, size: int) -> Path:
    ended = folder / "ended" / str(size)
    ended.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        if (folder / name).exists():
            shutil.copy2(folder / name, ended / name)
            sync(ended / name)
    # The originals go only once these are sure to stay.
    sync(ended)
    sync(ended.parent)
    return ended


def _begin(connection: Connection, origin: str, key: str, note: str) -> None:
    guards.take_down(connection)
    _queue_again(connection)
    for table in OLD:
        connection.execute(delete(table))
    fresh = {"size": 0, "origin": origin, "key": key, "last_mark": None, "swept_at": None}
    connection.execute(update(HEAD).values(**fresh, holder=None, held_until=None))
    guards.put_up(connection)
    sealing.append(connection, "origin/1", None, leaves.write("origin/1", note=note))


def _queue_again(connection: Connection) -> None:
    """All commitments that are still to be opened, in their old order, before those that wait already. What was
    erased stays behind with the old log."""
    lock_queue(connection)
    columns = [QUEUE.c[name] for name in ("type", "hash", "event_id", "ground", "again")]
    last = connection.scalar(select(func.max(QUEUE.c.seq))) or 0
    nothing = null().cast(String).label("ground")
    sealed = select(LEAF.c.type, LEAF.c.hash, LEAF.c.event_id, nothing, true()).order_by(LEAF.c.index)
    alive = sealed.where(LEAF.c.hash.is_not(None), LEAF.c.event_id.is_not(None) | LEAF.c.type.not_in(UNBOUND))
    connection.execute(insert(QUEUE).from_select(columns, alive))
    waited = select(*columns).where(QUEUE.c.seq <= last).order_by(QUEUE.c.seq)
    connection.execute(insert(QUEUE).from_select(columns, waited))
    connection.execute(delete(QUEUE).where(QUEUE.c.seq <= last))
