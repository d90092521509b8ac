"""Accounts: who there is, and in which roles."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from consent_server import clock
from consent_server.errors import Invalid, NotFound
from consent_server.extensions import db
from consent_server.sites import service as sites
from consent_server.staff import passwords
from consent_server.staff.models import OneTimeLink, Staff, StaffRole, StaffSession
from consent_server.staff.record import record


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


def is_active(staff: Staff, now: datetime) -> bool:
    """Whether the account counts at present: neither disabled nor expired."""
    return staff.disabled_at is None and (staff.expires_at is None or staff.expires_at > now)


def people_with(role: str, site: str) -> list[str]:
    """E-mails of the active accounts that have the role on the site, in alphabetical order."""
    query = select(Staff).join(StaffRole).where(StaffRole.site == site, StaffRole.role == role)
    now = clock.now()
    return [staff.email for staff in db.session.scalars(query.order_by(Staff.email)) if is_active(staff, now)]


def find(email: str) -> Staff:
    """The account of an e-mail address; raises NotFound."""
    staff = db.session.scalar(select(Staff).where(Staff.email == normalise(email)))
    if staff is None:
        raise NotFound(f"There is no account {email}.")
    return staff


def normalise(email: str) -> str:
    return email.strip().lower()


def add_account(email: str, password: str | None, by: str) -> Staff:
    """A new account without roles; without a password it waits for one. Raises Invalid where it is too weak."""
    staff = Staff(
        id=clock.new_id(),
        email=normalise(email),
        password_hash="" if password is None else hash_of_new(password, email),
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


def remove_roles(staff: Staff, roles: Iterable[str], site: str, by: str) -> None:
    """Takes roles on one site away; those it does not have are nothing to take."""
    gone = [role for role in staff.roles if role.site == site and role.role in set(roles)]
    for role in gone:
        staff.roles.remove(role)
    if gone:
        record(by, "role-remove", site, {"account": staff.email, "roles": sorted(role.role for role in gone)})
    db.session.flush()


def set_password(staff: Staff, password: str, by: str) -> None:
    """Replaces a password without knowing the old one, lifts a lock and ends every session and link. Raises Invalid."""
    replace_password(staff, hash_of_new(password, staff.email), by)


def replace_password(staff: Staff, password_hash: str, by: str) -> None:
    """The same with a password that was hashed before the transaction began."""
    staff.password_hash = password_hash
    staff.failures, staff.locked_until = 0, None
    end_sessions(staff)
    record(by, "password-set", detail={"account": staff.email})


def end_sessions(staff: Staff) -> None:
    """Signs the account out of every browser, and ends its links and sign-ins that are half done."""
    for ended in (StaffSession, OneTimeLink):
        db.session.execute(delete(ended).where(ended.staff_id == staff.id))


def hash_of_new(password: str, email: str) -> str:
    """The hash of a new password; raises Invalid with `password` in its `errors`."""
    fault = passwords.fault_of(password, email)
    if fault:
        raise Invalid(fault, errors={"password": [fault]})
    return passwords.hash_password(password)
