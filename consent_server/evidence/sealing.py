"""Sealing: leaves move from the queue into the tree, in one transaction under the head's lock."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from flask import current_app
from sqlalchemy import Connection, Row, Select, Table, delete, func, insert, select, text, update

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
# On SQLite decisions wait while a batch is sealed.
BATCH = {"sqlite": 2_000, "postgresql": 20_000}

# Called inside the sealing transaction with the events just sealed.
Follow = Callable[[Connection, list[uuid.UUID]], None]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A leaf that has its place. `ground`: its event was erased while it waited."""

    index: int
    type: str
    hash: bytes | None
    event_id: uuid.UUID | None = None
    ground: str | None = None
    body: bytes | None = None


@contextmanager
def writing() -> Iterator[Connection]:
    """A transaction of its own that reads and then writes; on SQLite in turn with the hot path."""
    with driver().turn, db.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        yield connection


def lock_head(connection: Connection) -> Row[Any]:
    """The log's one row, held until the transaction ends: there is one order for all leaves."""
    return connection.execute(select(HEAD).with_for_update()).one()


def append(connection: Connection, kind: str, digest: bytes | None, body: bytes | None = None) -> int:
    """Seals one leaf in the caller's transaction; its index."""
    head = lock_head(connection)
    leaf = Sealed(head.size, kind, digest, body=body)
    _insert(connection, [leaf])
    extend(connection, head.size, [leaf])
    return leaf.index


def seal_batch(connection: Connection, head: Row[Any]) -> tuple[int, bool]:
    """Seals what waits, up to a batch, and an hourly mark once nothing waits; the size then, and whether anything is
    left. `head` is locked."""
    batch = BATCH[connection.dialect.name]
    # What decisions are made under goes first.
    taken = _take(connection, head.size, _waiting(batch).where(text(FIRST)))
    taken += _take(connection, head.size + len(taken), _waiting(batch - len(taken))) if len(taken) < batch else []
    left = len(taken) == batch
    if not left:
        taken += _mark(connection, head, head.size + len(taken))
    if taken:
        extend(connection, head.size, taken)
        _tell(connection, taken)
    return head.size + len(taken), left


def extend(connection: Connection, size: int, added: Sequence[Sealed]) -> None:
    """Puts leaves that have their rows into the tree of a size. A second sequencer that tries the same fails: no size
    is extended twice."""
    tiles = Tiles(connection)
    tiles.grow(size, [leaf_hash(leaves.encode(leaf.type, leaf.hash, leaf.body)) for leaf in added])
    new = size + len(added)
    values = {"size": new, "prev_size": size, "root": tiles.root(new), "made_at": clock.now()}
    connection.execute(insert(CHECKPOINT).values(values))
    connection.execute(update(HEAD).values(size=new))


def _waiting(limit: int) -> Select[Any]:
    return select(QUEUE.c.seq).order_by(QUEUE.c.seq).limit(limit)


def _take(connection: Connection, first: int, chosen: Select[Any]) -> list[Sealed]:
    """Moves the chosen rows of the queue to leaves from index `first` on, in their order."""
    take = _take_postgresql if connection.dialect.name == "postgresql" else _take_sqlite
    return take(connection, first, chosen)


def _take_postgresql(connection: Connection, first: int, chosen: Select[Any]) -> list[Sealed]:
    """One statement. An erasure that holds a row is waited for, and what it left of the row is taken."""
    taken = delete(QUEUE).where(QUEUE.c.seq.in_(chosen.scalar_subquery())).returning(*QUEUE.c).cte("taken")
    place = (first + func.row_number().over(order_by=taken.c.seq) - 1).label("index")
    placed = select(place, taken.c.type, taken.c.hash, taken.c.event_id, taken.c.ground).cte("placed")
    columns = [placed.c[name] for name in ("index", "type", "hash", "event_id")]
    put = insert(LEAF).from_select([column.name for column in columns], select(*columns)).cte("put")
    return [Sealed(*row) for row in connection.execute(select(placed).add_cte(put).order_by(placed.c.index))]


def _take_sqlite(connection: Connection, first: int, chosen: Select[Any]) -> list[Sealed]:
    columns = (QUEUE.c.type, QUEUE.c.hash, QUEUE.c.event_id, QUEUE.c.ground)
    rows = connection.execute(chosen.add_columns(*columns)).all()
    taken = [Sealed(index, *row[1:]) for index, row in enumerate(rows, first)]
    _insert(connection, taken)
    connection.execute(delete(QUEUE).where(QUEUE.c.seq.in_(chosen.scalar_subquery())))
    return taken


def _insert(connection: Connection, taken: Sequence[Sealed]) -> None:
    columns = ("index", "type", "hash", "event_id", "body")
    if taken:
        connection.execute(insert(LEAF), [{name: getattr(leaf, name) for name in columns} for leaf in taken])


def _mark(connection: Connection, head: Row[Any], index: int) -> list[Sealed]:
    """An hourly time mark: nothing above it in the tree was recorded later than it says."""
    now = clock.now()
    if head.last_mark is not None and now < head.last_mark + MARK_EVERY:
        return []
    # Another server's clock may be ahead of ours.
    newest = [found(connection) for found in current_app.extensions.get("newest-recorded", [])]
    at = max([now, *filter(None, newest)])
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
    erasures.note_erased(connection, [(leaf.index, leaf.ground) for leaf in taken if leaf.ground])
    event_ids = [leaf.event_id for leaf in taken if leaf.event_id]
    followers: list[Follow] = current_app.extensions.get("after-sealing", [])
    for follow in followers if event_ids else ():
        follow(connection, event_ids)
