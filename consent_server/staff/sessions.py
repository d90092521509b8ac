"""Who is signed in: sessions that the server holds, and the cookie that opens one."""

import secrets
from datetime import timedelta

from flask import Response, g, request
from sqlalchemy import delete, or_

from consent_server import clock
from consent_server.database import begin_writing
from consent_server.extensions import db
from consent_server.staff.models import StaffSession
from consent_server.staff.service import Account, account_of
from consent_server.staff.tokens import hash_of

IDLE = timedelta(hours=8)
LIFETIME = timedelta(hours=24)
# How exactly `used_at` is kept: a write a minute at most, not one a page.
EXACTNESS = timedelta(minutes=1)


def present() -> Account | None:
    """The signed-in account, looked up once a request and kept as `g.staff`. No transaction stays open."""
    if "staff" not in g:
        g.staff = _load()
    account: Account | None = g.staff
    return account


def _load() -> Account | None:
    key = present_key()
    row = db.session.get(StaffSession, key) if key else None
    now = clock.now()
    alive = row is not None and row.started_at > now - LIFETIME and row.used_at > now - IDLE
    account = account_of(row.staff) if row and alive else None
    stale = row is not None and row.used_at < now - EXACTNESS
    db.session.rollback()
    if account and stale:
        begin_writing(db.session)
        used = db.session.get(StaffSession, key)
        if used is not None:
            used.used_at = now
        db.session.commit()
    return account


def present_key() -> bytes | None:
    """The SHA-256 of the session's cookie, if the request has one."""
    token = request.cookies.get(_cookie())
    return hash_of(token) if token else None


def start(account: Account, response: Response) -> None:
    """Begins a session in the present transaction. Its token is new, so that nobody can have fixed it beforehand;
    the one the browser had ends, and so do those that have run out."""
    end()
    now = clock.now()
    outlived = or_(StaffSession.started_at <= now - LIFETIME, StaffSession.used_at <= now - IDLE)
    db.session.execute(delete(StaffSession).where(outlived))
    token = secrets.token_urlsafe(32)
    db.session.add(StaffSession(token_hash=hash_of(token), staff_id=account.id, started_at=now, used_at=now))
    response.set_cookie(_cookie(), token, secure=request.is_secure, httponly=True, samesite="Lax")


def end() -> None:
    """Ends the request's session in the present transaction."""
    key = present_key()
    if key:
        db.session.execute(delete(StaffSession).where(StaffSession.token_hash == key))


def remove_cookie(response: Response) -> None:
    response.delete_cookie(_cookie(), secure=request.is_secure, httponly=True, samesite="Lax")


def _cookie() -> str:
    """The `__Host-` prefix ties the cookie to this host and to https; over http no browser would take it."""
    return "__Host-staff" if request.is_secure else "staff"
