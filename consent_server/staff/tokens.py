"""Bearer tokens: an account's key to the API of one site."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select

from consent_server import clock
from consent_server.errors import Invalid
from consent_server.extensions import db
from consent_server.staff.keys import hash_of, new_key
from consent_server.staff.models import ApiToken, Staff
from consent_server.staff.record import record
from consent_server.staff.service import Account, account_of, is_active

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


def scopes_for(roles: Iterable[str]) -> list[str]:
    """The scopes that these roles allow."""
    held = set(roles)
    return [scope for scope, role in ROLE_OF_SCOPE.items() if role in held]


def issue(staff: Staff, site: str, scopes: Iterable[str], days: int, by: str, name: str = "") -> str:
    """A new token, to be shown once: only its SHA-256 is kept. Raises Invalid for a scope that the owner's roles on
    the site do not allow."""
    roles = account_of(staff).roles_on(site)
    wanted = sorted(set(scopes))
    for scope in wanted:
        role = ROLE_OF_SCOPE[scope]
        if role not in roles:
            fault = f"{scope} needs the role {role} on {site}, which {staff.email} does not have."
            raise Invalid(fault, errors={"scopes": [fault]})
    token = PREFIX + new_key()
    now = clock.now()
    db.session.add(
        ApiToken(
            token_hash=hash_of(token),
            id=clock.new_id(),
            name=name,
            staff_id=staff.id,
            site=site,
            scopes=wanted,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
    )
    record(by, "token-add", site, {"account": staff.email, "scopes": wanted, "name": name})
    return token


def tokens_of(owner: uuid.UUID) -> list[ApiToken]:
    """An account's tokens that have not expired, newest first."""
    query = select(ApiToken).where(ApiToken.staff_id == owner, ApiToken.expires_at > clock.now())
    return list(db.session.scalars(query.order_by(ApiToken.created_at.desc(), ApiToken.id.desc())))


def revoke(owner: uuid.UUID, token_id: uuid.UUID, by: str, site: str | None = None) -> None:
    """Ends a token of an account, if it is for the given site; nothing happens where there is no such token."""
    token = db.session.scalar(select(ApiToken).where(ApiToken.id == token_id, ApiToken.staff_id == owner))
    if token is not None and site in (None, token.site):
        db.session.delete(token)
        record(by, "token-revoke", token.site, {"account": token.staff.email, "name": token.name})


def revoke_all(staff: Staff) -> None:
    """Ends every token of an account."""
    db.session.execute(delete(ApiToken).where(ApiToken.staff_id == staff.id))


def find(token: str) -> Bearer | None:
    """What the token opens; none where it is unknown or has expired."""
    row = db.session.get(ApiToken, hash_of(token))
    now = clock.now()
    if row is None or row.expires_at <= now or not is_active(row.staff, now):
        return None
    account = account_of(row.staff)
    roles = account.roles_on(row.site)
    return Bearer(account, row.site, frozenset(s for s in row.scopes if ROLE_OF_SCOPE.get(s) in roles))
