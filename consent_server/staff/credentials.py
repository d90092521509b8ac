"""Signing in: what proves that somebody is the person of an account. Passwords, codes, and an issuer's word."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from consent_server import clock
from consent_server.database import begin_writing
from consent_server.errors import Invalid
from consent_server.extensions import db
from consent_server.staff import links, passwords, second_factor
from consent_server.staff.models import Staff, StaffSession
from consent_server.staff.record import record
from consent_server.staff.service import Account, account_of, is_active, normalise

MAX_FAILURES = 5
LOCKED = timedelta(minutes=15)


@dataclass(frozen=True)
class Entry:
    """Who may come in. `ticket` is set where a code is still to be asked for: `enter_code` takes it."""

    account: Account
    ticket: str | None


def sign_in(email: str, password: str) -> Entry | None:
    """What e-mail and password open; none where they do not match, or the account is locked, expired or disabled,
    which the caller must not tell apart. Failures are counted in the caller's transaction, which begins here."""
    staff = _check(email, password)
    if staff is None:
        return None
    if passwords.is_outdated(staff.password_hash):
        staff.password_hash = passwords.hash_password(password)
    return _enter(staff, "password")


def sign_in_as(email: str) -> Entry | None:
    """What an issuer's word for a verified e-mail opens: an account that is there and active, or none."""
    begin_writing(db.session)
    staff = _locked_row(email)
    return _enter(staff, "issuer") if staff and is_active(staff, clock.now()) else None


def enter_code(ticket: str, code: str) -> Account | None:
    """The second step. None for a wrong code, which counts like a wrong password; raises NotFound for a ticket that
    has expired, been used, or ended with a lock. The transaction begins here."""
    begin_writing(db.session)
    link = links.find(ticket, "sign-in")
    staff = _locked_row(link.staff.email)
    factor = second_factor.find(link.staff_id)
    if staff is None or factor is None or not _may_try(staff, clock.now()):
        db.session.delete(link)
        return None
    if not second_factor.take(factor, code):
        _count_failure(staff)
        return None
    db.session.delete(link)
    staff.failures, staff.locked_until = 0, None
    record(staff.email, "sign-in", detail={"with": "code"})
    return account_of(staff)


def check_code(account: Account, code: str) -> None:
    """Raises Invalid unless the code is right; a wrong one counts like a wrong password, so the caller commits in any
    case. The transaction begins here."""
    begin_writing(db.session)
    staff, factor = _locked_row(account.email), second_factor.find(account.id)
    if staff and factor and _may_try(staff, clock.now()):
        if second_factor.take(factor, code):
            return
        _count_failure(staff)
    raise Invalid(second_factor.WRONG, errors={"code": [second_factor.WRONG]})


def change_password(account: Account, present: str, new: str, session: bytes) -> None:
    """Changes a password and ends the account's sessions other than the given one (its token's SHA-256).

    Raises Invalid with `present` or `new` in its `errors`. A wrong present password counts as a failed sign-in, so
    the caller commits in any case.
    """
    fault = passwords.fault_of(new, account.email)
    if fault:
        raise Invalid(fault, errors={"new": [fault]})
    staff = _check(account.email, present)
    if staff is None:
        wrong = "This is not your present password, or sign-in is locked for 15 minutes after 5 wrong ones."
        raise Invalid(wrong, errors={"present": [wrong]})
    staff.failures, staff.locked_until = 0, None
    staff.password_hash = passwords.hash_password(new)
    links.revoke(staff)
    others = StaffSession.staff_id == staff.id, StaffSession.token_hash != session
    db.session.execute(delete(StaffSession).where(*others))
    record(staff.email, "password-change")


def _enter(staff: Staff, how: str) -> Entry:
    """Lets the account in, or asks for its code first. Only a whole sign-in forgets failures: otherwise whoever has
    the password could try codes without end."""
    if second_factor.find(staff.id):
        return Entry(account_of(staff), links.issue(staff, "sign-in"))
    if how == "password":
        staff.failures, staff.locked_until = 0, None
    record(staff.email, "sign-in", detail={"with": how})
    return Entry(account_of(staff), None)


def _check(email: str, password: str) -> Staff | None:
    """The account if the password is right and it may sign in; counts a wrong one."""
    # Hashing takes long on purpose: no transaction is open meanwhile, least of all SQLite's only writing one.
    with db.engine.connect() as connection:
        stored = connection.scalar(select(Staff.password_hash).where(Staff.email == normalise(email)))
    right = passwords.matches(password, stored or None)
    begin_writing(db.session)
    staff = _locked_row(email)
    if staff is None or not _may_try(staff, clock.now()):
        return None
    # Only the password that was compared counts, should it have been changed meanwhile.
    if right and staff.password_hash == stored:
        return staff
    _count_failure(staff)
    return None


def _locked_row(email: str) -> Staff | None:
    return db.session.scalar(select(Staff).where(Staff.email == normalise(email)).with_for_update())


def _may_try(staff: Staff, now: datetime) -> bool:
    return is_active(staff, now) and (staff.locked_until is None or staff.locked_until <= now)


def _count_failure(staff: Staff) -> None:
    staff.failures += 1
    if staff.failures >= MAX_FAILURES:
        staff.failures, staff.locked_until = 0, clock.now() + LOCKED
        links.revoke(staff)
        record(staff.email, "sign-in-locked")
