"""The draft: what staff edit before it is published."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from consent_server.database import Json, UtcTime
from consent_server.extensions import Model


class Draft(Model):
    """One working copy a site: the site file's content. `row_version` tells concurrent editors apart."""

    site: Mapped[str] = mapped_column(ForeignKey("site.key"), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    row_version: Mapped[int] = mapped_column()
    changed_at: Mapped[datetime] = mapped_column(UtcTime)
    changed_by: Mapped[str] = mapped_column(String(254))

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012, as SQLAlchemy declares it
