"""Builds of the script: kept, because a page may still hold an old one."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from consent_server.database import Sha256, UtcTime
from consent_server.extensions import Model

NAME_LENGTH = 32


class WidgetFile(Model):
    """One built file: the script before configuration is inserted (`choices`), a part on demand, or a site's script."""

    sha256: Mapped[bytes] = mapped_column(Sha256, primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_at: Mapped[datetime] = mapped_column(UtcTime)
