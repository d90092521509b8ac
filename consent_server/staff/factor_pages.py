"""Pages for the second factor of one's own account."""

from collections.abc import Callable

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from consent_server.database import begin_writing
from consent_server.errors import Invalid, NotFound
from consent_server.extensions import db
from consent_server.rates import check_rate
from consent_server.security import require_same_origin
from consent_server.staff import credentials, second_factor
from consent_server.staff.permissions import require_sign_in
from consent_server.staff.schemas import CodeForm

RATE = "20 per minute"

blueprint = Blueprint("staff-factor", __name__, url_prefix="/staff/account/second-factor")


@blueprint.get("")
@require_sign_in
def overview() -> ResponseReturnValue:
    """Whether it is on, or how to turn it on"""
    return _page({})


@blueprint.post("/begin")
@require_sign_in
def begin() -> ResponseReturnValue:
    """Make a secret for an app"""
    require_same_origin(origin_needed=False)
    begin_writing(db.session)
    second_factor.begin(g.staff.id)
    db.session.commit()
    return redirect(url_for("staff-factor.overview"), 303)


@blueprint.get("/code.svg")
@require_sign_in
def picture() -> ResponseReturnValue:
    """The secret that waits to be put into an app, as a QR code"""
    return Response(second_factor.qr_code(g.staff), mimetype="image/svg+xml")


@blueprint.post("")
@require_sign_in
def confirm() -> ResponseReturnValue:
    """Turn it on with a first code; the recovery codes are shown this once"""

    def confirmed(code: str) -> list[str]:
        begin_writing(db.session)
        return second_factor.confirm(g.staff, code)

    return _with_code(confirmed)


@blueprint.post("/recovery")
@require_sign_in
def renew() -> ResponseReturnValue:
    """New recovery codes in place of the old ones, shown this once"""

    def renewed(code: str) -> list[str]:
        credentials.check_code(g.staff, code)
        return second_factor.renew_recovery(g.staff)

    return _with_code(renewed)


@blueprint.post("/off")
@require_sign_in
def turn_off() -> ResponseReturnValue:
    """Turn it off, with a code: whoever finds a browser open has none"""

    def off(code: str) -> None:
        credentials.check_code(g.staff, code)
        second_factor.remove(g.staff.id, g.staff.email, g.staff.email)

    return _with_code(off)


def _with_code(act: Callable[[str], list[str] | None]) -> ResponseReturnValue:
    """Does what needs a code, and commits. `act` returns recovery codes to show, or none."""
    require_same_origin(origin_needed=False)
    check_rate(f"code for {request.endpoint}", RATE)
    try:
        form = CodeForm().load(request.form)
        codes = act(form["code"])
    except ValidationError as error:
        return _page(error.messages_dict), 422
    except Invalid as error:
        # A wrong code was counted.
        db.session.commit()
        return _page(error.members["errors"]), 422
    db.session.commit()
    if codes:
        return render_template("staff/recovery_codes.html", codes=codes)
    return redirect(url_for("staff-factor.overview"), 303)


def _page(errors: dict[str, list[str]]) -> str:
    factor = second_factor.find(g.staff.id)
    try:
        secret = second_factor.pending_secret(g.staff.id)
    except NotFound:
        secret = None
    return render_template("staff/second_factor.html", factor=factor, secret=secret, errors=errors)
