"""The record of what was taken away: written down before the first byte, and sealed with its outcome at the end."""

import secrets
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from consent_server import clock
from consent_server.audit.export_models import Export
from consent_server.evidence import service as evidence
from consent_server.evidence.commitment import NONCE_BYTES, commit
from consent_server.extensions import db
from consent_server.staff.record import record

LEAF = "export/1"
# One that was not heard of for so long has died with its process.
LOST = timedelta(days=1)


def begin(
    actor: str,
    kind: str,
    sites: Iterable[str],
    *,
    filters: Iterable[str] = (),
    detail: dict[str, Any] | None = None,
) -> uuid.UUID:
    """Writes down that an export begins, in the present transaction, as a row and as an act on each site; its id.

    `kind` is `csv`, `jsonl`, `bundle`, `sample` or `pack`. `filters` are names alone. `detail` holds strings, booleans
    and lists; neither it nor anything else names a visitor.
    """
    now = clock.now()
    _end_lost(now - LOST)
    export = Export(
        id=clock.new_id(),
        actor=actor,
        kind=kind,
        sites=sorted(sites),
        filters=sorted(filters),
        detail=detail or {},
        begun_at=now,
        heard_at=now,
        state="running",
        rows=0,
        nonce=secrets.token_bytes(NONCE_BYTES),
    )
    db.session.add(export)
    for site in export.sites:
        act = {"export": str(export.id), "kind": kind, "filters": export.filters, **export.detail}
        record(actor, "audit-export", site, act)
    return export.id


def go_on(export_id: uuid.UUID, rows: int) -> None:
    """Notes how far a running export has come, in the present transaction."""
    running = (Export.id == export_id) & (Export.state == "running")
    db.session.execute(update(Export).where(running).values(rows=rows, heard_at=clock.now()))


def finish(export_id: uuid.UUID, rows: int, sha256: bytes | None, *, whole: bool = True) -> None:
    """Writes down how an export ended, in the present transaction, and queues its leaf. `sha256` is of the bytes that
    were sent. Nothing happens where it has ended already."""
    export = db.session.get(Export, export_id, with_for_update=True, populate_existing=True)
    if export is not None and export.state == "running":
        _end(export, rows, sha256, "whole" if whole else "interrupted")


def _end(export: Export, rows: int, sha256: bytes | None, state: str) -> None:
    export.rows, export.sha256, export.state = rows, sha256, state
    export.ended_at = clock.now()
    export.hash = commit("export", export.nonce, committed_export(export))
    evidence.enqueue(LEAF, export.hash)


def _end_lost(before: Any) -> None:
    """Whatever their readers got of them, nobody knows."""
    lost = select(Export).where(Export.state == "running", Export.heard_at < before).with_for_update()
    for export in db.session.scalars(lost):
        _end(export, export.rows, None, "interrupted")


def committed_export(export: Export) -> dict[str, Any]:
    """The export as its leaf commits to it, once it has ended; absent values are null."""
    return {
        "actor": export.actor,
        "begun_at": clock.to_rfc3339(export.begun_at),
        "detail": export.detail,
        "ended_at": clock.to_rfc3339(export.ended_at) if export.ended_at else None,
        "filters": export.filters,
        "id": str(export.id),
        "kind": export.kind,
        "rows": str(export.rows),
        "sha256": export.sha256.hex() if export.sha256 else None,
        "sites": export.sites,
        "state": export.state,
    }


def latest(sites: Iterable[str], limit: int) -> list[Export]:
    """The latest exports of anything on these sites, newest first."""
    own = set(sites)
    found: list[Export] = []
    newest_first = select(Export).order_by(Export.id.desc()).limit(limit)
    some = db.session.scalars(newest_first).all()
    while some and len(found) < limit:
        found += [export for export in some if not own.isdisjoint(export.sites)]
        some = db.session.scalars(newest_first.where(Export.id < some[-1].id)).all()
    return found[:limit]
