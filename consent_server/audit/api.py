"""`/v1/audit/`: the record, for programs of auditors: to search, to take away, to prove."""

import uuid
from typing import Any

from flask import Response, g, request
from flask_smorest import Blueprint

from consent_server.audit import downloads, service
from consent_server.audit.export_schemas import ConsistencySchema, ExportSchema, SampleSchema
from consent_server.audit.records import event_record
from consent_server.audit.schemas import FilterSchema, write_cursor
from consent_server.bodies import answer
from consent_server.database import begin_writing
from consent_server.errors import Forbidden, State, problems
from consent_server.evidence import service as evidence
from consent_server.evidence.note import encode_base64
from consent_server.extensions import db
from consent_server.staff.permissions import require_scope
from consent_server.staff.record import record

blueprint = Blueprint("audit", __name__, url_prefix="/v1/audit", description="What is on record; with a bearer token.")
schema = FilterSchema()
PROOF = "text/plain; charset=utf-8"


@blueprint.route("/events")
@blueprint.doc(
    security=[{"bearer": []}],
    parameters=[{"in": "query", "schema": FilterSchema}],
    responses={
        "200": {
            "description": 'Newest first: `{"events": […], "next": …}`; `next` is the `cursor` of the next page. Where '
            "much has to be looked through, a page may hold fewer than `limit`, or none, and still have a next one."
        },
        **problems(401, 403, 422, 503),
    },
)
@require_scope("audit:read")
def events() -> Response:
    """Search the decisions on the token's site"""
    filters = schema.load(request.args)
    site = _site(filters)
    _write_down("audit-search", {"filters": sorted(set(request.args) - {"limit", "cursor"})})
    found = service.search([site], filters)
    body = {
        "events": [event_record(event, found.locales.get(event.notice)) for event in found.events],
        "next": write_cursor(found.next) if found.next else None,
    }
    return answer(body)


@blueprint.route("/export")
@blueprint.doc(
    security=[{"bearer": []}],
    parameters=[{"in": "query", "schema": ExportSchema}],
    responses={
        "200": {"description": "Oldest first, one a line", "content": {kind: {} for kind in downloads.TYPES.values()}},
        **problems(401, 403, 404, 422, 503),
    },
)
@require_scope("audit:read")
def export() -> Response:
    """Take decisions away as CSV or JSONL

    Where it broke off, ask again with `after`: the event of the last whole line. 404 where that was erased since: give
    the line before it.
    """
    asked = ExportSchema().load(request.args)
    return downloads.send_events(g.bearer.account.email, (_site(asked),), asked, set(request.args))


@blueprint.route("/bundle")
@blueprint.doc(
    security=[{"bearer": []}],
    responses={"200": {"description": "A zip file", "content": {downloads.ZIP: {}}}, **problems(401, 403, 409, 503)},
)
@require_scope("audit:read")
def bundle() -> Response:
    """Everything on record of the token's site, with the log, to be verified offline"""
    return downloads.send_bundle(g.bearer.account.email, (g.bearer.site,))


@blueprint.route("/sample")
@blueprint.doc(
    security=[{"bearer": []}],
    parameters=[{"in": "query", "schema": SampleSchema}],
    responses={
        "200": {"description": "A zip file", "content": {downloads.ZIP: {}}},
        **problems(401, 403, 409, 422, 503),
    },
)
@require_scope("audit:read")
def sample() -> Response:
    """A random sample, drawn by a phrase and the root of a checkpoint: the newest, or the one of `size`

    Nobody can steer it where you kept the checkpoint before you told the phrase.
    """
    asked = SampleSchema().load(request.args)
    return downloads.send_sample(g.bearer.account.email, (g.bearer.site,), asked)


@blueprint.route("/log/consistency")
@blueprint.doc(
    security=[{"bearer": []}],
    parameters=[{"in": "query", "schema": ConsistencySchema}],
    responses={
        "200": {"description": 'The proof, in base64: `{"from": "5", "to": "9", "hashes": […]}`'},
        **problems(401, 403, 404, 422, 503),
    },
)
@require_scope("audit:read")
def consistency() -> Response:
    """The proof that the log of one size extends the log of a smaller one (RFC 6962 §2.1.2)"""
    asked = ConsistencySchema().load(request.args)
    _write_down("audit-log", {})
    hashes = [encode_base64(one) for one in evidence.consistency(asked["old"], asked["new"])]
    return answer({"from": str(asked["old"]), "to": str(asked["new"]), "hashes": hashes})


@blueprint.route("/events/<uuid:event_id>/proof")
@blueprint.doc(
    security=[{"bearer": []}],
    responses={
        "200": {"description": "C2SP tlog-proof@v1", "content": {PROOF: {}}},
        **problems(401, 403, 404, 409, 503),
    },
)
@require_scope("audit:read")
def proof(event_id: uuid.UUID) -> Response:
    """The proof that a decision's leaf is in the log; 409 until it is sealed"""
    service.find([g.bearer.site], event_id)
    db.session.rollback()
    _write_down("audit-read", {})
    checkpoint, index = evidence.newest(), evidence.leaf_of_event(event_id)
    if checkpoint is None or index is None or index >= checkpoint.size:
        raise State("This decision is not sealed yet.")
    return Response(evidence.prove(index, checkpoint), content_type=PROOF)


def _site(asked: dict[str, Any]) -> str:
    """The token's site, taken out of what is asked for; raises Forbidden for another one."""
    site: str = g.bearer.site
    if asked.pop("site", site) != site:
        raise Forbidden(f"This token is for the site {site} only.")
    return site


def _write_down(verb: str, detail: dict[str, Any]) -> None:
    """Before anything is read: there is no reading without its record."""
    told = {**detail, "through": "token"}
    begin_writing(db.session)
    record(g.bearer.account.email, verb, g.bearer.site, told)
    db.session.commit()
