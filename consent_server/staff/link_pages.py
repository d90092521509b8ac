"""Pages for whoever cannot sign in yet: a lost password, an invitation."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from consent_server.database import begin_writing
from consent_server.errors import Invalid
from consent_server.extensions import db
from consent_server.rates import check_rate
from consent_server.security import require_same_origin
from consent_server.staff import letters, links, mail, service
from consent_server.staff.schemas import ForgottenForm, NewPasswordForm

RATE = "20 per minute"

blueprint = Blueprint("staff-links", __name__, url_prefix="/staff")


@blueprint.get("/forgotten")
def forgotten() -> ResponseReturnValue:
    """What to do when the password is lost"""
    return render_template("staff/forgotten.html", mail=mail.is_configured(), sent="sent" in request.args, errors={})


@blueprint.post("/forgotten")
def send_link() -> ResponseReturnValue:
    """Send a link to choose a new password; the answer says nothing about who has an account"""
    require_same_origin(origin_needed=False)
    check_rate("forgotten", RATE)
    try:
        form = ForgottenForm().load(request.form)
    except ValidationError as error:
        return _forgotten_page(error.messages_dict), 422
    begin_writing(db.session)
    token = links.issue_forgotten(form["email"]) if mail.is_configured() else None
    db.session.commit()
    if token:
        # From a thread: otherwise the time it takes would say that there is such an account.
        mail.send_soon(service.normalise(form["email"]), *letters.reset(links.address_of(token)))
    return redirect(url_for("staff-links.forgotten", sent=""), 303)


def _forgotten_page(errors: Any) -> str:
    return render_template("staff/forgotten.html", mail=mail.is_configured(), sent=False, errors=errors)


@blueprint.get("/new-password/<token>")
def new_password(token: str) -> ResponseReturnValue:
    """The form to choose a password, by an invitation or after a loss"""
    return _password_page(token, {})


@blueprint.post("/new-password/<token>")
def set_password(token: str) -> ResponseReturnValue:
    """Choose a password; the link is used up"""
    require_same_origin(origin_needed=False)
    check_rate("new password", RATE)
    try:
        form = NewPasswordForm().load(request.form)
        email = links.find(token, "invitation", "reset").staff.email
        db.session.rollback()
        # Hashed before the transaction begins, since that takes long on purpose.
        hashed = service.hash_of_new(form["new"], email)
    except ValidationError as error:
        return _password_page(token, error.messages_dict), 422
    except Invalid as error:
        return _password_page(token, {"new": error.members["errors"]["password"]}), 422
    begin_writing(db.session)
    staff = links.find(token, "invitation", "reset").staff
    service.replace_password(staff, hashed, staff.email)
    db.session.commit()
    return redirect(url_for("staff.sign_in", set=""), 303)


def _password_page(token: str, errors: Any) -> str:
    link = links.find(token, "invitation", "reset")
    return render_template(
        "staff/new_password.html", token=token, email=link.staff.email, purpose=link.purpose, errors=errors
    )
