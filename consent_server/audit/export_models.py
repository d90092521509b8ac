"""What was taken away: one row for each export."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from consent_server.database import Id, Json, Sha256, UtcTime
from consent_server.extensions import Model

KINDS = ("csv", "jsonl", "bundle", "sample", "pack")
STATES = ("running", "whole", "interrupted")


class Export(Model):
    """A file that somebody took away. Once it has ended its row is evidence, and never changes.

    `filters` holds names alone, and nothing here identifies a visitor: the row outlives an erasure. `rows` and
    `heard_at` are what was known last of one that runs; `sha256` is of the bytes that were sent. `hash` is what its
    leaf commits to, under `nonce`.
    """

    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in KINDS)})", "kind"),
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})", "state"),
    )

    id: Mapped[uuid.UUID] = mapped_column(Id, primary_key=True)
    actor: Mapped[str] = mapped_column(String(254))
    kind: Mapped[str] = mapped_column(String(16))
    sites: Mapped[list[str]] = mapped_column(Json)
    filters: Mapped[list[str]] = mapped_column(Json)
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    begun_at: Mapped[datetime] = mapped_column(UtcTime)
    heard_at: Mapped[datetime] = mapped_column(UtcTime)
    state: Mapped[str] = mapped_column(String(16))
    rows: Mapped[int] = mapped_column(BigInteger)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    sha256: Mapped[bytes | None] = mapped_column(Sha256)
    nonce: Mapped[bytes] = mapped_column(Sha256)
    hash: Mapped[bytes | None] = mapped_column(Sha256)
