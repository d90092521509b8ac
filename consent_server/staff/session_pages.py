"""Pages for one's own sessions: which browsers are signed in."""

import uuid

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consent_server.database import begin_writing
from consent_server.extensions import db
from consent_server.security import require_same_origin
from consent_server.staff import sessions
from consent_server.staff.permissions import require_sign_in

blueprint = Blueprint("staff-sessions", __name__, url_prefix="/staff/account/sessions")


@blueprint.get("")
@require_sign_in
def overview() -> ResponseReturnValue:
    """The browsers that are signed in"""
    found = sessions.sessions_of(g.staff)
    return render_template(
        "staff/sessions.html", sessions=found, present=sessions.present_key(), ended="ended" in request.args
    )


@blueprint.post("/<uuid:session_id>/end")
@require_sign_in
def end(session_id: uuid.UUID) -> ResponseReturnValue:
    """Sign one browser out"""
    require_same_origin(origin_needed=False)
    begin_writing(db.session)
    sessions.end_one(g.staff, session_id)
    db.session.commit()
    return redirect(url_for("staff-sessions.overview", ended=""), 303)


@blueprint.post("/others/end")
@require_sign_in
def end_others() -> ResponseReturnValue:
    """Sign every browser out but this one"""
    require_same_origin(origin_needed=False)
    begin_writing(db.session)
    sessions.end_others(g.staff)
    db.session.commit()
    return redirect(url_for("staff-sessions.overview", ended=""), 303)
