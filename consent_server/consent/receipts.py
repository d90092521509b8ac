"""`GET /v1/sites/{site}/receipts/{event_id}`: a decision's receipt, in three shapes."""

import uuid

from flask import Response, json, request
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, Schema, fields, validate

from consent_server.consent import exchange, proofs
from consent_server.consent.receipt_profiles import iso_27560, kantara
from consent_server.database import begin_writing
from consent_server.errors import problems
from consent_server.extensions import db
from consent_server.staff import permissions
from consent_server.staff.record import record

blueprint = Blueprint("receipts", __name__, url_prefix="/v1/sites/<site>", description="Receipts of decisions.")

RETRY_SECONDS = 2
SHAPES = {"27560": iso_27560, "kantara-1.1": kantara}


class ReceiptQuery(Schema):
    """`profile`: the shape of a standard, instead of our own."""

    class Meta:
        unknown = EXCLUDE

    profile = fields.String(load_default=None, validate=validate.OneOf(tuple(SHAPES)))


@blueprint.route("/receipts/<uuid:event_id>")
@blueprint.doc(
    parameters=[{"in": "query", "schema": ReceiptQuery}],
    responses={
        "200": {"description": "The receipt, or the same in the shape of ISO/IEC TS 27560 or Kantara 1.1"},
        "202": {"description": "Recorded, waits to be sealed"},
        **problems(404, 410, 422),
    },
)
def receipt(site: str, event_id: uuid.UUID) -> Response:
    """A decision's receipt, for the visitor's own cookie or a token with `audit:read`; others learn nothing of it"""
    profile = ReceiptQuery().load(request.args)["profile"]
    auditor = _is_auditor(site)
    event = proofs.find_event(site, event_id, exchange.visitor(), auditor=auditor)
    found = proofs.find_receipt(event)
    if found is None:
        body = json.dumps({"event_id": str(event_id), "state": "waiting to be sealed"})
        headers = {"Retry-After": str(RETRY_SECONDS)}
        return Response(body, 202, headers, content_type="application/json")
    document = SHAPES[profile](proofs.subject_of(found)) if profile else found.document
    response = Response(json.dumps(document), content_type="application/json")
    name = f"receipt-{event_id}{'-' + profile if profile else ''}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _is_auditor(site: str) -> bool:
    """Whether a token says so; that it is used to read is written down before anything is read."""
    bearer = permissions.present_bearer()
    db.session.rollback()
    if bearer is None or bearer.site != site or "audit:read" not in bearer.scopes:
        return False
    begin_writing(db.session)
    record(bearer.account.email, "audit-read", site, {"through": "token"})
    db.session.commit()
    return True
