"""Links that work once: to take up an invitation, to set a new password; and the step between password and code."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import delete, select

from consent_server import clock
from consent_server.errors import NotFound
from consent_server.extensions import db
from consent_server.staff.keys import hash_of, new_key
from consent_server.staff.models import OneTimeLink, Staff
from consent_server.staff.record import record
from consent_server.staff.service import is_active, normalise

LIFETIMES = {"invitation": timedelta(days=7), "reset": timedelta(hours=1), "sign-in": timedelta(minutes=10)}
PAUSE = timedelta(minutes=5)
GONE = "This link has been used, or it has expired. Ask for a new one."


def issue(staff: Staff, purpose: str) -> str:
    """A new link's token; only its SHA-256 is kept. Earlier links of an account to set its password stop working."""
    now = clock.now()
    db.session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at <= now))
    if purpose != "sign-in":
        revoke(staff)
    token = new_key()
    made = OneTimeLink(
        token_hash=hash_of(token),
        staff_id=staff.id,
        purpose=purpose,
        created_at=now,
        expires_at=now + LIFETIMES[purpose],
    )
    db.session.add(made)
    return token


def find(token: str, *purposes: str) -> OneTimeLink:
    """The link of a token; raises NotFound where it is unknown, used, expired, or for something else."""
    # Locked, so that of two requests at once one alone finds it.
    link = db.session.get(OneTimeLink, hash_of(token), with_for_update=True)
    if link is None or link.purpose not in purposes or link.expires_at <= clock.now():
        raise NotFound(GONE)
    return link


def revoke(staff: Staff) -> None:
    """Ends every link of the account, and every sign-in that is half done."""
    db.session.execute(delete(OneTimeLink).where(OneTimeLink.staff_id == staff.id))


def issue_forgotten(email: str) -> str | None:
    """A link to reset the password of whoever has this address; none where nobody active has it, or where one was
    issued minutes ago: nobody's mailbox is to be filled from here."""
    staff = db.session.scalar(select(Staff).where(Staff.email == normalise(email)))
    now = clock.now()
    if staff is None or not is_active(staff, now):
        return None
    recent = OneTimeLink.staff_id == staff.id, OneTimeLink.purpose == "reset", OneTimeLink.created_at > now - PAUSE
    if db.session.scalars(select(OneTimeLink).where(*recent)).first():
        return None
    record(staff.email, "password-forgotten", detail={"account": staff.email})
    return issue(staff, "reset")


def address_of(token: str) -> str:
    """The link as it is sent."""
    return f"{home_address()}new-password/{token}"


def home_address() -> str:
    """Where staff sign in. By the server's own address: the request's could be somebody else's choice."""
    return f"{current_app.config['SETTINGS'].public_url}/staff/"
