"""Counting what is sealed: each decision once, in the transaction that puts its leaf into the tree."""

import uuid
from collections import Counter
from datetime import date, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Date, Select, Table, bindparam, case, func, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite

from consent_server.audit.models import Rate, RateCategory
from consent_server.consent.models import RARE, ConsentEvent
from consent_server.database import Id
from consent_server.policy.models import Notice

# So many identifiers a query: no database takes a list without end.
BATCH = 2_000
DAY_MS = 86_400_000
EPOCH = date(1970, 1, 1)
KEYS = {
    Rate: ("locale", "action", "surface", "automated", "dnt", "gpc"),
    RateCategory: ("category", "allowed", "locale", "action", "automated"),
}
Counts = Counter[tuple[Any, ...]]


def count(connection: Connection, event_ids: list[uuid.UUID]) -> None:
    """Adds these decisions to the counters. They are sealed in the same transaction, and so are counted once."""
    rates: Counts = Counter()
    categories: Counts = Counter()
    query = _kinds(connection.dialect.name)
    for first in range(0, len(event_ids), BATCH):
        for kind in connection.execute(query, {"ids": event_ids[first : first + BATCH]}).mappings():
            day = kind["day"] if isinstance(kind["day"], date) else EPOCH + timedelta(days=kind["day"])
            for span, start in (("day", day), ("month", day.replace(day=1))):
                where = (kind["site"], span, start)
                rates[*where, *(kind[name] for name in KEYS[Rate])] += kind["count"]
                for category, allowed in kind["choices"].items():
                    key = (category, allowed, kind["locale"], kind["action"], kind["automated"])
                    categories[*where, *key] += kind["count"]
    _add(connection, Rate, rates)
    _add(connection, RateCategory, categories)


def _kinds(dialect: str) -> Select[Any]:
    """The decisions by kind, with how many there are of each; `day` as a date, or as days since 1970."""
    event = ConsentEvent
    if dialect == "postgresql":
        day: Any = func.timezone("UTC", event.recorded_at).cast(Date)
        # One parameter for all of them: thousands would take longer than the counting.
        among = event.event_id == func.any(bindparam("ids", type_=postgresql.ARRAY(Id)))
    else:
        day = literal_column(f"recorded_at / {DAY_MS}")
        among = event.event_id.in_(bindparam("ids", expanding=True))
    each = (
        select(
            event.site,
            day.label("day"),
            func.coalesce(Notice.locale, "").label("locale"),
            event.action,
            event.surface,
            event.automated,
            _signal("dnt", event.dnt_acted_on).label("dnt"),
            _signal("gpc", event.gpc_acted_on).label("gpc"),
            event.choices,
        )
        .outerjoin(Notice, Notice.sha256 == event.notice)
        .where(among)
        .subquery()
    )
    return select(*each.c, func.count().label("count")).group_by(*each.c)


def _signal(name: str, acted_on: Any) -> Any:
    """`none`, `sent`, or `acted`."""
    sent: ColumnElement[bool] = literal_column(f"coalesce({RARE[name]}, false)")
    return case((acted_on, "acted"), (sent, "sent"), else_="none")


def _add(connection: Connection, model: type[Rate] | type[RateCategory], counts: Counts) -> None:
    if not counts:
        return
    table = cast(Table, model.__table__)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(table)
    more = insert.on_conflict_do_update(
        index_elements=list(table.primary_key), set_={"count": table.c.count + insert.excluded.count}
    )
    names = ("site", "span", "start", *KEYS[model])
    rows = [dict(zip(names, key, strict=True)) | {"count": number} for key, number in sorted(counts.items())]
    connection.execute(more, rows)
