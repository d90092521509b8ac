"""`/audit/retention` and `/audit/findings`: whether what was promised is kept."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from consent_server.audit import retention, words
from consent_server.audit.frame import ask, own_sites, write_down
from consent_server.audit.view_schemas import ViewQuery
from consent_server.governance import service as governance
from consent_server.staff.permissions import require_role

blueprint = Blueprint("audit-retention", __name__, url_prefix="/audit")


@blueprint.get("/retention")
@require_role("auditor")
def kept() -> ResponseReturnValue:
    """The rule, the oldest decision on record, what was deleted and why"""
    asked = ask(ViewQuery())
    write_down("audit-retention", asked.sites)
    page = render_template(
        "audit/retention.html",
        asked=asked,
        kept=list(retention.kept(asked.sites)),
        erased=retention.erased(),
        words=words,
    )
    return page, asked.status


@blueprint.get("/findings")
@require_role("auditor")
def found() -> ResponseReturnValue:
    """What ran before consent, or was not declared"""
    asked = ask(ViewQuery())
    write_down("audit-findings", asked.sites)
    page = render_template(
        "audit/findings.html",
        asked=asked,
        sites={key: key for key in own_sites()},
        findings=[] if asked.errors else governance.search(asked.sites),
        words=words,
    )
    return page, asked.status
