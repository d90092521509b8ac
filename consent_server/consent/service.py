"""Recording a decision."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consent_server import clock
from consent_server.consent import store
from consent_server.consent.cookies import ChoicesCookie, VisitorCookie, mint_visitor
from consent_server.consent.effect import Choice, State, follow
from consent_server.consent.event import Sender, build_event, committed_event, digest_of, erased_hash
from consent_server.consent.models import ConsentCurrent, ConsentEvent, Visitor
from consent_server.errors import ClockSkew, Conflict, Erased, Invalid, StaleNotice, Unavailable
from consent_server.evidence.commitment import commit
from consent_server.extensions import db
from consent_server.policy import service as policy
from consent_server.policy.service import Published, Terms

BEHIND_MS = 7 * 86_400_000
AHEAD_MS = 10 * 60_000
# At each try one of those who decide at once for the same visitor gets through.
ATTEMPTS = 16


@dataclass(frozen=True)
class Recorded:
    """An answered decision. `fresh`: this very request wrote it. `changed`: what is allowed differs from before."""

    event_id: uuid.UUID
    recorded_at: datetime
    expires_at: datetime
    choice: Choice
    terms: Terms
    fresh: bool
    changed: bool
    visitor: VisitorCookie | None
    cookie: ChoicesCookie | None


def record(site: str, decision: dict[str, Any], sender: Sender) -> Recorded:
    """Records a validated decision (`DecisionSchema`), durably, once.

    Raises NotFound, Invalid, ClockSkew, StaleNotice, Conflict or Erased; then nothing is written.
    """
    published = policy.remembered(site)
    for _ in range(ATTEMPTS):
        written = _try_record(published, decision, sender)
        if written is not None:
            return written
        # What the session has read so far is a snapshot, which does not show what was written meanwhile.
        db.session.rollback()
        repeated = _repeat(published, decision, sender)
        if repeated is not None:
            return repeated
        # The site has changed since this worker looked, or the visitor decided at the same moment.
        published = policy.published(site)
    raise Unavailable("Too much happened at once. Nothing was changed.")


def _try_record(published: Published, decision: dict[str, Any], sender: Sender) -> Recorded | None:
    """Writes the event; none where it was not written (see `store.insert_event`)."""
    now = clock.now()
    _check_clock(decision["event_id"], now)
    terms = _terms(published, decision)
    event = build_event(decision, sender, published.rules, terms, now)
    row, decided = event.row, event.choice
    row |= {"revision": published.rules.revision, "erased_hash": erased_hash(row["event_id"])}
    visitor, state, known, changed = None, State(decided, {}), "none", False
    if not event.anonymous:
        visitor, known, before = _visitor(sender, row)
        state = follow(before, decided, clock.to_millis(row["decided_at"]), terms.providers)
        changed = before is None or before.choice != state.choice
        row |= {
            "visitor_id": visitor.id,
            "secret_hash": visitor.secret_hash,
            "current_choices": state.choice.categories,
            "current_providers": state.choice.providers,
            "refused_at": state.refused_at,
        }
    row["commitment"] = commit("consent", row["nonce"], committed_event(row, terms.sha256))
    if not store.insert_event(row, visitor=known):
        return None
    cookie = None
    if visitor is not None:
        day, action = now.date(), row["action"]
        cookie = ChoicesCookie(terms.number, terms.epoch, day, action, state.choice, event.under_signal)
    return Recorded(
        event_id=row["event_id"],
        recorded_at=now,
        expires_at=row["expires_at"],
        choice=state.choice,
        terms=terms,
        fresh=True,
        changed=changed,
        visitor=visitor,
        cookie=cookie,
    )


def _visitor(sender: Sender, row: dict[str, Any]) -> tuple[VisitorCookie, str, State | None]:
    """The visitor who sent this, minted anew where the cookie is missing, malformed, unknown or false."""
    if sender.visitor is not None:
        found = store.find_visitor(sender.visitor.id, row["site"])
        if found is not None and secrets.compare_digest(found.secret_hash, sender.visitor.secret_hash):
            if found.event_id is None:
                return sender.visitor, "known", None
            row["before"] = found.event_id
            return sender.visitor, "back", State(Choice(found.choices, found.providers), found.refused_at)
    return mint_visitor(), "new", None


def _repeat(published: Published, decision: dict[str, Any], sender: Sender) -> Recorded | None:
    """The answer to an event that is there already; none where it is not; raises Erased or Conflict. It sets no
    cookie, and tells a sender who cannot prove to be the visitor nothing but what the body said."""
    if store.is_erased(decision["event_id"]):
        raise Erased("This event was erased.")
    row = store.find_event(decision["event_id"])
    if row is None:
        return None
    if row.site != published.rules.key or row.digest != digest_of(decision):
        raise Conflict("There is another event under this id.")
    choice = Choice(row.choices, row.providers)
    if row.visitor_id is not None and sender.visitor is not None and sender.visitor.id == row.visitor_id:
        current = current_choice(published.rules.key, sender.visitor)
        if current is not None:
            choice = Choice(current.choices, current.providers)
    return Recorded(
        event_id=decision["event_id"],
        recorded_at=row.recorded_at,
        expires_at=row.expires_at,
        choice=choice,
        terms=policy.terms_of_version(published.rules.key, row.policy),
        fresh=False,
        changed=False,
        visitor=None,
        cookie=None,
    )


def current_choice(site: str, visitor: VisitorCookie | None) -> ConsentCurrent | None:
    """The current choice of whoever proves to be the visitor."""
    if visitor is None or not proves(visitor):
        return None
    return db.session.get(ConsentCurrent, (visitor.id, site))


def proves(visitor: VisitorCookie) -> bool:
    """Whether the cookie's secret opens its UUID."""
    known = db.session.get(Visitor, visitor.id)
    return known is not None and secrets.compare_digest(known.secret_hash, visitor.secret_hash)


