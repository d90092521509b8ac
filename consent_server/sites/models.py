"""A site: a set of web origins under one policy."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from consent_server.database import Json, UtcTime
from consent_server.extensions import Model


class Site(Model):
    """What requests need to know of a site. `revision` rises with every change, so that workers see it at once."""

    __table_args__ = (
        CheckConstraint("dnt IN ('record', 'refuse')", "dnt"),
        CheckConstraint("gpc IN ('record', 'refuse-marketing', 'refuse-all')", "gpc"),
        CheckConstraint("page IN ('origin', 'path')", "page"),
    )

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    origins: Mapped[list[str]] = mapped_column(Json)
    cookie_domains: Mapped[list[str]] = mapped_column(Json)
    locales: Mapped[list[str]] = mapped_column(Json)
    default_locale: Mapped[str] = mapped_column(String(35))
    contact: Mapped[dict[str, Any]] = mapped_column(Json)
    dnt: Mapped[str] = mapped_column(String(16))
    gpc: Mapped[str] = mapped_column(String(16))
    page: Mapped[str] = mapped_column(String(8))
    choice_ttl_days: Mapped[int]
    proof_retention_days: Mapped[int]
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
