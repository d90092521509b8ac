"""Deleting decisions that have been kept for as long as their site keeps proofs.

Due is what a time mark of the log proves to be old enough. It goes piece by piece, each with its `purge/1` leaf, so
that a run can be interrupted and run again at will.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select, tuple_

from consent_server import clock
from consent_server.consent import erasure, partitions, write_ahead
from consent_server.consent.models import ConsentCurrent, ConsentEvent, RetentionRun
from consent_server.consent.removal import remove
from consent_server.database import begin_writing
from consent_server.evidence import service as evidence
from consent_server.extensions import db
from consent_server.sites import service as sites
from consent_server.staff.record import record

OPERATOR = "operator"
# On SQLite decisions wait while a piece is deleted.
PIECE = 2_000


@dataclass(frozen=True)
class Rule:
    """How long a site keeps proofs, and what that means now: what was recorded before `cutoff`, with a leaf below
    `below`, is due."""

    site: str
    days: int
    cutoff: datetime
    below: int


@dataclass(frozen=True)
class Piece:
    """Events to look at: `visitors` by the events' ids. `due`: leaves' indexes of those that are to go."""

    visitors: dict[uuid.UUID, uuid.UUID | None]
    due: dict[uuid.UUID, int]


def rule_of(site: str) -> Rule:
    """Raises NotFound."""
    days = sites.load_rules(site).proof_retention_days
    cutoff = clock.now() - timedelta(days=days)
    return Rule(site, days, cutoff, evidence.sealed_by(cutoff))


def count_old(rule: Rule) -> int:
    """How many decisions are older than the site keeps them, due or not."""
    old = (ConsentEvent.site == rule.site) & (ConsentEvent.recorded_at < rule.cutoff)
    return db.session.scalar(select(func.count()).select_from(ConsentEvent).where(old)) or 0


def count_due(rule: Rule, seen: Callable[[int], None]) -> int:
    """How many decisions a run would delete. `seen` is told how many were looked at."""
    count = 0
    for piece in _pieces(rule):
        db.session.rollback()
        count += len(piece.due)
        seen(len(piece.visitors))
    return count


def run(rule: Rule, seen: Callable[[int], None]) -> RetentionRun:
    """Deletes what is due, and commits piece by piece. `seen` is told how many decisions were looked at. The run is on
    record from its beginning; one that was interrupted has no end."""
    # What was read to find the rule must not hold the transaction that writes.
    db.session.rollback()
    begin_writing(db.session)
    begun = RetentionRun(id=clock.new_id(), site=rule.site, began_at=clock.now(), cutoff=rule.cutoff, events=0)
    db.session.add(begun)
    db.session.commit()
    begin_writing(db.session)
    for piece in _pieces(rule):
        _delete(rule, piece, begun)
        db.session.commit()
        seen(len(piece.visitors))
        begin_writing(db.session)
    _sweep(rule.site)
    _end(rule, begun)
    db.session.commit()
    write_ahead.empty()
    return begun


def drop_empty_partitions(rules: list[Rule]) -> list[str]:
    """On PostgreSQL, drops months of which every site's decisions are gone, and commits; their names."""
    dropped = partitions.drop_empty(db.session.connection(), min(rule.cutoff for rule in rules)) if rules else []
    db.session.commit()
    return dropped


def _pieces(rule: Rule) -> Iterator[Piece]:
    """All decisions that are old enough, in the order in which they were recorded; their visitors are held until the
    transaction ends."""
    key = tuple_(ConsentEvent.recorded_at, ConsentEvent.event_id)
    columns = (ConsentEvent.recorded_at, ConsentEvent.event_id, ConsentEvent.visitor_id)
    query = select(*columns).where(ConsentEvent.site == rule.site, ConsentEvent.recorded_at < rule.cutoff)
    query = query.order_by(ConsentEvent.recorded_at, ConsentEvent.event_id).limit(PIECE)
    found = db.session.execute(query).all()
    while found:
        visitors = {row.event_id: row.visitor_id for row in found}
        # Before the leaves, as erasures do: each waits for the other one way.
        erasure.hold([visitor_id for visitor_id in visitors.values() if visitor_id])
        yield Piece(visitors, evidence.leaves_below(list(visitors), rule.below))
        last = found[-1]
        found = db.session.execute(query.where(key > (last.recorded_at, last.event_id))).all()


def _delete(rule: Rule, piece: Piece, begun: RetentionRun) -> None:
    if not piece.due:
        return
    visitor_ids = list({visitor_id for event_id in piece.due if (visitor_id := piece.visitors[event_id])})
    evidence.purge(piece.due.values(), f"{rule.site}: decisions are kept for {rule.days} days.")
    remove(list(piece.due), visitor_ids, ConsentCurrent.expires_at <= clock.now())
    begun.events += len(piece.due)


def _sweep(site: str) -> None:
    """Choices that outlived their event have expired since."""
    expired = ConsentCurrent.expires_at <= clock.now()
    without_event = ~exists().where(ConsentEvent.event_id == ConsentCurrent.event_id)
    left = select(ConsentCurrent.visitor_id).where(ConsentCurrent.site == site, expired, without_event).limit(PIECE)
    while visitor_ids := list(db.session.scalars(left)):
        erasure.hold(visitor_ids)
        remove([], visitor_ids, expired)
        db.session.commit()
        begin_writing(db.session)


def _end(rule: Rule, begun: RetentionRun) -> None:
    begun.oldest_left = db.session.scalar(
        select(func.min(ConsentEvent.recorded_at)).where(ConsentEvent.site == rule.site)
    )
    begun.ended_at = clock.now()
    detail = {"cutoff": clock.to_rfc3339(rule.cutoff), "decisions": str(begun.events)}
    record(OPERATOR, "retention-run", rule.site, detail)
