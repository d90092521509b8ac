"""E-mail to staff, through the server that SMTP_URL names. Without it nothing is sent, and pages show what they would
have sent."""

import logging
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from threading import Thread
from urllib.parse import unquote, urlsplit

from flask import current_app

from consent_server.settings import Settings

TIMEOUT_SECONDS = 10

log = logging.getLogger(__name__)


def is_configured() -> bool:
    settings: Settings = current_app.config["SETTINGS"]
    return bool(settings.smtp_url)


def send(to: str, subject: str, text: str) -> bool:
    """Sends one plain message now; whether the mail server took it. Never call it with a transaction open: a slow
    mail server would hold it."""
    settings: Settings = current_app.config["SETTINGS"]
    return bool(settings.smtp_url) and _deliver(settings, to, subject, text)


def send_soon(to: str, subject: str, text: str) -> None:
    """The same from a thread of its own, where nobody is to wait for it, or to learn from how long it takes."""
    settings: Settings = current_app.config["SETTINGS"]
    if settings.smtp_url:
        Thread(target=_deliver, args=(settings, to, subject, text), daemon=True).start()


def _deliver(settings: Settings, to: str, subject: str, text: str) -> bool:
    try:
        message = _message(settings.mail_from, to, subject, text)
        with _connect(settings.smtp_url) as server:
            _sign_in(server, settings.smtp_url)
            server.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        # The kind alone: its words can hold the address.
        log.error("mail: %s", type(error).__name__)
        return False
    return True


def _message(sender: str, to: str, subject: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    # As one address: what only looks like one must not become several.
    message["To"] = Address(addr_spec=to)
    message["Subject"] = subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def _connect(url: str) -> smtplib.SMTP:
    address = urlsplit(url)
    host = address.hostname or ""
    if address.scheme == "smtps":
        tls = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, address.port or 465, timeout=TIMEOUT_SECONDS, context=tls)
    return smtplib.SMTP(host, address.port or 587, timeout=TIMEOUT_SECONDS)


def _sign_in(server: smtplib.SMTP, url: str) -> None:
    """Encrypts the line where it can be, and signs in. A password never goes over one that is not encrypted."""
    address = urlsplit(url)
    server.ehlo()
    if address.scheme == "smtp" and (address.username or server.has_extn("starttls")):
        server.starttls(context=ssl.create_default_context())
    if address.username:
        server.login(unquote(address.username), unquote(address.password or ""))
