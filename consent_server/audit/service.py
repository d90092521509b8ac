"""Searching the record: one index to walk along, newest first, from where the last page ended."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, text, tuple_
from sqlalchemy.orm import aliased

from consent_server.audit.schemas import Position
from consent_server.consent.models import RARE, ConsentEvent
from consent_server.database import Id, UtcTime
from consent_server.errors import NotFound
from consent_server.extensions import db
from consent_server.policy import service as policy
from consent_server.policy.models import Notice

E = ConsentEvent
# How many decisions are looked through for one page: whatever is asked for, it comes in time, and goes on from there.
SCAN = 10_000
# The same along an index of rare ones: each of them lies on another page of the table.
SCAN_RARE = 1_000
# Values that are not RARE.
COMMON = {"automated": ("human",), "action": ("accept_all", "reject_all", "custom")}

Condition = Callable[[Any, Any], ColumnElement[bool]]


@dataclass(frozen=True)
class Found:
    """One page of events, newest first, and the position after which the next one begins; none at the end.

    `reached`: the page is not full although older events may match; the search has come down to this moment.
    `locales` maps a notice's SHA-256 to its locale; a notice that is not ours is not in it.
    """

    events: list[ConsentEvent]
    next: Position | None
    reached: datetime | None
    locales: dict[bytes, str]


def search(sites: Iterable[str], filters: dict[str, Any]) -> Found:
    """The events on these sites that match validated filters (`FilterSchema`)."""
    limit = filters["limit"]
    # One query a site: only with a single one does the index (site, recorded_at, event_id) give the order.
    walks = [_walk(site, filters, limit) for site in sites]
    rows = sorted((row for found, _ in walks for row in found), key=_position, reverse=True)
    stops = [stop for _, stop in walks if stop is not None]
    horizon = max(stops, default=None)
    if horizon is not None:
        # Below it some site has not been looked through.
        rows = [row for row in rows if _position(row) >= horizon]
    events = rows[:limit]
    full = len(rows) > limit
    return Found(
        events=events,
        next=_position(events[-1]) if full else horizon,
        reached=horizon[0] if horizon and not full else None,
        locales=locales_of(events),
    )


def categories(site: str) -> tuple[str, ...]:
    """Keys of the optional categories of the version in force; none of a site that has published nothing."""
    version = policy.current_version(site)
    return policy.terms_of_version(site, version.number).categories if version else ()


def locales_of(events: Iterable[ConsentEvent]) -> dict[bytes, str]:
    """The locale of each event's notice, by its SHA-256, where it is ours."""
    notices = policy.notices_by_sha256({event.notice for event in events})
    return {sha256: notice.locale for sha256, notice in notices.items()}


def find(sites: Iterable[str], event_id: uuid.UUID) -> ConsentEvent:
    """One event on these sites; raises NotFound, also where it is on another."""
    event = db.session.get(ConsentEvent, event_id)
    if event is None or event.site not in sites:
        raise NotFound("There is no such decision on your sites. It may have been erased.")
    return event


def _position(event: ConsentEvent) -> Position:
    return event.recorded_at, event.event_id


def _walk(site: str, filters: dict[str, Any], limit: int) -> tuple[list[ConsentEvent], Position | None]:
    """Up to `limit` + 1 events of one site; and, where fewer were found and as many were looked through as one page
    may, the last of those."""
    along = _along(filters)
    rest = [name for name in CONDITIONS if name in filters and name not in along]
    walked = _newest_first(select(E).where(E.site == site), E)
    for name in along:
        if name in RARE:
            walked = walked.where(text(f"({RARE[name]})"))
        # Those two say no more than their index does; said twice, they would seem rarer than they are.
        if name not in ("dnt", "gpc"):
            walked = walked.where(CONDITIONS[name](E, filters[name]))
    if not rest:
        return list(db.session.scalars(walked.limit(limit + 1))), None
    most = SCAN_RARE if set(along) & set(RARE) else SCAN
    event = aliased(E, walked.limit(most).subquery())
    query = _newest_first(select(event).where(*(CONDITIONS[name](event, filters[name]) for name in rest)), event)
    rows = list(db.session.scalars(query.limit(limit + 1)))
    if len(rows) > limit:
        return rows, None
    last = walked.with_only_columns(E.recorded_at, E.event_id).offset(most - 1).limit(1)
    stop = db.session.execute(last).one_or_none()
    return rows, (stop.recorded_at, stop.event_id) if stop else None


def _along(filters: dict[str, Any]) -> list[str]:
    """The conditions that an index answers: those of time, and one that picks the index."""
    picks = [name for name in ("event", "visitor", *RARE) if name in filters and _has_index(name, filters[name])]
    return picks[:1] + [name for name in ("since", "until", "cursor") if name in filters]


def _has_index(name: str, value: Any) -> bool:
    if name in ("dnt", "gpc"):
        return bool(value)
    return name not in COMMON or value not in COMMON[name]


def _newest_first(query: Select[Any], event: Any) -> Select[Any]:
    return query.order_by(event.recorded_at.desc(), event.event_id.desc())


def _after(event: Any, position: Position) -> ColumnElement[bool]:
    """As one row comparison, which both databases answer by going straight to its place in the index."""
    moment, event_id = position
    return tuple_(event.recorded_at, event.event_id) < tuple_(literal(moment, UtcTime()), literal(event_id, Id))


def _sent_dnt(event: Any, sent: bool) -> ColumnElement[bool]:
    found = or_(func.coalesce(event.dnt_header, "") == "1", func.coalesce(event.dnt_js, "") == "1")
    return found if sent else ~found


def _sent_gpc(event: Any, sent: bool) -> ColumnElement[bool]:
    found = or_(event.gpc_header, event.gpc_js)
    return found if sent else ~found


def _chose(event: Any, choice: tuple[str, bool]) -> ColumnElement[bool]:
    category, allowed = choice
    answer: ColumnElement[bool] = event.choices[category].as_boolean()
    return answer.is_(allowed)


def _notices_in(locale: str) -> list[bytes]:
    """Looked up beforehand: as a subquery they would be looked up anew for each event."""
    return list(db.session.scalars(select(Notice.sha256).where(Notice.locale == locale)))


CONDITIONS: dict[str, Condition] = {
    "visitor": lambda event, value: event.visitor_id == value,
    "event": lambda event, value: event.event_id == value,
    "since": lambda event, value: event.recorded_at >= value,
    "until": lambda event, value: event.recorded_at < value,
    "action": lambda event, value: event.action == value,
    "choice": _chose,
    "policy": lambda event, value: event.policy == value,
    "locale": lambda event, value: event.notice.in_(_notices_in(value)),
    "surface": lambda event, value: event.surface == value,
    "dnt": _sent_dnt,
    "gpc": _sent_gpc,
    "automated": lambda event, value: event.automated == value,
    "cursor": _after,
}
