"""Statements on the hot path, run by the database's driver itself: SQLAlchemy's own execution costs several times what
the driver's does. It still writes them, converts their values and keeps the connections."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from threading import Lock
from typing import Any

from flask import current_app
from sqlalchemy import Dialect, Engine, create_engine

from consent_server.errors import Unavailable

log = logging.getLogger(__name__)


class Statement:
    """A statement compiled once for a dialect."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.text: str = compiled.string
        self._literals: dict[str, Any] = compiled.params
        self._order: list[str] | None = compiled.positiontup
        found = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
        self._processors = {name: process for name, process in found.items() if process}

    def bind(self, values: Mapping[str, Any]) -> Any:
        """The driver's parameters from values by name."""
        bound = {name: values.get(name, literal) for name, literal in self._literals.items()}
        for name, process in self._processors.items():
            bound[name] = process(bound[name])
        return [bound[name] for name in self._order] if self._order else bound


class Driver:
    """Connections in autocommit mode: on PostgreSQL each statement is a transaction, without round trips for its
    beginning and end."""

    def __init__(self, engine: Engine, options: dict[str, Any]) -> None:
        self.dialect = engine.dialect
        self.on_sqlite = self.dialect.name == "sqlite"
        self.engine = engine
        if not self.on_sqlite:
            self.engine = create_engine(engine.url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **options)
        # SQLite's own way of waiting for the one writer is to sleep and to try again.
        self.turn = Lock() if self.on_sqlite else nullcontext()

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """A cursor; raises Unavailable where the database fails."""
        connection = self.engine.raw_connection()
        errors = self.dialect.loaded_dbapi
        try:
            yield connection.cursor()
        except errors.IntegrityError:
            raise
        except errors.Error as error:
            # The connection may be broken, and then so are those made before it.
            log.error("database: %s", type(error).__name__)
            connection.invalidate()
            self.engine.dispose()
            raise Unavailable("The record could not be reached. Nothing was changed.") from error
        finally:
            connection.close()

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """A cursor in a transaction that may write."""
        with self.turn, self.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE" if self.on_sqlite else "BEGIN")
            try:
                yield cursor
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")


def driver() -> Driver:
    """The present app's."""
    found: Driver = current_app.extensions["driver"]
    return found
