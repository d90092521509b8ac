"""The draft: what staff edit before it is published, and what they say of it."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from consent_server.database import Id, Json, UtcTime
from consent_server.extensions import Model

DRAFT, IN_REVIEW, APPROVED = STATES = ("draft", "in-review", "approved")


class Draft(Model):
    """One working copy a site, there as long as the site is: the site file's content as it is to become.

    `published` is the content of policy version `base`, from which it began; where the two are equal, nothing is to be
    published. `row_version` rises with every change and never falls, so that it tells concurrent editors apart.
    `editors` are the e-mails of all who changed it since. `publish_at` and what follows it are set while an approved
    draft waits for its time.
    """

    __table_args__ = (CheckConstraint(f"state IN ({', '.join(map(repr, STATES))})", "state"),)

    site: Mapped[str] = mapped_column(ForeignKey("site.key"), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    published: Mapped[dict[str, Any]] = mapped_column(Json)
    base: Mapped[int]
    row_version: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column(String(16), default=DRAFT)
    editors: Mapped[list[str]] = mapped_column(Json)
    changed_at: Mapped[datetime] = mapped_column(UtcTime)
    changed_by: Mapped[str] = mapped_column(String(254))
    submitted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    submitted_by: Mapped[str | None] = mapped_column(String(254))
    approved_at: Mapped[datetime | None] = mapped_column(UtcTime)
    approved_by: Mapped[str | None] = mapped_column(String(254))
    publish_at: Mapped[datetime | None] = mapped_column(UtcTime)
    publish_by: Mapped[str | None] = mapped_column(String(254))
    material: Mapped[bool | None]
    reason: Mapped[str | None] = mapped_column(String(2000))

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012, as SQLAlchemy declares it

    @property
    def changed(self) -> bool:
        """Whether there is anything to publish."""
        return self.content != self.published


class DraftComment(Model):
    """What somebody said of a change, or of the whole draft (`path` is empty). `number` is the policy version that was
    published of the draft; none while it is open."""

    __table_args__ = (Index("ix_draft_comment_site", "site", "number"),)

    id: Mapped[uuid.UUID] = mapped_column(Id, primary_key=True)
    site: Mapped[str] = mapped_column(ForeignKey("site.key"))
    path: Mapped[str] = mapped_column(String(500))
    author: Mapped[str] = mapped_column(String(254))
    at: Mapped[datetime] = mapped_column(UtcTime)
    text: Mapped[str] = mapped_column(String(2000))
    number: Mapped[int | None]


class CookieSuggestion(Model):
    """One line of a list of known cookies (`flask registry suggestions`): what a cookie of this name probably is. The
    whole table is replaced when a list is loaded. `prefix`: names that begin with `name` are meant."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    prefix: Mapped[bool]
    provider: Mapped[str] = mapped_column(String(120))
    label: Mapped[str] = mapped_column(String(40))
    host: Mapped[str] = mapped_column(String(253))
    purpose: Mapped[str] = mapped_column(String(1000))
    lifetime: Mapped[str] = mapped_column(String(200))
    controller: Mapped[str] = mapped_column(String(200))
    privacy_url: Mapped[str] = mapped_column(String(500))
