"""The log for other rooms: what is to be sealed, and what proves that it was."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text

from consent_server.errors import NotFound
from consent_server.evidence import erasures, leaves, purges, sealing
from consent_server.evidence.entries import read_entries
from consent_server.evidence.erasures import DayOfErasures
from consent_server.evidence.models import NO_DECISION, LogCheckpoint, LogHead, LogLeaf, LogQueue
from consent_server.evidence.note import checkpoint_text, encode_base64
from consent_server.evidence.outside_models import Cosignature
from consent_server.evidence.tiles import Tiles
from consent_server.evidence.tree import consistency_path, inclusion_path
from consent_server.extensions import db


@dataclass(frozen=True)
class Checkpoint:
    """A signed tree head. `note` is the whole note, with the cosignatures that are known for its size."""

    size: int
    root: bytes
    note: str


def enqueue(leaf_type: str, leaf_hash: bytes) -> None:
    """Queues a leaf in the present transaction: `staff/1`, `export/1`…; it is sealed within about a second."""
    db.session.add(LogQueue(type=leaf_type, hash=leaf_hash))


def append(leaf_type: str, leaf_hash: bytes) -> int:
    """Seals a leaf in the present transaction (`policy/1`, `notice/1`, `widget/1`), so that nothing is shown before
    it is sealed; its index. Whoever else seals waits until the transaction ends."""
    return sealing.append(db.session.connection(), leaf_type, leaf_hash)


def append_members(leaf_type: str, **members: Any) -> int:
    """Seals a leaf with members of its own (`key/1`, `purge/1`) in the present transaction; its index. Members are
    strings and lists of them; raises ValueError where the leaf would have more than 65,535 bytes."""
    return sealing.append(db.session.connection(), leaf_type, None, leaves.write(leaf_type, **members))


def forget(event_ids: list[uuid.UUID], ground: str) -> None:
    """Cuts the tie between leaves, queued or sealed, and erased events; the commitments stay and say nothing."""
    erasures.cut_ties(db.session.connection(), event_ids, ground)


def sealed_by(moment: datetime) -> int:
    """How many leaves a time mark proves to be no younger than a moment."""
    return purges.sealed_by(db.session.connection(), moment)


def leaves_below(event_ids: list[uuid.UUID], index: int) -> dict[uuid.UUID, int]:
    """Of these events, those whose leaf stands below an index, with their leaves' indexes; locked until the
    transaction ends."""
    return purges.leaves_below(db.session.connection(), event_ids, index)


def purge(indexes: Iterable[int], rule: str) -> None:
    """Cuts the ties between leaves and events that were kept long enough, and seals which leaves they were. `rule`
    says why, in words."""
    purges.purge(db.session.connection(), indexes, rule)


def erasure_days() -> Iterator[DayOfErasures]:
    """Every day on which something was erased, oldest first, as its leaf commits to it."""
    return erasures.erasure_days(db.session.connection())


def newest() -> Checkpoint | None:
    """The newest signed checkpoint."""
    signed = select(LogCheckpoint).where(LogCheckpoint.signatures.is_not(None))
    return _checkpoint(db.session.scalar(signed.order_by(LogCheckpoint.size.desc()).limit(1)))


def checkpoint_at(size: int) -> Checkpoint | None:
    """The checkpoint of a size; none where none was signed at that size."""
    return _checkpoint(db.session.get(LogCheckpoint, size))


def _checkpoint(row: LogCheckpoint | None) -> Checkpoint | None:
    if row is None or row.signatures is None:
        return None
    known = select(Cosignature.line).where(Cosignature.size == row.size).order_by(Cosignature.name)
    note = f"{checkpoint_text(origin() or '', row.size, row.root)}\n{row.signatures}"
    return Checkpoint(row.size, row.root, note + "".join(db.session.scalars(known)))


def origin() -> str | None:
    """The log's name; none where the log has not been started."""
    return db.session.scalar(select(LogHead.origin))


def verifier_key() -> str | None:
    """The newest verifier key that stands under a signed checkpoint; none where the log has not been started."""
    checkpoint = newest()
    return (all_keys(checkpoint.size) if checkpoint else [first_key()])[-1]


