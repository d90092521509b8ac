"""Triggers that keep the log's tables from being changed but in the one way each may be. They come off only while
recovery or a successor replaces rows, in the transaction that does so."""

from collections.abc import Iterable

from sqlalchemy import Connection, text

# The change that a row may undergo. All other changes, and every deletion, are refused.
ALLOWED = {
    "log_leaf": """OLD.event_id IS NOT NULL AND NEW.event_id IS NULL AND NEW."index" = OLD."index"
        AND NEW.type = OLD.type AND NEW.hash {same} OLD.hash AND NEW.body {same} OLD.body""",
    "log_tile": """NEW.level = OLD.level AND NEW."index" = OLD."index" AND length(NEW.hashes) > length(OLD.hashes)
        AND substr(NEW.hashes, 1, length(OLD.hashes)) = OLD.hashes""",
    "log_checkpoint": """OLD.signatures IS NULL AND NEW.signatures IS NOT NULL AND NEW.size = OLD.size
        AND NEW.prev_size = OLD.prev_size AND NEW.root = OLD.root AND NEW.made_at = OLD.made_at""",
    "erased_leaf": "1 = 0",
    "erasure_day": "1 = 0",
    "log_cosignature": "1 = 0",
}
# SQLite's REPLACE deletes the row that is in the way without asking the trigger on deletions.
IN_THE_WAY = {
    "log_leaf": '"index" = NEW."index" OR event_id = NEW.event_id',
    "log_tile": 'level = NEW.level AND "index" = NEW."index"',
    "log_checkpoint": "size = NEW.size OR prev_size = NEW.prev_size",
    "erased_leaf": '"index" = NEW."index"',
    "erasure_day": "day = NEW.day",
    "log_cosignature": "size = NEW.size AND name = NEW.name",
}
# They came with different migrations.
TREE = ("log_leaf", "log_tile", "log_checkpoint")
BESIDE = ("erased_leaf", "erasure_day", "log_cosignature")


def put_up(connection: Connection, tables: Iterable[str] = (*TREE, *BESIDE)) -> None:
    make = _postgresql if connection.dialect.name == "postgresql" else _sqlite
    for table in tables:
        for act, statement in make(table).items():
            connection.execute(text(f"CREATE TRIGGER {table}_keeps_{act} {statement}"))


def take_down(connection: Connection) -> None:
    on_postgresql = connection.dialect.name == "postgresql"
    for table in ALLOWED:
        for act in _postgresql(table) if on_postgresql else _sqlite(table):
            connection.execute(
                text(f"DROP TRIGGER IF EXISTS {table}_keeps_{act}" + (f" ON {table}" if on_postgresql else ""))
            )


def _postgresql(table: str) -> dict[str, str]:
    allowed = ALLOWED[table].format(same="IS NOT DISTINCT FROM")
    refuse = "EXECUTE FUNCTION refuse_change()"
    return {
        "update": f"BEFORE UPDATE ON {table} FOR EACH ROW WHEN (NOT ({allowed})) {refuse}",
        "delete": f"BEFORE DELETE ON {table} FOR EACH ROW {refuse}",
        "truncate": f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}",
    }


def _sqlite(table: str) -> dict[str, str]:
    allowed = ALLOWED[table].format(same="IS")
    refuse = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are evidence and are never changed'); END"
    there = f"EXISTS (SELECT 1 FROM {table} WHERE {IN_THE_WAY[table]})"
    return {
        "update": f"BEFORE UPDATE ON {table} WHEN NOT ({allowed}) {refuse}",
        "delete": f"BEFORE DELETE ON {table} {refuse}",
        "replace": f"BEFORE INSERT ON {table} WHEN {there} {refuse}",
    }
