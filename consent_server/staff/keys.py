"""Random keys that are handed out once: sessions, tokens, links. What is kept of one is its SHA-256; and what must be
read again is kept encrypted."""

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app

from consent_server import clock


def new_key() -> str:
    return secrets.token_urlsafe(32)


def hash_of(key: str) -> bytes:
    """SHA-256 of a key: it holds 32 random bytes, so no salt is needed."""
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()


def seal(text: str, purpose: str) -> str:
    """Encrypts under the server's SECRET_KEY. What was sealed for one purpose opens for no other."""
    return _fernet(purpose).encrypt_at_time(text.encode(), int(clock.now().timestamp())).decode()


def unseal(sealed: str, purpose: str, seconds: int | None = None) -> str | None:
    """What was sealed, at most `seconds` ago; none where it is not ours, too old, or SECRET_KEY has changed since."""
    now = int(clock.now().timestamp())
    try:
        # A lifetime is only looked at together with the time that it is measured to.
        fernet, token = _fernet(purpose), sealed.encode("utf-8", "replace")
        opened = fernet.decrypt(token) if seconds is None else fernet.decrypt_at_time(token, seconds, now)
    except InvalidToken:
        return None
    return opened.decode()


def _fernet(purpose: str) -> Fernet:
    secret: str = current_app.config["SETTINGS"].secret_key
    return Fernet(base64.urlsafe_b64encode(hmac.digest(secret.encode(), purpose.encode(), hashlib.sha256)))
