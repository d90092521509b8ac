"""Decisions as rows. Events are insert-only; what changes lives in `consent_current`, which they can rebuild."""

import re
import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from consent_server.database import Id, Json, Sha256, UtcTime
from consent_server.extensions import Model

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
ACTIONS = ("accept_all", "reject_all", "custom", "withdraw", "signal", "imported")
SURFACES = ("banner", "preferences", "page", "api")
AUTOMATED = ("human", "declared", "suspected")
# What few decisions are, and auditors look for: an index of those alone costs little. Queries repeat the words, since
# SQLite takes such an index for no others.
RARE = {
    "dnt": "dnt_header = '1' OR dnt_js = '1'",
    "gpc": "gpc_header OR gpc_js",
    "automated": "automated <> 'human'",
    "action": "action IN ('withdraw', 'signal', 'imported')",
}


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    quoted = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({quoted})", column)


def _few(name: str, condition: str) -> Index:
    where = text(condition)
    # One of several rare values is gone to straight away.
    columns = ("site", *(() if name in ("dnt", "gpc") else (name,)), "recorded_at", "event_id")
    return Index(f"ix_consent_event_{name}", *columns, sqlite_where=where, postgresql_where=where)


class ConsentEvent(Model):
    """One decision. On PostgreSQL partitioned by month on its UUIDv7 key. No foreign keys: it is evidence, and each
    would cost a look-up a decision."""

    __table_args__ = (
        _one_of("action", ACTIONS),
        _one_of("surface", SURFACES),
        _one_of("automated", AUTOMATED),
        Index("ix_consent_event_visitor_id", "visitor_id", "recorded_at"),
        Index("ix_consent_event_site", "site", "recorded_at", "event_id"),
        *(_few(name, condition) for name, condition in RARE.items()),
        {"postgresql_partition_by": "RANGE (event_id)"},
    )

    event_id: Mapped[uuid.UUID] = mapped_column(Id, primary_key=True)
    visitor_id: Mapped[uuid.UUID | None] = mapped_column(Id)
    site: Mapped[str] = mapped_column(String(32))
    policy: Mapped[int]
    notice: Mapped[bytes] = mapped_column(Sha256)
    action: Mapped[str] = mapped_column(String(16))
    surface: Mapped[str] = mapped_column(String(16))
    choices: Mapped[dict[str, bool]] = mapped_column(Json)
    providers: Mapped[dict[str, bool]] = mapped_column(Json)
    dnt_header: Mapped[str | None] = mapped_column(String(1))
    dnt_js: Mapped[str | None] = mapped_column(String(1))
    dnt_acted_on: Mapped[bool]
    gpc_header: Mapped[bool]
    gpc_js: Mapped[bool]
    gpc_acted_on: Mapped[bool]
    recorded_at: Mapped[datetime] = mapped_column(UtcTime)
    decided_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    browser: Mapped[str | None] = mapped_column(String(64))
    os: Mapped[str | None] = mapped_column(String(64))
    device: Mapped[str | None] = mapped_column(String(16))
    automated: Mapped[str] = mapped_column(String(16))
    page: Mapped[str | None] = mapped_column(String(500))
    nonce: Mapped[bytes] = mapped_column(Sha256)
    digest: Mapped[bytes] = mapped_column(Sha256)


class Visitor(Model):
    """A consent ID and the hash of the secret that opens it."""

    id: Mapped[uuid.UUID] = mapped_column(Id, primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(Sha256)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class ConsentCurrent(Model):
    """The effective choice of one visitor on one site. `refused_at` holds, for each name ever refused, the latest
    time (milliseconds) at which a browser says it was: see `consent.effect`."""

    visitor_id: Mapped[uuid.UUID] = mapped_column(Id, primary_key=True)
    site: Mapped[str] = mapped_column(String(32), primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(Id)
    choices: Mapped[dict[str, bool]] = mapped_column(Json)
    providers: Mapped[dict[str, bool]] = mapped_column(Json)
    refused_at: Mapped[dict[str, int]] = mapped_column(Json)
    recorded_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)


class ErasedEvent(Model):
    """SHA-256 of an erased event's id, kept for as long as a late retry could bring it back."""

    hash: Mapped[bytes] = mapped_column(Sha256, primary_key=True)
    erased_at: Mapped[datetime] = mapped_column(UtcTime)


class RetentionRun(Model):
    """One run of `flask retention run` over a site. `ended_at` is empty while it runs, or where it was interrupted.
    `cutoff`: only what was sealed before a time mark up to then was due. `oldest_left`: the oldest decision that
    stayed, if any did."""

    __table_args__ = (Index("ix_retention_run_site", "site", "began_at"),)

    id: Mapped[uuid.UUID] = mapped_column(Id, primary_key=True)
    site: Mapped[str] = mapped_column(String(32))
    began_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    cutoff: Mapped[datetime] = mapped_column(UtcTime)
    events: Mapped[int] = mapped_column(BigInteger)
    oldest_left: Mapped[datetime | None] = mapped_column(UtcTime)
