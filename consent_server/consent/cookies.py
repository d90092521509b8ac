"""The two cookies: what they say, and how they are written. Pure."""

import hashlib
import re
import secrets
import uuid
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl

from consent_server.consent.effect import Choice

CHOICES = "visitor_choices"
VISITOR = "__Host-visitor"
SECRET_BYTES = 32
_VISITOR_VALUE = re.compile(
    r"([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})\.([A-Za-z0-9_-]{43})"
)
_CHOICES_KEYS = ["v", "p", "e", "d", "a", "on", "g"]


@dataclass(frozen=True)
class VisitorCookie:
    """`UUIDv4.secret`. The UUID is the consent ID that people may quote; alone it opens nothing."""

    id: uuid.UUID
    secret: str

    @property
    def secret_hash(self) -> bytes:
        return hashlib.sha256(self.secret.encode()).digest()

    def __str__(self) -> str:
        return f"{self.id}.{self.secret}"


def mint_visitor() -> VisitorCookie:
    return VisitorCookie(uuid.uuid4(), secrets.token_urlsafe(SECRET_BYTES))


def read_visitor(values: list[str]) -> VisitorCookie | None:
    """The visitor's cookie from all values sent under its name: two count as none, and so does a malformed one."""
    match = _VISITOR_VALUE.fullmatch(values[0]) if len(values) == 1 else None
    return VisitorCookie(uuid.UUID(match[1]), match[2]) if match else None


@dataclass(frozen=True)
class ChoicesCookie:
    """What the page's script reads: no identifier, day precision."""

    policy: int
    epoch: int
    day: date
    action: str
    choice: Choice
    under_gpc: bool

    def __str__(self) -> str:
        granted = [name for name, allowed in self.choice.categories.items() if allowed]
        granted += [("+" if allowed else "-") + key for key, allowed in self.choice.providers.items()]
        # A plus sign in a query string is a space: it is written %2B.
        on = ",".join(granted).replace("+", "%2B")
        g = "1" if self.under_gpc else ""
        return f"v=1&p={self.policy}&e={self.epoch}&d={self.day}&a={self.action}&on={on}&g={g}"


def says_the_same(sent: list[str], ours: ChoicesCookie) -> bool:
    """Whether the one cookie that came grants what ours grants, under the same policy version."""
    if len(sent) != 1:
        return False
    pairs = parse_qsl(sent[0], keep_blank_values=True)
    if [name for name, _ in pairs] != _CHOICES_KEYS:
        return False
    theirs, mine = dict(pairs), dict(parse_qsl(str(ours), keep_blank_values=True))
    same = all(theirs[name] == mine[name] for name in ("v", "p", "e", "g"))
    return same and set(theirs["on"].split(",")) == set(mine["on"].split(","))


def set_choices(cookie: ChoicesCookie, *, domain: str, days: int, secure: bool) -> str:
    """A Set-Cookie value for the readable cookie."""
    value = f"{CHOICES}={cookie}; Domain={domain}; Path=/; Max-Age={days * 86400}; SameSite=Lax"
    return value + "; Secure" if secure else value


def set_visitor(cookie: VisitorCookie, *, days: int) -> str:
    """A Set-Cookie value for the visitor's cookie: HttpOnly and host-only, so no page's script ever sees it."""
    return f"{VISITOR}={cookie}; Path=/; Max-Age={days * 86400}; HttpOnly; Secure; SameSite=None; Partitioned"


def forget_visitor() -> str:
    return f"{VISITOR}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=None; Partitioned"


def expire(name: str, domain: str) -> str:
    """A Set-Cookie value that removes a cookie of the site's domain."""
    return f"{name}=; Domain={domain}; Path=/; Max-Age=0"
