"""Leaves that belong to no row any more."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from consent_server.database import Serial, Sha256
from consent_server.extensions import Model

GROUNDS = ("visitor", "request", "retention")


class ErasedLeaf(Model):
    """A consent leaf whose event was erased. No time and nothing of the visitor: what was erased together must not
    be told from what was erased on the same day. `day` is the UTC day whose `erasure/1` leaf names it."""

    __table_args__ = (
        CheckConstraint("ground IN ('visitor', 'request', 'retention')", "ground"),
        Index("ix_erased_leaf_day", "day"),
    )

    # On SQLite it is the row's own number, so that no other one keeps the order in which rows came.
    index: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date)
    ground: Mapped[str] = mapped_column(String(16))


class ErasureDay(Model):
    """A UTC day whose erasures are committed to: `hash` is what its `erasure/1` leaf says, opened by `nonce`."""

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    nonce: Mapped[bytes] = mapped_column(Sha256)
    hash: Mapped[bytes] = mapped_column(Sha256)
