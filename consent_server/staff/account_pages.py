"""Pages about one's own account: the overview, and the password."""

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from consent_server.errors import Invalid
from consent_server.extensions import db
from consent_server.rates import check_rate
from consent_server.security import require_same_origin
from consent_server.staff import credentials, second_factor, sessions, tokens
from consent_server.staff.permissions import require_sign_in
from consent_server.staff.schemas import PasswordForm

RATE = "20 per minute"

blueprint = Blueprint("staff-account", __name__, url_prefix="/staff")


@blueprint.get("/account")
@require_sign_in
def overview() -> ResponseReturnValue:
    """Everything about one's own account, with where to change it"""
    factor = second_factor.find(g.staff.id)
    return render_template(
        "staff/account.html",
        secured=factor is not None,
        codes_left=len(factor.recovery) if factor else 0,
        sessions=len(sessions.sessions_of(g.staff)),
        tokens=len(tokens.tokens_of(g.staff.id)),
    )


@blueprint.get("/password")
@require_sign_in
def password() -> ResponseReturnValue:
    """The form to change one's password"""
    return render_template("staff/password.html", errors={}, changed="changed" in request.args)


@blueprint.post("/password")
@require_sign_in
def change_password() -> ResponseReturnValue:
    """Change one's password; other browsers are signed out"""
    check_rate("password", RATE)
    require_same_origin(origin_needed=False)
    errors: Any = None
    try:
        form = PasswordForm().load(request.form)
        credentials.change_password(g.staff, form["present"], form["new"], sessions.present_key() or b"")
    except ValidationError as error:
        errors = error.messages_dict
    except Invalid as error:
        errors = error.members["errors"]
    db.session.commit()
    if errors:
        return render_template("staff/password.html", errors=errors, changed=False), 422
    return redirect(url_for("staff-account.password", changed=""), 303)
