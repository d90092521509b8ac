"""Exports as answers: each is on record before its first byte is sent."""

import uuid
from typing import Any

from flask import Response

from consent_server import clock
from consent_server.audit import bundle, export_lines, exports, sample, sample_archive, service
from consent_server.audit.export_rows import START, notice_locales, prepare
from consent_server.audit.sending import Pieces, Sending
from consent_server.database import begin_writing
from consent_server.errors import State
from consent_server.evidence import service as evidence
from consent_server.evidence.commitment import digest
from consent_server.evidence.service import Checkpoint
from consent_server.extensions import db

TYPES = {"csv": "text/csv; charset=utf-8; header=present", "jsonl": "application/jsonl; charset=utf-8"}
ZIP = "application/zip"
Sites = tuple[str, ...]


def send_events(actor: str, sites: Sites, asked: dict[str, Any], names: set[str]) -> Response:
    """Decisions as CSV or JSONL. `asked`: `ExportSchema`; `names`: of the filters, for the record. Raises NotFound for
    an event to go on from that is not there (any more)."""
    kind, after = asked["format"], asked.get("after")
    filters = {name: value for name, value in asked.items() if name not in ("format", "after", "site")}
    position = START
    if after is not None:
        event = service.find(sites, after)
        position = event.recorded_at, event.event_id
    export_id = _begin(actor, kind, sites, filters=names - {"format"})
    reading = prepare(sites, filters, clock.now(), position)
    lines = export_lines.pieces(kind, reading.rows(), notice_locales())
    return _send(export_id, lines, f"decisions.{kind}", TYPES[kind])


def send_bundle(actor: str, sites: Sites) -> Response:
    """Everything on record of these sites, with the log; raises State before the first checkpoint."""
    checkpoint = newest()
    detail = {"size": str(checkpoint.size), "root": checkpoint.root.hex()}
    export_id = _begin(actor, "bundle", sites, detail=detail)
    return _send(export_id, bundle.pieces(checkpoint, sites), "bundle.zip", ZIP)


def send_sample(actor: str, sites: Sites, asked: dict[str, Any]) -> Response:
    """A sample as an archive. `asked`: `SampleSchema`. Raises State where there is no such checkpoint."""
    checkpoint = newest(asked.get("size"))
    export_id = _begin(actor, "sample", sites, detail=sample_detail(checkpoint, asked))
    drawn = sample_archive.pieces(checkpoint, sites, asked["phrase"], asked["count"])
    return _send(export_id, drawn, "sample.zip", ZIP)


def newest(size: int | None = None) -> Checkpoint:
    """The newest signed checkpoint, or the one of a size; raises State where there is none."""
    found = evidence.newest() if size is None else evidence.checkpoint_at(size)
    if found is None or found.size == 0:
        raise State("Nothing is sealed yet." if size is None else "The log has no checkpoint of this size.")
    return found


def sample_detail(checkpoint: Checkpoint, asked: dict[str, Any]) -> dict[str, str]:
    """What the record says of a sample; the phrase itself stays with the auditor."""
    return {
        "count": str(asked["count"]),
        "phrase_sha256": digest(asked["phrase"].encode()).hex(),
        "root": checkpoint.root.hex(),
        "seed": sample.seed_of(asked["phrase"], checkpoint.root).hex(),
        "size": str(checkpoint.size),
    }


def _begin(actor: str, kind: str, sites: Sites, **more: Any) -> uuid.UUID:
    db.session.rollback()
    begin_writing(db.session)
    export_id = exports.begin(actor, kind, sites, **more)
    db.session.commit()
    return export_id


def _send(export_id: uuid.UUID, pieces: Pieces, name: str, content_type: str) -> Response:
    response = Response(Sending(export_id, pieces), content_type=content_type)
    stem, _, ending = name.rpartition(".")
    response.headers["Content-Disposition"] = f'attachment; filename="{stem}-{clock.now():%Y%m%dT%H%M%SZ}.{ending}"'
    return response
