"""`GET /v1/audit/events`: the record, for programs of auditors."""

from flask import Response, g, json, request
from flask_smorest import Blueprint

from consent_server.audit import service
from consent_server.audit.records import event_record
from consent_server.audit.schemas import FilterSchema, write_cursor
from consent_server.database import begin_writing
from consent_server.errors import Forbidden, problems
from consent_server.extensions import db
from consent_server.staff.permissions import require_scope
from consent_server.staff.record import record

blueprint = Blueprint("audit", __name__, url_prefix="/v1/audit", description="What is on record; with a bearer token.")
schema = FilterSchema()


@blueprint.route("/events")
@blueprint.doc(
    security=[{"bearer": []}],
    parameters=[{"in": "query", "schema": FilterSchema}],
    responses={
        "200": {"description": 'Newest first: `{"events": […], "next": …}`; `next` is the `cursor` of the next page'},
        **problems(401, 403, 422, 503),
    },
)
@require_scope("audit:read")
def events() -> Response:
    """Search the decisions on the token's site"""
    filters = schema.load(request.args)
    site = g.bearer.site
    if filters.pop("site", site) != site:
        raise Forbidden(f"This token is for the site {site} only.")
    # Written down before anything is read: there is no reading without its record.
    begin_writing(db.session)
    detail = {"filters": sorted(set(request.args) - {"limit", "cursor"}), "through": "token"}
    record(g.bearer.account.email, "audit-search", site, detail)
    db.session.commit()
    found = service.search([site], filters)
    body = {
        "events": [event_record(event, found.locales.get(event.notice)) for event in found.events],
        "next": write_cursor(found.next) if found.next else None,
    }
    return Response(json.dumps(body), content_type="application/json")
