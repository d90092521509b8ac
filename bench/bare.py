"""The floor: a Flask view that writes one row and answers. No validation, no idempotency, no current state, no log."""

import os
import sqlite3
import threading
import uuid
from datetime import UTC, datetime
from typing import Any

import psycopg
from flask import Flask, Response, json, jsonify, request

COLUMNS = (
    "event_id", "visitor_id", "site", "notice", "action", "surface", "choices", "signals", "page", "agent",
    "decided_at", "recorded_at",
)  # fmt: skip
TABLE = (
    "CREATE TABLE IF NOT EXISTS decision (event_id {id} PRIMARY KEY, visitor_id {id}, site text, notice text, "
    "action text, surface text, choices {json}, signals {json}, page text, agent text, "
    "decided_at {time}, recorded_at {time})"
)

app = Flask(__name__)
database_url = os.environ["BENCH_DATABASE_URL"]
on_sqlite = database_url.startswith("sqlite:///")
of_thread = threading.local()


def connect() -> Any:
    """The thread's own connection, in autocommit mode, as durable as ours."""
    if not hasattr(of_thread, "connection"):
        if on_sqlite:
            connection: Any = sqlite3.connect(database_url.removeprefix("sqlite:///"), timeout=10, isolation_level=None)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
        else:
            connection = psycopg.connect(database_url, autocommit=True, options="-c synchronous_commit=on")
        of_thread.connection = connection
    return of_thread.connection


def make_table() -> None:
    types = {"id": "text", "json": "text", "time": "text"}
    if not on_sqlite:
        types = {"id": "uuid", "json": "jsonb", "time": "timestamptz"}
    connect().execute(TABLE.format(**types))
    connect().close()
    del of_thread.connection


INSERT = "INSERT INTO decision VALUES ({})".format(", ".join(["?" if on_sqlite else "%s"] * len(COLUMNS)))


@app.post("/v1/sites/<site>/consents")
def record(site: str) -> tuple[Response, int]:
    body = request.get_json()
    row = (
        body["event_id"], str(uuid.uuid4()), site, body["notice"], body["action"], body["surface"],
        json.dumps(body["choices"]), json.dumps(body["signals"]), body["page"], request.headers["User-Agent"],
        body["decided_at"], datetime.now(UTC).isoformat(),
    )  # fmt: skip
    connect().execute(INSERT, row)
    return jsonify(event_id=body["event_id"], recorded_at=row[-1], choices=body["choices"]), 201


@app.get("/hello")
def hello() -> str:
    return "hello"


if __name__ == "__main__":
    make_table()