def first_key() -> str | None:
    """The verifier key that the log was started with."""
    return db.session.scalar(select(LogHead.key))


def all_keys(size: int | None = None) -> list[str | None]:
    """The verifier keys of the log, oldest first; those announced below a size, or all."""
    below = (db.session.scalar(select(LogHead.size)) or 0) if size is None else size
    return [first_key(), *(str(leaves.members(leaf)["k"]) for _, leaf in key_leaves(below))]


def key_leaves(size: int) -> list[tuple[int, bytes]]:
    """Index and bytes of the `key/1` leaves below a size."""
    query = select(LogLeaf.index, LogLeaf.body).where(LogLeaf.type == "key/1", text(NO_DECISION))
    found = db.session.execute(query.where(LogLeaf.index < size).order_by(LogLeaf.index))
    return [(index, body) for index, body in found if body is not None]


def rotations() -> list[dict[str, str]]:
    """Each change of key: the bytes of its `key/1` leaf, and their proof under the checkpoint that both keys signed."""
    checkpoint = newest()
    found = []
    for index, body in key_leaves(checkpoint.size) if checkpoint else ():
        signed = select(LogCheckpoint).where(LogCheckpoint.size > index, LogCheckpoint.signatures.is_not(None))
        both = _checkpoint(db.session.scalar(signed.order_by(LogCheckpoint.size).limit(1)))
        if both is not None:
            found.append({"leaf": body.decode(), "proof": prove(index, both)})
    return found


def leaf_of_event(event_id: uuid.UUID) -> int | None:
    """The index of an event's leaf; none until it is sealed."""
    return db.session.scalar(select(LogLeaf.index).where(LogLeaf.event_id == event_id))


def leaves_of(leaf_type: str, hashes: Iterable[bytes]) -> dict[bytes, int]:
    """The first index at which each hash is sealed under a type; not for `consent/1`."""
    query = select(LogLeaf.hash, func.min(LogLeaf.index)).where(LogLeaf.type == leaf_type, text(NO_DECISION))
    found = db.session.execute(query.where(LogLeaf.hash.in_(list(hashes))).group_by(LogLeaf.hash))
    return {digest: index for digest, index in found if digest is not None}


def entries(first: int, count: int) -> Iterator[tuple[int, bytes]]:
    """Index and bytes of leaves in a row, as many as there are; reads on while they are taken."""
    return read_entries(db.session.connection(), first, count)


def inclusion(index: int, size: int) -> list[bytes]:
    """The proof that a leaf is in the tree of a size; raises NotFound where it is not."""
    _require(0 <= index < size, size)
    return inclusion_path(index, size, _tiles(size, index).subtree)


def consistency(old: int, new: int) -> list[bytes]:
    """The proof that one tree extends another; raises NotFound where there are no such trees."""
    _require(0 < old <= new, new)
    return consistency_path(old, new, _tiles(new, old - 1, old).subtree)


def _tiles(size: int, *leaves: int) -> Tiles:
    tiles = Tiles(db.session.connection())
    tiles.fetch(size, *leaves)
    return tiles


def _require(ordered: bool, size: int) -> None:
    if not ordered or size > (db.session.scalar(select(LogHead.size)) or 0):
        raise NotFound("The log has no tree of this size, or no such leaf in it.")


def prove(index: int, checkpoint: Checkpoint) -> str:
    """A leaf's proof under a checkpoint (C2SP tlog-proof@v1); raises NotFound where that does not cover it."""
    path = inclusion(index, checkpoint.size)
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *map(encode_base64, path), "", checkpoint.note]
    return "\n".join(lines)


def tile(level: int, index: int) -> bytes:
    """All hashes that a tile has at present."""
    return Tiles(db.session.connection()).tile(level, index)


def waiting() -> int:
    """How many leaves wait to be sealed."""
    return db.session.scalar(select(func.count()).select_from(LogQueue)) or 0


def oldest_waiting() -> datetime | None:
    """Since when the oldest leaf has waited, at the longest; none where nothing waits, or nothing was ever sealed."""
    swept = select(LogHead.swept_at).where(select(LogQueue.seq).exists())
    return db.session.scalar(swept)
