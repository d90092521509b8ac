"""Searching the record: one index to walk along, newest first, from where the last page ended."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, tuple_

from consent_server.audit.schemas import Position
from consent_server.consent.models import ConsentEvent
from consent_server.database import Id, UtcTime
from consent_server.errors import NotFound
from consent_server.extensions import db
from consent_server.policy import service as policy
from consent_server.policy.models import Notice

E = ConsentEvent


@dataclass(frozen=True)
class Found:
    """One page of events, newest first, and the position after which the next one begins; none at the end.
    `locales` maps a notice's SHA-256 to its locale; a notice that is not ours is not in it."""

    events: list[ConsentEvent]
    next: Position | None
    locales: dict[bytes, str]


def search(sites: Iterable[str], filters: dict[str, Any]) -> Found:
    """The events on these sites that match validated filters (`FilterSchema`)."""
    limit = filters["limit"]
    # One query a site: only with a single one does the index (site, recorded_at, event_id) give the order.
    rows = [row for site in sites for row in db.session.scalars(_query(site, filters).limit(limit + 1))]
    rows.sort(key=_position, reverse=True)
    events = rows[:limit]
    notices = policy.notices_by_sha256({event.notice for event in events})
    return Found(
        events=events,
        next=_position(events[-1]) if len(rows) > limit else None,
        locales={sha256: notice.locale for sha256, notice in notices.items()},
    )


def find(sites: Iterable[str], event_id: uuid.UUID) -> ConsentEvent:
    """One event on these sites; raises NotFound, also where it is on another."""
    event = db.session.get(ConsentEvent, event_id)
    if event is None or event.site not in sites:
        raise NotFound("There is no such decision on your sites. It may have been erased.")
    return event


def _position(event: ConsentEvent) -> Position:
    return event.recorded_at, event.event_id


def _query(site: str, filters: dict[str, Any]) -> Select[ConsentEvent]:
    query = select(E).where(E.site == site)
    for name, condition in CONDITIONS.items():
        if name in filters:
            query = query.where(condition(filters[name]))
    return query.order_by(E.recorded_at.desc(), E.event_id.desc())


def _after(position: Position) -> ColumnElement[bool]:
    """As one row comparison, which both databases answer by going straight to its place in the index."""
    moment, event_id = position
    return tuple_(E.recorded_at, E.event_id) < tuple_(literal(moment, UtcTime()), literal(event_id, Id))


def _sent_dnt(sent: bool) -> ColumnElement[bool]:
    found = or_(func.coalesce(E.dnt_header, "") == "1", func.coalesce(E.dnt_js, "") == "1")
    return found if sent else ~found


def _sent_gpc(sent: bool) -> ColumnElement[bool]:
    found = or_(E.gpc_header, E.gpc_js)
    return found if sent else ~found


def _chose(choice: tuple[str, bool]) -> ColumnElement[bool]:
    category, allowed = choice
    answer: ColumnElement[bool] = E.choices[category].as_boolean()
    return answer.is_(allowed)


def _notices_in(locale: str) -> list[bytes]:
    """Looked up beforehand: as a subquery they would be looked up anew for each event."""
    return list(db.session.scalars(select(Notice.sha256).where(Notice.locale == locale)))


CONDITIONS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "visitor": lambda value: E.visitor_id == value,
    "event": lambda value: E.event_id == value,
    "since": lambda value: E.recorded_at >= value,
    "until": lambda value: E.recorded_at < value,
    "action": lambda value: E.action == value,
    "choice": _chose,
    "policy": lambda value: E.policy == value,
    "locale": lambda value: E.notice.in_(_notices_in(value)),
    "surface": lambda value: E.surface == value,
    "dnt": _sent_dnt,
    "gpc": _sent_gpc,
    "automated": lambda value: E.automated == value,
    "cursor": _after,
}