def history(site: str, visitor: VisitorCookie) -> list[ConsentEvent]:
    """All of a proven visitor's decisions on a site, newest first."""
    if not proves(visitor):
        return []
    query = db.select(ConsentEvent).where(ConsentEvent.visitor_id == visitor.id, ConsentEvent.site == site)
    return list(db.session.scalars(query.order_by(ConsentEvent.recorded_at.desc(), ConsentEvent.event_id.desc())))


def committed(event: ConsentEvent) -> dict[str, Any]:
    """A kept event as its leaf commits to it: what was committed when it was recorded, made again from its row."""
    row = {column.key: getattr(event, column.key) for column in store.EVENT.c}
    return committed_event(row, policy.terms_of_version(event.site, event.policy).sha256)


def _terms(published: Published, decision: dict[str, Any]) -> Terms:
    """The terms the decision was made under. A refusal counts under any text; a grant only under one in force."""
    shown = policy.terms_of_notice(published.rules.key, decision["notice"])
    if any(decision["choices"].values()) or any(decision["providers"].values()):
        if shown is None:
            raise StaleNotice("We never showed this notice. Ask again under the present one.")
        if shown.epoch != published.terms.epoch:
            raise StaleNotice("What people are asked has changed since this notice. Ask again under the present one.")
    faults: dict[str, Any] = {}
    if shown is not None:
        # Required categories are not a choice: naming one changes nothing.
        unknown = set(decision["choices"]) - set(shown.categories) - shown.required
        if unknown:
            faults["choices"] = {name: ["There is no such category."] for name in sorted(unknown)}
        strangers = set(decision["providers"]) - set(shown.providers)
        if strangers:
            faults["providers"] = {key: ["There is no such provider."] for key in sorted(strangers)}
    if faults:
        raise Invalid("Some fields are not valid.", errors=faults)
    return shown or published.terms


def _check_clock(event_id: uuid.UUID, now: datetime) -> None:
    late_by = clock.to_millis(now) - clock.millis_of_id(event_id)
    if not -AHEAD_MS <= late_by <= BEHIND_MS:
        raise ClockSkew(
            "The event id's time is more than 7 days behind or 10 minutes ahead. Mint it anew from `now`.",
            now=clock.to_rfc3339(now),
        )
