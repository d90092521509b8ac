"""Who is signed in: sessions that the server holds, and the cookie that opens one."""

import uuid
from datetime import timedelta

from flask import Response, g, request
from sqlalchemy import delete, or_, select
from user_agents import parse

from consent_server import clock
from consent_server.database import begin_writing
from consent_server.extensions import db
from consent_server.staff.keys import hash_of, new_key
from consent_server.staff.models import StaffSession
from consent_server.staff.record import record
from consent_server.staff.service import Account, account_of, is_active

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
    alive = alive and row is not None and is_active(row.staff, now)
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
    token = new_key()
    session = StaffSession(
        token_hash=hash_of(token),
        id=clock.new_id(),
        agent=_agent(),
        staff_id=account.id,
        started_at=now,
        used_at=now,
    )
    db.session.add(session)
    response.set_cookie(_cookie(), token, secure=request.is_secure, httponly=True, samesite="Lax")


def end() -> None:
    """Ends the request's session in the present transaction."""
    key = present_key()
    if key:
        db.session.execute(delete(StaffSession).where(StaffSession.token_hash == key))


def sessions_of(account: Account) -> list[StaffSession]:
    """Every browser that is signed in as the account, the last used first."""
    now = clock.now()
    query = select(StaffSession).where(
        StaffSession.staff_id == account.id, StaffSession.started_at > now - LIFETIME, StaffSession.used_at > now - IDLE
    )
    return list(db.session.scalars(query.order_by(StaffSession.used_at.desc(), StaffSession.id)))


def end_one(account: Account, session_id: uuid.UUID) -> None:
    """Signs one of the account's own browsers out; nothing happens where it is signed out."""
    query = select(StaffSession).where(StaffSession.id == session_id, StaffSession.staff_id == account.id)
    session = db.session.scalar(query)
    if session is not None:
        db.session.delete(session)
        record(account.email, "session-end", detail={"account": account.email})


def end_others(account: Account) -> None:
    """Signs the account out of every browser but this one."""
    others = StaffSession.staff_id == account.id, StaffSession.token_hash != present_key()
    db.session.execute(delete(StaffSession).where(*others))
    record(account.email, "sessions-end", detail={"account": account.email})


def _agent() -> str:
    """Browser and system, enough to know one's own by; no version, and nothing else of the header."""
    parsed = parse(request.headers.get("User-Agent", "")[:512])
    browser, system = parsed.browser.family, parsed.os.family
    known = [name for name in (browser, system) if name != "Other"]
    return " on ".join(known)[:80] or "Unknown browser"


def remove_cookie(response: Response) -> None:
    response.delete_cookie(_cookie(), secure=request.is_secure, httponly=True, samesite="Lax")


def _cookie() -> str:
    """The `__Host-` prefix ties the cookie to this host and to https; over http no browser would take it."""
    return "__Host-staff" if request.is_secure else "staff"
