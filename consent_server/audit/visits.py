"""When an auditor was here, and what they saw of the log then: it stands in the record of their own acts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from consent_server import clock
from consent_server.audit.log_state import Head
from consent_server.evidence import service as evidence
from consent_server.evidence.note import decode_base64, encode_base64
from consent_server.evidence.service import Checkpoint
from consent_server.extensions import db
from consent_server.staff.models import StaffEvent
from consent_server.staff.record import record

# As long as a session may lie idle.
ONE_VISIT = timedelta(hours=8)


@dataclass(frozen=True)
class Visit:
    """When it began, and the newest checkpoint of then; none where there was none yet. `former`: the log of then was
    another one, which the present one succeeds; their checkpoints cannot be compared."""

    at: datetime
    head: Head | None
    former: bool


def earlier(actor: str, count: int = 10) -> list[Visit]:
    """The visits before the present one, the latest first."""
    found = _latest(actor, count + 1)
    return found[1:] if found and _goes_on(found[0]) else found[:count]


def present(actor: str) -> Visit | None:
    """The visit that goes on."""
    return next(filter(_goes_on, _latest(actor, 1)), None)


def begin(actor: str, checkpoint: Checkpoint | None) -> None:
    """Writes down that a visit begins, with what the log is now; nothing where one goes on. The caller commits."""
    if present(actor):
        return
    detail: dict[str, Any] = {}
    if checkpoint is not None:
        head = {"size": str(checkpoint.size), "root": encode_base64(checkpoint.root)}
        detail = {**head, "origin": checkpoint.note.partition("\n")[0]}
    record(actor, "audit-visit", None, detail)


def _goes_on(visit: Visit) -> bool:
    return visit.at > clock.now() - ONE_VISIT


def _latest(actor: str, count: int) -> list[Visit]:
    query = select(StaffEvent).where(StaffEvent.actor == actor, StaffEvent.verb == "audit-visit")
    acts = list(db.session.scalars(query.order_by(StaffEvent.id.desc()).limit(count)))
    origin = evidence.origin()
    return [_visit(act, origin) for act in acts]


def _visit(act: StaffEvent, origin: str | None) -> Visit:
    size, root = act.detail.get("size"), act.detail.get("root")
    head = Head(int(size), decode_base64(root)) if size and root else None
    former = head is not None and act.detail.get("origin") != origin
    return Visit(act.at, None if former else head, former)
