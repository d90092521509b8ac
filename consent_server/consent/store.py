"""Decisions to and from the database: SQLAlchemy Core, because one decision is the hot path."""

import uuid
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    Select,
    String,
    Table,
    bindparam,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from consent_server.consent.event import erased_hash
from consent_server.consent.models import (
    ConsentCurrent,
    ConsentEvent,
    ErasedEvent,
    Visitor,
)
from consent_server.driver import Statement, driver
from consent_server.evidence.models import LogQueue
from consent_server.extensions import db
from consent_server.sites.models import Site

EVENT = cast(Table, ConsentEvent.__table__)
VISITOR = cast(Table, Visitor.__table__)
CURRENT = cast(Table, ConsentCurrent.__table__)
ERASED = cast(Table, ErasedEvent.__table__)
QUEUE = cast(Table, LogQueue.__table__)
SITE = cast(Table, Site.__table__)
LEAF = "consent/1"


def find_visitor(visitor_id: uuid.UUID, site: str) -> Any:
    """The visitor's secret hash and current choice with its event; none where unknown. `insert_event` sees to it that
    what was read here still holds."""
    engine = driver().engine
    with engine.connect() as connection:
        return connection.execute(_visitor_query(), {"visitor_id": visitor_id, "site": site}).one_or_none()


@cache
def _visitor_query() -> Select[Any]:
    joined = VISITOR.outerjoin(
        CURRENT,
        (CURRENT.c.visitor_id == VISITOR.c.id) & (CURRENT.c.site == bindparam("site", type_=String)),
    )
    columns = (VISITOR.c.secret_hash, CURRENT.c.event_id, CURRENT.c.choices, CURRENT.c.providers, CURRENT.c.refused_at)
    return select(*columns).select_from(joined).where(VISITOR.c.id == bindparam("visitor_id"))


def insert_event(values: dict[str, Any], *, visitor: str) -> bool:
    """Writes an event, its place in the log's queue and, for a visitor, the current choice; all or nothing.

    `visitor` is `none`, `new`, `known`, or `back`: known, and with a current choice, made by the event `before`.
    Returns whether the event was written: it is not where its id is there already or was erased, or where the site's
    revision or the visitor's current choice has changed since the caller looked.
    """
    run = driver()
    try:
        if run.on_sqlite:
            with run.transaction() as cursor:
                for statement in _sqlite_inserts(visitor):
                    if cursor.execute(statement.text, statement.bind(values)).rowcount != 1:
                        raise _NotWritten
            return True
        statement = _postgresql_insert(visitor)
        with run.cursor() as cursor:
            return bool(cursor.execute(statement.text, statement.bind(values)).fetchone()[0])
    except (_NotWritten, run.dialect.loaded_dbapi.IntegrityError):
        return False


class _NotWritten(Exception):
    """Nothing was inserted; what was begun is undone."""


def _guarded_event(dialect: Any, visitor: str) -> Any:
    """The event's insert, which finds nothing to insert once the site or the visitor has changed, or the event was
    erased."""
    columns = list(EVENT.c)
    erased = exists().where(ERASED.c.hash == bindparam("erased_hash"))
    row = select(*(bindparam(column.name, type_=column.type) for column in columns)).where(
        SITE.c.key == bindparam("site", type_=String),
        SITE.c.revision == bindparam("revision"),
        ~erased,
    )
    this_visitor = bindparam("visitor_id", type_=VISITOR.c.id.type)
    if visitor == "known":
        row = row.where(select(VISITOR.c.id).where(VISITOR.c.id == this_visitor).with_for_update().exists())
    if visitor == "back":
        unchanged = select(CURRENT.c.event_id).where(
            CURRENT.c.visitor_id == this_visitor,
            CURRENT.c.site == bindparam("site", type_=String),
            CURRENT.c.event_id == bindparam("before", type_=CURRENT.c.event_id.type),
        )
        row = row.where(unchanged.with_for_update().exists())
    return dialect.insert(EVENT).from_select([c.name for c in columns], row).on_conflict_do_nothing()


def _visitor_row() -> list[Any]:
    return [
        bindparam("visitor_id", type_=VISITOR.c.id.type),
        bindparam("secret_hash", type_=VISITOR.c.secret_hash.type),
        bindparam("recorded_at", type_=VISITOR.c.created_at.type),
    ]


def _current_row() -> list[Any]:
    names = {"choices": "current_choices", "providers": "current_providers"}
    return [bindparam(names.get(column.name, column.name), type_=column.type) for column in CURRENT.c]


def _queue_row() -> list[Any]:
    return [
        literal(LEAF, String).label("type"),
        bindparam("commitment", type_=QUEUE.c.hash.type),
        bindparam("event_id", type_=QUEUE.c.event_id.type),
    ]


def _upsert_current(insert: Any) -> Any:
    changed = (
        "event_id",
        "choices",
        "providers",
        "refused_at",
        "recorded_at",
        "expires_at",
    )
    return insert.on_conflict_do_update(
        index_elements=["visitor_id", "site"],
        set_={name: insert.excluded[name] for name in changed},
    )


@cache
def _postgresql_insert(visitor: str) -> Statement:
    """One statement, so one round trip: the event, and what follows from it only if it was written."""
    event = _guarded_event(postgresql, visitor).returning(EVENT.c.event_id).cte("event")

    def follow(table: Any, names: list[str], row: list[Any]) -> Any:
        return postgresql.insert(table).from_select(names, select(*row).select_from(event))

    written = [follow(QUEUE, ["type", "hash", "event_id"], _queue_row()).cte("queued")]
    if visitor == "new":
        written.append(follow(VISITOR, [c.name for c in VISITOR.c], _visitor_row()).cte("minted"))
    if visitor != "none":
        insert = follow(CURRENT, [c.name for c in CURRENT.c], _current_row())
        written.append((_upsert_current(insert) if visitor == "back" else insert).cte("current"))
    return Statement(select(func.count()).select_from(event).add_cte(*written), driver().dialect)


@cache
def _sqlite_inserts(visitor: str) -> list[Statement]:
    statements: list[Any] = [
        _guarded_event(sqlite, visitor),
        sqlite.insert(QUEUE).values(dict(zip(("type", "hash", "event_id"), _queue_row(), strict=True))),
    ]
    if visitor == "new":
        statements.append(sqlite.insert(VISITOR).values(dict(zip(VISITOR.c.keys(), _visitor_row(), strict=True))))
    if visitor != "none":
        insert = sqlite.insert(CURRENT).values(dict(zip(CURRENT.c.keys(), _current_row(), strict=True)))
        statements.append(_upsert_current(insert) if visitor == "back" else insert)
    return [Statement(statement, driver().dialect) for statement in statements]


def find_event(event_id: uuid.UUID) -> Any:
    """What an answer to a repeated event needs of the row; none where there is no such event."""
    columns = (
        EVENT.c.site, EVENT.c.visitor_id, EVENT.c.digest, EVENT.c.policy, EVENT.c.choices, EVENT.c.providers,
        EVENT.c.recorded_at, EVENT.c.expires_at,
    )  # fmt: skip
    return db.session.execute(select(*columns).where(EVENT.c.event_id == event_id)).one_or_none()


def is_erased(event_id: uuid.UUID) -> bool:
    query = select(ERASED.c.hash).where(ERASED.c.hash == erased_hash(event_id))
    return db.session.execute(query).one_or_none() is not None
