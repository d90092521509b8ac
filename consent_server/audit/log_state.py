"""The log as an auditor asks of it: how far it is sealed, and whether it still holds what it held before."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from consent_server import clock
from consent_server.errors import Invalid
from consent_server.evidence import service as evidence
from consent_server.evidence.models import LogCheckpoint, LogLeaf
from consent_server.evidence.note import NoteFault, Verifier, open_note, parse_checkpoint
from consent_server.evidence.service import Checkpoint
from consent_server.evidence.tree import verify_consistency
from consent_server.extensions import db

# More than so many new leaves are not told apart by their kind.
TOLD_APART = 200_000


@dataclass(frozen=True)
class LogState:
    """`made_at`: of the newest signed checkpoint, which is none before the first one. `waiting`: leaves to be
    sealed, `oldest`: since when the first of them waits at the longest."""

    origin: str | None
    key: str | None
    checkpoint: Checkpoint | None
    made_at: datetime | None
    waiting: int
    oldest: datetime | None

    @property
    def age(self) -> timedelta | None:
        return clock.now() - self.made_at if self.made_at else None


@dataclass(frozen=True)
class Head:
    """What somebody keeps of a checkpoint."""

    size: int
    root: bytes


@dataclass(frozen=True)
class Comparison:
    """An old head beside the newest checkpoint. `holds`: the proof joins them; without it the log of now is not the
    log of then with more at its end. `added`: new leaves by kind; none where they are too many to be told apart."""

    old: Head
    new: Checkpoint
    proof: list[bytes]
    holds: bool
    added: dict[str, int] | None

    @property
    def count(self) -> int:
        return self.new.size - self.old.size


def state() -> LogState:
    """The log at this moment."""
    checkpoint, made = evidence.newest(), newest()
    return LogState(
        origin=evidence.origin(),
        key=evidence.verifier_key(),
        checkpoint=checkpoint,
        made_at=made[1] if made else None,
        waiting=evidence.waiting(),
        oldest=evidence.oldest_waiting(),
    )


def newest() -> tuple[int, datetime] | None:
    """Size and time of the newest signed checkpoint."""
    signed = select(LogCheckpoint.size, LogCheckpoint.made_at).where(LogCheckpoint.signatures.is_not(None))
    row = db.session.execute(signed.order_by(LogCheckpoint.size.desc()).limit(1)).one_or_none()
    return (row.size, row.made_at) if row else None


def read_note(note: str) -> Head:
    """The head of a checkpoint that somebody kept; raises Invalid where it is none of this log's."""
    try:
        text, _ = open_note(note, _verifiers())
        origin, size, root = parse_checkpoint(text)
    except NoteFault as fault:
        raise _not_ours(str(fault)) from fault
    if origin != evidence.origin():
        raise _not_ours(f"This checkpoint is of another log: {origin}.")
    return Head(size, root)


def _not_ours(why: str) -> Invalid:
    return Invalid("This is not a checkpoint of this log.", errors={"checkpoint": [why]})


def _verifiers() -> list[Verifier]:
    """Every key that has signed for this log."""
    first = evidence.first_key()
    later = [json.loads(change["leaf"])["k"] for change in evidence.rotations()]
    return [Verifier.parse(key) for key in ([first] if first else []) + later]


def compare(old: Head) -> Comparison | None:
    """Whether the newest checkpoint extends an old head; none before the first checkpoint."""
    new = evidence.newest()
    if new is None:
        return None
    if not 0 < old.size <= new.size:
        # Of an empty tree there is nothing to keep; one that is larger than ours is not ours.
        return Comparison(old, new, [], old.size == 0, _added(old.size, new.size) if old.size == 0 else None)
    proof = evidence.consistency(old.size, new.size)
    holds = verify_consistency(old.size, new.size, proof, old.root, new.root)
    return Comparison(old, new, proof, holds, _added(old.size, new.size))


def _added(old: int, new: int) -> dict[str, int] | None:
    """The leaves from one size to another, by kind."""
    if new - old > TOLD_APART:
        return None
    kinds = select(LogLeaf.type, func.count()).where(LogLeaf.index >= old, LogLeaf.index < new).group_by(LogLeaf.type)
    return {kind: count for kind, count in sorted((row[0], row[1]) for row in db.session.execute(kinds))}
