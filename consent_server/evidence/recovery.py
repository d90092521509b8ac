"""After a restored backup: the leaves that were written down outside the database go back into it.

Nothing is sealed twice: a commitment that waits although it is in the tree gets its old place. What was sealed since
the restoration, and never signed, waits again.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from consent_server import clock
from consent_server.evidence import erasures, guards, leaves, sealing
from consent_server.evidence.entries import AT_ONCE, read_entries
from consent_server.evidence.erasure_models import ErasedLeaf, ErasureDay
from consent_server.evidence.faults import LogFault
from consent_server.evidence.founding import in_turn
from consent_server.evidence.journal import Journal, Signed
from consent_server.evidence.keys import log_folder, read_keys
from consent_server.evidence.note import Signer, checkpoint_text, sign_note, split_note
from consent_server.evidence.sealing import CHECKPOINT, HEAD, LEAF, QUEUE, Sealed, lock_head, lock_queue, writing
from consent_server.evidence.tiles import Tiles
from consent_server.evidence.tree import leaf_hash


@dataclass(frozen=True)
class Recovered:
    """`again`: leaves that are back. `known`: how many of them have a row that waited for its place. `waiting`: leaves
    sealed since the restoration, which wait again."""

    again: int
    known: int
    waiting: int


@dataclass(frozen=True)
class Signature:
    """The last checkpoint that was signed, with its signature lines."""

    origin: str
    size: int
    lines: str


def recover() -> Recovered:
    """Puts back what the database lacks, and commits. Can be repeated; raises LogFault where it cannot be done."""
    settings = current_app.config["SETTINGS"]
    folder = log_folder(settings)
    with in_turn(settings), writing() as connection:
        head, journal, signed = lock_head(connection), Journal(folder), Signed(folder).read()
        if signed is None:
            raise LogFault(f"Nothing was signed from {folder}: there is nothing to recover from.")
        lines, origin, size, root = signed
        journal.open(size)
        if journal.count < size:
            raise LogFault(f"{journal.path} ends before what was signed. A successor log is the way out.")
        lock_queue(connection)
        if head.origin is None:
            key = read_keys(settings, origin)[0].verifier.encode()
            connection.execute(update(HEAD).values(origin=origin, key=key))
        elif head.origin != origin:
            raise LogFault(f"What was signed here is of {origin}, this log is {head.origin}.")
        common = _common(connection, journal)
        recovered = Recovered(0, 0, 0)
        if common < journal.count:
            _refuse_signed(connection, common)
            guards.take_down(connection)
            recovered = _put_back(
                connection, journal, common, Signature(origin, size, lines), read_keys(settings, origin)
            )
            guards.put_up(connection)
        if Tiles(connection).root(size) != root:
            raise LogFault("The leaves do not make the tree that was signed. Nothing was changed.")
        return recovered


def _common(connection: Connection, journal: Journal) -> int:
    """How many leaves database and file have in common from the first one on."""
    found = 0
    pairs = zip(journal.read(0, journal.count), read_entries(connection, 0, journal.count), strict=False)
    for written, (_, kept) in pairs:
        if written != kept:
            break
        found += 1
    return found


def _refuse_signed(connection: Connection, common: int) -> None:
    newest = select(func.max(CHECKPOINT.c.size)).where(CHECKPOINT.c.signatures.is_not(None))
    if (connection.scalar(newest) or 0) > common:
        raise LogFault("The database has other leaves under a signed checkpoint. A successor log is the way out.")


def _put_back(
    connection: Connection, journal: Journal, common: int, signed: Signature, keys: list[Signer]
) -> Recovered:
    strays = _take_out(connection, common)
    Tiles(connection).shrink(common)
    connection.execute(delete(CHECKPOINT).where(CHECKPOINT.c.size > common))
    known = _refill(connection, journal, common)
    lines = _rotations(connection, common, signed, keys) | {signed.size: signed.lines}
    _add_checkpoints(connection, common, journal.count, lines)
    for stray in strays:
        # Rows of the queue have no room for members; these go behind what is back.
        if stray.body is not None:
            sealing.append(connection, stray.type, None, stray.body)
    return Recovered(journal.count - common, known, len(strays))


def _take_out(connection: Connection, common: int) -> list[Sealed]:
    """Leaves that the file does not have, but for marks and the leaves of days' erasures, which are made again. Those
    with members of their own are only returned, the others wait again."""
    erased = select(ErasedLeaf.index, ErasedLeaf.ground).where(ErasedLeaf.index >= common)
    grounds = {index: ground for index, ground in connection.execute(erased)}
    columns = [LEAF.c[name] for name in ("index", "type", "hash", "event_id", "body")]
    query = select(*columns).where(LEAF.c.index >= common).order_by(LEAF.c.index)
    rows = connection.execute(query)
    found = [
        Sealed(at, kind, digest, event, grounds.get(at), again=True, body=body)
        for at, kind, digest, event, body in rows
    ]
    days = [leaf.hash for leaf in found if leaf.type == erasures.LEAF]
    connection.execute(delete(ErasureDay).where(ErasureDay.hash.in_(days)))
    connection.execute(delete(ErasedLeaf).where(ErasedLeaf.index >= common))
    connection.execute(delete(LEAF).where(LEAF.c.index >= common))
    strays = [leaf for leaf in found if leaf.type not in ("mark/1", erasures.LEAF)]
    names = ("type", "hash", "event_id", "ground", "again")
    waiting = [{name: getattr(leaf, name) for name in names} for leaf in strays if leaf.body is None]
    if waiting:
        connection.execute(insert(QUEUE), waiting)
    return strays


def _refill(connection: Connection, journal: Journal, common: int) -> int:
    """Leaves from the file, each with the row that waits for it, if there is one; how many such rows there were."""
    waiting: defaultdict[tuple[str, bytes | None], list[Row[Any]]] = defaultdict(list)
    for queued in connection.execute(select(QUEUE).order_by(QUEUE.c.seq.desc())):
        waiting[queued.type, queued.hash].append(queued)
    tiles, last_mark = Tiles(connection), None
    known: list[Row[Any]] = []
    for first in range(common, journal.count, AT_ONCE):
        written = list(journal.read(first, AT_ONCE))
        back = []
        for index, leaf in enumerate(written, first):
            kind, digest, body = leaves.decode(leaf)
            row = waiting[kind, digest].pop() if waiting.get((kind, digest)) else None
            if kind == "mark/1":
                last_mark = datetime.fromisoformat(leaves.members(leaf)["at"])
            if row is None:
                back.append(Sealed(index, kind, digest, body=body))
            else:
                known.append(row)
                back.append(Sealed(index, kind, digest, row.event_id, row.ground, row.again))
        sealing.settle(connection, back)
        tiles.grow(first, [leaf_hash(leaf) for leaf in written])
    for start in range(0, len(known), AT_ONCE):
        connection.execute(delete(QUEUE).where(QUEUE.c.seq.in_([row.seq for row in known[start : start + AT_ONCE]])))
    marked = {"last_mark": last_mark} if last_mark else {}
    connection.execute(update(HEAD).values(size=journal.count, **marked))
    return len(known)


def _rotations(connection: Connection, common: int, signed: Signature, keys: list[Signer]) -> dict[int, str]:
    """Signature lines, by size, of the checkpoints that prove changes of the key: those that the old and the new key
    had signed are gone with the database, and are signed again, each as soon as it covers the new key's leaf."""
    first = connection.scalar(select(HEAD.c.key))
    announced = select(LEAF.c.index, LEAF.c.body).where(LEAF.c.type == "key/1", LEAF.c.index < signed.size)
    known, before = {key.verifier.encode(): key for key in keys}, str(first)
    found = {}
    for index, body in connection.execute(announced.order_by(LEAF.c.index)):
        key = str(leaves.members(body)["k"])
        if index >= common:
            if before not in known or key not in known:
                raise LogFault(f"The change of the key to {key} can only be proven with the old key, {before}.")
            text = checkpoint_text(signed.origin, index + 1, Tiles(connection).root(index + 1))
            found[index + 1] = split_note(sign_note(text, [known[before], known[key]]))[1]
        before = key
    return found


def _add_checkpoints(connection: Connection, common: int, size: int, signed: dict[int, str]) -> None:
    """What was signed, by size, with its signatures, and the tree of all leaves, which the sequencer will sign."""
    before = connection.scalar(select(func.max(CHECKPOINT.c.size))) or 0
    for at in sorted({*signed, size}):
        if at > common:
            row = {"size": at, "prev_size": before, "root": Tiles(connection).root(at), "made_at": clock.now()}
            connection.execute(insert(CHECKPOINT).values(**row, signatures=signed.get(at)))
            before = at
