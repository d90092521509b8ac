"""`/audit/`: one box that finds a decision, the questions that auditors ask, the state of the log."""

from typing import Any

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from consent_server import clock
from consent_server.audit import log_state, lookup, visits, words, zones
from consent_server.audit.frame import ZONE_COOKIE, frame, in_zone, own_sites, present_zone, write_down
from consent_server.audit.schemas import ZoneForm
from consent_server.database import begin_writing
from consent_server.errors import DomainError, Invalid, Malformed
from consent_server.evidence.note import encode_base64
from consent_server.extensions import db
from consent_server.security import require_same_origin
from consent_server.staff.permissions import require_role
from consent_server.staff.places import Place

PLACES = (Place("Audit", "audit-start.start", frozenset({"auditor"}), per_site=False),)
A_YEAR = 365 * 86_400

blueprint = Blueprint("audit-start", __name__, url_prefix="/audit")


@blueprint.app_context_processor
def for_frames() -> dict[str, Any]:
    """What the frame of the auditors' pages asks for."""
    return {"audit_frame": frame, "in_zone": in_zone, "base64": encode_base64}


@blueprint.get("/")
@require_role("auditor")
def start() -> ResponseReturnValue:
    """One box, ten questions, and the state of the log"""
    state = log_state.state()
    db.session.rollback()
    begin_writing(db.session)
    visits.begin(g.staff.email, state.checkpoint)
    db.session.commit()
    return _start_page(state, {}, "")


@blueprint.post("/find")
@require_role("auditor")
def find() -> ResponseReturnValue:
    """Go to the decision or the consent ID that was typed, or compare a receipt with the record"""
    require_same_origin(origin_needed=False)
    receipt, wanted = request.files.get("receipt"), request.form.get("wanted", "").strip()
    write_down("audit-find", own_sites(), {"by": "receipt" if receipt else "identifier"})
    try:
        if receipt:
            return _verdict_page(receipt.stream.read(lookup.MAX_BYTES + 1))
        kind, found = lookup.find(own_sites(), wanted)
    except Invalid as error:
        return _start_page(log_state.state(), error.members["errors"], wanted), 422
    if kind == "event":
        return redirect(url_for("audit-pages.event", event_id=found), 303)
    return redirect(url_for("audit-visitors.story", visitor_id=found), 303)


def _verdict_page(body: bytes) -> str:
    try:
        if len(body) > lookup.MAX_BYTES:
            raise Malformed("a receipt is much smaller")
        verdict = lookup.examine(own_sites(), lookup.read_receipt(body))
    except (DomainError, ValidationError, RecursionError) as error:
        raise Invalid("", errors={"receipt": ["This file is not a receipt of ours."]}) from error
    return render_template("audit/verdict.html", verdict=verdict, words=words)


def _start_page(state: log_state.LogState, errors: Any, wanted: str) -> str:
    earlier = visits.earlier(g.staff.email, 1)
    last = earlier[0] if earlier else None
    today = clock.now().date()
    return render_template(
        "audit/start.html",
        state=state,
        now=clock.now(),
        last=last,
        present=visits.present(g.staff.email),
        compared=log_state.compare(last.head) if last and last.head else None,
        errors=errors,
        wanted=wanted,
        quarter=f"{today.year}-Q{(today.month + 2) // 3}",
        today=today,
        words=words,
    )


@blueprint.get("/zone")
@require_role("auditor")
def zone() -> ResponseReturnValue:
    """By whose clock times are shown and days are meant"""
    return _zone_page({})


@blueprint.post("/zone")
@require_role("auditor")
def set_zone() -> ResponseReturnValue:
    """Remember the time zone in this browser"""
    require_same_origin(origin_needed=False)
    try:
        form = ZoneForm().load(request.form)
    except ValidationError as error:
        return _zone_page(error.messages_dict), 422
    response = make_response(redirect(url_for(".start"), 303))
    response.set_cookie(
        ZONE_COOKIE,
        form["zone"].key,
        max_age=A_YEAR,
        path="/audit/",
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def _zone_page(errors: Any) -> str:
    return render_template("audit/zone.html", errors=errors, names=zones.names(), present=present_zone().key)
