"""One visitor's whole story: every decision on record, its place in the log, and what asked for the next one."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from consent_server import clock
from consent_server.audit.service import locales_of
from consent_server.consent.models import ConsentEvent
from consent_server.errors import NotFound
from consent_server.evidence import service as evidence
from consent_server.extensions import db
from consent_server.policy import versions
from consent_server.policy.models import PolicyVersion
from consent_server.policy.significance import affected
from consent_server.policy.versions import Step

# The latest decisions that are told; the list has the others.
LENGTH = 100


@dataclass(frozen=True)
class Question:
    """A material version that was about something a decision had allowed (`keys`): from then on, and until the next
    decision, the banner asked again at each visit."""

    number: int
    published_at: datetime
    keys: list[str]


@dataclass(frozen=True)
class Chapter:
    """One decision. `locale`: of the text shown; none where it is not ours. `leaf`: its index in the log; none until
    it is sealed. `until`: when the next one was recorded on the same site; none for the last. `asked`: why that was
    asked for. `ran_out`: it expired before the next one."""

    event: ConsentEvent
    locale: str | None
    leaf: int | None
    until: datetime | None
    asked: list[Question] = field(default_factory=list)
    ran_out: bool = False


@dataclass(frozen=True)
class Turn:
    """`kind`: `allowed`, `withdrew` or `expired`."""

    kind: str
    at: datetime


def tell(sites: Iterable[str], visitor_id: uuid.UUID) -> list[Chapter]:
    """The visitor's latest decisions on these sites, oldest first; raises NotFound where there are none."""
    query = select(ConsentEvent).where(ConsentEvent.visitor_id == visitor_id, ConsentEvent.site.in_(tuple(sites)))
    latest = query.order_by(ConsentEvent.recorded_at.desc(), ConsentEvent.event_id.desc()).limit(LENGTH)
    events = list(db.session.scalars(latest))[::-1]
    if not events:
        raise NotFound("There is no decision of this consent ID on your sites. It may have been erased.")
    locales = locales_of(events)
    steps = {site: _material(site, events) for site in {event.site for event in events}}
    return [_chapter(event, events[place + 1 :], locales, steps[event.site]) for place, event in enumerate(events)]


def turns(chapters: list[Chapter]) -> dict[str, list[Turn]]:
    """By site, when a visitor began to allow anything optional, withdrew all of it, or let it expire, in this order of
    time; empty where they never allowed anything. What an action is called does not matter: whoever allowed something
    and then presses "Reject all" has withdrawn."""
    told: dict[str, list[Turn]] = {}
    for chapter in chapters:
        event, before = chapter.event, told.setdefault(chapter.event.site, [])
        allowed_before = bool(before) and before[-1].kind == "allowed"
        allows = any(event.choices.values()) or any(event.providers.values())
        if allows != allowed_before:
            before.append(Turn("allowed" if allows else "withdrew", event.recorded_at))
        if allows and chapter.ran_out:
            before.append(Turn("expired", event.expires_at))
    return told


def _material(site: str, events: Iterable[ConsentEvent]) -> list[Step]:
    """The material versions since the first decision on a site, oldest first."""
    first = min(event.policy for event in events if event.site == site)
    return versions.material_since(site, PolicyVersion.number > first)[::-1]


def _chapter(event: ConsentEvent, later: list[ConsentEvent], locales: dict[bytes, str], steps: list[Step]) -> Chapter:
    until = next((other.recorded_at for other in later if other.site == event.site), None)
    end = min(until or clock.now(), event.expires_at)
    asked = [
        Question(step.version.number, step.version.published_at, keys)
        for step in steps
        if event.policy < step.version.number and step.version.published_at < end and (keys := _ended(event, step))
    ]
    leaf = evidence.leaf_of_event(event.event_id)
    return Chapter(event, locales.get(event.notice), leaf, until, asked, event.expires_at <= (until or clock.now()))


def _ended(event: ConsentEvent, step: Step) -> list[str]:
    """What the decision allowed and the version is about: categories, and providers by themselves or by theirs."""
    categories = {provider["key"]: provider["category"] for provider in step.after["providers"]}
    return sorted(key for key in affected(step.changes, step.before, step.after) if _allowed(event, key, categories))


def _allowed(event: ConsentEvent, key: str, categories: dict[str, Any]) -> bool:
    return event.providers.get(key, event.choices.get(categories.get(key, key), False))
