"""Publishing at a time: every worker looks a few times a minute whether an approved draft is due."""

import logging
from threading import Event, Thread

from flask import Flask

from consent_server import clock
from consent_server.database import begin_writing
from consent_server.extensions import db
from consent_server.policy import publication
from consent_server.registry import drafts

SECONDS = 15

log = logging.getLogger(__name__)


def publish_all_due(app: Flask) -> list[str]:
    """Publishes every draft whose time has come, each in a transaction of its own; a line for each. Several processes
    may do so at once: each draft is published once. One that fails holds up no other."""
    published = []
    with app.app_context():
        try:
            for site in drafts.due(clock.now()):
                try:
                    published += _publish(site)
                except Exception as error:
                    # Whatever it was, the next look may succeed. Its kind alone: its words may hold what is in a row.
                    log.error("schedule: %s: %s", site, type(error).__name__)
        finally:
            db.session.remove()
    return published


def _publish(site: str) -> list[str]:
    db.session.rollback()
    begin_writing(db.session)
    version = publication.publish_due(site, clock.now())
    line = [] if version is None else [f"{site}: version {version.number} is published."]
    db.session.commit()
    return line


def start(app: Flask, stop: Event) -> Thread:
    """Looks now and then on, in a thread that ends with the process or once `stop` is set."""
    thread = Thread(target=_look, args=(app, stop), name="schedule", daemon=True)
    thread.start()
    return thread


def _look(app: Flask, stop: Event) -> None:
    while True:
        try:
            for line in publish_all_due(app):
                log.info(line)
        except Exception as error:
            log.error("schedule: %s", type(error).__name__)
        if stop.wait(SECONDS):
            return
