"""What others hold of the log: witnesses' cosignatures, and checkpoints that were sent away."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consent_server.database import UtcTime
from consent_server.extensions import Model


class Cosignature(Model):
    """A witness's verified signature line under the checkpoint of a size (C2SP tlog-cosignature)."""

    __tablename__ = "log_cosignature"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    line: Mapped[str] = mapped_column(Text)


class Delivery(Model):
    """A day's checkpoint on its way to whoever keeps it; `delivered_at` and `size` once it was taken."""

    __tablename__ = "log_delivery"
    __table_args__ = (CheckConstraint("channel IN ('mail', 'webhook')", "channel"),)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    tried_at: Mapped[datetime] = mapped_column(UtcTime)
    size: Mapped[int | None] = mapped_column(BigInteger)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcTime)
