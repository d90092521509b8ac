"""Accounts: who may sign in, and in which roles."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select

from consent_server import clock
from consent_server.database import begin_writing
from consent_server.errors import Invalid, NotFound
from consent_server.extensions import db
from consent_server.sites import service as sites
from consent_server.staff import passwords
from consent_server.staff.models import Staff, StaffRole, StaffSession
from consent_server.staff.record import record

MAX_FAILURES = 5
LOCKED = timedelta(minutes=15)


@dataclass(frozen=True)
class Account:
    """An account as a request sees it. `roles` are pairs of site and role."""

    id: uuid.UUID
    email: str
    roles: frozenset[tuple[str, str]]

    def sites_as(self, role: str) -> tuple[str, ...]:
        """The sites on which this account has the role."""
        return tuple(sorted(site for site, held in self.roles if held == role))

    def roles_on(self, site: str) -> frozenset[str]:
        return frozenset(role for of, role in self.roles if of == site)


def account_of(staff: Staff) -> Account:
    return Account(staff.id, staff.email, frozenset((r.site, r.role) for r in staff.roles))


def find(email: str) -> Staff:
    """The account of an e-mail address; raises NotFound."""
    staff = db.session.scalar(select(Staff).where(Staff.email == normalise(email)))
    if staff is None:
        raise NotFound(f"There is no account {email}.")
    return staff


def normalise(email: str) -> str:
    return email.strip().lower()


def add_account(email: str, password: str, by: str) -> Staff:
    """A new account without roles; raises Invalid where the password is too weak."""
    staff = Staff(
        id=clock.new_id(),
        email=normalise(email),
        password_hash=_hash_of_new(password, email),
        failures=0,
        created_at=clock.now(),
    )
    db.session.add(staff)
    record(by, "account-add", detail={"account": staff.email})
    return staff


def add_roles(staff: Staff, roles: Iterable[str], on: Iterable[str], by: str) -> None:
    """Gives an account roles on sites; those it has already stay. Raises NotFound for an unknown site."""
    held = {(role.site, role.role) for role in staff.roles}
    wanted = sorted(set(roles))
    for site in on:
        sites.revision(site)
        new = [role for role in wanted if (site, role) not in held]
        staff.roles += [StaffRole(site=site, role=role) for role in new]
        if new:
            record(by, "role-add", site, {"account": staff.email, "roles": new})
    db.session.flush()


def set_password(staff: Staff, password: str, by: str) -> None:
    """Replaces a password without knowing the old one, lifts a lock and ends every session: what an operator does."""
    staff.password_hash = _hash_of_new(password, staff.email)
    staff.failures, staff.locked_until = 0, None
    db.session.execute(delete(StaffSession).where(StaffSession.staff_id == staff.id))
    record(by, "password-set", detail={"account": staff.email})


def sign_in(email: str, password: str) -> Account | None:
    """The account that e-mail and password open; none where they do not match or the account is locked, which the
    caller must not tell apart. Failures are counted in the caller's transaction, which begins here."""
    staff = _check(email, password)
    if staff is None:
        return None
    if passwords.is_outdated(staff.password_hash):
        staff.password_hash = passwords.hash_password(password)
    record(staff.email, "sign-in")
    return account_of(staff)


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
    staff.password_hash = passwords.hash_password(new)
    others = StaffSession.staff_id == staff.id, StaffSession.token_hash != session
    db.session.execute(delete(StaffSession).where(*others))
    record(staff.email, "password-change")


def _check(email: str, password: str) -> Staff | None:
    """The account if the password is right and it is not locked; counts a wrong one."""
    email = normalise(email)
    # Hashing takes long on purpose: no transaction is open meanwhile, least of all SQLite's only writing one.
    with db.engine.connect() as connection:
        stored = connection.scalar(select(Staff.password_hash).where(Staff.email == email))
    right = passwords.matches(password, stored)
    begin_writing(db.session)
    staff = db.session.scalar(select(Staff).where(Staff.email == email).with_for_update())
    now = clock.now()
    if staff is None or (staff.locked_until is not None and staff.locked_until > now):
        return None
    # Only the password that was compared counts, should it have been changed meanwhile.
    if right and staff.password_hash == stored:
        staff.failures, staff.locked_until = 0, None
        return staff
    staff.failures += 1
    if staff.failures >= MAX_FAILURES:
        staff.failures, staff.locked_until = 0, now + LOCKED
        record(staff.email, "sign-in-locked")
    return None


def _hash_of_new(password: str, email: str) -> str:
    fault = passwords.fault_of(password, email)
    if fault:
        raise Invalid(fault, errors={"password": [fault]})
    return passwords.hash_password(password)
