"""The log: commitments that wait to be sealed, and the tree they are sealed into."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from consent_server.database import Id, Serial, Sha256, UtcTime
from consent_server.extensions import Model

# What decisions are made under; sealed before anything that waits beside them.
FIRST = "type IN ('policy/1', 'notice/1', 'widget/1')"
NO_DECISION = "type <> 'consent/1'"


def _where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


class LogQueue(Model):
    """A leaf to be. Written in the transaction of what it commits to, so that neither is there without the other.

    `event_id` says whose leaf it will be; an erasure clears it, says on which `ground`, and leaves the commitment. No
    index on it: the queue is short, and every decision would pay for one. `again`: it was sealed before, and waits anew
    after a recovery or for a successor log.
    """

    __table_args__ = (
        Index("ix_log_queue_first", "seq", **_where(FIRST)),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(Serial, primary_key=True)
    type: Mapped[str] = mapped_column(String(16))
    hash: Mapped[bytes] = mapped_column(Sha256)
    event_id: Mapped[uuid.UUID | None] = mapped_column(Id)
    ground: Mapped[str | None] = mapped_column(String(16))
    again: Mapped[bool] = mapped_column(server_default=false())


class LogLeaf(Model):
    """A sealed leaf. `hash` is what it commits to; a leaf with members of its own has its bytes in `body` instead.
    Nothing of it changes but `event_id`, which an erasure clears."""

    __table_args__ = (Index("ix_log_leaf_type", "type", "hash", **_where(NO_DECISION)),)

    index: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=False)
    type: Mapped[str] = mapped_column(String(16))
    hash: Mapped[bytes | None] = mapped_column(Sha256)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    event_id: Mapped[uuid.UUID | None] = mapped_column(Id, unique=True)


class LogTile(Model):
    """A tile (C2SP tlog-tiles): up to 256 hashes of 32 bytes, one after the other. The last one of a level grows."""

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=False)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)


class LogCheckpoint(Model):
    """The tree at a size. Nothing extends a size twice. `signatures` are the signature lines of its note, once it is
    signed and so published."""

    size: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=False)
    prev_size: Mapped[int] = mapped_column(Serial, unique=True)
    root: Mapped[bytes] = mapped_column(Sha256)
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    signatures: Mapped[str | None] = mapped_column(Text)


class LogHead(Model):
    """The one row that whoever seals holds a lock on. `origin` and `key` (the first verifier key) are set once by
    `log init`. `holder` is the sequencer at work, until `held_until`. All that was queued by `swept_at` is sealed."""

    __table_args__ = (CheckConstraint("id = 1", "one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(Serial)
    origin: Mapped[str | None] = mapped_column(Text)
    key: Mapped[str | None] = mapped_column(Text)
    last_mark: Mapped[datetime | None] = mapped_column(UtcTime)
    swept_at: Mapped[datetime | None] = mapped_column(UtcTime)
    holder: Mapped[str | None] = mapped_column(String(32))
    held_until: Mapped[datetime | None] = mapped_column(UtcTime)
