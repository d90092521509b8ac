"""The log's checkpoints to those outside who keep them: witnesses about once a minute, mail and webhook once a day.
In a thread of its own, so that none of them delays sealing."""

import logging
from threading import Event, Thread

from flask import Flask

from consent_server.evidence import delivery, witnesses
from consent_server.evidence.delivery import Channel
from consent_server.evidence.witnesses import Witness, read_witness
from consent_server.extensions import db
from consent_server.settings import Settings
from consent_server.staff import mail

SECONDS = 60

log = logging.getLogger(__name__)


def start(app: Flask, stop: Event) -> Thread | None:
    """Begins, in a thread that ends with the process or once `stop` is set; none where nobody is to be told. Raises
    ValueError where a witness's key is none."""
    settings: Settings = app.config["SETTINGS"]
    asked, channels = witnesses_of(settings), channels_of(settings)
    if not asked and not channels:
        return None
    thread = Thread(target=_go_on, args=(app, stop, asked, channels), name="outside", daemon=True)
    thread.start()
    return thread


def witnesses_of(settings: Settings) -> tuple[Witness, ...]:
    return tuple(read_witness(key, url) for key, url in settings.log_witnesses)


def channels_of(settings: Settings) -> dict[str, Channel]:
    channels = {}
    if settings.log_mail_to:
        channels["mail"] = delivery.by_mail(mail.send, settings.log_mail_to, f"{settings.public_url}/log")
    if settings.log_webhook_url:
        channels["webhook"] = delivery.by_webhook(settings.log_webhook_url)
    return channels


def tell(app: Flask, asked: tuple[Witness, ...], channels: dict[str, Channel]) -> None:
    """Witnesses first, so that what is delivered has their cosignatures."""
    with app.app_context():
        try:
            witnesses.ask_all(asked)
            for name in delivery.deliver(channels):
                log.info("log: today's checkpoint went out by %s", name)
        finally:
            db.session.remove()


def _go_on(app: Flask, stop: Event, asked: tuple[Witness, ...], channels: dict[str, Channel]) -> None:
    while True:
        try:
            tell(app, asked, channels)
        except Exception as error:
            log.error("outside: %s", type(error).__name__)
        if stop.wait(SECONDS):
            return
