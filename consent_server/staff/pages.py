"""Pages for staff: signing in and out, and the home page."""

from typing import Any

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from consent_server.database import begin_writing
from consent_server.errors import NotFound
from consent_server.extensions import db
from consent_server.rates import check_rate
from consent_server.security import require_same_origin
from consent_server.staff import credentials, second_factor, service, sessions
from consent_server.staff.frame import frame, links, own_sites, site_name
from consent_server.staff.permissions import require_sign_in
from consent_server.staff.places import tasks_of
from consent_server.staff.record import record
from consent_server.staff.schemas import HOME, CodeForm, Next, SignInForm

RATE = "20 per minute"
blueprint = Blueprint("staff", __name__, url_prefix="/staff")

REFUSED = "E-mail and password do not match, or sign-in is locked for 15 minutes after 5 wrong passwords."
AGAIN = "That took too long, or there were too many wrong codes. Sign in again."
WRONG_CODE = "This code is wrong, or was used before. Wait for the next one and try again."


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """The sign-in form; whoever is signed in goes on"""
    back = Next().deserialize(request.args.get("next", HOME))
    if sessions.present():
        return redirect(back, 303)
    return sign_in_page(back, set_password="set" in request.args)


@blueprint.post("/sign-in")
def start_session() -> ResponseReturnValue:
    """Sign in; where a second factor is on, the code is asked for next"""
    check_rate("sign-in", RATE)
    require_same_origin(origin_needed=False)
    try:
        form = SignInForm().load(request.form)
    except ValidationError as error:
        back = Next().deserialize(request.form.get("next", HOME))
        return sign_in_page(back, error.messages_dict, request.form.get("email", "")), 422
    entry = credentials.sign_in(form["email"], form["password"])
    if entry is None:
        db.session.commit()
        return sign_in_page(form["next"], {"email": [REFUSED]}, form["email"]), 403
    return let_in(entry, form["next"])


@blueprint.post("/code")
def enter_code() -> ResponseReturnValue:
    """The second step: the code"""
    require_same_origin(origin_needed=False)
    check_rate("sign-in code", RATE)
    back = Next().deserialize(request.form.get("next", HOME))
    try:
        form = CodeForm().load(request.form)
        account = credentials.enter_code(form["ticket"], form["code"])
    except ValidationError as error:
        return code_page(request.form.get("ticket", ""), back, error.messages_dict), 422
    except NotFound:
        db.session.rollback()
        return sign_in_page(back, {"email": [AGAIN]}), 403
    if account is None:
        db.session.commit()
        return code_page(form["ticket"], back, {"code": [WRONG_CODE]}), 403
    return let_in(credentials.Entry(account, None), back)


def let_in(entry: credentials.Entry, back: str) -> Response:
    """Starts the session, or asks for the code; commits."""
    if entry.ticket:
        db.session.commit()
        return make_response(code_page(entry.ticket, back))
    response = make_response(redirect(back, 303))
    sessions.start(entry.account, response)
    db.session.commit()
    return response


def sign_in_page(back: str, errors: Any = None, email: str = "", *, set_password: bool = False) -> str:
    issuer = current_app.config["SETTINGS"].oidc_issuer
    return render_template(
        "staff/sign_in.html", email=email, next=back, errors=errors or {}, issuer=issuer, set_password=set_password
    )


def code_page(ticket: str, back: str, errors: Any = None) -> str:
    return render_template("staff/code.html", ticket=ticket, next=back, errors=errors or {})


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Sign out of this browser"""
    require_same_origin(origin_needed=False)
    account = sessions.present()
    begin_writing(db.session)
    sessions.end()
    if account:
        record(account.email, "sign-out")
    db.session.commit()
    response = make_response(redirect(url_for("staff.sign_in"), 303))
    sessions.remove_cookie(response)
    return response


@blueprint.get("/")
@require_sign_in
def home() -> ResponseReturnValue:
    """What waits for this account on each of its sites"""
    desks = [_desk(key) for key in own_sites()]
    return render_template("staff/home.html", desks=desks, secured=second_factor.find(g.staff.id) is not None)


def _desk(key: str) -> dict[str, Any]:
    """One site on the home page: its roles, what waits there, and where to go."""
    account: service.Account = g.staff
    return {
        "key": key,
        "name": site_name(key),
        "roles": sorted(account.roles_on(key)),
        "tasks": tasks_of(account, key),
        "links": links(key),
    }


@blueprint.app_context_processor
def for_frames() -> dict[str, Any]:
    """What the frame of staff pages asks for."""
    return {"staff_frame": frame}
