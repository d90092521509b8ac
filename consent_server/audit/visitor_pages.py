"""`/audit/visitors/…`: one visitor's whole story."""

import uuid

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from consent_server import clock
from consent_server.audit import story as stories
from consent_server.audit import words
from consent_server.audit.frame import own_sites, write_down
from consent_server.evidence import service as evidence
from consent_server.staff.permissions import require_role

blueprint = Blueprint("audit-visitors", __name__, url_prefix="/audit/visitors")


@blueprint.get("/<uuid:visitor_id>")
@require_role("auditor")
def story(visitor_id: uuid.UUID) -> ResponseReturnValue:
    """Every decision of one consent ID, with what was asked again and where it stands in the log"""
    write_down("audit-visitor", own_sites())
    chapters = stories.tell(own_sites(), visitor_id)
    return render_template(
        "audit/visitor.html",
        visitor_id=visitor_id,
        chapters=chapters,
        turns=stories.turns(chapters),
        length=stories.LENGTH,
        checkpoint=evidence.newest(),
        now=clock.now(),
        words=words,
    )
