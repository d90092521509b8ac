"""Running the sequencer: in a thread of the server where there is one process, as a process of its own elsewhere."""

import logging
import signal
from threading import Event, Thread
from types import FrameType

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from consent_server import outside
from consent_server.consent import replay, write_ahead
from consent_server.evidence import continuity, founding, sequencer
from consent_server.evidence.faults import LogFault
from consent_server.evidence.journal import Signed
from consent_server.evidence.keys import log_folder
from consent_server.extensions import db
from consent_server.settings import Settings

log = logging.getLogger(__name__)


def check(app: Flask) -> None:
    """Before anything is served. Raises LogFault where the database does not hold what the log here has signed, as
    after a restored backup; erases again what such a backup has brought back."""
    settings: Settings = app.config["SETTINGS"]
    folder = log_folder(settings)
    with app.app_context():
        # Where the log is sealed on another machine, this one has no folder of it.
        if folder.exists() or settings.database_url.startswith("sqlite"):
            continuity.compare(Signed(folder))
        due = replay.is_due()
        # What was read to find out must not hold the transactions that write.
        db.session.rollback()
        if due:
            log.info("erased again: %s decisions", replay.replay(lambda _: None))
        db.session.remove()


def start(app: Flask, stop: Event) -> None:
    """Begins in threads that end with the process or once `stop` is set: sealing, telling those outside, and emptying
    SQLite's write-ahead log. Where several do so, one at a time has its turn."""
    Thread(target=_seal, args=(app, stop), name="sequencer", daemon=True).start()
    if app.extensions["driver"].on_sqlite:
        Thread(target=_empty, args=(app, stop), name="write-ahead", daemon=True).start()
    outside.start(app, stop)


def _seal(app: Flask, stop: Event) -> None:
    settings: Settings = app.config["SETTINGS"]
    with app.app_context():
        if settings.development:
            try:
                founding.found()
            except LogFault as fault:
                log.error("log: %s", fault)
        sequencer.run(stop)


def _empty(app: Flask, stop: Event) -> None:
    with app.app_context():
        write_ahead.run(stop)


@click.command("sequence")
@with_appcontext
def sequence() -> None:
    """Seal and sign about once a second, until told to end. Several may run: one is at work."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        # At the start faults end it; later it tries again.
        sequencer.run_once()
    except LogFault as fault:
        raise click.ClickException(str(fault)) from None
    stop = Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    outside.start(app, stop)
    sequencer.run(stop)
