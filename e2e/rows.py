"""What the server has written, read beside it from its own database."""

import uuid
from typing import Any, cast

from sqlalchemy import Connection, Table, create_engine, event, select

from consent_server.consent.models import ConsentEvent

EVENT = cast(Table, ConsentEvent.__table__)


class Rows:
    """The consent events that were recorded since this object was made."""

    def __init__(self, database_url: str) -> None:
        self._engine = create_engine(database_url)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only=ON"))
        self._before = {row["event_id"] for row in self._read()}

    def _read(self) -> list[dict[str, Any]]:
        with self._engine.connect() as connection:
            return _events(connection)

    def all(self) -> list[dict[str, Any]]:
        """One dict a row, by column, oldest first."""
        return [row for row in self._read() if row["event_id"] not in self._before]

    def only(self) -> dict[str, Any]:
        """The one row there is."""
        rows = self.all()
        assert len(rows) == 1, rows
        return rows[0]

    def of(self, visitor: uuid.UUID | None) -> list[dict[str, Any]]:
        return [row for row in self.all() if row["visitor_id"] == visitor]

    def close(self) -> None:
        self._engine.dispose()


def _events(connection: Connection) -> list[dict[str, Any]]:
    query = select(EVENT).order_by(EVENT.c.recorded_at, EVENT.c.event_id)
    return [dict(row) for row in connection.execute(query).mappings()]
