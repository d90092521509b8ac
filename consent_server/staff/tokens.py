"""Bearer tokens: an account's key to the API of one site."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from consent_server import clock
from consent_server.errors import Invalid
from consent_server.extensions import db
from consent_server.staff.models import ApiToken, Staff
from consent_server.staff.record import record
from consent_server.staff.service import Account, account_of

# So that a token that leaks into a file or a repository is recognised for what it is.
PREFIX = "cst_"
ROLE_OF_SCOPE = {
    "audit:read": "auditor",
    "registry:write": "editor",
    "registry:publish": "approver",
    "rights:write": "dpo",
}


@dataclass(frozen=True)
class Bearer:
    """What a token opens at present: its scopes, as far as its owner's roles on its site still allow them."""

    account: Account
    site: str
    scopes: frozenset[str]


def issue(staff: Staff, site: str, scopes: Iterable[str], days: int, by: str) -> str:
    """A new token, to be shown once: only its SHA-256 is kept. Raises Invalid for a scope that the owner's roles on
    the site do not allow."""
    roles = account_of(staff).roles_on(site)
    wanted = sorted(set(scopes))
    for scope in wanted:
        role = ROLE_OF_SCOPE[scope]
        if role not in roles:
            raise Invalid(f"{scope} needs the role {role} on {site}, which {staff.email} does not have.")
    token = PREFIX + secrets.token_urlsafe(32)
    now = clock.now()
    db.session.add(
        ApiToken(
            token_hash=hash_of(token),
            staff_id=staff.id,
            site=site,
            scopes=wanted,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
    )
    record(by, "token-add", site, {"account": staff.email, "scopes": wanted})
    return token


def find(token: str) -> Bearer | None:
    """What the token opens; none where it is unknown or has expired."""
    row = db.session.get(ApiToken, hash_of(token))
    if row is None or row.expires_at <= clock.now():
        return None
    account = account_of(row.staff)
    roles = account.roles_on(row.site)
    return Bearer(account, row.site, frozenset(s for s in row.scopes if ROLE_OF_SCOPE.get(s) in roles))


def hash_of(token: str) -> bytes:
    """SHA-256 of a token or of a session's cookie: each holds 32 random bytes, so no salt is needed."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
