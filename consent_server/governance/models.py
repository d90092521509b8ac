"""Findings: what was seen on pages of a site and should not have been there."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from consent_server.database import UtcTime
from consent_server.extensions import Model

KINDS = ("host", "cookie")
FAULTS = ("undeclared", "not-allowed")


class Finding(Model):
    """One host or cookie name on one site. `fault`: no provider declares it, or one does that the visitor had not
    allowed. `page` is where it was seen first, by the site's rule for pages. `days`: on how many UTC days it was seen;
    a count of reports would be a write for each of them."""

    __table_args__ = (
        CheckConstraint("kind IN ('host', 'cookie')", "kind"),
        CheckConstraint("fault IN ('undeclared', 'not-allowed')", "fault"),
    )

    site: Mapped[str] = mapped_column(ForeignKey("site.key"), primary_key=True)
    fault: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(253), primary_key=True)
    page: Mapped[str] = mapped_column(String(500))
    first_seen_at: Mapped[datetime] = mapped_column(UtcTime)
    last_seen_on: Mapped[str] = mapped_column(String(10))
    days: Mapped[int] = mapped_column(default=1)
