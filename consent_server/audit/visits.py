"""When an auditor was here, and what they saw of the log then: it stands in the record of their own acts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from consent_server import clock
from consent_server.audit.log_state import Head
from consent_server.evidence.note import decode_base64, encode_base64
from consent_server.evidence.service import Checkpoint
from consent_server.extensions import db
from consent_server.staff.models import StaffEvent
from consent_server.staff.record import record

# As long as a session may lie idle.
ONE_VISIT = timedelta(hours=8)


@dataclass(frozen=True)
class Visit:
    """When it began, and the newest checkpoint of then; none where there was none yet."""

    at: datetime
    head: Head | None


def earlier(actor: str, count: int = 10) -> list[Visit]:
    """The visits before the present one, the latest first."""
    found = _latest(actor, count + 1)
    return found[1:] if found and _goes_on(found[0]) else found[:count]


def begin(actor: str, checkpoint: Checkpoint | None) -> None:
    """Writes down that a visit begins, with what the log is now; nothing where one goes on. The caller commits."""
    if any(_goes_on(visit) for visit in _latest(actor, 1)):
        return
    detail: dict[str, Any] = {}
    if checkpoint is not None:
        detail = {"size": str(checkpoint.size), "root": encode_base64(checkpoint.root)}
    record(actor, "audit-visit", None, detail)


def _goes_on(visit: Visit) -> bool:
    return visit.at > clock.now() - ONE_VISIT


def _latest(actor: str, count: int) -> list[Visit]:
    query = select(StaffEvent).where(StaffEvent.actor == actor, StaffEvent.verb == "audit-visit")
    return [_visit(act) for act in db.session.scalars(query.order_by(StaffEvent.id.desc()).limit(count))]


def _visit(act: StaffEvent) -> Visit:
    size, root = act.detail.get("size"), act.detail.get("root")
    return Visit(act.at, Head(int(size), decode_base64(root)) if size and root else None)
