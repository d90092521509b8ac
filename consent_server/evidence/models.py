"""The log's queue: commitments that wait to be sealed."""

import uuid

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from consent_server.database import Id, Serial, Sha256
from consent_server.extensions import Model


class LogQueue(Model):
    """A leaf to be. Written in the transaction of what it commits to, so that neither is there without the other.

    `event_id` says whose leaf it will be; an erasure clears it and leaves the commitment. No index on it: the queue
    is short, and every decision would pay for one.
    """

    __table_args__ = ({"sqlite_autoincrement": True},)

    seq: Mapped[int] = mapped_column(Serial, primary_key=True)
    type: Mapped[str] = mapped_column(String(16))
    hash: Mapped[bytes] = mapped_column(Sha256)
    event_id: Mapped[uuid.UUID | None] = mapped_column(Id)
