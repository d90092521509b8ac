"""Base class, column types and connection rules, the same on SQLite and PostgreSQL."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Dialect,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Uuid,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

from consent_server import clock

BUSY_TIMEOUT_MS = 10_000


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC datetime, cut to milliseconds: `timestamptz` on PostgreSQL, integer milliseconds on SQLite."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True, precision=3))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return clock.to_millis(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name == "postgresql":
            return value  # type: ignore[no-any-return]
        return clock.from_millis(value)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Serial = BigInteger().with_variant(Integer, "sqlite")
Sha256 = LargeBinary(32)
Id = Uuid(as_uuid=True)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def engine_options(url: str) -> dict[str, Any]:
    """Options for `create_engine`. Parameters never reach an error message: they may identify a visitor."""
    # A thread may hold two connections: its session's, and the hot path's.
    options: dict[str, Any] = {"hide_parameters": True, "pool_size": 16, "max_overflow": 32}
    if url.startswith("sqlite"):
        options["connect_args"] = {"timeout": BUSY_TIMEOUT_MS / 1000}
    else:
        options["connect_args"] = {"options": "-c synchronous_commit=on", "application_name": "consent_server"}
    return options


def prepare_engine(engine: Engine) -> None:
    """Sets SQLite's rules on each new connection.

    With `synchronous=FULL` an answered decision survives a power cut; `secure_delete` overwrites what is erased.
    A transaction that reads and then writes begins IMMEDIATE (execution option `immediate`): a deferred one that
    upgrades gets SQLITE_BUSY at once, whatever the timeout.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "secure_delete=ON",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def begin_writing(session: Any) -> None:
    """Opens the session's transaction as one that will read and then write."""
    session.connection(execution_options={"immediate": True})
