"""Events on their way out: oldest first, in pieces, each a short reading of its own, and no objects made of them."""

import heapq
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Row, Select, Table, Text, bindparam, select, tuple_
from sqlalchemy import cast as sql_cast
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from consent_server.audit.schemas import Position
from consent_server.audit.service import CONDITIONS
from consent_server.consent.models import ConsentEvent
from consent_server.database import Id, UtcTime
from consent_server.evidence.models import LogLeaf
from consent_server.extensions import db
from consent_server.policy.models import Notice

PIECE = 5_000
START: Position = datetime(1971, 1, 1, tzinfo=UTC), uuid.UUID(int=0)
EVENT = cast(Table, ConsentEvent.__table__)
LEAF = cast(Table, LogLeaf.__table__)


class Rfc3339(GenericFunction[str]):
    """A `UtcTime` column as `clock.to_rfc3339` writes it: made by the database, which takes a tenth of the time."""

    type = Text()
    inherit_cache = True


@compiles(Rfc3339, "postgresql")
def _rfc3339_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    moment = compiler.process(element.clauses, **kw)
    return f"to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"


@compiles(Rfc3339, "sqlite")
def _rfc3339_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    moment = compiler.process(element.clauses, **kw)
    return f"strftime('%Y-%m-%dT%H:%M:%S', {moment} / 1000, 'unixepoch') || printf('.%03dZ', {moment} % 1000)"


class UuidText(GenericFunction[str]):
    """An `Id` column as its 36 characters."""

    type = Text()
    inherit_cache = True


@compiles(UuidText, "postgresql")
def _uuid_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **kw)} AS TEXT)"


@compiles(UuidText, "sqlite")
def _uuid_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    hexadecimal = compiler.process(element.clauses, **kw)
    parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    return " || '-' || ".join(f"substr({hexadecimal}, {first}, {length})" for first, length in parts)


# Those that many events have in common come last, in this order: `export_lines` formats them together.
COMMON = (
    "site policy notice action surface choices providers dnt_header dnt_js dnt_acted_on gpc_header gpc_js "
    "gpc_acted_on browser os device automated"
).split()
COLUMNS = (
    UuidText(EVENT.c.event_id).label("event_id"),
    Rfc3339(EVENT.c.recorded_at).label("recorded_at"),
    Rfc3339(EVENT.c.decided_at).label("decided_at"),
    Rfc3339(EVENT.c.expires_at).label("expires_at"),
    UuidText(EVENT.c.visitor_id).label("visitor"),
    EVENT.c.page,
    LEAF.c.index.label("log_index"),
    *(sql_cast(EVENT.c[name], Text) if name in ("choices", "providers") else EVENT.c[name] for name in COMMON),
)


@dataclass(frozen=True)
class Reading:
    """Events of these sites, prepared to be read after the request."""

    queries: tuple[Select[Any], ...]
    after: Position

    def rows(self) -> Iterator[Row[Any]]:
        """COLUMNS of each event, by (recorded_at, event_id) rising."""
        streams = [self._rows_of(query) for query in self.queries]
        return streams[0] if len(streams) == 1 else heapq.merge(*streams, key=lambda row: row[1::-1])

    def _rows_of(self, query: Select[Any]) -> Iterator[Row[Any]]:
        engine = db.engine

        def read(moment: datetime, event_id: uuid.UUID) -> Sequence[Row[Any]]:
            with engine.connect() as connection:
                return connection.execute(query, {"moment": moment, "after": event_id}).all()

        # The database reads the next piece while this one is made into lines: that takes as long.
        with ThreadPoolExecutor(1, "export") as ahead:
            coming = ahead.submit(read, *self.after)
            while len(piece := coming.result()) == PIECE:
                last = piece[-1]
                coming = ahead.submit(read, datetime.fromisoformat(last.recorded_at), uuid.UUID(last.event_id))
                yield from piece
            yield from piece


def prepare(sites: tuple[str, ...], filters: dict[str, Any], until: datetime, after: Position = START) -> Reading:
    """The events of these sites that match validated filters (`FilterSchema`), recorded not after `until` so that it
    comes to an end, and behind the position `after`."""
    matching = [CONDITIONS[name](ConsentEvent, filters[name]) for name in CONDITIONS if name in filters]
    behind = tuple_(EVENT.c.recorded_at, EVENT.c.event_id) > tuple_(
        bindparam("moment", type_=UtcTime()), bindparam("after", type_=Id)
    )
    # One query a site: only with a single one does the index (site, recorded_at, event_id) give the order.
    queries = tuple(
        select(*COLUMNS)
        .select_from(EVENT.outerjoin(LEAF, LEAF.c.event_id == EVENT.c.event_id))
        .where(EVENT.c.site == site, EVENT.c.recorded_at <= until, behind, *matching)
        .order_by(EVENT.c.recorded_at, EVENT.c.event_id)
        .limit(PIECE)
        for site in sites
    )
    return Reading(queries, after)


def notice_locales() -> dict[bytes, str]:
    """The locale of every notice that is ours, by its SHA-256."""
    return {sha256: locale for sha256, locale in db.session.execute(select(Notice.sha256, Notice.locale))}
