"""Reading the record of what staff did, newest first, from where the last page ended."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from consent_server.extensions import db
from consent_server.staff.models import Staff, StaffEvent, StaffRole

PAGE = 50


@dataclass(frozen=True)
class Acts:
    """One page of acts, newest first, and the id after which the next one begins; none at the end."""

    events: list[StaffEvent]
    next: str | None


def search(site: str, filters: dict[str, Any]) -> Acts:
    """The acts that concern a site and match validated filters (`RecordFilters`). A UUIDv7 is in the order of time, so
    the primary key alone is walked along."""
    query = select(StaffEvent).where(_concerns(site))
    for name, value in filters.items():
        query = query.where(CONDITIONS[name](value))
    rows = list(db.session.scalars(query.order_by(StaffEvent.id.desc()).limit(PAGE + 1)))
    events = rows[:PAGE]
    return Acts(events, str(events[-1].id) if len(rows) > PAGE else None)


def _concerns(site: str) -> ColumnElement[bool]:
    """The site's own acts; and of those that concern no one site (signing in, passwords) the ones by or about somebody
    who has a role on it."""
    people = select(Staff.email).join(StaffRole).where(StaffRole.site == site)
    about = StaffEvent.detail["account"].as_string()
    theirs = or_(StaffEvent.actor.in_(people), about.in_(people))
    return or_(StaffEvent.site == site, and_(StaffEvent.site.is_(None), theirs))


CONDITIONS = {
    "person": lambda value: StaffEvent.actor == value,
    "act": lambda value: StaffEvent.verb == value,
    "since": lambda value: StaffEvent.at >= value,
    "until": lambda value: StaffEvent.at < value,
    "after": lambda value: StaffEvent.id < value,
}
