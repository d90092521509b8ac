"""`/audit/visitors/{uuid}/pack`: everything that proves one visitor's decisions, to be taken away."""

import uuid
from collections.abc import Iterator

from flask import Blueprint, Response, g
from flask.typing import ResponseReturnValue

from consent_server.audit import exports
from consent_server.audit.frame import own_sites
from consent_server.audit.sending import Sending
from consent_server.consent.pack import Pack, find_pack, write_pack
from consent_server.database import begin_writing
from consent_server.extensions import db
from consent_server.staff.permissions import require_role

blueprint = Blueprint("audit-pack", __name__, url_prefix="/audit/visitors")


@blueprint.get("/<uuid:visitor_id>/pack")
@require_role("auditor")
def pack(visitor_id: uuid.UUID) -> ResponseReturnValue:
    """Receipts, texts, pages as shown, verifier and how to, as one zip file"""
    sites = {event.site for event in find_pack(own_sites(), visitor_id).events}
    # Written down before anything is read out: there is no export without its record.
    db.session.rollback()
    begin_writing(db.session)
    export = exports.begin(g.staff.email, "pack", sites)
    db.session.commit()
    found = find_pack(sites, visitor_id)
    response = Response(Sending(export, _pieces(found)), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="evidence-{visitor_id}.zip"'
    return response


def _pieces(found: Pack) -> Iterator[tuple[bytes, int]]:
    """The file's bytes; its rows count with the last of them."""
    for piece in write_pack(found):
        yield piece, 0
    yield b"", len(found.events)
