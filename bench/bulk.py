"""Decisions straight into a PostgreSQL database, with proper commitments, as the server would have written them."""

import json
import random
import secrets
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from bench.decisions import ACTIONS, AGENTS, ORIGIN
from consent_server import clock
from consent_server.consent.event import Sender, build_event, committed_event
from consent_server.consent.models import ConsentCurrent, ConsentEvent, Visitor
from consent_server.database import Json
from consent_server.evidence.commitment import NONCE_BYTES, commit
from consent_server.policy.service import Published

BATCH = 20_000
# How many different things decisions say.
KINDS = 500
SPREAD = timedelta(days=28)
# Of a hundred decisions, how many are a visitor's first.
FIRST_OF_HUNDRED = 80
QUEUE = ("type", "hash", "event_id")


class Writer:
    """Makes decisions of visitors, some of whom come back, and copies them into the tables."""

    def __init__(self, url: str, published: Published, seed: int) -> None:
        self._connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
        self._published, self._chance = published, random.Random(seed)
        self._visitors: list[uuid.UUID] = []
        self._kinds = [self._kind() for _ in range(KINDS)]

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def spread(self, count: int, told: Callable[[int], None]) -> None:
        """So many decisions over the last weeks, in the order of their times."""
        end = clock.now()
        for start in range(0, count, BATCH):
            size = min(BATCH, count - start)
            times = [end - SPREAD + SPREAD * ((start + number) / count) for number in range(size)]
            self.write([clock.from_millis(clock.to_millis(time)) for time in times])
            told(size)

    def write(self, times: Sequence[datetime]) -> list[uuid.UUID]:
        """Decisions recorded at these times, in one transaction; their ids."""
        decided = [self._decide(time) for time in times]
        with self._connection.transaction():
            self._copy(ConsentEvent, [row for row, _ in decided])
            first = [row for row, first in decided if first]
            self._copy(Visitor, [visitor_of(row) for row in first])
            self._copy(ConsentCurrent, [current_of(row) for row in first])
            self._copy_queue([row for row, _ in decided])
        return [row["event_id"] for row, _ in decided]

    def _decide(self, now: datetime) -> tuple[dict[str, Any], bool]:
        """An event's row, and whether it is its visitor's first."""
        chance = self._chance
        first = not self._visitors or chance.randrange(100) < FIRST_OF_HUNDRED
        if first:
            self._visitors.append(uuid.UUID(int=chance.getrandbits(128), version=4))
        own = {
            "event_id": event_id(now, chance),
            "visitor_id": self._visitors[-1] if first else chance.choice(self._visitors),
            "recorded_at": now,
            "decided_at": now.replace(microsecond=0),
            "expires_at": now + timedelta(days=self._published.rules.choice_ttl_days),
            "nonce": secrets.token_bytes(NONCE_BYTES),
            "digest": secrets.token_bytes(32),
        }
        return chance.choice(self._kinds) | own, first

    def _kind(self) -> dict[str, Any]:
        """What one decision says, as the server makes a row of it."""
        chance, terms = self._chance, self._published.terms
        action = chance.choice(ACTIONS)
        granted = {"reject_all": 0.0, "accept_all": 1.0, "custom": 0.5}[action]
        decision = {
            "event_id": uuid.UUID(int=0),
            "action": action,
            "choices": {name: chance.random() < granted for name in terms.categories},
            "providers": {},
            "surface": "preferences" if action == "custom" else "banner",
            "notice": self._published.notices["en"],
            "decided_at": None,
            "signals": {"dnt": None, "gpc": False},
            "page": f"{ORIGIN}/advocacy/{chance.randrange(1000)}",
            "automated": None,
        }
        sender = Sender(ORIGIN, chance.choice(AGENTS), None, None, None)
        return build_event(decision, sender, self._published.rules, terms, clock.now()).row

    def _copy_queue(self, rows: list[dict[str, Any]]) -> None:
        sha256 = self._published.terms.sha256
        leaves = (
            ("consent/1", commit("consent", row["nonce"], committed_event(row, sha256)), row["event_id"])
            for row in rows
        )
        self._copy_rows("log_queue", QUEUE, leaves)

    def _copy(self, model: Any, rows: list[dict[str, Any]]) -> None:
        columns = model.__table__.columns
        self._copy_rows(
            model.__tablename__,
            [column.name for column in columns],
            ([_value(column, row[column.name]) for column in columns] for row in rows),
        )

    def _copy_rows(self, table: str, columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with closing(self._connection.cursor()) as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)


def _value(column: Any, value: Any) -> Any:
    return Jsonb(value, dumps=json.dumps) if column.type is Json else value


def event_id(now: datetime, chance: random.Random) -> uuid.UUID:
    """A UUIDv7 of a moment."""
    value = (clock.to_millis(now) << 80) | chance.getrandbits(80)
    value = value & ~(0xF << 76) | (0x7 << 76)
    return uuid.UUID(int=value & ~(0x3 << 62) | (0x2 << 62))


def visitor_of(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": row["visitor_id"], "secret_hash": row["digest"], "created_at": row["recorded_at"]}


def current_of(row: dict[str, Any]) -> dict[str, Any]:
    refused = [name for name, allowed in row["choices"].items() if not allowed]
    return {
        **row,
        "refused_at": dict.fromkeys(refused, clock.to_millis(row["recorded_at"])),
    }
