"""Counters of decisions. They outlive what they count, and only grow."""

from datetime import date

from sqlalchemy import BigInteger, Date, String
from sqlalchemy.orm import Mapped, mapped_column

from consent_server.extensions import Model

SPANS = ("day", "month")


class Rate(Model):
    """How many decisions of a kind were recorded in one UTC day, or in one month (`span`), which begins at `start`.

    `locale` is empty where the notice is not ours. `dnt` and `gpc` are `none`, `sent`, or `acted` (sent and acted on).
    """

    site: Mapped[str] = mapped_column(String(32), primary_key=True)
    span: Mapped[str] = mapped_column(String(8), primary_key=True)
    start: Mapped[date] = mapped_column(Date, primary_key=True)
    locale: Mapped[str] = mapped_column(String(35), primary_key=True)
    action: Mapped[str] = mapped_column(String(16), primary_key=True)
    surface: Mapped[str] = mapped_column(String(16), primary_key=True)
    automated: Mapped[str] = mapped_column(String(16), primary_key=True)
    dnt: Mapped[str] = mapped_column(String(8), primary_key=True)
    gpc: Mapped[str] = mapped_column(String(8), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class RateCategory(Model):
    """How many decisions left a category on, or off."""

    site: Mapped[str] = mapped_column(String(32), primary_key=True)
    span: Mapped[str] = mapped_column(String(8), primary_key=True)
    start: Mapped[date] = mapped_column(Date, primary_key=True)
    category: Mapped[str] = mapped_column(String(64), primary_key=True)
    allowed: Mapped[bool] = mapped_column(primary_key=True)
    locale: Mapped[str] = mapped_column(String(35), primary_key=True)
    action: Mapped[str] = mapped_column(String(16), primary_key=True)
    automated: Mapped[str] = mapped_column(String(16), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
