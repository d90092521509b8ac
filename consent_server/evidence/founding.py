"""The log's beginning: its origin, which is fixed then, and its first key."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app
from sqlalchemy import update

from consent_server.evidence.faults import LogFault, NotStarted
from consent_server.evidence.journal import Signed, alone
from consent_server.evidence.keys import add_key, log_folder, read_keys
from consent_server.evidence.sealing import HEAD, lock_head, writing
from consent_server.settings import Settings

TURNS, TURN_SECONDS = 100, 0.1


def wanted_origin(settings: Settings) -> str:
    """LOG_ORIGIN; by default PUBLIC_URL without its scheme, and `/log`."""
    return settings.log_origin or f"{settings.public_url.partition('://')[2]}/log"


@contextmanager
def in_turn(settings: Settings) -> Iterator[None]:
    """Alone with the log's files, after whoever is at work there; raises LogFault where that takes long."""
    for _ in range(TURNS):
        with alone(log_folder(settings)) as holder:
            if holder is not None:
                yield
                return
        threading.Event().wait(TURN_SECONDS)
    raise LogFault("Another process has been at work on the log for long. Nothing was done.")


def found() -> tuple[str, str, bool]:
    """Starts the log, making its key where there is none: origin, verifier key, and whether it was started now. Can be
    repeated; raises LogFault where LOG_ORIGIN says otherwise, or where another database had been signed for here."""
    settings: Settings = current_app.config["SETTINGS"]
    with in_turn(settings), writing() as connection:
        head = lock_head(connection)
        if head.origin is not None:
            if settings.log_origin not in ("", head.origin):
                raise LogFault(f"This log is {head.origin}, and stays it. A successor begins a new one.")
            return head.origin, head.key, False
        if Signed(log_folder(settings)).read() is not None:
            raise LogFault(
                f"Checkpoints were signed from {log_folder(settings)}, but this database has no log. "
                "`flask log recover` puts the leaves back."
            )
        origin = wanted_origin(settings)
        try:
            key = read_keys(settings, origin)[0]
        except NotStarted:
            key = add_key(settings, origin)
        encoded = key.verifier.encode()
        connection.execute(update(HEAD).values(origin=origin, key=encoded))
        return origin, encoded, True
