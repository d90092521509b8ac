"""What an admin does with the accounts of a site: who has which role there, until when, and what helps them in."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from consent_server import clock
from consent_server.errors import Forbidden, Invalid, NotFound
from consent_server.extensions import db
from consent_server.staff import links, second_factor, service, tokens, words
from consent_server.staff.models import SecondFactor, Staff, StaffRole
from consent_server.staff.record import field, record
from consent_server.staff.service import Account, account_of, is_active

OWN = "This is your own account. Another admin can change it."
ELSEWHERE = "This account has roles on other sites too. Only someone who is an admin of all of them can do this."
KNOWN = "There is an account with this address already. Leave this empty; its end stays as it is."


@dataclass(frozen=True)
class Person:
    """An account as the admin of one site sees it. `state` is active, invited, expired or disabled."""

    id: uuid.UUID
    email: str
    roles: tuple[str, ...]
    state: str
    expires_at: datetime | None
    second_factor: bool
    may_change_account: bool
    is_oneself: bool


def people_on(site: str, by: Account) -> list[Person]:
    """Everyone with a role on the site, in alphabetical order."""
    having = select(StaffRole.staff_id).where(StaffRole.site == site)
    found = list(db.session.scalars(select(Staff).where(Staff.id.in_(having)).order_by(Staff.email)))
    ids = [staff.id for staff in found]
    query = select(SecondFactor.staff_id).where(SecondFactor.staff_id.in_(ids), SecondFactor.confirmed_at.is_not(None))
    secured = set(db.session.scalars(query))
    return [_person(staff, site, by, staff.id in secured) for staff in found]


def person(site: str, staff_id: uuid.UUID, by: Account) -> Person:
    """One of them; raises NotFound."""
    staff = find(site, staff_id)
    return _person(staff, site, by, second_factor.find(staff.id) is not None)


def find(site: str, staff_id: uuid.UUID) -> Staff:
    """The account of somebody with a role on the site; raises NotFound."""
    staff = db.session.get(Staff, staff_id)
    if staff is None or not account_of(staff).roles_on(site):
        raise NotFound("There is no such person on this site.")
    return staff


def invite(
    site: str, email: str, roles: Iterable[str], expires_at: datetime | None, by: Account
) -> tuple[Staff, str | None]:
    """Gives roles on the site to whoever has this address; raises Forbidden for one's own, Invalid for an end of
    a known account. A new account gets a link to choose a password, and so does one without a password yet that has
    roles on this admin's sites alone: the token is returned."""
    if service.normalise(email) == by.email:
        raise Forbidden(OWN)
    try:
        staff = service.find(email)
    except NotFound:
        staff = service.add_account(email, None, by.email)
        staff.expires_at = expires_at
        db.session.flush()
    else:
        if expires_at:
            raise Invalid(KNOWN, errors={"expires": [KNOWN]})
    service.add_roles(staff, roles, [site], by.email)
    # A link would open what the account may do on other sites, too.
    if staff.password_hash or not _is_within(staff, by):
        return staff, None
    record(by.email, "invite", site, {"account": staff.email, "until": words.last_day(expires_at)})
    return staff, links.issue(staff, "invitation")


def set_roles(site: str, staff: Staff, roles: Iterable[str], by: Account) -> None:
    """Makes these the account's roles on the site. Nobody changes their own."""
    if staff.id == by.id:
        raise Forbidden(OWN)
    wanted = set(roles)
    service.remove_roles(staff, account_of(staff).roles_on(site) - wanted, site, by.email)
    service.add_roles(staff, wanted, [site], by.email)


def set_expiry(site: str, staff: Staff, expires_at: datetime | None, by: Account) -> None:
    """From when on the account counts no more; none: it does not end."""
    _require_whole(staff, by)
    if expires_at == staff.expires_at:
        return
    before, after = (moment and clock.to_rfc3339(moment) for moment in (staff.expires_at, expires_at))
    staff.expires_at = expires_at
    detail = {
        "account": staff.email,
        "until": words.last_day(expires_at),
        "fields": [field("expires_at", before, after)],
    }
    record(by.email, "account-expiry", site, detail)


def disable(site: str, staff: Staff, reason: str, by: Account) -> None:
    """Shuts the account out at once: its sessions, links and tokens end, and come back with nothing."""
    _require_whole(staff, by)
    staff.disabled_at = clock.now()
    service.end_sessions(staff)
    tokens.revoke_all(staff)
    record(by.email, "account-disable", site, {"account": staff.email, "reason": reason})


def enable(site: str, staff: Staff, by: Account) -> None:
    """Lets a disabled account in again, with the roles it has."""
    _require_whole(staff, by)
    staff.disabled_at = None
    record(by.email, "account-enable", site, {"account": staff.email})


def new_password_link(site: str, staff: Staff, by: Account) -> str:
    """A link for somebody who cannot sign in; its token."""
    _require_whole(staff, by)
    record(by.email, "password-link", site, {"account": staff.email})
    return links.issue(staff, "reset" if staff.password_hash else "invitation")


def remove_second_factor(site: str, staff: Staff, by: Account) -> None:
    """For somebody who has lost both app and recovery codes. Signs them out everywhere."""
    _require_whole(staff, by)
    second_factor.remove(staff.id, staff.email, by.email)
    service.end_sessions(staff)


def _require_whole(staff: Staff, by: Account) -> None:
    """What concerns the whole account needs an admin of every site it has a role on: otherwise the admin of one site
    could, by inviting somebody, take over what they may do on another."""
    if staff.id == by.id:
        raise Forbidden(OWN)
    if not _is_within(staff, by):
        raise Forbidden(ELSEWHERE)


def _is_within(staff: Staff, by: Account) -> bool:
    return {role.site for role in staff.roles} <= set(by.sites_as("admin"))


def _person(staff: Staff, site: str, by: Account, secured: bool) -> Person:
    return Person(
        id=staff.id,
        email=staff.email,
        roles=tuple(sorted(account_of(staff).roles_on(site))),
        state=_state(staff),
        expires_at=staff.expires_at,
        second_factor=secured,
        may_change_account=staff.id != by.id and _is_within(staff, by),
        is_oneself=staff.id == by.id,
    )


def _state(staff: Staff) -> str:
    if staff.disabled_at:
        return "disabled"
    if not is_active(staff, clock.now()):
        return "expired"
    return "active" if staff.password_hash else "invited"
