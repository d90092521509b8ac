"""`GET /v1/sites/{site}/receipts/{event_id}`: who may have a receipt, and that it is not sealed yet."""

import uuid

from flask import Response, json, request
from flask_smorest import Blueprint

from consent_server.consent import cookies, service, store
from consent_server.errors import Erased, NotFound, problems
from consent_server.staff import permissions

blueprint = Blueprint("receipts", __name__, url_prefix="/v1/sites/<site>", description="Receipts of decisions.")

RETRY_SECONDS = 2


@blueprint.route("/receipts/<uuid:event_id>")
@blueprint.doc(responses={"202": {"description": "Recorded, waits to be sealed"}, **problems(404, 410)})
def receipt(site: str, event_id: uuid.UUID) -> Response:
    """A decision's receipt, for the visitor's own cookie or a token with `audit:read`; nobody else learns it is there

    The log does not seal events yet: every recorded event answers 202.
    """
    if store.is_erased(event_id):
        raise Erased("This event was erased.")
    event = store.find_event(event_id)
    if event is None or event.site != site or not (_is_own(event.visitor_id) or _is_auditor(site)):
        raise NotFound("There is no such receipt.")
    body = json.dumps({"event_id": str(event_id), "state": "waiting to be sealed"})
    response = Response(body, 202, content_type="application/json")
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _is_own(visitor_id: uuid.UUID | None) -> bool:
    visitor = cookies.read_visitor(request.cookies.getlist(cookies.VISITOR))
    return visitor is not None and visitor.id == visitor_id and service.proves(visitor)


def _is_auditor(site: str) -> bool:
    bearer = permissions.present_bearer()
    return bearer is not None and bearer.site == site and "audit:read" in bearer.scopes
