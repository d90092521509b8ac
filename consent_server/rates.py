"""How often one client may ask. Counts are in this process's memory, under keys that say nothing about anyone."""

import hashlib
import hmac
import secrets
from functools import cache

from flask import current_app, request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from consent_server import clock
from consent_server.errors import TooManyRequests

cached_parse = cache(parse)


class Rates:
    """Counts of one process. A client's key is an HMAC of its address under a key that lives one day."""

    def __init__(self) -> None:
        self.storage = MemoryStorage()
        self.limiter = FixedWindowRateLimiter(self.storage)
        self.day = ""
        self.secret = b""

    def key(self, address: str) -> str:
        today = clock.now().date().isoformat()
        if today != self.day:
            self.day, self.secret = today, secrets.token_bytes(32)
        return hmac.digest(self.secret, address.encode(), hashlib.sha256).hex()[:24]


def check_rate(act: str, rate: str | None) -> None:
    """Counts one `act` of the present client; raises TooManyRequests above `rate` ("20 per minute"; none: no limit)."""
    if rate is None:
        return
    rates: Rates = current_app.extensions["rates"]
    limit: RateLimitItem = cached_parse(rate)
    if not rates.limiter.hit(limit, act, rates.key(request.remote_addr or "")):
        raise TooManyRequests("Too many requests from this address. Try again later.", limit.get_expiry())
