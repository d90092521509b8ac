"""Accounts, their roles, sessions and tokens, and the record of what staff did."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consent_server.database import Id, Json, Sha256, UtcTime
from consent_server.extensions import Model

ROLES = ("editor", "approver", "auditor", "dpo", "admin")
SCOPES = ("audit:read", "registry:write", "registry:publish", "rights:write")
PURPOSES = ("invitation", "reset", "sign-in")


class Staff(Model):
    """An account of a person. `failures` counts wrong passwords and codes since the last sign-in.

    An empty `password_hash` is no password: the invitation has not been taken up.
    """

    id: Mapped[uuid.UUID] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcTime)

    roles: Mapped[list["StaffRole"]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class StaffRole(Model):
    """One role of one account on one site."""

    __table_args__ = (
        UniqueConstraint("staff_id", "site", "role"),
        CheckConstraint(f"role IN ({', '.join(repr(role) for role in ROLES)})", "role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    site: Mapped[str] = mapped_column(ForeignKey("site.key"))
    role: Mapped[str] = mapped_column(String(16))


class SecondFactor(Model):
    """Codes by time (RFC 6238). In force once `confirmed_at` is set: its owner has typed a code of it.

    `secret` is encrypted under the server's key. `used_step` is the time step of the last code that was taken: none of
    it or before is taken again. `recovery` holds the SHA-256 (hexadecimal) of the codes that are left.
    """

    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(200))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    used_step: Mapped[int] = mapped_column(default=0)
    recovery: Mapped[list[str]] = mapped_column(Json)


class OneTimeLink(Model):
    """A key that works once and for a while: to take up an invitation, to set a new password, or, in the form between
    password and code, to say whose password was right. The row holds the token's SHA-256."""

    __table_args__ = (CheckConstraint(f"purpose IN ({', '.join(repr(purpose) for purpose in PURPOSES)})", "purpose"),)

    token_hash: Mapped[bytes] = mapped_column(Sha256, primary_key=True)
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)

    staff: Mapped[Staff] = relationship(lazy="joined", innerjoin=True)


class StaffSession(Model):
    """A signed-in browser. The cookie holds the token, the row its SHA-256, so that a session can be ended. `agent` is
    browser and system as its owner knows them ("Firefox on Ubuntu")."""

    token_hash: Mapped[bytes] = mapped_column(Sha256, primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(Id, unique=True)
    agent: Mapped[str] = mapped_column(String(80))
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcTime)
    used_at: Mapped[datetime] = mapped_column(UtcTime)

    staff: Mapped[Staff] = relationship(lazy="joined")


class ApiToken(Model):
    """A bearer token of an account for one site: its scopes count only as far as the owner's present roles do."""

    token_hash: Mapped[bytes] = mapped_column(Sha256, primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(Id, unique=True)
    name: Mapped[str] = mapped_column(String(80))
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"), index=True)
    site: Mapped[str] = mapped_column(ForeignKey("site.key"))
    scopes: Mapped[list[str]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)

    staff: Mapped[Staff] = relationship(lazy="joined")


class StaffEvent(Model):
    """What somebody on the staff did. Insert-only, and committed to the log with its nonce.

    `detail` never holds what identifies a visitor: it would outlive the visitor's erasure.
    """

    __table_args__ = (Index("ix_staff_event_at", "at"), Index("ix_staff_event_actor", "actor", "verb", "id"))

    id: Mapped[uuid.UUID] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    actor: Mapped[str] = mapped_column(String(254))
    verb: Mapped[str] = mapped_column(String(64))
    site: Mapped[str | None] = mapped_column(String(32))
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    nonce: Mapped[bytes] = mapped_column(Sha256)
