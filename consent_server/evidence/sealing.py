"""Sealing: leaves move from the queue into the tree, in one transaction under the head's lock."""

import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple, cast

from flask import current_app
from sqlalchemy import (
    CTE,
    Connection,
    Insert,
    Row,
    Table,
    TextClause,
    and_,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from consent_server import clock
from consent_server.driver import driver
from consent_server.evidence import erasures, leaves
from consent_server.evidence.models import FIRST, LogCheckpoint, LogHead, LogLeaf, LogQueue
from consent_server.evidence.tiles import Tiles
from consent_server.evidence.tree import leaf_hash
from consent_server.extensions import db

HEAD = cast(Table, LogHead.__table__)
QUEUE = cast(Table, LogQueue.__table__)
LEAF = cast(Table, LogLeaf.__table__)
CHECKPOINT = cast(Table, LogCheckpoint.__table__)
MARK_EVERY = timedelta(hours=1)
AHEAD = timedelta(minutes=10)
# On SQLite decisions wait while a batch is sealed.
BATCH = {"sqlite": 2_000, "postgresql": 20_000}

log = logging.getLogger(__name__)

# Called inside the sealing transaction with the events just sealed.
Follow = Callable[[Connection, list[uuid.UUID]], None]


class Sealed(NamedTuple):
    """A leaf that has its place, the index `at`. `ground`: its event was erased while it waited. `again`: it had been
    sealed before, and those who follow were told."""

    at: int
    type: str
    hash: bytes | None
    event_id: uuid.UUID | None = None
    ground: str | None = None
    again: bool = False
    body: bytes | None = None


class Batch(NamedTuple):
    """What was sealed: the leaves' bytes from index `first` on, and whether anything is left to seal."""

    first: int
    leaves: list[bytes]
    left: bool


@contextmanager
def writing() -> Iterator[Connection]:
    """A transaction of its own that reads and then writes; on SQLite in turn with the hot path."""
    with driver().turn, db.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        yield connection


def lock_queue(connection: Connection) -> None:
    """Nothing more is queued, and no erasure reaches what is, until the transaction ends: rows are about to be put in
    another place in several steps."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE log_queue IN SHARE ROW EXCLUSIVE MODE"))


def lock_head(connection: Connection) -> Row[Any]:
    """The log's one row, held until the transaction ends: there is one order for all leaves."""
    return connection.execute(select(HEAD).with_for_update()).one()


def append(connection: Connection, kind: str, digest: bytes | None, body: bytes | None = None) -> int:
    """Seals one leaf in the caller's transaction; its index."""
    head = lock_head(connection)
    leaf = Sealed(head.size, kind, digest, body=body)
    _insert(connection, [leaf])
    extend(connection, head.size, [leaf])
    return leaf.at


def seal_batch(connection: Connection, head: Row[Any]) -> Batch:
    """Seals what waits, up to a batch, and an hourly mark once nothing waits. `head` is locked."""
    batch = BATCH[connection.dialect.name]
    # What decisions are made under goes first.
    taken = _take(connection, head.size, batch, text(FIRST))
    taken += _take(connection, head.size + len(taken), batch - len(taken)) if len(taken) < batch else []
    left = len(taken) == batch
    if not left:
        taken += _mark(connection, head, head.size + len(taken))
    entries = []
    if taken:
        entries = extend(connection, head.size, taken)
        _tell(connection, taken)
    return Batch(head.size, entries, left)


def extend(connection: Connection, size: int, added: Sequence[Sealed]) -> list[bytes]:
    """Puts leaves that have their rows into the tree of a size; their bytes. A second sequencer that tries the same
    fails: no size is extended twice."""
    tiles = Tiles(connection)
    entries = [leaves.encode(leaf.type, leaf.hash, leaf.body) for leaf in added]
    tiles.grow(size, [leaf_hash(entry) for entry in entries])
    new = size + len(added)
    values = {"size": new, "prev_size": size, "root": tiles.root(new), "made_at": clock.now()}
    connection.execute(insert(CHECKPOINT).values(values))
    connection.execute(update(HEAD).values(size=new))
    return entries


def _take(connection: Connection, first: int, limit: int, *which: TextClause) -> list[Sealed]:
    """Moves rows of the queue to leaves from index `first` on, in their order; within the database, since there may be
    many."""
    chosen = select(QUEUE.c.seq).where(*which).order_by(QUEUE.c.seq).limit(limit).subquery()
    # By the last one: for a list of them some plans take the square of its length.
    last = select(func.max(chosen.c.seq)).scalar_subquery()
    mine = and_(QUEUE.c.seq <= last, *which)
    if connection.dialect.name == "postgresql":
        # One statement. An erasure that holds a row is waited for, and what it left of the row is taken.
        placed, put = _place(delete(QUEUE).where(mine).returning(*QUEUE.c).cte("taken"), first)
        rows = connection.execute(select(placed).add_cte(put.cte("put")).order_by(placed.c.index))
        return [Sealed(*row) for row in rows]
    # There is one writer: the rows stay what they are.
    placed, put = _place(select(QUEUE).where(mine).cte("taken"), first)
    rows = connection.execute(select(placed).order_by(placed.c.index))
    taken = [Sealed(*row) for row in rows]
    if taken:
        connection.execute(put)
        connection.execute(delete(QUEUE).where(mine))
    return taken


def _place(taken: CTE, first: int) -> tuple[CTE, Insert]:
    """Rows with their indexes, and the statement that makes leaves of them."""
    index = (first + func.row_number().over(order_by=taken.c.seq) - 1).label("index")
    rest = [taken.c[name] for name in ("type", "hash", "event_id", "ground", "again")]
    placed = select(index, *rest).cte("placed")
    columns = [placed.c[name] for name in ("index", "type", "hash", "event_id")]
    return placed, insert(LEAF).from_select([column.name for column in columns], select(*columns))


def _insert(connection: Connection, taken: Sequence[Sealed]) -> None:
    rows = [
        {"index": leaf.at, "type": leaf.type, "hash": leaf.hash, "event_id": leaf.event_id, "body": leaf.body}
        for leaf in taken
    ]
    if rows:
        connection.execute(insert(LEAF), rows)


def _mark(connection: Connection, head: Row[Any], index: int) -> list[Sealed]:
    """An hourly time mark: nothing above it in the tree was recorded later than it says."""
    now = clock.now()
    if head.last_mark is not None and now < head.last_mark + MARK_EVERY:
        return []
    # Another server's clock may be ahead of ours. One that is far ahead must not stop the marks until then.
    newest = max(
        [now, *filter(None, (found(connection) for found in current_app.extensions.get("newest-recorded", [])))]
    )
    at = min(newest, now + AHEAD)
    if newest > at:
        log.error("log: something was recorded more than %s ahead of this server's clock", AHEAD)
    leaf = Sealed(index, "mark/1", None, body=leaves.write("mark/1", at=clock.to_rfc3339(at)))
    _insert(connection, [leaf])
    connection.execute(update(HEAD).values(last_mark=at))
    return [leaf]


def settle(connection: Connection, leaves_back: Sequence[Sealed]) -> None:
    """Gives leaves their rows at the indexes that they have in the tree already."""
    _insert(connection, leaves_back)
    _tell(connection, leaves_back)


def _tell(connection: Connection, taken: Sequence[Sealed]) -> None:
    """Tells those who follow what has its place now."""
    erasures.note_erased(connection, [(leaf.at, leaf.ground) for leaf in taken if leaf.ground])
    event_ids = [leaf.event_id for leaf in taken if leaf.event_id and not leaf.again]
    followers: list[Follow] = current_app.extensions.get("after-sealing", [])
    for follow in followers if event_ids else ():
        follow(connection, event_ids)
