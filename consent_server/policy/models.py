"""What is published: policy versions and notices, both immutable."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consent_server.database import Json, Sha256, UtcTime
from consent_server.extensions import Model


class PolicyVersion(Model):
    """A published snapshot. `document` is its RFC 8785 canonical JSON, byte for byte what `sha256` is of;
    `content` is the site file's content it was made from, for export and comparison."""

    __table_args__ = (
        UniqueConstraint("site", "number"),
        UniqueConstraint("site", "sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(ForeignKey("site.key"))
    number: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(Sha256)
    document: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    content: Mapped[dict[str, Any]] = mapped_column(Json, deferred=True)
    epoch: Mapped[int]
    material: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(2000))
    published_at: Mapped[datetime] = mapped_column(UtcTime)
    published_by: Mapped[str] = mapped_column(String(254))
    approved_by: Mapped[str | None] = mapped_column(String(254))


class Notice(Model):
    """The exact texts one locale was shown, with one build of the script."""

    sha256: Mapped[bytes] = mapped_column(Sha256, primary_key=True)
    policy_version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id"), index=True)
    locale: Mapped[str] = mapped_column(String(35))
    widget: Mapped[bytes] = mapped_column(Sha256)
    document: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    written_at: Mapped[datetime] = mapped_column(UtcTime)


class ArchivedText(Model):
    """A text of the policy from before its first version: Markdown, kept as it was. No row is ever changed."""

    site: Mapped[str] = mapped_column(ForeignKey("site.key"), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(35))
    text: Mapped[str] = mapped_column(Text, deferred=True)
    sha256: Mapped[bytes] = mapped_column(Sha256)
    archived_at: Mapped[datetime] = mapped_column(UtcTime)
    archived_by: Mapped[str] = mapped_column(String(254))


class Hold(Model):
    """A provider that one person held back at once, by publishing version `number`: to be looked at afterwards. It is
    settled when somebody else has confirmed it, or when a version is published in which the provider is not held."""

    site: Mapped[str] = mapped_column(ForeignKey("site.key"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    provider: Mapped[str] = mapped_column(String(32))
    held_at: Mapped[datetime] = mapped_column(UtcTime)
    held_by: Mapped[str] = mapped_column(String(254))
    reason: Mapped[str] = mapped_column(String(2000))
    settled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    settled_by: Mapped[str | None] = mapped_column(String(254))
